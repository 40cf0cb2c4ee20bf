/* The rules of the house end a debug build that breaks them, where they are broken. */
#include "graph/build.h"

#include "doubles/call.h"

#ifdef NDEBUG
enum { CHECKS_RULES = FALSE };
#else
enum { CHECKS_RULES = TRUE };
#endif

/* Runs BREAK_RULE in another process, which must not survive it. */
static void
assert_ends(void (*break_rule)(void), const char *words)
{
  if (!CHECKS_RULES) {
    g_test_skip("rules are checked in debug builds only");
    return;
  }
  if (g_test_subprocess()) {
    break_rule();
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_failed();
  g_test_trap_assert_stderr(words);
}

static Rig *
make(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  return rig;
}

/* 1. A node is called on its own lane only. */

static void
push_from_nowhere(void)
{
  Rig *rig = make();
  Publisher *p = publisher_new(rig, "studio");
  publisher_add(p, "video", 16);
  MgPort *port = g_ptr_array_index(p->ports, 0);
  mg_push(port, mg_buffer_new(mg_port_stream(port), 0));
}

static void
test_push_elsewhere(void)
{
  assert_ends(push_from_nowhere, "*mg_push*lane == mg_lane_current*");
}

static void
call_from_nowhere(void)
{
  Rig *rig = make();
  Publisher *p = publisher_new(rig, "studio");
  publisher_add(p, "video", 16);
  mg_node_enter(rig_node(rig, "sink"));
}

static void
test_call_elsewhere(void)
{
  assert_ends(call_from_nowhere, "*mg_node_enter*lane == mg_lane_current*");
}

/* 2. The core holds no lock while it calls a node. */

static void
push_locked(gpointer data)
{
  Publisher *p = data;
  MgPort *port = g_ptr_array_index(p->ports, 0);
  GMutex mutex;
  g_mutex_init(&mutex);
  mg_lock(&mutex);
  MgBuffer *buffer = mg_buffer_new(mg_port_stream(port), 0);
  buffer->flags = MG_BUFFER_KEY;
  mg_push(port, buffer);
  mg_unlock(&mutex);
}

static void
call_locked(void)
{
  Rig *rig = make();
  Publisher *p = publisher_new(rig, "studio");
  publisher_add(p, "video", 16);
  mg_call_on(mg_session_lane(p->session), push_locked, p);
}

static void
test_locked(void)
{
  assert_ends(call_locked, "*mg_holds_no_lock*");
}

/* 3. Nobody waits for another lane: those who wait are no lane. */

static void
start_graph(gpointer graph)
{
  mg_graph_start(graph, NULL);
}

static void
wait_on_lane(void)
{
  Rig *rig = make();
  mg_call_on(mg_lane_io(1), start_graph, rig_graph(rig));
}

static void
test_wait(void)
{
  assert_ends(wait_on_lane, "*mg_graph_start*mg_lane_current*NULL*");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/rules/" name, test)
  ADD("a-push-from-elsewhere-aborts", test_push_elsewhere);
  ADD("a-call-from-elsewhere-aborts", test_call_elsewhere);
  ADD("a-call-under-a-lock-aborts", test_locked);
  ADD("waiting-on-a-lane-aborts", test_wait);
#undef ADD
  return g_test_run();
}
