#include "window/estimate.h"

static const MgStreamInfo video = { .media = MG_MEDIA_VIDEO };
static const MgStreamInfo audio = { .media = MG_MEDIA_AUDIO };

/* SECONDS at KBIT_S, with FRAMES, for a target duration of 4 s. */
static void
add(MgEstimate *e, const MgStreamInfo *info, gdouble seconds, guint kbit_s, guint frames)
{
  const MgMeasured segment = {
    .bytes = (guint64) (seconds * kbit_s * 1000 / 8),
    .duration = (MgTime) (seconds * MG_SECOND),
    .n_samples = frames,
    .target = 4 * MG_SECOND,
  };
  mg_estimate_add(e, info, segment);
}

static void
test_what_was_declared_counts_if_it_is_credible(void)
{
  MgEstimate e = { 0 };
  const MgStreamInfo info = { .media = MG_MEDIA_VIDEO, .bitrate = 2000000 };
  add(&e, &info, 4, 1500, 100);
  g_assert_cmpuint(e.bandwidth, ==, 2638000); /* (2000 kb/s + 5 % + 10 kb/s) + 25 % */
}

static void
test_a_rate_far_above_the_measured_is_not_credible(void)
{
  MgEstimate e = { 0 };
  const MgStreamInfo info = { .media = MG_MEDIA_VIDEO, .bitrate = 50000000 };
  add(&e, &info, 4, 1000, 100);
  g_assert_cmpuint(e.bandwidth, ==, 1500000);
}

static void
test_a_rate_below_the_measured_is_not_credible(void)
{
  MgEstimate e = { 0 };
  const MgStreamInfo info = { .media = MG_MEDIA_VIDEO, .bitrate = 500000 };
  add(&e, &info, 4, 1000, 100);
  g_assert_cmpuint(e.bandwidth, ==, 1500000);
}

static void
test_it_stays_as_long_as_it_is_true(void)
{
  MgEstimate e = { 0 };
  add(&e, &video, 4, 1000, 100);
  add(&e, &video, 4, 1400, 100);
  add(&e, &video, 4, 200, 100);
  g_assert_cmpuint(e.bandwidth, ==, 1500000);
  add(&e, &video, 4, 1600, 100);
  g_assert_cmpuint(e.bandwidth, ==, 2000000);
}

/* RFC 8216bis, 4.4.6.2: half to one and a half target durations. */
static void
test_a_short_segment_alone_is_no_peak(void)
{
  MgEstimate e = { 0 };
  add(&e, &video, 4, 1000, 100);
  add(&e, &video, 0.5, 4000, 12);
  g_assert_cmpuint(e.peak, ==, 1333333); /* 6000 kbit over 4.5 s */
  g_assert_cmpuint(e.bandwidth, ==, 1500000);
}

static void
test_a_guess_from_a_short_segment_is_revised(void)
{
  MgEstimate e = { 0 };
  add(&e, &video, 0.5, 4000, 12);
  g_assert_cmpuint(e.bandwidth, ==, 6000000);
  add(&e, &video, 4, 1000, 100);
  g_assert_cmpuint(e.bandwidth, ==, 2000000); /* of 6000 kbit over 4.5 s */
  add(&e, &video, 4, 1000, 100);
  g_assert_cmpuint(e.bandwidth, ==, 2000000);
}

static void
test_the_average_is_never_above_the_peak(void)
{
  MgEstimate e = { 0 };
  add(&e, &video, 4, 1000, 100);
  add(&e, &video, 4, 500, 100);
  g_assert_cmpuint(mg_estimate_average(&e), ==, 750000);
  g_assert_cmpuint(mg_estimate_average(&e), <=, e.bandwidth);
}

static void
assert_rate(guint frames, gdouble seconds, MgFraction declared, guint num, guint den)
{
  MgEstimate e = { 0 };
  const MgStreamInfo info = { .media = MG_MEDIA_VIDEO, .frame_rate = declared };
  add(&e, &info, seconds, 1000, frames);
  g_assert_cmpuint(e.frame_rate.num, ==, num);
  g_assert_cmpuint(e.frame_rate.den, ==, den);
}

static void
test_a_usual_frame_rate_is_recognised(void)
{
  const MgFraction none = { 0 };
  assert_rate(100, 4.0, none, 25, 1);
  assert_rate(100, 4.001, none, 25, 1); /* stamps in milliseconds */
  assert_rate(120, 4.004, none, 30000, 1001);
  assert_rate(120, 4.0, none, 30, 1);
  assert_rate(96, 4.004, none, 24000, 1001);
  assert_rate(240, 4.004, none, 60000, 1001);
  assert_rate(200, 4.0, none, 50, 1);
}

static void
test_what_is_really_there_beats_what_was_declared(void)
{
  assert_rate(120, 4.004, (MgFraction){ 30, 1 }, 30000, 1001);
  assert_rate(100, 4.0, (MgFraction){ 30, 1 }, 25, 1);
}

static void
test_a_declared_rate_counts_where_frames_are_missing(void)
{
  assert_rate(116, 4.0, (MgFraction){ 30, 1 }, 30, 1);
}

static void
test_a_rate_that_varies_is_not_known(void)
{
  assert_rate(91, 4.0, (MgFraction){ 0 }, 0, 0);
  assert_rate(91, 4.0, (MgFraction){ 60, 1 }, 0, 0);
  assert_rate(5, 0.2, (MgFraction){ 25, 1 }, 0, 0); /* too few to tell */
}

static void
test_audio_has_no_frame_rate(void)
{
  MgEstimate e = { 0 };
  add(&e, &audio, 4, 128, 100);
  g_assert_cmpuint(e.frame_rate.num, ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/window/estimate/" name, function)
  T("what-was-declared-counts-if-it-is-credible", test_what_was_declared_counts_if_it_is_credible);
  T("a-rate-far-above-the-measured-is-not-credible",
    test_a_rate_far_above_the_measured_is_not_credible);
  T("a-rate-below-the-measured-is-not-credible", test_a_rate_below_the_measured_is_not_credible);
  T("it-stays-as-long-as-it-is-true", test_it_stays_as_long_as_it_is_true);
  T("a-short-segment-alone-is-no-peak", test_a_short_segment_alone_is_no_peak);
  T("a-guess-from-a-short-segment-is-revised", test_a_guess_from_a_short_segment_is_revised);
  T("the-average-is-never-above-the-peak", test_the_average_is_never_above_the_peak);
  T("a-usual-frame-rate-is-recognised", test_a_usual_frame_rate_is_recognised);
  T("what-is-really-there-beats-what-was-declared",
    test_what_is_really_there_beats_what_was_declared);
  T("a-declared-rate-counts-where-frames-are-missing",
    test_a_declared_rate_counts_where_frames_are_missing);
  T("a-rate-that-varies-is-not-known", test_a_rate_that_varies_is_not_known);
  T("audio-has-no-frame-rate", test_audio_has_no_frame_rate);
#undef T
  return g_test_run();
}
