/*
 * What happens to a connection on its lane: events from the kernel, and turns, in which what was put off
 * is done in one order: leaving for another lane, sending, closing.
 */
#include "net/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
  MOST_VECTORS = 64,
  TURN_BYTES = 1 << 20, /* sent in one turn, so that one fast peer does not hold up the others */
  QUICK_ACKS = 16,      /* receives after which a handshake is over */
};

/* How long what is queued may take to leave after the peer's FIN. */
#define LINGER_AFTER_END (60 * MG_SECOND)

void
mg_conn_mark(MgConnection *c)
{
  if (c->is_marked)
    return;
  c->is_marked = TRUE;
  g_queue_push_tail_link(&c->net->marked, &c->mark);
  if (!c->net->is_event && c->net->turn.lane == NULL)
    mg_timer_start_in(&c->net->turn, 0);
}

void
mg_conn_set_closed(MgConnection *c, const char *reason)
{
  if (c->state == MG_CONN_CLOSED)
    return;
  if (c->reason == NULL)
    c->reason = g_strdup(reason);
  c->state = MG_CONN_CLOSED;
  mg_conn_mark(c);
}

static gboolean
wants_input(const MgConnection *c)
{
  return !c->has_ended && (c->is_reading || c->state != MG_CONN_OPEN);
}

void
mg_conn_update_watch(MgConnection *c)
{
  if (c->watch.lane != NULL && c->state != MG_CONN_CONNECTING)
    mg_watch_set(&c->watch, (wants_input(c) ? EPOLLIN : 0) | (c->is_full ? EPOLLOUT : 0));
}

void
mg_conn_start_flushing(MgConnection *c, const char *reason, MgTime linger)
{
  c->state = MG_CONN_FLUSHING;
  c->reason = g_strdup(reason);
  mg_timer_start_in(&c->linger, linger);
  mg_conn_mark(c);
}

/* The peer sends nothing more. What it asked for and is queued still goes out. */
static void
on_end(MgConnection *c)
{
  const char *reason = c->transport->how_ended(c);
  c->has_ended = TRUE;
  if (c->state == MG_CONN_OPEN && c->outbox.n > 0)
    mg_conn_start_flushing(c, reason, LINGER_AFTER_END);
  else if (c->state != MG_CONN_FLUSHING)
    mg_conn_set_closed(c, reason);
  mg_conn_update_watch(c);
}

static void
on_received(MgConnection *c, gsize size)
{
  mg_net_count(&c->listener->acceptors[c->net->index].received_bytes, size);
  if (c->n_quick_acks > 0) {
    c->n_quick_acks--;
    c->owes_ack = TRUE;
    mg_conn_mark(c);
  }
  if (c->state == MG_CONN_OPEN)
    c->listener->events->received(c, c->net->scratch, size, c->data);
}

/* One receive per event: what is left wakes the lane again, after others had their turn. */
static void
on_readable(MgConnection *c)
{
  gssize n = c->transport->receive(c, c->net->scratch, MG_NET_SCRATCH);
  /* A peer that fills the room does not pace itself, and would be slowed down by waiting. */
  mg_watch_set_patient(&c->watch, c->is_patient && n < MG_NET_PLENTY);
  if (n > 0)
    on_received(c, (gsize) n);
  if (n == 0 || c->said_goodbye)
    on_end(c);
  else if (n < 0 && errno != EAGAIN && errno != EINTR)
    mg_conn_set_closed(c, g_strerror(errno));
}

static const char *
socket_error(MgConnection *c)
{
  int error = 0;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){ sizeof error });
  return error != 0 ? g_strerror(error) : "closed by peer";
}

static void
on_event(guint events, gpointer data)
{
  MgConnection *c = data;
  MgNetLane *net = c->net;
  mg_net_begin(net);
  if (events & EPOLLOUT) {
    c->is_full = FALSE;
    mg_conn_mark(c);
  }
  if (c->state == MG_CONN_CLOSED || c->move_to != NULL)
    mg_conn_mark(c);
  else if (wants_input(c) && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
    on_readable(c);
  else if (events & (EPOLLHUP | EPOLLERR))
    mg_conn_set_closed(c, socket_error(c));
  mg_net_end(net);
}

static void
on_linger_over(gpointer data)
{
  MgConnection *c = data;
  mg_conn_set_closed(c, c->reason);
}

static gboolean
can_send(const MgConnection *c)
{
  return c->outbox.n > 0 && !c->is_full && !c->is_shaking;
}

/* Sends until the kernel takes no more or nothing is left. */
static void
flush(MgConnection *c)
{
  struct iovec vectors[MOST_VECTORS];
  gsize done = 0;
  while (can_send(c) && done < TURN_BYTES) {
    gsize total;
    guint n = mg_outbox_peek(&c->outbox, vectors, MOST_VECTORS, &total);
    gssize sent = c->transport->send(c, vectors, n);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0 && errno != EAGAIN) {
      mg_conn_set_closed(c, g_strerror(errno));
      return;
    }
    mg_outbox_drop(&c->outbox, (gsize) MAX(sent, 0));
    done += (gsize) MAX(sent, 0);
    c->is_full = sent < (gssize) total;
  }
  if (can_send(c))
    mg_conn_mark(c);
  if (done == 0)
    return;
  c->sent += done;
  c->owes_ack = FALSE; /* an answer carries it */
  mg_net_count(&c->listener->acceptors[c->net->index].sent_bytes, done);
}

/* What has not been answered is acknowledged at once: the peer may wait for that before it goes on. */
static void
acknowledge(MgConnection *c)
{
  c->owes_ack = FALSE;
  setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 }, sizeof(int));
}

static void
finish_sending(MgConnection *c)
{
  if (c->has_ended) {
    mg_conn_set_closed(c, c->reason);
    return;
  }
  if (c->transport->finish(c))
    c->state = MG_CONN_LINGERING;
  else
    c->is_full = TRUE;
}

static void
connection_free(MgConnection *c)
{
  MgListener *listener = c->listener;
  mg_listener_left(listener, c->net->index, c->is_counted ? &c->peer : NULL);
  g_queue_unlink(&c->net->open, &c->link);
  mg_dial_free(c->dial);
  mg_outbox_clear(&c->outbox);
  g_free(c->peer_text);
  g_free(c->reason);
  g_free(c);
  mg_listener_unref(listener);
}

/* An answer that was cut short must look cut short: then the peer gets a reset instead of a FIN. */
static void
close_socket(MgConnection *c)
{
  struct linger reset = { .l_onoff = 1, .l_linger = 0 };
  c->transport->clear(c);
  if (c->outbox.n > 0)
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (c->fd >= 0)
    close(c->fd);
}

static void
finish_closing(MgConnection *c)
{
  mg_timer_stop(&c->linger);
  mg_watch_remove(&c->watch);
  if (!c->is_refused)
    c->listener->events->closed(c, c->reason, c->data);
  if (c->is_marked)
    g_queue_unlink(&c->net->marked, &c->mark);
  close_socket(c);
  connection_free(c);
}

gboolean
mg_conn_start_watching(MgConnection *c)
{
  g_autoptr(GError) error = NULL;
  guint events = (wants_input(c) ? EPOLLIN : 0) | (c->is_full ? EPOLLOUT : 0);
  if (mg_watch_add(&c->watch, c->fd, events, on_event, c, &error)) {
    mg_watch_set_patient(&c->watch, c->is_patient);
    return TRUE;
  }
  mg_conn_set_closed(c, error->message);
  return FALSE;
}

static void
settle(MgConnection *c)
{
  c->net = mg_net_here();
  g_queue_push_tail_link(&c->net->open, &c->link);
}

static void
arrive(gpointer data)
{
  MgConnection *c = data;
  MgNetLane *net = mg_net_here();
  mg_net_begin(net);
  settle(c);
  g_atomic_int_inc(&c->listener->acceptors[c->net->index].n_connections);
  if (c->state == MG_CONN_FLUSHING)
    mg_timer_start_at(&c->linger, c->linger.deadline);
  c->then(c->data); /* and watched for what its owner wants from there on */
  if (c->state != MG_CONN_CLOSED)
    mg_conn_start_watching(c);
  if (g_atomic_int_get(&c->listener->is_closing))
    mg_conn_set_closed(c, "the server stops");
  mg_conn_mark(c);
  mg_net_end(net);
}

/* The last thing this lane does with it. */
static void
depart(MgConnection *c)
{
  mg_timer_stop(&c->linger);
  mg_watch_remove(&c->watch);
  g_queue_unlink(&c->net->open, &c->link);
  g_atomic_int_add(&c->listener->acceptors[c->net->index].n_connections, -1);
  c->net = NULL;
  mg_lane_post(g_steal_pointer(&c->move_to), arrive, c);
}

static void
tell_drained(MgConnection *c)
{
  const MgConnectionEvents *events = c->listener->events;
  c->owes_drained = FALSE;
  if (c->state == MG_CONN_OPEN && events->drained != NULL)
    events->drained(c, c->data);
}

void
mg_connection_turn(MgConnection *c)
{
  if (c->move_to != NULL) {
    depart(c);
    return;
  }
  if (c->state != MG_CONN_CLOSED)
    flush(c);
  if (c->owes_ack)
    acknowledge(c);
  if (c->state == MG_CONN_FLUSHING && c->outbox.n == 0)
    finish_sending(c);
  if (c->state == MG_CONN_CLOSED) {
    finish_closing(c);
    return;
  }
  mg_conn_update_watch(c);
  if (c->outbox.n == 0 && c->owes_drained)
    tell_drained(c);
}

const MgTransport *
mg_conn_transport(const MgListenOptions *options)
{
  if (options->tls == NULL)
    return &mg_transport_tcp;
  return options->tls_is_optional ? &mg_transport_undecided : &mg_transport_tls;
}

static MgConnection *
connection_new(MgListener *listener, int fd)
{
  MgConnection *c = g_new0(MgConnection, 1);
  c->listener = mg_listener_ref(listener);
  c->transport = mg_conn_transport(&listener->options);
  c->is_shaking = c->transport == &mg_transport_tls;
  c->fd = fd;
  c->link.data = c->mark.data = c;
  c->is_reading = TRUE;
  mg_outbox_init(&c->outbox);
  mg_timer_init(&c->linger, on_linger_over, c);
  settle(c);
  return c;
}

MgConnection *
mg_connection_new_caller(MgListener *listener, gpointer data)
{
  MgConnection *c = connection_new(listener, -1);
  c->state = MG_CONN_CONNECTING;
  c->data = data;
  g_atomic_int_inc(&listener->n_connections);
  g_atomic_int_inc(&listener->acceptors[c->net->index].n_connections);
  return c;
}

void
mg_connection_adopt(MgListener *listener, int fd, const MgAddress *peer)
{
  MgConnection *c = connection_new(listener, fd);
  c->peer = *peer;
  c->is_counted = mg_listener_counts(listener, peer);
  if (mg_networks_have_address(listener->options.proxies, peer))
    c->transport = &mg_transport_proxied;
  c->n_quick_acks = listener->options.quick_ack ? QUICK_ACKS : 0;
  mg_net_begin(c->net);
  c->is_refused = !mg_conn_start_watching(c) ||
                  (c->data = listener->events->accepted(c, listener->data)) == NULL;
  if (c->is_refused)
    mg_conn_set_closed(c, "refused");
  mg_net_end(c->net);
}

void
mg_connections_abort(MgListener *listener, const char *reason)
{
  MgNetLane *net = mg_net_here();
  for (GList *l = net->open.head; l != NULL; l = l->next) {
    MgConnection *c = l->data;
    if (c->listener == listener)
      mg_connection_abort(c, reason);
  }
}
