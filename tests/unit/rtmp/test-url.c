#include "rtmp/error.h"
#include "rtmp/url.h"

#include <string.h>

static void
assert_url(const char *text, const char *key, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_auto(MgRtmpUrl) url = { 0 };
  g_assert_true(mg_rtmp_url_parse(text, key, &url, &error));
  g_autofree char *all =
      g_strdup_printf("%s %s %u %s %s", url.tc_url, url.host, url.port, url.app, url.stream);
  g_assert_cmpstr(all, ==, expected);
}

static void
test_parts(void)
{
  assert_url("rtmp://origin/live/cam", NULL, "rtmp://origin/live origin 1935 live cam");
  assert_url("RTMP://origin:19350/live/inst/cam?a=/b", NULL,
             "rtmp://origin:19350/live/inst origin 19350 live/inst cam?a=/b");
  assert_url("rtmps://[2001:db8::7]/live/cam", NULL,
             "rtmps://[2001:db8::7]/live 2001:db8::7 443 live cam");
  assert_url("rtmp://[::1]:1936/live/${stream}", NULL,
             "rtmp://[::1]:1936/live ::1 1936 live ${stream}");
}

static void
test_a_key_goes_where_servers_look_for_it(void)
{
  assert_url("rtmp://a/live2", "x-y", "rtmp://a/live2 a 1935 live2 x-y");
  assert_url("rtmp://a/live2/", "x-y", "rtmp://a/live2 a 1935 live2 x-y");
  assert_url("rtmp://a/app/inst/", "x-y", "rtmp://a/app/inst a 1935 app/inst x-y");
  assert_url("rtmp://a/live/cam?token=", "x-y", "rtmp://a/live a 1935 live cam?token=x-y");
  assert_url("rtmp://a/live/cam", "x-y", "rtmp://a/live a 1935 live cam?key=x-y");
  assert_url("rtmp://a/live/cam?b=1", "x-y", "rtmp://a/live a 1935 live cam?b=1&key=x-y");
  assert_url("rtmp://a/live/cam", "", "rtmp://a/live a 1935 live cam");
}

static void
test_what_is_no_url_is_refused_without_showing_it(void)
{
  static const char *const bad[] = {
    "",
    "http://a/live/secret",
    "rtmp:a/live/secret",
    "rtmp://",
    "rtmp:///live/secret",
    "rtmp://a",
    "rtmp://a/secret",
    "rtmp://a/secret/",
    "rtmp://a//secret",
    "rtmp://a/live//secret",
    "rtmp://a:0/live/secret",
    "rtmp://a:65536/live/secret",
    "rtmp://a:x/live/secret",
    "rtmp://[::1/live/secret",
    "rtmp://[::1]x/live/secret",
    "rtmp://user:secret@a/live/cam",
    "rtmp://a/live/secret cam",
    "rtmp://a/live/secret\ncam",
    "rtmp://a/live/\xc3\xa9secret",
    "rtmp://a/live/?secret",
  };
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autoptr(GError) error = NULL;
    MgRtmpUrl url;
    g_test_message("%s", bad[i]);
    g_assert_false(mg_rtmp_url_parse(bad[i], NULL, &url, &error));
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
    g_assert_null(strstr(error->message, "secret"));
    g_assert_null(url.host);
  }
  g_autofree char *long_key = g_strnfill(5000, 'x');
  g_autoptr(GError) error = NULL;
  MgRtmpUrl url;
  g_assert_false(mg_rtmp_url_parse("rtmp://a/live", long_key, &url, &error));
  g_assert_null(strstr(error->message, "xxx"));
}

static guint n_wiped;

static char *
read_key(const char *path, GError **error)
{
  if (g_str_equal(path, "studio.key"))
    return g_strdup("sekrit");
  g_set_error_literal(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME, "there is no such file");
  return NULL;
}

static void
wipe_key(char *key)
{
  n_wiped += key != NULL;
  g_free(key);
}

static const MgRtmpKeyFiles key_files = { read_key, wipe_key };

static void
test_a_key_comes_from_a_file(void)
{
  g_auto(MgRtmpUrl) with = { 0 }, without = { 0 };
  g_assert_true(
      mg_rtmp_url_parse_with("rtmp://origin/live/", "studio.key", &key_files, &with, NULL));
  g_assert_cmpstr(with.stream, ==, "sekrit");
  g_assert_cmpuint(n_wiped, ==, 1);
  g_assert_true(mg_rtmp_url_parse_with("rtmp://origin/live/cam", NULL, &key_files, &without, NULL));
  g_assert_cmpstr(without.stream, ==, "cam");
}

static void
assert_refused_with(const char *text, const char *key_file, const char *start)
{
  g_autoptr(GError) error = NULL;
  g_auto(MgRtmpUrl) url = { 0 };
  g_assert_false(mg_rtmp_url_parse_with(text, key_file, &key_files, &url, &error));
  g_assert_true(g_str_has_prefix(error->message, start));
}

static void
test_says_whether_the_url_or_the_file_is_wrong(void)
{
  assert_refused_with("http://origin/live/", "studio.key", "url: ");
  assert_refused_with("rtmp://origin/live/", "none.key", "there is no such file");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/url/parts", test_parts);
  g_test_add_func("/rtmp/url/a-key-goes-where-servers-look-for-it",
                  test_a_key_goes_where_servers_look_for_it);
  g_test_add_func("/rtmp/url/what-is-no-url-is-refused-without-showing-it",
                  test_what_is_no_url_is_refused_without_showing_it);
  g_test_add_func("/rtmp/url/a-key-comes-from-a-file", test_a_key_comes_from_a_file);
  g_test_add_func("/rtmp/url/says-whether-the-url-or-the-file-is-wrong",
                  test_says_whether_the_url_or_the_file_is_wrong);
  return g_test_run();
}
