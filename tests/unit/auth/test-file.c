/* Files with secrets: who may have seen them, and what is left when they are changed. */
#include "auth/file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  char *dir, *path;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp("auth-file-XXXXXX", NULL);
  f->path = g_build_filename(f->dir, "keys", NULL);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  g_unlink(f->path);
  g_assert_cmpint(g_rmdir(f->dir), ==, 0);
  g_free(f->path);
  g_free(f->dir);
}

static void
put(Fixture *f, const char *text, int mode)
{
  g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
  g_assert_cmpint(g_chmod(f->path, mode), ==, 0);
}

static gboolean
is_read(Fixture *f, gsize most)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;
  return auth_file_read(f->path, most, &text, &size, &error);
}

static void
test_modes(Fixture *f, gconstpointer data)
{
  static const int right[] = { 0600, 0400, 0640, 0440 }, wrong[] = { 0644, 0660, 0604, 0602, 0620 };
  for (guint i = 0; i < G_N_ELEMENTS(right); i++) {
    put(f, "x", right[i]);
    g_assert_true(is_read(f, 100));
  }
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    put(f, "x", wrong[i]);
    g_assert_false(is_read(f, 100));
  }
}

static void
test_limits(Fixture *f, gconstpointer data)
{
  g_assert_false(is_read(f, 100));
  put(f, "12345678", 0600);
  g_assert_true(is_read(f, 8));
  g_assert_false(is_read(f, 7));
}

static void
test_no_regular_file(Fixture *f, gconstpointer data)
{
  g_assert_cmpint(mkfifo(f->path, 0600), ==, 0);
  g_assert_false(is_read(f, 100));
}

static char *
append(const char *text, gpointer data, GError **error)
{
  return g_strconcat(text, data, NULL);
}

static char *
refuse(const char *text, gpointer data, GError **error)
{
  g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, "no");
  return NULL;
}

static guint
mode_of(const char *path)
{
  struct stat st;
  g_assert_cmpint(stat(path, &st), ==, 0);
  return st.st_mode & 0777;
}

static void
check_text(Fixture *f, const char *expected)
{
  g_autofree char *text = NULL;
  g_assert_true(g_file_get_contents(f->path, &text, NULL, NULL));
  g_assert_cmpstr(text, ==, expected);
}

static void
test_edits(Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  AuthFileMark before, after;
  char one[] = "one\n", two[] = "two\n";
  g_assert_true(auth_file_edit(f->path, 100, append, one, &error));
  g_assert_cmphex(mode_of(f->path), ==, 0600);
  g_assert_cmpint(g_chmod(f->path, 0640), ==, 0);
  auth_file_mark(f->path, &before);
  g_assert_true(auth_file_edit(f->path, 100, append, two, &error));
  auth_file_mark(f->path, &after);
  g_assert_false(auth_file_mark_equal(&before, &after));
  g_assert_cmphex(mode_of(f->path), ==, 0640);
  check_text(f, "one\ntwo\n");
  g_assert_false(auth_file_edit(f->path, 100, refuse, NULL, &error));
  g_assert_cmpstr(error->message, ==, "no");
  check_text(f, "one\ntwo\n");
}

#define ADD(name, test) g_test_add("/auth/file/" name, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("modes", test_modes);
  ADD("limits", test_limits);
  ADD("no-regular-file", test_no_regular_file);
  ADD("edits", test_edits);
  return g_test_run();
}
