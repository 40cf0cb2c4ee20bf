#include "timeline/clean.h"
#include "timeline/unwrap.h"

/*
 * A publication of one video track (40 ms) and one audio track (20 ms), whose clocks the tests bend.
 * The encoder's clocks are in milliseconds, what comes out in nanoseconds.
 */
typedef struct {
  MgTimeline *t;
  guint video, audio;
  gint64 now_ms; /* arrival */
} Fixture;

#define MS   G_GINT64_CONSTANT(1000000)
#define HOUR (3600 * G_GINT64_CONSTANT(1000))
#define TICK MG_TIMELINE_TICK_NS

static void
begin(Fixture *f, gconstpointer unused)
{
  f->t = mg_timeline_new(0);
  f->video = (guint) mg_timeline_add_track(f->t, MG_TIMELINE_VIDEO);
  f->audio = (guint) mg_timeline_add_track(f->t, MG_TIMELINE_AUDIO);
  f->now_ms = 0;
}

static void
end(Fixture *f, gconstpointer unused)
{
  mg_timeline_free(f->t);
}

static MgCleanTime
put(Fixture *f, guint track, gint64 dts_ms, gint64 cts_ms)
{
  MgDirtyTime in = { dts_ms * MS, cts_ms * MS, f->now_ms * MS };
  return mg_timeline_clean(f->t, track, in);
}

static gint64
dts_of(Fixture *f, guint track, gint64 dts_ms)
{
  MgCleanTime out = put(f, track, dts_ms, 0);
  g_assert_false(out.is_dropped);
  g_assert_false(out.is_discontinuity);
  return out.dts_ns;
}

/* Runs both tracks for a while, in step with real time; the next units are due at the end. */
static void
run(Fixture *f, gint64 video_ms, gint64 audio_ms, gint64 for_ms)
{
  for (gint64 ms = 0; ms < for_ms; ms += 20, f->now_ms += 20) {
    if (ms % 40 == 0)
      g_assert_false(put(f, f->video, video_ms + ms, 0).is_dropped);
    g_assert_false(put(f, f->audio, audio_ms + ms, 0).is_dropped);
  }
}

static const MgTimelineRepairs *
repairs(Fixture *f)
{
  return mg_timeline_repairs(f->t);
}

static void
test_starts_at_zero(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(dts_of(f, f->video, 7 * HOUR), ==, 0);
  g_assert_cmpint(dts_of(f, f->audio, 7 * HOUR + 13), ==, 13 * MS);
  g_assert_cmpint(dts_of(f, f->video, 7 * HOUR + 33), ==, 33 * MS);
  MgCleanTime out = put(f, f->video, 7 * HOUR + 67, 80);
  g_assert_cmpint(out.dts_ns, ==, 67 * MS);
  g_assert_cmpint(out.pts_ns, ==, 147 * MS);
  g_assert_cmpuint(out.epoch, ==, 0);
  g_assert_cmpuint(repairs(f)->moved + repairs(f)->discontinuities, ==, 0);
}

static void
test_nothing_before_the_base(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(dts_of(f, f->audio, 2000), ==, 0);
  g_assert_cmpint(dts_of(f, f->video, 1500), ==, 0);
  g_assert_cmpint(dts_of(f, f->video, 2040), ==, 40 * MS);
  g_assert_cmpuint(repairs(f)->moved, ==, 1);

  guint second = (guint) mg_timeline_add_track(f->t, MG_TIMELINE_AUDIO);
  g_assert_true(put(f, second, 1999, 0).is_dropped);
  g_assert_cmpint(dts_of(f, second, 2010), ==, 10 * MS);
  g_assert_cmpuint(repairs(f)->dropped_late, ==, 1);
}

static void
test_equal_dts_rises(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(dts_of(f, f->video, 100), ==, 0);
  g_assert_cmpint(dts_of(f, f->video, 100), ==, TICK);
  g_assert_cmpint(dts_of(f, f->video, 100), ==, 2 * TICK);
  g_assert_cmpint(dts_of(f, f->video, 140), ==, 40 * MS);
  g_assert_cmpuint(repairs(f)->moved, ==, 2);
}

static void
test_small_step_back_is_caught_up(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  for (gint64 i = 0; i < 25; i++)
    g_assert_cmpint(dts_of(f, f->video, 960 + 40 * i), ==, 1960 * MS + (i + 1) * TICK);
  g_assert_cmpint(dts_of(f, f->video, 2000), ==, 2000 * MS);
  g_assert_cmpuint(repairs(f)->moved, ==, 25);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 0);
}

static void
test_moved_dts_keeps_its_pts(Fixture *f, gconstpointer unused)
{
  put(f, f->video, 0, 80);
  put(f, f->video, 40, 80);
  MgCleanTime out = put(f, f->video, 20, 120);
  g_assert_cmpint(out.dts_ns, ==, 40 * MS + TICK);
  g_assert_cmpint(out.pts_ns, ==, 140 * MS);
}

static void
test_long_step_back_is_a_discontinuity(Fixture *f, gconstpointer unused)
{
  run(f, 5000, 5000, 2000);
  MgCleanTime out = put(f, f->video, 6960 - 1001, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpuint(out.epoch, ==, 1);
  g_assert_cmpint(out.dts_ns, ==, 2020 * MS); /* one video frame after the newest audio at 1980 */
  g_assert_cmpint(dts_of(f, f->video, 6960 - 961), ==, 2060 * MS);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 1);
}

static void
test_ten_seconds_are_a_gap_and_more_a_jump(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(dts_of(f, f->video, 0), ==, 0);
  g_assert_cmpint(dts_of(f, f->video, 40), ==, 40 * MS);
  g_assert_cmpint(dts_of(f, f->video, 10040), ==, 10040 * MS);
  g_assert_cmpint(dts_of(f, f->video, 10080), ==, 10080 * MS);
  MgCleanTime out = put(f, f->video, 20081, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpint(out.dts_ns, ==, 10120 * MS);
}

/* Both tracks jump from 2 s to AT, audio five units before video, or the other way round. */
static void
jump_of_both(Fixture *f, gint64 audio_at, gint64 video_at, gboolean is_audio_first)
{
  run(f, 0, 0, 2000);
  guint first = is_audio_first ? f->audio : f->video;
  guint second = is_audio_first ? f->video : f->audio;
  gint64 first_at = is_audio_first ? audio_at : video_at;
  gint64 second_at = is_audio_first ? video_at : audio_at;

  MgCleanTime out = put(f, first, first_at, 0);
  g_assert_true(out.is_discontinuity);
  gint64 offset = out.dts_ns - first_at * MS;
  for (gint64 i = 1; i < 5; i++) {
    f->now_ms += 20;
    g_assert_cmpint(dts_of(f, first, first_at + 20 * i), ==, out.dts_ns + 20 * i * MS);
    g_assert_cmpint(dts_of(f, second, 2000 + 20 * i), ==, (2000 + 20 * i) * MS);
  }
  MgCleanTime other = put(f, second, second_at + 100, 0);
  g_assert_true(other.is_discontinuity);
  g_assert_cmpuint(other.epoch, ==, 1);
  g_assert_cmpint(other.dts_ns, ==, (second_at + 100) * MS + offset);
  g_assert_cmpint(dts_of(f, second, second_at + 140), ==, (second_at + 140) * MS + offset);
  g_assert_cmpint(dts_of(f, first, first_at + 140), ==, (first_at + 140) * MS + offset);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 1);
}

static void
test_audio_jumps_and_video_follows(Fixture *f, gconstpointer unused)
{
  jump_of_both(f, HOUR, HOUR, TRUE);
}

static void
test_video_jumps_and_audio_follows(Fixture *f, gconstpointer unused)
{
  jump_of_both(f, HOUR, HOUR, FALSE);
}

static void
test_back_by_hours(Fixture *f, gconstpointer unused)
{
  jump_of_both(f, -7 * HOUR, -7 * HOUR, TRUE);
}

static void
test_back_by_two_seconds(Fixture *f, gconstpointer unused)
{
  jump_of_both(f, 0, 0, FALSE);
}

/* One track sees a little more than the limit, the other a little less, of the same jump. */
static void
test_uneven_jump_ahead(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  g_assert_cmpint(put(f, f->audio, 12001, 0).dts_ns, ==, 2000 * MS);
  MgCleanTime out = put(f, f->video, 11980, 0); /* 9.98 s beyond the newest */
  g_assert_cmpint(out.dts_ns, ==, 1979 * MS);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpuint(out.epoch, ==, 1);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 1);
}

static void
test_uneven_step_back(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 4000);
  dts_of(f, f->video, 3060);                           /* by 0.9 s from 3960 */
  g_assert_true(put(f, f->audio, 2930, 0).is_dropped); /* by 1.05 s from 3980 */
  for (gint64 ms = 0; ms < 1200; ms += 40, f->now_ms += 40) {
    put(f, f->video, 3100 + ms, 0);
    put(f, f->audio, 3100 + ms, 0);
  }
  g_assert_cmpint(dts_of(f, f->video, 4300), ==, 4300 * MS);
  g_assert_cmpint(dts_of(f, f->audio, 4300), ==, 4300 * MS);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 0);
}

static void
test_jump_of_one_track_alone(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  MgCleanTime out = put(f, f->audio, HOUR, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpint(out.dts_ns, ==, 2000 * MS);
  run(f, 2000, HOUR + 20, 20000);
  out = put(f, f->video, 22000, 0);
  g_assert_cmpint(out.dts_ns, ==, 22000 * MS);
  g_assert_cmpuint(out.epoch, ==, 0);
  g_assert_cmpint(dts_of(f, f->audio, HOUR + 20020), ==, 22020 * MS);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 1);

  /* The encoder repairs itself: the video follows later into the audio's time. */
  out = put(f, f->video, HOUR + 20040, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpuint(out.epoch, ==, 1);
  g_assert_cmpint(out.dts_ns, ==, 22040 * MS);
}

static void
test_single_wrong_unit(Fixture *f, gconstpointer unused)
{
  run(f, 9000, 9000, 2000);
  g_assert_true(put(f, f->video, 0, 0).is_discontinuity);
  f->now_ms += 40;
  MgCleanTime out = put(f, f->video, 11040, 0);
  g_assert_cmpint(out.dts_ns, ==, 2040 * MS);
  g_assert_cmpuint(out.epoch, ==, 2);
  out = put(f, f->audio, 11040, 0);
  g_assert_cmpint(out.dts_ns, ==, 2040 * MS);
  g_assert_cmpuint(out.epoch, ==, 2);
  run(f, 11080, 11060, 8000);
  g_assert_cmpint(dts_of(f, f->video, 19080), ==, 10080 * MS);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 2);
}

static void
test_two_jumps_in_a_row(Fixture *f, gconstpointer unused)
{
  run(f, 9000, 9000, 2000);
  g_assert_cmpint(put(f, f->video, 0, 0).dts_ns, ==, 2020 * MS);
  MgCleanTime out = put(f, f->video, 14000, 0); /* three seconds beyond where it had been */
  g_assert_cmpint(out.dts_ns, ==, 2060 * MS);
  g_assert_cmpuint(out.epoch, ==, 2);
}

static void
test_pause_after_a_jump(Fixture *f, gconstpointer unused)
{
  run(f, 9000, 9000, 2000);
  g_assert_cmpint(put(f, f->video, 8960, 0).dts_ns, ==, 2020 * MS);
  f->now_ms += 1500;
  g_assert_cmpint(dts_of(f, f->video, 10460), ==, 3520 * MS);
}

static void
test_small_steps_back_add_up(Fixture *f, gconstpointer unused)
{
  run(f, 20000, 20000, 2000);
  for (gint64 i = 1; i <= 11; i++)
    g_assert_cmpint(dts_of(f, f->video, 21960 - 900 * i), ==, 1960 * MS + i * TICK);
  MgCleanTime out = put(f, f->video, 21960 - 900 * 12, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpint(out.dts_ns, ==, 2020 * MS);
}

static void
test_audio_one_second_back(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  g_assert_cmpint(dts_of(f, f->audio, 980), ==, 1980 * MS + TICK);
  g_assert_cmpuint(repairs(f)->dropped_late, ==, 0);
}

static void
test_late_video(Fixture *f, gconstpointer unused)
{
  for (gint64 ms = 0; ms < 60000; ms += 20, f->now_ms += 20)
    g_assert_cmpint(dts_of(f, f->audio, 500 + ms), ==, ms * MS);
  g_assert_cmpint(dts_of(f, f->video, 60480), ==, 59980 * MS);
  g_assert_cmpint(dts_of(f, f->audio, 60500), ==, 60000 * MS);
}

static void
test_video_with_a_clock_of_its_own(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(dts_of(f, f->audio, 0), ==, 0);
  g_assert_cmpint(dts_of(f, f->audio, 20), ==, 20 * MS);
  MgCleanTime out = put(f, f->video, HOUR, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpint(out.dts_ns, ==, 60 * MS);
  g_assert_cmpint(dts_of(f, f->audio, 40), ==, 40 * MS);
  g_assert_cmpint(dts_of(f, f->video, HOUR + 40), ==, 100 * MS);
}

static void
test_pausing_video(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  for (gint64 ms = 2000; ms < 62000; ms += 20, f->now_ms += 20)
    g_assert_cmpint(dts_of(f, f->audio, ms), ==, ms * MS);
  g_assert_cmpint(dts_of(f, f->video, 62000), ==, 62000 * MS);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 0);
}

static void
test_skewed_audio_is_dropped(Fixture *f, gconstpointer unused)
{
  gint64 dropped = 0;
  MgCleanTime audio = { 0 };
  for (gint64 ms = 0; ms < 12000; ms += 40, f->now_ms += 40) {
    g_assert_cmpint(dts_of(f, f->video, 30000 + ms), ==, ms * MS);
    audio = put(f, f->audio, 15000 + ms, 0);
    dropped += audio.is_dropped;
  }
  /* Ten seconds of them; then the audio has got an epoch of its own. */
  g_assert_cmpint(dropped, ==, 251);
  g_assert_cmpuint(repairs(f)->dropped_skewed, ==, 251);
  g_assert_false(audio.is_dropped);
  g_assert_cmpuint(audio.epoch, ==, 1);
  g_assert_cmpint(audio.dts_ns, ==, 12000 * MS); /* one frame after the video at the time */
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 1);
}

static void
test_audio_that_runs_ahead_waits(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  dts_of(f, f->audio, 8000);
  dts_of(f, f->audio, 11960);
  for (gint64 ms = 0; ms < 9000; ms += 40, f->now_ms += 40) {
    g_assert_true(put(f, f->audio, 11961 + ms, 0).is_dropped);
    dts_of(f, f->video, 2000 + ms);
  }
  g_assert_cmpint(dts_of(f, f->audio, 20960), ==, 20960 * MS);
  g_assert_cmpuint(repairs(f)->dropped_skewed, ==, 225);
  g_assert_cmpuint(repairs(f)->discontinuities, ==, 0);
}

static void
test_audio_that_stays_ahead(Fixture *f, gconstpointer unused)
{
  run(f, 0, 0, 2000);
  dts_of(f, f->audio, 11960);
  for (gint64 ms = 0; ms < 10000; ms += 40, f->now_ms += 40) {
    g_assert_true(put(f, f->audio, 11961 + ms, 0).is_dropped);
    dts_of(f, f->video, 2000 + ms);
  }
  MgCleanTime out = put(f, f->audio, 21961, 0);
  g_assert_true(out.is_discontinuity);
  g_assert_cmpint(out.dts_ns, ==, 11980 * MS); /* one audio frame after its last and the video */
  g_assert_cmpint(dts_of(f, f->video, 12000), ==, 12000 * MS);
}

static void
test_wraps_are_invisible(Fixture *f, gconstpointer unused)
{
  const gint64 wraps[] = { 1 << 24, G_GINT64_CONSTANT(1) << 31, G_GINT64_CONSTANT(1) << 32 };
  for (guint i = 0; i < G_N_ELEMENTS(wraps); i++) {
    g_autoptr(MgTimeline) t = mg_timeline_new(0);
    gint track = mg_timeline_add_track(t, MG_TIMELINE_VIDEO);
    MgUnwrap u = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
    /* 2^24 goes on by the extended timestamp. */
    gint64 mask = i == 0 ? G_MAXUINT32 : wraps[i] - 1;
    for (gint64 ms = 0; ms < 4000; ms += 40) {
      gint64 raw = mg_unwrap_next(&u, (guint64) ((wraps[i] - 2000 + ms) & mask));
      MgCleanTime out = mg_timeline_clean(t, (guint) track, (MgDirtyTime){ raw * MS, 0, ms * MS });
      g_assert_cmpint(out.dts_ns, ==, ms * MS);
      g_assert_false(out.is_discontinuity);
    }
  }
}

static void
test_negative_composition(Fixture *f, gconstpointer unused)
{
  /* I P B B with B-frames that come after they are due. */
  const gint64 cts[] = { 0, 80, -40, -40, 0, 80, -40, -40, 0 };
  const gint64 pts[] = { 0, 120, 40, 80, 160, 280, 200, 240, 320 };
  for (guint i = 0; i < G_N_ELEMENTS(cts); i++) {
    MgCleanTime out = put(f, f->video, 40 * (gint64) i, cts[i]);
    g_assert_cmpint(out.pts_ns, >=, out.dts_ns);
    /* The first that is negative cannot be served: its DTS is already taken. */
    if (i == 2)
      g_assert_cmpint(out.pts_ns, ==, 40 * MS + TICK);
    else
      g_assert_cmpint(out.pts_ns, ==, pts[i] * MS);
    if (i > 3)
      g_assert_cmpint(out.dts_ns, ==, (40 * (gint64) i - 40) * MS);
  }
}

static void
test_composition_of_another_encoder(Fixture *f, gconstpointer unused)
{
  put(f, f->video, 0, 0);
  put(f, f->video, 40, -40);
  g_assert_cmpint(dts_of(f, f->video, 80), ==, 40 * MS);
  g_assert_cmpint(dts_of(f, f->video, 120), ==, 80 * MS);
  g_assert_cmpint(dts_of(f, f->video, 160), ==, 120 * MS);
  MgCleanTime out = put(f, f->video, HOUR, 0);
  g_assert_cmpint(out.dts_ns, ==, 160 * MS);
  g_assert_cmpint(out.pts_ns, ==, 160 * MS);
}

static void
test_absurd_composition(Fixture *f, gconstpointer unused)
{
  MgCleanTime out = put(f, f->video, 0, 8388607);
  g_assert_cmpint(out.pts_ns, ==, 0);
  out = put(f, f->video, 40, -1001);
  g_assert_cmpint(out.dts_ns, ==, 40 * MS);
  g_assert_cmpint(out.pts_ns, ==, 40 * MS);
  out = put(f, f->video, 80, 10000);
  g_assert_cmpint(out.pts_ns, ==, 10080 * MS);
  g_assert_cmpuint(repairs(f)->bad_composition, ==, 2);
}

static void
test_goes_on_in_an_old_session(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(mg_timeline_next(f->t), ==, 0);
  run(f, 0, 0, 2000);
  gint64 base = mg_timeline_next(f->t);
  g_assert_cmpint(base, ==, 2000 * MS);

  g_autoptr(MgTimeline) t = mg_timeline_new(base);
  guint video = (guint) mg_timeline_add_track(t, MG_TIMELINE_VIDEO);
  guint audio = (guint) mg_timeline_add_track(t, MG_TIMELINE_AUDIO);
  g_assert_cmpint(mg_timeline_next(t), ==, base);
  MgCleanTime out = mg_timeline_clean(t, video, (MgDirtyTime){ 77 * MS, 0, 0 });
  g_assert_cmpint(out.dts_ns, ==, base);
  g_assert_true(out.is_discontinuity);
  out = mg_timeline_clean(t, audio, (MgDirtyTime){ 80 * MS, 0, 0 });
  g_assert_cmpint(out.dts_ns, ==, base + 3 * MS);
  g_assert_true(out.is_discontinuity);
  out = mg_timeline_clean(t, audio, (MgDirtyTime){ 100 * MS, 0, 0 });
  g_assert_false(out.is_discontinuity);
}

static void
test_number_of_tracks(Fixture *f, gconstpointer unused)
{
  for (gint i = 2; i < MG_TIMELINE_MAX_TRACKS; i++)
    g_assert_cmpint(mg_timeline_add_track(f->t, MG_TIMELINE_AUDIO), ==, i);
  g_assert_cmpint(mg_timeline_add_track(f->t, MG_TIMELINE_AUDIO), ==, -1);
}

/* A step of the encoder's clock: mostly forward by a frame, sometimes anything. */
static gint64
random_step(void)
{
  const gint64 scales[] = { MS, 100 * MS, 1000 * MS, 11000 * MS, HOUR * MS, G_MAXINT64 / 4 };
  if (g_test_rand_int_range(0, 8) > 0)
    return 40 * MS;
  gint64 scale = scales[g_test_rand_int_range(0, G_N_ELEMENTS(scales))];
  return (gint64) (g_test_rand_double_range(-1, 1) * (gdouble) scale);
}

static void
test_promises_hold_for_any_input(Fixture *f, gconstpointer unused)
{
  guint tracks[] = { f->video, f->audio, (guint) mg_timeline_add_track(f->t, MG_TIMELINE_AUDIO) };
  gint64 clock[3] = { 0 }, last[3] = { -TICK, -TICK, -TICK };
  gint64 newest = 0, arrival = 0;
  guint32 epoch = 0;
  for (guint i = 0; i < 200000; i++) {
    guint n = (guint) g_test_rand_int_range(0, 3);
    clock[n] = (gint64) ((guint64) clock[n] + (guint64) random_step());
    arrival += g_test_rand_int_range(0, 50) * MS;
    MgDirtyTime in = { clock[n], random_step() * g_test_rand_int_range(-1, 2), arrival };
    MgCleanTime out = mg_timeline_clean(f->t, tracks[n], in);
    g_assert_cmpuint(out.epoch, <=, repairs(f)->discontinuities);
    if (out.is_dropped)
      continue;
    g_assert_cmpint(out.dts_ns, >=, last[n] + TICK);
    g_assert_cmpint(out.pts_ns, >=, out.dts_ns);
    g_assert_cmpint(out.pts_ns - out.dts_ns, <=, 30000 * MS);
    if (i > 0)
      g_assert_cmpint(out.dts_ns, <=, newest + 10000 * MS);
    last[n] = out.dts_ns;
    newest = MAX(newest, out.dts_ns);
    epoch = MAX(epoch, out.epoch);
  }
  g_assert_cmpuint(epoch, ==, repairs(f)->discontinuities);
  g_assert_cmpint(mg_timeline_next(f->t), >, newest);
}

typedef void (*Test)(Fixture *, gconstpointer);

static void
add(const char *name, Test test)
{
  g_autofree char *path = g_strconcat("/timeline/clean/", name, NULL);
  g_test_add(path, Fixture, NULL, begin, test, end);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  add("first-unit-comes-out-at-zero-whatever-its-time", test_starts_at_zero);
  add("nothing-comes-out-before-the-base", test_nothing_before_the_base);
  add("equal-dts-rises-by-a-tick", test_equal_dts_rises);
  add("step-back-of-one-second-is-caught-up", test_small_step_back_is_caught_up);
  add("moved-dts-keeps-its-pts", test_moved_dts_keeps_its_pts);
  add("step-back-of-more-is-a-discontinuity", test_long_step_back_is_a_discontinuity);
  add("ten-seconds-are-a-gap-and-more-a-jump", test_ten_seconds_are_a_gap_and_more_a_jump);
  add("audio-jumps-and-video-follows-in-one-discontinuity", test_audio_jumps_and_video_follows);
  add("video-jumps-and-audio-follows-in-one-discontinuity", test_video_jumps_and_audio_follows);
  add("both-jump-back-by-hours-in-one-discontinuity", test_back_by_hours);
  add("both-jump-back-by-two-seconds-in-one-discontinuity", test_back_by_two_seconds);
  add("jump-ahead-around-the-limit-keeps-tracks-together", test_uneven_jump_ahead);
  add("step-back-around-the-limit-keeps-tracks-together", test_uneven_step_back);
  add("jump-of-one-track-leaves-the-other-alone", test_jump_of_one_track_alone);
  add("track-comes-back-from-a-single-wrong-unit", test_single_wrong_unit);
  add("jump-that-is-no-way-back-is-squeezed-too", test_two_jumps_in_a_row);
  add("pause-after-a-jump-is-no-way-back", test_pause_after_a_jump);
  add("small-steps-back-that-add-up-are-a-jump", test_small_steps_back_add_up);
  add("audio-one-second-back-is-not-dropped", test_audio_one_second_back);
  add("late-video-joins-without-a-discontinuity", test_late_video);
  add("late-video-with-its-own-clock-does-not-move-audio", test_video_with_a_clock_of_its_own);
  add("pausing-video-neither-stops-audio-nor-jumps", test_pausing_video);
  add("skewed-audio-is-dropped-and-then-placed-anew", test_skewed_audio_is_dropped);
  add("audio-that-runs-ahead-waits-for-video", test_audio_that_runs_ahead_waits);
  add("audio-that-stays-ahead-is-placed-anew", test_audio_that_stays_ahead);
  add("wraps-are-invisible", test_wraps_are_invisible);
  add("negative-composition-offsets-keep-pts", test_negative_composition);
  add("negative-composition-ends-with-the-epoch", test_composition_of_another_encoder);
  add("absurd-composition-offsets-count-as-zero", test_absurd_composition);
  add("goes-on-where-an-old-timeline-ended", test_goes_on_in_an_old_session);
  add("tracks-are-limited", test_number_of_tracks);
  add("promises-hold-for-any-input", test_promises_hold_for_any_input);
  return g_test_run();
}
