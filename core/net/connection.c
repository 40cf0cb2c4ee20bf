/*
 * What a plugin calls on a connection. Nothing happens here: what is wanted is noted, and the connection is
 * marked for its next turn.
 */
#include "net/private.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

/* A write: refused once closing, bounded by the listener's limit. */
static void
wrote(MgConnection *c)
{
  gsize most = c->listener->options.max_write_queue_bytes;
  c->owes_drained = TRUE;
  if (most > 0 && c->outbox.size > most)
    mg_conn_set_closed(c, "the peer reads too slowly: more is waiting for it than may be");
  mg_conn_mark(c);
}

void
mg_connection_write(MgConnection *c, gconstpointer bytes, gsize size)
{
  if (c->state != MG_CONN_OPEN)
    return;
  if (!mg_outbox_copy(&c->outbox, bytes, size))
    mg_conn_set_closed(c, "out of memory");
  wrote(c);
}

void
mg_connection_write_data(MgConnection *c, MgData *data, gsize offset, gsize size)
{
  if (c->state != MG_CONN_OPEN) {
    mg_data_unref(data);
    return;
  }
  mg_outbox_take(&c->outbox, data, offset, size);
  wrote(c);
}

gsize
mg_connection_queued(const MgConnection *c)
{
  return c->outbox.size;
}

guint64
mg_connection_sent(const MgConnection *c)
{
  return c->sent;
}

guint64
mg_connection_acknowledged(const MgConnection *c)
{
  int held = 0;
  ioctl(c->fd, SIOCOUTQ, &held);
  /* What is held may be a handshake's, and encrypted bytes are a few more than were sent. */
  guint64 not_yet = MIN((guint64) MAX(held, 0), c->sent);
  return c->sent - not_yet;
}

void
mg_connection_close(MgConnection *c, const char *reason, MgTime linger)
{
  if (c->state == MG_CONN_OPEN)
    mg_conn_start_flushing(c, reason, linger);
  else if (c->state == MG_CONN_CONNECTING)
    mg_conn_set_closed(c, reason);
}

void
mg_connection_abort(MgConnection *c, const char *reason)
{
  mg_conn_set_closed(c, reason);
}

void
mg_connection_set_reading(MgConnection *c, gboolean is_reading)
{
  c->is_reading = is_reading;
  mg_conn_mark(c);
}

void
mg_connection_set_patient(MgConnection *c, gboolean is_patient)
{
  c->is_patient = is_patient;
  if (c->watch.lane != NULL)
    mg_watch_set_patient(&c->watch, is_patient);
}

void
mg_connection_move(MgConnection *c, MgLane *lane, MgLaneFunc then)
{
  g_assert(c->move_to == NULL);
  c->move_to = lane;
  c->then = then;
  mg_conn_mark(c);
}

gboolean
mg_connection_is_secure(const MgConnection *c)
{
  return c->transport == &mg_transport_tls;
}

gboolean
mg_connection_speaks(const MgConnection *c, const char *protocol)
{
  return c->transport->speaks != NULL && c->transport->speaks(c, protocol);
}

gboolean
mg_conn_set_peer(MgConnection *c, const MgAddress *peer)
{
  MgPeers *peers = c->listener->peers;
  c->peer = *peer;
  g_clear_pointer(&c->peer_text, g_free);
  c->is_counted = peers != NULL && mg_peers_take(peers, mg_address_peer_key(peer));
  return peers == NULL || c->is_counted;
}

const char *
mg_connection_peer(MgConnection *c)
{
  if (c->peer_text == NULL)
    c->peer_text = mg_address_format(&c->peer);
  return c->peer_text;
}
