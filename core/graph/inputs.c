/*
 * What a node takes from, one input per producer.
 */
#include "graph/node.h"

#include <mediagraph/inputs.h>

static MgEdge *
edge_at(MgNode *node, guint index)
{
  return g_ptr_array_index(node->in_edges, index);
}

/* Whether no word before that of edge INDEX has its producer. */
static gboolean
is_first(MgNode *node, guint index)
{
  for (guint i = 0; i < index; i++)
    if (edge_at(node, i)->producer == edge_at(node, index)->producer)
      return FALSE;
  return TRUE;
}

guint
mg_edge_input(MgEdge *edge)
{
  guint n = 0;
  for (guint i = 0;; i++) {
    MgEdge *other = edge_at(edge->consumer, i);
    if (other->producer == edge->producer)
      return n;
    n += is_first(edge->consumer, i);
  }
}

guint
mg_node_n_inputs(MgNode *node)
{
  guint n = 0;
  for (guint i = 0; i < node->in_edges->len; i++)
    n += is_first(node, i);
  return n;
}

const char *
mg_node_input_id(MgNode *node, guint index)
{
  for (guint i = 0; i < node->in_edges->len; i++)
    if (mg_edge_input(edge_at(node, i)) == index)
      return edge_at(node, i)->producer->spec->id;
  g_assert_not_reached();
}

guint
mg_port_input(MgPort *in)
{
  g_assert(in->edge != NULL);
  return mg_edge_input(in->edge);
}

void
mg_node_pause(MgNode *node)
{
  g_assert(node->lane == mg_lane_current());
  for (guint i = 0; i < node->out_edges->len; i++)
    mg_edge_send_pause(g_ptr_array_index(node->out_edges, i));
}
