/* The transport that adds nothing: a TCP socket. */
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

static void
finish(MgConnection *c)
{
  shutdown(c->fd, SHUT_WR);
}

const MgTransport mg_transport_tcp = {
  .receive = receive,
  .send = send_vectors,
  .finish = finish,
};
