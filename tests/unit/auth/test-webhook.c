/* The webhook's words: events as they are sent and signed, answers as they are understood. */
#include "auth/json.h"
#include "auth/webhook.h"

#include <string.h>

#define NOW_US (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC)

static AuthQuestion
make_question(const char *stream, const char *query)
{
  MgAuthRequest request = { .app = "live",
                            .stream = stream,
                            .query = query,
                            .peer = "[::ffff:192.0.2.7]:5000",
                            .protocol = "rtmp",
                            .is_tls = TRUE };
  AuthQuestion question;
  auth_question_init(&question, &request);
  return question;
}

/* --- events ------------------------------------------------------------------------------------- */

static void
test_without_keys_all_is_sent(void)
{
  AuthQuestion q = make_question("who\"", "key=x&a=%20");
  AuthEvent event = { .event = "publish", .id = "8f", .utc_us = NOW_US, .question = &q };
  g_autofree char *body = auth_event_write(&event);
  g_assert_cmpstr(body, ==,
                  "{\"version\":1,\"event\":\"publish\",\"id\":\"8f\",\"time\":1767225600,"
                  "\"app\":\"live\",\"stream\":\"who\\\"\",\"query\":\"key=x&a=%20\","
                  "\"address\":\"192.0.2.7\",\"protocol\":\"rtmps\"}");
  auth_question_clear(&q);
}

static void
test_a_known_key_is_not_sent(void)
{
  AuthQuestion q = make_question("sekrit", "a=b&key=sekrit&c");
  AuthKey *key = auth_key_new();
  auth_key_set(key, "id", "k3f9a2bc", NULL);
  AuthEvent event = { .event = "close",
                      .id = "8f",
                      .utc_us = NOW_US,
                      .question = &q,
                      .key = key,
                      .stream = "stage",
                      .bytes = 1000,
                      .duration = 2500 * MG_MILLISECOND,
                      .reason = "closed by peer" };
  g_autofree char *body = auth_event_write(&event);
  g_assert_cmpstr(body, ==,
                  "{\"version\":1,\"event\":\"close\",\"id\":\"8f\",\"time\":1767225600,"
                  "\"app\":\"live\",\"stream\":\"stage\",\"query\":\"a=b&c\","
                  "\"address\":\"192.0.2.7\",\"protocol\":\"rtmps\",\"key\":\"k3f9a2bc\","
                  "\"duration_ms\":2500,\"bytes\":1000,\"reason\":\"closed by peer\"}");
  auth_key_unref(key);
  auth_question_clear(&q);
}

/* By `printf 1767225600.{} | openssl dgst -sha256 -hmac sekrit`. */
static void
test_signature(void)
{
  g_autofree char *signature = auth_event_sign("{}", "sekrit", NOW_US + 999999);
  g_assert_cmpstr(
      signature, ==,
      "t=1767225600,v1=89abc9b2a4e856747cce835d203d9aa0f03890f981b59d1dab84502bd4bf499b");
}

/* --- verdicts ----------------------------------------------------------------------------------- */

static AuthVerdict
verdict(guint status, const char *body)
{
  g_autoptr(GError) error = NULL;
  AuthVerdict v;
  g_autofree char *shown = g_strescape(body, NULL);
  g_test_message("%u %s", status, shown);
  auth_verdict_read(status, body, strlen(body), &v, &error);
  g_assert_no_error(error);
  return v;
}

static void
test_yes(void)
{
  static const char *const bodies[] = { "", "{}", "{\"allow\":true}",
                                        " { \"other\" : [ 1, {} ] } \n" };
  for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
    AuthVerdict v = verdict(i == 0 ? 204 : 200, bodies[i]);
    g_assert_true(v.is_allowed);
    g_assert_null(v.stream);
    g_assert_cmpint(v.lifetime, ==, 0);
    g_assert_cmpint(v.bitrate, ==, 0);
    auth_verdict_clear(&v);
  }
}

static void
test_yes_with_conditions(void)
{
  AuthVerdict v = verdict(200, "{\"allow\": true, \"stream\": \"stage\", \"lifetime\": 1.5, "
                               "\"bitrate\": 6e6, \"reason\": null}");
  g_assert_true(v.is_allowed);
  g_assert_cmpstr(v.stream, ==, "stage");
  g_assert_cmpint(v.lifetime, ==, 1500 * MG_MILLISECOND);
  g_assert_cmpint(v.bitrate, ==, 6000000);
  auth_verdict_clear(&v);
}

static void
test_no(void)
{
  AuthVerdict v = verdict(200, "{\"allow\":false,\"reason\":\"It is \\u00fcber\\ud83d\\ude00.\"}");
  g_assert_false(v.is_allowed);
  g_assert_cmpstr(v.reason, ==, "It is über😀.");
  auth_verdict_clear(&v);
  v = verdict(403, "{\"allow\":true}");
  g_assert_false(v.is_allowed);
  auth_verdict_clear(&v);
  v = verdict(401, "<html>");
  g_assert_false(v.is_allowed);
  auth_verdict_clear(&v);
}

static void
check_nonsense(guint status, const char *body, gsize size, const char *why)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *message = g_strdup_printf("the webhook's answer cannot be used: %s", why);
  AuthVerdict v;
  g_autofree char *shown = g_strescape(body, NULL);
  g_test_message("%u %s", status, shown);
  g_assert_false(auth_verdict_read(status, body, size, &v, &error));
  g_assert_cmpstr(error->message, ==, message);
  g_assert_false(v.is_allowed);
  g_assert_null(v.stream);
}

#define NONSENSE(status, body, why) check_nonsense(status, body, strlen(body), why)

static void
test_nonsense(void)
{
  NONSENSE(500, "{\"allow\":true}", "its status is 500");
  NONSENSE(302, "", "its status is 302");
  NONSENSE(404, "", "its status is 404");
  NONSENSE(100, "", "its status is 100");
  NONSENSE(200, "{\"stream\":\"../x\"}", "its 'stream' is no name");
  NONSENSE(200, "{\"stream\":\"x\",\"stream\":1}", "its 'stream' is no name");
  NONSENSE(200, "{\"allow\":1}", "its 'allow' is neither true nor false");
  NONSENSE(200, "{\"allow\":null}", "its 'allow' is neither true nor false");
  NONSENSE(200, "{\"lifetime\":-1}", "its 'lifetime' is no number of seconds");
  NONSENSE(200, "{\"lifetime\":\"1\"}", "its 'lifetime' is no number of seconds");
  NONSENSE(200, "{\"lifetime\":1e99}", "its 'lifetime' is no number of seconds");
  NONSENSE(200, "{\"bitrate\":0.5}", "its 'bitrate' is no number of bits per second");
}

static void
test_no_json(void)
{
  static const char *const bodies[] = {
    "true",
    "[]",
    "{",
    "}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\":1}x",
    "{\"a\":01}",
    "{\"a\":1.}",
    "{\"a\":.1}",
    "{\"a\":1e}",
    "{\"a\":+1}",
    "{\"a\":1e999}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\udc00\"}",
    "{\"a\":\"\\ud800\\u0041\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"\xff\"}",
    "{\"a\":tru}",
    "{\"a\":[1,]}",
    "{\"a\":[1 2]}",
    "{\"a\":{1:2}}",
    "{a:1}",
    "{\"a\":\"",
    "{\"a\":[",
  };
  for (guint i = 0; i < G_N_ELEMENTS(bodies); i++)
    NONSENSE(200, bodies[i], "it is no JSON object");
  check_nonsense(200, "{}\0", 3, "it is no JSON object");
  check_nonsense(200, "{\"a\":\0}", 7, "it is no JSON object");
}

static void
test_depth(void)
{
  for (guint depth = 16; depth <= 17; depth++) {
    g_autofree char *in = g_strnfill(depth, '['), *out = g_strnfill(depth, ']');
    g_autofree char *body = g_strdup_printf("{\"a\":%s%s}", in, out);
    AuthVerdict v;
    g_assert_true(auth_verdict_read(200, body, strlen(body), &v, NULL) == (depth == 16));
    auth_verdict_clear(&v);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/auth/webhook/without-keys-all-is-sent", test_without_keys_all_is_sent);
  g_test_add_func("/auth/webhook/a-known-key-is-not-sent", test_a_known_key_is_not_sent);
  g_test_add_func("/auth/webhook/signature", test_signature);
  g_test_add_func("/auth/webhook/yes", test_yes);
  g_test_add_func("/auth/webhook/yes-with-conditions", test_yes_with_conditions);
  g_test_add_func("/auth/webhook/no", test_no);
  g_test_add_func("/auth/webhook/nonsense", test_nonsense);
  g_test_add_func("/auth/webhook/no-json", test_no_json);
  g_test_add_func("/auth/webhook/depth", test_depth);
  return g_test_run();
}
