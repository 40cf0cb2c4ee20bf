#include "rtmp/error.h"
#include "rtmp/names.h"

#include <string.h>

static const struct {
  const char *app, *tc_url, *stream, *expected; /* app|instance|stream|query */
} good[] = {
  { "live", "rtmp://h/live", "cam1", "live||cam1|" },
  { "live/", "rtmp://h:1935/live/", "/cam1", "live||cam1|" },
  { "live", NULL, "A.b_c-9", "live||A.b_c-9|" },
  /* The query, wherever it is, once. */
  { "live", "rtmp://h/live", "cam1?key=x", "live||cam1|key=x" },
  { "live?key=x", "rtmp://h/live?key=x", "cam1", "live||cam1|key=x" },
  { "live", "rtmp://h/live?key=x", "cam1", "live||cam1|key=x" },
  { "live?a=1", "rtmp://h/live?b=2", "cam1?c=3", "live||cam1|c=3&a=1&b=2" },
  { "live?key", "rtmp://h/live?key", "cam1", "live||cam1|key" },
  { "live?key/cam1", NULL, "", "live||cam1|key" },
  { "live?key/cam1", "rtmp://h/live?key/cam1", "", "live||cam1|key" },
  { "live?u=a?b", NULL, "cam1", "live||cam1|u=a?b" },
  { "live", NULL, "cam1?", "live||cam1|" },
  /* Split anywhere, the same comes out. */
  { "live", NULL, "inst/cam1", "live|inst|cam1|" },
  { "live/inst", NULL, "cam1", "live|inst|cam1|" },
  { "live/inst/cam1", NULL, NULL, "live|inst|cam1|" },
  { "live/_definst_", "rtmp://h/live/_definst_", "cam1", "live||cam1|" },
  /* The stream in the URL only. */
  { "live", "rtmp://h/live/cam1", "", "live||cam1|" },
  { "live/cam1", "rtmp://h/live/cam1", "", "live||cam1|" },
  { "", "rtmp://h/live/cam1", NULL, "live||cam1|" },
  { NULL, "rtmp://h/live", "cam1", "live||cam1|" },
  { "", "rtmp://h/live?key/cam1", "", "live||cam1|key" },
  /* No app anywhere. */
  { "", "rtmp://h", "cam1", "||cam1|" },
  { NULL, NULL, "cam1", "||cam1|" },
  { "", "rtmp://h/?k=1", "cam1", "||cam1|k=1" },
  /* Quotes, as some encoders send them. */
  { "", "\"rtmp://h/live\"", "cam1", "live||cam1|" },
  { "", " 'rtmp://h/live' ", "cam1", "live||cam1|" },
  /* Percent-decoding. */
  { "%6Cive", NULL, "cam%31?k=%41", "live||cam1|k=%41" },
};

static void
test_good_names(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
    g_autoptr(GError) error = NULL;
    g_auto(MgRtmpName) n = { 0 };
    g_assert_true(mg_rtmp_name_parse(good[i].app, good[i].tc_url, good[i].stream, &n, &error));
    g_assert_no_error(error);
    g_autofree char *all = g_strjoin("|", n.app, n.instance, n.stream, n.query, NULL);
    g_assert_cmpstr(all, ==, good[i].expected);
  }
}

static const struct {
  const char *app, *stream, *said;
} bad[] = {
  { "live", "", "\"live\": no stream name" },
  { "", "", "no stream name" },
  { NULL, NULL, "no stream name" },
  { "live", "?key=1", "no stream name" },
  { "live", ".hidden", "begin with a dot" },
  { "..", "cam1", "begin with a dot" },
  { "live", "../../etc/passwd", "more than three parts" },
  { "live", "..%2f..%2fetc", "begin with a dot" },
  { "live", "a%2fb", "\"a/b\": \"/\" is not allowed" },
  { "live", "a%00b", "\"a%00b\": \"%\" is not allowed" },
  { "live", "a%zz", "\"%\" is not allowed" },
  { "live", "a%", "\"%\" is not allowed" },
  { "live", "a b", "\" \" is not allowed" },
  { "live", "a\x1b[2J", "stream name \"a\\x1b[2J\": \"\\x1b\" is not allowed" },
  { "live", "a\r\nb", "\"\\x0d\" is not allowed" },
  { "live", "caf\xc3\xa9", "\"\\xc3\" is not allowed" },
  { "l\"ive", "cam1", "app \"l\\\"ive\"" },
  { "live/in st/x", "", "app instance" },
  { "a/b/c", "d", "more than three parts" },
  { "live", "cam1?k=\x01", "percent-encode" },
  { "live", "cam1?k=\xff", "percent-encode" },
};

static void
assert_refused(const char *app, const char *stream, const char *said)
{
  g_autoptr(GError) error = NULL;
  MgRtmpName n;
  g_assert_false(mg_rtmp_name_parse(app, NULL, stream, &n, &error));
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
  if (strstr(error->message, said) == NULL)
    g_error("\"%s\" does not say %s", error->message, said);
  for (const char *c = error->message; *c != '\0'; c++)
    g_assert_true(g_ascii_isprint(*c));
  g_assert_null(n.app);
  g_assert_null(n.stream);
}

static void
test_bad_names(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++)
    assert_refused(bad[i].app, bad[i].stream, bad[i].said);
}

static void
test_lengths(void)
{
  g_autofree char *most = g_strnfill(128, 'a');
  g_autofree char *more = g_strnfill(129, 'a');
  g_autofree char *huge = g_strnfill(60000, 'a');
  g_autofree char *query = g_strconcat("cam1?", huge, NULL);
  g_autofree char *slashes = g_strnfill(60000, '/');
  g_auto(MgRtmpName) n = { 0 };
  g_assert_true(mg_rtmp_name_parse(most, NULL, most, &n, NULL));
  g_assert_cmpstr(n.stream, ==, most);
  assert_refused("live", more, "longer than 128");
  assert_refused(more, "cam1", "longer than 128");
  assert_refused("live", huge, "longer than 128");
  assert_refused("live", query, "longer than 2048");
  assert_refused(slashes, slashes, "no stream name");
}

static void
test_quote(void)
{
  g_autofree char *plain = mg_rtmp_quote("a b");
  g_autofree char *odd = mg_rtmp_quote("\"\\\n\x7f\xc3\xa9");
  g_autofree char *text = g_strnfill(81, 'x');
  g_autofree char *cut = mg_rtmp_quote(text);
  text[80] = '\0';
  g_autofree char *whole = mg_rtmp_quote(text);
  g_assert_cmpstr(plain, ==, "\"a b\"");
  g_assert_cmpstr(odd, ==, "\"\\\"\\\\\\x0a\\x7f\\xc3\\xa9\"");
  g_assert_cmpuint(strlen(cut), ==, 80 + 5);
  g_assert_true(g_str_has_suffix(cut, "x...\""));
  g_assert_true(g_str_has_suffix(whole, "xx\""));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/names/good-names-in-all-their-disguises", test_good_names);
  g_test_add_func("/rtmp/names/bad-names-are-refused-and-escaped", test_bad_names);
  g_test_add_func("/rtmp/names/lengths-are-limited", test_lengths);
  g_test_add_func("/rtmp/names/quoted-text-is-printable", test_quote);
  return g_test_run();
}
