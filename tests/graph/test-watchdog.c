/* Nodes that hold up their lanes are named. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"
#include "graph/watchdog.h"
#include "loop/private.h"

static guint64
n_stalls(MgNode *node)
{
  return mg_counter_value(mg_counter(node, "stalls", ""));
}

static Rig *
make(const MgNodeClass *class)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_OWN], "filter", "door");
  rig_add(rig, class, "sink", "filter");
  return rig;
}

/* The thread may have looked, too: so the times have a second to spare. */
static void
test_stall(void)
{
  Rig *rig = make(&rig_sink[MG_RUN_POOL]);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, TRUE);
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "sink blocks") == 1);
  MgNode *sink = rig_node(rig, "sink"), *filter = rig_node(rig, "filter");
  mg_wait_until(g_atomic_pointer_get(&filter->lane->calls.tag) == NULL);
  MgTime now = mg_now();
  mg_watchdog_look(now);
  mg_watchdog_look(now + 3 * MG_SECOND);
  g_assert_cmpuint(n_stalls(sink), ==, 0);
  mg_watchdog_look(now + 6 * MG_SECOND);
  mg_watchdog_look(now + 60 * MG_SECOND);
  g_assert_cmpuint(n_stalls(sink), ==, 1);
  g_assert_cmpuint(n_stalls(filter), ==, 0);

  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  mg_wait_until(g_atomic_pointer_get(&sink->lane->calls.tag) == NULL);
  mg_watchdog_look(now + 61 * MG_SECOND);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, TRUE);
  publisher_push(p, "video", 40, 0);
  mg_wait_until(rig_count(rig, "sink blocks") == 2);
  mg_watchdog_look(now + 62 * MG_SECOND);
  mg_watchdog_look(now + 70 * MG_SECOND);
  g_assert_cmpuint(n_stalls(sink), ==, 2);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  publisher_leave(p);
  rig_stop(rig);
}

static void
block_again(Rig *rig, Publisher *p, guint n)
{
  MgNode *sink = rig_node(rig, "sink");
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  mg_wait_until(sink == NULL || g_atomic_pointer_get(&sink->lane->calls.tag) == NULL);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, TRUE);
  publisher_push(p, "video", n, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "sink blocks") == n);
}

/* It is in a call each time one looks, but never in the same. */
static void
test_many_calls(void)
{
  Rig *rig = make(&rig_sink[MG_RUN_OWN]);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  MgTime now = mg_now();
  for (guint i = 1; i < 5; i++) {
    block_again(rig, p, i);
    mg_watchdog_look(now + i * 10 * MG_SECOND);
  }
  g_assert_cmpuint(n_stalls(rig_node(rig, "sink")), ==, 0);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  publisher_leave(p);
  rig_stop(rig);
}

/* It is in none. */
static void
test_idle(void)
{
  Rig *rig = make(&rig_sink[MG_RUN_OWN]);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  MgTime now = mg_now();
  for (guint i = 0; i < 20; i++) {
    publisher_push(p, "video", i, MG_BUFFER_KEY);
    mg_wait_until(rig_n_got(rig, "sink") == i + 1);
    mg_watchdog_look(now + i * MG_SECOND);
  }
  g_assert_cmpuint(n_stalls(rig_node(rig, "sink")), ==, 0);
  g_assert_cmpuint(n_stalls(rig_node(rig, "filter")), ==, 0);
  publisher_leave(p);
  rig_stop(rig);
}

/* --- a timer's callback ---------------------------------------------------------------------------- */

typedef struct {
  MgTimer timer;
  gint is_in, goes_on;
} Sleeper;

static Sleeper sleeper;

static void
sleep_in_timer(gpointer unused)
{
  g_atomic_int_set(&sleeper.is_in, TRUE);
  while (!g_atomic_int_get(&sleeper.goes_on))
    g_usleep(100);
}

static gboolean
sleeper_open(MgNode *node, GError **error)
{
  mg_timer_init(&sleeper.timer, sleep_in_timer, NULL);
  mg_timer_start_in(&sleeper.timer, 0);
  return rig_sink[0].open(node, error);
}

static void
test_timer(void)
{
  static MgNodeClass class;
  class = rig_sink[MG_RUN_OWN];
  class.open = sleeper_open;
  sleeper = (Sleeper){ 0 };
  Rig *rig = make(&class);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  mg_wait_until(g_atomic_int_get(&sleeper.is_in));
  MgTime now = mg_now();
  mg_watchdog_look(now);
  mg_watchdog_look(now + 6 * MG_SECOND);
  g_assert_cmpuint(n_stalls(rig_node(rig, "sink")), ==, 1);
  g_atomic_int_set(&sleeper.goes_on, TRUE);
  publisher_leave(p);
  rig_stop(rig);
}

/* --- the thread ------------------------------------------------------------------------------------ */

static void
test_thread(void)
{
  mg_watchdog_set_limits(MG_MILLISECOND, 5 * MG_MILLISECOND);
  Rig *rig = make(&rig_sink[MG_RUN_POOL]);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, TRUE);
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "sink blocks") == 1);
  mg_wait_until(n_stalls(rig_node(rig, "sink")) == 1);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  publisher_leave(p);
  rig_stop(rig);
  mg_watchdog_set_limits(0, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/watchdog/" name, test)
  ADD("one-long-call-is-named-once", test_stall);
  ADD("many-calls-are-no-long-one", test_many_calls);
  ADD("a-busy-node-is-no-stalled-one", test_idle);
  ADD("a-timer-belongs-to-who-started-it", test_timer);
  ADD("a-thread-looks-by-itself", test_thread);
#undef ADD
  return g_test_run();
}
