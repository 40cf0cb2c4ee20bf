/*
 * Edges: from an output port to the consumer's callbacks, by a call or through a queue.
 */
#include "graph/node.h"
#include "graph/queue.h"

#include "graph/session.h"

#include <mediagraph/inputs.h>

/* --- the consumer's side -------------------------------------------------------------------- */

static gboolean
offer(MgPort *in, GError **error)
{
  MgNode *node = in->node;
  if (node->class->stream == NULL)
    return TRUE;
  gpointer previous = mg_node_enter(node);
  gboolean ok = node->class->stream(node, in, in->stream, error);
  mg_node_leave(node, previous);
  return ok;
}

static void
announce(MgPort *in)
{
  g_autoptr(GError) error = NULL;
  in->is_flowing = FALSE;
  in->is_refused = FALSE;
  if (in->node->state != MG_NODE_OPEN)
    return;
  in->is_refused = !offer(in, &error);
  in->is_known |= !in->is_refused;
  if (in->is_refused)
    mg_warning(in->node, "refuses track '%s' of %s: %s", mg_stream_info(in->stream)->id,
               in->edge->producer->spec->id, error ? error->message : "no reason given");
}

static void
receive_stream(MgPort *in, MgStream *stream)
{
  gboolean is_known = in->stream != NULL;
  if (is_known)
    mg_stream_unref(in->stream);
  else
    g_ptr_array_add(in->edge->inputs, in);
  in->stream = stream;
  announce(in);
}

void
mg_node_count_not_taken(MgNode *node)
{
  mg_counter_add(mg_counter(node, "not-taken", "buffers that arrived while they could not be used"),
                 1);
}

static gboolean
can_flow(MgPort *in, const MgBuffer *buffer)
{
  return in->node->state == MG_NODE_OPEN && in->node->class->process != NULL && !in->is_refused &&
         mg_buffer_can_begin(buffer);
}

/*
 * The slow path of a buffer: the port is new, refused, or its node was away. Flow begins at a key
 * frame. Returns the buffer to process, or NULL when it was dropped.
 */
static MgBuffer *
begin_flow(MgPort *in, MgBuffer *buffer)
{
  if (!can_flow(in, buffer)) {
    if (in->node->class->process != NULL)
      mg_node_count_not_taken(in->node);
    mg_buffer_unref(buffer);
    return NULL;
  }
  in->is_flowing = TRUE;
  return mg_buffer_after_gap(buffer);
}

static void
receive_buffer(MgPort *in, MgBuffer *buffer)
{
  MgNode *node = in->node;
  if (G_UNLIKELY(!in->is_flowing) && (buffer = begin_flow(in, buffer)) == NULL)
    return;
  GError *error = NULL;
  gpointer previous = mg_node_enter(node);
  gboolean ok = node->class->process(node, in, buffer, &error);
  mg_node_leave(node, previous);
  if (G_UNLIKELY(!ok))
    mg_node_failed(node, error);
}

static void
receive_end(MgPort *in)
{
  MgNode *node = in->node;
  if (in->is_known && node->class->ended != NULL) {
    gpointer previous = mg_node_enter(node);
    node->class->ended(node, in);
    mg_node_leave(node, previous);
  }
  g_ptr_array_remove(in->edge->inputs, in); /* frees it */
}

static void
call_pause(MgEdge *edge)
{
  MgNode *node = edge->consumer;
  gpointer previous = mg_node_enter(node);
  if (node->class->input_paused != NULL)
    node->class->input_paused(node, mg_edge_input(edge));
  else if (node->class->pause != NULL)
    node->class->pause(node);
  mg_node_leave(node, previous);
}

/* Of a node whose inputs stand in for each other, consumers hear of it from itself. */
static void
receive_pause(MgEdge *edge)
{
  MgNode *node = edge->consumer;
  gboolean is_open = node->state == MG_NODE_OPEN;
  if (is_open)
    call_pause(edge);
  if (!is_open || node->class->input_paused == NULL)
    mg_node_pause(node);
}

static void
receive_finish(MgEdge *edge)
{
  edge->is_finished = TRUE;
  mg_timer_stop(&edge->look);
  if (--edge->consumer->n_open_edges == 0)
    mg_node_finish(edge->consumer);
}

void
mg_edge_announce_all(MgEdge *edge)
{
  for (guint i = 0; i < edge->inputs->len; i++)
    announce(g_ptr_array_index(edge->inputs, i));
}

void
mg_edge_stop_flow(MgEdge *edge)
{
  for (guint i = 0; i < edge->inputs->len; i++) {
    MgPort *in = g_ptr_array_index(edge->inputs, i);
    in->is_flowing = in->is_known = FALSE;
    in->data = NULL;
  }
}

/* --- across lanes --------------------------------------------------------------------------- */

static void
receive_event(MgEdge *edge, MgEvent *event)
{
  switch (event->type) {
  case MG_EVENT_STREAM: receive_stream(event->in, event->object); break;
  case MG_EVENT_BUFFER: receive_buffer(event->in, event->object); break;
  case MG_EVENT_END: receive_end(event->in); break;
  case MG_EVENT_PAUSE: receive_pause(edge); break;
  case MG_EVENT_FINISH: receive_finish(edge); break;
  }
}

/* Runs on the consumer's lane; perhaps behind the finish, see mg_edge_send_finish(). */
static void
receive_waiting(MgEdge *edge, gboolean is_woken)
{
  if (edge->patience == 0)
    mg_queue_take(edge->queue, &edge->batch);
  else if (mg_queue_take_paced(edge->queue, &edge->batch, is_woken))
    mg_timer_start_in(&edge->look, edge->patience);
  for (guint i = 0; i < edge->batch->len; i++)
    receive_event(edge, &g_array_index(edge->batch, MgEvent, i));
  g_array_set_size(edge->batch, 0);
}

static void
receive_batch(gpointer data)
{
  receive_waiting(data, TRUE);
}

static void
look(gpointer data)
{
  receive_waiting(data, FALSE);
}

/* A node that takes no more for now leaves the rest where it can still be dropped. */
static void
receive_mail(gpointer data)
{
  MgEdge *edge = data;
  MgEvent event;
  g_atomic_int_set(&edge->is_posted, FALSE);
  while ((!edge->consumer->is_full || g_atomic_int_get(&edge->is_last_call)) &&
         mg_queue_pop(edge->queue, &event))
    receive_event(edge, &event);
}

/* Once: a call that is on its way will find what has been put. */
static void
wake_mailbox(MgEdge *edge)
{
  if (g_atomic_int_compare_and_exchange(&edge->is_posted, FALSE, TRUE))
    mg_lane_post(edge->consumer->lane, receive_mail, edge);
}

void
mg_edge_call(MgEdge *edge)
{
  if (!edge->is_finished && edge->queue != NULL)
    wake_mailbox(edge);
}

/* --- the producer's side -------------------------------------------------------------------- */

static void
send(MgEdge *edge, MgEvent event)
{
  if (edge->queue == NULL) {
    receive_event(edge, &event);
    return;
  }
  guint n_dropped;
  if (event.type == MG_EVENT_FINISH)
    g_atomic_int_set(&edge->is_last_call, TRUE);
  gboolean wakes = mg_queue_put(edge->queue, event, &n_dropped);
  if (edge->consumer->class->has_mailbox && (wakes || event.type == MG_EVENT_FINISH))
    wake_mailbox(edge);
  else if (wakes)
    mg_lane_post(edge->consumer->lane, receive_batch, edge);
  if (G_UNLIKELY(n_dropped > 0))
    mg_counter_add(mg_counter(edge->consumer, "dropped", "buffers dropped because it was late"),
                   n_dropped);
}

static gboolean
selects(const MgLink *link, MgStream *stream)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  return (link->media & info->media) != 0 &&
         (link->stream_id == NULL || g_str_equal(link->stream_id, info->id));
}

MgPort *
mg_edge_join(MgEdge *edge, MgStream *stream)
{
  if (!selects(edge->link, stream))
    return NULL;
  MgPort *in = g_new0(MgPort, 1);
  in->node = edge->consumer;
  in->edge = edge;
  mg_edge_send_stream(in, stream);
  return in;
}

void
mg_edge_send_stream(MgPort *in, MgStream *stream)
{
  send(in->edge, (MgEvent){ MG_EVENT_STREAM, in, mg_stream_ref(stream) });
}

void
mg_edge_send_buffer(MgPort *in, MgBuffer *buffer)
{
  if (in->edge->queue == NULL)
    receive_buffer(in, buffer);
  else
    send(in->edge, (MgEvent){ MG_EVENT_BUFFER, in, buffer });
}

void
mg_edge_send_end(MgPort *in)
{
  send(in->edge, (MgEvent){ MG_EVENT_END, in, NULL });
}

void
mg_edge_send_pause(MgEdge *edge)
{
  send(edge, (MgEvent){ MG_EVENT_PAUSE, NULL, NULL });
}

static void
release(gpointer consumer)
{
  mg_node_release(consumer);
}

/*
 * A call that was on its way may take the finish before the one made for it has even been posted. So the
 * consumer, and the edge with it, stays until it has run all that this lane has posted to it.
 */
void
mg_edge_send_finish(MgEdge *edge)
{
  const MgEvent finish = { MG_EVENT_FINISH, NULL, NULL };
  MgNode *consumer = edge->consumer;
  if (edge->queue == NULL) {
    send(edge, finish);
    return;
  }
  mg_node_hold(consumer);
  send(edge, finish);
  mg_lane_post(consumer->lane, release, consumer);
}

MgEdge *
mg_edge_new(MgNode *producer, MgNode *consumer, const MgLink *link)
{
  MgEdge *edge = g_new0(MgEdge, 1);
  edge->producer = producer;
  edge->consumer = consumer;
  edge->link = link;
  edge->inputs = g_ptr_array_new_with_free_func((GDestroyNotify) mg_port_free);
  if (producer->lane != consumer->lane || consumer->class->has_mailbox) {
    edge->queue = mg_queue_new(consumer->spec->queue_time, consumer->spec->queue_bytes);
    edge->batch = g_array_new(FALSE, FALSE, sizeof(MgEvent));
    /* What waits on purpose must not count as late. */
    edge->patience = MIN(consumer->class->patience, consumer->spec->queue_time / 2);
    mg_timer_init(&edge->look, look, edge);
  }
  g_ptr_array_add(producer->out_edges, edge);
  g_ptr_array_add(consumer->in_edges, edge);
  consumer->n_open_edges++;
  return edge;
}

void
mg_edge_free(MgEdge *edge)
{
  g_ptr_array_unref(edge->inputs);
  mg_queue_free(edge->queue);
  g_clear_pointer(&edge->batch, g_array_unref);
  g_free(edge);
}
