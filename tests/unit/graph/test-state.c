#include "graph/state.h"

#include "doubles/wait.h"
#include "loop/lane.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY ((gint64) 86400)

typedef struct {
  char *root;
  gint64 now_utc_us;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
  f->root = g_dir_make_tmp("mediagraph-state-XXXXXX", NULL);
  f->now_utc_us = g_get_real_time();
}

/* The folder of stream "x" and one file in it, if they are there; with the state folder itself. */
static void
tear_down(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(g_rmdir(f->root), ==, 0);
  g_free(f->root);
}

static char *
path_of(Fixture *f, const char *name)
{
  return g_build_filename(f->root, name, NULL);
}

static gboolean
exists(Fixture *f, const char *name)
{
  g_autofree char *path = path_of(f, name);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* An empty file NAME that was last touched AGE_S seconds ago. */
static void
make(Fixture *f, const char *name, gint64 age_s)
{
  g_autofree char *path = path_of(f, name);
  g_autofree char *folder = g_path_get_dirname(path);
  g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
  g_assert_true(g_file_set_contents(path, "", 0, NULL));
  struct timespec time = { .tv_sec = f->now_utc_us / G_USEC_PER_SEC - age_s };
  const struct timespec times[] = { time, time };
  g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

/* Removes file NAME, which is there, and the folders above it that are empty then. */
static void
discard(Fixture *f, const char *name)
{
  g_autofree char *path = path_of(f, name);
  g_assert_cmpint(g_unlink(path), ==, 0);
  for (g_autofree char *folder = g_path_get_dirname(path); !g_str_equal(folder, f->root);) {
    g_rmdir(folder);
    char *parent = g_path_get_dirname(folder);
    g_free(folder);
    folder = parent;
  }
}

static void
test_an_old_journal_goes_with_its_folders(Fixture *f, gconstpointer unused)
{
  make(f, "main/live/old/cmaf.journal", 9 * DAY);
  make(f, "main/live/older/cmaf.journal", 90 * DAY);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 2);
  g_assert_false(exists(f, "main"));
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 0);
}

static void
test_a_weekly_programme_keeps_its_journal(Fixture *f, gconstpointer unused)
{
  make(f, "main/live/weekly/cmaf.journal", 7 * DAY + DAY / 2);
  make(f, "main/live/old/cmaf.journal", 9 * DAY);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 1);
  g_assert_true(exists(f, "main/live/weekly/cmaf.journal"));
  g_assert_false(exists(f, "main/live/old"));
  discard(f, "main/live/weekly/cmaf.journal");
}

static void
test_what_is_no_journal_stays(Fixture *f, gconstpointer unused)
{
  const char *const others[] = {
    "main/live/x/film.mp4",
    "main/live/cmaf.journal",
    "main/live/x/deeper/cmaf.journal",
  };
  for (guint i = 0; i < G_N_ELEMENTS(others); i++)
    make(f, others[i], 90 * DAY);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS(others); i++) {
    g_assert_true(exists(f, others[i]));
    discard(f, others[i]);
  }
}

/* It counts as touched: a process that is killed leaves it for eight days more. */
static void
test_a_locked_journal_stays_and_is_young_again(Fixture *f, gconstpointer unused)
{
  const char *name = "main/live/x/cmaf.journal";
  make(f, name, 90 * DAY);
  g_autofree char *path = path_of(f, name);
  int fd = g_open(path, O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint(flock(fd, LOCK_SH), ==, 0);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 0);
  close(fd);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us), ==, 0);
  g_assert_cmpuint(mg_state_sweep(f->root, f->now_utc_us + 9 * DAY * G_USEC_PER_SEC), ==, 1);
}

static void
test_links_are_not_followed(Fixture *f, gconstpointer unused)
{
  make(f, "elsewhere/live/x/cmaf.journal", 90 * DAY);
  g_autofree char *root = path_of(f, "state");
  g_autofree char *link = path_of(f, "state/main");
  g_assert_cmpint(g_mkdir(root, 0755), ==, 0);
  g_assert_cmpint(symlink("../elsewhere", link), ==, 0);
  g_assert_cmpuint(mg_state_sweep(root, f->now_utc_us), ==, 0);
  g_assert_true(exists(f, "elsewhere/live/x/cmaf.journal"));
  discard(f, "elsewhere/live/x/cmaf.journal");
  discard(f, "state/main");
}

static void
test_without_a_state_folder_there_is_nothing_to_do(Fixture *f, gconstpointer unused)
{
  g_autofree char *nowhere = path_of(f, "nowhere");
  g_assert_cmpuint(mg_state_sweep(nowhere, f->now_utc_us), ==, 0);
  mg_state_sweeper_stop(mg_state_sweeper_start(NULL));
}

static void
test_a_sweeper_looks_when_it_starts(Fixture *f, gconstpointer unused)
{
  make(f, "main/live/x/cmaf.journal", 9 * DAY);
  mg_lanes_start(1);
  MgStateSweeper *sweeper = mg_state_sweeper_start(f->root);
  mg_wait_until(!exists(f, "main"));
  mg_state_sweeper_stop(sweeper);
  mg_lanes_stop();
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function)                                                                          \
  g_test_add("/graph/state/" name, Fixture, NULL, set_up, function, tear_down)
  T("an-old-journal-goes-with-its-folders", test_an_old_journal_goes_with_its_folders);
  T("a-weekly-programme-keeps-its-journal", test_a_weekly_programme_keeps_its_journal);
  T("what-is-no-journal-stays", test_what_is_no_journal_stays);
  T("a-locked-journal-stays-and-is-young-again", test_a_locked_journal_stays_and_is_young_again);
  T("links-are-not-followed", test_links_are_not_followed);
  T("without-a-state-folder-there-is-nothing-to-do",
    test_without_a_state_folder_there_is_nothing_to_do);
  T("a-sweeper-looks-when-it-starts", test_a_sweeper_looks_when_it_starts);
#undef T
  return g_test_run();
}
