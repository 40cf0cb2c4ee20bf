#include "http/exchange/request.h"

#include <string.h>

/* More than this waiting to be sent: the next request has to wait as well. */
enum { MOST_QUEUED = 64 << 10, KEPT_INPUT = 1024 };

/* How long a peer may take to see that we are done, after everything was sent. */
#define LINGER (2 * MG_SECOND)

#define NEVER  G_MAXINT64

static void
schedule(MgHttpClient *c)
{
  MgTime next =
      MIN(MIN(c->head_deadline, c->idle_deadline), MIN(c->wait_deadline, c->rate_deadline));
  if (next != NEVER && (c->timer.lane == NULL || next < c->timer.deadline))
    mg_timer_start_at(&c->timer, next);
}

static void
clear_deadlines(MgHttpClient *c)
{
  c->head_deadline = c->idle_deadline = c->wait_deadline = c->rate_deadline = NEVER;
}

static void
set_idle(MgHttpClient *c, gboolean is_idle)
{
  if (c->is_idle == is_idle)
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

static void
close_gently(MgHttpClient *c, const char *reason)
{
  go(c);
  mg_connection_close(c->connection, reason, LINGER);
}

/* What came is no request that can be answered, and what follows cannot be told apart from it. */
static void
refuse(MgHttpClient *c, guint status)
{
  MgHttpAsked asked = { .method = MG_HTTP_GET, .minor = 1, .closes = TRUE };
  c->is_closing = TRUE;
  mg_http_client_send_error(c, &asked, status);
}

static void
look_up(MgHttpClient *c, const MgHttpHead *head, const MgHttpAsked *asked)
{
  char *path = c->lane->path;
  if (!mg_http_path_decode(head->path, path)) {
    mg_http_client_send_error(c, asked, 400);
    return;
  }
  MgHttpFound found = mg_http_origin_find(c->http->origin, path);
  if (found.resource != NULL)
    mg_http_client_send(c, asked, found.resource);
  else if (found.route != NULL)
    mg_http_request_handle(c, found.route, path, head, asked);
  else
    mg_http_client_send_error(c, asked, 404);
  mg_http_resource_unref(found.resource);
  mg_http_route_unref(found.route);
}

/* Answers a whole head. A body is not read: the connection ends with the answer. */
static void
take(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  MgHttpHead head;
  guint status = mg_http_head_parse(bytes, size, &head);
  mg_http_count(c->http->config.counters.requests);
  if (status != 0) {
    refuse(c, status);
    return;
  }
  MgHttpAsked asked = { .method = head.method,
                        .minor = head.minor,
                        .closes = !head.is_persistent || head.has_body,
                        .range = head.range,
                        .if_range = head.if_range,
                        .if_none_match = head.if_none_match,
                        .wants_gzip = head.wants_gzip };
  c->is_closing = asked.closes;
  if (head.method == MG_HTTP_OTHER)
    mg_http_client_send_error(c, &asked, 405);
  else if (head.method == MG_HTTP_OPTIONS)
    mg_http_client_send(c, &asked, c->http->options);
  else
    look_up(c, &head, &asked);
}

static gboolean
may_take(const MgHttpClient *c)
{
  return c->request == NULL && !c->is_closing && mg_connection_queued(c->connection) < MOST_QUEUED;
}

/* Answers what is complete in BYTES; returns how many are done with. */
static gsize
consume(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  gsize most = c->http->config.max_header;
  gsize used = 0;
  while (used < size && may_take(c)) {
    MgHttpScanned scanned = mg_http_scan(&c->scan, bytes + used, size - used);
    if (scanned == MG_HTTP_SCAN_BAD)
      refuse(c, 400);
    else if (c->scan.pos > most)
      refuse(c, memchr(bytes + used, '\n', most) == NULL ? 414 : 431);
    else if (scanned == MG_HTTP_SCAN_MORE)
      break;
    else
      take(c, bytes + used, c->scan.pos);
    used += c->scan.pos;
    c->scan = (MgHttpScan){ 0 };
  }
  return c->is_closing ? size : used;
}

/* Forgets the first N bytes of what is kept, and the memory when it was much. */
static void
drop_input(MgHttpClient *c, gsize n)
{
  c->input_size -= n;
  memmove(c->input, c->input + n, c->input_size);
  if (c->input_size == 0 && c->input_room > KEPT_INPUT) {
    g_clear_pointer(&c->input, g_free);
    c->input_room = 0;
  }
}

static gboolean
keep_input(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  if (size > c->input_room - c->input_size) {
    gsize room = MAX(c->input_size + size, KEPT_INPUT);
    guint8 *input = g_try_realloc(c->input, room);
    if (input == NULL) {
      mg_http_client_abort(c, "out of memory");
      return FALSE;
    }
    c->input = input;
    c->input_room = room;
  }
  memcpy(c->input + c->input_size, bytes, size);
  c->input_size += size;
  return TRUE;
}

static void
consume_kept(MgHttpClient *c)
{
  if (c->input_size > 0)
    drop_input(c, consume(c, c->input, c->input_size));
}

/* Sets what follows from the state: idle or not, reading or not, and until when what has to happen. */
static void
settle(MgHttpClient *c)
{
  if (c->is_gone)
    return;
  const MgHttpConfig *config = &c->http->config;
  gboolean is_partial = c->input_size > 0 && may_take(c);
  gboolean is_idle = c->input_size == 0 && may_take(c) && mg_connection_queued(c->connection) == 0;
  set_idle(c, is_idle);
  c->idle_deadline = is_idle ? mg_now() + config->idle_timeout : NEVER;
  if (!is_partial)
    c->head_deadline = NEVER;
  else if (c->head_deadline == NEVER)
    c->head_deadline = mg_now() + config->header_timeout;
  mg_connection_set_reading(c->connection, may_take(c) || c->input_size < config->max_header);
  schedule(c);
}

/* An answer with which the connection ends has been given, and has left. */
static gboolean
is_over(const MgHttpClient *c)
{
  return c->is_closing && !c->is_gone && c->request == NULL &&
         mg_connection_queued(c->connection) == 0;
}

void
mg_http_client_resume(MgHttpClient *c)
{
  if (is_over(c)) {
    close_gently(c, "answered");
    return;
  }
  consume_kept(c);
  settle(c);
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  MgHttpClient *c = data;
  if (c->is_closing)
    return;
  if (c->input_size > 0) {
    if (keep_input(c, bytes, size))
      consume_kept(c);
  } else {
    gsize used = consume(c, bytes, size);
    if (used < size)
      keep_input(c, bytes + used, size - used);
  }
  settle(c);
}

static void
on_drained(MgConnection *connection, gpointer data)
{
  MgHttpClient *c = data;
  c->rate_deadline = NEVER;
  mg_http_client_resume(c);
}

static void
on_timer(gpointer data)
{
  MgHttpClient *c = data;
  MgTime now = mg_now();
  if (now >= c->head_deadline) {
    mg_http_count(c->http->config.counters.slow);
    c->head_deadline = NEVER;
    refuse(c, 408);
  } else if (now >= c->idle_deadline) {
    close_gently(c, "idle");
  }
  if (now >= c->wait_deadline)
    mg_http_request_expire(c);
  if (now >= c->rate_deadline)
    mg_http_client_check_rate(c, now);
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
  guint before = (guint) g_atomic_int_add(&http->n_clients, 1);
  if (before >= http->config.max_connections && !make_room(c->lane)) {
    mg_http_count(http->config.counters.refused);
    refuse(c, 503);
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
  if (c->request != NULL)
    mg_http_request_drop(c);
  mg_http_request_unref(c->spare);
  g_atomic_int_add(&c->http->n_clients, -1);
  g_free(c->input);
  g_free(c);
}

const MgConnectionEvents mg_http_client_events = {
  .size = sizeof(MgConnectionEvents),
  .accepted = on_accepted,
  .received = on_received,
  .drained = on_drained,
  .closed = on_closed,
};
