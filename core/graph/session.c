#include "graph/session.h"

#include "graph/graph.h"

/* --- life -------------------------------------------------------------------------------------- */

/* "20261122-074938-3f9a12": unique for ever, sorts by time, fits a file name. */
static char *
make_id(gint64 utc_us)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(utc_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format(time, "%Y%m%d-%H%M%S");
  return g_strdup_printf("%s-%06x", stamp, g_random_int() & 0xffffff);
}

/* An app is named where the pipeline's name does not say it. */
static char *
make_label(const char *pipeline, const char *app, const char *stream)
{
  if (g_str_equal(pipeline, app))
    return g_strdup_printf("%s/%s", pipeline, stream);
  return g_strdup_printf("%s/%s/%s", pipeline, app, stream);
}

static void linger_over(gpointer data);
static void end_is_overdue(gpointer data);

MgSession *
mg_session_new(MgPipeline *pipeline, const char *app, const char *stream, MgLane *lane)
{
  MgSession *session = g_new0(MgSession, 1);
  session->ref_count = 1;
  session->graph = mg_graph_ref(pipeline->graph);
  session->pipeline = pipeline;
  session->app = g_strdup(app);
  session->stream = g_strdup(stream);
  session->start_utc_us = mg_utc_now_us();
  session->id = make_id(session->start_utc_us);
  session->label = make_label(pipeline->spec->name, app, stream);
  if (pipeline->graph->state_dir != NULL)
    session->state_dir =
        g_build_filename(pipeline->graph->state_dir, pipeline->spec->name, app, stream, NULL);
  session->lane = mg_lane_ref(lane);
  mg_lane_count_session(lane, 1);
  session->nodes = g_ptr_array_new_with_free_func((GDestroyNotify) mg_node_free);
  session->tracks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_track_stats_unref);
  session->seats = mg_seats_new();
  g_mutex_init(&session->lock);
  mg_timer_init(&session->linger, linger_over, session);
  mg_timer_init(&session->overdue, end_is_overdue, session);
  return session;
}

MgSession *
mg_session_ref(MgSession *session)
{
  g_atomic_int_inc(&session->ref_count);
  return session;
}

/* TRUE when only the table holds a session that nobody ever attached to: it leaves the table. */
static gboolean
was_claimed_in_vain(MgSession *session)
{
  if (session->state != MG_SESSION_NEW || g_atomic_int_get(&session->ref_count) != 1)
    return FALSE;
  return mg_graph_steal_session(session->graph, session) != NULL;
}

static void
session_free(MgSession *session)
{
  MgGraph *graph = session->graph;
  mg_lane_count_session(session->lane, -1);
  mg_lane_unref(session->lane);
  g_ptr_array_unref(session->nodes);
  g_ptr_array_unref(session->tracks);
  g_ptr_array_unref(session->seats);
  g_mutex_clear(&session->lock);
  g_free(session->app);
  g_free(session->stream);
  g_free(session->id);
  g_free(session->label);
  g_free(session->state_dir);
  g_free(session);
  mg_graph_unref(graph);
}

void
mg_session_unref(MgSession *session)
{
  if (session == NULL)
    return;
  MgGraph *graph = session->graph;
  mg_lock(&graph->lock);
  gboolean is_last = g_atomic_int_dec_and_test(&session->ref_count) || was_claimed_in_vain(session);
  mg_unlock(&graph->lock);
  if (is_last)
    session_free(session);
}

static void
set_state(MgSession *session, MgSessionState state)
{
  mg_lock(&session->graph->lock);
  session->state = state;
  mg_unlock(&session->graph->lock);
}

static gboolean
is_running(const MgSession *session)
{
  return session->state == MG_SESSION_RUNNING || session->state == MG_SESSION_LINGERING;
}

/* --- building ---------------------------------------------------------------------------------- */

static MgLane *
lane_for(MgSession *session, const MgNodeSpec *spec)
{
  g_autofree char *name = g_strdup_printf("%.8s/%.6s", session->stream, spec->id);
  if (mg_lane_kind(session->lane) == MG_LANE_MANUAL)
    return mg_lane_ref(session->lane);
  switch (spec->class->run) {
  case MG_RUN_OWN: return mg_lane_new_thread(name);
  case MG_RUN_POOL: return mg_lane_new_strand(name);
  default: return mg_lane_ref(session->lane);
  }
}

static void node_closed(MgNode *node, gpointer data);

static MgNode *
make_node(MgSession *session, const MgNodeSpec *spec)
{
  gboolean is_place = spec->class->role == MG_ROLE_LISTENER;
  MgLane *lane = is_place ? mg_lane_ref(session->lane) : lane_for(session, spec);
  MgNode *node = mg_node_new(spec, session->graph, session, lane);
  mg_lane_unref(lane);
  node->is_source_place = is_place;
  node->closed = node_closed;
  node->closed_data = session;
  return node;
}

static void
join(MgSession *session, MgNode *consumer)
{
  const GArray *links = consumer->spec->links;
  for (guint i = 0; links != NULL && i < links->len; i++) {
    const MgLink *link = &g_array_index(links, MgLink, i);
    mg_edge_new(g_ptr_array_index(session->nodes, link->producer), consumer, link);
  }
}

void
mg_session_build(MgSession *session)
{
  const GPtrArray *specs = session->pipeline->spec->nodes;
  mg_session_ref(session); /* until the last node has closed */
  for (guint i = 0; i < specs->len; i++)
    g_ptr_array_add(session->nodes, make_node(session, g_ptr_array_index(specs, i)));
  for (guint i = 0; i < specs->len; i++)
    join(session, g_ptr_array_index(session->nodes, i));
  mg_lock(&session->lock);
  mg_session_make_seats(session);
  mg_unlock(&session->lock);
  set_state(session, MG_SESSION_RUNNING);
  /* Consumers first, so that they are there when their producers declare streams. */
  for (guint i = specs->len; i-- > 0;)
    mg_node_start(g_ptr_array_index(session->nodes, i));
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
all_closed(gpointer data)
{
  MgSession *session = data;
  mg_timer_stop(&session->overdue);
  set_state(session, MG_SESSION_ENDED);
  mg_graph_session_ended(session->graph, session);
  mg_session_unref(session);
}

static void
one_closed(gpointer data)
{
  MgNode *node = data;
  MgSession *session = node->session;
  node->is_gone = TRUE;
  if (++session->n_closed == session->nodes->len)
    all_closed(session);
}

/* On the node's lane. */
static void
node_closed(MgNode *node, gpointer data)
{
  MgSession *session = data;
  mg_lane_post(session->lane, one_closed, node);
}

/* Returned-owned: the ids of the nodes that have not closed. */
static char *
name_open_nodes(MgSession *session)
{
  GString *names = g_string_new(NULL);
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (!node->is_gone)
      g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", node->spec->id);
  }
  return g_string_free(names, FALSE);
}

/* What other nodes keep for their stream, a journal above all, must not be kept twice at a time. */
static gboolean
can_lose_name(MgSession *session)
{
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (!node->is_gone && (node->is_source_place || node->class->run != MG_RUN_OWN))
      return FALSE;
  }
  return TRUE;
}

/* Again after a while, as long as the name is not free. */
static void
end_is_overdue(gpointer data)
{
  MgSession *session = data;
  gboolean is_free = can_lose_name(session);
  if (is_free || !session->is_overdue) {
    g_autofree char *names = name_open_nodes(session);
    mg_warning(g_ptr_array_index(session->nodes, 0), "the stream has ended, but not in %s: %s",
               names,
               is_free ? "its name is free for another one" : "its name stays taken until then");
  }
  session->is_overdue = TRUE;
  if (is_free)
    mg_graph_session_overdue(session->graph, session);
  else
    mg_timer_start_in(&session->overdue, session->pipeline->spec->end_limit);
}

static gboolean
has_inputs(const MgNode *node)
{
  return node->in_edges->len > 0;
}

static void
finish_here(gpointer data)
{
  mg_node_finish(data);
}

/* Once: after it, the node may be gone at any time. */
static void
finish_source(MgNode *node)
{
  if (node->is_finishing)
    return;
  node->is_finishing = TRUE;
  mg_lane_post(node->lane, finish_here, node);
}

static void
end(MgSession *session)
{
  mg_timer_stop(&session->linger);
  set_state(session, MG_SESSION_ENDING);
  mg_timer_start_in(&session->overdue, session->pipeline->spec->end_limit);
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (!has_inputs(node))
      finish_source(node);
  }
}

static gboolean
has_source(MgSession *session)
{
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (!has_inputs(node) && !node->is_finishing)
      return TRUE;
  }
  return FALSE;
}

void
mg_session_source_ended(MgSession *session, MgNode *node)
{
  finish_source(node);
  if (is_running(session) && !has_source(session))
    end(session);
}

void
mg_session_resume(MgSession *session)
{
  mg_timer_stop(&session->linger);
  if (session->state == MG_SESSION_LINGERING)
    set_state(session, MG_SESSION_RUNNING);
}

void
mg_session_linger(MgSession *session)
{
  if (session->state != MG_SESSION_RUNNING || mg_session_has_media(session))
    return;
  set_state(session, MG_SESSION_LINGERING);
  mg_timer_start_in(&session->linger, session->pipeline->spec->linger);
}

static void
linger_over(gpointer data)
{
  MgSession *session = data;
  mg_info(g_ptr_array_index(session->nodes, 0), "no publisher came back; the stream ends");
  end(session);
}

/* Claimed, and stopped before anybody attached: whoever holds the claim is told that it has gone. */
static void
end_unused(MgSession *session)
{
  set_state(session, MG_SESSION_ENDED);
  mg_graph_session_ended(session->graph, session);
}

typedef struct {
  MgSession *session;
  char *reason;
} Stop;

static void
stop_here(gpointer data)
{
  Stop *stop = data;
  MgSession *session = stop->session;
  mg_session_evict_all(session, stop->reason);
  if (session->state == MG_SESSION_NEW)
    end_unused(session);
  else if (is_running(session))
    end(session);
  mg_session_unref(session);
  g_free(stop->reason);
  g_free(stop);
}

void
mg_session_stop(MgSession *session, const char *reason)
{
  Stop *stop = g_new0(Stop, 1);
  stop->session = mg_session_ref(session);
  stop->reason = g_strdup(reason);
  mg_lane_post(session->lane, stop_here, stop);
}

/* --- what others ask --------------------------------------------------------------------------- */

MgLane *
mg_session_lane(MgSession *session)
{
  return session->lane;
}

const char *
mg_session_name(MgSession *session, const char *variable)
{
  if (g_str_equal(variable, "app"))
    return session->app;
  if (g_str_equal(variable, "stream"))
    return session->stream;
  return g_str_equal(variable, "session") ? session->id : NULL;
}

const char *
mg_session_state_dir(MgSession *session)
{
  return session->state_dir;
}

const char *
mg_session_label(MgSession *session)
{
  return session->label;
}

void
mg_session_variables(MgSession *session, MgVariables *variables)
{
  *variables = (MgVariables){
    .app = session->app,
    .stream = session->stream,
    .session = session->id,
    .start_utc_us = session->start_utc_us,
  };
}
