#include "dvr/beneath.h"
#include "dvr/recording.h"
#include "dvr/retention.h"
#include "material.h"

#include <cmaf/reader.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- arrange ----------------------------------------------------------------------------------- */

typedef struct {
  char *dir;
  int root_fd;
  MgStream *audio;
} Fixture;

static void
set_up(Fixture *f, gconstpointer unused)
{
  f->dir = g_dir_make_tmp("mediagraph-dvr-XXXXXX", NULL);
  f->root_fd = beneath_open_root(f->dir);
  f->audio = dvr_make_audio("audio");
  g_assert_cmpint(f->root_fd, >=, 0);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
  close(f->root_fd);
  dvr_remove_tree(f->dir);
  g_free(f->dir);
  mg_stream_unref(f->audio);
}

static Recording *
begin(Fixture *f, const char *name, MgTime start)
{
  g_autoptr(GPtrArray) streams = g_ptr_array_new();
  g_ptr_array_add(streams, f->audio);
  g_autoptr(GError) error = NULL;
  Recording *recording = recording_new(f->root_fd, name, streams, start, &error);
  g_assert_no_error(error);
  return recording;
}

static gboolean
write_at(Fixture *f, Recording *recording, gint64 start, guint reorder, guint size)
{
  g_autoptr(MgBuffer) chunk = dvr_make_chunk(f->audio, start, reorder, size);
  return recording_write(recording, chunk, NULL);
}

/* The decode times and offsets of all samples in the file, as text. */
static char *
samples_of(Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename(f->dir, name, NULL);
  g_autofree char *bytes = NULL;
  gsize size;
  g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
  MgCmafInit init;
  g_assert_true(mg_cmaf_init_read((const guint8 *) bytes, size, &init, NULL));
  MgReader r = MG_READER((const guint8 *) bytes + init.size, size - init.size);
  GString *text = g_string_new(NULL);
  MgCmafChunkRead chunk;
  while (mg_cmaf_chunk_read(&r, &init, &chunk, NULL) == MG_CMAF_READ_CHUNK) {
    MgCmafSampleRead sample;
    while (mg_cmaf_sample_next(&chunk, &sample))
      g_string_append_printf(text, "%u:%d%+d ", chunk.sequence, (int) sample.dts,
                             (int) (sample.pts - (gint64) sample.dts));
  }
  g_assert_cmpuint(mg_reader_left(&r), ==, 0);
  return g_string_free(text, FALSE);
}

/* --- recordings -------------------------------------------------------------------------------- */

static void
test_time_starts_at_zero(Fixture *f, gconstpointer unused)
{
  Recording *recording = begin(f, "live/x/a.mp4", 2 * MG_SECOND);
  g_assert_true(write_at(f, recording, 96000, 0, 10));
  g_assert_true(write_at(f, recording, 97024, 0, 10));
  recording_unref(recording);
  g_autofree char *samples = samples_of(f, "live/x/a.mp4");
  g_assert_cmpstr(samples, ==, "0:0+0 1:1024+0 ");
}

static void
test_offsets_are_unsigned(Fixture *f, gconstpointer unused)
{
  Recording *recording = begin(f, "a.mp4", 0);
  g_assert_true(write_at(f, recording, 3000, 2000, 10));
  recording_unref(recording);
  g_autofree char *samples = samples_of(f, "a.mp4");
  g_assert_cmpstr(samples, ==, "0:1000+2000 ");
}

static void
test_existing_file_is_kept(Fixture *f, gconstpointer unused)
{
  Recording *first = begin(f, "a.mp4", 0);
  Recording *second = begin(f, "a.mp4", 0);
  g_assert_cmpstr(recording_name(first), ==, "a.mp4");
  g_assert_cmpstr(recording_name(second), ==, "a-2.mp4");
  recording_unref(first);
  recording_unref(second);
}

/* A limit on the size of files is a disk that is full, and can be emptied again. */
static void
limit_files(rlim_t bytes)
{
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

static rlim_t
size_of(Fixture *f, const char *name)
{
  struct stat st;
  g_assert_cmpint(fstatat(f->root_fd, name, &st, 0), ==, 0);
  return (rlim_t) st.st_size;
}

static void
test_full_disk(Fixture *f, gconstpointer unused)
{
  signal(SIGXFSZ, SIG_IGN);
  Recording *recording = begin(f, "a.mp4", 0);
  g_assert_true(write_at(f, recording, 0, 0, 1000));
  rlim_t whole = size_of(f, "a.mp4");
  limit_files(whole + 500);
  g_assert_false(write_at(f, recording, 1024, 0, 1000));
  g_assert_cmpuint(size_of(f, "a.mp4"), ==, whole);
  g_autofree char *cut = samples_of(f, "a.mp4");
  g_assert_cmpstr(cut, ==, "0:0+0 ");
  limit_files(RLIM_INFINITY);
  g_assert_true(write_at(f, recording, 2048, 0, 1000));
  recording_unref(recording);
  g_autofree char *resumed = samples_of(f, "a.mp4");
  g_assert_cmpstr(resumed, ==, "0:0+0 1:2048+0 ");
}

/* --- beneath ----------------------------------------------------------------------------------- */

static void
test_nothing_outside(Fixture *f, gconstpointer unused)
{
  g_autofree char *link = g_build_filename(f->dir, "link", NULL);
  g_autofree char *outside = g_dir_make_tmp("mediagraph-dvr-outside-XXXXXX", NULL);
  g_assert_cmpint(symlink(outside, link), ==, 0);
  static const char *const names[] = { "../x.mp4", "a/../../x.mp4", "/x.mp4", "link/x.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    g_assert_cmpint(beneath_create(f->root_fd, names[i]), ==, -1);
  g_assert_cmpint(g_rmdir(outside), ==, 0); /* still empty */
}

/* --- retention --------------------------------------------------------------------------------- */

/* A file of 1000 bytes, written AGE seconds before 2001-09-09T01:46:40Z. */
static void
make_file(Fixture *f, const char *name, gint64 age)
{
  int fd = beneath_create(f->root_fd, name);
  g_assert_cmpint(fd, >=, 0);
  g_assert_cmpint(ftruncate(fd, 1000), ==, 0);
  struct timespec times[2] = { { 1000000000 - age, 0 }, { 1000000000 - age, 0 } };
  g_assert_cmpint(futimens(fd, times), ==, 0);
  close(fd);
}

static gboolean
exists(Fixture *f, const char *name)
{
  return faccessat(f->root_fd, name, F_OK, 0) == 0;
}

#define NOW_US (1000000000 * (gint64) G_USEC_PER_SEC)

static void
test_retention_by_age(Fixture *f, gconstpointer unused)
{
  make_file(f, "old/x/a.mp4", 1000);
  make_file(f, "new/b.mp4", 10);
  make_file(f, "old/notes.txt", 1000);
  g_assert_cmpuint(retention_run(f->dir, 500 * MG_SECOND, 0, NOW_US), ==, 1);
  g_assert_false(exists(f, "old/x"));
  g_assert_true(exists(f, "old/notes.txt"));
  g_assert_true(exists(f, "new/b.mp4"));
}

static void
test_retention_by_size(Fixture *f, gconstpointer unused)
{
  make_file(f, "a.mp4", 300);
  make_file(f, "b.mp4", 200);
  make_file(f, "c.mp4", 100);
  g_assert_cmpuint(retention_run(f->dir, 0, 2000, NOW_US), ==, 1);
  g_assert_false(exists(f, "a.mp4"));
  g_assert_cmpuint(retention_run(f->dir, 0, 1, NOW_US), ==, 1);
  g_assert_true(exists(f, "c.mp4"));
}

static void
test_retention_spares_what_is_written(Fixture *f, gconstpointer unused)
{
  make_file(f, "one.mp4", 2);
  make_file(f, "other.mp4", 1);
  g_assert_cmpuint(retention_run(f->dir, 0, 1, NOW_US), ==, 0);
}

/* Its publisher is away for longer than a minute, and may come back. */
static void
test_retention_spares_what_is_open(Fixture *f, gconstpointer unused)
{
  Recording *recording = begin(f, "live/a.mp4", 0);
  struct timespec long_ago[2] = { { 1000, 0 }, { 1000, 0 } };
  g_assert_cmpint(utimensat(f->root_fd, "live/a.mp4", long_ago, 0), ==, 0);
  g_assert_cmpuint(retention_run(f->dir, 500 * MG_SECOND, 0, NOW_US), ==, 0);
  recording_unref(recording);
  g_assert_cmpuint(retention_run(f->dir, 500 * MG_SECOND, 0, NOW_US), ==, 1);
}

#define ADD(path, test) g_test_add(path, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/dvr/recording/time-starts-at-zero", test_time_starts_at_zero);
  ADD("/dvr/recording/offsets-become-unsigned", test_offsets_are_unsigned);
  ADD("/dvr/recording/an-existing-file-is-kept", test_existing_file_is_kept);
  ADD("/dvr/recording/full-disk-cuts-back-and-resumes", test_full_disk);
  ADD("/dvr/beneath/nothing-outside-the-root-is-opened", test_nothing_outside);
  ADD("/dvr/retention/old-files-and-their-folders-go", test_retention_by_age);
  ADD("/dvr/retention/oldest-go-while-there-is-too-much", test_retention_by_size);
  ADD("/dvr/retention/what-is-being-written-stays", test_retention_spares_what_is_written);
  ADD("/dvr/retention/what-is-open-stays", test_retention_spares_what_is_open);
  return g_test_run();
}
