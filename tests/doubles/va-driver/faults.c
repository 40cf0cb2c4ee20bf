/* What is planned to fail, and how often each call has been made. */
#include "va-driver/faults.h"

typedef struct {
  char *name; /* "*": any call */
  guint64 first;
  gboolean goes_on;
  VAStatus how;
} Fault;

struct MgVaFaults {
  GPtrArray *planned; /* of Fault */
  GHashTable *counts; /* name -> guint *, "*" of all */
};

static const struct {
  const char *name;
  VAStatus status;
} NAMES[] = {
  { "SUCCESS", VA_STATUS_SUCCESS },
  { "OPERATION_FAILED", VA_STATUS_ERROR_OPERATION_FAILED },
  { "ALLOCATION_FAILED", VA_STATUS_ERROR_ALLOCATION_FAILED },
  { "INVALID_CONFIG", VA_STATUS_ERROR_INVALID_CONFIG },
  { "INVALID_CONTEXT", VA_STATUS_ERROR_INVALID_CONTEXT },
  { "INVALID_SURFACE", VA_STATUS_ERROR_INVALID_SURFACE },
  { "INVALID_BUFFER", VA_STATUS_ERROR_INVALID_BUFFER },
  { "INVALID_IMAGE", VA_STATUS_ERROR_INVALID_IMAGE },
  { "ATTR_NOT_SUPPORTED", VA_STATUS_ERROR_ATTR_NOT_SUPPORTED },
  { "MAX_NUM_EXCEEDED", VA_STATUS_ERROR_MAX_NUM_EXCEEDED },
  { "UNSUPPORTED_PROFILE", VA_STATUS_ERROR_UNSUPPORTED_PROFILE },
  { "UNSUPPORTED_ENTRYPOINT", VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT },
  { "UNSUPPORTED_RT_FORMAT", VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT },
  { "UNSUPPORTED_BUFFERTYPE", VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE },
  { "SURFACE_BUSY", VA_STATUS_ERROR_SURFACE_BUSY },
  { "INVALID_PARAMETER", VA_STATUS_ERROR_INVALID_PARAMETER },
  { "RESOLUTION_NOT_SUPPORTED", VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED },
  { "UNIMPLEMENTED", VA_STATUS_ERROR_UNIMPLEMENTED },
  { "INVALID_IMAGE_FORMAT", VA_STATUS_ERROR_INVALID_IMAGE_FORMAT },
  { "DECODING_ERROR", VA_STATUS_ERROR_DECODING_ERROR },
  { "ENCODING_ERROR", VA_STATUS_ERROR_ENCODING_ERROR },
  { "INVALID_VALUE", VA_STATUS_ERROR_INVALID_VALUE },
  { "UNSUPPORTED_FILTER", VA_STATUS_ERROR_UNSUPPORTED_FILTER },
  { "HW_BUSY", VA_STATUS_ERROR_HW_BUSY },
  { "UNSUPPORTED_MEMORY_TYPE", VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE },
  { "NOT_ENOUGH_BUFFER", VA_STATUS_ERROR_NOT_ENOUGH_BUFFER },
  { "TIMEDOUT", VA_STATUS_ERROR_TIMEDOUT },
  { "hang", MG_VA_HANG },
};

const char *
mg_va_status_name(VAStatus status)
{
  for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++)
    if (NAMES[i].status == status)
      return NAMES[i].name;
  return "UNKNOWN";
}

static gboolean
status_of(const char *name, VAStatus *status)
{
  for (gsize i = 1; i < G_N_ELEMENTS(NAMES); i++) {
    if (g_str_equal(NAMES[i].name, name)) {
      *status = NAMES[i].status;
      return TRUE;
    }
  }
  return FALSE;
}

static void
fault_free(gpointer data)
{
  Fault *fault = data;
  g_free(fault->name);
  g_free(fault);
}

static gboolean
add_fault(MgVaFaults *faults, const char *part, GError **error)
{
  const char *at = strchr(part, '@');
  char *end = NULL;
  guint64 first = at == NULL ? 0 : g_ascii_strtoull(at + 1, &end, 10);
  gboolean goes_on = end != NULL && *end == '+';
  VAStatus how;
  if (first == 0 || end[goes_on] != '=' || !status_of(end + goes_on + 1, &how)) {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "'%s' is no fault: write CALL@N=STATUS, CALL@N+=STATUS or CALL@N=hang", part);
    return FALSE;
  }
  Fault *fault = g_new0(Fault, 1);
  *fault = (Fault){ g_strndup(part, (gsize) (at - part)), first, goes_on, how };
  g_ptr_array_add(faults->planned, fault);
  return TRUE;
}

MgVaFaults *
mg_va_faults_new(const char *plan, GError **error)
{
  g_autoptr(MgVaFaults) faults = g_new0(MgVaFaults, 1);
  faults->planned = g_ptr_array_new_with_free_func(fault_free);
  faults->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_auto(GStrv) parts = g_strsplit(plan == NULL ? "" : plan, ",", -1);
  for (char **part = parts; *part != NULL; part++)
    if (**part != '\0' && !add_fault(faults, *part, error))
      return NULL;
  return g_steal_pointer(&faults);
}

void
mg_va_faults_free(MgVaFaults *faults)
{
  if (faults == NULL)
    return;
  g_ptr_array_unref(faults->planned);
  g_hash_table_unref(faults->counts);
  g_free(faults);
}

static guint64
count(MgVaFaults *faults, const char *name)
{
  guint64 *n = g_hash_table_lookup(faults->counts, name);
  if (n == NULL) {
    n = g_new0(guint64, 1);
    g_hash_table_insert(faults->counts, g_strdup(name), n);
  }
  return ++*n;
}

VAStatus
mg_va_faults_next(MgVaFaults *faults, const char *name)
{
  guint64 of_this = count(faults, name);
  guint64 of_all = count(faults, "*");
  for (guint i = 0; i < faults->planned->len; i++) {
    const Fault *fault = g_ptr_array_index(faults->planned, i);
    gboolean is_any = g_str_equal(fault->name, "*");
    guint64 n = is_any ? of_all : of_this;
    if ((is_any || g_str_equal(fault->name, name)) &&
        (n == fault->first || (fault->goes_on && n > fault->first)))
      return fault->how;
  }
  return VA_STATUS_SUCCESS;
}
