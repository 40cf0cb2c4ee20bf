/*
 * Seats: which listeners of a pipeline share a publisher, and which have one of their own; and whether anybody
 * gives media.
 */
#include "graph/session.h"

#include <mediagraph/inputs.h>

static MgNode *
node_at(MgSession *session, guint index)
{
  return g_ptr_array_index(session->nodes, index);
}

static void
seat_free(gpointer data)
{
  MgSeat *seat = data;
  g_free(seat->peer);
  g_free(seat);
}

GPtrArray *
mg_seats_new(void)
{
  return g_ptr_array_new_with_free_func(seat_free);
}

/* An address that stands for input INDEX of NODE: that of the first of its edges. */
static gpointer
key_of_input(MgNode *node, guint index)
{
  for (guint i = 0; i < node->in_edges->len; i++) {
    MgEdge *edge = g_ptr_array_index(node->in_edges, i);
    if (mg_edge_input(edge) == index)
      return edge;
  }
  g_assert_not_reached();
}

/* The first input on the way from PLACE that others can stand in for; NULL: there is none. */
static gpointer
find_key(MgNode *place)
{
  for (guint i = 0; i < place->out_edges->len; i++) {
    MgEdge *edge = g_ptr_array_index(place->out_edges, i);
    gpointer key = edge->consumer->class->input_paused != NULL
                       ? key_of_input(edge->consumer, mg_edge_input(edge))
                       : find_key(edge->consumer);
    if (key != NULL)
      return key;
  }
  return NULL;
}

static MgSeat *
find_seat(MgSession *session, gpointer key)
{
  for (guint i = 0; i < session->seats->len; i++) {
    MgSeat *seat = g_ptr_array_index(session->seats, i);
    if (seat->key == key)
      return seat;
  }
  return NULL;
}

void
mg_session_make_seats(MgSession *session)
{
  for (guint i = 0; i < session->nodes->len; i++) {
    if (!node_at(session, i)->is_source_place)
      continue;
    gpointer key = find_key(node_at(session, i));
    if (find_seat(session, key) != NULL)
      continue;
    MgSeat *seat = g_new0(MgSeat, 1);
    seat->key = key;
    g_ptr_array_add(session->seats, seat);
  }
}

MgSeat *
mg_session_seat(MgSession *session, MgNode *place)
{
  return find_seat(session, find_key(place));
}

static gboolean
is_published(const MgSession *session)
{
  for (guint i = 0; i < session->seats->len; i++)
    if (((MgSeat *) g_ptr_array_index(session->seats, i))->publication != NULL)
      return TRUE;
  return FALSE;
}

gboolean
mg_session_has_media(const MgSession *session)
{
  gboolean waits_for_nobody = session->seats->len == 0;
  return waits_for_nobody || session->n_givers > 0 || is_published(session);
}

static void
evict_from(MgSeat *seat, const char *reason)
{
  if (seat->publication != NULL)
    mg_publication_evict(seat->publication, reason);
}

void
mg_session_evict_all(MgSession *session, const char *reason)
{
  for (guint i = 0; i < session->seats->len; i++)
    evict_from(g_ptr_array_index(session->seats, i), reason);
}

static void
one_gives(gpointer data)
{
  MgNode *node = data;
  node->session->n_givers++;
  mg_session_resume(node->session);
  mg_node_release(node);
}

static void
one_stops(gpointer data)
{
  MgNode *node = data;
  node->session->n_givers--;
  mg_session_linger(node->session);
  mg_node_release(node);
}

void
mg_session_source_gives(MgSession *session, MgNode *node, gboolean gives)
{
  if (node->gives == gives)
    return;
  node->gives = gives;
  mg_node_hold(node);
  mg_lane_post(session->lane, gives ? one_gives : one_stops, node);
}

/* Returned-owned; NULL: there are none. */
static char *
join_peers(MgSession *session, gboolean are_here)
{
  g_autoptr(GString) peers = g_string_new(NULL);
  for (guint i = 0; i < session->seats->len; i++) {
    MgSeat *seat = g_ptr_array_index(session->seats, i);
    if (seat->peer != NULL && seat->is_here == are_here)
      g_string_append_printf(peers, "%s%s", peers->len > 0 ? ", " : "", seat->peer);
  }
  return peers->len > 0 ? g_strdup(peers->str) : NULL;
}

char *
mg_session_peers(MgSession *session)
{
  char *peers = join_peers(session, TRUE);
  return peers ? peers : join_peers(session, FALSE);
}
