#include "http/request.h"

#include <string.h>

static guint
parse(const char *text, MgHttpHead *head)
{
  return mg_http_head_parse((const guint8 *) text, strlen(text), head);
}

static void
assert_status(const char *text, guint expected)
{
  MgHttpHead head;
  guint status = parse(text, &head);
  if (status != expected)
    g_error("%u instead of %u for:\n%s", status, expected, text);
}

#define assert_text(text, expected)                                                                \
  g_assert_cmpmem((text).at, (text).size, (expected), strlen(expected))

static void
test_fields(void)
{
  MgHttpHead head;
  guint status = parse("GET /live/studio/index.m3u8?_HLS_msn=7&x=%20 HTTP/1.1\r\n"
                       "Host: example.org:8080\r\n"
                       "range:bytes=0-1\r\n"
                       "If-Range: \t \"abc\" \t\r\n"
                       "IF-NONE-MATCH: W/\"abc\"\r\n"
                       "User-Agent: \xc3\xa9\r\n"
                       "Empty:\r\n"
                       "\r\n",
                       &head);
  g_assert_cmpuint(status, ==, 0);
  g_assert_cmpint(head.method, ==, MG_HTTP_GET);
  g_assert_cmpuint(head.minor, ==, 1);
  g_assert_true(head.is_persistent);
  g_assert_false(head.has_body);
  assert_text(head.path, "/live/studio/index.m3u8");
  assert_text(head.query, "_HLS_msn=7&x=%20");
  assert_text(head.range, "bytes=0-1");
  assert_text(head.if_range, "\"abc\"");
  assert_text(head.if_none_match, "W/\"abc\"");
}

static void
test_absent(void)
{
  MgHttpHead head;
  g_assert_cmpuint(parse("HEAD / HTTP/1.0\r\n\r\n", &head), ==, 0);
  g_assert_cmpint(head.method, ==, MG_HTTP_HEAD);
  g_assert_cmpuint(head.minor, ==, 0);
  g_assert_false(head.is_persistent);
  g_assert_null(head.query.at);
  g_assert_null(head.range.at);
  g_assert_null(head.if_none_match.at);
}

static void
check_method(const char *name, MgHttpMethod method)
{
  MgHttpHead head;
  g_autofree char *text = g_strdup_printf("%s / HTTP/1.1\r\nHost: a\r\n\r\n", name);
  g_assert_cmpuint(parse(text, &head), ==, 0);
  g_assert_cmpint(head.method, ==, method);
}

static void
test_methods(void)
{
  check_method("GET", MG_HTTP_GET);
  check_method("HEAD", MG_HTTP_HEAD);
  check_method("OPTIONS", MG_HTTP_OPTIONS);
  check_method("get", MG_HTTP_OTHER);
  check_method("GETS", MG_HTTP_OTHER);
  check_method("POST", MG_HTTP_OTHER);
  check_method("M-SEARCH!", MG_HTTP_OTHER);
  assert_status("CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n", 0);
}

static void
test_targets(void)
{
  MgHttpHead head;
  g_assert_cmpuint(parse("GET HTTP://example.org/a?b HTTP/1.1\r\nHost: a\r\n\r\n", &head), ==, 0);
  assert_text(head.path, "/a");
  assert_text(head.query, "b");
  g_assert_cmpuint(parse("GET /? HTTP/1.1\r\nHost: a\r\n\r\n", &head), ==, 0);
  assert_text(head.path, "/");
  g_assert_nonnull(head.query.at);
  g_assert_cmpuint(head.query.size, ==, 0);
  g_assert_cmpuint(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", &head), ==, 0);
  assert_text(head.path, "*");
}

static void
test_persistence(void)
{
  static const struct {
    const char *text;
    gboolean is_persistent;
  } cases[] = {
    { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", TRUE },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", FALSE },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: foo , CLOSE\r\n\r\n", FALSE },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", TRUE },
    { "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", FALSE },
    { "GET / HTTP/1.0\r\n\r\n", FALSE },
    { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", TRUE },
    { "GET / HTTP/1.9\r\nHost: a\r\n\r\n", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgHttpHead head;
    g_assert_cmpuint(parse(cases[i].text, &head), ==, 0);
    g_assert_cmpint(head.is_persistent, ==, cases[i].is_persistent);
  }
}

static void
test_bodies(void)
{
  MgHttpHead head;
  g_assert_cmpuint(parse("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 00\r\n\r\n", &head), ==, 0);
  g_assert_false(head.has_body);
  g_assert_cmpuint(parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", &head), ==, 0);
  g_assert_true(head.has_body);
  g_assert_cmpuint(parse("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", &head),
                   ==, 0);
  g_assert_true(head.has_body);
}

static void
test_bad_lines(void)
{
  assert_status("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400);
  assert_status("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET /\r\nHost: a\r\n\r\n", 400);
  assert_status(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET / http/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET / HTTP/11\r\nHost: a\r\n\r\n", 400);
  assert_status("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
  assert_status("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505);
  assert_status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  assert_status("GET foo HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status("GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n", 400);
}

static void
test_bad_fields(void)
{
  assert_status("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nX@Y: a\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400);
}

static void
test_smuggling(void)
{
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
                "chunked\r\n\r\n",
                400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1234567890123456789\r\n\r\n", 400);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 501);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501);
  assert_status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
                "chunked\r\n\r\n",
                400);
  assert_status("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

static void
test_many_fields(void)
{
  GString *text = g_string_new("GET / HTTP/1.1\r\nHost: a\r\n");
  for (guint i = 0; i < 99; i++)
    g_string_append(text, "X: y\r\n");
  g_autofree char *fits = g_strconcat(text->str, "\r\n", NULL);
  assert_status(fits, 0);
  g_string_append(text, "X: y\r\n\r\n");
  assert_status(text->str, 431);
  g_string_free(text, TRUE);
}

static void
test_scan_byte_by_byte(void)
{
  static const char text[] = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  MgHttpScan scan = { 0 };
  for (gsize n = 0; n < sizeof text - 1; n++) {
    g_assert_cmpint(mg_http_scan(&scan, (const guint8 *) text, n), ==, MG_HTTP_SCAN_MORE);
  }
  g_assert_cmpint(mg_http_scan(&scan, (const guint8 *) text, sizeof text - 1), ==,
                  MG_HTTP_SCAN_DONE);
  g_assert_cmpuint(scan.pos, ==, sizeof text - 1);
  MgHttpHead head;
  g_assert_cmpuint(parse(text, &head), ==, 0);
}

static void
test_scan_stops_at_the_head(void)
{
  static const char text[] = "GET / HTTP/1.1\r\n\r\nGET /next";
  MgHttpScan scan = { 0 };
  g_assert_cmpint(mg_http_scan(&scan, (const guint8 *) text, sizeof text - 1), ==,
                  MG_HTTP_SCAN_DONE);
  g_assert_cmpuint(scan.pos, ==, 18);
}

static void
assert_scan_bad(const char *text, gsize size)
{
  MgHttpScan scan = { 0 };
  g_assert_cmpint(mg_http_scan(&scan, (const guint8 *) text, size), ==, MG_HTTP_SCAN_BAD);
}

static void
test_scan_refuses(void)
{
  assert_scan_bad("\x16\x03\x01", 3); /* TLS */
  assert_scan_bad("\r\n\r\n", 4);
  assert_scan_bad("\n", 1);
  assert_scan_bad("\0", 1);
  assert_scan_bad("GET / HTTP/1.1\n", 15);
  assert_scan_bad("GET / HTTP/1.1\r\nHost: a\n", 24);
}

static void
assert_path(const char *raw, const char *expected)
{
  char out[128];
  gboolean is_clean = mg_http_path_decode((MgHttpText){ raw, strlen(raw) }, out);
  g_assert_cmpint(is_clean, ==, expected != NULL);
  if (expected != NULL)
    g_assert_cmpstr(out, ==, expected);
}

static void
test_paths(void)
{
  assert_path("/", "/");
  assert_path("/live/studio/", "/live/studio/");
  assert_path("/%6cive/a%20b/%C3%A9", "/live/a b/\xc3\xa9");
  assert_path("/a+b/~c;v=1,(2)", "/a+b/~c;v=1,(2)");
  assert_path("/...", "/...");
  assert_path("/.a/..b", "/.a/..b");
}

static void
test_unclean_paths(void)
{
  static const char *const wrong[] = {
    "",      "a",         "*",    "/..",   "/../a", "/a/..",   "/a/../b",   "/.",
    "/./a",  "/a/.",      "//",   "//a",   "/a//b", "/%2e%2e", "/a/%2E./b", "/a%2fb",
    "/%00",  "/a%0d%0ab", "/%7f", "/%",    "/%4",   "/%4g",    "/%ff",      "/%c3",
    "/a\"b", "/a\\b",     "/a|b", "/a<b>", "/a^b",  "/{a}",    "/`a`",
  };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
    assert_path(wrong[i], NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/request/fields-are-found-whatever-their-case", test_fields);
  g_test_add_func("/http/request/what-is-not-sent-is-absent", test_absent);
  g_test_add_func("/http/request/methods-are-case-sensitive", test_methods);
  g_test_add_func("/http/request/targets-have-three-forms", test_targets);
  g_test_add_func("/http/request/connection-decides-what-follows", test_persistence);
  g_test_add_func("/http/request/bodies-are-noticed", test_bodies);
  g_test_add_func("/http/request/bad-request-lines-are-refused", test_bad_lines);
  g_test_add_func("/http/request/bad-fields-are-refused", test_bad_fields);
  g_test_add_func("/http/request/ambiguous-lengths-are-refused", test_smuggling);
  g_test_add_func("/http/request/too-many-fields-are-refused", test_many_fields);
  g_test_add_func("/http/scan/byte-by-byte-is-the-same", test_scan_byte_by_byte);
  g_test_add_func("/http/scan/stops-at-the-end-of-the-head", test_scan_stops_at_the_head);
  g_test_add_func("/http/scan/refuses-what-cannot-be-http", test_scan_refuses);
  g_test_add_func("/http/path/is-decoded", test_paths);
  g_test_add_func("/http/path/unclean-ones-are-refused", test_unclean_paths);
  return g_test_run();
}
