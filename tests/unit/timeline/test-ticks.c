#include "timeline/ticks.h"
#include "timeline/unwrap.h"

static void
test_half_away_from_zero(void)
{
  /* 8000 ticks per second: a tick is 125 us, half of it 62.5 us. */
  g_assert_cmpint(mg_time_to_ticks(62499, 8000), ==, 0);
  g_assert_cmpint(mg_time_to_ticks(62500, 8000), ==, 1);
  g_assert_cmpint(mg_time_to_ticks(-62499, 8000), ==, 0);
  g_assert_cmpint(mg_time_to_ticks(-62500, 8000), ==, -1);
  /* 2/3 and 1/3 of a second. */
  g_assert_cmpint(mg_time_from_ticks(2, 3), ==, 666666667);
  g_assert_cmpint(mg_time_from_ticks(1, 3), ==, 333333333);
  g_assert_cmpint(mg_time_from_ticks(-2, 3), ==, -666666667);
}

static void
test_stamps_do_not_drift(void)
{
  /* A day of 30000/1001 frames per second, each stamp in nanoseconds and back. */
  const gint64 n = 24 * 3600 * 30;
  for (gint64 i = 0; i < n; i++) {
    gint64 tick = i * 1001;
    g_assert_cmpint(mg_time_to_ticks(mg_time_from_ticks(tick, 30000), 30000), ==, tick);
  }
  /* Whole milliseconds of RTMP are exact in 90 kHz, and AAC frames at most half a tick off. */
  g_assert_cmpint(mg_time_to_ticks(33 * 1000000, 90000), ==, 2970);
  g_assert_cmpint(mg_time_to_ticks(mg_time_from_ticks(1024, 44100), 44100), ==, 1024);
}

static void
test_large_values_are_exact_and_stop_at_the_limits(void)
{
  gint64 century_s = G_GINT64_CONSTANT(100) * 366 * 86400;
  g_assert_cmpint(mg_time_to_ticks(century_s * 1000000000, 90000), ==, century_s * 90000);
  g_assert_cmpint(mg_time_from_ticks(century_s * 90000 + 1, 90000), ==,
                  century_s * 1000000000 + 11111);
  g_assert_cmpint(mg_time_from_ticks(G_MAXINT64, 1), ==, G_MAXINT64);
  g_assert_cmpint(mg_time_from_ticks(G_MININT64, 1), ==, G_MININT64);
  g_assert_cmpint(mg_time_to_ticks(G_MININT64, G_MAXUINT32), ==, G_MININT64);
}

static void
test_first_value_stands_for_itself(void)
{
  MgUnwrap u = MG_UNWRAP(MG_UNWRAP_TS_BITS);
  g_assert_cmpint(mg_unwrap_next(&u, 0x1ffffffff), ==, 0x1ffffffff);
  g_assert_cmpint(mg_unwrap_next(&u, 0), ==, 0x200000000);
  g_assert_cmpint(mg_unwrap_next(&u, 0x1ffffffff), ==, 0x1ffffffff);
  g_assert_cmpint(mg_unwrap_next(&u, 3600), ==, 0x200000000 + 3600);
}

static void
test_window_is_half_the_range(void)
{
  MgUnwrap u = MG_UNWRAP(8);
  g_assert_cmpint(mg_unwrap_next(&u, 100), ==, 100);
  g_assert_cmpint(mg_unwrap_next(&u, 227), ==, 227);
  g_assert_cmpint(mg_unwrap_next(&u, 227 + 128), ==, 227 - 128);
  g_assert_cmpint(mg_unwrap_next(&u, 99 - 100), ==, -1);
}

/* Goes through a wrap of WIDTH bits in steps of 40 ms. */
static void
walk(guint width)
{
  MgUnwrap u = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
  gint64 wrap = G_GINT64_CONSTANT(1) << width;
  gint64 first = mg_unwrap_next(&u, (guint64) (wrap - 400));
  for (gint64 ms = 40; ms < 800; ms += 40)
    g_assert_cmpint(mg_unwrap_next(&u, (guint64) (wrap - 400 + ms) & (wrap - 1)), ==, first + ms);
}

static void
test_rtmp_passes_both_wraps(void)
{
  walk(31);
  walk(32);
  /* A 32-bit counter that passes 2^31 without wrapping, and 2^24, which is no wrap at all. */
  MgUnwrap u = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
  g_assert_cmpint(mg_unwrap_next(&u, 0x7fffffff), ==, 0x7fffffff);
  g_assert_cmpint(mg_unwrap_next(&u, 0x80000020), ==, 0x80000020);
  u = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
  g_assert_cmpint(mg_unwrap_next(&u, 0xffffff), ==, 0xffffff);
  g_assert_cmpint(mg_unwrap_next(&u, 0x1000020), ==, 0x1000020);
  g_assert_cmpint(mg_unwrap_next(&u, 0), ==, 0);
}

static void
test_jumps_for_ever_end_nowhere(void)
{
  MgUnwrap u = MG_UNWRAP(62);
  gint64 half = G_GINT64_CONSTANT(1) << 61;
  guint64 raw = 0;
  for (guint i = 0; i < 100; i++, raw += (guint64) half - 1) {
    gint64 v = mg_unwrap_next(&u, raw);
    g_assert_cmphex((guint64) v & ((guint64) half * 2 - 1), ==, raw & ((guint64) half * 2 - 1));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/timeline/ticks/half-rounds-away-from-zero", test_half_away_from_zero);
  g_test_add_func("/timeline/ticks/stamps-do-not-drift-in-a-day", test_stamps_do_not_drift);
  g_test_add_func("/timeline/ticks/large-values-are-exact-and-stop-at-the-limits",
                  test_large_values_are_exact_and_stop_at_the_limits);
  g_test_add_func("/timeline/unwrap/first-value-stands-for-itself",
                  test_first_value_stands_for_itself);
  g_test_add_func("/timeline/unwrap/window-is-half-the-range", test_window_is_half_the_range);
  g_test_add_func("/timeline/unwrap/rtmp-passes-31-and-32-bit-wraps", test_rtmp_passes_both_wraps);
  g_test_add_func("/timeline/unwrap/jumping-for-ever-stays-defined",
                  test_jumps_for_ever_end_nowhere);
  return g_test_run();
}
