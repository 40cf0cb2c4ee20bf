#include <mediagraph/file.h>

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct {
  char *path;
  int fd;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
  f->fd = g_file_open_tmp("mediagraph-file-XXXXXX", &f->path, NULL);
  g_assert_cmpint(f->fd, >=, 0);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
  close(f->fd);
  g_assert_cmpint(g_unlink(f->path), ==, 0);
  g_free(f->path);
}

static void
assert_content(Fixture *f, const char *wanted, gsize size)
{
  g_autofree char *content = NULL;
  gsize length;
  g_assert_true(g_file_get_contents(f->path, &content, &length, NULL));
  g_assert_cmpmem(content, length, wanted, size);
}

static void
test_pieces_lie_behind_each_other(Fixture *f, gconstpointer unused)
{
  char abc[] = "abc", de[] = "de", xy[] = "XY";
  struct iovec first[] = { { abc, 0 }, { abc, 3 }, { de, 0 }, { de, 2 }, { de, 0 } };
  struct iovec second[] = { { xy, 2 } };
  g_assert_true(mg_file_write(f->fd, first, G_N_ELEMENTS(first), 0));
  g_assert_true(mg_file_write(f->fd, second, 1, 1));
  g_assert_true(mg_file_write(f->fd, NULL, 0, 9));
  assert_content(f, "aXYde", 5);
}

/* The kernel takes 1024 at a time. */
static void
test_pieces_may_be_many(Fixture *f, gconstpointer unused)
{
  enum { N = 5000 };
  g_autofree struct iovec *pieces = g_new(struct iovec, N);
  g_autofree char *wanted = g_new(char, N);
  for (guint i = 0; i < N; i++) {
    wanted[i] = (char) ('a' + i % 26);
    pieces[i] = (struct iovec){ wanted + i, 1 };
  }
  g_assert_true(mg_file_write(f->fd, pieces, N, 0));
  assert_content(f, wanted, N);
}

/* A disk that is full takes the beginning of a call, and refuses the rest. */
static void
test_what_does_not_fit_is_an_error(Fixture *f, gconstpointer unused)
{
  struct rlimit before, limit;
  g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
  limit = (struct rlimit){ 4, before.rlim_max };
  struct sigaction ignore = { .sa_handler = SIG_IGN }, usual;
  sigaction(SIGXFSZ, &ignore, &usual);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
  char abc[] = "abc", def[] = "def";
  struct iovec pieces[] = { { abc, 3 }, { def, 3 } };
  gboolean ok = mg_file_write(f->fd, pieces, 2, 0);
  int failure = errno;
  setrlimit(RLIMIT_FSIZE, &before);
  sigaction(SIGXFSZ, &usual, NULL);
  g_assert_false(ok);
  g_assert_cmpint(failure, ==, EFBIG);
  assert_content(f, "abcd", 4);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add("/util/file/" name, Fixture, NULL, set_up, function, tear_down)
  T("pieces-lie-behind-each-other", test_pieces_lie_behind_each_other);
  T("pieces-may-be-many", test_pieces_may_be_many);
  T("what-does-not-fit-is-an-error", test_what_does_not_fit_is_an_error);
#undef T
  return g_test_run();
}
