/*
 * Runs a fuzz target over a seed corpus, as a test: once plainly per file, then again with the
 * first, second, third … g_try_malloc() failing, until a run makes no allocation that could fail.
 *
 *   replay-TARGET FOLDER
 *
 * Allocations whose size a peer has a say in go through g_try_*; those are the ones failed here.
 */
#include <glib.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

gpointer __real_g_try_malloc(gsize n);
gpointer __real_g_try_realloc(gpointer p, gsize n);
gpointer __wrap_g_try_malloc(gsize n);
gpointer __wrap_g_try_realloc(gpointer p, gsize n);

static gint64 allocations_left = -1; /* before one fails; -1: none does */

static gboolean
this_one_fails(void)
{
  return allocations_left >= 0 && allocations_left-- == 0;
}

gpointer
__wrap_g_try_malloc(gsize n)
{
  return this_one_fails() ? NULL : __real_g_try_malloc(n);
}

gpointer
__wrap_g_try_realloc(gpointer p, gsize n)
{
  return this_one_fails() ? NULL : __real_g_try_realloc(p, n);
}

enum { MOST_FAILURES = 200 };

static void
replay(const char *data, gsize size)
{
  allocations_left = -1;
  LLVMFuzzerTestOneInput((const guint8 *) data, size);
  for (gint64 nth = 0; nth < MOST_FAILURES; nth++) {
    allocations_left = nth;
    LLVMFuzzerTestOneInput((const guint8 *) data, size);
    if (allocations_left >= 0)
      break;
  }
  allocations_left = -1;
}

int
main(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = argc == 2 ? g_dir_open(argv[1], 0, &error) : NULL;
  if (dir == NULL) {
    fprintf(stderr, "usage: %s FOLDER (%s)\n", argv[0], error ? error->message : "no folder");
    return 2;
  }
  guint n = 0;
  for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir), n++) {
    g_autofree char *path = g_build_filename(argv[1], name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    /* An exact copy, so that a read one byte past the input is past its allocation too. */
    g_autofree char *exact = g_memdup2(data, size);
    replay(exact, size);
  }
  printf("%u inputs replayed\n", n);
  return n > 0 ? 0 : 1;
}
