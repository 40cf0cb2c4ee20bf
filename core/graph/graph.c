#include "graph/graph.h"

#include "graph/session.h"
#include "graph/state.h"
#include "graph/watchdog.h"

#include <string.h>

/* --- life -------------------------------------------------------------------------------------- */

void
mg_graph_url_free(gpointer data)
{
  MgGraphUrl *url = data;
  g_free(url->node);
  g_free(url->url);
  g_free(url);
}

static void
pipeline_free(gpointer data)
{
  MgPipeline *pipeline = data;
  g_ptr_array_unref(pipeline->listeners);
  g_free(pipeline);
}

/* The file's word, then systemd's, then the user's. */
static char *
find_state_dir(const MgGraphSpec *spec)
{
  if (spec->state_dir != NULL)
    return g_strdup(spec->state_dir);
  const char *systemd = g_getenv("STATE_DIRECTORY");
  if (systemd != NULL && *systemd != '\0')
    return g_strndup(systemd, strcspn(systemd, ":")); /* it may name several */
  return g_build_filename(g_get_user_state_dir(), "mediagraph", NULL);
}

static MgNode *
make_root_node(MgGraph *graph, const MgNodeSpec *spec)
{
  return mg_node_new(spec, graph, NULL, mg_lane_io(0));
}

static MgPipeline *
make_pipeline(MgGraph *graph, const MgPipelineSpec *spec)
{
  MgPipeline *pipeline = g_new0(MgPipeline, 1);
  pipeline->graph = graph;
  pipeline->spec = spec;
  pipeline->listeners = g_ptr_array_new_with_free_func((GDestroyNotify) mg_node_free);
  for (guint i = 0; i < spec->nodes->len; i++) {
    const MgNodeSpec *node = g_ptr_array_index(spec->nodes, i);
    if (node->class->role == MG_ROLE_LISTENER)
      g_ptr_array_add(pipeline->listeners, make_root_node(graph, node));
  }
  return pipeline;
}

MgGraph *
mg_graph_new(MgGraphSpec *spec)
{
  MgGraph *graph = g_new0(MgGraph, 1);
  graph->ref_count = 1;
  graph->spec = spec;
  graph->state_dir = find_state_dir(spec);
  graph->services = g_ptr_array_new_with_free_func((GDestroyNotify) mg_node_free);
  graph->pipelines = g_ptr_array_new_with_free_func(pipeline_free);
  graph->sessions =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify) mg_session_unref);
  graph->overdue = g_ptr_array_new_with_free_func((GDestroyNotify) mg_session_unref);
  graph->urls = g_ptr_array_new_with_free_func(mg_graph_url_free);
  graph->offers = mg_offers_new();
  g_mutex_init(&graph->lock);
  for (guint i = 0; i < spec->services->len; i++)
    g_ptr_array_add(graph->services, make_root_node(graph, g_ptr_array_index(spec->services, i)));
  for (guint i = 0; i < spec->pipelines->len; i++)
    g_ptr_array_add(graph->pipelines, make_pipeline(graph, g_ptr_array_index(spec->pipelines, i)));
  return graph;
}

MgGraph *
mg_graph_ref(MgGraph *graph)
{
  g_atomic_int_inc(&graph->ref_count);
  return graph;
}

void
mg_graph_unref(MgGraph *graph)
{
  if (!g_atomic_int_dec_and_test(&graph->ref_count))
    return;
  g_ptr_array_unref(graph->pipelines);
  g_ptr_array_unref(graph->services);
  g_hash_table_unref(graph->sessions);
  g_ptr_array_unref(graph->overdue);
  mg_offers_free(graph->offers);
  g_ptr_array_unref(graph->urls);
  g_mutex_clear(&graph->lock);
  g_free(graph->state_dir);
  mg_graph_spec_free(graph->spec);
  g_free(graph);
}

void
mg_graph_free(MgGraph *graph)
{
  if (graph == NULL)
    return;
  if (graph->is_watched)
    mg_watchdog_stop();
  mg_state_sweeper_stop(graph->sweeper);
  mg_graph_unref(graph);
}

/* --- start ------------------------------------------------------------------------------------- */

/* The main thread is no lane: it may wait. */
typedef struct {
  MgGraph *graph;
  GError *error;
  GMutex lock;
  GCond changed;
  gboolean is_done;
} Start;

static gboolean
open_root_node(MgNode *node, GError **error)
{
  if (!mg_node_open_once(node, error)) {
    g_prefix_error(error, "%s:%u:%u: %s: ", node->spec->element->place.file,
                   node->spec->element->place.line, node->spec->element->place.column, node->label);
    return FALSE;
  }
  node->graph->n_open_nodes++;
  return TRUE;
}

static gboolean
listens(const MgPipeline *pipeline)
{
  return pipeline->listeners->len > 0;
}

/* A pipeline whose source does not listen runs as one session at once, named like the pipeline. */
static void
start_session(MgGraph *graph, MgPipeline *pipeline)
{
  const char *name = pipeline->spec->name;
  MgSession *session = mg_session_new(pipeline, name, name, mg_lane_current());
  mg_lock(&graph->lock);
  mg_graph_add_session(graph, session);
  mg_unlock(&graph->lock);
  mg_session_build(session);
  mg_session_unref(session);
}

static gboolean
open_all(MgGraph *graph, GError **error)
{
  for (guint i = 0; i < graph->services->len; i++)
    if (!open_root_node(g_ptr_array_index(graph->services, i), error))
      return FALSE;
  for (guint i = 0; i < graph->pipelines->len; i++) {
    MgPipeline *pipeline = g_ptr_array_index(graph->pipelines, i);
    for (guint j = 0; j < pipeline->listeners->len; j++)
      if (!open_root_node(g_ptr_array_index(pipeline->listeners, j), error))
        return FALSE;
  }
  for (guint i = 0; i < graph->pipelines->len; i++) {
    MgPipeline *pipeline = g_ptr_array_index(graph->pipelines, i);
    if (!listens(pipeline))
      start_session(graph, pipeline);
  }
  return TRUE;
}

static void
start_here(gpointer data)
{
  Start *start = data;
  if (open_all(start->graph, &start->error))
    g_atomic_int_set(&start->graph->is_running, TRUE);
  g_mutex_lock(&start->lock);
  start->is_done = TRUE;
  g_cond_signal(&start->changed);
  g_mutex_unlock(&start->lock);
}

gboolean
mg_graph_start(MgGraph *graph, GError **error)
{
  g_assert(mg_lane_current() == NULL);
  mg_watchdog_start();
  graph->is_watched = TRUE;
  graph->sweeper = mg_state_sweeper_start(graph->state_dir);
  Start start = { .graph = graph };
  g_mutex_init(&start.lock);
  g_cond_init(&start.changed);
  mg_lane_post(mg_lane_io(0), start_here, &start);
  g_mutex_lock(&start.lock);
  while (!start.is_done)
    g_cond_wait(&start.changed, &start.lock);
  g_mutex_unlock(&start.lock);
  g_mutex_clear(&start.lock);
  g_cond_clear(&start.changed);
  if (start.error == NULL)
    return TRUE;
  g_propagate_error(error, start.error);
  return FALSE;
}

/* --- sessions ---------------------------------------------------------------------------------- */

static char *
key_of(MgSession *session)
{
  return mg_session_key(session->pipeline->spec->name, session->app, session->stream);
}

void
mg_graph_add_session(MgGraph *graph, MgSession *session)
{
  g_hash_table_insert(graph->sessions, key_of(session), mg_session_ref(session));
  session->pipeline->n_sessions++;
}

static gboolean
steal_name(MgGraph *graph, MgSession *session)
{
  g_autofree char *key = key_of(session);
  g_autofree char *stored_key = NULL;
  if (g_hash_table_lookup(graph->sessions, key) != session)
    return FALSE;
  return g_hash_table_steal_extended(graph->sessions, key, (gpointer *) &stored_key, NULL);
}

static gboolean
steal_overdue(MgGraph *graph, MgSession *session)
{
  guint index;
  if (!g_ptr_array_find(graph->overdue, session, &index))
    return FALSE;
  g_ptr_array_steal_index_fast(graph->overdue, index);
  return TRUE;
}

MgSession *
mg_graph_steal_session(MgGraph *graph, MgSession *session)
{
  if (!steal_name(graph, session) && !steal_overdue(graph, session))
    return NULL;
  session->pipeline->n_sessions--;
  return session;
}

void
mg_graph_session_overdue(MgGraph *graph, MgSession *session)
{
  mg_lock(&graph->lock);
  if (steal_name(graph, session))
    g_ptr_array_add(graph->overdue, session);
  mg_unlock(&graph->lock);
}

/* Under lock. */
static gboolean
has_sessions(MgGraph *graph)
{
  return g_hash_table_size(graph->sessions) > 0 || graph->overdue->len > 0;
}

char *
mg_session_key(const char *pipeline, const char *app, const char *stream)
{
  return g_strdup_printf("%s/%s/%s", pipeline, app, stream);
}

MgPipeline *
mg_graph_pipeline_of(MgGraph *graph, MgNode *listener)
{
  for (guint i = 0; i < graph->pipelines->len; i++) {
    MgPipeline *pipeline = g_ptr_array_index(graph->pipelines, i);
    if (g_ptr_array_find(pipeline->listeners, listener, NULL))
      return pipeline;
  }
  g_assert_not_reached();
}

static void close_root_nodes(gpointer data);

static gboolean
has_listeners(MgGraph *graph)
{
  for (guint i = 0; i < graph->pipelines->len; i++)
    if (listens(g_ptr_array_index(graph->pipelines, i)))
      return TRUE;
  return FALSE;
}

void
mg_graph_session_ended(MgGraph *graph, MgSession *session)
{
  mg_lock(&graph->lock);
  MgSession *ours = mg_graph_steal_session(graph, session);
  gboolean is_last = ours != NULL && !has_sessions(graph);
  gboolean closes = is_last && graph->awaits_sessions;
  void (*idle)(gpointer) = is_last && !has_listeners(graph) ? graph->idle : NULL;
  mg_unlock(&graph->lock);
  mg_session_unref(ours);
  if (closes)
    mg_lane_post(mg_lane_io(0), close_root_nodes, graph);
  else if (idle != NULL)
    idle(graph->idle_data);
}

void
mg_graph_on_idle(MgGraph *graph, void (*idle)(gpointer data), gpointer data)
{
  mg_lock(&graph->lock);
  graph->idle = idle;
  graph->idle_data = data;
  gboolean is_idle = !has_sessions(graph) && !has_listeners(graph);
  mg_unlock(&graph->lock);
  if (is_idle)
    idle(data);
}

/* --- drain ------------------------------------------------------------------------------------- */

static void
root_node_closed(MgNode *node, gpointer data)
{
  MgGraph *graph = data;
  if (--graph->n_open_nodes == 0)
    graph->done(graph->done_data);
}

/* One that was opened and failed later is not open, but must be closed for good, too. */
static void
close_root_node(MgNode *node)
{
  if (node->state == MG_NODE_NEW)
    return;
  node->closed = root_node_closed;
  node->closed_data = node->graph;
  mg_node_finish(node);
}

/* Listeners before services, each in the reverse order of opening. On lane 0. */
static void
close_root_nodes(gpointer data)
{
  MgGraph *graph = data;
  graph->n_open_nodes++; /* ours: so that it ends when there is none, too */
  for (guint i = graph->pipelines->len; i-- > 0;) {
    MgPipeline *pipeline = g_ptr_array_index(graph->pipelines, i);
    for (guint j = pipeline->listeners->len; j-- > 0;)
      close_root_node(g_ptr_array_index(pipeline->listeners, j));
  }
  for (guint i = graph->services->len; i-- > 0;)
    close_root_node(g_ptr_array_index(graph->services, i));
  root_node_closed(NULL, graph);
}

static void
stop_sessions(gpointer data)
{
  MgGraph *graph = data;
  mg_lock(&graph->lock);
  g_autoptr(GPtrArray) sessions = g_ptr_array_new_with_free_func((GDestroyNotify) mg_session_unref);
  GHashTableIter iter;
  g_hash_table_iter_init(&iter, graph->sessions);
  for (gpointer session; g_hash_table_iter_next(&iter, NULL, &session);)
    g_ptr_array_add(sessions, mg_session_ref(session));
  gboolean awaits_sessions = graph->awaits_sessions = has_sessions(graph);
  mg_unlock(&graph->lock);
  for (guint i = 0; i < sessions->len; i++)
    mg_session_stop(g_ptr_array_index(sessions, i), "the server is shutting down");
  if (!awaits_sessions)
    close_root_nodes(graph);
}

/* How long publishers have before their sessions are stopped. */
static MgTime
drain_listeners(MgGraph *graph)
{
  MgTime notice = 0;
  for (guint i = 0; i < graph->pipelines->len; i++) {
    MgPipeline *pipeline = g_ptr_array_index(graph->pipelines, i);
    for (guint j = 0; j < pipeline->listeners->len; j++) {
      MgNode *listener = g_ptr_array_index(pipeline->listeners, j);
      mg_node_call_drain(listener);
      notice = MAX(notice, mg_node_call_notice(listener));
    }
  }
  return notice;
}

static void
drain_here(gpointer data)
{
  MgGraph *graph = data;
  MgTime notice = drain_listeners(graph);
  mg_timer_init(&graph->notice, stop_sessions, graph);
  if (notice > 0)
    mg_timer_start_in(&graph->notice, notice);
  else
    stop_sessions(graph);
}

void
mg_graph_drain(MgGraph *graph, void (*done)(gpointer data), gpointer data)
{
  mg_lock(&graph->lock);
  g_assert(!graph->is_draining);
  graph->is_draining = TRUE;
  g_atomic_int_set(&graph->is_running, FALSE);
  graph->done = done;
  graph->done_data = data;
  mg_unlock(&graph->lock);
  mg_lane_post(mg_lane_io(0), drain_here, graph);
}
