/* How many connections a listener has, in all and of one address, and what is said when there are no more to be had. */
#include "net/private.h"

#include <mediagraph/log.h>

/* The log names one of those that are turned away because of a limit, once in this time. */
#define SAY_EVERY (60 * MG_SECOND)

gboolean
mg_listener_counts(const MgListener *listener, const MgAddress *peer)
{
  return listener->peers != NULL && !mg_networks_have_address(listener->options.proxies, peer);
}

static guint64
count_refused(MgListener *listener)
{
  MgListenerStats stats;
  mg_listener_stats(listener, &stats);
  return stats.refused;
}

/* Of each limit by itself: somebody who has his share hides nothing of a server that is full. */
static void
say_full(MgListener *listener, MgTime *said_at, const MgAddress *peer, const char *limit,
         guint most)
{
  MgTime now = mg_now();
  MgTime last = __atomic_load_n(said_at, __ATOMIC_RELAXED);
  gboolean is_recent = last != 0 && now - last < SAY_EVERY;
  if (is_recent || !__atomic_compare_exchange_n(said_at, &last, MAX(now, 1), FALSE,
                                                __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    return;
  g_autofree char *address = mg_address_format(&listener->address);
  g_autofree char *from = mg_address_format(peer);
  mg_warning(NULL,
             "%s is turned away at %s, and %" G_GUINT64_FORMAT " were before: %s is %u; raise it, "
             "if they are welcome",
             from, address, count_refused(listener), limit, most);
}

void
mg_listener_say_share(MgListener *listener, const MgAddress *peer)
{
  say_full(listener, &listener->share_said_at, peer, "max-per-address",
           listener->options.max_per_address);
}

/* There is room for one more; whether its address may have it is another question. */
static gboolean
take_room(MgListener *listener, const MgAddress *peer)
{
  guint most = listener->options.max_connections;
  guint before = (guint) g_atomic_int_add(&listener->n_connections, 1);
  if (most == 0 || before < most)
    return TRUE;
  g_atomic_int_add(&listener->n_connections, -1);
  say_full(listener, &listener->full_said_at, peer, "max-connections", most);
  return FALSE;
}

gboolean
mg_listener_take_place(MgListener *listener, const MgAddress *peer)
{
  if (!take_room(listener, peer))
    return FALSE;
  if (!mg_listener_counts(listener, peer) ||
      mg_peers_take(listener->peers, mg_address_peer_key(peer)))
    return TRUE;
  g_atomic_int_add(&listener->n_connections, -1);
  mg_listener_say_share(listener, peer);
  return FALSE;
}

void
mg_listener_left(MgListener *listener, guint lane, const MgAddress *counted)
{
  g_atomic_int_add(&listener->acceptors[lane].n_connections, -1);
  g_atomic_int_add(&listener->n_connections, -1);
  if (counted != NULL)
    mg_peers_give(listener->peers, mg_address_peer_key(counted));
}
