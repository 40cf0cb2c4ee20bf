/* Patient watches, on a manual lane whose clock stands still unless it is set. */
#include "loop/clock.h"
#include "loop/private.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { N_PIPES = 3 };

static MgTime fake_time;

static MgTime
fake_now(void)
{
  return fake_time;
}

typedef struct {
  MgLane *lane;
  MgWatch watches[N_PIPES];
  int ends[N_PIPES][2];
  guint n_told;
} Fixture;

static void
on_readable(guint events, gpointer data)
{
  Fixture *f = data;
  f->n_told++;
}

static void
setup(Fixture *f, gconstpointer unused)
{
  fake_time = MG_SECOND;
  mg_clock_set(fake_now, NULL);
  f->lane = mg_lanes_start_manual();
  mg_lane_enter(f->lane);
  for (guint i = 0; i < N_PIPES; i++) {
    g_assert_cmpint(pipe(f->ends[i]), ==, 0);
    g_assert_true(mg_watch_add(&f->watches[i], f->ends[i][0], EPOLLIN, on_readable, f, NULL));
    mg_watch_set_patient(&f->watches[i], TRUE);
  }
}

static void
teardown(Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < N_PIPES; i++) {
    mg_watch_remove(&f->watches[i]);
    close(f->ends[i][0]);
    close(f->ends[i][1]);
  }
  mg_lane_enter(NULL);
  mg_lanes_stop();
  mg_clock_set(NULL, NULL);
}

static void
fill(Fixture *f, guint i)
{
  g_assert_cmpint(write(f->ends[i][1], "x", 1), ==, 1);
}

static void
empty(Fixture *f, guint i)
{
  char c;
  g_assert_cmpint(read(f->ends[i][0], &c, 1), ==, 1);
}

/* One turn of the lane; returns how many watches were called. */
static guint
turn(Fixture *f)
{
  f->n_told = 0;
  mg_epoll_poll(f->lane, 0);
  mg_lane_run_timers(f->lane);
  return f->n_told;
}

/* Two wake-ups at one time: the lane is busy. */
static void
make_busy(Fixture *f)
{
  fill(f, 0);
  g_assert_cmpuint(turn(f), ==, 1);
  g_assert_cmpuint(turn(f), ==, 1);
  empty(f, 0);
  g_assert_true(f->lane->patience.is_paced);
}

static void
test_quiet_lane_wakes_at_once(Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 10; i++, fake_time += MG_PATIENCE_PACE) {
    fill(f, i % N_PIPES);
    g_assert_cmpuint(turn(f), ==, 1);
    empty(f, i % N_PIPES);
  }
}

static void
test_busy_lane_looks_once_in_a_while(Fixture *f, gconstpointer unused)
{
  make_busy(f);
  fill(f, 0);
  fill(f, 1);
  g_assert_cmpuint(turn(f), ==, 0);
  fake_time += MG_PATIENCE_PACE - 1;
  g_assert_cmpuint(turn(f), ==, 0);
  fake_time += 1;
  g_assert_cmpuint(turn(f), ==, 2);
  g_assert_cmpuint(turn(f), ==, 0);
}

static void
test_lane_that_gets_quiet_wakes_at_once(Fixture *f, gconstpointer unused)
{
  make_busy(f);
  fill(f, 2);
  fake_time += MG_PATIENCE_PACE;
  g_assert_cmpuint(turn(f), ==, 1); /* one alone is no reason to wait */
  empty(f, 2);
  fake_time += MG_PATIENCE_PACE;
  fill(f, 1);
  g_assert_cmpuint(turn(f), ==, 1);
}

static void
test_impatient_one_does_not_wait(Fixture *f, gconstpointer unused)
{
  make_busy(f);
  fill(f, 0);
  fill(f, 1);
  mg_watch_set_patient(&f->watches[1], FALSE);
  g_assert_cmpuint(turn(f), ==, 1);
  mg_watch_set_patient(&f->watches[1], TRUE);
  g_assert_cmpuint(turn(f), ==, 0);
  fake_time += MG_PATIENCE_PACE;
  g_assert_cmpuint(turn(f), ==, 2);
}

static void
test_changed_and_removed(Fixture *f, gconstpointer unused)
{
  fill(f, 0);
  fill(f, 1);
  mg_watch_set(&f->watches[0], 0);
  g_assert_cmpuint(turn(f), ==, 1);
  mg_watch_set(&f->watches[0], EPOLLIN);
  mg_watch_remove(&f->watches[1]);
  g_assert_cmpuint(turn(f), ==, 1);
  mg_watch_remove(&f->watches[0]);
  g_assert_cmpuint(turn(f), ==, 0);
}

/* Tests that run a lane by hand wait for nothing. */
static void
test_by_hand(Fixture *f, gconstpointer unused)
{
  make_busy(f);
  fill(f, 1);
  f->n_told = 0;
  mg_lane_run_manual(f->lane);
  g_assert_cmpuint(f->n_told, ==, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/loop/patience/" name, Fixture, NULL, setup, test, teardown)
  ADD("a-quiet-lane-wakes-at-once", test_quiet_lane_wakes_at_once);
  ADD("a-busy-lane-looks-once-in-a-while", test_busy_lane_looks_once_in_a_while);
  ADD("a-lane-that-gets-quiet-wakes-at-once-again", test_lane_that_gets_quiet_wakes_at_once);
  ADD("an-impatient-watch-does-not-wait", test_impatient_one_does_not_wait);
  ADD("patient-watches-change-and-go", test_changed_and_removed);
  ADD("a-lane-run-by-hand-does-not-wait", test_by_hand);
  return g_test_run();
}
