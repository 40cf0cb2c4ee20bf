#include "dvr/pause.h"

enum { ENOUGH = 1000, WANTED = 500 };

static gboolean
lets_write_at(const Pause *pause, MgTime now)
{
  return pause_lets_write(pause, now, ENOUGH, WANTED);
}

static void
test_nothing_failed(void)
{
  Pause pause = { 0 };
  g_assert_true(pause_lets_write(&pause, MG_SECOND, 0, WANTED));
  pause_note_write(&pause, MG_SECOND);
  g_assert_false(pause_note_segment(&pause, 100 * MG_SECOND));
}

static void
test_room_is_needed(void)
{
  Pause pause = { 0 };
  g_assert_true(pause_begin(&pause, MG_SECOND));
  g_assert_false(pause_lets_write(&pause, MG_SECOND, WANTED - 1, WANTED));
  g_assert_true(pause_lets_write(&pause, MG_SECOND, WANTED, WANTED));
}

static void
test_waits_grow(void)
{
  static const MgTime waits[] = { 0, 2, 4, 8, 16, 32, 60, 60 };
  Pause pause = { 0 };
  MgTime now = MG_SECOND;
  for (guint i = 0; i < G_N_ELEMENTS(waits); i++) {
    g_assert_cmpint(pause_begin(&pause, now), ==, i == 0);
    if (waits[i] > 0)
      g_assert_false(lets_write_at(&pause, now + waits[i] * MG_SECOND - 1));
    now += waits[i] * MG_SECOND;
    g_assert_true(lets_write_at(&pause, now));
    pause_note_write(&pause, now);
    g_assert_false(pause_note_segment(&pause, now + 4 * MG_SECOND));
  }
}

static void
test_over(void)
{
  Pause pause = { 0 };
  pause_begin(&pause, MG_SECOND);
  pause_begin(&pause, 2 * MG_SECOND);
  g_assert_false(pause_note_segment(&pause, 60 * MG_SECOND));
  pause_note_write(&pause, 60 * MG_SECOND);
  pause_note_write(&pause, 64 * MG_SECOND);
  g_assert_false(pause_note_segment(&pause, 64 * MG_SECOND));
  g_assert_true(pause_note_segment(&pause, 65 * MG_SECOND));
  g_assert_false(pause_note_segment(&pause, 66 * MG_SECOND));
  g_assert_true(pause_begin(&pause, 70 * MG_SECOND));
  g_assert_true(lets_write_at(&pause, 70 * MG_SECOND));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dvr/pause/there-is-none-without-a-failure", test_nothing_failed);
  g_test_add_func("/dvr/pause/ends-when-there-is-room", test_room_is_needed);
  g_test_add_func("/dvr/pause/is-longer-after-each-failure-and-told-once", test_waits_grow);
  g_test_add_func("/dvr/pause/is-over-when-writing-has-lasted", test_over);
  return g_test_run();
}
