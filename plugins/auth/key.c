#include "auth/key.h"

#include <string.h>

enum { MOST_NETS = 64, MOST_NAME_CHARS = 128, MOST_TEXT_CHARS = 256 };

AuthKey *
auth_key_new(void)
{
  AuthKey *key = g_new0(AuthKey, 1);
  key->ref_count = 1;
  key->id = g_strdup("");
  key->nets = g_array_new(FALSE, FALSE, sizeof(AuthNet));
  key->protocols = g_new0(char *, 1);
  return key;
}

AuthKey *
auth_key_ref(AuthKey *key)
{
  g_atomic_int_inc(&key->ref_count);
  return key;
}

void
auth_key_unref(AuthKey *key)
{
  if (key == NULL || !g_atomic_int_dec_and_test(&key->ref_count))
    return;
  g_free(key->id);
  g_free(key->app);
  g_free(key->stream);
  g_free(key->note);
  g_array_unref(key->nets);
  g_strfreev(key->protocols);
  mg_secret_free(key->password);
  g_free(key);
}

/* --- fields ------------------------------------------------------------------------------------ */

gboolean
auth_name_is_valid(const char *name)
{
  gsize n = strlen(name);
  if (n < 1 || n > MOST_NAME_CHARS || *name == '.')
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c) && strchr("._-", *c) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
refuse(GError **error, const char *field, const char *why)
{
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s %s", field, why);
  return FALSE;
}

static gboolean
set_name(char **name, const char *field, const char *value, GError **error)
{
  if (!auth_name_is_valid(value))
    return refuse(error, field, "is no name: use 1 to 128 of A-Z a-z 0-9 . _ -, no dot first");
  g_free(*name);
  *name = g_strdup(value);
  return TRUE;
}

static gboolean
set_text(char **text, const char *field, const char *value, GError **error)
{
  if (strlen(value) > MOST_TEXT_CHARS || !g_utf8_validate(value, -1, NULL))
    return refuse(error, field, "must be UTF-8, 256 bytes at most");
  mg_secret_free(*text);
  *text = g_strdup(value);
  return TRUE;
}

static gboolean
set_time(gint64 *utc_us, const char *field, const char *value, GError **error)
{
  if (auth_time_parse(value, 0, utc_us))
    return TRUE;
  return refuse(error, field, "is no time: write 2026-12-01 or 2026-12-01T18:30:00Z");
}

static gboolean
set_nets(AuthKey *key, const char *value, GError **error)
{
  g_auto(GStrv) words = g_strsplit(value, ",", MOST_NETS + 1);
  g_array_set_size(key->nets, 0);
  if (g_strv_length(words) > MOST_NETS)
    return refuse(error, "addresses", "are more than 64");
  for (guint i = 0; words[i] != NULL; i++) {
    AuthNet net;
    if (!auth_net_parse(words[i], &net))
      return refuse(
          error, "addresses",
          "are no networks: write 192.0.2.0/24,2001:db8::/32, with zeros behind the prefix");
    g_array_append_val(key->nets, net);
  }
  return TRUE;
}

static gboolean
set_protocols(AuthKey *key, const char *value, GError **error)
{
  static const char *const known[] = { "rtmp",   "rtmps", "rtmpe", "rtmpt", "rtmpts",
                                       "rtmpte", "srt",   "http",  "https", NULL };
  g_auto(GStrv) words = g_strsplit(value, ",", -1);
  if (words[0] == NULL)
    return refuse(error, "protocols", "are empty");
  for (guint i = 0; words[i] != NULL; i++)
    if (!g_strv_contains(known, words[i]))
      return refuse(error, "protocols",
                    "are unknown: there are rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, srt, http "
                    "and https");
  g_strfreev(key->protocols);
  key->protocols = g_steal_pointer(&words);
  return TRUE;
}

static const char *const duplicate_words[] = {
  [AUTH_DUPLICATE_ANY] = NULL,
  [AUTH_DUPLICATE_REPLACE] = "replace",
  [AUTH_DUPLICATE_REJECT] = "reject",
};

static gboolean
set_duplicate(AuthKey *key, const char *value, GError **error)
{
  for (guint i = AUTH_DUPLICATE_REPLACE; i < G_N_ELEMENTS(duplicate_words); i++)
    if (strcmp(value, duplicate_words[i]) == 0) {
      key->on_duplicate = (AuthDuplicate) i;
      return TRUE;
    }
  return refuse(error, "on-duplicate", "is unknown: there are replace and reject");
}

static gboolean
set_hash(AuthKey *key, const char *value, GError **error)
{
  if (auth_hash_parse(value, &key->hash))
    return TRUE;
  return refuse(error, "hash", "is none: `mediagraph key add` makes one");
}

gboolean
auth_key_set(AuthKey *key, const char *field, const char *value, GError **error)
{
  if (strcmp(field, "id") == 0)
    return set_name(&key->id, field, value, error);
  if (strcmp(field, "app") == 0)
    return set_name(&key->app, field, value, error);
  if (strcmp(field, "stream") == 0)
    return set_name(&key->stream, field, value, error);
  if (strcmp(field, "hash") == 0)
    return set_hash(key, value, error);
  if (strcmp(field, "from") == 0)
    return set_time(&key->from_utc_us, field, value, error);
  if (strcmp(field, "until") == 0)
    return set_time(&key->until_utc_us, field, value, error);
  if (strcmp(field, "addresses") == 0)
    return set_nets(key, value, error);
  if (strcmp(field, "protocols") == 0)
    return set_protocols(key, value, error);
  if (strcmp(field, "on-duplicate") == 0)
    return set_duplicate(key, value, error);
  if (strcmp(field, "password") == 0)
    return set_text(&key->password, field, value, error);
  if (strcmp(field, "note") == 0)
    return set_text(&key->note, field, value, error);
  return refuse(error, "a field",
                "is unknown; there are id, app, stream, hash, from, until, "
                "addresses, protocols, on-duplicate, password and note");
}

gboolean
auth_key_is_same(const AuthKey *a, const AuthKey *b)
{
  return auth_hash_equal(&a->hash, &b->hash) && strcmp(a->app, b->app) == 0 &&
         strcmp(a->stream, b->stream) == 0;
}

gboolean
auth_key_is_ever_valid(const AuthKey *key)
{
  return key->until_utc_us == 0 || key->until_utc_us > key->from_utc_us;
}

gboolean
auth_key_check(const AuthKey *key, GError **error)
{
  static const AuthHash none;
  if (key->app == NULL)
    return refuse(error, "app", "is missing");
  if (key->stream == NULL)
    return refuse(error, "stream", "is missing");
  if (auth_hash_equal(&key->hash, &none))
    return refuse(error, "hash", "is missing");
  if (!auth_key_is_ever_valid(key))
    return refuse(error, "until", "is not after from");
  return TRUE;
}

/* Returned-owned. */
static char *
write_nets(const AuthKey *key)
{
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < key->nets->len; i++) {
    g_autofree char *text = auth_net_write(&g_array_index(key->nets, AuthNet, i));
    g_string_append_printf(out, "%s%s", i > 0 ? "," : "", text);
  }
  return g_string_free(out, FALSE);
}

void
auth_key_each_field(const AuthKey *key,
                    void (*each)(const char *field, const char *value, gpointer data),
                    gpointer data)
{
  g_autofree char *hash = auth_hash_write(&key->hash);
  g_autofree char *from = key->from_utc_us ? auth_time_write(key->from_utc_us) : NULL;
  g_autofree char *until = key->until_utc_us ? auth_time_write(key->until_utc_us) : NULL;
  g_autofree char *nets = write_nets(key);
  g_autofree char *protocols = g_strjoinv(",", key->protocols);
  const struct {
    const char *field, *value;
  } all[] = {
    { "id", key->id },
    { "app", key->app },
    { "stream", key->stream },
    { "hash", hash },
    { "from", from },
    { "until", until },
    { "addresses", nets },
    { "protocols", protocols },
    { "on-duplicate", duplicate_words[key->on_duplicate] },
    { "password", key->password },
    { "note", key->note },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    if (all[i].value != NULL && *all[i].value != '\0')
      each(all[i].field, all[i].value, data);
}

/* --- times ------------------------------------------------------------------------------------- */

static gboolean
parse_offset(const char *text, gint64 now_utc_us, gint64 *utc_us)
{
  static const struct {
    char unit;
    gint64 seconds;
  } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
  char *end = NULL;
  guint64 n = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;
  if (n == 0 || n > 100000 || *end == '\0' || end[1] != '\0')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(units); i++)
    if (units[i].unit == *end) {
      *utc_us = now_utc_us + (gint64) n * units[i].seconds * G_USEC_PER_SEC;
      return TRUE;
    }
  return FALSE;
}

gboolean
auth_time_parse(const char *text, gint64 now_utc_us, gint64 *utc_us)
{
  if (*text == '+')
    return now_utc_us != 0 && parse_offset(text + 1, now_utc_us, utc_us);
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
  g_autofree char *whole =
      strchr(text, 'T') ? g_strdup(text) : g_strdup_printf("%sT00:00:00Z", text);
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, utc);
  if (time == NULL)
    return FALSE;
  *utc_us = g_date_time_to_unix(time) * G_USEC_PER_SEC;
  return *utc_us > 0;
}

char *
auth_time_write(gint64 utc_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(utc_us / G_USEC_PER_SEC);
  return g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ");
}

/* --- rules ------------------------------------------------------------------------------------- */

static gboolean
comes_from_there(const AuthKey *key, const AuthAddress *address)
{
  for (guint i = 0; i < key->nets->len; i++)
    if (auth_net_has(&g_array_index(key->nets, AuthNet, i), address))
      return TRUE;
  return key->nets->len == 0;
}

const char *
auth_key_refusal(const AuthKey *key, const AuthUse *use)
{
  if (key->from_utc_us > use->now_utc_us)
    return "The key is not valid yet.";
  if (key->until_utc_us != 0 && key->until_utc_us <= use->now_utc_us)
    return "The key has expired.";
  if (!comes_from_there(key, &use->address))
    return "The key may not be used from this address.";
  if (key->protocols[0] != NULL &&
      !g_strv_contains((const char *const *) key->protocols, use->protocol))
    return "The key may not be used by this protocol.";
  return NULL;
}
