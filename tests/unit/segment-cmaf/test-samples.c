#include "cutter.h"

#include <cmaf/reader.h>

#include <string.h>

/* Reads the one chunk of BUFFER; its bytes go into BYTES (owned). */
static MgCmafChunkRead
read_chunk(const MgBuffer *buffer, guint8 **bytes)
{
  *bytes = g_malloc(buffer->size);
  mg_buffer_copy_out(buffer, *bytes, buffer->size);
  MgReader r = MG_READER(*bytes, buffer->size);
  MgCmafChunkRead chunk;
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_CHUNK);
  g_assert_no_error(error);
  return chunk;
}

static const MgBuffer *
nth(GPtrArray *chunks, guint n)
{
  g_assert_cmpuint(n, <, chunks->len);
  return g_ptr_array_index(chunks, n);
}

static void
test_no_b_frames(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 2);
  g_autofree guint8 *bytes = NULL;
  MgCmafChunkRead chunk = read_chunk(nth(c.video_chunks, 0), &bytes);
  MgCmafSampleRead sample;
  for (guint i = 0; i < 12; i++) {
    g_assert_true(mg_cmaf_sample_next(&chunk, &sample));
    g_assert_cmpuint(sample.dts, ==, i * 3600);
    g_assert_cmpint(sample.pts, ==, i * 3600);
    g_assert_cmpuint(sample.duration, ==, 3600);
    g_assert_cmpuint(sample.flags, ==, i == 0 ? MG_CMAF_SYNC : MG_CMAF_DEPENDS);
  }
  cutter_clear(&c);
}

/* I P B B P B B, sent as dts 0, 40 …: the key frame is decoded when it is shown, 40 ms later. */
static void
test_b_frames_have_signed_offsets(void)
{
  static const gint64 shown[] = { 0, 3, 1, 2, 6, 4, 5, 9, 7, 8 };
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model.b_frames = 2;
  cutter_run(&c, 2);
  g_autofree guint8 *bytes = NULL;
  MgCmafChunkRead chunk = read_chunk(nth(c.video_chunks, 0), &bytes);
  MgCmafSampleRead sample;
  for (guint i = 0; i < G_N_ELEMENTS(shown); i++) {
    g_assert_true(mg_cmaf_sample_next(&chunk, &sample));
    g_assert_cmpuint(sample.dts, ==, i * 3600);
    g_assert_cmpint(sample.pts, ==, shown[i] * 3600);
  }
  g_assert_cmpuint(nth(c.video_chunks, 0)->chunk->reorder, ==, 3600);
  cutter_clear(&c);
}

/* verify() looks at every segment's first picture, and at every join. */
static void
test_b_frames_at_an_odd_rate(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model = (VideoModel){
    .fps_num = 30000, .fps_den = 1001, .gop = 61, .b_frames = 2, .is_ms = TRUE, .begin = 0
  };
  c.audio_model.is_ms = TRUE;
  cutter_run(&c, 30);
  g_autofree char *segments = cutter_segments(&c, MG_MEDIA_VIDEO);
  g_assert_null(strchr(segments, '!'));
  g_assert_null(strchr(segments, '~'));
  g_assert_cmpuint(mg_harness_counter(c.harness, "segments"), ==, 8);
  cutter_clear(&c);
}

/* Audio is counted, not stamped: milliseconds would make frames of 21 and 22 ms. */
static void
test_audio_counts_samples(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model.is_ms = TRUE;
  cutter_run(&c, 20);
  for (guint i = 0; i < c.audio_chunks->len; i++) {
    g_autofree guint8 *bytes = NULL;
    MgCmafChunkRead chunk = read_chunk(nth(c.audio_chunks, i), &bytes);
    MgCmafSampleRead sample;
    while (mg_cmaf_sample_next(&chunk, &sample))
      g_assert_cmpuint(sample.duration, ==, 1024);
  }
  cutter_clear(&c);
}

/* As where an encoder's clip begins again: by its stamps, the audio would be cut a frame and a half late. */
static void
test_audio_is_cut_where_it_is(void)
{
  Cutter c;
  cutter_init(&c, "segment='2s'");
  cutter_run(&c, 1);
  c.audio_model.begin = -25 * MG_MILLISECOND;
  cutter_run(&c, 3);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 2.000, 1: 2.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 2.005, 1: 2.005 0.491…");
  cutter_clear(&c);
}

/* A hundred milliseconds are missing: the frame before lasts longer, and the rest is in its place. */
static void
test_a_hole_in_audio_keeps_it_in_time(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 1);
  guint64 before = c.next_audio;
  cutter_skip_audio(&c, 1.1);
  guint64 missing = c.next_audio - before;
  cutter_run(&c, 3);
  gint64 longest = 0;
  for (guint i = 0; i < c.audio_chunks->len; i++) {
    g_autofree guint8 *bytes = NULL;
    MgCmafChunkRead chunk = read_chunk(nth(c.audio_chunks, i), &bytes);
    MgCmafSampleRead sample;
    while (mg_cmaf_sample_next(&chunk, &sample))
      longest = MAX(longest, sample.duration);
  }
  g_assert_cmpint(longest, ==, (gint64) (1 + missing) * 1024);
  cutter_clear(&c);
}

/* Counted, audio is up to 30 ms ahead of its stamps; it may not reach into what comes behind a cut. */
static void
test_counted_audio_ends_at_a_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 2);
  c.audio_model.begin -= 25 * MG_MILLISECOND;
  c.next_audio++;
  cutter_run(&c, 5);
  c.discont = MG_MEDIA_VIDEO;
  cutter_run(&c, 8);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 1.000, 2!: 5.000 2.880…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 0.989, 2!: 5.010 2.944…");
  cutter_clear(&c);
}

/* A hole where a segment should end: it ends there, and the next begins there, a little early. */
static void
test_a_hole_across_a_cut_moves_no_cut(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 3.8);
  cutter_skip_audio(&c, 4.3);
  cutter_run(&c, 8.6);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 0.480…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.021, 1: 4.021 3.979, 2: 8.000 0.491…");
  cutter_clear(&c);
}

static guint64
longest_frame(Cutter *c)
{
  guint64 longest = 0;
  for (guint i = 0; i < c->video_chunks->len; i++) {
    g_autofree guint8 *bytes = NULL;
    MgCmafChunkRead chunk = read_chunk(nth(c->video_chunks, i), &bytes);
    MgCmafSampleRead sample;
    while (mg_cmaf_sample_next(&chunk, &sample))
      longest = MAX(longest, sample.duration);
  }
  return longest;
}

/* The segment ends in time, and the first frame behind the hole is shown from there on. */
static void
test_a_hole_in_video_is_bridged(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 3.9);
  cutter_skip_video(&c, 4.8);
  cutter_run(&c, 9.6);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.400, 1~: 4.400 3.600, 2: 8.000 1.440…");
  g_assert_cmpuint(longest_frame(&c), ==, 520 * 90); /* 3.88 s to 4.4 s */
  cutter_clear(&c);
}

static void
test_a_hole_up_to_a_late_key_frame_is_bridged(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model.gop = 15;
  c.video_model.b_frames = 2;
  cutter_run(&c, 4);
  cutter_skip_video(&c, 4.8);
  cutter_run(&c, 9.5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.400, 1: 4.400 4.000, 2: 8.400 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.003 4.395, 1: 4.397 4.011, 2: 8.408 0.981…");
  cutter_clear(&c);
}

/* The bytes of small samples are copied behind the header, those of large ones are shared. */
static void
test_payload_is_shared_where_it_is_large(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 1);
  const MgBuffer *chunk = nth(c.video_chunks, 0);
  g_assert_cmpuint(chunk->n_slices, ==, 3); /* header, key frame, eleven small ones */
  g_assert_cmpuint(chunk->slices[0].size, ==, chunk->chunk->header_size);
  g_assert_cmpuint(chunk->slices[1].size, ==, 3000);
  g_assert_true(chunk->slices[0].data == chunk->slices[2].data);
  g_assert_cmpuint(nth(c.audio_chunks, 0)->n_slices, ==, 1);
  cutter_clear(&c);
}

static void
test_streams_say_what_manifests_need(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model = (AudioModel){ .rate = 48000, .frame_samples = 2048 };
  cutter_run(&c, 2);
  const MgStreamInfo *video = mg_stream_info(mg_harness_output(c.harness, "video"));
  const MgStreamInfo *audio = mg_stream_info(mg_harness_output(c.harness, "audio"));
  g_assert_cmpint(video->form, ==, MG_FORM_CHUNK);
  g_assert_cmpstr(video->codecs, ==, "avc1.640028");
  g_assert_cmpuint(video->timescale, ==, 90000);
  g_assert_cmpuint(video->width, ==, 1920);
  g_assert_cmpstr(audio->codecs, ==, "mp4a.40.5");
  g_assert_cmpuint(audio->timescale, ==, 48000);
  g_assert_nonnull(video->init);
  g_assert_nonnull(audio->init);
  cutter_clear(&c);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/samples/" name, function)
  T("no-b-frames", test_no_b_frames);
  T("b-frames-have-signed-offsets", test_b_frames_have_signed_offsets);
  T("b-frames-at-an-odd-rate", test_b_frames_at_an_odd_rate);
  T("audio-counts-samples", test_audio_counts_samples);
  T("audio-is-cut-where-it-is", test_audio_is_cut_where_it_is);
  T("a-hole-in-audio-keeps-it-in-time", test_a_hole_in_audio_keeps_it_in_time);
  T("counted-audio-ends-at-a-discontinuity", test_counted_audio_ends_at_a_discontinuity);
  T("a-hole-across-a-cut-moves-no-cut", test_a_hole_across_a_cut_moves_no_cut);
  T("a-hole-in-video-is-bridged", test_a_hole_in_video_is_bridged);
  T("a-hole-up-to-a-late-key-frame-is-bridged", test_a_hole_up_to_a_late_key_frame_is_bridged);
  T("payload-is-shared-where-it-is-large", test_payload_is_shared_where_it_is_large);
  T("streams-say-what-manifests-need", test_streams_say_what_manifests_need);
#undef T
  return g_test_run();
}
