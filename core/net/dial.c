#include "net/dial.h"

#include "net/resolve.h"

#include <mediagraph/connect.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_NOT_SENT = 128 << 10 };

struct MgDial {
  MgConnection *connection; /* which owns it */
  MgQuestion *question;     /* asked, and not answered yet */
  void (*connected)(MgConnection *connection, gpointer data);
  MgTlsTrust *trust; /* a reference; NULL: in the clear */
  char *host;        /* as TLS needs it */
  char *target;      /* "host:port", for sentences */
  MgTime deadline;
  MgTimer timer;
  GArray *addresses; /* of MgAddress; NULL: not known yet */
  guint next;
  char *why; /* the last attempt failed */
};

void
mg_dial_free(MgDial *dial)
{
  if (dial == NULL)
    return;
  mg_timer_stop(&dial->timer);
  if (dial->question != NULL)
    mg_resolve_abandon(dial->question);
  if (dial->addresses != NULL)
    g_array_unref(dial->addresses);
  mg_tls_trust_unref(dial->trust);
  g_free(dial->host);
  g_free(dial->target);
  g_free(dial->why);
  g_free(dial);
}

static void
give_up(MgDial *dial, const char *why)
{
  g_autofree char *reason = g_strdup_printf("cannot connect to %s: %s", dial->target, why);
  mg_conn_set_closed(dial->connection, reason);
}

static void try_next(MgDial *dial);

static void
attempt_failed(MgDial *dial, const char *why)
{
  MgConnection *c = dial->connection;
  mg_watch_remove(&c->watch);
  if (c->fd >= 0)
    close(c->fd);
  c->fd = -1;
  g_free(dial->why);
  dial->why = g_strdup(why);
  try_next(dial);
}

void
mg_dial_succeed(MgDial *dial)
{
  MgConnection *c = dial->connection;
  void (*connected)(MgConnection *, gpointer) = dial->connected;
  mg_dial_free(g_steal_pointer(&c->dial));
  if (connected != NULL && c->state == MG_CONN_OPEN)
    connected(c, c->data);
}

/* The handshake of TLS has what is left of the time. */
static void
go_on(MgDial *dial)
{
  MgConnection *c = dial->connection;
  mg_watch_remove(&c->watch);
  c->state = MG_CONN_OPEN;
  if (!mg_conn_start_watching(c))
    return;
  if (dial->trust == NULL) {
    mg_dial_succeed(dial);
    return;
  }
  mg_timer_start_at(&dial->timer, dial->deadline);
  mg_tls_call(c, dial->trust, dial->host);
}

/* The socket can be written to: connected, or refused. */
static void
on_answered(guint events, gpointer data)
{
  MgDial *dial = data;
  MgConnection *c = dial->connection;
  MgNetLane *net = c->net;
  int error = 0;
  mg_net_begin(net);
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &(socklen_t){ sizeof error });
  if (c->state != MG_CONN_CONNECTING)
    mg_conn_mark(c);
  else if (error != 0)
    attempt_failed(dial, g_strerror(error));
  else
    go_on(dial);
  mg_net_end(net);
}

/* Starts an attempt. FALSE: it has failed at once, for ERROR's reason. */
static gboolean
start_attempt(MgDial *dial, const MgAddress *address, GError **error)
{
  MgConnection *c = dial->connection;
  guint user_timeout_ms = c->listener->options.user_timeout_ms;
  c->peer = *address;
  g_clear_pointer(&c->peer_text, g_free);
  c->fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd >= 0) {
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    /* What a slow peer does not take waits where it can still be dropped, not in the kernel. */
    setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){ MOST_NOT_SENT }, sizeof(int));
    if (user_timeout_ms > 0)
      setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
    if (connect(c->fd, &address->any, address->size) == 0 || errno == EINPROGRESS)
      return mg_watch_add(&c->watch, c->fd, EPOLLOUT, on_answered, dial, error);
  }
  g_set_error_literal(error, MG_ERROR, MG_ERROR_FAILED, g_strerror(errno));
  return FALSE;
}

/* Each address has its share of what is left, the last one all of it. */
static MgTime
end_of_attempt(const MgDial *dial)
{
  MgTime now = mg_now();
  guint n_left = dial->addresses->len - dial->next + 1;
  return now + MAX(dial->deadline - now, 0) / n_left;
}

static void
try_next(MgDial *dial)
{
  if (dial->next == dial->addresses->len || mg_now() >= dial->deadline) {
    give_up(dial, dial->why);
    return;
  }
  g_autoptr(GError) error = NULL;
  const MgAddress *address = &g_array_index(dial->addresses, MgAddress, dial->next++);
  if (start_attempt(dial, address, &error))
    mg_timer_start_at(&dial->timer, end_of_attempt(dial));
  else
    attempt_failed(dial, error->message);
}

static void
on_late(gpointer data)
{
  MgDial *dial = data;
  if (dial->connection->state == MG_CONN_OPEN)
    give_up(dial, "no answer to TLS in time");
  if (dial->connection->state != MG_CONN_CONNECTING)
    return;
  if (dial->question != NULL)
    give_up(dial, "its name could not be resolved in time");
  else
    attempt_failed(dial, "no answer in time");
}

static void
on_resolved(GArray *addresses, const char *why, gpointer data)
{
  MgDial *dial = data;
  dial->question = NULL;
  dial->addresses = addresses;
  mg_timer_stop(&dial->timer);
  if (dial->connection->state != MG_CONN_CONNECTING)
    return;
  dial->why = g_strdup(addresses->len > 0 ? "there is no time left" : why);
  try_next(dial);
}

/* --- opening ----------------------------------------------------------------------------------- */

/* "[::1]:1935": what a number looks like as an address; a name is none. */
static gboolean
is_number(const char *host, guint port, MgAddress *address)
{
  const char *form = strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u";
  g_autofree char *text = g_strdup_printf(form, host, port);
  return mg_address_parse(text, address, NULL);
}

static void
start(MgDial *dial, const MgConnect *connect)
{
  MgAddress address;
  if (is_number(connect->host, connect->port, &address)) {
    GArray *addresses = g_array_new(FALSE, FALSE, sizeof(MgAddress));
    g_array_append_val(addresses, address);
    on_resolved(addresses, NULL, dial);
    return;
  }
  mg_timer_start_at(&dial->timer, dial->deadline);
  dial->question = mg_resolve(connect->host, connect->port, on_resolved, dial);
}

MgConnection *
mg_connection_open(const MgConnect *connect)
{
  MgConnect all = { .size = sizeof all };
  memcpy(&all, connect, MIN(connect->size, sizeof all));
  MgListenOptions options = {
    .size = sizeof options,
    .user_timeout_ms = all.user_timeout_ms,
    .max_write_queue_bytes = all.max_write_queue_bytes,
  };
  MgListener *home = mg_listener_new_caller(all.events, &options);
  MgConnection *c = mg_connection_new_caller(home, all.data);
  mg_listener_unref(home);
  MgDial *dial = c->dial = g_new0(MgDial, 1);
  dial->connection = c;
  dial->connected = all.connected;
  dial->deadline = all.deadline;
  dial->trust = all.tls != NULL ? mg_tls_trust_ref(all.tls) : NULL;
  dial->host = g_strdup(all.host);
  dial->target = g_strdup_printf("%s:%u", all.host, all.port);
  mg_timer_init(&dial->timer, on_late, dial);
  start(dial, &all);
  return c;
}
