/* Keys: their text, their rules, and who finds which. */
#include "auth/decide.h"

#include <string.h>

#define NOW_US (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC) /* 2026-01-01 */

static AuthKeys *
parse(const char *text)
{
  g_autoptr(GError) error = NULL;
  AuthKeys *keys = auth_keys_new();
  auth_keys_parse(keys, text, strlen(text), &error);
  g_assert_no_error(error);
  return keys;
}

/*
 * A line for a key of live/stage with the id "one" and further FIELDS; *SECRET is returned-owned.
 */
static char *
make_line(const char *id, const char *secret, const char *fields)
{
  AuthHash hash;
  auth_hash_make(&hash, secret);
  g_autofree char *text = auth_hash_write(&hash);
  return g_strdup_printf("id=%s app=live stream=stage hash=%s %s\n", id, text, fields);
}

static const AuthQuestion *
question(AuthQuestion *q, const char *app, const char *stream, const char *query)
{
  MgAuthRequest request = {
    .app = app, .stream = stream, .query = query, .peer = "192.0.2.7:5000", .protocol = "rtmp"
  };
  auth_question_init(q, &request);
  return q;
}

static MgAuthVerdict
decide(const AuthKeys *keys, const char *app, const char *stream, const char *query)
{
  AuthQuestion q;
  AuthDecision decision = auth_decide(keys, question(&q, app, stream, query), NOW_US);
  g_assert_true((decision.verdict == MG_AUTH_YES) == (decision.key != NULL));
  g_assert_true((decision.verdict == MG_AUTH_YES) == (decision.reason == NULL));
  auth_question_clear(&q);
  return decision.verdict;
}

/* --- secrets ------------------------------------------------------------------------------------ */

static void
test_secrets_are_new_names(void)
{
  g_autofree char *one = auth_secret_new(), *two = auth_secret_new();
  g_autofree char *id = auth_secret_id(one);
  g_assert_cmpuint(strlen(one), ==, 35);
  g_assert_true(auth_name_is_valid(one));
  g_assert_cmpstr(one, !=, two);
  g_assert_cmpmem(id, strlen(id), one, 8);
  g_assert_null(auth_secret_id("sekrit"));
}

static void
test_hash_is_salted(void)
{
  AuthHash one, two, three;
  auth_hash_make(&one, "sekrit");
  auth_hash_make(&two, "sekrit");
  g_assert_false(auth_hash_equal(&one, &two));
  g_autofree char *text = auth_hash_write(&one);
  g_assert_true(auth_hash_parse(text, &three));
  g_assert_true(auth_hash_equal(&one, &three));
  g_assert_true(auth_hash_matches(&three, "sekrit"));
  g_assert_false(auth_hash_matches(&three, "sekriT"));
  g_assert_false(auth_hash_matches(&three, "sekrit "));
  text[strlen(text) - 1] = 'x';
  g_assert_false(auth_hash_parse(text, &three));
}

/*
 * HMAC-SHA256 of "what do ya want for nothing?" by RFC 4231, but with its key filled up to 16
 * bytes.
 */
static void
test_hash_is_hmac_sha256(void)
{
  AuthHash hash = { .salt = "Jefe" };
  g_autofree char *hex = g_compute_hmac_for_string(G_CHECKSUM_SHA256, hash.salt, 16,
                                                   "what do ya want for nothing?", -1);
  g_assert_cmpstr(hex, ==, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  g_autofree char *text = g_strdup_printf("hmac-sha256:4a656665000000000000000000000000:%s", hex);
  g_assert_true(auth_hash_parse(text, &hash));
  g_assert_true(auth_hash_matches(&hash, "what do ya want for nothing?"));
}

/* --- addresses ---------------------------------------------------------------------------------- */

static gboolean
has(const char *net_text, const char *address_text)
{
  AuthNet net;
  AuthAddress address;
  g_assert_true(auth_net_parse(net_text, &net));
  g_assert_true(auth_address_parse(address_text, &address));
  return auth_net_has(&net, &address);
}

static void
test_networks(void)
{
  g_assert_true(has("192.0.2.0/24", "192.0.2.255"));
  g_assert_false(has("192.0.2.0/24", "192.0.3.0"));
  g_assert_true(has("192.0.2.7", "192.0.2.7"));
  g_assert_false(has("192.0.2.7", "192.0.2.6"));
  g_assert_true(has("0.0.0.0/0", "203.0.113.9"));
  g_assert_false(has("0.0.0.0/0", "2001:db8::1"));
  g_assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
  g_assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
  g_assert_true(has("192.0.2.0/24", "::ffff:192.0.2.3"));
}

static void
test_no_networks(void)
{
  static const char *const texts[] = { "",        "/",          "192.0.2.0/33", "192.0.2.1/24",
                                       "192.0.2", "192.0.2.0/", "x/8",          "::/129",
                                       "::1/64",  "::/-1",      "::/ 1",        "1.2.3.4/0x8" };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    AuthNet net;
    g_test_message("%s", texts[i]);
    g_assert_false(auth_net_parse(texts[i], &net));
  }
}

static void
test_peers(void)
{
  AuthAddress v4, v6, mapped;
  g_assert_true(auth_address_parse_peer("192.0.2.7:50311", &v4));
  g_assert_cmpuint(v4.n_bits, ==, 32);
  g_assert_true(auth_address_parse_peer("[2001:db8::1]:1", &v6));
  g_assert_cmpuint(v6.n_bits, ==, 128);
  g_assert_true(auth_address_parse_peer("[::ffff:192.0.2.7]:1", &mapped));
  g_assert_cmpmem(&mapped, sizeof mapped, &v4, sizeof v4);
  g_assert_false(auth_address_parse_peer("192.0.2.7", &v4));
  g_assert_false(auth_address_parse_peer(":1", &v4));
  g_assert_false(auth_address_parse_peer("[]:1", &v4));
}

/* --- text --------------------------------------------------------------------------------------- */

static void
test_text_round_trip(void)
{
  g_autofree char *line = make_line("one", "sekrit",
                                    "from=2026-01-01T00:00:00Z until=2026-12-31T22:59:59Z "
                                    "addresses=192.0.2.0/24,2001:db8::/32 protocols=rtmps,srt "
                                    "on-duplicate=reject "
                                    "password=a%20b%3Dc note=the%20big%20camera");
  g_strchomp(line);
  AuthKeys *keys = parse(line);
  AuthKey *key = g_ptr_array_index(keys->all, 0);
  g_assert_cmpstr(key->password, ==, "a b=c");
  g_assert_cmpstr(key->note, ==, "the big camera");
  g_autofree char *written = auth_keys_text_add("# mine", key);
  g_autofree char *expected = g_strdup_printf("# mine\n%s\n", line);
  g_assert_cmpstr(written, ==, expected);
  g_autofree char *removed = auth_keys_text_remove(written, "one");
  g_assert_cmpstr(removed, ==, "# mine\n");
  g_assert_null(auth_keys_text_remove(written, "two"));
  auth_keys_free(keys);
}

static void
test_removes_that_line_only(void)
{
  static const char text[] =
      "# id=one\nid=two app=live\n\n id=one app=live\r\nid=one-more app=live";
  g_autofree char *removed = auth_keys_text_remove(text, "one");
  g_assert_cmpstr(removed, ==, "# id=one\nid=two app=live\n\nid=one-more app=live");
}

static void
check_refused(const char *text, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuthKeys) keys = auth_keys_new();
  g_test_message("%s", text);
  g_assert_false(auth_keys_parse(keys, text, strlen(text), &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, message);
}

#define HASH                                                                                       \
  "hash=hmac-sha256:00112233445566778899aabbccddeeff:"                                             \
  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void
test_refuses_text(void)
{
  check_refused("\nid=a stream=b " HASH, "line 2: app is missing");
  check_refused("id=a app=b " HASH, "line 1: stream is missing");
  check_refused("id=a app=b stream=c", "line 1: hash is missing");
  check_refused("app=b stream=c " HASH, "line 1: id is missing");
  check_refused("id=a app=.b stream=c " HASH,
                "line 1: app is no name: use 1 to 128 of A-Z a-z 0-9 . _ -, no dot first");
  check_refused("id=a app=b stream=c hash=sekrit",
                "line 1: hash is none: `mediagraph key add` makes "
                "one");
  check_refused("id=a sekrit", "line 1: fields are written NAME=VALUE");
  check_refused("id=a sekrit=1",
                "line 1: a field is unknown; there are id, app, stream, hash, from, "
                "until, addresses, protocols, on-duplicate, password and note");
  check_refused("id=a note=%4", "line 1: a value has a broken %-code");
  check_refused("id=a note=%00", "line 1: a value has a broken %-code");
  check_refused("id=a from=tomorrow",
                "line 1: from is no time: write 2026-12-01 or 2026-12-01T18:30:00Z");
  check_refused("id=a from=%2B7d",
                "line 1: from is no time: write 2026-12-01 or 2026-12-01T18:30:00Z");
  check_refused("id=a app=b stream=c from=2026-02-01 until=2026-02-01 " HASH,
                "line 1: until is not after from");
  check_refused(
      "id=a protocols=ftp",
      "line 1: protocols are unknown: there are rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, "
      "srt, http and https");
  check_refused("id=a on-duplicate=any",
                "line 1: on-duplicate is unknown: there are replace and reject");
  check_refused("id=a app=b stream=c " HASH "\nid=a app=b stream=d " HASH,
                "line 2: another key has that id");
}

static void
test_refuses_no_text(void)
{
  static const char bytes[] = "# a\0b\n";
  g_autoptr(GError) error = NULL;
  g_autoptr(AuthKeys) keys = auth_keys_new();
  g_assert_false(auth_keys_parse(keys, bytes, sizeof bytes - 1, &error));
  g_assert_cmpstr(error->message, ==, "line 1: it is too long, or no text");
}

/* --- decisions ---------------------------------------------------------------------------------- */

static void
test_key_is_the_name_or_in_the_query(void)
{
  g_autofree char *line = make_line("one", "sekrit", "");
  AuthKeys *keys = parse(line);
  /* Keys of keys files that were made elsewhere have an id that does not begin the key. */
  ((AuthKey *) g_ptr_array_index(keys->all, 0))->id[0] = '\0';
  g_assert_cmpint(decide(keys, "live", "sekrit", ""), ==, MG_AUTH_YES);
  g_assert_cmpint(decide(keys, "live", "stage", "key=sekrit"), ==, MG_AUTH_YES);
  g_assert_cmpint(decide(keys, "live", "stage", "a=b&key=se%6brit&c"), ==, MG_AUTH_YES);
  g_assert_cmpint(decide(keys, "live", "stage", ""), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "live", "stage", "key="), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "live", "stage", "key=stage"), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "live", "stage", "monkey=sekrit"), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "live", "other", "key=sekrit"), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "film", "sekrit", ""), ==, MG_AUTH_BAD_KEY);
  g_assert_cmpint(decide(keys, "live", "sekrit", "key=wrong"), ==, MG_AUTH_BAD_KEY);
  auth_keys_free(keys);
}

static void
test_key_is_found_by_its_id(void)
{
  g_autofree char *one = auth_secret_new(), *two = auth_secret_new();
  g_autofree char *id_one = auth_secret_id(one), *id_two = auth_secret_id(two);
  g_autofree char *line_one = make_line(id_one, one, ""), *line_two = make_line(id_two, two, "");
  g_autofree char *text = g_strconcat(line_one, line_two, NULL);
  AuthKeys *keys = parse(text);
  g_assert_true(auth_keys_find(keys, "live", two) == g_ptr_array_index(keys->all, 1));
  memcpy(two, one, AUTH_ID_CHARS);
  g_assert_null(auth_keys_find(keys, "live", two));
  auth_keys_free(keys);
}

static const char *
refusal(const char *fields, const char *protocol, gint64 after_s)
{
  AuthUse use = { .protocol = protocol, .now_utc_us = NOW_US + after_s * G_USEC_PER_SEC };
  g_autofree char *line = make_line("one", "sekrit", fields);
  AuthKeys *keys = parse(line);
  auth_address_parse("192.0.2.7", &use.address);
  const char *why = auth_key_refusal(g_ptr_array_index(keys->all, 0), &use);
  auth_keys_free(keys);
  return why;
}

static void
test_rules(void)
{
  g_assert_cmpstr(refusal("", "rtmp", 0), ==, NULL);
  g_assert_cmpstr(refusal("from=2026-01-01", "rtmp", -1), ==, "The key is not valid yet.");
  g_assert_cmpstr(refusal("from=2026-01-01", "rtmp", 0), ==, NULL);
  g_assert_cmpstr(refusal("until=2026-01-01T00:00:10Z", "rtmp", 9), ==, NULL);
  g_assert_cmpstr(refusal("until=2026-01-01T00:00:10Z", "rtmp", 10), ==, "The key has expired.");
  g_assert_cmpstr(refusal("addresses=::/0,192.0.2.0/29", "rtmp", 0), ==, NULL);
  g_assert_cmpstr(refusal("addresses=::/0,192.0.2.8/29", "rtmp", 0), ==,
                  "The key may not be used from this address.");
  g_assert_cmpstr(refusal("protocols=srt,rtmps", "rtmps", 0), ==, NULL);
  g_assert_cmpstr(refusal("protocols=srt,rtmps", "rtmp", 0), ==,
                  "The key may not be used by this protocol.");
  g_assert_cmpstr(refusal("protocols=rtmpts", "rtmpts", 0), ==, NULL);
}

static void
test_times(void)
{
  gint64 us = 0;
  g_assert_true(auth_time_parse("2026-01-01T01:00:00+01:00", 0, &us));
  g_assert_cmpint(us, ==, NOW_US);
  g_assert_true(auth_time_parse("+2h", NOW_US, &us));
  g_assert_cmpint(us, ==, NOW_US + (gint64) 7200 * G_USEC_PER_SEC);
  g_assert_false(auth_time_parse("+2", NOW_US, &us));
  g_assert_false(auth_time_parse("+2hh", NOW_US, &us));
  g_assert_false(auth_time_parse("2h", NOW_US, &us));
  g_assert_false(auth_time_parse("+9999999999d", NOW_US, &us));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/auth/keys/secrets-are-new-names", test_secrets_are_new_names);
  g_test_add_func("/auth/keys/hash-is-salted", test_hash_is_salted);
  g_test_add_func("/auth/keys/hash-is-hmac-sha256", test_hash_is_hmac_sha256);
  g_test_add_func("/auth/keys/networks", test_networks);
  g_test_add_func("/auth/keys/no-networks", test_no_networks);
  g_test_add_func("/auth/keys/peers", test_peers);
  g_test_add_func("/auth/keys/text-round-trip", test_text_round_trip);
  g_test_add_func("/auth/keys/removes-that-line-only", test_removes_that_line_only);
  g_test_add_func("/auth/keys/refuses-text", test_refuses_text);
  g_test_add_func("/auth/keys/refuses-no-text", test_refuses_no_text);
  g_test_add_func("/auth/keys/key-is-the-name-or-in-the-query",
                  test_key_is_the_name_or_in_the_query);
  g_test_add_func("/auth/keys/key-is-found-by-its-id", test_key_is_found_by_its_id);
  g_test_add_func("/auth/keys/rules", test_rules);
  g_test_add_func("/auth/keys/times", test_times);
  return g_test_run();
}
