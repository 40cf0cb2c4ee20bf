#include "segment-cmaf/journal.h"

#include <mediagraph/types.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the two records lie in the file: the first one written is the second. */
enum { SLOT_SIZE = 2048 };

typedef struct {
  char *dir, *path;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
  f->dir = g_dir_make_tmp("mediagraph-journal-XXXXXX", NULL);
  f->path = g_build_filename(f->dir, "cmaf.journal", NULL);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
  g_remove(f->path);
  g_assert_cmpint(g_rmdir(f->dir), ==, 0);
  g_free(f->path);
  g_free(f->dir);
}

static Journal *
open_journal(Fixture *f)
{
  g_autoptr(GError) error = NULL;
  Journal *journal = journal_open(f->dir, "cmaf.journal", &error);
  g_assert_no_error(error);
  return journal;
}

static JournalRecord
record(guint64 segment)
{
  return (JournalRecord){ .epoch_utc_us = 1767225600000000,
                          .next_segment = segment,
                          .discontinuity = 2,
                          .media_end_ns = 5 * MG_SECOND };
}

/* Writes records 1 to N and closes. */
static void
write_n(Fixture *f, guint64 n)
{
  g_autoptr(Journal) journal = open_journal(f);
  for (guint64 i = 1; i <= n; i++) {
    JournalRecord r = record(i);
    journal_write(journal, &r);
  }
}

static JournalRecord
read_back(Fixture *f)
{
  g_autoptr(Journal) journal = open_journal(f);
  return journal_read(journal);
}

/* Changes one byte of record N of those written, wherever it lies. */
static void
damage(Fixture *f, guint64 n, gsize at)
{
  g_autofree char *bytes = NULL;
  gsize size;
  g_assert_true(g_file_get_contents(f->path, &bytes, &size, NULL));
  bytes[(n % 2) * SLOT_SIZE + at] ^= 1;
  g_assert_true(g_file_set_contents(f->path, bytes, (gssize) size, NULL));
}

static void
test_a_new_one_is_empty(Fixture *f, gconstpointer unused)
{
  JournalRecord r = read_back(f);
  g_assert_cmpint(r.epoch_utc_us, ==, 0);
  g_assert_cmpuint(r.next_segment, ==, 0);
}

static void
test_the_newest_record_counts(Fixture *f, gconstpointer unused)
{
  for (guint64 n = 1; n < 5; n++) {
    write_n(f, n);
    JournalRecord wanted = record(n), r = read_back(f);
    g_assert_cmpmem(&r, sizeof r, &wanted, sizeof wanted);
  }
}

static void
test_writing_goes_on_behind_what_was_there(Fixture *f, gconstpointer unused)
{
  write_n(f, 3);
  write_n(f, 1);
  g_assert_cmpuint(read_back(f).next_segment, ==, 1);
}

static void
test_a_torn_record_leaves_the_one_before(Fixture *f, gconstpointer unused)
{
  for (gsize at = 0; at < 48; at++) {
    g_remove(f->path);
    write_n(f, 2);
    damage(f, 2, at);
    g_assert_cmpuint(read_back(f).next_segment, ==, 1);
  }
}

static void
test_two_torn_records_are_none(Fixture *f, gconstpointer unused)
{
  write_n(f, 2);
  damage(f, 1, 20);
  damage(f, 2, 20);
  g_assert_cmpint(read_back(f).epoch_utc_us, ==, 0);
}

static void
test_a_short_file_is_filled_up(Fixture *f, gconstpointer unused)
{
  g_assert_true(g_file_set_contents(f->path, "x", 1, NULL));
  g_assert_cmpint(read_back(f).epoch_utc_us, ==, 0);
  write_n(f, 1);
  g_assert_cmpuint(read_back(f).next_segment, ==, 1);
}

static void
test_a_folder_in_its_place_is_an_error(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(g_mkdir(f->path, 0755), ==, 0);
  g_autoptr(GError) error = NULL;
  g_assert_null(journal_open(f->dir, "cmaf.journal", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_FAILED);
  g_autofree char *wanted = g_strdup_printf("cannot keep the journal %s: Is a directory", f->path);
  g_assert_cmpstr(error->message, ==, wanted);
}

static gboolean
is_locked(Fixture *f)
{
  int fd = g_open(f->path, O_RDONLY | O_CLOEXEC, 0);
  gboolean is_free = flock(fd, LOCK_EX | LOCK_NB) == 0;
  close(fd);
  return !is_free;
}

static void
test_it_is_locked_while_it_is_open(Fixture *f, gconstpointer unused)
{
  Journal *journal = open_journal(f);
  g_assert_true(is_locked(f));
  journal_close(journal);
  g_assert_false(is_locked(f));
}

static void
test_it_has_one_writer(Fixture *f, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;
  JournalRecord first = record(1);
  Journal *journal = open_journal(f);
  g_assert_null(journal_open(f->dir, "cmaf.journal", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
  g_autofree char *wanted = g_strdup_printf(
      "another server uses the journal %s; give each a state-dir of its own", f->path);
  g_assert_cmpstr(error->message, ==, wanted);
  journal_write(journal, &first);
  journal_close(journal);
  g_assert_cmpuint(read_back(f).next_segment, ==, 1);
}

/* The engine has it for a moment when it looks for journals that are old. */
static void
test_a_look_at_it_is_no_writer(Fixture *f, gconstpointer unused)
{
  write_n(f, 1);
  int fd = g_open(f->path, O_RDONLY | O_CLOEXEC, 0);
  g_assert_cmpint(flock(fd, LOCK_SH), ==, 0);
  g_assert_cmpuint(read_back(f).next_segment, ==, 1);
  close(fd);
}

/* Writing into memory may leave the file's time as it was. */
static void
test_closing_touches_it(Fixture *f, gconstpointer unused)
{
  Journal *journal = open_journal(f);
  const struct timespec long_ago[] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
  g_assert_cmpint(utimensat(AT_FDCWD, f->path, long_ago, 0), ==, 0);
  journal_close(journal);
  GStatBuf st;
  g_assert_cmpint(g_stat(f->path, &st), ==, 0);
  g_assert_cmpint(st.st_mtim.tv_sec, >, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function)                                                                          \
  g_test_add("/segment-cmaf/journal/" name, Fixture, NULL, set_up, function, tear_down)
  T("a-new-one-is-empty", test_a_new_one_is_empty);
  T("the-newest-record-counts", test_the_newest_record_counts);
  T("writing-goes-on-behind-what-was-there", test_writing_goes_on_behind_what_was_there);
  T("a-torn-record-leaves-the-one-before", test_a_torn_record_leaves_the_one_before);
  T("two-torn-records-are-none", test_two_torn_records_are_none);
  T("a-short-file-is-filled-up", test_a_short_file_is_filled_up);
  T("a-folder-in-its-place-is-an-error", test_a_folder_in_its_place_is_an_error);
  T("it-is-locked-while-it-is-open", test_it_is_locked_while_it_is_open);
  T("it-has-one-writer", test_it_has_one_writer);
  T("a-look-at-it-is-no-writer", test_a_look_at_it_is_no_writer);
  T("closing-touches-it", test_closing_touches_it);
#undef T
  return g_test_run();
}
