/* Starting and ending whole graphs; services. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"

#include <mediagraph/service.h>

#include <string.h>

static void
test_drain(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_OWN], "filter", "door");
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "filter");
  rig_add_service(rig, &rig_clock, "clock");
  rig_start(rig);
  Publisher *a = publisher_new(rig, "a"), *b = publisher_new(rig, "b");
  publisher_push(a, "video", 0, MG_BUFFER_KEY);
  publisher_push(b, "audio", 0, MG_BUFFER_KEY);
  rig_drain(rig);
  g_assert_true(g_atomic_int_get(&a->is_evicted));
  g_assert_true(g_atomic_int_get(&b->is_evicted));
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 2);
  g_assert_cmpuint(rig_count(rig, "filter drain"), ==, 2);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 2);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 0);
  /* It stops accepting first, and closes last; services outlive everybody. */
  g_assert_cmpint(rig_position(rig, "door drain"), <, rig_position(rig, "filter drain"));
  g_assert_cmpint(rig_position(rig, "sink close"), <, rig_position(rig, "door close"));
  g_assert_cmpint(rig_position(rig, "door close"), <, rig_position(rig, "clock close"));
  g_assert_cmpuint(rig_count(rig, "door drain"), ==, 1);
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_session_claim(rig_listener(rig, 0), "live", "c", &error));
  publisher_leave(a);
  publisher_leave(b);
  rig_stop(rig);
}

/* Who asks whether it is ready to serve is told no before the last listener is open, and in a drain. */
static void
test_running(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_start(rig);
  g_assert_true(mg_node_graph_is_running(rig_node(rig, "clock")));
  rig_begin_drain(rig);
  g_assert_false(mg_node_graph_is_running(rig_node(rig, "clock")));
  rig_stop(rig);
}

static void
test_drain_nothing(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_start(rig);
  rig_stop(rig);
}

/* Claimed before the drain, attached to after it: told that it has gone. */
typedef struct {
  MgNode *listener;
  MgSession *session;
  GError *error;
} Attach;

static void
attach(gpointer data)
{
  static const MgPublisherEvents events;
  Attach *a = data;
  g_assert_null(mg_session_attach(a->session, a->listener, "peer", &events, NULL, &a->error));
}

static void
test_drain_claimed(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  Attach a = { .listener = rig_listener(rig, 0) };
  a.session = mg_session_claim(a.listener, "live", "studio", NULL);
  rig_drain(rig);
  mg_call_on(mg_session_lane(a.session), attach, &a);
  g_assert_error(a.error, MG_ERROR, MG_ERROR_GONE);
  g_assert_cmpuint(rig_count(rig, "sink open"), ==, 0);
  mg_session_unref(a.session);
  g_error_free(a.error);
  rig_stop(rig);
}

/* A session that somebody still refers to when the graph is freed goes later. */
static void
test_late_reference(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  MgSession *session = mg_session_ref(p->session);
  publisher_leave(p);
  rig_drain(rig);
  rig_free_graph(rig);
  g_assert_cmpstr(mg_session_name(session, "stream"), ==, "studio");
  mg_session_unref(session);
  rig_stop(rig);
}

/* --- a failing listener, a failing start ----------------------------------------------------------- */

static void
fail(gpointer node)
{
  mg_node_fail(node, g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "no more peers"));
}

static void
test_listener_fails(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "door")->n_open_fails, G_MAXINT);
  mg_call_on(mg_lane_io(0), fail, rig_listener(rig, 0));
  mg_wait_until(rig_count(rig, "door open") >= 2);
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "door close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "door drain"), ==, 0);
  rig_stop(rig);
}

/* What goes on already is not its business. */
static void
test_listener_works_again(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  Publisher *before = publisher_new(rig, "before");
  g_atomic_int_set(&rig_plan(rig, "door")->n_open_fails, 1);
  mg_call_on(mg_lane_io(0), fail, rig_listener(rig, 0));
  mg_wait_until(rig_count(rig, "door open") == 3);
  g_assert_cmpuint(rig_count(rig, "door close"), ==, 1);
  publisher_push(before, "video", 0, MG_BUFFER_KEY);
  Publisher *after = publisher_new(rig, "after");
  publisher_push(after, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "sink") == 2);
  publisher_leave(before);
  publisher_leave(after);
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "door drain"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "door close"), ==, 2);
  rig_stop(rig);
}

static gboolean
is_offered(MgNode *node)
{
  gpointer impl;
  return mg_service_find(node, "clock", &impl, NULL) != NULL;
}

static void
test_service_works_again(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_start(rig);
  MgNode *clock = rig_node(rig, "clock");
  g_atomic_int_set(&rig_plan(rig, "clock")->n_open_fails, 1);
  mg_call_on(mg_lane_io(0), fail, clock);
  mg_wait_until(rig_count(rig, "clock open") == 3 && is_offered(clock));
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "clock close"), ==, 2);
  rig_stop(rig);
}

static void
test_service_stays_for_users(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_clock_reader, "reader", "door");
  rig_pipeline(rig)->linger = 0;
  rig_start(rig);
  MgNode *clock = rig_node(rig, "clock");
  Publisher *p = publisher_new(rig, "studio");
  mg_wait_until(rig_count(rig, "reader found") == 1);
  mg_call_on(mg_lane_io(0), fail, clock);
  mg_wait_until(mg_counter_value(mg_counter(clock, "failures", "")) == 1);
  g_assert_true(is_offered(clock));
  g_assert_cmpuint(rig_count(rig, "clock close"), ==, 0);
  publisher_leave(p);
  mg_wait_until(rig_count(rig, "clock open") == 2 && is_offered(clock));
  g_assert_cmpint(rig_position(rig, "reader close"), <, rig_position(rig, "clock close"));
  rig_stop(rig);
}

static void
test_start_fails(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_other_door, "other", NULL);
  g_atomic_int_set(&rig_plan(rig, "other")->n_open_fails, 1);
  g_autoptr(GError) error = NULL;
  g_assert_false(rig_try_start(rig, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, "test.xml:1:1: other: told not to open"));
  g_assert_false(mg_node_graph_is_running(rig_node(rig, "clock")));
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "door close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "clock close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "other close"), ==, 0);
  rig_stop(rig);
}

/* --- a pipeline that does not listen --------------------------------------------------------------- */

static void
set_flag(gpointer flag)
{
  g_atomic_int_inc((gint *) flag);
}

/* What a source pushes as soon as it is open arrives: consumers are there before it. */
static void
test_source(gconstpointer data)
{
  MgRun run = GPOINTER_TO_UINT(data);
  Rig *rig = rig_new();
  rig_add(rig, &rig_origin[run], "origin", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "inline", "origin");
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "origin");
  rig_start(rig);
  gint n_idle = 0;
  mg_graph_on_idle(rig_graph(rig), set_flag, &n_idle);
  mg_wait_until(rig_n_got(rig, "sink") == 1 && rig_n_got(rig, "inline") == 1);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  g_assert_cmpint(g_atomic_int_get(&n_idle), ==, 0);
  rig_drain(rig);
  g_autofree char *story = rig_story(rig, "sink");
  g_assert_cmpstr(story, ==, "open stream:video ended:video drain close");
  rig_stop(rig);
}

static void
test_idle(void)
{
  Rig *rig = rig_new();
  MgNodeSpec *origin = rig_add(rig, &rig_origin[MG_RUN_OWN], "origin", NULL);
  origin->on_error = MG_ON_ERROR_STOP_SESSION;
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "origin");
  rig_start(rig);
  gint n_idle = 0;
  mg_graph_on_idle(rig_graph(rig), set_flag, &n_idle);
  mg_wait_until(rig_node(rig, "origin") != NULL);
  MgNode *node = rig_node(rig, "origin");
  mg_call_on(mg_node_lane(node), fail, node);
  mg_wait_until(g_atomic_int_get(&n_idle) == 1);
  rig_drain(rig);
  g_assert_cmpint(g_atomic_int_get(&n_idle), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 1);
  rig_stop(rig);
}

static void
end_source(gpointer node)
{
  mg_source_end(node);
}

static void
end_origin(Rig *rig, const char *id)
{
  mg_wait_until(rig_node(rig, id) != NULL);
  MgNode *node = rig_node(rig, id);
  mg_call_on(mg_node_lane(node), end_source, node);
}

/* What has no more to give ends by itself, and its session with it. */
static void
test_source_ends(gconstpointer data)
{
  MgRun run = GPOINTER_TO_UINT(data);
  Rig *rig = rig_new();
  rig_add(rig, &rig_origin[run], "origin", NULL);
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "origin");
  rig_start(rig);
  gint n_idle = 0;
  mg_graph_on_idle(rig_graph(rig), set_flag, &n_idle);
  end_origin(rig, "origin");
  mg_wait_until(g_atomic_int_get(&n_idle) == 1);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 0);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 1);
  g_autofree char *origin = rig_story(rig, "origin"), *sink = rig_story(rig, "sink");
  g_assert_cmpstr(origin, ==, "open drain close");
  g_assert_cmpstr(sink, ==, "open stream:video ended:video drain close");
  rig_stop(rig);
}

static void
pause_source(gpointer node)
{
  mg_source_pause(node);
}

/* A track that is not made again ends; the session goes on. */
static void
test_source_pauses(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_origin[MG_RUN_INLINE], "origin", NULL);
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "origin");
  rig_start(rig);
  mg_wait_until(rig_n_got(rig, "sink") == 1);
  MgNode *node = rig_node(rig, "origin");
  mg_call_on(mg_node_lane(node), pause_source, node);
  mg_wait_until(rig_count(rig, "sink pause") == 1);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  rig_drain(rig);
  g_autofree char *sink = rig_story(rig, "sink");
  g_assert_cmpstr(sink, ==, "open stream:video pause ended:video drain close");
  rig_stop(rig);
}

/* The other one goes on; its session may be stopped while the first is ending, and be told twice. */
static void
test_two_sources(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_origin[MG_RUN_OWN], "first", NULL);
  rig_add(rig, &rig_origin[MG_RUN_OWN], "second", NULL);
  rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "first second");
  rig_start(rig);
  end_origin(rig, "first");
  mg_wait_until(rig_count(rig, "sink ended:video") == 1);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  g_assert_cmpuint(rig_count(rig, "second drain"), ==, 0);
  end_origin(rig, "second");
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "first close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "second close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sink ended:video"), ==, 2);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 1);
  rig_stop(rig);
}

/* --- services -------------------------------------------------------------------------------------- */

static void
test_service_found(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_clock_reader, "reader", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  mg_wait_until(rig_count(rig, "reader found") == 1);
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_service_missing(void)
{
  Rig *rig = rig_new();
  MgNodeSpec *door = rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_clock_reader, "reader", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  mg_wait_until(rig_count(rig, "reader open") >= 2); /* it is tried again */
  g_assert_cmpuint(rig_count(rig, "reader found"), ==, 0);
  g_assert_true(door->class == &rig_door);
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_service_twice(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add_service(rig, &rig_clock, "other-clock");
  rig_add(rig, &rig_door, "door", NULL);
  g_autoptr(GError) error = NULL;
  g_assert_false(rig_try_start(rig, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
  rig_stop(rig);
}

/* What a node offers and announces goes with it. */
static void
announce(gpointer node)
{
  mg_node_announce(node, MG_URL_PUSH, "rtmp://example.com/live");
}

static guint
n_urls(Rig *rig)
{
  g_autoptr(GPtrArray) urls = mg_graph_urls(rig_graph(rig));
  return urls->len;
}

/* Of the URL announced last. */
static guint64
newest_url(Rig *rig)
{
  g_autoptr(GPtrArray) urls = mg_graph_urls(rig_graph(rig));
  return ((MgGraphUrl *) g_ptr_array_index(urls, urls->len - 1))->number;
}

static void
test_withdraw(void)
{
  Rig *rig = rig_new();
  rig_add_service(rig, &rig_clock, "clock");
  rig_add(rig, &rig_door, "door", NULL);
  rig_start(rig);
  MgNode *clock = rig_node(rig, "clock"), *door = rig_node(rig, "door");
  mg_call_on(mg_lane_io(0), announce, clock);
  mg_call_on(mg_lane_io(0), announce, door);
  g_assert_cmpuint(n_urls(rig), ==, 2);
  gpointer impl;
  g_assert_true(is_offered(clock));
  g_atomic_int_set(&rig_plan(rig, "clock")->n_open_fails, G_MAXINT);
  mg_call_on(mg_lane_io(0), fail, clock);
  mg_wait_until(rig_count(rig, "clock close") == 1);
  mg_wait_until(n_urls(rig) == 1);
  mg_call_on(mg_lane_io(0), announce, door);
  g_assert_cmpuint(newest_url(rig), ==, 3);
  g_assert_null(mg_service_find(door, "clock", &impl, NULL));
  rig_stop(rig);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/" name, test)
  ADD("drain/closes-everything-and-says-so-once", test_drain);
  ADD("start/is-over-when-all-is-open", test_running);
  ADD("drain/of-nothing-is-done-too", test_drain_nothing);
  ADD("drain/ends-what-was-only-claimed", test_drain_claimed);
  ADD("drain/a-late-reference-does-no-harm", test_late_reference);
  ADD("drain/a-listener-that-failed-is-no-obstacle", test_listener_fails);
  ADD("failure/a-listener-is-opened-again", test_listener_works_again);
  ADD("failure/a-service-is-opened-again", test_service_works_again);
  ADD("failure/a-service-stays-for-its-users", test_service_stays_for_users);
  ADD("start/what-did-open-is-closed-when-another-fails", test_start_fails);
#define ADD_RUN(name, run)                                                                         \
  g_test_add_data_func("/graph/source/" name "/runs-at-once", GUINT_TO_POINTER(run), test_source)
  ADD_RUN("inline", MG_RUN_INLINE);
  ADD_RUN("pool", MG_RUN_POOL);
  ADD_RUN("own", MG_RUN_OWN);
#undef ADD_RUN
#define ADD_RUN(name, run)                                                                         \
  g_test_add_data_func("/graph/source/" name "/ends-its-session", GUINT_TO_POINTER(run),           \
                       test_source_ends)
  ADD_RUN("inline", MG_RUN_INLINE);
  ADD_RUN("pool", MG_RUN_POOL);
  ADD_RUN("own", MG_RUN_OWN);
#undef ADD_RUN
  ADD("source/a-pause-is-no-end", test_source_pauses);
  ADD("source/one-of-two-ends-alone", test_two_sources);
  ADD("source/the-last-end-is-idle", test_idle);
  ADD("service/is-found", test_service_found);
  ADD("service/a-missing-one-fails-the-node", test_service_missing);
  ADD("service/is-offered-once", test_service_twice);
  ADD("service/goes-with-its-node", test_withdraw);
#undef ADD
  return g_test_run();
}
