/* What happens when nodes fail: to them, and to the others. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"

/* door → filter → behind, and door → sibling. */
static Rig *
make(MgRun run, MgOnError on_error)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  MgNodeSpec *filter = rig_add(rig, &rig_filter[run], "filter", "door");
  filter->on_error = on_error;
  rig_add(rig, &rig_sink[MG_RUN_POOL], "behind", "filter");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sibling", "door");
  return rig;
}

/* The filter fails at the third buffer. It comes back by itself, and goes on at a key frame. */
static void
test_restart(gconstpointer data)
{
  MgRun run = GPOINTER_TO_UINT(data);
  Rig *rig = make(run, MG_ON_ERROR_RESTART);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  publisher_push(p, "video", 40, 0);
  mg_wait_until(rig_n_got(rig, "behind") == 2);
  g_atomic_int_set(&rig_plan(rig, "filter")->n_process_fails, 1);
  publisher_push(p, "video", 80, 0);
  mg_wait_until(rig_count(rig, "filter close") == 1);
  publisher_push(p, "video", 120, MG_BUFFER_KEY); /* it is away */
  mg_wait_until(rig_count(rig, "filter stream:video") == 2);
  publisher_push(p, "video", 160, 0);
  publisher_push(p, "video", 200, MG_BUFFER_KEY);
  publisher_push(p, "video", 240, 0);
  mg_wait_until(rig_n_got(rig, "behind") == 4);
  const MgBuffer *first = rig_got(rig, "behind", 2)->buffer;
  g_assert_cmpint(first->dts, ==, 200 * MG_MILLISECOND);
  g_assert_cmphex(first->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_assert_cmphex(rig_got(rig, "behind", 3)->buffer->flags, ==, 0);
  /* For those behind it is the same track, and nothing was declared anew. */
  g_assert_cmpuint(rig_count(rig, "behind stream:video"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "behind ended:video"), ==, 0);
  g_assert_cmpuint(rig_n_got(rig, "sibling"), ==, 7);
  for (guint i = 0; i < 7; i++)
    g_assert_cmpint(rig_got(rig, "sibling", i)->buffer->dts, ==, i * 40 * MG_MILLISECOND);
  publisher_leave(p);
  rig_drain(rig);
  g_autofree char *story = rig_story(rig, "filter");
  g_assert_cmpstr(story, ==,
                  "open stream:video close open stream:video pause ended:video drain close");
  rig_stop(rig);
}

/* Each try is further away than the one before. */
static void
test_back_off(void)
{
  Rig *rig = make(MG_RUN_POOL, MG_ON_ERROR_RESTART);
  g_atomic_int_set(&rig_plan(rig, "filter")->n_open_fails, 2);
  rig_start(rig);
  MgTime start = mg_now();
  Publisher *p = publisher_new(rig, "studio");
  publisher_add(p, "video", 16);
  mg_wait_until(rig_count(rig, "filter stream:video") == 1);
  /* 100 ms and 200 ms, each a quarter less at most. */
  g_assert_cmpint(mg_now() - start, >=, 225 * MG_MILLISECOND);
  g_assert_cmpuint(rig_count(rig, "filter open"), ==, 3);
  g_assert_cmpuint(rig_count(rig, "filter close"), ==, 0);
  MgNode *node = rig_node(rig, "filter");
  g_assert_cmpuint(mg_counter_value(mg_counter(node, "failures", "")), ==, 2);
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "behind") == 1);
  publisher_leave(p);
  rig_stop(rig);
}

/* Told of nothing but of the end: a node that waits to be opened again is not opened any more. */
static void
test_end_while_waiting(void)
{
  Rig *rig = make(MG_RUN_OWN, MG_ON_ERROR_RESTART);
  g_atomic_int_set(&rig_plan(rig, "filter")->n_open_fails, G_MAXINT);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "filter open") >= 1);
  publisher_leave(p);
  rig_drain(rig);
  guint n_opened = rig_count(rig, "filter open");
  g_autofree char *behind = rig_story(rig, "behind");
  g_assert_cmpstr(behind, ==, "open pause drain close");
  g_assert_cmpuint(rig_count(rig, "filter close"), ==, 0);
  g_assert_cmpuint(rig_count(rig, "filter drain"), ==, 0);
  rig_stop(rig);
  g_assert_cmpuint(n_opened, >=, 1);
}

static void
test_stop_session(void)
{
  Rig *rig = make(MG_RUN_POOL, MG_ON_ERROR_STOP_SESSION);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  g_atomic_int_set(&rig_plan(rig, "filter")->n_process_fails, 1);
  publisher_push(p, "video", 40, MG_BUFFER_KEY);
  mg_wait_until(g_atomic_int_get(&p->is_evicted));
  g_assert_cmpstr(p->reason, ==, "a node failed");
  mg_wait_until(rig_n_sessions(rig) == 0);
  g_assert_cmpuint(rig_count(rig, "filter close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "filter drain"), ==, 0);
  g_assert_cmpuint(rig_count(rig, "behind close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sibling close"), ==, 1);
  publisher_leave(p);
  /* The next publisher gets a session of its own. */
  p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "behind stream:video") == 2);
  publisher_leave(p);
  rig_stop(rig);
}

static void
fail_twice(gpointer data)
{
  MgNode *node = data;
  mg_node_fail(node, g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "from outside"));
  mg_node_fail(node, g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "and again"));
}

static void
test_fail_from_outside(void)
{
  Rig *rig = make(MG_RUN_OWN, MG_ON_ERROR_RESTART);
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "filter") == 1);
  MgNode *node = rig_node(rig, "filter");
  mg_call_on(mg_node_lane(node), fail_twice, node);
  mg_wait_until(rig_count(rig, "filter open") == 2);
  g_assert_cmpuint(rig_count(rig, "filter close"), ==, 1);
  g_assert_cmpuint(mg_counter_value(mg_counter(node, "failures", "")), ==, 1);
  publisher_leave(p);
  rig_stop(rig);
}

/* A node that fails as it is drained is closed once. */
static void
fail_in_drain(MgNode *node)
{
  mg_node_fail(node, g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "in drain"));
}

static void
test_fail_in_drain(void)
{
  static MgNodeClass class;
  class = rig_sink[MG_RUN_POOL];
  class.drain = fail_in_drain;
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &class, "sink", "door");
  rig_start(rig);
  publisher_leave(publisher_new(rig, "studio"));
  rig_drain(rig);
  g_autofree char *story = rig_story(rig, "sink");
  g_assert_cmpstr(story, ==, "open pause close");
  rig_stop(rig);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/failure/" name, test)
#define ADD_RUN(name, run)                                                                         \
  g_test_add_data_func("/graph/failure/" name "/goes-on-at-a-key-frame", GUINT_TO_POINTER(run),    \
                       test_restart)
  ADD_RUN("inline", MG_RUN_INLINE);
  ADD_RUN("pool", MG_RUN_POOL);
  ADD_RUN("own", MG_RUN_OWN);
  ADD("tries-are-further-and-further-apart", test_back_off);
  ADD("an-end-while-it-waits-ends-it", test_end_while_waiting);
  ADD("stop-session-ends-the-session", test_stop_session);
  ADD("it-may-fail-outside-its-callbacks", test_fail_from_outside);
  ADD("failing-in-drain-closes-once", test_fail_in_drain);
#undef ADD_RUN
#undef ADD
  return g_test_run();
}
