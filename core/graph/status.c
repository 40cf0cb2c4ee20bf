/*
 * What the command shows of a running graph: URLs, and a snapshot of its sessions.
 */
#include "graph/graph.h"

#include "graph/session.h"

#include <string.h>

void
mg_graph_add_url(MgGraph *graph, MgNode *node, MgUrlKind kind, const char *text)
{
  MgGraphUrl *url = g_new0(MgGraphUrl, 1);
  url->node = g_strdup(mg_node_label(node));
  url->kind = kind;
  url->url = g_strdup(text);
  url->owner = node;
  mg_lock(&graph->lock);
  url->number = ++graph->n_announced;
  g_ptr_array_add(graph->urls, url);
  mg_unlock(&graph->lock);
}

void
mg_graph_remove_urls(MgGraph *graph, MgNode *node)
{
  mg_lock(&graph->lock);
  for (guint i = graph->urls->len; i-- > 0;) {
    MgGraphUrl *url = g_ptr_array_index(graph->urls, i);
    if (url->owner == node)
      g_ptr_array_remove_index(graph->urls, i);
  }
  mg_unlock(&graph->lock);
}

GPtrArray *
mg_graph_urls(MgGraph *graph)
{
  GPtrArray *urls = g_ptr_array_new_with_free_func(mg_graph_url_free);
  mg_lock(&graph->lock);
  for (guint i = 0; i < graph->urls->len; i++) {
    MgGraphUrl *url = g_ptr_array_index(graph->urls, i);
    MgGraphUrl *copy = g_memdup2(url, sizeof *url);
    copy->node = g_strdup(url->node);
    copy->url = g_strdup(url->url);
    g_ptr_array_add(urls, copy);
  }
  mg_unlock(&graph->lock);
  return urls;
}

static void
track_clear(gpointer data)
{
  mg_stream_unref(((MgTrackStatus *) data)->stream);
}

void
mg_session_status_free(MgSessionStatus *status)
{
  if (status == NULL)
    return;
  g_free(status->pipeline);
  g_free(status->app);
  g_free(status->stream);
  g_free(status->peer);
  g_array_unref(status->tracks);
  g_free(status);
}

static guint64
dropped_by(MgNode *node)
{
  static const char *const names[] = { "dropped", "not-taken" };
  guint64 sum = 0;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    sum += mg_counters_value(&node->counters, names[i]);
  return sum;
}

/* What is shown, as it was under the graph's lock. */
typedef struct {
  MgSession *session; /* a reference */
  gboolean is_lingering;
} Shown;

static void
shown_clear(gpointer data)
{
  mg_session_unref(((Shown *) data)->session);
}

static MgSessionStatus *
status_of(const Shown *shown)
{
  MgSession *session = shown->session;
  MgSessionStatus *status = g_new0(MgSessionStatus, 1);
  status->pipeline = g_strdup(session->pipeline->spec->name);
  status->app = g_strdup(session->app);
  status->stream = g_strdup(session->stream);
  status->is_lingering = shown->is_lingering;
  status->tracks = g_array_new(FALSE, TRUE, sizeof(MgTrackStatus));
  g_array_set_clear_func(status->tracks, track_clear);
  mg_lock(&session->lock);
  status->peer = mg_session_peers(session);
  status->uptime = mg_now() - session->published;
  for (guint i = 0; i < session->tracks->len; i++) {
    MgTrackStats *stats = g_ptr_array_index(session->tracks, i);
    MgTrackStatus track = {
      .stream = mg_stream_ref(stats->stream),
      .n_buffers = __atomic_load_n(&stats->n_buffers, __ATOMIC_RELAXED),
      .n_bytes = __atomic_load_n(&stats->n_bytes, __ATOMIC_RELAXED),
    };
    g_array_append_val(status->tracks, track);
  }
  for (guint i = 0; i < session->nodes->len; i++)
    status->n_dropped += dropped_by(g_ptr_array_index(session->nodes, i));
  mg_unlock(&session->lock);
  return status;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
  const MgSessionStatus *p = *(MgSessionStatus *const *) a, *q = *(MgSessionStatus *const *) b;
  gint order = strcmp(p->pipeline, q->pipeline);
  if (order == 0)
    order = strcmp(p->app, q->app);
  return order ? order : strcmp(p->stream, q->stream);
}

static gboolean
is_shown(const MgSession *session)
{
  return session->state == MG_SESSION_RUNNING || session->state == MG_SESSION_LINGERING;
}

/* Returned-owned: of Shown. A session that has been built stays as it is while there is a reference. */
static GArray *
list_shown(MgGraph *graph)
{
  GArray *all = g_array_new(FALSE, FALSE, sizeof(Shown));
  g_array_set_clear_func(all, shown_clear);
  GHashTableIter iter;
  mg_lock(&graph->lock);
  g_hash_table_iter_init(&iter, graph->sessions);
  for (gpointer value; g_hash_table_iter_next(&iter, NULL, &value);) {
    MgSession *session = value;
    Shown shown = { session, session->state == MG_SESSION_LINGERING };
    if (!is_shown(session))
      continue;
    mg_session_ref(session);
    g_array_append_val(all, shown);
  }
  mg_unlock(&graph->lock);
  return all;
}

GPtrArray *
mg_graph_status(MgGraph *graph)
{
  GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify) mg_session_status_free);
  g_autoptr(GArray) shown = list_shown(graph);
  for (guint i = 0; i < shown->len; i++)
    g_ptr_array_add(all, status_of(&g_array_index(shown, Shown, i)));
  g_ptr_array_sort(all, by_name);
  return all;
}
