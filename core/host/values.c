#include "host/values.h"

#include "net/address.h"
#include "util/name.h"
#include "util/suggest.h"

#include <string.h>

typedef struct {
  const char *word;
  gint64 factor;
} Unit;

static const Unit no_units[] = { { "", 1 }, { NULL, 0 } };
static const Unit time_units[] = {
  { "ns", 1 },
  { "us", MG_MICROSECOND },
  { "ms", MG_MILLISECOND },
  { "s", MG_SECOND },
  { "m", 60 * MG_SECOND },
  { "h", 3600 * MG_SECOND },
  { "d", 86400 * MG_SECOND },
  { NULL, 0 },
};
static const Unit size_units[] = {
  { "", 1 },
  { "B", 1 },
  { "kB", 1000 },
  { "KB", 1000 },
  { "MB", 1000000 },
  { "GB", 1000000000 },
  { "TB", 1000000000000 },
  { "KiB", (gint64) 1 << 10 },
  { "MiB", (gint64) 1 << 20 },
  { "GiB", (gint64) 1 << 30 },
  { "TiB", (gint64) 1 << 40 },
  { NULL, 0 },
};
static const Unit bitrate_units[] = {
  { "", 1 }, { "k", 1000 }, { "K", 1000 }, { "M", 1000000 }, { "G", 1000000000 }, { NULL, 0 },
};

static const struct {
  const Unit *units;
  const char *complaint; /* behind the quoted value */
} number_types[] = {
  [MG_PROP_TYPE_INT] = { no_units, "is not an integer" },
  [MG_PROP_TYPE_TIME] = { time_units, "is not a time; write it like 500ms, 4s, 10m, 2h or 7d" },
  [MG_PROP_TYPE_SIZE] = { size_units, "is not a size; write it like 64KiB, 500MB or 2GiB" },
  [MG_PROP_TYPE_BITRATE] = { bitrate_units, "is not a bitrate; write it like 128k or 5M" },
};

/* Sets ERROR to TEXT in quotes, cut when it is long, and COMPLAINT. Returns FALSE, to return. */
static gboolean
refuse(GError **error, const char *text, const char *complaint)
{
  enum { LONGEST = 80 };
  gboolean is_long = g_utf8_strlen(text, -1) > LONGEST;
  g_autofree char *start = is_long ? g_utf8_substring(text, 0, LONGEST) : g_strdup(text);
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "\"%s%s\" %s", start, is_long ? "…" : "",
              complaint);
  return FALSE;
}

static const Unit *
find_unit(const Unit *units, const char *word)
{
  for (; units->word != NULL; units++) {
    if (g_str_equal(units->word, word))
      return units;
  }
  return NULL;
}

/* Digits with at most one point, as MANTISSA / SCALE. NULL when there are none or too many. */
static const char *
parse_decimal(const char *p, guint64 *mantissa, guint64 *scale)
{
  enum { MOST_DIGITS = 18 }; /* what both numbers can hold */
  const char *start = p;
  guint n_digits = 0;
  gboolean is_fraction = FALSE;
  *mantissa = 0;
  *scale = 1;
  for (; g_ascii_isdigit(*p) || (*p == '.' && !is_fraction && p > start); p++) {
    if (*p == '.') {
      is_fraction = TRUE;
      continue;
    }
    n_digits += *mantissa > 0 || *p != '0' || is_fraction;
    if (n_digits > MOST_DIGITS)
      return NULL;
    *mantissa = *mantissa * 10 + (guint64) (*p - '0');
    *scale *= is_fraction ? 10 : 1;
  }
  return p > start && p[-1] != '.' ? p : NULL;
}

static gboolean
is_all_digits(const char *text)
{
  return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

gboolean
mg_value_parse_number(MgPropType type, const char *text, gint64 *value, GError **error)
{
  gboolean is_negative = text[0] == '-';
  guint64 mantissa, scale;
  const char *end = parse_decimal(text + is_negative, &mantissa, &scale);
  const Unit *unit = end ? find_unit(number_types[type].units, end) : NULL;
  if (end == NULL && is_all_digits(text + is_negative))
    return refuse(error, text, "is too large");
  if (unit == NULL || (type == MG_PROP_TYPE_INT && scale > 1))
    return refuse(error, text, number_types[type].complaint);
  unsigned __int128 product = (unsigned __int128) mantissa * (guint64) unit->factor;
  product = (product + scale / 2) / scale;
  if (product > G_MAXINT64)
    return refuse(error, text, "is too large");
  *value = is_negative ? -(gint64) product : (gint64) product;
  return TRUE;
}

gboolean
mg_value_parse_bool(const char *text, gboolean *value, GError **error)
{
  gboolean is_yes = g_str_equal(text, "yes") || g_str_equal(text, "true");
  if (!is_yes && !g_str_equal(text, "no") && !g_str_equal(text, "false"))
    return refuse(error, text, "is not yes or no");
  *value = is_yes;
  return TRUE;
}

static gboolean
refuse_word(const MgChoice *choices, const char *text, GError **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (; choices->word != NULL; choices++)
    g_strv_builder_add(builder, choices->word);
  g_auto(GStrv) words = g_strv_builder_end(builder);
  const char *const *list = (const char *const *) words;
  g_autofree char *all = mg_join_words(list, "or");
  g_autofree char *hint = mg_suggest_hint(text, list);
  g_autofree char *complaint = g_strdup_printf("is not %s%s", all, hint);
  return refuse(error, text, complaint);
}

gboolean
mg_value_parse_enum(const MgChoice *choices, const char *text, gint *value, GError **error)
{
  for (const MgChoice *choice = choices; choice->word != NULL; choice++) {
    if (g_str_equal(choice->word, text)) {
      *value = choice->value;
      return TRUE;
    }
  }
  return refuse_word(choices, text, error);
}

gboolean
mg_value_parse_flags(const MgChoice *choices, const char *text, gint *value, GError **error)
{
  g_auto(GStrv) words = g_strsplit_set(text, " \t\n", -1);
  gint sum = 0, one = 0;
  for (guint i = 0; words[i] != NULL; i++) {
    if (words[i][0] == '\0')
      continue;
    if (!mg_value_parse_enum(choices, words[i], &one, error))
      return FALSE;
    sum |= one;
  }
  if (sum == 0)
    return refuse_word(choices, text, error);
  *value = sum;
  return TRUE;
}

static gboolean
is_port(const char *text)
{
  return is_all_digits(text) && strlen(text) <= 5 && g_ascii_strtoull(text, NULL, 10) <= 65535;
}

static gboolean
is_host(const char *text, gsize size)
{
  g_autofree char *host = g_strndup(text, size);
  if (host[0] == '[') {
    if (size < 4 || host[size - 1] != ']')
      return FALSE;
    host[size - 1] = '\0';
    return strchr(host, ':') != NULL && g_hostname_is_ip_address(host + 1);
  }
  return size <= 253 && mg_name_is_valid(host) && host[0] != '-' && strchr(host, '_') == NULL;
}

gboolean
mg_value_check_address(const char *text, GError **error)
{
  const char *colon = strrchr(text, ':');
  if (colon == text && is_port(colon + 1)) {
    g_autofree char *complaint = g_strdup_printf("has no host; write 0.0.0.0%s to listen on all "
                                                 "addresses",
                                                 text);
    return refuse(error, text, complaint);
  }
  if (colon && is_port(colon + 1) && is_host(text, (gsize) (colon - text)))
    return TRUE;
  return refuse(error, text, "is not an address; write it like 0.0.0.0:1935 or [::]:1935");
}

static gboolean
check_name(const char *text, GError **error)
{
  if (mg_name_is_valid(text))
    return TRUE;
  return refuse(error, text,
                "is not a name; it must be 1 to 128 letters, digits, '.', '_' and '-', and not "
                "start with '.'");
}

/* The bounds are written like values; what is not an integer is never negative unless they say so. */
static gboolean
check_range(const MgProp *prop, const char *text, gint64 value, GError **error)
{
  gint64 lowest = prop->type == MG_PROP_TYPE_INT ? G_MININT64 : 0, highest = G_MAXINT64;
  if (prop->lowest && !mg_value_parse_number(prop->type, prop->lowest, &lowest, error))
    return FALSE;
  if (prop->highest && !mg_value_parse_number(prop->type, prop->highest, &highest, error))
    return FALSE;
  if (lowest <= value && value <= highest)
    return TRUE;
  g_autofree char *complaint = NULL;
  if (prop->lowest && prop->highest)
    complaint = g_strdup_printf("is not between %s and %s", prop->lowest, prop->highest);
  else if (value < lowest)
    complaint = g_strdup_printf("is less than %s", prop->lowest ? prop->lowest : "0");
  else
    complaint = g_strdup_printf("is more than %s", prop->highest);
  return refuse(error, text, complaint);
}

static gboolean
check_own_address(const char *text, GError **error)
{
  MgAddress address;
  if (!mg_value_check_address(text, error))
    return FALSE;
  if (mg_address_parse(text, &address, NULL))
    return TRUE;
  return refuse(error, text,
                "is not an address of this machine; write a number, as in 0.0.0.0:8080 or "
                "[::]:8080");
}

static gboolean
check_text(const MgProp *prop, const char *text, GError **error)
{
  if (prop->flags & (MG_PROP_LISTEN_TCP | MG_PROP_LISTEN_UDP))
    return check_own_address(text, error);
  if (prop->type == MG_PROP_TYPE_ADDRESS)
    return mg_value_check_address(text, error);
  if (prop->type == MG_PROP_TYPE_NAME)
    return check_name(text, error);
  if (text[0] == '\0' && (prop->flags & (MG_PROP_REQUIRED | MG_PROP_NOT_EMPTY)))
    return refuse(error, text, "must not be empty");
  return TRUE;
}

gboolean
mg_value_store(const MgProp *prop, const char *text, gpointer field, GError **error)
{
  gint64 number;
  switch (prop->type) {
  case MG_PROP_TYPE_BOOL: return mg_value_parse_bool(text, field, error);
  case MG_PROP_TYPE_ENUM: return mg_value_parse_enum(prop->choices, text, field, error);
  case MG_PROP_TYPE_FLAGS: return mg_value_parse_flags(prop->choices, text, field, error);
  case MG_PROP_TYPE_INT:
  case MG_PROP_TYPE_TIME:
  case MG_PROP_TYPE_SIZE:
  case MG_PROP_TYPE_BITRATE:
    if (!mg_value_parse_number(prop->type, text, &number, error) ||
        !check_range(prop, text, number, error))
      return FALSE;
    *(gint64 *) field = number;
    return TRUE;
  default:
    if (!check_text(prop, text, error))
      return FALSE;
    g_free(*(char **) field);
    *(char **) field = g_strdup(text);
    return TRUE;
  }
}

gsize
mg_value_field_size(MgPropType type)
{
  switch (type) {
  case MG_PROP_TYPE_BOOL:
  case MG_PROP_TYPE_ENUM:
  case MG_PROP_TYPE_FLAGS: return sizeof(gint);
  case MG_PROP_TYPE_INT:
  case MG_PROP_TYPE_TIME:
  case MG_PROP_TYPE_SIZE:
  case MG_PROP_TYPE_BITRATE: return sizeof(gint64);
  case MG_PROP_TYPE_STRING:
  case MG_PROP_TYPE_ADDRESS:
  case MG_PROP_TYPE_NAME: return sizeof(char *);
  default: return 0;
  }
}

gboolean
mg_value_is_text(MgPropType type)
{
  return type == MG_PROP_TYPE_STRING || type == MG_PROP_TYPE_ADDRESS || type == MG_PROP_TYPE_NAME;
}
