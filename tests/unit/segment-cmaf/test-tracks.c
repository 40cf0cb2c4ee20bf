#include "cutter.h"

#include <mediagraph/mediagraph.h>

/* --- one track --------------------------------------------------------------------------------- */

static void
test_video_alone_starts_at_once(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model.rate = 0;
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 0.960…");
  cutter_clear(&c);
}

static void
test_audio_alone_starts_after_two_seconds(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.has_no_video = TRUE;
  cutter_run(&c, 2);
  g_assert_cmpuint(c.audio_chunks->len, ==, 0);
  cutter_run(&c, 9);
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 3.968, 1: 3.968 3.968, 2: 7.936 0.981…");
  cutter_clear(&c);
}

static void
test_video_that_never_comes_is_not_waited_for(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_skip_video(&c, 1000);
  cutter_run(&c, 9);
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 3.968, 1: 3.968 2.944…");
  cutter_clear(&c);
}

/* --- tracks that come -------------------------------------------------------------------------- */

static void
test_audio_that_is_added_begins_with_a_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model.rate = 0;
  cutter_run(&c, 5.3);
  c.audio_model.rate = 48000;
  cutter_skip_audio(&c, 5.3);
  cutter_run(&c, 11);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 2.000, 2!: 6.000 4.000, 3: 10.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "2!: 6.016 3.989, 3: 10.005 0.939…");
  cutter_clear(&c);
}

static void
test_video_that_is_added_begins_with_a_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.has_no_video = TRUE;
  cutter_run(&c, 5.3);
  c.has_no_video = FALSE;
  cutter_skip_video(&c, 5.3);
  cutter_run(&c, 11);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "2!: 6.000 4.000, 3: 10.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 3.968, 1: 3.968 2.032, 2!: 6.016 3.989, 3: 10.005 0.491…");
  g_assert_cmpuint(mg_harness_counter(c.harness, "discontinuities"), ==, 1);
  cutter_clear(&c);
}

/* Until then it takes no part: its frames cut nothing. */
static void
test_video_that_is_added_waits_for_its_key_frame(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.has_no_video = TRUE;
  c.video_model.gop = 225;
  cutter_run(&c, 6);
  c.has_no_video = FALSE;
  cutter_run(&c, 14);
  cutter_drain(&c);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "3!: 9.000 4.400, 4~: 13.400 0.600");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 3.968, 1: 3.968 3.968, 2: 7.936 1.064, 3!: 9.003 4.395, "
                         "4: 13.397 0.619");
  cutter_clear(&c);
}

static void
test_audio_half_a_second_late_is_stretched(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model.begin = 500 * MG_MILLISECOND;
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 3.999, 1: 3.999 0.491…");
  cutter_clear(&c);
}

static void
test_audio_that_is_later_begins_with_the_next_segment(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.audio_model.begin = 1500 * MG_MILLISECOND;
  cutter_run(&c, 9);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "1: 4.017 3.989, 2: 8.007 0.491…");
  cutter_clear(&c);
}

static void
test_audio_that_is_minutes_late_begins_with_the_next_segment(void)
{
  Cutter c;
  cutter_init(&c, "segment='1s'");
  cutter_skip_audio(&c, 120.5);
  cutter_run(&c, 122.7);
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "120: 120.000 1.003, 121: 121.003 1.003, 122: 122.005 0.491…");
  g_assert_cmpuint(mg_harness_counter(c.harness, "discontinuities"), ==, 0);
  cutter_clear(&c);
}

/* --- tracks that stop -------------------------------------------------------------------------- */

static void
test_audio_that_stops_fills_its_segment(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 6);
  cutter_skip_audio(&c, 13);
  cutter_run(&c, 21);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 4.000, 3: 12.000 2.000, "
                         "4!: 14.000 4.000, 5: 18.000 2.880…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 4.011, 1: 4.011 3.989, 4!: 14.016 3.989, 5: 18.005 2.944…");
  cutter_clear(&c);
}

static void
test_video_that_stops_leaves_audio_alone(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 6);
  cutter_skip_video(&c, 15.3);
  cutter_run(&c, 21);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 3.957, 4!: 16.000 4.000, 5: 20.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 4.011, 1: 4.011 3.947, 2: 7.957 3.968, 3: 11.925 4.075, "
                         "4!: 16.000 4.011, 5: 20.011 0.491…");
  cutter_clear(&c);
}

static void
test_both_that_stop_begin_anew(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 6);
  cutter_skip(&c, 8.5);
  cutter_run(&c, 11);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 2.000, 2!: 9.000 1.920…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 2.005, 2!: 9.003 1.472…");
  cutter_clear(&c);
}

/* So long that no segment could bridge it, with a key frame behind it. */
static void
test_a_long_silence_is_one_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 6);
  cutter_skip(&c, 14);
  cutter_run(&c, 20);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 2.000, 2!: 14.000 4.000, 3: 18.000 1.920…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 4.011, 1: 4.011 2.005, 2!: 14.016 3.989, 3: 18.005 1.472…");
  cutter_clear(&c);
}

static void
test_video_that_ends_leaves_audio_alone(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 6);
  mg_harness_end(c.harness, g_steal_pointer(&c.video));
  c.has_no_video = TRUE;
  cutter_run(&c, 12);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 2.000");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 3.947, 2: 7.957 3.968");
  cutter_clear(&c);
}

static void
test_the_end_sends_everything(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5);
  cutter_drain(&c);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 1.000");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 1.003");
  cutter_clear(&c);
}

/* The video waits for a key frame as long as it may; audio is ahead of it. */
static void
test_a_pause_makes_no_segment_too_long(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model.gop = 1000;
  cutter_run(&c, 4.3);
  cutter_skip_video(&c, 5);
  cutter_run(&c, 4.9);
  cutter_reconnect(&c, 1);
  cutter_run(&c, 8);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.320, 1!: 5.886 1.920…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.395, 1!: 5.886 1.963…");
  cutter_clear(&c);
}

/* --- new parameters ---------------------------------------------------------------------------- */

static MgData *
init_of(GPtrArray *chunks, guint n)
{
  return mg_stream_info(((MgBuffer *) g_ptr_array_index(chunks, n))->stream)->init;
}

static void
change_video(Cutter *c, gboolean is_small)
{
  g_autoptr(GError) error = NULL;
  mg_stream_unref(c->video_stream);
  c->video_stream = encoder_video(is_small);
  mg_harness_stream(c->harness, c->video_stream, &error);
  g_assert_no_error(error);
}

static void
test_new_video_parameters_are_a_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5);
  change_video(&c, TRUE);
  cutter_run(&c, 10);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 1.000, 2!: 5.000 4.000, 3: 9.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO,
                         "0: 0.000 4.011, 1: 4.011 0.989, 2!: 5.013 3.989, 3: 9.003 0.491…");
  g_assert_true(init_of(c.video_chunks, 0) != init_of(c.video_chunks, c.video_chunks->len - 1));
  g_assert_true(init_of(c.audio_chunks, 0) == init_of(c.audio_chunks, c.audio_chunks->len - 1));
  g_assert_cmpstr(mg_stream_info(mg_harness_output(c.harness, "video"))->codecs, ==, "avc1.42C01E");
  cutter_clear(&c);
}

static void
test_the_same_parameters_keep_their_header(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5);
  change_video(&c, FALSE);
  cutter_run(&c, 9);
  g_assert_true(init_of(c.video_chunks, 0) == init_of(c.video_chunks, c.video_chunks->len - 1));
  cutter_clear(&c);
}

static void
change_audio(Cutter *c, guint rate, gdouble at)
{
  g_autoptr(GError) error = NULL;
  mg_stream_unref(c->audio_stream);
  c->audio_model.rate = rate;
  c->next_audio = 0;
  cutter_skip_audio(c, at);
  c->audio_stream = encoder_audio(&c->audio_model);
  mg_harness_stream(c->harness, c->audio_stream, &error);
  g_assert_no_error(error);
}

static void
test_new_audio_parameters_wait_for_a_key_frame(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model.gop = 50;
  cutter_run(&c, 5);
  change_audio(&c, 44100, 5);
  cutter_run(&c, 9);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 2.000, 2!: 6.000 2.880…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 1.003, 2!: 6.014 2.926…");
  cutter_clear(&c);
}

static void
test_new_audio_parameters_wait_past_forced_cuts(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.video_model.gop = 300;
  cutter_run(&c, 5);
  change_audio(&c, 44100, 5);
  cutter_run(&c, 13);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.400, 1~: 4.400 4.400, 2~: 8.800 3.200, "
                         "3!: 12.000 0.960…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.395, 1: 4.395 4.406, 3!: 12.005 0.488…");
  cutter_clear(&c);
}

static MgStream *
broken_video(void)
{
  g_autoptr(MgData) nothing = mg_data_new_copy("x", 1);
  const MgStreamInfo info = { .size = sizeof info,
                              .id = "video",
                              .media = MG_MEDIA_VIDEO,
                              .form = MG_FORM_PACKET,
                              .codec = MG_CODEC_H264,
                              .config = nothing };
  return mg_stream_new(&info);
}

static void
test_refused_parameters_end_the_segment(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5);
  g_autoptr(GError) error = NULL;
  mg_stream_unref(c.video_stream);
  c.video_stream = broken_video();
  g_assert_null(mg_harness_stream(c.harness, c.video_stream, &error));
  g_assert_nonnull(error);
  g_assert_true(g_str_has_prefix(error->message, "track 'video' (H.264): "));
  cutter_skip_video(&c, 1000);
  cutter_run(&c, 10);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 1.000");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 3.947, 2: 7.957 0.981…");
  cutter_clear(&c);
}

/* --- what is not taken --------------------------------------------------------------------------- */

static void
assert_refuses(MgCodec codec, const char *config, const char *sentence)
{
  Cutter c;
  cutter_init(&c, NULL);
  g_autoptr(MgData) data = config ? mg_data_new_copy(config, 1) : NULL;
  const MgStreamInfo info = { .size = sizeof info,
                              .id = "main",
                              .media = MG_MEDIA_AUDIO,
                              .form = MG_FORM_PACKET,
                              .codec = codec,
                              .config = data };
  g_autoptr(GError) error = NULL;
  c.audio_stream = mg_stream_new(&info);
  g_assert_null(mg_harness_stream(c.harness, c.audio_stream, &error));
  g_assert_cmpstr(error->message, ==, sentence);
  g_clear_pointer(&data, mg_data_unref);
  cutter_clear(&c);
}

static void
test_what_it_cannot_carry_is_refused(void)
{
  assert_refuses(MG_FOURCC('s', 'p', 'e', 'x'), "x",
                 "track 'main' (spex): its codec is not one that is known here");
  assert_refuses(MG_CODEC_OPUS, "x",
                 "track 'main' (Opus): Opus configuration is not an identification header");
  assert_refuses(MG_CODEC_AAC, NULL, "track 'main' (AAC): it came without a decoder configuration");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/tracks/" name, function)
  T("video-alone-starts-at-once", test_video_alone_starts_at_once);
  T("audio-alone-starts-after-two-seconds", test_audio_alone_starts_after_two_seconds);
  T("video-that-never-comes-is-not-waited-for", test_video_that_never_comes_is_not_waited_for);
  T("audio-that-is-added-begins-with-a-discontinuity",
    test_audio_that_is_added_begins_with_a_discontinuity);
  T("video-that-is-added-begins-with-a-discontinuity",
    test_video_that_is_added_begins_with_a_discontinuity);
  T("video-that-is-added-waits-for-its-key-frame",
    test_video_that_is_added_waits_for_its_key_frame);
  T("audio-half-a-second-late-is-stretched", test_audio_half_a_second_late_is_stretched);
  T("audio-that-is-later-begins-with-the-next-segment",
    test_audio_that_is_later_begins_with_the_next_segment);
  T("audio-that-is-minutes-late-begins-with-the-next-segment",
    test_audio_that_is_minutes_late_begins_with_the_next_segment);
  T("audio-that-stops-fills-its-segment", test_audio_that_stops_fills_its_segment);
  T("video-that-stops-leaves-audio-alone", test_video_that_stops_leaves_audio_alone);
  T("both-that-stop-begin-anew", test_both_that_stop_begin_anew);
  T("a-long-silence-is-one-discontinuity", test_a_long_silence_is_one_discontinuity);
  T("video-that-ends-leaves-audio-alone", test_video_that_ends_leaves_audio_alone);
  T("the-end-sends-everything", test_the_end_sends_everything);
  T("a-pause-makes-no-segment-too-long", test_a_pause_makes_no_segment_too_long);
  T("new-video-parameters-are-a-discontinuity", test_new_video_parameters_are_a_discontinuity);
  T("the-same-parameters-keep-their-header", test_the_same_parameters_keep_their_header);
  T("new-audio-parameters-wait-for-a-key-frame", test_new_audio_parameters_wait_for_a_key_frame);
  T("new-audio-parameters-wait-past-forced-cuts", test_new_audio_parameters_wait_past_forced_cuts);
  T("refused-parameters-end-the-segment", test_refused_parameters_end_the_segment);
  T("what-it-cannot-carry-is-refused", test_what_it_cannot_carry_is_refused);
#undef T
  return g_test_run();
}
