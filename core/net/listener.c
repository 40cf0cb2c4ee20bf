/*
 * Listeners: one socket, watched by every I/O lane with EPOLLEXCLUSIVE, so that a connection wakes one
 * lane. The lane that accepts keeps the connection, unless it has clearly more than another one.
 */
#include "net/private.h"

#include "loop/lane.h"

#include <mediagraph/log.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
  BATCH = 8,      /* accepted per event */
  SHED = 16,      /* connections turned away per pause when descriptors have run out */
  BACKLOG = 4096, /* the kernel cuts it to net.core.somaxconn */
  IMBALANCE = 8,  /* more connections than the least loaded lane before one is handed over */
};

/* While descriptors are short: how long nothing is accepted, and when it counts as over. */
#define PAUSE      (100 * MG_MILLISECOND)
#define SHORT_OVER (10 * MG_SECOND)

/* Kept open to be closed when descriptors run out: then one connection can be accepted and closed. */
static GMutex reserve_lock;
static int reserve_fd = -1;

static void
open_reserve(void)
{
  if (reserve_fd < 0)
    reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Accepts one connection on the reserve and closes it. FALSE when there was none to turn away. */
static gboolean
turn_one_away(int listen_fd)
{
  g_mutex_lock(&reserve_lock);
  if (reserve_fd >= 0)
    close(reserve_fd);
  reserve_fd = -1;
  int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0)
    close(fd);
  open_reserve();
  g_mutex_unlock(&reserve_lock);
  return fd >= 0;
}

static void on_acceptable(guint events, gpointer data);

static void
start_accepting(gpointer data)
{
  MgAcceptor *a = data;
  g_autoptr(GError) error = NULL;
  if (!mg_watch_add(&a->watch, a->listener->fd, EPOLLIN | EPOLLEXCLUSIVE, on_acceptable, a,
                    &error)) {
    g_autofree char *address = mg_address_format(&a->listener->address);
    mg_error(NULL, "cannot accept on %s: %s", address, error->message);
  }
}

static void
say_short(MgListener *listener, int why)
{
  MgTime last = __atomic_exchange_n(&listener->short_at, mg_now(), __ATOMIC_RELAXED);
  if (last != 0)
    return;
  g_autofree char *address = mg_address_format(&listener->address);
  mg_warning(NULL, "turning connections to %s away: %s; raise the limit of open files", address,
             g_strerror(why));
}

static void
say_enough(MgListener *listener)
{
  MgTime since = __atomic_load_n(&listener->short_at, __ATOMIC_RELAXED);
  if (G_LIKELY(since == 0) || mg_now() - since < SHORT_OVER)
    return;
  if (__atomic_exchange_n(&listener->short_at, 0, __ATOMIC_RELAXED) == 0)
    return;
  g_autofree char *address = mg_address_format(&listener->address);
  mg_info(NULL, "accepting connections to %s again", address);
}

/* Nothing more can be accepted: turn some away, so that they know, and try again after a while. */
static void
pause_accepting(MgAcceptor *a, int why)
{
  say_short(a->listener, why);
  for (guint i = 0; i < SHED && turn_one_away(a->listener->fd); i++)
    mg_net_count(&a->refused, 1);
  mg_watch_remove(&a->watch);
  mg_timer_start_in(&a->pause, PAUSE);
}

/* An accepted socket on its way to another lane. */
typedef struct {
  MgListener *listener; /* a reference */
  guint lane;
  MgAddress peer;
  int fd;
} Parcel;

static void
unpack(gpointer data)
{
  Parcel *parcel = data;
  if (g_atomic_int_get(&parcel->listener->is_closing)) {
    close(parcel->fd);
    gboolean is_counted = mg_listener_counts(parcel->listener, &parcel->peer);
    mg_listener_left(parcel->listener, parcel->lane, is_counted ? &parcel->peer : NULL);
  } else {
    mg_connection_adopt(parcel->listener, parcel->fd, &parcel->peer);
  }
  mg_listener_unref(parcel->listener);
  g_free(parcel);
}

/* The lane that is to have the next connection: this one, unless another has clearly fewer. */
static MgAcceptor *
choose(MgAcceptor *here)
{
  MgListener *listener = here->listener;
  MgAcceptor *least = here;
  gint fewest = g_atomic_int_get(&here->n_connections);
  gint own = fewest;
  for (guint i = 0; i < listener->n_acceptors; i++) {
    gint n = g_atomic_int_get(&listener->acceptors[i].n_connections);
    if (n < fewest) {
      fewest = n;
      least = &listener->acceptors[i];
    }
  }
  return own - fewest > MAX(IMBALANCE, fewest / 8) ? least : here;
}

static void
place(MgAcceptor *a, int fd, const MgAddress *peer)
{
  MgAcceptor *chosen = choose(a);
  mg_net_count(&a->accepted, 1);
  g_atomic_int_inc(&chosen->n_connections);
  if (chosen == a) {
    mg_connection_adopt(a->listener, fd, peer);
    return;
  }
  Parcel *parcel = g_new(Parcel, 1);
  *parcel = (Parcel){ mg_listener_ref(a->listener), chosen->index, *peer, fd };
  mg_lane_post(mg_lane_io(chosen->index), unpack, parcel);
}

/* Whether accept4() failed for want of descriptors or memory, and not because of one connection. */
static gboolean
is_out_of_something(int why)
{
  return why == EMFILE || why == ENFILE || why == ENOBUFS || why == ENOMEM;
}

static void
on_acceptable(guint events, gpointer data)
{
  MgAcceptor *a = data;
  for (guint i = 0; i < BATCH; i++) {
    MgAddress peer = { .size = sizeof peer.v6 };
    int fd = accept4(a->listener->fd, &peer.any, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && is_out_of_something(errno))
      pause_accepting(a, errno);
    if (fd < 0)
      return;
    say_enough(a->listener);
    if (mg_listener_take_place(a->listener, &peer)) {
      place(a, fd, &peer);
    } else {
      mg_net_count(&a->refused, 1);
      close(fd);
    }
  }
}

static const char *
advice(int why)
{
  switch (why) {
  case EADDRINUSE: return "another program listens there; stop it or choose another port";
  case EADDRNOTAVAIL: return "this host has no such address; 0.0.0.0 stands for all it has";
  case EACCES: return "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one";
  case EAFNOSUPPORT: return "this host has no IPv6; use an IPv4 address";
  default: return g_strerror(why);
  }
}

/* Accepted sockets inherit the options of the one that listens. */
static void
set_options(int fd, const MgAddress *address, const MgListenOptions *options)
{
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
  if (address->any.sa_family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int));
  if (options->user_timeout_ms > 0)
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &options->user_timeout_ms, sizeof(guint));
}

static int
open_socket(const char *text, MgAddress *address, const MgListenOptions *options, GError **error)
{
  int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0)
    set_options(fd, address, options);
  if (fd >= 0 && bind(fd, &address->any, address->size) == 0 && listen(fd, BACKLOG) == 0) {
    getsockname(fd, &address->any, &address->size);
    return fd;
  }
  int why = errno;
  g_set_error(error, MG_ERROR, why == EADDRINUSE ? MG_ERROR_BUSY : MG_ERROR_FAILED,
              "cannot listen on %s: %s", text, advice(why));
  if (fd >= 0)
    close(fd);
  return -1;
}

static MgListener *
listener_alloc(int fd, const MgAddress *address, const MgListenOptions *options)
{
  guint n = mg_lane_n_io();
  g_assert(n > 0);
  MgListener *listener = g_malloc0(sizeof(MgListener) + n * sizeof(MgAcceptor));
  listener->ref_count = 1;
  listener->fd = fd;
  listener->address = *address;
  listener->options = *options;
  if (options->tls != NULL)
    mg_tls_context_ref(options->tls);
  if (options->proxies != NULL)
    mg_networks_ref(options->proxies);
  listener->n_acceptors = n;
  if (options->max_per_address > 0)
    listener->peers = mg_peers_new(options->max_per_address);
  for (guint i = 0; i < n; i++) {
    listener->acceptors[i] = (MgAcceptor){ .listener = listener, .index = i };
    mg_timer_init(&listener->acceptors[i].pause, start_accepting, &listener->acceptors[i]);
  }
  return listener;
}

MgListener *
mg_listener_new(const char *text, const MgConnectionEvents *events, gpointer data,
                const MgListenOptions *options, GError **error)
{
  MgListenOptions effective = { .size = sizeof effective };
  if (options != NULL)
    memcpy(&effective, options, MIN(options->size, sizeof effective));
  MgAddress address;
  if (!mg_address_parse(text, &address, error))
    return NULL;
  int fd = open_socket(text, &address, &effective, error);
  if (fd < 0)
    return NULL;
  g_mutex_lock(&reserve_lock);
  open_reserve();
  g_mutex_unlock(&reserve_lock);
  MgListener *listener = listener_alloc(fd, &address, &effective);
  listener->events = events;
  listener->data = data;
  listener->ref_count += (gint) listener->n_acceptors;
  listener->n_listening = (gint) listener->n_acceptors;
  for (guint i = 0; i < listener->n_acceptors; i++)
    mg_lane_post(mg_lane_io(i), start_accepting, &listener->acceptors[i]);
  return listener;
}

MgListener *
mg_listener_new_caller(const MgConnectionEvents *events, const MgListenOptions *options)
{
  MgListener *listener = listener_alloc(-1, &(MgAddress){ .size = 0 }, options);
  listener->events = events;
  return listener;
}

guint
mg_listener_port(MgListener *listener)
{
  return mg_address_port(&listener->address);
}

char *
mg_listener_url_host(MgListener *listener)
{
  if (mg_address_is_any(&listener->address))
    return g_strdup_printf("localhost:%u", mg_listener_port(listener));
  return mg_address_format(&listener->address);
}

void
mg_listener_stats(MgListener *listener, MgListenerStats *stats)
{
  *stats = (MgListenerStats){ .connections = (guint) g_atomic_int_get(&listener->n_connections) };
  for (guint i = 0; i < listener->n_acceptors; i++) {
    MgAcceptor *a = &listener->acceptors[i];
    stats->accepted += __atomic_load_n(&a->accepted, __ATOMIC_RELAXED);
    stats->refused += __atomic_load_n(&a->refused, __ATOMIC_RELAXED);
    stats->received_bytes += __atomic_load_n(&a->received_bytes, __ATOMIC_RELAXED);
    stats->sent_bytes += __atomic_load_n(&a->sent_bytes, __ATOMIC_RELAXED);
  }
}

MgListener *
mg_listener_ref(MgListener *listener)
{
  g_atomic_int_inc(&listener->ref_count);
  return listener;
}

void
mg_listener_unref(MgListener *listener)
{
  if (!g_atomic_int_dec_and_test(&listener->ref_count))
    return;
  if (listener->done != NULL)
    mg_lane_post(listener->done_lane, listener->done, listener->done_data);
  mg_lane_unref(listener->done_lane);
  mg_tls_context_unref(listener->options.tls);
  mg_networks_unref(listener->options.proxies);
  mg_peers_free(listener->peers);
  g_free(listener);
}

static void
stop_accepting(gpointer data)
{
  MgAcceptor *a = data;
  MgListener *listener = a->listener;
  mg_timer_stop(&a->pause);
  mg_watch_remove(&a->watch);
  if (g_atomic_int_dec_and_test(&listener->n_listening))
    close(listener->fd);
  mg_connections_abort(listener, "the server stops");
  mg_listener_unref(listener);
}

void
mg_listener_close(MgListener *listener, MgLaneFunc done, gpointer data)
{
  MgLane *here = mg_lane_current();
  listener->done = done;
  listener->done_data = data;
  listener->done_lane = mg_lane_ref(here != NULL ? here : mg_lane_io(0));
  g_atomic_int_set(&listener->is_closing, TRUE);
  for (guint i = 0; i < listener->n_acceptors; i++)
    mg_lane_post(mg_lane_io(i), stop_accepting, &listener->acceptors[i]);
  mg_listener_unref(listener);
}
