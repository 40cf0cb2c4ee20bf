/*
 * The transport of connections from proxies: takes what the PROXY protocol says of who called, if it is there,
 * and leaves the rest to the transport that it is for. Nothing is kept meanwhile: the bytes stay with the kernel
 * until the header is whole.
 */
#include "net/private.h"
#include "net/proxy.h"

#include <errno.h>
#include <sys/socket.h>

/* The kernel tells when there are more than N bytes, or the end. */
static void
wait_for_more(MgConnection *c, gsize n)
{
  setsockopt(c->fd, SOL_SOCKET, SO_RCVLOWAT, &(int){ (int) n + 1 }, sizeof(int));
}

static gssize
refuse(MgConnection *c, const char *reason)
{
  mg_conn_set_closed(c, reason);
  errno = EPROTO;
  return -1;
}

static gssize
go_on(MgConnection *c, gpointer bytes, gsize size)
{
  wait_for_more(c, 0);
  c->transport = mg_conn_transport(&c->listener->options);
  return c->transport->receive(c, bytes, size);
}

static gssize
receive(MgConnection *c, gpointer bytes, gsize size)
{
  gsize used = 0;
  MgAddress peer = c->peer;
  gssize n = recv(c->fd, bytes, MIN(size, MG_PROXY_MOST), MSG_PEEK);
  if (n <= 0)
    return n;
  switch (mg_proxy_parse(bytes, (gsize) n, &used, &peer)) {
  case MG_PROXY_MORE:
    if ((gsize) n == c->n_peeked)
      return refuse(c, "closed by peer within the PROXY protocol's header");
    c->n_peeked = (guint16) n;
    wait_for_more(c, (gsize) n);
    errno = EAGAIN;
    return -1;
  case MG_PROXY_BAD: return refuse(c, "what it says by the PROXY protocol breaks its rules");
  case MG_PROXY_DONE:
    recv(c->fd, bytes, used, 0);
    if (!mg_conn_set_peer(c, &peer)) {
      mg_listener_say_share(c->listener, &peer);
      return refuse(c, "too many connections of whom it calls for");
    }
    return go_on(c, bytes, size);
  default: return go_on(c, bytes, size);
  }
}

const MgTransport mg_transport_proxied = {
  .receive = receive,
  .send = mg_tcp_send,
  .finish = mg_tcp_finish,
  .how_ended = mg_tcp_how_ended,
  .clear = mg_tcp_clear,
};
