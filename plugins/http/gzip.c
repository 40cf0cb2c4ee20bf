#include "http/gzip.h"

#include <string.h>

#define ZLIB_CONST /* it does not write to its input, and says so in its types */
#include <zlib.h>

/* Below it the field that says so is longer than what is saved; above it a lane would be busy for long. */
enum { LEAST = 128, MOST = 4 << 20 };

/* zlib's own: the largest window, the smallest that it handles well, and what asks for gzip's frame. */
enum { MOST_BITS = 15, LEAST_BITS = 10, GZIP_FRAME = 16 };

struct MgHttpForms {
  MgHttpContent content; /* what its head says: no body, no ETag */
  const char *cors;
  MgHttpResource *gzip; /* atomic: NULL, not made yet; &none, not worth it */
};

static MgHttpResource none;

static gboolean
is_text(const char *type)
{
  static const char *const types[] = {
    "application/dash+xml", "application/javascript",        "application/json",
    "application/xml",      "application/vnd.apple.mpegurl",
  };
  if (type == NULL)
    return FALSE;
  if (g_ascii_strncasecmp(type, "text/", 5) == 0)
    return TRUE;
  gsize n = strcspn(type, "; ");
  for (guint i = 0; i < G_N_ELEMENTS(types); i++)
    if (n == strlen(types[i]) && g_ascii_strncasecmp(type, types[i], n) == 0)
      return TRUE;
  return FALSE;
}

MgHttpForms *
mg_http_forms_new(const MgHttpContent *content, guint64 size, const char *cors)
{
  gboolean is_there = content->status == 0 || content->status == 200;
  if (!is_there || size < LEAST || size > MOST || !is_text(content->content_type))
    return NULL;
  MgHttpForms *forms = g_new0(MgHttpForms, 1);
  forms->content = (MgHttpContent){ .size = sizeof(MgHttpContent),
                                    .content_type = content->content_type,
                                    .cache = content->cache,
                                    .max_age_ms = content->max_age_ms };
  forms->cors = cors;
  return forms;
}

void
mg_http_forms_free(MgHttpForms *forms)
{
  if (forms == NULL)
    return;
  if (forms->gzip != &none)
    mg_http_resource_unref(forms->gzip);
  g_free(forms);
}

/*
 * Made for speed, with tables that fit SIZE: for a playlist, clearing the largest ones would take several
 * times as long as packing it.
 */
static gboolean
start_packing(z_stream *z, gsize size)
{
  int bits = CLAMP((int) g_bit_storage(size), LEAST_BITS, MOST_BITS);
  int memory = bits - 7; /* zlib's default for the largest window: 8 */
  return deflateInit2(z, Z_BEST_SPEED, Z_DEFLATED, bits + GZIP_FRAME, memory, Z_DEFAULT_STRATEGY) ==
         Z_OK;
}

/* Packs all slices into OUT; FALSE when they do not fit into its ROOM. */
static gboolean
pack_slices(z_stream *z, const MgHttpResource *resource, guint8 *out, gsize room)
{
  int status = Z_OK;
  z->next_out = out;
  z->avail_out = (uInt) room;
  for (guint i = 0; i < resource->n_slices && status == Z_OK; i++) {
    const MgSlice *slice = &resource->slices[i];
    z->next_in = mg_slice_bytes(slice);
    z->avail_in = (uInt) slice->size;
    status = deflate(z, i + 1 < resource->n_slices ? Z_NO_FLUSH : Z_FINISH);
  }
  return status == Z_STREAM_END;
}

/* Returned-owned: the packed body; NULL when it is not smaller, or there is no memory. */
static MgData *
pack(const MgHttpResource *resource)
{
  gsize room = resource->size - 1;
  g_autofree guint8 *out = g_try_malloc(room);
  z_stream z = { 0 };
  if (out == NULL || !start_packing(&z, resource->size))
    return NULL;
  gboolean fits = pack_slices(&z, resource, out, room);
  gsize size = z.total_out;
  deflateEnd(&z);
  return fits ? mg_data_new_copy(out, size) : NULL;
}

static MgHttpResource *
make_gzip(const MgHttpResource *resource)
{
  const MgHttpForms *forms = resource->forms;
  g_autoptr(MgData) data = pack(resource);
  if (data == NULL)
    return &none;
  g_autofree char *etag =
      resource->etag != NULL ? g_strconcat(resource->etag, "-gzip", NULL) : NULL;
  MgHttpContent content = forms->content;
  content.etag = etag;
  content.data = data;
  return mg_http_resource_new_coded(&content, "gzip", forms->cors);
}

const MgHttpResource *
mg_http_gzip_of(const MgHttpResource *resource)
{
  MgHttpForms *forms = resource->forms;
  if (forms == NULL)
    return resource;
  MgHttpResource *gzip = g_atomic_pointer_get(&forms->gzip);
  if (gzip == NULL) {
    gzip = make_gzip(resource);
    if (!g_atomic_pointer_compare_and_exchange(&forms->gzip, NULL, gzip)) {
      if (gzip != &none)
        mg_http_resource_unref(gzip);
      gzip = g_atomic_pointer_get(&forms->gzip);
    }
  }
  return gzip != &none ? gzip : resource;
}
