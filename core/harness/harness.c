/*
 * One node in a graph of the real engine, on a manual lane: opening, feeding, looking, closing.
 */
#include "harness/private.h"
#include "harness/world.h"

/* Closing may take a few turns of the loop, when the node has sockets or threads. */
#define LONGEST_CLOSE_US (10 * G_USEC_PER_SEC)

/* For the next harness. */
static struct {
  char *state_dir;
  MgOffers *offers;
  guint n_inputs;
} wanted;

/* --- opening ------------------------------------------------------------------------------------- */

static void
take_wishes(MgHarness *h)
{
  MgGraph *graph = h->graph;
  g_free(graph->state_dir);
  graph->state_dir = g_steal_pointer(&wanted.state_dir);
  if (wanted.offers == NULL)
    return;
  mg_offers_free(graph->offers);
  graph->offers = g_steal_pointer(&wanted.offers);
}

static gboolean
open_root_node(MgHarness *h, GError **error)
{
  GPtrArray *nodes = h->real->role == MG_ROLE_SERVICE
                         ? h->graph->services
                         : ((MgPipeline *) g_ptr_array_index(h->graph->pipelines, 0))->listeners;
  h->node = g_ptr_array_index(nodes, 0);
  if (!mg_node_open_once(h->node, error))
    return FALSE;
  h->graph->n_open_nodes++;
  return TRUE;
}

static void
make_session(MgHarness *h)
{
  MgGraph *graph = h->graph;
  h->session =
      mg_session_new(g_ptr_array_index(graph->pipelines, 0), "live", "test", mg_lane_io(0));
  g_free(h->session->state_dir);
  h->session->state_dir = g_strdup(graph->state_dir);
  mg_lock(&graph->lock);
  mg_graph_add_session(graph, h->session);
  mg_unlock(&graph->lock);
}

static gboolean
open_in_session(MgHarness *h, GError **error)
{
  make_session(h);
  mg_session_build(h->session);
  guint at = h->real->role == MG_ROLE_SOURCE ? 0 : h->n_inputs;
  h->node = g_ptr_array_index(h->session->nodes, at);
  h->source = at > 0 ? g_ptr_array_index(h->session->nodes, 0) : NULL;
  return mg_harness_take_error(h, error);
}

static void
note_done(gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
close_graph(MgGraph *graph)
{
  gboolean is_done = FALSE;
  mg_graph_drain(graph, note_done, &is_done);
  gint64 end = g_get_monotonic_time() + LONGEST_CLOSE_US;
  mg_world_run();
  while (!is_done) {
    if (g_get_monotonic_time() > end)
      g_error("the node does not end");
    g_usleep(100);
    mg_world_run();
  }
  mg_graph_free(graph);
}

static void
discard(MgHarness *h)
{
  mg_session_unref(h->session);
  if (h->graph != NULL)
    close_graph(h->graph);
  g_ptr_array_unref(h->outputs);
  g_clear_error(&h->error);
  g_clear_pointer(&wanted.state_dir, g_free);
  g_clear_pointer(&wanted.offers, mg_offers_free);
  g_free(h);
  mg_world_leave();
}

static gboolean
open_harness(MgHarness *h, const char *attributes, GError **error)
{
  MgElement *element = mg_harness_read_element(h, attributes, error);
  if (element == NULL)
    return FALSE;
  h->graph = mg_graph_new(mg_harness_make_spec(h, element));
  take_wishes(h);
  if (!(mg_harness_has_session(h) ? open_in_session(h, error) : open_root_node(h, error)))
    return FALSE;
  g_atomic_int_set(&h->graph->is_running, TRUE);
  mg_world_run();
  return TRUE;
}

MgHarness *
mg_harness_new(const MgNodeClass *node_class, const char *attributes, GError **error)
{
  MgHarness *h = g_new0(MgHarness, 1);
  mg_world_enter();
  h->real = node_class;
  h->n_inputs = MAX(wanted.n_inputs, 1);
  wanted.n_inputs = 0;
  mg_harness_init_classes(h);
  if (open_harness(h, attributes, error))
    return h;
  discard(h);
  return NULL;
}

void
mg_harness_free(MgHarness *harness)
{
  if (harness != NULL)
    discard(harness);
}

gboolean
mg_harness_reopen(MgHarness *h, GError **error)
{
  mg_world_begin_anew();
  gboolean ok = mg_node_reopen(h->node, error);
  g_clear_error(&h->error);
  mg_world_run();
  return ok;
}

void
mg_harness_use_state_dir(const char *dir)
{
  g_free(wanted.state_dir);
  wanted.state_dir = g_strdup(dir);
}

void
mg_harness_use_service(const char *name, gconstpointer table, gpointer impl)
{
  if (wanted.offers == NULL)
    wanted.offers = mg_offers_new();
  if (!mg_offers_add(wanted.offers, name, table, impl, NULL, NULL))
    g_error("the service '%s' is offered twice", name);
}

void
mg_harness_use_inputs(guint n)
{
  wanted.n_inputs = n;
}

/* --- feeding ------------------------------------------------------------------------------------- */

static MgPort *
find_port(MgNode *node, const char *id)
{
  for (guint i = 0; i < node->outputs->len; i++) {
    MgPort *port = g_ptr_array_index(node->outputs, i);
    if (g_str_equal(mg_stream_info(port->stream)->id, id))
      return port;
  }
  return NULL;
}

static MgNode *
source_of(MgHarness *h)
{
  if (h->source == NULL || h->source->state == MG_NODE_CLOSED)
    g_error("%s takes nothing%s", h->real->name, h->source ? " after drain" : "");
  return h->source;
}

/* What the node failed with, in a callback or by mg_node_fail(). */
static gboolean
settle(MgHarness *h, GError **error)
{
  if (h->error == NULL && h->node->failure != NULL)
    h->error = g_error_copy(h->node->failure);
  mg_world_run();
  return mg_harness_take_error(h, error);
}

void
mg_harness_select_input(MgHarness *h, guint index)
{
  source_of(h);
  g_assert(index < h->n_inputs);
  h->source = g_ptr_array_index(h->session->nodes, index);
}

MgPort *
mg_harness_stream(MgHarness *h, MgStream *stream, GError **error)
{
  MgNode *source = source_of(h);
  g_clear_error(&h->error);
  MgPort *port = find_port(source, mg_stream_info(stream)->id);
  if (port != NULL)
    mg_port_set_stream(port, stream);
  else
    port = mg_port_new(source, stream);
  return settle(h, error) ? port : NULL;
}

gboolean
mg_harness_push(MgHarness *h, MgPort *in, MgBuffer *buffer, GError **error)
{
  source_of(h);
  g_clear_error(&h->error);
  mg_push(in, buffer);
  return settle(h, error);
}

void
mg_harness_end(MgHarness *h, MgPort *in)
{
  source_of(h);
  mg_port_end(in);
  mg_world_run();
}

void
mg_harness_pause(MgHarness *h)
{
  GPtrArray *edges = source_of(h)->out_edges;
  for (guint i = 0; i < edges->len; i++)
    mg_edge_send_pause(g_ptr_array_index(edges, i));
  mg_world_run();
}

void
mg_harness_drain(MgHarness *h)
{
  if (h->session != NULL)
    mg_session_stop(h->session, "the test ends it");
  else
    mg_node_call_drain(h->node);
  mg_world_run();
}

/* --- looking ------------------------------------------------------------------------------------- */

MgBuffer *
mg_harness_pull(MgHarness *h, const char *id)
{
  Output *output = mg_harness_find_output(h, id);
  return output ? g_queue_pop_head(&output->buffers) : NULL;
}

MgStream *
mg_harness_output(MgHarness *h, const char *id)
{
  Output *output = mg_harness_find_output(h, id);
  return output ? output->stream : NULL;
}

gboolean
mg_harness_output_has_ended(MgHarness *h, const char *id)
{
  Output *output = mg_harness_find_output(h, id);
  return output != NULL && output->has_ended;
}

MgNode *
mg_harness_node(MgHarness *h)
{
  return h->node;
}

gboolean
mg_harness_is_open(MgHarness *h)
{
  return h->node->state == MG_NODE_OPEN;
}

void
mg_harness_advance(MgHarness *h, MgTime duration)
{
  mg_world_advance(duration);
}

void
mg_harness_step_utc(MgHarness *h, gint64 by_us)
{
  mg_world_step_utc(by_us);
}

void
mg_harness_run(MgHarness *h)
{
  mg_world_run();
}

guint64
mg_harness_counter(MgHarness *h, const char *name)
{
  return mg_counters_value(&h->node->counters, name);
}
