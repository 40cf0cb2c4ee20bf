/* Publishers coming, going, coming back and getting in each other's way. */
#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"

/* door → filter (pool) → sink (inline). */
static Rig *
make(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_filter[MG_RUN_POOL], "filter", "door");
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "filter");
  return rig;
}

static void
test_reconnect(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *first = publisher_new(rig, "studio");
  g_assert_cmpint(first->base, ==, 0);
  publisher_push(first, "video", 0, MG_BUFFER_KEY);
  publisher_push(first, "video", 1000, 0);
  mg_wait_until(rig_n_got(rig, "sink") == 2);
  g_autofree char *id = g_strdup(mg_session_name(first->session, "session"));
  publisher_leave(first);
  mg_wait_until(rig_count(rig, "sink pause") == 1);

  Publisher *second = publisher_new(rig, "studio");
  g_assert_cmpstr(mg_session_name(second->session, "session"), ==, id);
  g_assert_cmpint(second->base, >, MG_SECOND);
  g_assert_cmpint(second->base, <, 12 * MG_SECOND);
  publisher_push(second, "video", 0, 0); /* it joins in the middle of a GOP */
  publisher_push(second, "video", 40, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "sink") == 3);
  const MgBuffer *buffer = rig_got(rig, "sink", 2)->buffer;
  g_assert_cmphex(buffer->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_assert_cmpint(buffer->dts, ==, second->base + 40 * MG_MILLISECOND);
  g_assert_cmpuint(rig_count(rig, "sink open"), ==, 1);
  /* With parameters as they were: the same track, declared again. */
  g_assert_cmpuint(rig_count(rig, "sink stream:video"), ==, 2);
  g_assert_cmpuint(rig_count(rig, "sink ended:video"), ==, 0);
  publisher_leave(second);
  rig_stop(rig);
}

/* Whoever comes back with other parameters declares them. */
static void
test_reconnect_changed(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_add(p, "video", 16);
  publisher_leave(p);
  p = publisher_new(rig, "studio");
  publisher_add(p, "video", 32);
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "sink") == 1);
  g_assert_cmpuint(rig_count(rig, "sink stream:video"), ==, 2);
  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  g_assert_cmpuint(status->len, ==, 1);
  const MgSessionStatus *session = g_ptr_array_index(status, 0);
  g_assert_cmpuint(session->tracks->len, ==, 1);
  const MgTrackStatus *track = &g_array_index(session->tracks, MgTrackStatus, 0);
  g_assert_cmpuint(mg_stream_info(track->stream)->width, ==, 32);
  g_assert_cmpuint(track->n_buffers, ==, 1);
  g_assert_cmpuint(track->n_bytes, ==, 10);
  g_clear_pointer(&status, g_ptr_array_unref);
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_linger_over(void)
{
  Rig *rig = make();
  rig_pipeline(rig)->linger = 20 * MG_MILLISECOND;
  rig_start(rig);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  g_autofree char *id = g_strdup(mg_session_name(p->session, "session"));
  publisher_leave(p);
  mg_wait_until(rig_n_sessions(rig) == 0);
  g_autofree char *filter = rig_story(rig, "filter");
  g_autofree char *sink = rig_story(rig, "sink");
  g_assert_cmpstr(filter, ==, "open stream:video pause ended:video drain close");
  g_assert_cmpstr(sink, ==, "open stream:video pause ended:video drain close");
  g_assert_cmpint(rig_position(rig, "filter drain"), <, rig_position(rig, "sink drain"));

  p = publisher_new(rig, "studio");
  g_assert_cmpstr(mg_session_name(p->session, "session"), !=, id);
  g_assert_cmpint(p->base, ==, 0);
  publisher_leave(p);
  rig_stop(rig);
}

static void
test_replace(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *first = publisher_new(rig, "studio");
  publisher_push(first, "video", 0, MG_BUFFER_KEY);
  Publisher *second = publisher_new(rig, "studio");
  g_assert_true(g_atomic_int_get(&first->is_evicted));
  g_assert_nonnull(first->reason);
  g_assert_true(first->session == second->session);
  publisher_push(first, "video", 40, MG_BUFFER_KEY); /* in vain */
  publisher_push(second, "video", 80, MG_BUFFER_KEY);
  mg_wait_until(rig_n_got(rig, "sink") == 2);
  g_assert_cmpuint(rig_n_got(rig, "filter"), ==, 2);
  publisher_leave(first);
  g_assert_false(g_atomic_int_get(&second->is_evicted));
  publisher_leave(second);
  rig_stop(rig);
}

static void
test_reject(void)
{
  Rig *rig = make();
  rig_pipeline(rig)->on_duplicate = MG_ON_DUPLICATE_REJECT;
  rig_start(rig);
  g_autoptr(GError) error = NULL;
  Publisher *first = publisher_new(rig, "studio");
  g_assert_null(publisher_try_new(rig, 0, "studio", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
  g_assert_false(g_atomic_int_get(&first->is_evicted));
  Publisher *other = publisher_new(rig, "stage");
  g_assert_cmpuint(rig_n_sessions(rig), ==, 2);
  publisher_leave(other);
  publisher_leave(first);
  /* Once the first has gone it is no duplicate. */
  publisher_leave(publisher_new(rig, "studio"));
  rig_stop(rig);
}

static void
test_claim_in_vain(void)
{
  Rig *rig = make();
  rig_start(rig);
  MgSession *claimed = mg_session_claim(rig_listener(rig, 0), "live", "studio", NULL);
  MgSession *again = mg_session_claim(rig_listener(rig, 0), "live", "studio", NULL);
  g_assert_true(claimed == again);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  mg_session_unref(claimed);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  mg_session_unref(again);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 0);
  g_assert_cmpuint(rig_count(rig, "sink open"), ==, 0);
  rig_stop(rig);
}

static void
assert_no_claim(Rig *rig, const char *app, const char *stream, MgError code)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_session_claim(rig_listener(rig, 0), app, stream, &error));
  g_assert_error(error, MG_ERROR, (gint) code);
}

static void
test_names(void)
{
  Rig *rig = make();
  rig_start(rig);
  assert_no_claim(rig, "live", "", MG_ERROR_INVALID);
  assert_no_claim(rig, "live", "../studio", MG_ERROR_INVALID);
  assert_no_claim(rig, ".live", "studio", MG_ERROR_INVALID);
  assert_no_claim(rig, "live", "stu\ndio", MG_ERROR_INVALID);
  rig_stop(rig);
}

static void
test_most_sessions(void)
{
  Rig *rig = make();
  rig_pipeline(rig)->max_sessions = 2;
  rig_start(rig);
  Publisher *a = publisher_new(rig, "a"), *b = publisher_new(rig, "b");
  assert_no_claim(rig, "live", "c", MG_ERROR_LIMIT);
  publisher_leave(publisher_new(rig, "b")); /* no new session */
  publisher_leave(a);
  publisher_leave(b);
  rig_stop(rig);
}

/* A publisher who comes back through another listener has other tracks. */
static void
test_other_door(void)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_other_door, "other-door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "door other-door");
  rig_start(rig);
  Publisher *first = publisher_new(rig, "studio");
  publisher_push(first, "video", 0, MG_BUFFER_KEY);
  publisher_leave(first);
  g_assert_cmpuint(rig_count(rig, "sink ended:video"), ==, 0);
  Publisher *second = publisher_try_new(rig, 1, "studio", NULL);
  g_assert_nonnull(second);
  g_assert_cmpuint(rig_count(rig, "sink ended:video"), ==, 1);
  publisher_push(second, "video", 0, MG_BUFFER_KEY);
  g_assert_cmpuint(rig_count(rig, "sink stream:video"), ==, 2);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, 2);
  publisher_leave(second);
  rig_stop(rig);
}

static void
test_status(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *b = publisher_new(rig, "b"), *a = publisher_new(rig, "a");
  publisher_push(a, "video", 0, MG_BUFFER_KEY);
  publisher_leave(b);
  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  g_assert_cmpuint(status->len, ==, 2);
  const MgSessionStatus *one = g_ptr_array_index(status, 0), *two = g_ptr_array_index(status, 1);
  g_assert_cmpstr(one->stream, ==, "a");
  g_assert_cmpstr(one->app, ==, "live");
  g_assert_cmpstr(one->peer, ==, "192.0.2.7:1");
  g_assert_false(one->is_lingering);
  g_assert_cmpstr(two->stream, ==, "b");
  g_assert_true(two->is_lingering);
  g_clear_pointer(&status, g_ptr_array_unref);
  publisher_leave(a);
  rig_stop(rig);
}

/* Two of one name are told apart, and do not change places. */
static void
test_apps(void)
{
  Rig *rig = make();
  rig_start(rig);
  Publisher *a = publisher_new(rig, "news/b"), *b = publisher_new(rig, "news/a"),
            *c = publisher_new(rig, "live/b");
  g_assert_cmpstr(mg_session_label(a->session), ==, "live/news/b");
  g_assert_cmpstr(mg_session_label(c->session), ==, "live/b");
  g_autoptr(GPtrArray) status = mg_graph_status(rig_graph(rig));
  g_autoptr(GString) order = g_string_new(NULL);
  for (guint i = 0; i < status->len; i++) {
    const MgSessionStatus *one = g_ptr_array_index(status, i);
    g_string_append_printf(order, "%s/%s ", one->app, one->stream);
  }
  g_assert_cmpstr(order->str, ==, "live/b news/a news/b ");
  publisher_leave(a);
  publisher_leave(b);
  publisher_leave(c);
  rig_stop(rig);
}

/* --- a node that hangs at the end ------------------------------------------------------------------ */

/* door → watch (inline) and sink, which hangs in its first buffer while its session ends. */
static Rig *
make_hung(const MgNodeClass *sink)
{
  Rig *rig = rig_new();
  rig_add(rig, &rig_door, "door", NULL);
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "watch", "door");
  rig_add(rig, sink, "sink", "door");
  rig_pipeline(rig)->linger = rig_pipeline(rig)->end_limit = 5 * MG_MILLISECOND;
  rig_pipeline(rig)->max_sessions = 2;
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, TRUE);
  Publisher *p = publisher_new(rig, "studio");
  publisher_push(p, "video", 0, MG_BUFFER_KEY);
  mg_wait_until(rig_count(rig, "sink blocks") == 1);
  publisher_leave(p);
  return rig;
}

static void
test_hung_name(void)
{
  Rig *rig = make_hung(&rig_sink[MG_RUN_OWN]);
  mg_wait_until(rig_n_sessions(rig) == 0);
  g_assert_cmpuint(rig_count(rig, "watch close"), ==, 1);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 0);
  rig_pipeline(rig)->linger = 60 * MG_SECOND;
  Publisher *next = publisher_new(rig, "studio");
  publisher_push(next, "audio", 0, MG_BUFFER_KEY);
  g_assert_cmpuint(rig_n_got(rig, "watch"), ==, 2);
  assert_no_claim(rig, "live", "stage", MG_ERROR_LIMIT); /* it costs a thread still */

  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  mg_wait_until(rig_count(rig, "sink close") == 1);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  publisher_leave(next);
  rig_stop(rig);
}

static void
nothing(gpointer unused)
{
}

static void
test_hung_drain(void)
{
  Rig *rig = make_hung(&rig_sink[MG_RUN_OWN]);
  mg_wait_until(rig_n_sessions(rig) == 0);
  rig_begin_drain(rig);
  for (guint i = 0; i < 5; i++)
    mg_call_on(mg_lane_io(0), nothing, NULL);
  g_assert_cmpuint(rig_count(rig, "door close"), ==, 0);
  g_assert_false(rig_is_drained(rig));
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  rig_drain(rig);
  g_assert_cmpuint(rig_count(rig, "sink close"), ==, 1);
  rig_stop(rig);
}

typedef struct {
  MgSession *session;
  gboolean is_overdue;
} Look;

static void
look_here(gpointer data)
{
  Look *look = data;
  look->is_overdue = look->session->is_overdue;
}

static gboolean
is_overdue(MgSession *session)
{
  Look look = { session };
  mg_call_on(mg_session_lane(session), look_here, &look);
  return look.is_overdue;
}

/* A node that may not block could keep something that there must be one of. */
static void
test_hung_pool(void)
{
  Rig *rig = make_hung(&rig_sink[MG_RUN_POOL]);
  mg_lock(&rig_graph(rig)->lock);
  MgSession *session = g_hash_table_lookup(rig_graph(rig)->sessions, "live/live/studio");
  mg_session_ref(session);
  mg_unlock(&rig_graph(rig)->lock);
  mg_wait_until(is_overdue(session));
  assert_no_claim(rig, "live", "studio", MG_ERROR_GONE);
  g_atomic_int_set(&rig_plan(rig, "sink")->blocks, FALSE);
  mg_wait_until(rig_n_sessions(rig) == 0);
  mg_session_unref(session);
  rig_stop(rig);
}

/* --- many come and go ------------------------------------------------------------------------------ */

/* While others look. */
static gpointer
look(gpointer data)
{
  Rig *rig = data;
  for (guint i = 0; i < 300; i++)
    g_ptr_array_unref(mg_graph_status(rig_graph(rig)));
  return NULL;
}

static void
test_churn(void)
{
  Rig *rig = make();
  rig_pipeline(rig)->linger = MG_MILLISECOND;
  rig_start(rig);
  GThread *looker = g_thread_new("look", look, rig);
  for (guint i = 0; i < 60; i++) {
    g_autofree char *name = g_strdup_printf("s%u", i % 7);
    g_autoptr(GError) error = NULL;
    Publisher *p = publisher_try_new(rig, 0, name, &error);
    if (p == NULL) { /* the session before it is just ending */
      g_assert_error(error, MG_ERROR, MG_ERROR_GONE);
      continue;
    }
    publisher_push(p, "video", 0, MG_BUFFER_KEY);
    publisher_push(p, "audio", 0, MG_BUFFER_KEY);
    publisher_leave(p);
  }
  g_thread_join(looker);
  mg_wait_until(rig_n_sessions(rig) == 0);
  g_assert_cmpuint(rig_count(rig, "sink open"), ==, rig_count(rig, "sink close"));
  g_assert_cmpuint(rig_count(rig, "filter open"), ==, rig_count(rig, "filter close"));
  rig_stop(rig);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/session/" name, test)
  ADD("a-reconnect-continues-the-tracks", test_reconnect);
  ADD("a-reconnect-may-change-parameters", test_reconnect_changed);
  ADD("after-linger-all-ends-in-flow-order", test_linger_over);
  ADD("a-second-publisher-replaces", test_replace);
  ADD("a-second-publisher-is-rejected", test_reject);
  ADD("a-claim-in-vain-leaves-nothing", test_claim_in_vain);
  ADD("bad-names-are-refused", test_names);
  ADD("there-is-a-limit", test_most_sessions);
  ADD("another-listener-ends-the-tracks-of-the-first", test_other_door);
  ADD("status-shows-who-publishes", test_status);
  ADD("apps-are-told-apart", test_apps);
  ADD("a-hung-node-of-its-own-keeps-no-name", test_hung_name);
  ADD("a-hung-node-of-its-own-holds-up-the-drain", test_hung_drain);
  ADD("a-hung-node-of-the-pool-keeps-the-name", test_hung_pool);
  ADD("many-come-and-go", test_churn);
#undef ADD
  return g_test_run();
}
