#include "guest.h"

#include <mediagraph/log.h>

/* Nothing is said again until there has been room for so long. */
#define QUIET (60 * MG_SECOND)

struct Guest {
  Ingest *ingest;       /* a reference */
  gint ref_count;       /* atomic */
  MgLaneFunc crowd_out; /* on its lane; NULL: it is over, or was called */
  gpointer data;
  MgLaneFunc on_drain; /* on its lane; NULL: none */
  GList told;          /* of those that have one; under the ingest's lock, as what follows */
  GList link;          /* of those that wait */
  gboolean is_waiting, is_crowded_out;
  MgLane *lane; /* NULL while it moves */
};

Guest *
guest_new(Ingest *ingest, MgLaneFunc crowd_out, gpointer data)
{
  Guest *g = g_new0(Guest, 1);
  g->ingest = ingest_ref(ingest);
  g->ref_count = 1;
  g->crowd_out = crowd_out;
  g->data = data;
  g->link.data = g->told.data = g;
  g->lane = mg_lane_current();
  return g;
}

static Guest *
guest_ref(Guest *g)
{
  g_atomic_int_inc(&g->ref_count);
  return g;
}

static void
guest_unref(Guest *g)
{
  if (!g_atomic_int_dec_and_test(&g->ref_count))
    return;
  ingest_unref(g->ingest);
  g_free(g);
}

void
guest_free(Guest *g)
{
  if (g == NULL)
    return;
  guest_settle(g);
  guest_on_drain(g, NULL);
  g->crowd_out = NULL;
  guest_unref(g);
}

/* The first one for a while is for the operator: somebody holds connections, or the limit is too low. */
static void
count(Ingest *ingest)
{
  MgTime now = mg_now();
  g_mutex_lock(&ingest->lock);
  gboolean is_news = ingest->crowded_at == 0 || now - ingest->crowded_at > QUIET;
  ingest->crowded_at = now;
  g_mutex_unlock(&ingest->lock);
  mg_counter_add(ingest->crowded_out, 1);
  if (is_news)
    mg_warning(ingest->node,
               "more than %u connections have not published or played yet (max-waiting): "
               "the oldest ones are closed for new ones",
               ingest->most_waiting);
}

/* With a reference. It may have settled in the meantime, or moved. */
static void
on_crowded_out(gpointer data)
{
  Guest *g = data;
  g_mutex_lock(&g->ingest->lock);
  gboolean is_true = g->is_crowded_out;
  MgLane *lane = g->lane;
  g_mutex_unlock(&g->ingest->lock);
  if (is_true && lane != NULL && lane != mg_lane_current()) {
    mg_lane_post(lane, on_crowded_out, g);
    return;
  }
  MgLaneFunc crowd_out = is_true && lane != NULL ? g_steal_pointer(&g->crowd_out) : NULL;
  if (crowd_out != NULL) {
    count(g->ingest);
    crowd_out(g->data);
  }
  guest_unref(g);
}

/* Under the lock: who has to go, with a reference if it is to be told; one on its way is when it arrives. */
static Guest *
crowd_out_oldest(Ingest *ingest)
{
  if (ingest->waiting.length <= ingest->most_waiting)
    return NULL;
  Guest *oldest = g_queue_pop_head_link(&ingest->waiting)->data;
  oldest->is_waiting = FALSE;
  oldest->is_crowded_out = TRUE;
  return oldest->lane != NULL ? guest_ref(oldest) : NULL;
}

void
guest_wait(Guest *g)
{
  Ingest *ingest = g->ingest;
  g_mutex_lock(&ingest->lock);
  Guest *oldest = NULL;
  MgLane *lane = NULL;
  if (!g->is_waiting && !g->is_crowded_out) {
    g->is_waiting = TRUE;
    g_queue_push_tail_link(&ingest->waiting, &g->link);
    oldest = crowd_out_oldest(ingest);
    lane = oldest != NULL ? oldest->lane : NULL;
  }
  g_mutex_unlock(&ingest->lock);
  if (oldest != NULL)
    mg_lane_post(lane, on_crowded_out, oldest);
}

void
guest_settle(Guest *g)
{
  g_mutex_lock(&g->ingest->lock);
  if (g->is_waiting)
    g_queue_unlink(&g->ingest->waiting, &g->link);
  g->is_waiting = g->is_crowded_out = FALSE;
  g_mutex_unlock(&g->ingest->lock);
}

/* TRUE: it has been crowded out. */
static gboolean
set_lane(Guest *g, MgLane *lane)
{
  g_mutex_lock(&g->ingest->lock);
  g->lane = lane;
  gboolean is_crowded_out = g->is_crowded_out;
  g_mutex_unlock(&g->ingest->lock);
  return is_crowded_out;
}

void
guest_depart(Guest *g)
{
  set_lane(g, NULL);
}

/* What has happened on the way is told from the loop. */
void
guest_arrive(Guest *g)
{
  MgLane *here = mg_lane_current();
  if (set_lane(g, here))
    mg_lane_post(here, on_crowded_out, guest_ref(g));
}

/* --- the drain --------------------------------------------------------------------------------- */

void
guest_on_drain(Guest *g, MgLaneFunc func)
{
  g_mutex_lock(&g->ingest->lock);
  if (g->on_drain != NULL)
    g_queue_unlink(&g->ingest->told, &g->told);
  if (func != NULL)
    g_queue_push_tail_link(&g->ingest->told, &g->told);
  g->on_drain = func;
  g_mutex_unlock(&g->ingest->lock);
}

/* With a reference. */
static void
tell(gpointer data)
{
  Guest *g = data;
  if (g->on_drain != NULL)
    g->on_drain(g->data);
  guest_unref(g);
}

guint
guests_drain(Ingest *ingest)
{
  guint n = 0;
  g_mutex_lock(&ingest->lock);
  for (GList *one = ingest->told.head; one != NULL; one = one->next, n++) {
    Guest *g = one->data;
    mg_lane_post(g->lane, tell, guest_ref(g));
  }
  g_mutex_unlock(&ingest->lock);
  return n;
}
