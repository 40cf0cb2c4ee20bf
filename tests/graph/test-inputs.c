/* Nodes whose inputs stand in for each other: several publishers of one session, and sources that call. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"

#include <mediagraph/inputs.h>

/* door, other-door → either → sink. */
static Rig *
make(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_other_door, "other-door", NULL);
  rig_add(rig, &rig_stand_in, "either", "door.video other-door door.audio");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "either");
  return rig;
}

static Publisher *
join(Rig *rig, guint listener)
{
  GError *error = NULL;
  Publisher *p = publisher_try_new(rig, listener, "studio", &error);
  g_assert_no_error(error);
  return p;
}

static void
look_at_inputs(gpointer data)
{
  MgNode *node = data;
  g_assert_cmpuint(mg_node_n_inputs(node), ==, 2);
  g_assert_cmpstr(mg_node_input_id(node, 0), ==, "door");
  g_assert_cmpstr(mg_node_input_id(node, 1), ==, "other-door");
}

static void
test_both_publish(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *a = join(rig, 0), *b = join(rig, 1);
  g_assert_true(a->session == b->session);
  g_assert_false(g_atomic_int_get(&a->is_evicted));
  mg_call_on(mg_session_lane(a->session), look_at_inputs, rig_node(rig, "either"));
  publisher_push(a, "video", 0, MG_BUFFER_KEY);
  publisher_push(b, "video", 0, MG_BUFFER_KEY);
  publisher_push(a, "video", 40, 0);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 3);

  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  const MgSessionStatus *session = g_ptr_array_index(status, 0);
  g_assert_cmpuint(status->len, ==, 1);
  g_assert_cmpstr(session->peer, ==, "192.0.2.7:1, 192.0.2.7:1");
  g_assert_cmpuint(session->tracks->len, ==, 2);
  g_clear_pointer(&status, g_ptr_array_unref);
  publisher_leave(a);
  publisher_leave(b);
  rig_stop(rig);
}

/* What pauses is told to the node alone; the other input's publisher keeps the session from its end. */
static void
test_one_leaves(void)
{
  Rig *rig = make();
  rig_pipeline(rig)->linger = 20 * MG_MILLISECOND;
  rig_start(rig);
  Publisher *a = join(rig, 0), *b = join(rig, 1);
  publisher_push(a, "video", 0, MG_BUFFER_KEY);
  publisher_push(b, "video", 0, MG_BUFFER_KEY);
  publisher_leave(a);
  g_assert_cmpuint(rig_count(rig, "either paused:door"), ==, 2); /* once for each word */
  g_assert_cmpuint(rig_count(rig, "either paused:other-door"), ==, 0);
  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  g_assert_false(((MgSessionStatus *) g_ptr_array_index(status, 0))->is_lingering);
  g_clear_pointer(&status, g_ptr_array_unref);
  publisher_leave(b);
  mg_wait_until(rig_n_sessions(rig) == 0);
  g_assert_cmpuint(rig_count(rig, "sink pause"), ==, 0);
  g_assert_cmpint(rig_position(rig, "either paused:other-door"), <,
                  rig_position(rig, "either drain"));
  rig_stop(rig);
}

/* Who comes back goes on with the timeline of that input, not of the other one. */
static void
test_a_seat_is_taken_again(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *a = join(rig, 0), *b = join(rig, 1);
  publisher_push(a, "video", 0, MG_BUFFER_KEY);
  publisher_push(b, "video", 5000, MG_BUFFER_KEY);
  publisher_leave(a);
  a = join(rig, 0);
  g_assert_cmpint(a->base, <, 5 * MG_SECOND);
  Publisher *other = join(rig, 1);
  g_assert_true(g_atomic_int_get(&b->is_evicted));
  g_assert_false(g_atomic_int_get(&a->is_evicted));
  g_assert_cmpint(other->base, >=, 5 * MG_SECOND);
  publisher_leave(b);
  publisher_leave(a);
  publisher_leave(other);
  rig_stop(rig);
}

/* A node further up the way to an input makes no difference: its listeners share that input's seat. */
static void
test_two_listeners_of_one_input(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_other_door, "other-door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_INLINE], "first", "door other-door");
  rig_add(rig, &rig_stand_in, "either", "first");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "either");
  rig_start(rig);
  Publisher *a = join(rig, 0), *b = join(rig, 1);
  g_assert_true(g_atomic_int_get(&a->is_evicted));
  publisher_leave(a);
  publisher_leave(b);
  rig_stop(rig);
}

static void
pause_here(gpointer node)
{
  mg_source_pause(node);
}

static guint
n_lingering(Rig *rig)
{
  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  guint n = 0;
  for (guint i = 0; i < status->len; i++)
    n += ((MgSessionStatus *) g_ptr_array_index(status, i))->is_lingering;
  return n;
}

static void
end_here(gpointer node)
{
  mg_source_end(node);
}

/* A source that calls somebody is no publisher, but what it gives keeps the session, too, until it STOPS. */
static void
check_giver(MgRun run, MgLaneFunc stops)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_origin[run], "origin", NULL);
  rig_add(rig, &rig_stand_in, "either", "door origin");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "either");
  rig_pipeline(rig)->linger = 10 * MG_SECOND;
  rig_start(rig);
  Publisher *p = join(rig, 0);
  mg_wait_until(rig_n_got(rig, "sink") == 1);
  publisher_leave(p);
  g_assert_cmpuint(n_lingering(rig), ==, 0);
  MgNode *origin = rig_node(rig, "origin");
  mg_call_on(mg_node_lane(origin), stops, origin);
  mg_wait_until(n_lingering(rig) == 1);
  rig_stop(rig);
}

static void
test_a_source_that_calls(void)
{
  check_giver(MG_RUN_INLINE, pause_here);
  check_giver(MG_RUN_OWN, pause_here);
  check_giver(MG_RUN_INLINE, end_here);
  check_giver(MG_RUN_OWN, end_here);
}

static void
test_alias(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_other_door, "other-door", NULL)->alias = g_strdup("live/${stream}");
  rig_add(rig, &rig_stand_in, "either", "door other-door");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "either");
  rig_start(rig);
  GError *error = NULL;
  Publisher *b = publisher_try_new(rig, 1, "backup/studio", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(mg_session_name(b->session, "app"), ==, "live");
  Publisher *a = join(rig, 0);
  g_assert_true(a->session == b->session);
  publisher_leave(a);
  publisher_leave(b);
  rig_stop(rig);
}

int
main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func("/graph/inputs/" name, func)
  ADD("each-has-a-publisher-of-its-own", test_both_publish);
  ADD("the-session-stays-until-the-last-leaves", test_one_leaves);
  ADD("who-comes-back-goes-on-where-it-was", test_a_seat_is_taken_again);
  ADD("listeners-of-one-input-replace-each-other", test_two_listeners_of_one_input);
  ADD("a-source-that-calls-keeps-the-session", test_a_source_that_calls);
  ADD("an-alias-leads-to-the-same-session", test_alias);
#undef ADD
  return g_test_run();
}
