/* Keys on disk, as `mediagraph key` makes, lists and revokes them, in both kinds of places. */
#include "auth/source.h"
#include "auth/tool.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  char *dir, *path;
  AuthSource *source;
  GString *listed;
} Fixture;

static void
set_up(Fixture *f, gconstpointer name)
{
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  gboolean is_database = g_str_has_suffix(name, ".db");
  f->dir = g_dir_make_tmp("auth-tool-XXXXXX", NULL);
  f->path = g_build_filename(f->dir, name, NULL);
  f->source = auth_source_new(none, is_database ? NULL : f->path, is_database ? f->path : NULL);
  f->listed = g_string_new(NULL);
}

static void
tear_down(Fixture *f, gconstpointer name)
{
  auth_source_free(f->source);
  g_string_free(f->listed, TRUE);
  g_unlink(f->path);
  g_assert_cmpint(g_rmdir(f->dir), ==, 0);
  g_free(f->path);
  g_free(f->dir);
}

/* Returned-owned. */
static char *
add(Fixture *f, const char *stream, const char *field, const char *value)
{
  g_autoptr(GError) error = NULL;
  const char *fields[] = { "app", "live", "stream", stream, field, value, NULL };
  char *secret = auth_keys_tool.add(f->path, fields, &error);
  g_assert_no_error(error);
  return secret;
}

static void
note(const char *const *fields, gpointer data)
{
  for (gsize i = 2; fields[i] != NULL; i += 2)
    g_string_append_printf(data, "%s=%s ", fields[i], fields[i + 1]);
  g_string_append_c(data, '\n');
}

static const char *
list(Fixture *f)
{
  g_autoptr(GError) error = NULL;
  g_string_truncate(f->listed, 0);
  auth_keys_tool.list(f->path, note, f->listed, &error);
  g_assert_no_error(error);
  return f->listed->str;
}

/* The stream that SECRET publishes, by what the service would load now; NULL: none. Interned. */
static const char *
stream_of(Fixture *f, const char *secret)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(AuthKeys) keys = auth_source_load(f->source, &error);
  g_assert_no_error(error);
  const AuthKey *key = auth_keys_find(keys, "live", secret);
  return key ? g_intern_string(key->stream) : NULL;
}

static void
test_adds_and_revokes(Fixture *f, gconstpointer name)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *one = add(f, "one", NULL, NULL), *two = add(f, "two", "note", "b & c=d");
  g_autofree char *id = auth_secret_id(one);
  g_assert_cmpstr(stream_of(f, one), ==, "one");
  g_assert_cmpstr(stream_of(f, two), ==, "two");
  g_assert_cmpstr(list(f), ==, "app=live stream=one \napp=live stream=two note=b & c=d \n");
  g_assert_false(auth_source_has_changed(f->source));
  g_assert_true(auth_keys_tool.revoke(f->path, id, &error));
  g_assert_true(auth_source_has_changed(f->source));
  g_assert_false(auth_source_has_changed(f->source));
  g_assert_null(stream_of(f, one));
  g_assert_cmpstr(list(f), ==, "app=live stream=two note=b & c=d \n");
  g_assert_false(auth_keys_tool.revoke(f->path, id, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
}

static void
test_keeps_no_key_unless_it_is_told_to(Fixture *f, gconstpointer name)
{
  g_autofree char *one = add(f, "one", NULL, NULL);
  g_autofree char *text = NULL, *more = NULL;
  gsize size = 0;
  struct stat st;
  g_assert_true(g_file_get_contents(f->path, &text, &size, NULL));
  g_assert_null(memmem(text, size, one + AUTH_ID_CHARS, AUTH_SECRET_CHARS));
  g_autofree char *two = add(f, "two", "login", "yes");
  g_assert_true(g_file_get_contents(f->path, &more, &size, NULL));
  g_assert_null(memmem(more, size, one + AUTH_ID_CHARS, AUTH_SECRET_CHARS));
  g_assert_nonnull(memmem(more, size, two, strlen(two)));
  g_assert_cmpstr(list(f), ==, "app=live stream=one \napp=live stream=two login=yes \n");
  g_assert_cmpint(stat(f->path, &st), ==, 0);
  g_assert_cmphex(st.st_mode & 0777, ==, 0600);
}

static void
check_refused(Fixture *f, const char *field, const char *value, const char *message)
{
  g_autoptr(GError) error = NULL;
  const char *fields[] = { "app", "live", "stream", "x", field, value, NULL };
  g_assert_null(auth_keys_tool.add(f->path, fields, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, message);
}

static void
test_refuses(Fixture *f, gconstpointer name)
{
  g_autoptr(GError) error = NULL;
  check_refused(f, "until", "+7",
                "until is no time: write +7d, 2026-12-01 or 2026-12-01T18:30:00Z");
  check_refused(f, "until", "1999-01-01", "The key would have expired already.");
  check_refused(f, "app", "../x",
                "app is no name: use 1 to 128 of A-Z a-z 0-9 . _ -, no dot first");
  g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
  g_assert_false(auth_keys_tool.revoke(f->path, "x", &error));
  g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
  g_assert_false(auth_keys_tool.list(f->path, note, f->listed, NULL));
}

static void
test_leaves_what_is_no_place_for_keys(Fixture *f, gconstpointer name)
{
  g_autofree char *text = NULL;
  const char *fields[] = { "app", "live", "stream", "x", NULL };
  g_assert_true(g_file_set_contents_full(f->path, "all: mediagraph\n", -1, 0, 0600, NULL));
  g_assert_null(auth_keys_tool.add(f->path, fields, NULL));
  g_assert_true(g_file_get_contents(f->path, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, "all: mediagraph\n");
}

#define ADD(name, test)                                                                            \
  g_test_add("/auth/tool/file/" name, Fixture, "keys", set_up, test, tear_down);                   \
  g_test_add("/auth/tool/database/" name, Fixture, "keys.db", set_up, test, tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("adds-and-revokes", test_adds_and_revokes);
  ADD("keeps-no-key-unless-it-is-told-to", test_keeps_no_key_unless_it_is_told_to);
  ADD("refuses", test_refuses);
  ADD("leaves-what-is-no-place-for-keys", test_leaves_what_is_no_place_for_keys);
  return g_test_run();
}
