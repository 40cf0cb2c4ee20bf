#include "net/private.h"

static void
net_lane_free(gpointer data)
{
  MgNetLane *net = data;
  g_free(net->scratch);
  g_free(net->sealed);
  g_free(net);
}

static GPrivate net_key = G_PRIVATE_INIT(net_lane_free);
static __thread MgNetLane *net_here;

/* Gives every connection that was marked before now its turn. Those marked meanwhile wait. */
static void
run_turns(gpointer data)
{
  MgNetLane *net = data;
  GQueue batch = net->marked;
  g_queue_init(&net->marked);
  for (GList *mark = g_queue_pop_head_link(&batch); mark != NULL;
       mark = g_queue_pop_head_link(&batch)) {
    MgConnection *c = mark->data;
    c->is_marked = FALSE;
    mg_connection_turn(c);
  }
}

static guint
lane_index(MgLane *lane)
{
  guint index = 0;
  while (index < mg_lane_n_io() && mg_lane_io(index) != lane)
    index++;
  g_assert(index < mg_lane_n_io());
  return index;
}

MgNetLane *
mg_net_here(void)
{
  if (G_LIKELY(net_here != NULL))
    return net_here;
  MgNetLane *net = g_new0(MgNetLane, 1);
  net->index = lane_index(mg_lane_current());
  net->scratch = g_malloc(MG_NET_SCRATCH);
  mg_timer_init(&net->turn, run_turns, net);
  g_private_set(&net_key, net);
  net_here = net;
  return net;
}

guint8 *
mg_net_sealed(MgNetLane *net)
{
  if (net->sealed == NULL)
    net->sealed = g_malloc(MG_NET_SCRATCH);
  return net->sealed;
}

void
mg_net_begin(MgNetLane *net)
{
  net->is_event = TRUE;
}

void
mg_net_end(MgNetLane *net)
{
  run_turns(net);
  net->is_event = FALSE;
  if (net->marked.length > 0)
    mg_timer_start_in(&net->turn, 0);
}
