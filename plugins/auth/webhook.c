#include "auth/webhook.h"

#include "auth/json.h"

#include <arpa/inet.h>
#include <string.h>

#define LONGEST_LIFETIME_S (10.0 * 366 * 86400)
#define LARGEST_BITRATE    1e12

enum { MOST_REASON_CHARS = 200 };

/* --- events ------------------------------------------------------------------------------------ */

static void
add_text(GString *out, const char *name, const char *text)
{
  g_string_append_printf(out, ",\"%s\":", name);
  auth_json_write(out, text);
}

static void
add_number(GString *out, const char *name, guint64 number)
{
  g_string_append_printf(out, ",\"%s\":%" G_GUINT64_FORMAT, name, number);
}

static void
add_address(GString *out, const AuthQuestion *q)
{
  char text[INET6_ADDRSTRLEN];
  if (!q->has_address)
    return;
  inet_ntop(q->address.n_bits == 32 ? AF_INET : AF_INET6, q->address.bytes, text, sizeof text);
  add_text(out, "address", text);
}

/* Returned-owned: QUERY without the key that may be in it. */
static char *
without_key(const char *query)
{
  g_autoptr(GStrvBuilder) kept = g_strv_builder_new();
  g_auto(GStrv) parts = g_strsplit(query, "&", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (!g_str_has_prefix(parts[i], "key="))
      g_strv_builder_add(kept, parts[i]);
  g_auto(GStrv) words = g_strv_builder_end(kept);
  return g_strjoinv("&", words);
}

char *
auth_event_write(const AuthEvent *event)
{
  const AuthQuestion *q = event->question;
  GString *out = g_string_new("{\"version\":1");
  g_autofree char *query = event->stream ? without_key(q->query) : g_strdup(q->query);
  add_text(out, "event", event->event);
  add_text(out, "id", event->id);
  add_number(out, "time", (guint64) event->utc_us / G_USEC_PER_SEC);
  add_text(out, "app", q->app);
  add_text(out, "stream", event->stream ? event->stream : q->stream);
  if (*query != '\0')
    add_text(out, "query", query);
  add_address(out, q);
  add_text(out, "protocol", q->protocol);
  if (event->key != NULL && *event->key->id != '\0')
    add_text(out, "key", event->key->id);
  if (event->duration > 0) {
    add_number(out, "duration_ms", (guint64) (event->duration / MG_MILLISECOND));
    add_number(out, "bytes", event->bytes);
  }
  if (event->reason != NULL)
    add_text(out, "reason", event->reason);
  g_string_append_c(out, '}');
  return g_string_free(out, FALSE);
}

char *
auth_event_sign(const char *body, const char *secret, gint64 utc_us)
{
  g_autofree char *signed_text =
      g_strdup_printf("%" G_GINT64_FORMAT ".%s", utc_us / G_USEC_PER_SEC, body);
  g_autofree char *hex = g_compute_hmac_for_string(G_CHECKSUM_SHA256, (const guchar *) secret,
                                                   strlen(secret), signed_text, -1);
  return g_strdup_printf("t=%" G_GINT64_FORMAT ",v1=%s", utc_us / G_USEC_PER_SEC, hex);
}

/* --- verdicts ---------------------------------------------------------------------------------- */

typedef struct {
  AuthVerdict *verdict;
  const char *wrong; /* static; NULL: nothing is */
} Reading;

static void
read_stream(Reading *r, const AuthJsonValue *value)
{
  if (value->kind != AUTH_JSON_STRING || !auth_name_is_valid(value->text)) {
    r->wrong = "its 'stream' is no name";
    return;
  }
  g_free(r->verdict->stream);
  r->verdict->stream = g_strdup(value->text);
}

static void
read_reason(Reading *r, const AuthJsonValue *value)
{
  if (value->kind != AUTH_JSON_STRING) {
    r->wrong = "its 'reason' is no text";
    return;
  }
  g_free(r->verdict->reason);
  r->verdict->reason =
      g_utf8_substring(value->text, 0, MIN(g_utf8_strlen(value->text, -1), MOST_REASON_CHARS));
}

static gdouble
read_limit(Reading *r, const AuthJsonValue *value, gdouble most, const char *wrong)
{
  if (value->kind == AUTH_JSON_NUMBER && value->number >= 1 && value->number <= most)
    return value->number;
  r->wrong = wrong;
  return 0;
}

/* Null is the same as nothing; what is unknown is for a later version. */
static void
read_member(const char *name, const AuthJsonValue *value, gpointer data)
{
  Reading *r = data;
  if (value->kind == AUTH_JSON_NULL && strcmp(name, "allow") != 0)
    return;
  if (strcmp(name, "allow") == 0) {
    r->verdict->is_allowed = value->kind == AUTH_JSON_BOOL && value->truth;
    if (value->kind != AUTH_JSON_BOOL)
      r->wrong = "its 'allow' is neither true nor false";
  } else if (strcmp(name, "stream") == 0) {
    read_stream(r, value);
  } else if (strcmp(name, "reason") == 0) {
    read_reason(r, value);
  } else if (strcmp(name, "lifetime") == 0) {
    gdouble seconds =
        read_limit(r, value, LONGEST_LIFETIME_S, "its 'lifetime' is no number of seconds");
    r->verdict->lifetime = (MgTime) (seconds * MG_SECOND);
  } else if (strcmp(name, "bitrate") == 0) {
    r->verdict->bitrate = (gint64) (read_limit(r, value, LARGEST_BITRATE,
                                               "its 'bitrate' is no number of bits per second"));
  }
}

static gboolean
refuse(GError **error, const char *why)
{
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "the webhook's answer cannot be used: %s", why);
  return FALSE;
}

static gboolean
read_body(const char *body, gsize size, AuthVerdict *verdict, GError **error)
{
  Reading reading = { verdict, NULL };
  if (size == 0)
    return TRUE;
  if (!auth_json_read(body, size, read_member, &reading))
    return refuse(error, "it is no JSON object");
  return reading.wrong == NULL || refuse(error, reading.wrong);
}

gboolean
auth_verdict_read(guint status, const char *body, gsize size, AuthVerdict *verdict, GError **error)
{
  gboolean is_yes = status >= 200 && status <= 299, is_no = status == 401 || status == 403;
  g_autofree char *why = g_strdup_printf("its status is %u", status);
  *verdict = (AuthVerdict){ .is_allowed = is_yes };
  if (!is_yes && !is_no)
    return refuse(error, why);
  if (read_body(body, size, verdict, is_no ? NULL : error) || is_no) {
    verdict->is_allowed &= is_yes;
    return TRUE;
  }
  auth_verdict_clear(verdict);
  return FALSE;
}

void
auth_verdict_clear(AuthVerdict *verdict)
{
  g_free(verdict->stream);
  g_free(verdict->reason);
  *verdict = (AuthVerdict){ 0 };
}
