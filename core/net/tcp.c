/*
 * The transport that adds nothing: a TCP socket. And the one of connections that have yet to show whether
 * they are TLS.
 */
#include "net/private.h"

#include <sys/socket.h>

static gssize
receive(MgConnection *c, gpointer bytes, gsize size)
{
  return recv(c->fd, bytes, size, 0);
}

static gssize
send_vectors(MgConnection *c, struct iovec *vectors, guint n)
{
  struct msghdr message = { .msg_iov = vectors, .msg_iovlen = n };
  return sendmsg(c->fd, &message, MSG_NOSIGNAL);
}

static gboolean
finish(MgConnection *c)
{
  shutdown(c->fd, SHUT_WR);
  return TRUE;
}

static const char *
how_ended(const MgConnection *c)
{
  return "closed by peer";
}

static void
clear(MgConnection *c)
{
}

const MgTransport mg_transport_tcp = {
  .receive = receive,
  .send = send_vectors,
  .finish = finish,
  .how_ended = how_ended,
  .clear = clear,
};

/* The first byte of a TLS connection: a record of the handshake (RFC 8446 5.1). */
enum { TLS_HANDSHAKE = 0x16 };

/* Looks at the first byte, and leaves it to the transport that it is for. */
static gssize
receive_first(MgConnection *c, gpointer bytes, gsize size)
{
  guint8 first;
  gssize n = recv(c->fd, &first, 1, MSG_PEEK);
  if (n <= 0)
    return n;
  c->is_shaking = first == TLS_HANDSHAKE;
  c->transport = c->is_shaking ? &mg_transport_tls : &mg_transport_tcp;
  return c->transport->receive(c, bytes, size);
}

const MgTransport mg_transport_undecided = {
  .receive = receive_first,
  .send = send_vectors,
  .finish = finish,
  .how_ended = how_ended,
  .clear = clear,
};
