#include "http/exchange/client.h"

#include "http/one/one.h"
#include "http/two/two.h"

/* How long a peer may take to see that we are done, after everything was sent. */
#define LINGER (2 * MG_SECOND)

#define NEVER  G_MAXINT64

static void
schedule(MgHttpClient *c)
{
  MgTime next = MIN(MIN(c->head_deadline, c->idle_deadline), c->rate_deadline);
  if (next != NEVER && (c->timer.lane == NULL || next < c->timer.deadline))
    mg_timer_start_at(&c->timer, next);
}

static void
clear_deadlines(MgHttpClient *c)
{
  c->head_deadline = c->idle_deadline = c->rate_deadline = NEVER;
}

static void
set_idle(MgHttpClient *c, gboolean is_idle)
{
  if (!c->is_idle == !is_idle)
    return;
  c->is_idle = is_idle;
  if (is_idle)
    g_queue_push_tail_link(&c->lane->idle, &c->idle);
  else
    g_queue_unlink(&c->lane->idle, &c->idle);
}

static void
go(MgHttpClient *c)
{
  c->is_closing = c->is_gone = TRUE;
  set_idle(c, FALSE);
  clear_deadlines(c);
}

void
mg_http_client_abort(MgHttpClient *c, const char *reason)
{
  go(c);
  mg_connection_abort(c->connection, reason);
}

void
mg_http_client_close(MgHttpClient *c, const char *reason)
{
  go(c);
  mg_connection_close(c->connection, reason, LINGER);
}

void
mg_http_client_settle(MgHttpClient *c, gboolean is_idle, gboolean is_partial, gboolean is_reading)
{
  const MgHttpConfig *config = &c->http->config;
  if (c->is_gone)
    return;
  set_idle(c, is_idle);
  if (!is_idle)
    c->idle_deadline = NEVER;
  else if (c->idle_deadline == NEVER)
    c->idle_deadline = mg_now() + config->idle_timeout;
  if (!is_partial)
    c->head_deadline = NEVER;
  else if (c->head_deadline == NEVER)
    c->head_deadline = mg_now() + config->header_timeout;
  mg_connection_set_reading(c->connection, is_reading);
  schedule(c);
}

/*
 * The clock of the sending rate runs while something waits to be sent. Most answers have left before it
 * is first looked at: asking what the peer has acknowledged costs a system call.
 */
void
mg_http_client_start_rate(MgHttpClient *c)
{
  if (c->rate_deadline != NEVER || c->http->config.min_rate == 0 || c->is_gone)
    return;
  c->rate_goal = 0;
  c->rate_deadline = mg_now() + c->http->config.rate_window / 16;
  schedule(c);
}

void
mg_http_client_stop_rate(MgHttpClient *c)
{
  c->rate_deadline = NEVER;
}

/* A window of the sending rate has ended: cuts the viewer off, or begins the next one. */
static void
check_rate(MgHttpClient *c, MgTime now)
{
  const MgHttpConfig *config = &c->http->config;
  guint64 taken = mg_connection_acknowledged(c->connection);
  if (taken < c->rate_goal) {
    mg_http_count(config->counters.slow);
    mg_http_client_abort(c, "reads too slowly");
    return;
  }
  gdouble least = (gdouble) config->min_rate * (gdouble) config->rate_window / MG_SECOND;
  least *= MAX(c->n_waiting, 1);
  c->rate_goal = taken + (guint64) least;
  c->rate_deadline = now + config->rate_window;
}

void
mg_http_client_switch(MgHttpClient *c, void (*begin)(MgHttpClient *client))
{
  c->protocol->closed(c);
  begin(c);
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  MgHttpClient *c = data;
  if (!c->has_begun && mg_connection_speaks(connection, "h2"))
    mg_http_client_switch(c, mg_http_two_begin);
  c->has_begun = TRUE;
  if (c->is_refused && !c->is_closing)
    c->protocol->refuse(c);
  else if (!c->is_closing)
    c->protocol->received(c, bytes, size);
}

static void
on_drained(MgConnection *connection, gpointer data)
{
  MgHttpClient *c = data;
  c->protocol->drained(c);
}

static void
on_timer(gpointer data)
{
  MgHttpClient *c = data;
  MgTime now = mg_now();
  if (now >= c->head_deadline) {
    mg_http_count(c->http->config.counters.slow);
    c->head_deadline = NEVER;
    c->protocol->head_is_late(c);
  } else if (now >= c->idle_deadline) {
    c->protocol->is_idle(c);
  }
  if (now >= c->rate_deadline)
    check_rate(c, now);
  schedule(c);
}

static MgHttpLane *
lane_here(MgHttp *http)
{
  guint i = 0;
  while (mg_lane_io(i) != mg_lane_current())
    i++;
  return &http->lanes[i];
}

/* There are too many: the one that has been idle for longest goes. FALSE when none is idle here. */
static gboolean
make_room(MgHttpLane *lane)
{
  GList *oldest = lane->idle.head;
  if (oldest == NULL)
    return FALSE;
  mg_http_client_abort(oldest->data, "made room for another");
  return TRUE;
}

/* Within TLS it is not known yet what the client speaks: it is told when it has said something. */
static void
refuse(MgHttpClient *c)
{
  mg_http_count(c->http->config.counters.refused);
  c->is_refused = TRUE;
  if (mg_connection_is_secure(c->connection))
    c->head_deadline = mg_now() + c->http->config.header_timeout;
  else
    c->protocol->refuse(c);
}

static gpointer
on_accepted(MgConnection *connection, gpointer data)
{
  MgHttp *http = data;
  MgHttpClient *c = g_new0(MgHttpClient, 1);
  c->http = http;
  c->connection = connection;
  c->lane = lane_here(http);
  c->idle.data = c;
  clear_deadlines(c);
  mg_timer_init(&c->timer, on_timer, c);
  mg_http_one_begin(c);
  guint before = (guint) g_atomic_int_add(&http->n_clients, 1);
  if (before >= http->config.max_connections && !make_room(c->lane)) {
    refuse(c);
  } else {
    set_idle(c, TRUE);
    c->idle_deadline = mg_now() + http->config.header_timeout;
  }
  schedule(c);
  return c;
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  MgHttpClient *c = data;
  go(c);
  mg_timer_stop(&c->timer);
  c->protocol->closed(c);
  g_atomic_int_add(&c->http->n_clients, -1);
  g_free(c);
}

const MgConnectionEvents mg_http_client_events = {
  .size = sizeof(MgConnectionEvents),
  .accepted = on_accepted,
  .received = on_received,
  .drained = on_drained,
  .closed = on_closed,
};
