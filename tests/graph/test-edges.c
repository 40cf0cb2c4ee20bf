/* What flows from node to node, in which order, and what does not. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"
#include "loop/clock.h"

static void
wait_got(Rig *rig, const char *id, guint n)
{
  mg_wait_until(rig_n_got(rig, id) >= n);
  g_assert_cmpuint(rig_n_got(rig, id), ==, n);
}

static void
assert_got(Rig *rig, const char *id, guint index, guint dts_ms, guint flags)
{
  Got *got = rig_got(rig, id, index);
  g_assert_cmpint(got->buffer->dts, ==, dts_ms * MG_MILLISECOND);
  g_assert_cmphex(got->buffer->flags, ==, flags);
}

/* door → a → b, and door → c: b has the buffer before c has. */
static void
test_depth_first(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_INLINE], "a", "door");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "b", "a");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "c", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  /* All within the one call of the publisher's. */
  g_assert_cmpuint(rig_n_got(rig, "c"), ==, 1);
  g_assert_cmpint(rig_position(rig, "a stream:video"), <, rig_position(rig, "b stream:video"));
  g_assert_cmpint(rig_position(rig, "b stream:video"), <, rig_position(rig, "c stream:video"));
  g_assert_cmpint(rig_got(rig, "a", 0)->at, <=, rig_got(rig, "b", 0)->at);
  g_assert_cmpint(rig_got(rig, "b", 0)->at, <=, rig_got(rig, "c", 0)->at);
  publisher_leave(p);
  rig_stop(rig);
}

/* The first buffer is marked discontinuous, for those who share it on a copy; later ones are the same. */
static void
test_fan_out(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "inline", "door");
  rig_add(rig, &rig_sink[MG_RUN_POOL], "pool", "door");
  rig_add(rig, &rig_sink[MG_RUN_OWN], "own", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  publisher_push(p, "video", 40, 0);
  static const char *const sinks[] = { "inline", "pool", "own" };
  for (guint i = 0; i < G_N_ELEMENTS(sinks); i++) {
    wait_got(rig, sinks[i], 2);
    assert_got(rig, sinks[i], 0, 0, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
    assert_got(rig, sinks[i], 1, 40, 0);
    g_assert_true(rig_got(rig, sinks[i], 1)->buffer == rig_got(rig, "inline", 1)->buffer);
    const MgSlice *slice = &rig_got(rig, sinks[i], 0)->buffer->slices[0];
    g_assert_true(slice->data == rig_got(rig, "inline", 0)->buffer->slices[0].data);
  }
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_cross_lanes(void)
{
  enum { N = 2000 };
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_POOL], "a", "door");
  rig_add(rig, &rig_filter[MG_RUN_OWN], "b", "a");
  rig_add(rig, &rig_filter[MG_RUN_INLINE], "c", "b");
  MgNodeSpec *last = rig_add(rig, &rig_sink[MG_RUN_POOL], "d", "c");
  last->queue_time = 3600 * MG_SECOND;
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  for (guint i = 0; i < N; i++)
    publisher_push(p, i % 2 ? "audio" : "video", i, MG_BUFFER_KEY);
  wait_got(rig, "d", N);
  for (guint i = 0; i < N; i++) {
    g_assert_cmpint(rig_got(rig, "d", i)->buffer->dts, ==, i * MG_MILLISECOND);
    g_assert_cmpstr(rig_got(rig, "d", i)->id, ==, i % 2 ? "audio" : "video");
  }
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_select(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "eyes", "door.video");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "ears", "door.audio");
  MgNodeSpec *one = rig_add(rig, &rig_sink[MG_RUN_INLINE], "one", "door.video");
  g_array_index(one->links, MgLink, 0).stream_id = g_strdup("video-2");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video-1", 0, MG_BUFFER_KEY);
  publisher_push(p, "audio", 1, MG_BUFFER_KEY);
  publisher_push(p, "video-2", 2, MG_BUFFER_KEY);
  wait_got(rig, "eyes", 2);
  wait_got(rig, "ears", 1);
  wait_got(rig, "one", 1);
  g_assert_cmpstr(rig_got(rig, "ears", 0)->id, ==, "audio");
  g_assert_cmpstr(rig_got(rig, "one", 0)->id, ==, "video-2");
  publisher_leave(p);
  rig_stop(rig);
}

static void
take(gpointer node)
{
  mg_node_set_taking(node, TRUE);
}

static void
stop_taking(gpointer node)
{
  mg_node_set_taking(node, FALSE);
}

/* What waits is dropped by GOP when it gets old; streams and the end of the session come all the same. */
static void
test_a_mailbox_keeps_what_is_not_taken(void)
{
  for (guint how = 0; how < 3; how++) {
    Rig *rig = rig_new();
    rig_add(rig, &rig_door, "door", NULL);
    MgNodeSpec *spec = rig_add(rig, &rig_mailbox[how], "sink", "door");
    spec->queue_time = 100 * MG_MILLISECOND;
    rig_start(rig);
    Publisher *p = publisher_new(rig, "studio");
    publisher_push(p, "video", 0, MG_BUFFER_KEY);
    wait_got(rig, "sink", 1);
    MgNode *node = rig_node(rig, "sink");
    mg_call_on(mg_node_lane(node), stop_taking, node);
    publisher_push(p, "video", 40, 0);
    publisher_push(p, "video", 80, MG_BUFFER_KEY);
    publisher_push(p, "video", 120, 0);
    publisher_push(p, "video", 160, 0);
    g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 1);
    mg_call_on(mg_node_lane(node), take, node);
    wait_got(rig, "sink", 4);
    assert_got(rig, "sink", 1, 80, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
    mg_call_on(mg_node_lane(node), stop_taking, node);
    publisher_push(p, "video", 200, 0);
    publisher_leave(p);
    rig_stop(rig);
  }
}

static void
test_the_end_is_not_left_in_a_mailbox(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_mailbox[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  wait_got(rig, "sink", 1);
  MgNode *node = rig_node(rig, "sink");
  mg_call_on(mg_node_lane(node), stop_taking, node);
  publisher_push(p, "video", 40, 0);
  publisher_leave(p);
  rig_drain(rig);
  g_autofree char *story = rig_story(rig, "sink");
  g_assert_true(g_str_has_suffix(story, "pause ended:video drain close"));
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 2);
  rig_stop(rig);
}

/* --- patience ------------------------------------------------------------------------------------ */

static MgTime fake_time; /* atomic */

static MgTime
fake_now(void)
{
  return __atomic_load_n(&fake_time, __ATOMIC_RELAXED);
}

static void
advance(MgTime duration)
{
  __atomic_store_n(&fake_time, fake_time + duration, __ATOMIC_RELAXED);
}

static void
nothing(gpointer unused)
{
}

/* After it, the sink's lane has run all that was posted, and all timers that are due: a strand's by way of
 * an alarm on the first I/O lane. */
static void
settle(Rig *rig)
{
  for (guint round = 0; round < 4; round++) {
    mg_call_on(mg_node_lane(rig_node(rig, "sink")), nothing, NULL);
    mg_call_on(mg_lane_io(0), nothing, NULL);
  }
}

static void
assert_told(Publisher *p, guint n)
{
  settle(p->rig);
  g_assert_cmpuint(rig_n_got(p->rig, "sink"), ==, n);
}

/* door → a patient sink, which has been told of a first buffer while time stands still. */
static Publisher *
begin_patience(MgRun how, gint64 queue_bytes, MgTime queue_time)
{
  fake_time = 1000 * MG_SECOND;
  mg_clock_set(fake_now, NULL);
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  MgNodeSpec *spec = rig_add(rig, &rig_patient[how], "sink", "door");
  spec->queue_bytes = queue_bytes;
  spec->queue_time = queue_time;
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  mg_wait_until(rig_node(rig, "sink") != NULL);
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  assert_told(p, 1);
  return p;
}

static void
end_patience(Publisher *p)
{
  Rig *rig = p->rig;
  publisher_leave(p);
  rig_stop(rig);
  mg_clock_set(NULL, NULL);
}

static const MgRun other_lanes[] = { MG_RUN_POOL, MG_RUN_OWN };

/* What comes soon after is told together, and is not left when nothing follows; a silence ends the waiting. */
static void
test_patience(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(other_lanes); i++) {
    Publisher *p = begin_patience(other_lanes[i], 1 << 20, MG_SECOND);
    publisher_push(p, "video", 40, 0);
    publisher_push(p, "video", 80, 0);
    advance(RIG_PATIENCE - 1);
    assert_told(p, 1);
    advance(1);
    assert_told(p, 3);
    advance(RIG_PATIENCE);
    assert_told(p, 3);
    publisher_push(p, "video", 120, 0);
    assert_told(p, 4);
    end_patience(p);
  }
}

/* Time stands still: all that waits comes with what cannot wait. */
static void
test_patience_ends(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(other_lanes); i++) {
    Publisher *p = begin_patience(other_lanes[i], 45, MG_SECOND);
    publisher_push(p, "video", 40, 0);
    publisher_add(p, "audio", 0);
    assert_told(p, 2);
    publisher_push(p, "audio", 40, MG_BUFFER_KEY);
    assert_told(p, 2);
    publisher_end_track(p, "audio");
    assert_told(p, 3);
    publisher_push(p, "video", 80, 0);
    publisher_push(p, "video", 120, 0);
    assert_told(p, 3);
    publisher_push(p, "video", 160, 0);
    assert_told(p, 6);
    publisher_push(p, "video", 200, 0);
    Rig *rig = p->rig;
    publisher_leave(p);
    settle(rig);
    g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 7);
    rig_stop(rig);
    mg_clock_set(NULL, NULL);
  }
}

/* A short queue is looked at before what waits in it is late. */
static void
test_patience_of_a_short_queue(void)
{
  Publisher *p = begin_patience(MG_RUN_OWN, 1 << 20, RIG_PATIENCE / 2);
  publisher_push(p, "video", 40, 0);
  assert_told(p, 1);
  advance(RIG_PATIENCE / 4);
  assert_told(p, 2);
  end_patience(p);
}

static void
test_begins_at_key(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, 0);
  publisher_push(p, "audio", 1, 0); /* only video has key frames to wait for */
  publisher_push(p, "video", 40, MG_BUFFER_KEY);
  publisher_push(p, "video", 80, 0);
  wait_got(rig, "sink", 3);
  assert_got(rig, "sink", 0, 1, MG_BUFFER_DISCONT);
  assert_got(rig, "sink", 1, 40, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  assert_got(rig, "sink", 2, 80, 0);
  g_assert_cmpuint(mg_counter_value(mg_counter(rig_node(rig, "sink"), "not-taken", "")), ==, 1);
  publisher_leave(p);
  rig_stop(rig);
}

/* New parameters of a track that flows: announced before their first buffer, which must be a key frame. */
static void
test_new_parameters(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_POOL], "filter", "door");
  rig_add(rig, &rig_sink[MG_RUN_OWN], "sink", "filter");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  publisher_add(p, "video", 32);
  publisher_push(p, "video", 40, 0);
  publisher_push(p, "video", 80, MG_BUFFER_KEY);
  wait_got(rig, "sink", 2);
  assert_got(rig, "sink", 1, 80, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_assert_cmpuint(mg_stream_info(rig_got(rig, "sink", 1)->buffer->stream)->width, ==, 32);
  g_assert_cmpuint(rig_count(rig, "sink stream:video"), ==, 2);
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_refusal(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_POOL], "picky", "door");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "picky")->refuses, TRUE);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "picky stream:video") == 1);
  wait_got(rig, "sink", 1);
  /* Other parameters are another question. */
  g_atomic_int_set(&rig_plan(rig, "picky")->refuses, FALSE);
  publisher_add(p, "video", 32);
  publisher_push(p, "video", 40, MG_BUFFER_KEY);
  wait_got(rig, "picky", 1);
  assert_got(rig, "picky", 0, 40, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_assert_cmpuint(rig_count(rig, "picky close"), ==, 0);
  publisher_leave(p);
  rig_stop(rig);
}

/* A track that was refused is not said to have ended. */
static void
test_ended(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_INLINE], "filter", "door");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "filter");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "picky", "filter");
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "picky")->refuses, TRUE);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  publisher_push(p, "audio", 0, MG_BUFFER_KEY);
  publisher_end_track(p, "video");
  g_assert_cmpuint(rig_count(rig, "filter ended:video"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sink ended:video"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "picky ended:video"), ==, 0);
  /* A new track of the same name is a new track. */
  publisher_push(p, "video", 40, MG_BUFFER_KEY);
  wait_got(rig, "sink", 3);
  g_assert_cmpuint(rig_count(rig, "sink stream:video"), ==, 2);
  publisher_leave(p);
  rig_stop(rig);
}

/* A node that has no process() takes and drops all. */
static void
test_no_process(void)
{
  static MgNodeClass deaf;
  deaf = rig_sink[MG_RUN_INLINE];
  deaf.process = NULL;
  deaf.stream = NULL;
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &deaf, "deaf", "door");
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  publisher_push(p, "video", 1, 0);
  publisher_leave(p);
  rig_stop(rig);
}

/* Two ways to one node: each brings its own track, and both must end before it does. */
static void
test_diamond(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_POOL], "left", "door.video");
  rig_add(rig, &rig_filter[MG_RUN_OWN], "right", "door.audio");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "left right");
  rig_pipeline(rig)->linger = 0;
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  wait_got(rig, "sink", 1);
  g_atomic_int_set(&rig_plan(rig, "right")->blocks, TRUE);
  publisher_push(p, "audio", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "right blocks") == 1);
  MgLane *home = mg_session_lane(p->session);
  publisher_leave(p);
  mg_wait_until(rig_count(rig, "left close") == 1);
  mg_call_on(home, nothing, NULL); /* by now it knows that the left has ended */
  g_assert_cmpuint(rig_count(rig, "sink drain"), ==, 0);
  g_atomic_int_set(&rig_plan(rig, "right")->blocks, FALSE);
  rig_drain(rig);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 2);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sink drain"), ==, 1);
  rig_stop(rig);
}

/* A consumer that is stuck loses its own data, counted, and holds up nobody. */
static void
test_late(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  MgNodeSpec *slow = rig_add(rig, &rig_sink[MG_RUN_OWN], "slow", "door");
  slow->queue_time = MG_SECOND;
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door");
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, TRUE);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "slow blocks") == 1);
  for (guint i = 1; i < 100; i++) /* ten seconds: a key frame each second */
    publisher_push(p, "video", i * 100, i % 10 == 0 ? MG_BUFFER_KEY : 0);
  wait_got(rig, "sink", 100);
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, FALSE);
  /* What is left when it goes on: the newest GOP. The first survivor is marked. */
  wait_got(rig, "slow", 11);
  assert_got(rig, "slow", 1, 9000, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  for (guint i = 2; i < 11; i++)
    assert_got(rig, "slow", i, 8900 + i * 100, 0);
  MgNode *node = rig_node(rig, "slow");
  g_assert_cmpuint(mg_counter_value(mg_counter(node, "dropped", "")), ==, 89);
  publisher_leave(p);
  rig_stop(rig);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/edges/" name, test)
  ADD("one-lane-is-called-depth-first", test_depth_first);
  ADD("fan-out-shares-buffers", test_fan_out);
  ADD("order-is-kept-across-lanes", test_cross_lanes);
  ADD("a-word-of-from-selects-tracks", test_select);
  ADD("flow-begins-at-a-key-frame", test_begins_at_key);
  ADD("new-parameters-come-before-their-buffers", test_new_parameters);
  ADD("a-refusal-is-for-one-track-and-one-node", test_refusal);
  ADD("the-end-of-a-track-travels", test_ended);
  ADD("without-process-all-is-dropped", test_no_process);
  ADD("two-ways-to-one-node-both-end", test_diamond);
  ADD("a-late-consumer-loses-its-own", test_late);
  ADD("a-mailbox-keeps-what-is-not-taken", test_a_mailbox_keeps_what_is_not_taken);
  ADD("the-end-is-not-left-in-a-mailbox", test_the_end_is_not_left_in_a_mailbox);
  ADD("a-patient-consumer-is-told-together", test_patience);
  ADD("patience-ends-when-something-cannot-wait", test_patience_ends);
  ADD("patience-is-half-of-a-short-queue-at-most", test_patience_of_a_short_queue);
#undef ADD
  return g_test_run();
}
