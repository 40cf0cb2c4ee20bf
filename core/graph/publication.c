/*
 * Publishers: claiming a session, attaching to it, and leaving it.
 */
#include "graph/alias.h"
#include "graph/graph.h"
#include "graph/session.h"
#include "util/name.h"

#include <mediagraph/inputs.h>

struct MgPublication {
  MgSession *session; /* a reference */
  MgNode *place;      /* the listener's place in the session */
  MgSeat *seat;
  const MgPublisherEvents *events;
  gpointer data;
  MgTime base;
};

/* --- claim ------------------------------------------------------------------------------------- */

static gboolean
check_names(const char *app, const char *stream, GError **error)
{
  const char *bad = !mg_name_is_valid(app) ? app : !mg_name_is_valid(stream) ? stream : NULL;
  if (bad == NULL)
    return TRUE;
  g_autofree char *shown = g_strescape(bad, NULL);
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
              "\"%.140s\" is no name: use 1 to 128 of A-Z a-z 0-9 . _ -, no dot first", shown);
  return FALSE;
}

static MgSession *
find_or_make(MgPipeline *pipeline, const char *app, const char *stream, GError **error)
{
  MgGraph *graph = pipeline->graph;
  g_autofree char *key = mg_session_key(pipeline->spec->name, app, stream);
  MgSession *session = g_hash_table_lookup(graph->sessions, key);
  if (session != NULL && session->state == MG_SESSION_ENDING) {
    g_set_error(error, MG_ERROR, MG_ERROR_GONE, "%s/%s is just ending", app, stream);
    return NULL;
  }
  if (session != NULL)
    return mg_session_ref(session);
  if (pipeline->n_sessions >= pipeline->spec->max_sessions) {
    g_set_error(error, MG_ERROR, MG_ERROR_LIMIT,
                "%u streams run already; raise max-sessions of pipeline '%s'",
                pipeline->spec->max_sessions, pipeline->spec->name);
    return NULL;
  }
  session = mg_session_new(pipeline, app, stream, mg_lane_for_session());
  mg_graph_add_session(graph, session);
  return session;
}

MgSession *
mg_session_claim(MgNode *listener, const char *app, const char *stream, GError **error)
{
  if (!check_names(app, stream, error))
    return NULL;
  g_auto(MgAlias) names = { NULL };
  if (!mg_alias_make(listener->spec->alias, app, stream, &names, error))
    return NULL;
  MgGraph *graph = listener->graph;
  MgPipeline *pipeline = mg_graph_pipeline_of(graph, listener);
  MgSession *session = NULL;
  mg_lock(&graph->lock);
  if (graph->is_draining)
    g_set_error(error, MG_ERROR, MG_ERROR_DENIED, "the server is shutting down");
  else
    session = find_or_make(pipeline, names.app, names.stream, error);
  mg_unlock(&graph->lock);
  return session;
}

/* --- attach ------------------------------------------------------------------------------------ */

static MgNode *
place_of(MgSession *session, MgNode *listener)
{
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (node->spec == listener->spec)
      return node;
  }
  g_assert_not_reached();
}

static void
show_publisher(MgSession *session, MgSeat *seat, const char *peer)
{
  mg_lock(&session->lock);
  g_free(seat->peer);
  seat->peer = g_strdup(peer);
  seat->is_here = TRUE;
  session->published = mg_now();
  mg_unlock(&session->lock);
}

static void
show_absence(MgSession *session, MgSeat *seat)
{
  mg_lock(&session->lock);
  seat->is_here = FALSE;
  session->published = mg_now();
  mg_unlock(&session->lock);
}

/* Tracks of a publisher who came through another listener cannot be continued from here. */
static void
end_elsewhere(MgSession *session, MgNode *place, const MgSeat *seat)
{
  for (guint i = 0; i < session->nodes->len; i++) {
    MgNode *node = g_ptr_array_index(session->nodes, i);
    if (node->is_source_place && node != place && mg_session_seat(session, node) == seat)
      mg_ports_end_all(node);
  }
}

/* Media time goes on where the last publisher stopped, plus the time that has passed since. */
static MgTime
base_of(const MgSeat *seat)
{
  if (seat->media_seen == 0)
    return 0;
  return seat->media_end + MAX(mg_now() - seat->media_seen, 0);
}

static gboolean
refuse_ending(const MgSession *session, GError **error)
{
  if (session->state != MG_SESSION_ENDING && session->state != MG_SESSION_ENDED)
    return TRUE;
  g_set_error(error, MG_ERROR, MG_ERROR_GONE, "%s is just ending", session->label);
  return FALSE;
}

static gboolean
make_way(MgSession *session, MgSeat *seat, const char *peer, GError **error)
{
  if (seat->publication == NULL)
    return TRUE;
  if (session->pipeline->spec->on_duplicate == MG_ON_DUPLICATE_REJECT) {
    g_set_error(error, MG_ERROR, MG_ERROR_BUSY, "%s is being published by %s", session->label,
                seat->peer);
    return FALSE;
  }
  g_autofree char *reason = g_strdup_printf("replaced by %s", peer);
  mg_publication_evict(seat->publication, reason);
  return TRUE;
}

MgPublication *
mg_session_attach(MgSession *session, MgNode *listener, const char *peer,
                  const MgPublisherEvents *events, gpointer data, GError **error)
{
  g_assert(session->lane == mg_lane_current());
  if (!refuse_ending(session, error))
    return NULL;
  if (session->state == MG_SESSION_NEW)
    mg_session_build(session);
  MgNode *place = place_of(session, listener);
  MgSeat *seat = mg_session_seat(session, place);
  if (!make_way(session, seat, peer, error))
    return NULL;
  mg_session_resume(session);
  MgPublication *publication = g_new0(MgPublication, 1);
  publication->session = mg_session_ref(session);
  publication->place = place;
  publication->seat = seat;
  publication->events = events;
  publication->data = data;
  publication->base = base_of(seat);
  seat->publication = publication;
  end_elsewhere(session, place, seat);
  show_publisher(session, seat, peer);
  mg_info(place, "publisher %s", peer);
  return publication;
}

MgTime
mg_publication_base(MgPublication *publication)
{
  return publication->base;
}

MgPort *
mg_publication_add(MgPublication *publication, MgStream *stream)
{
  MgSession *session = publication->session;
  MgPort *port = mg_port_new(publication->place, stream);
  mg_lock(&session->lock);
  if (!g_ptr_array_find(session->tracks, port->stats, NULL))
    g_ptr_array_add(session->tracks, mg_track_stats_ref(port->stats));
  mg_unlock(&session->lock);
  return port;
}

/* --- leave ------------------------------------------------------------------------------------- */

static void
remember_end(MgPublication *publication)
{
  MgSeat *seat = publication->seat;
  GPtrArray *outputs = publication->place->outputs;
  for (guint i = 0; i < outputs->len; i++) {
    MgPort *port = g_ptr_array_index(outputs, i);
    seat->media_end = MAX(seat->media_end, port->stats->media_end);
  }
  seat->media_seen = mg_now();
}

/* Ports stay, stale, for whoever comes next; nodes show what they hold back. */
static void
leave(MgPublication *publication)
{
  MgNode *place = publication->place;
  MgSession *session = publication->session;
  remember_end(publication);
  show_absence(session, publication->seat);
  mg_ports_stale(place);
  mg_node_pause(place);
  publication->seat->publication = NULL;
  mg_session_unref(session);
  g_free(publication);
}

void
mg_publication_end(MgPublication *publication, const char *reason)
{
  MgSession *session = publication->session;
  g_assert(session->lane == mg_lane_current());
  mg_info(publication->place, "publisher %s left: %s", publication->seat->peer, reason);
  mg_session_ref(session);
  leave(publication);
  mg_session_linger(session);
  mg_session_unref(session);
}

void
mg_publication_evict(MgPublication *publication, const char *reason)
{
  const MgPublisherEvents *events = publication->events;
  gpointer data = publication->data;
  mg_info(publication->place, "publisher %s is sent away: %s", publication->seat->peer, reason);
  leave(publication);
  events->evicted(data, reason);
}
