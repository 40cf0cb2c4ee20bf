#include "dvr/node.h"
#include "material.h"

#include <mediagraph/harness.h>

#include <signal.h>
#include <sys/resource.h>

/* --- arrange ----------------------------------------------------------------------------------- */

typedef struct {
  char *dir;
  MgHarness *harness;
  MgStream *video_stream, *audio_stream;
  MgPort *video, *audio;
} Fixture;

/* A node that records into the fixture's folder, with EXTRA attributes, and a track of each kind. */
static void
set_up(Fixture *f, gconstpointer extra)
{
  f->dir = g_dir_make_tmp("mediagraph-dvr-XXXXXX", NULL);
  g_autofree char *attributes =
      g_strdup_printf("dir='%s' name='a.mp4' %s", f->dir, (const char *) extra);
  f->harness = mg_harness_new(&dvr_class, attributes, NULL);
  f->video_stream = dvr_make_video("video");
  f->audio_stream = dvr_make_audio("audio");
  f->video = mg_harness_stream(f->harness, f->video_stream, NULL);
  f->audio = mg_harness_stream(f->harness, f->audio_stream, NULL);
}

static void
tear_down(Fixture *f, gconstpointer unused)
{
  mg_stream_unref(f->video_stream);
  mg_stream_unref(f->audio_stream);
  mg_harness_free(f->harness);
  dvr_remove_tree(f->dir);
  g_free(f->dir);
}

enum { REORDER_MS = 80, BASE_MS = 10000, START = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT };

/* A chunk AT milliseconds after the start; FLAGS are the chunk's. */
static void
push(Fixture *f, MgPort *port, gint64 at_ms, guint flags)
{
  MgStream *stream = port == f->video ? f->video_stream : f->audio_stream;
  guint reorder_ms = port == f->video ? REORDER_MS : 0;
  gint64 scale = mg_stream_info(stream)->timescale;
  MgBuffer *chunk = dvr_make_chunk(stream, (BASE_MS + at_ms) * scale / 1000,
                                   (guint) (reorder_ms * scale / 1000), 100);
  chunk->chunk->flags = flags;
  chunk->chunk->target_ms = 4000;
  chunk->flags = MG_BUFFER_KEY;
  chunk->pts = chunk->dts = at_ms * MG_MILLISECOND;
  g_assert_true(mg_harness_push(f->harness, port, chunk, NULL));
}

static void
push_video(Fixture *f, gint64 at_ms)
{
  push(f, f->video, at_ms, START);
}

static void
push_audio(Fixture *f, gint64 at_ms)
{
  push(f, f->audio, at_ms, START);
}

static gboolean
has_file(Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename(f->dir, name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* --- rotation ---------------------------------------------------------------------------------- */

/* Stamps in milliseconds: a key frame may come one early, and audio is never decoded early. */
static void
test_audio_does_not_lead(Fixture *f, gconstpointer unused)
{
  push_video(f, 0);
  push_audio(f, 0);
  push_video(f, 7999);
  push_audio(f, 8000);
  g_assert_false(has_file(f, "a-2.mp4"));
  push_video(f, 12000);
  g_assert_true(has_file(f, "a-2.mp4"));
}

static void
test_audio_leads_when_video_is_silent(Fixture *f, gconstpointer unused)
{
  push_video(f, 0);
  push_audio(f, 0);
  push_audio(f, 8000);
  push_audio(f, 12000);
  g_assert_false(has_file(f, "a-2.mp4"));
  push_audio(f, 16000);
  g_assert_true(has_file(f, "a-2.mp4"));
}

static void
test_audio_alone_leads(Fixture *f, gconstpointer unused)
{
  mg_harness_end(f->harness, f->video);
  push_audio(f, 0);
  push_audio(f, 4000);
  push_audio(f, 8000);
  g_assert_true(has_file(f, "a-2.mp4"));
}

/* --- a disk that is full for a while ------------------------------------------------------------ */

static void
limit_files(rlim_t bytes)
{
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
}

/* The sound of the next segment finds that there is space again; the rest of the picture's is of no use. */
static void
test_rest_of_a_segment(Fixture *f, gconstpointer unused)
{
  push_video(f, 0);
  push_audio(f, 0);
  limit_files(1);
  push(f, f->video, 500, 0);
  limit_files(RLIM_INFINITY);
  push(f, f->audio, 500, MG_CHUNK_INDEPENDENT);
  push_audio(f, 4000);
  push(f, f->video, 3500, 0);
  g_assert_cmpuint(mg_harness_counter(f->harness, "lost-chunks"), ==, 3);
  push_video(f, 4000);
  push(f, f->video, 4500, 0);
  g_assert_cmpuint(mg_harness_counter(f->harness, "lost-chunks"), ==, 3);
}

/* --- what comes before the first file ---------------------------------------------------------- */

static void
declare_video_anew(Fixture *f)
{
  mg_stream_unref(f->video_stream);
  f->video_stream = dvr_make_video("video");
  f->video = mg_harness_stream(f->harness, f->video_stream, NULL);
}

/* Their track has other parameters by the time the file begins. */
static void
test_held_of_an_older_stream(Fixture *f, gconstpointer unused)
{
  mg_harness_end(f->harness, f->audio);
  push_video(f, 0);
  push(f, f->video, 400, 0);
  declare_video_anew(f);
  push_video(f, 2000);
  g_assert_true(has_file(f, "a.mp4"));
  g_assert_cmpuint(mg_harness_counter(f->harness, "lost-chunks"), ==, 2);
}

static void
test_no_chunk(Fixture *f, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;
  MgBuffer *buffer = mg_buffer_new(f->video_stream, 1);
  buffer->flags = MG_BUFFER_KEY;
  g_assert_false(mg_harness_push(f->harness, f->video, buffer, &error));
  g_assert_cmpstr(error->message, ==,
                  "a buffer of track 'video' is no chunk: it does not say what chunk it is");
}

/* A disk that fails twice is given two seconds. */
static void
test_second_failure(Fixture *f, gconstpointer unused)
{
  mg_harness_end(f->harness, f->audio);
  push_video(f, 0);
  push_video(f, 2000);
  limit_files(1);
  push_video(f, 4000);
  push_video(f, 8000);
  limit_files(RLIM_INFINITY);
  push_video(f, 12000);
  g_assert_cmpuint(mg_harness_counter(f->harness, "lost-chunks"), ==, 3);
  mg_harness_advance(f->harness, 2 * MG_SECOND);
  push_video(f, 16000);
  g_assert_cmpuint(mg_harness_counter(f->harness, "lost-chunks"), ==, 3);
}

/* What leads elsewhere would be refused by the kernel, too, but only with the first file. */
static void
test_names(Fixture *f, gconstpointer unused)
{
  static const char *const wrong[] = { "../a.mp4", "/tmp/a.mp4", "", "a//b.mp4", "a/", "a/.." };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *attributes = g_strdup_printf("dir='%s' name='%s'", f->dir, wrong[i]);
    g_autofree char *sentence =
        g_strdup_printf("dvr: name: \"%s\" does not lead to a file beneath `dir`", wrong[i]);
    g_assert_null(mg_harness_new(&dvr_class, attributes, &error));
    g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, sentence);
  }
}

#define ADD(path, extra, test) g_test_add(path, Fixture, extra, set_up, test, tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("/dvr/node/video-decides-where-files-change", "rotate='8s'", test_audio_does_not_lead);
  ADD("/dvr/node/audio-decides-when-video-is-silent", "rotate='8s'",
      test_audio_leads_when_video_is_silent);
  ADD("/dvr/node/audio-alone-decides", "rotate='8s'", test_audio_alone_leads);
  ADD("/dvr/node/a-segment-that-lost-a-chunk-is-not-gone-on-with", "", test_rest_of_a_segment);
  ADD("/dvr/node/chunks-of-an-older-stream-are-lost", "", test_held_of_an_older_stream);
  ADD("/dvr/node/what-is-no-chunk-is-refused", "", test_no_chunk);
  ADD("/dvr/node/a-disk-that-fails-again-is-left-alone-for-a-while", "", test_second_failure);
  ADD("/dvr/node/name-leads-nowhere-else", "", test_names);
  return g_test_run();
}
