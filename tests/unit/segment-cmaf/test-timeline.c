#include "cutter.h"

#include "segment-cmaf/journal.h"

/* Where a harness's clock starts. */
#define FIRST_UTC_US (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC)

static const MgChunk *
newest(Cutter *c)
{
  g_assert_cmpuint(c->video_chunks->len, >, 0);
  return ((MgBuffer *) g_ptr_array_index(c->video_chunks, c->video_chunks->len - 1))->chunk;
}

static gdouble
seconds(gint64 ticks)
{
  return (gdouble) ticks / 90000;
}

/* --- the map to UTC ---------------------------------------------------------------------------- */

static void
test_it_begins_now(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 1);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 0.960…");
  g_assert_cmpint(newest(&c)->epoch_utc_us, ==, FIRST_UTC_US);
  g_assert_cmpuint(newest(&c)->discontinuity, ==, 0);
  cutter_clear(&c);
}

/* DASH writes it in milliseconds, and HLS must agree with DASH. */
static void
test_the_epoch_is_a_whole_millisecond(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  mg_harness_advance(c.harness, 123456789);
  cutter_restart(&c); /* no journal was written: the epoch is taken anew */
  cutter_run(&c, 1);
  g_assert_cmpint(newest(&c)->epoch_utc_us, ==, FIRST_UTC_US + 123000);
  cutter_clear(&c);
}

/* An encoder whose clock starts at an hour, as cameras do. */
static void
test_the_encoder_may_count_from_anywhere(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.clock = 3600 * MG_SECOND;
  c.video_model.begin = c.audio_model.begin = 3600 * MG_SECOND;
  cutter_run(&c, 3605);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 0.960…");
  cutter_clear(&c);
}

/* --- publishers come and go ---------------------------------------------------------------------- */

static void
test_a_reconnect_goes_on_behind_a_discontinuity(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5.5);
  cutter_reconnect(&c, 2);
  cutter_run(&c, 12);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 1.520, 2!: 7.483 4.000, 3: 11.483 0.480…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "0: 0.000 4.011, 1: 4.011 1.493, 2!: 7.483 4.011");
  g_assert_cmpuint(newest(&c)->discontinuity, ==, 1);
  g_assert_cmpfloat(seconds(newest(&c)->period_start), ==, 7.483);
  g_assert_cmpuint(mg_harness_counter(c.harness, "discontinuities"), ==, 1);
  cutter_clear(&c);
}

/* The new publisher replaces the old one at once: nothing may overlap. */
static void
test_a_reconnect_at_once_does_not_overlap(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5.5);
  cutter_reconnect(&c, 0);
  cutter_run(&c, 8);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 4.000, 1: 4.000 1.520, 2!: 5.520 2.400…");
  cutter_clear(&c);
}

/* What is late by more than a second is moved up to the clock when it may jump anyway. */
static void
test_a_discontinuity_catches_up_with_the_clock(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 3);
  mg_harness_advance(c.harness, 10 * MG_SECOND); /* and the encoder's time stood still */
  c.discont = MG_MEDIA_ANY;
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 3.000, 1!: 13.000 1.920…");
  cutter_clear(&c);
}

static void
test_a_discontinuity_near_the_clock_moves_nothing(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 3);
  mg_harness_advance(c.harness, 900 * MG_MILLISECOND);
  c.discont = MG_MEDIA_ANY;
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "0: 0.000 3.000, 1!: 3.000 1.920…");
  cutter_clear(&c);
}

/* Twenty minutes of a clock that is off by so much, and how far media is from UTC then, in seconds. */
static gdouble
drift_by(gint ppm)
{
  Cutter c;
  cutter_init(&c, NULL);
  c.drift_ppm = ppm;
  cutter_run(&c, 1200);
  const MgBuffer *last = g_ptr_array_index(c.video_chunks, c.video_chunks->len - 1);
  gint64 end_ticks = last->chunk->start + last->chunk->duration;
  gdouble now = (gdouble) (mg_utc_now_us() - FIRST_UTC_US) / G_USEC_PER_SEC;
  gdouble lag = now - seconds(end_ticks);
  g_assert_cmpuint(mg_harness_counter(c.harness, "discontinuities"), ==, 0);
  cutter_clear(&c);
  return lag;
}

/* The newest chunk ends up to half a second before now, in any case. */
static void
test_a_slow_encoder_is_kept_near_the_clock(void)
{
  gdouble lag = drift_by(400); /* 480 ms, unheeded */
  g_assert_cmpfloat(lag, >, 0.2);
  g_assert_cmpfloat(lag, <, 0.2 + 0.5 + 0.01);
  g_assert_cmpfloat(lag - drift_by(0), <, 0.21);
}

static void
test_a_fast_encoder_is_kept_near_the_clock(void)
{
  gdouble lead = drift_by(0) - drift_by(-400); /* 480 ms, unheeded */
  g_assert_cmpfloat(lead, >, 0);
  g_assert_cmpfloat(lead, <, 0.005);
}

/* How far the end of what is published is from now, in seconds: at most and at least, over a day. */
typedef struct {
  gdouble most, least;
} Lag;

/* But for the one under way: a day's would be looked at again and again. */
static void
forget_segments(Cutter *c)
{
  guint n = c->video_chunks->len - newest(c)->part - 1;
  g_ptr_array_remove_range(c->video_chunks, 0, n);
}

static Lag
lag_of_a_day(gint ppm)
{
  enum { HOUR = 3600 };
  Lag lag = { -G_MAXDOUBLE, G_MAXDOUBLE };
  Cutter c;
  cutter_init(&c, NULL);
  c.drift_ppm = ppm;
  c.audio_model.rate = 0;
  c.video_model = (VideoModel){ .fps_num = 1, .fps_den = 1, .gop = 2 };
  for (guint hour = 1; hour <= 24; hour++) {
    cutter_run(&c, hour * HOUR);
    const MgChunk *chunk = newest(&c);
    gdouble now = (gdouble) (mg_utc_now_us() - chunk->epoch_utc_us) / G_USEC_PER_SEC;
    gdouble behind = now - seconds(chunk->start + chunk->duration);
    lag = (Lag){ MAX(lag.most, behind), MIN(lag.least, behind) };
    g_assert_cmpint(chunk->epoch_utc_us, ==, FIRST_UTC_US);
    g_assert_cmpuint(chunk->segment, ==, hour * HOUR / 4 - 1);
    forget_segments(&c);
  }
  g_assert_cmpuint(mg_harness_counter(c.harness, "discontinuities"), ==, 0);
  cutter_clear(&c);
  return lag;
}

/*
 * An encoder's clock is off by as much as clocks are; unheeded, that would be 8.6 seconds. A chunk ends where
 * the frame begins that comes just now, if clocks are right.
 */
static void
test_a_day_of_a_slow_encoder(void)
{
  Lag lag = lag_of_a_day(100);
  g_assert_cmpfloat(lag.least, >=, 0);
  g_assert_cmpfloat(lag.most, <, 0.205);
}

/* Nothing is dated in the future: what is published began long before. */
static void
test_a_day_of_a_fast_encoder(void)
{
  Lag lag = lag_of_a_day(-100);
  g_assert_cmpfloat(lag.least, >=, -0.003);
  g_assert_cmpfloat(lag.most, <=, 0.001);
}

/* The host's clock is set while a stream runs: what players are told stays true to itself. */
static void
test_a_clock_that_is_set_changes_nothing_while_it_runs(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5.5);
  gint64 before_us = mg_utc_steady_us();
  mg_harness_step_utc(c.harness, (gint64) 3600 * G_USEC_PER_SEC);
  g_assert_cmpint(mg_utc_steady_us(), ==, before_us);
  cutter_run(&c, 9);
  cutter_reconnect(&c, 1);
  cutter_run(&c, 13);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 1.000, 3!: 9.982 2.880…");
  mg_harness_step_utc(c.harness, (gint64) -7200 * G_USEC_PER_SEC);
  cutter_run(&c, 15);
  gint64 end_us = newest(&c)->epoch_utc_us +
                  (gint64) (seconds(newest(&c)->start + newest(&c)->duration) * G_USEC_PER_SEC);
  g_assert_cmpint(mg_utc_steady_us() - end_us, >=, 0);
  g_assert_cmpint(mg_utc_steady_us() - end_us, <, G_USEC_PER_SEC);
  cutter_clear(&c);
}

/* --- restarts ---------------------------------------------------------------------------------- */

static void
test_a_restart_goes_on_with_numbers_and_time(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 9.5);
  g_ptr_array_set_size(c.video_chunks, 0);
  g_ptr_array_set_size(c.audio_chunks, 0);
  mg_harness_advance(c.harness, 30 * MG_SECOND);
  c.clock += 30 * MG_SECOND;
  cutter_restart(&c);
  cutter_run(&c, 45);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "3!: 39.494 4.000, 4: 43.494 1.440…");
  cutter_assert_segments(&c, MG_MEDIA_AUDIO, "3!: 39.494 4.011, 4: 43.505 0.981…");
  g_assert_cmpint(newest(&c)->epoch_utc_us, ==, FIRST_UTC_US);
  g_assert_cmpuint(newest(&c)->discontinuity, ==, 1);
  cutter_clear(&c);
}

static void
test_a_clock_set_back_does_not_set_media_back(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 9.5);
  mg_harness_step_utc(c.harness, (gint64) -3600 * G_USEC_PER_SEC);
  cutter_restart(&c);
  cutter_run(&c, 12);
  /* Audio had been sent up to 9.472. */
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 1.440…, 3!: 9.472 2.400…");
  cutter_clear(&c);
}

static void
test_a_clock_set_forward_leaves_a_gap(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 9.5);
  mg_harness_step_utc(c.harness, (gint64) 3600 * G_USEC_PER_SEC);
  cutter_restart(&c);
  cutter_run(&c, 12);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "0: 0.000 4.000, 1: 4.000 4.000, 2: 8.000 1.440…, 3!: 3609.494 2.400…");
  cutter_clear(&c);
}

/* Between two records: the number of a segment that was begun and never sent is not used again. */
static void
test_a_number_is_used_once(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 0.1); /* begun, and nothing has been sent */
  g_assert_cmpuint(c.video_chunks->len, ==, 0);
  cutter_restart(&c);
  cutter_run(&c, 1);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO, "1: 0.086 0.480…");
  cutter_clear(&c);
}

/* Without a state folder the clock counts: seconds since 1970. */
static void
test_without_state_numbers_come_from_the_clock(void)
{
  Cutter c;
  cutter_init_without_state(&c, NULL);
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "1767225600: 1767225600.000 4.000, 1767225601: 1767225604.000 0.960…");
  g_assert_cmpint(newest(&c)->epoch_utc_us, ==, 0);
  mg_harness_advance(c.harness, 10 * MG_SECOND);
  c.clock += 10 * MG_SECOND;
  cutter_restart(&c);
  cutter_run(&c, 16);
  cutter_assert_segments(
      &c, MG_MEDIA_VIDEO,
      "1767225600: 1767225600.000 4.000, 1767225601: 1767225604.000 0.960…, 1767225614!: 1767225614.992 0.960…");
  cutter_clear(&c);
}

static void
test_a_journal_of_another_is_left_alone(void)
{
  Cutter c;
  g_autoptr(GError) error = NULL;
  const JournalRecord record = { .epoch_utc_us = 1, .next_segment = 7 };
  char *state_dir = g_dir_make_tmp("mediagraph-segment-XXXXXX", NULL);
  Journal *journal = journal_open(state_dir, "segment-cmaf.journal", &error);
  g_assert_no_error(error);
  journal_write(journal, &record);
  cutter_init_with_state(&c, state_dir, NULL);
  cutter_run(&c, 5);
  cutter_assert_segments(&c, MG_MEDIA_VIDEO,
                         "1767225600: 1767225600.000 4.000, 1767225601: 1767225604.000 0.960…");
  journal_close(journal);
  journal = journal_open(state_dir, "segment-cmaf.journal", &error);
  g_assert_no_error(error);
  g_assert_cmpuint(journal_read(journal).next_segment, ==, 7);
  journal_close(journal);
  cutter_clear(&c);
}

/* Two nodes of one stream must not share one. */
static void
test_the_journal_is_named_after_the_node(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 1);
  g_autofree char *journal = g_build_filename(c.state_dir, "segment-cmaf.journal", NULL);
  g_assert_true(g_file_test(journal, G_FILE_TEST_EXISTS));
  cutter_clear(&c);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/timeline/" name, function)
  T("it-begins-now", test_it_begins_now);
  T("the-epoch-is-a-whole-millisecond", test_the_epoch_is_a_whole_millisecond);
  T("the-encoder-may-count-from-anywhere", test_the_encoder_may_count_from_anywhere);
  T("a-reconnect-goes-on-behind-a-discontinuity", test_a_reconnect_goes_on_behind_a_discontinuity);
  T("a-reconnect-at-once-does-not-overlap", test_a_reconnect_at_once_does_not_overlap);
  T("a-discontinuity-catches-up-with-the-clock", test_a_discontinuity_catches_up_with_the_clock);
  T("a-discontinuity-near-the-clock-moves-nothing",
    test_a_discontinuity_near_the_clock_moves_nothing);
  T("a-slow-encoder-is-kept-near-the-clock", test_a_slow_encoder_is_kept_near_the_clock);
  T("a-fast-encoder-is-kept-near-the-clock", test_a_fast_encoder_is_kept_near_the_clock);
  T("a-day-of-a-slow-encoder", test_a_day_of_a_slow_encoder);
  T("a-day-of-a-fast-encoder", test_a_day_of_a_fast_encoder);
  T("a-clock-that-is-set-changes-nothing-while-it-runs",
    test_a_clock_that_is_set_changes_nothing_while_it_runs);
  T("a-restart-goes-on-with-numbers-and-time", test_a_restart_goes_on_with_numbers_and_time);
  T("a-clock-set-back-does-not-set-media-back", test_a_clock_set_back_does_not_set_media_back);
  T("a-clock-set-forward-leaves-a-gap", test_a_clock_set_forward_leaves_a_gap);
  T("a-number-is-used-once", test_a_number_is_used_once);
  T("without-state-numbers-come-from-the-clock", test_without_state_numbers_come_from_the_clock);
  T("a-journal-of-another-is-left-alone", test_a_journal_of_another_is_left_alone);
  T("the-journal-is-named-after-the-node", test_the_journal_is_named_after_the_node);
#undef T
  return g_test_run();
}
