#include <mediagraph/secret.h>

#include <glib/gstdio.h>
#include <malloc.h>
#include <string.h>

static char *
file_with(const char *text, int mode)
{
  char *path = NULL;
  int fd = g_file_open_tmp("secret-XXXXXX", &path, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_close(fd, NULL);
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  g_assert_cmpint(g_chmod(path, mode), ==, 0);
  return path;
}

static void
assert_read(const char *text, int mode, const char *expected, const char *sentence)
{
  g_autofree char *path = file_with(text, mode);
  g_autoptr(GError) error = NULL;
  char *secret = mg_secret_read(path, &error);
  g_unlink(path);
  g_assert_cmpstr(secret, ==, expected);
  g_autofree char *whole = sentence ? g_strdup_printf("%s: %s", path, sentence) : NULL;
  g_assert_cmpstr(error ? error->message : NULL, ==, whole);
  mg_secret_free(secret);
}

static void
test_the_first_line_is_the_secret(void)
{
  assert_read("abc\n", 0600, "abc", NULL);
  assert_read(" abc \r\nnot this\n", 0640, "abc", NULL);
  assert_read("abc", 0400, "abc", NULL);
}

/* mg_secret_free() wipes text: what lies behind its end would stay in memory. */
static void
test_nothing_else_of_the_file_is_kept(void)
{
  static const char other[] = "other-secret";
  g_autofree char *path = file_with("          abc\nother-secret\n", 0600);
  char *secret = mg_secret_read(path, NULL);
  g_unlink(path);
  g_assert_cmpstr(secret, ==, "abc");
  gsize size = malloc_usable_size(secret);
  g_assert_null(memmem(secret, size, other, strlen(other)));
  g_assert_null(memmem(secret + strlen(secret), size - strlen(secret), "abc", 3));
  mg_secret_free(secret);
}

static void
test_a_file_that_will_not_do_is_named_and_not_shown(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *long_text = g_strnfill(5000, 'x');
  assert_read("", 0600, NULL, "it holds no secret in its first line");
  assert_read("\nabc\n", 0600, NULL, "it holds no secret in its first line");
  assert_read("abc", 0644, NULL, "others can read or change it; run `chmod 640` on it, or 600");
  assert_read("abc", 0660, NULL, "others can read or change it; run `chmod 640` on it, or 600");
  assert_read(long_text, 0600, NULL, "it is too large");
  g_assert_null(mg_secret_read("/nowhere/at/all", &error));
  g_assert_cmpstr(error->message, ==, "/nowhere/at/all: No such file or directory");
  g_clear_error(&error);
  g_assert_null(mg_secret_read("/tmp", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/util/secret/the-first-line-is-the-secret", test_the_first_line_is_the_secret);
  g_test_add_func("/util/secret/nothing-else-of-the-file-is-kept",
                  test_nothing_else_of_the_file_is_kept);
  g_test_add_func("/util/secret/a-file-that-will-not-do-is-named-and-not-shown",
                  test_a_file_that_will_not_do_is_named_and_not_shown);
  return g_test_run();
}
