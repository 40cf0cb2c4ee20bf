#include "doubles/wait.h"
#include "loop/clock.h"
#include "loop/private.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { N_IO = 2 };

/* --- running something on a lane and waiting for it ---------------------------------------------- */

typedef struct {
  MgLaneFunc func;
  gpointer data;
  gint is_done;
} Call;

static void
run_call(gpointer data)
{
  Call *call = data;
  call->func(call->data);
  g_atomic_int_set(&call->is_done, TRUE);
}

static void
call_on(MgLane *lane, MgLaneFunc func, gpointer data)
{
  Call call = { func, data, FALSE };
  mg_lane_post(lane, run_call, &call);
  mg_wait_until(g_atomic_int_get(&call.is_done));
}

/* Lanes are running; `lane` is of the kind that the test was added with. */
typedef struct {
  MgLane *lane;
} Fixture;

static void
setup(Fixture *f, gconstpointer kind)
{
  mg_lanes_start(N_IO);
  if (g_str_equal(kind, "strand"))
    f->lane = mg_lane_new_strand("test");
  else if (g_str_equal(kind, "thread"))
    f->lane = mg_lane_new_thread("test");
  else
    f->lane = mg_lane_io(1);
}

static void
teardown(Fixture *f, gconstpointer kind)
{
  if (mg_lane_kind(f->lane) != MG_LANE_IO)
    mg_lane_unref(f->lane);
  mg_lanes_stop();
}

/* --- posts ------------------------------------------------------------------------------------- */

enum { N_POSTERS = 4, N_POSTS = 5000 };

typedef struct {
  MgLane *lane;
  gint n_running; /* on the lane right now */
  gint n_run;
  guint next[N_POSTERS]; /* plain: the lane is what makes it safe */
} Inbox;

typedef struct {
  Inbox *inbox;
  guint poster, number;
} Letter;

static void
read_letter(gpointer data)
{
  g_autofree Letter *letter = data;
  Inbox *inbox = letter->inbox;
  g_assert_cmpint(g_atomic_int_add(&inbox->n_running, 1), ==, 0);
  g_assert_true(mg_lane_current() == inbox->lane);
  g_assert_cmpuint(inbox->next[letter->poster]++, ==, letter->number);
  g_atomic_int_add(&inbox->n_running, -1);
  g_atomic_int_inc(&inbox->n_run);
}

typedef struct {
  Inbox *inbox;
  guint number;
} Poster;

static gpointer
post_many(gpointer data)
{
  Poster *poster = data;
  for (guint i = 0; i < N_POSTS; i++) {
    Letter letter = { poster->inbox, poster->number, i };
    mg_lane_post(poster->inbox->lane, read_letter, g_memdup2(&letter, sizeof letter));
  }
  return NULL;
}

static void
test_posts(Fixture *f, gconstpointer unused)
{
  Inbox inbox = { .lane = f->lane };
  Poster posters[N_POSTERS];
  GThread *threads[N_POSTERS];
  for (guint i = 0; i < N_POSTERS; i++) {
    posters[i] = (Poster){ &inbox, i };
    threads[i] = g_thread_new("poster", post_many, &posters[i]);
  }
  for (guint i = 0; i < N_POSTERS; i++)
    g_thread_join(threads[i]);
  mg_wait_until(g_atomic_int_get(&inbox.n_run) == N_POSTERS * N_POSTS);
}

/* --- timers ------------------------------------------------------------------------------------ */

typedef struct {
  MgTimer timers[3];
  GArray *rang; /* of guint: which, in order */
  MgTime started, deadline;
  gint n_rang;
} Bells;

typedef struct {
  Bells *bells;
  guint number;
} Bell;

static void
ring_bell(gpointer data)
{
  g_autofree Bell *bell = data;
  g_assert_cmpint(mg_now(), >=, bell->bells->timers[bell->number].deadline);
  g_array_append_val(bell->bells->rang, bell->number);
  g_atomic_int_inc(&bell->bells->n_rang);
}

static void
start_bells(gpointer data)
{
  Bells *bells = data;
  static const MgTime delays[] = { 30 * MG_MILLISECOND, 10 * MG_MILLISECOND, 20 * MG_MILLISECOND };
  MgTime now = mg_now();
  for (guint i = 0; i < G_N_ELEMENTS(delays); i++) {
    Bell bell = { bells, i };
    mg_timer_init(&bells->timers[i], ring_bell, g_memdup2(&bell, sizeof bell));
    mg_timer_start_at(&bells->timers[i], now + delays[i]);
  }
}

static void
test_timers(Fixture *f, gconstpointer unused)
{
  Bells bells = { .rang = g_array_new(FALSE, FALSE, sizeof(guint)) };
  call_on(f->lane, start_bells, &bells);
  mg_wait_until(g_atomic_int_get(&bells.n_rang) == 3);
  g_assert_cmpuint(g_array_index(bells.rang, guint, 0), ==, 1);
  g_assert_cmpuint(g_array_index(bells.rang, guint, 1), ==, 2);
  g_assert_cmpuint(g_array_index(bells.rang, guint, 2), ==, 0);
  g_array_unref(bells.rang);
}

static void
never(gpointer unused)
{
  g_assert_not_reached();
}

static void
start_and_stop(gpointer data)
{
  MgTimer *timers = data;
  mg_timer_init(&timers[0], never, NULL);
  mg_timer_start_in(&timers[0], 0);
  mg_timer_stop(&timers[0]);
  mg_timer_stop(&timers[0]);
  g_assert_null(timers[0].lane);
  mg_timer_stop(&timers[1]); /* zeroed */
}

static void
nothing(gpointer unused)
{
}

static void
test_stopped(Fixture *f, gconstpointer unused)
{
  MgTimer timers[2] = { 0 };
  call_on(f->lane, start_and_stop, timers);
  call_on(f->lane, nothing, NULL);
  call_on(f->lane, nothing, NULL);
}

/* A short timer that starts itself again, beside a long one that is moved each time. */
typedef struct {
  MgTimer brief, distant;
  guint n_left;
  gint is_done;
} Pair;

static void
again(gpointer data)
{
  Pair *pair = data;
  mg_timer_start_in(&pair->distant, 3600 * MG_SECOND);
  if (pair->n_left-- > 0) {
    mg_timer_start_in(&pair->brief, MG_MICROSECOND);
    return;
  }
  mg_timer_stop(&pair->distant);
  g_atomic_int_set(&pair->is_done, TRUE);
}

static void
begin_pair(gpointer data)
{
  Pair *pair = data;
  mg_timer_init(&pair->brief, again, pair);
  mg_timer_init(&pair->distant, never, NULL);
  again(pair);
}

static void
count_timers(gpointer data)
{
  *(guint *) data = mg_lane_current()->timers.heap->len;
}

/* The I/O lane that wakes the strand has one timer for it, however often they are started. */
static void
test_alarms(Fixture *f, gconstpointer unused)
{
  Pair pair = { .n_left = 200 };
  call_on(f->lane, begin_pair, &pair);
  mg_wait_until(g_atomic_int_get(&pair.is_done));
  guint n_alarms = G_MAXUINT;
  call_on(f->lane, nothing, NULL);
  call_on(mg_lane_io(0), count_timers, &n_alarms);
  g_assert_cmpuint(n_alarms, <=, 1);
}

/* --- descriptors ------------------------------------------------------------------------------- */

typedef struct {
  MgWatch watches[2];
  int fds[2][2];
  gint n_called;
  guint events;
} Pipes;

static void
on_readable(guint events, gpointer data)
{
  Pipes *pipes = data;
  pipes->events |= events;
  /* Both are readable in one turn: whichever comes first takes the other's turn away. */
  mg_watch_remove(&pipes->watches[0]);
  mg_watch_remove(&pipes->watches[1]);
  g_atomic_int_inc(&pipes->n_called);
}

static void
watch_pipes(gpointer data)
{
  Pipes *pipes = data;
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint(pipe(pipes->fds[i]), ==, 0);
    g_assert_cmpint(write(pipes->fds[i][1], "x", 1), ==, 1);
    g_assert_true(
        mg_watch_add(&pipes->watches[i], pipes->fds[i][0], EPOLLIN, on_readable, pipes, NULL));
  }
}

static void
close_pipes(gpointer data)
{
  Pipes *pipes = data;
  for (guint i = 0; i < 4; i++)
    close(pipes->fds[i / 2][i % 2]);
}

static void
test_watch(Fixture *f, gconstpointer unused)
{
  Pipes pipes = { 0 };
  call_on(f->lane, watch_pipes, &pipes);
  mg_wait_until(g_atomic_int_get(&pipes.n_called) > 0);
  call_on(f->lane, nothing, NULL);
  call_on(f->lane, close_pipes, &pipes);
  g_assert_cmpint(pipes.n_called, ==, 1);
  g_assert_cmpuint(pipes.events, ==, EPOLLIN);
}

static void
watch_bad_descriptor(gpointer data)
{
  g_autoptr(GError) error = NULL;
  MgWatch watch;
  g_assert_false(mg_watch_add(&watch, -1, EPOLLIN, on_readable, NULL, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_LIMIT);
  mg_watch_remove(&watch);
}

static void
test_bad_descriptor(Fixture *f, gconstpointer unused)
{
  call_on(mg_lane_io(0), watch_bad_descriptor, NULL);
}

/* --- the end ----------------------------------------------------------------------------------- */

/* A letter that goes round the lanes; each one must come home. */
typedef struct {
  MgLane **lanes;
  guint n_lanes;
  guint n_left;
  gint *n_home;
} Traveller;

static void
travel(gpointer data)
{
  Traveller *t = data;
  if (t->n_left-- > 0) {
    mg_lane_post(t->lanes[t->n_left % t->n_lanes], travel, t);
    return;
  }
  g_atomic_int_inc(t->n_home);
  g_free(t);
}

static void
send_travellers(MgLane **lanes, guint n_lanes, gint *n_home, guint n)
{
  for (guint i = 0; i < n; i++) {
    Traveller t = { lanes, n_lanes, 20 + i, n_home };
    mg_lane_post(lanes[i % n_lanes], travel, g_memdup2(&t, sizeof t));
  }
}

static void
test_stop_in_flight(void)
{
  mg_lanes_start(N_IO);
  MgLane *strands[] = { mg_lane_new_strand("a"), mg_lane_new_strand("b") };
  MgLane *lanes[] = { mg_lane_io(0), strands[0], mg_lane_io(1), strands[1] };
  gint n_home = 0;
  send_travellers(lanes, G_N_ELEMENTS(lanes), &n_home, 100);
  mg_lanes_stop();
  g_assert_cmpint(n_home, ==, 100);
  mg_lane_unref(strands[0]);
  mg_lane_unref(strands[1]);
}

static void
start_distant(gpointer data)
{
  MgTimer *timer = data;
  mg_timer_init(timer, never, NULL);
  mg_timer_start_in(timer, 3600 * MG_SECOND);
}

/* Its alarm is on its way to the I/O lane, or there; either way it is freed. */
static void
test_stop_with_alarms(void)
{
  mg_lanes_start(N_IO);
  MgTimer timers[2];
  MgLane *early = mg_lane_new_strand("early");
  call_on(early, start_distant, &timers[0]);
  MgLane *late = mg_lane_new_strand("late");
  mg_lane_post(late, start_distant, &timers[1]);
  mg_lane_unref(early);
  mg_lane_unref(late);
  mg_lanes_stop();
}

static void
test_stop_waits_for_threads(void)
{
  mg_lanes_start(N_IO);
  MgLane *thread = mg_lane_new_thread("test");
  MgLane *lanes[] = { thread };
  gint n_home = 0;
  send_travellers(lanes, 1, &n_home, 10);
  mg_lane_unref(thread);
  mg_lanes_stop();
  g_assert_cmpint(n_home, ==, 10);
}

static void
unref_lane(gpointer data)
{
  mg_lane_unref(data);
}

/* The I/O lane holds the last reference, and is asked to drop it as everything stops. */
static void
test_last_reference_elsewhere(void)
{
  mg_lanes_start(N_IO);
  mg_lane_post(mg_lane_io(0), unref_lane, mg_lane_new_thread("test"));
  mg_lane_post(mg_lane_io(1), unref_lane, mg_lane_new_strand("test"));
  mg_lanes_stop();
}

/* Places sessions as long as they go to LANE; returns how many did. */
static guint
fill(MgLane *lane)
{
  guint n = 0;
  for (; mg_lane_for_session() == lane; n++)
    mg_lane_count_session(lane, 1);
  return n;
}

static void
test_sessions_fill_one_lane(Fixture *f, gconstpointer unused)
{
  MgLane *first = mg_lane_io(0), *second = mg_lane_io(1);
  guint n = fill(first);
  g_assert_cmpuint(n, >=, 100);
  g_assert_true(mg_lane_for_session() == second);
  mg_lane_count_session(first, -1);
  g_assert_true(mg_lane_for_session() == first);
  mg_lane_count_session(first, 1);
  mg_lane_count_session(second, (gint) n);
  /* Both are full. */
  g_assert_true(mg_lane_for_session() == first);
  mg_lane_count_session(first, 1);
  g_assert_true(mg_lane_for_session() == second);
}

static void
hide_clock(gpointer data)
{
  g_atomic_int_set(&mg_lane_here->has_cpu_clock, FALSE);
}

static void
test_busy_lane_takes_no_session(Fixture *f, gconstpointer unused)
{
  MgLane *first = mg_lane_io(0), *second = mg_lane_io(1);
  MgTime now = mg_now();
  call_on(first, hide_clock, NULL); /* what follows counts instead */
  call_on(second, hide_clock, NULL);
  mg_lane_see_cpu(first, now, 0);
  mg_lane_see_cpu(first, now + 10 * MG_SECOND, 2 * MG_SECOND);
  g_assert_true(mg_lane_for_session() == first);
  mg_lane_see_cpu(first, now + 12 * MG_SECOND, 3 * MG_SECOND);
  g_assert_true(mg_lane_for_session() == second);
  mg_lane_see_cpu(first, now + 12 * MG_SECOND + 1, 3 * MG_SECOND); /* too soon to tell */
  g_assert_true(mg_lane_for_session() == second);
  mg_lane_see_cpu(first, now + 16 * MG_SECOND, 4 * MG_SECOND);
  g_assert_true(mg_lane_for_session() == first);
}

/* --- by hand ----------------------------------------------------------------------------------- */

static MgTime fake_time;

static MgTime
fake_now(void)
{
  return fake_time;
}

static void
add_char(gpointer data)
{
  g_string_append_c(data, '.');
}

static void
test_manual(void)
{
  fake_time = MG_SECOND;
  mg_clock_set(fake_now, NULL);
  MgLane *lane = mg_lanes_start_manual();
  g_assert_true(mg_lane_io(0) == lane && mg_lane_n_io() == 1);
  mg_lane_enter(lane);
  GString *text = g_string_new(NULL);
  MgTimer timer;
  mg_timer_init(&timer, add_char, text);
  mg_timer_start_in(&timer, MG_SECOND);
  mg_lane_post(lane, add_char, text);
  mg_lane_run_manual(lane);
  g_assert_cmpstr(text->str, ==, ".");
  g_assert_cmpint(mg_lane_next_deadline(lane), ==, 2 * MG_SECOND);
  fake_time = 2 * MG_SECOND;
  mg_lane_run_manual(lane);
  g_assert_cmpstr(text->str, ==, "..");
  mg_lane_enter(NULL);
  mg_lanes_stop();
  mg_clock_set(NULL, NULL);
  g_string_free(text, TRUE);
}

/* A thread lane that ends only when the manual lane has run what was posted to it. */
static void
test_manual_stop(void)
{
  MgLane *lane = mg_lanes_start_manual();
  mg_lane_post(lane, unref_lane, mg_lane_new_thread("test"));
  mg_lanes_stop();
}

/* --- calls, for the watchdog -------------------------------------------------------------------- */

static void
test_calls(void)
{
  MgLane *lane = mg_lane_new_strand("test");
  int outer, inner;
  guint n;
  gpointer nothing_before = mg_lane_begin_call(lane, &outer);
  g_assert_null(nothing_before);
  g_assert_true(mg_lane_peek_call(lane, &n) == &outer);
  guint n_outer = n;
  gpointer previous = mg_lane_begin_call(lane, &inner);
  g_assert_true(mg_lane_peek_call(lane, &n) == &inner);
  mg_lane_end_call(lane, previous);
  g_assert_true(mg_lane_peek_call(lane, &n) == &outer);
  g_assert_cmpuint(n, !=, n_outer);
  mg_lane_end_call(lane, nothing_before);
  g_assert_null(mg_lane_peek_call(lane, &n));
  mg_lane_unref(lane);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(kind, name, test)                                                                      \
  g_test_add("/loop/lanes/" kind "/" name, Fixture, kind, setup, test, teardown)
#define ADD_EACH(name, test)                                                                       \
  ADD("io", name, test);                                                                           \
  ADD("strand", name, test);                                                                       \
  ADD("thread", name, test)
  ADD_EACH("posts-of-each-thread-arrive-in-order", test_posts);
  ADD_EACH("timers-ring-in-order-and-not-early", test_timers);
  ADD_EACH("a-stopped-timer-is-silent", test_stopped);
  ADD("strand", "one-alarm-is-enough-for-all-timers", test_alarms);
  ADD("io", "a-removed-watch-is-silent", test_watch);
  ADD("thread", "a-removed-watch-is-silent", test_watch);
  ADD("io", "a-bad-descriptor-is-an-error", test_bad_descriptor);
  ADD("io", "sessions-fill-one-lane-before-the-next", test_sessions_fill_one_lane);
  ADD("io", "a-busy-lane-takes-no-session", test_busy_lane_takes_no_session);
#undef ADD_EACH
#undef ADD
  g_test_add_func("/loop/lanes/stop/what-is-in-flight-arrives", test_stop_in_flight);
  g_test_add_func("/loop/lanes/stop/alarms-are-forgotten", test_stop_with_alarms);
  g_test_add_func("/loop/lanes/stop/waits-for-threads", test_stop_waits_for_threads);
  g_test_add_func("/loop/lanes/stop/drops-references-on-their-way", test_last_reference_elsewhere);
  g_test_add_func("/loop/lanes/manual/runs-when-told-to", test_manual);
  g_test_add_func("/loop/lanes/manual/stop-waits-for-threads", test_manual_stop);
  g_test_add_func("/loop/lanes/calls-nest-and-can-be-seen", test_calls);
  return g_test_run();
}
