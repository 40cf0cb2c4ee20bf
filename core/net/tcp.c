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

gssize
mg_tcp_send(MgConnection *c, struct iovec *vectors, guint n)
{
  struct msghdr message = { .msg_iov = vectors, .msg_iovlen = n };
  return sendmsg(c->fd, &message, MSG_NOSIGNAL);
}

gboolean
mg_tcp_finish(MgConnection *c)
{
  shutdown(c->fd, SHUT_WR);
  return TRUE;
}

const char *
mg_tcp_how_ended(const MgConnection *c)
{
  return "closed by peer";
}

void
mg_tcp_clear(MgConnection *c)
{
}

const MgTransport mg_transport_tcp = {
  .receive = receive,
  .send = mg_tcp_send,
  .finish = mg_tcp_finish,
  .how_ended = mg_tcp_how_ended,
  .clear = mg_tcp_clear,
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
  .send = mg_tcp_send,
  .finish = mg_tcp_finish,
  .how_ended = mg_tcp_how_ended,
  .clear = mg_tcp_clear,
};
