#include "cutter.h"

#include "segment-cmaf/node.h"

/* A key frame every SECONDS, which are about a whole number of frames. */
static void
set_gop(Cutter *c, gdouble seconds)
{
  c->video_model.gop = (guint) (seconds * c->video_model.fps_num / c->video_model.fps_den + 0.5);
}

static void
assert_video_cuts(gdouble gop, const char *wanted)
{
  Cutter c;
  cutter_init(&c, NULL);
  set_gop(&c, gop);
  cutter_run(&c, 17.5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, wanted);
  cutter_clear(&c);
}

static void
test_key_frames_each_second(void)
{
  assert_video_cuts(
      1, "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 4.000, 3: 12.000 4.000, 4: 16.000 1.440…");
}

static void
test_key_frames_each_two_seconds(void)
{
  assert_video_cuts(
      2, "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 4.000, 3: 12.000 4.000, 4: 16.000 1.440…");
}

static void
test_key_frames_each_three_seconds(void)
{
  assert_video_cuts(3, "0: 0.000 3.000, 1: 3.000 3.000, 2: 6.000 3.000, 3: 9.000 3.000, "
                       "4: 12.000 3.000, 5: 15.000 2.400…");
}

/* libx264's default of 250 frames would be 10 s. */
static void
test_key_frames_too_rare(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  set_gop(&c, 8.32);
  cutter_run(&c, 17.5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.400, 1~: 4.400 3.920, 2: 8.320 4.400, 3~: 12.720 3.920, "
                         "4: 16.640 0.480…");
  g_assert_cmpuint(mg_harness_counter(c.harness, "forced-cuts"), ==, 2);
  g_assert_cmpuint(mg_harness_counter(c.harness, "segments"), ==, 5);
  cutter_clear(&c);
}

static void
test_other_targets(void)
{
  Cutter c;
  cutter_init(&c, "segment='1s' part='200ms'");
  cutter_run(&c, 3.5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 1.000, 1: 1.000 1.000, 2: 2.000 1.000, 3: 3.000 0.400…");
  cutter_clear(&c);
  cutter_init(&c, "segment='6s' part='6s'");
  set_gop(&c, 2.52);
  cutter_run(&c, 13);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 5.040, 1: 5.040 5.040");
  cutter_clear(&c);
}

static void
test_part_is_no_longer_than_a_segment(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_new(&segment_cmaf_class, "segment='2s' part='3s'", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==,
                  "segment-cmaf: part: a part is no longer than `segment`, which is 2 s");
}

/* 2.5 s become a target duration of 3 s, which a segment of 3.4 s rounds to. */
static void
test_a_target_that_is_no_whole_second(void)
{
  Cutter c;
  cutter_init(&c, "segment='2500ms'");
  set_gop(&c, 1.2);
  cutter_run(&c, 7.5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 2.400, 1: 2.400 2.400, 2: 4.800 2.400");
  const MgBuffer *chunk = g_ptr_array_index(c.video_chunks, 0);
  g_assert_cmpuint(chunk->chunk->target_ms, ==, 3000);
  cutter_clear(&c);
}

static void
test_chunks_are_no_longer_than_a_part(void)
{
  Cutter c;
  cutter_init(&c, "part='500ms'");
  cutter_run(&c, 8.5);
  for (guint i = 0; i < c.video_chunks->len; i++) {
    const MgBuffer *chunk = g_ptr_array_index(c.video_chunks, i);
    g_assert_cmpint(chunk->chunk->duration, <=, 45000);
  }
  const MgBuffer *first = g_ptr_array_index(c.video_chunks, 0);
  g_assert_cmpint(first->chunk->duration, ==, 12 * 3600);
  cutter_clear(&c);
}

/* Always at the frame nearest to 4, 8, 12 and 16 s: it never drifts from the video. */
static void
assert_audio_cuts(AudioModel model, const char *wanted)
{
  Cutter c;
  cutter_init(&c, NULL);
  set_gop(&c, 2);
  c.audio_model = model;
  cutter_run(&c, 17);
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, wanted);
  cutter_clear(&c);
}

static void
test_audio_at_48_khz(void)
{
  assert_audio_cuts((AudioModel){ .rate = 48000, .frame_samples = 1024 },
                    "0: 0.000 4.011, 1: 4.011 3.989, 2: 8.000 4.011, 3: 12.011 3.989, "
                    "4: 16.000 0.491…");
}

static void
test_audio_at_44_khz(void)
{
  assert_audio_cuts((AudioModel){ .rate = 44100, .frame_samples = 1024, .is_ms = TRUE },
                    "0: 0.000 3.994, 1: 3.994 4.017, 2: 8.011 3.994, 3: 12.005 3.994, "
                    "4: 15.999 0.488…");
}

static void
test_he_aac(void)
{
  assert_audio_cuts((AudioModel){ .rate = 48000, .frame_samples = 2048, .is_ms = TRUE },
                    "0: 0.000 4.011, 1: 4.011 3.968, 2: 7.979 4.011, 3: 11.989 4.011, "
                    "4: 16.000 0.939…");
}

static void
test_ntsc(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model = (VideoModel){ .fps_num = 30000, .fps_den = 1001, .gop = 60, .is_ms = TRUE };
  c.audio_model.is_ms = TRUE;
  cutter_run(&c, 17);
  cutter_assert_segments(
      &c, MG_MEDIA_VIDEO,
      "0: 0.000 4.004, 1: 4.004 4.004, 2: 8.008 4.004, 3: 12.012 4.004, 4: 16.016 0.501…");
  cutter_assert_segments(
      &c, MG_MEDIA_AUDIO,
      "0: 0.000 4.011, 1: 4.011 3.989, 2: 8.000 4.011, 3: 12.011 4.011, 4: 16.021 0.491…");
  cutter_clear(&c);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/cuts/" name, function)
  T("key-frames-each-second", test_key_frames_each_second);
  T("key-frames-each-two-seconds", test_key_frames_each_two_seconds);
  T("key-frames-each-three-seconds", test_key_frames_each_three_seconds);
  T("key-frames-too-rare", test_key_frames_too_rare);
  T("other-targets", test_other_targets);
  T("a-target-that-is-no-whole-second", test_a_target_that_is_no_whole_second);
  T("part-is-no-longer-than-a-segment", test_part_is_no_longer_than_a_segment);
  T("chunks-are-no-longer-than-a-part", test_chunks_are_no_longer_than_a_part);
  T("audio-at-48-khz", test_audio_at_48_khz);
  T("audio-at-44-khz", test_audio_at_44_khz);
  T("he-aac", test_he_aac);
  T("ntsc", test_ntsc);
#undef T
  return g_test_run();
}
