#include "http/range.h"

#include <string.h>

static MgHttpText
text(const char *s)
{
  return (MgHttpText){ s, s != NULL ? strlen(s) : 0 };
}

static void
assert_part(const char *field, guint64 size, guint64 first, guint64 n)
{
  MgHttpRange range = mg_http_range_parse(text(field), size);
  g_assert_cmpint(range.kind, ==, MG_HTTP_RANGE_PART);
  g_assert_cmpuint(range.first, ==, first);
  g_assert_cmpuint(range.size, ==, n);
}

static void
assert_kind(const char *field, guint64 size, MgHttpRangeKind kind)
{
  g_assert_cmpint(mg_http_range_parse(text(field), size).kind, ==, kind);
}

static void
test_parts(void)
{
  assert_part("bytes=0-0", 10, 0, 1);
  assert_part("bytes=2-5", 10, 2, 4);
  assert_part("bytes=2-", 10, 2, 8);
  assert_part("bytes=-3", 10, 7, 3);
  assert_part("bytes=9-9", 10, 9, 1);
  assert_part("Bytes=0-9", 10, 0, 10);
}

static void
test_clamped(void)
{
  assert_part("bytes=5-99", 10, 5, 5);
  assert_part("bytes=-99", 10, 0, 10);
  assert_part("bytes=0-99999999999999999999999999", 10, 0, 10);
  assert_part("bytes=-99999999999999999999999999", 10, 0, 10);
}

static void
test_outside(void)
{
  assert_kind("bytes=10-", 10, MG_HTTP_RANGE_OUTSIDE);
  assert_kind("bytes=10-20", 10, MG_HTTP_RANGE_OUTSIDE);
  assert_kind("bytes=-0", 10, MG_HTTP_RANGE_OUTSIDE);
  assert_kind("bytes=0-", 0, MG_HTTP_RANGE_OUTSIDE);
  assert_kind("bytes=99999999999999999999999999-", 10, MG_HTTP_RANGE_OUTSIDE);
}

static void
test_ignored(void)
{
  static const char *const ignored[] = {
    "bytes=",        "bytes=-",   "bytes",       "bytes 0-1",  "items=0-1", "bytes=5-2",
    "bytes=0-1,3-4", "bytes=a-b", "bytes=0 - 1", "bytes=0-1x", "bytes=--1", "bytes=0-0-0",
  };
  for (guint i = 0; i < G_N_ELEMENTS(ignored); i++)
    assert_kind(ignored[i], 10, MG_HTTP_RANGE_NONE);
  assert_kind(NULL, 10, MG_HTTP_RANGE_NONE);
  assert_kind("bytes=-5", 0, MG_HTTP_RANGE_NONE);
}

static void
test_listed(void)
{
  g_assert_true(mg_http_etag_is_listed(text("\"a\""), "a"));
  g_assert_true(mg_http_etag_is_listed(text("W/\"a\""), "a"));
  g_assert_true(mg_http_etag_is_listed(text("\"x\", W/\"y,z\" , \"a\""), "a"));
  g_assert_true(mg_http_etag_is_listed(text("*"), "a"));
  g_assert_true(mg_http_etag_is_listed(text("*"), NULL));
  g_assert_false(mg_http_etag_is_listed(text("\"b\""), "a"));
  g_assert_false(mg_http_etag_is_listed(text("\"A\""), "a"));
  g_assert_false(mg_http_etag_is_listed(text("\"aa\""), "a"));
  g_assert_false(mg_http_etag_is_listed(text("a"), "a"));
  g_assert_false(mg_http_etag_is_listed(text("\"a"), "a"));
  g_assert_false(mg_http_etag_is_listed(text("\"a\""), NULL));
  g_assert_false(mg_http_etag_is_listed(text(""), "a"));
  g_assert_false(mg_http_etag_is_listed(text(NULL), "a"));
}

static void
test_exactly(void)
{
  g_assert_true(mg_http_etag_is_exactly(text("\"a\""), "a"));
  g_assert_false(mg_http_etag_is_exactly(text("W/\"a\""), "a"));
  g_assert_false(mg_http_etag_is_exactly(text("Sun, 06 Nov 1994 08:49:37 GMT"), "a"));
  g_assert_false(mg_http_etag_is_exactly(text("\"a\""), NULL));
  g_assert_false(mg_http_etag_is_exactly(text(NULL), "a"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/range/one-range-is-a-part", test_parts);
  g_test_add_func("/http/range/ends-are-clamped", test_clamped);
  g_test_add_func("/http/range/behind-the-end-is-outside", test_outside);
  g_test_add_func("/http/range/others-are-ignored", test_ignored);
  g_test_add_func("/http/etag/if-none-match-compares-weakly", test_listed);
  g_test_add_func("/http/etag/if-range-compares-strongly", test_exactly);
  return g_test_run();
}
