/*
 * Output ports: what a node pushes into.
 */
#include "graph/node.h"
#include "graph/session.h"

/* Once a node has declared one of its tracks again, the others have so long to follow. */
#define STALE_LIMIT (5 * MG_SECOND)

MgTrackStats *
mg_track_stats_ref(MgTrackStats *stats)
{
  g_atomic_int_inc(&stats->ref_count);
  return stats;
}

void
mg_track_stats_unref(MgTrackStats *stats)
{
  if (stats == NULL || !g_atomic_int_dec_and_test(&stats->ref_count))
    return;
  mg_stream_unref(stats->stream);
  g_free(stats);
}

void
mg_port_free(MgPort *port)
{
  if (port == NULL)
    return;
  mg_stream_unref(port->stream);
  mg_track_stats_unref(port->stats);
  g_clear_pointer(&port->inputs, g_ptr_array_unref);
  g_free(port);
}

static MgPort *
find_stale(MgNode *node, const char *id)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    MgPort *port = g_ptr_array_index(node->outputs, i);
    if (port->is_stale && g_str_equal(mg_stream_info(port->stream)->id, id))
      return port;
  }
  return NULL;
}

static MgTrackStats *
make_stats(MgStream *stream)
{
  MgTrackStats *stats = g_new0(MgTrackStats, 1);
  stats->ref_count = 1;
  stats->stream = mg_stream_ref(stream);
  return stats;
}

static MgPort *
make(MgNode *node, MgStream *stream)
{
  MgPort *port = g_new0(MgPort, 1);
  port->node = node;
  port->stream = mg_stream_ref(stream);
  port->inputs = g_ptr_array_new();
  port->stats = node->is_source_place ? make_stats(stream) : NULL;
  g_ptr_array_add(node->outputs, port);
  for (guint i = 0; i < node->out_edges->len; i++) {
    MgPort *in = mg_edge_join(g_ptr_array_index(node->out_edges, i), stream);
    if (in != NULL)
      g_ptr_array_add(port->inputs, in);
  }
  return port;
}

/* What buffers will carry is told even when it says the same: consumers may compare the pointers. */
static MgPort *
revive(MgPort *port, MgStream *stream)
{
  port->is_stale = FALSE;
  port->marks_discont = TRUE;
  port->data = NULL;
  if (port->stream != stream)
    mg_port_set_stream(port, stream);
  return port;
}

/* Outputs would wait for tracks that do not come back: a playlist that does not grow stops its players. */
static void
give_stale_a_while(MgNode *node)
{
  gboolean has_stale = FALSE;
  for (guint i = 0; i < node->outputs->len; i++)
    has_stale |= ((MgPort *) g_ptr_array_index(node->outputs, i))->is_stale;
  if (has_stale && node->tidy.lane == NULL)
    mg_timer_start_in(&node->tidy, STALE_LIMIT);
}

/* A source that calls or reads: whoever publishes through a listener is known to the session. */
static gboolean
is_giver(const MgNode *node)
{
  return node->class->role == MG_ROLE_SOURCE && node->session != NULL;
}

MgPort *
mg_port_new(MgNode *node, MgStream *stream)
{
  g_assert(node->lane == mg_lane_current());
  MgPort *stale = find_stale(node, mg_stream_info(stream)->id);
  if (is_giver(node))
    mg_session_source_gives(node->session, node, TRUE);
  MgPort *port = stale ? revive(stale, stream) : make(node, stream);
  give_stale_a_while(node);
  return port;
}

static void
replace_stream(MgStream **place, MgStream *stream)
{
  MgStream *old = *place;
  *place = mg_stream_ref(stream);
  mg_stream_unref(old);
}

/* Status reads the streams of sources from any thread. */
static void
show_stream(MgPort *port, MgStream *stream)
{
  MgSession *session = port->node->session;
  mg_lock(&session->lock);
  replace_stream(&port->stats->stream, stream);
  mg_unlock(&session->lock);
}

static void
forget_track(MgPort *port)
{
  MgSession *session = port->node->session;
  mg_lock(&session->lock);
  g_ptr_array_remove(session->tracks, port->stats);
  mg_unlock(&session->lock);
}

void
mg_port_set_stream(MgPort *port, MgStream *stream)
{
  g_assert(port->node->lane == mg_lane_current() && port->edge == NULL);
  replace_stream(&port->stream, stream);
  if (port->stats != NULL)
    show_stream(port, stream);
  for (guint i = 0; i < port->inputs->len; i++)
    mg_edge_send_stream(g_ptr_array_index(port->inputs, i), stream);
}

static void
count(MgTrackStats *stats, const MgBuffer *buffer)
{
  __atomic_store_n(&stats->n_buffers, stats->n_buffers + 1, __ATOMIC_RELAXED);
  __atomic_store_n(&stats->n_bytes, stats->n_bytes + buffer->size, __ATOMIC_RELAXED);
  stats->media_end = buffer->dts + buffer->duration;
}

/* What comes after a gap begins where it can be decoded. NULL: not yet. */
static MgBuffer *
resume(MgPort *port, MgBuffer *buffer)
{
  if (!mg_buffer_can_begin(buffer)) {
    mg_node_count_not_taken(port->node);
    mg_buffer_unref(buffer);
    return NULL;
  }
  port->marks_discont = FALSE;
  return mg_buffer_after_gap(buffer);
}

void
mg_push(MgPort *port, MgBuffer *buffer)
{
  mg_rule(port->node->lane == mg_lane_current());
  if (G_UNLIKELY(port->marks_discont) && (buffer = resume(port, buffer)) == NULL)
    return;
  if (port->stats != NULL)
    count(port->stats, buffer);
  guint n = port->inputs->len;
  for (guint i = 0; i + 1 < n; i++)
    mg_edge_send_buffer(port->inputs->pdata[i], mg_buffer_ref(buffer));
  if (n > 0)
    mg_edge_send_buffer(port->inputs->pdata[n - 1], buffer);
  else
    mg_buffer_unref(buffer);
}

static void
end_inputs(MgPort *port)
{
  for (guint i = 0; i < port->inputs->len; i++)
    mg_edge_send_end(g_ptr_array_index(port->inputs, i));
  g_ptr_array_set_size(port->inputs, 0);
  if (port->stats != NULL)
    forget_track(port);
}

void
mg_port_end(MgPort *port)
{
  g_assert(port->node->lane == mg_lane_current() && port->edge == NULL);
  end_inputs(port);
  g_ptr_array_remove(port->node->outputs, port); /* frees it */
}

void
mg_ports_end_all(MgNode *node)
{
  while (node->outputs->len > 0)
    mg_port_end(g_ptr_array_index(node->outputs, 0));
}

/* A source keeps its session no longer. */
static void
stop_giving(MgNode *node)
{
  if (is_giver(node))
    mg_session_source_gives(node->session, node, FALSE);
}

void
mg_ports_finish(MgNode *node)
{
  stop_giving(node);
  for (guint i = 0; i < node->outputs->len; i++)
    end_inputs(g_ptr_array_index(node->outputs, i));
  for (guint i = 0; i < node->out_edges->len; i++)
    mg_edge_send_finish(g_ptr_array_index(node->out_edges, i));
}

void
mg_ports_stale(MgNode *node)
{
  mg_timer_stop(&node->tidy);
  stop_giving(node);
  for (guint i = 0; i < node->outputs->len; i++)
    ((MgPort *) g_ptr_array_index(node->outputs, i))->is_stale = TRUE;
}

void
mg_ports_end_stale(gpointer data)
{
  MgNode *node = data;
  for (guint i = node->outputs->len; i-- > 0;) {
    MgPort *port = g_ptr_array_index(node->outputs, i);
    if (port->is_stale)
      mg_port_end(port);
  }
}

MgStream *
mg_port_stream(MgPort *port)
{
  return port->stream;
}

void
mg_port_set_data(MgPort *port, gpointer data)
{
  port->data = data;
}

gpointer
mg_port_data(MgPort *port)
{
  return port->data;
}
