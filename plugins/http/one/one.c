#include "http/one/one.h"

#include "http/exchange/client.h"
#include "http/two/two.h"

#include <string.h>

enum { KEPT_INPUT = 1024 };

/* What came is no request that can be answered, and what follows cannot be told apart from it. */
static void
refuse(MgHttpClient *c, guint status)
{
  MgHttpOne *one = c->own;
  MgHttpAsked asked = { .method = MG_HTTP_GET, .minor = 1, .closes = TRUE };
  c->is_closing = TRUE;
  mg_http_exchange_send_error(&one->x, &asked, status);
}

/* Answers a whole head. A body is not read: the connection ends with the answer. */
static void
take(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  MgHttpOne *one = c->own;
  MgHttpHead head;
  guint status = mg_http_head_parse(bytes, size, &head);
  one->has_taken = TRUE;
  mg_http_count(c->http->config.counters.requests);
  if (status != 0) {
    refuse(c, status);
    return;
  }
  c->is_closing = !head.is_persistent || head.has_body;
  mg_http_exchange_begin(&one->x, &head, c->is_closing);
}

/* How HTTP/2 begins where nothing was agreed on: so that it is no request (RFC 9113 §3.4). */
static gboolean
is_preface(const MgHttpOne *one, const guint8 *bytes)
{
  static const char preface[] = "PRI * HTTP/2.0\r\n\r\n";
  gsize n = sizeof preface - 1;
  return !one->has_taken && one->scan.pos == n && memcmp(bytes, preface, n) == 0;
}

static gboolean
may_take(const MgHttpOne *one)
{
  const MgHttpClient *c = one->x.client;
  return one->x.request == NULL && !c->is_closing && !one->is_preface &&
         mg_connection_queued(c->connection) < MG_HTTP_MOST_QUEUED;
}

/* Answers what is complete in BYTES; returns how many are done with. */
static gsize
consume(MgHttpOne *one, const guint8 *bytes, gsize size)
{
  MgHttpClient *c = one->x.client;
  gsize most = c->http->config.max_header;
  gsize used = 0;
  while (used < size && may_take(one)) {
    MgHttpScanned scanned = mg_http_scan(&one->scan, bytes + used, size - used);
    if (scanned == MG_HTTP_SCAN_BAD)
      refuse(c, 400);
    else if (one->scan.pos > most)
      refuse(c, memchr(bytes + used, '\n', most) == NULL ? 414 : 431);
    else if (scanned == MG_HTTP_SCAN_MORE)
      break;
    else if ((one->is_preface = is_preface(one, bytes)))
      break;
    else
      take(c, bytes + used, one->scan.pos);
    used += one->scan.pos;
    one->scan = (MgHttpScan){ 0 };
  }
  return c->is_closing ? size : used;
}

/* Forgets the first N bytes of what is kept, and the memory when it was much. */
static void
drop_input(MgHttpOne *one, gsize n)
{
  one->input_size -= n;
  memmove(one->input, one->input + n, one->input_size);
  if (one->input_size == 0 && one->input_room > KEPT_INPUT) {
    g_clear_pointer(&one->input, g_free);
    one->input_room = 0;
  }
}

static gboolean
keep_input(MgHttpOne *one, const guint8 *bytes, gsize size)
{
  if (size > one->input_room - one->input_size) {
    gsize room = MAX(one->input_size + size, KEPT_INPUT);
    guint8 *input = g_try_realloc(one->input, room);
    if (input == NULL) {
      mg_http_client_abort(one->x.client, "out of memory");
      return FALSE;
    }
    one->input = input;
    one->input_room = room;
  }
  memcpy(one->input + one->input_size, bytes, size);
  one->input_size += size;
  return TRUE;
}

static void
consume_kept(MgHttpOne *one)
{
  if (one->input_size > 0)
    drop_input(one, consume(one, one->input, one->input_size));
}

static void
settle(MgHttpOne *one)
{
  MgHttpClient *c = one->x.client;
  gboolean may = may_take(one);
  gboolean is_idle = one->input_size == 0 && may && mg_connection_queued(c->connection) == 0;
  mg_http_client_settle(c, is_idle, one->input_size > 0 && may,
                        may || one->input_size < c->http->config.max_header);
}

/* An answer with which the connection ends has been given, and has left. */
static gboolean
is_over(const MgHttpOne *one)
{
  const MgHttpClient *c = one->x.client;
  return c->is_closing && !c->is_gone && one->x.request == NULL &&
         mg_connection_queued(c->connection) == 0;
}

void
mg_http_one_resume(MgHttpOne *one)
{
  if (is_over(one)) {
    mg_http_client_close(one->x.client, "answered");
    return;
  }
  consume_kept(one);
  settle(one);
}

/* All that has come is in the input. */
static void
go_on_with_two(MgHttpClient *c)
{
  MgHttpOne *one = c->own;
  gsize size = one->input_size;
  g_autofree guint8 *input = g_steal_pointer(&one->input);
  mg_http_client_switch(c, mg_http_two_begin);
  c->protocol->received(c, input, size);
}

static void
received(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  MgHttpOne *one = c->own;
  if (one->input_size > 0) {
    if (keep_input(one, bytes, size))
      consume_kept(one);
  } else {
    gsize used = consume(one, bytes, size);
    if (used < size)
      keep_input(one, bytes + used, size - used);
  }
  if (one->is_preface && !c->is_gone)
    go_on_with_two(c);
  else
    settle(one);
}

static void
drained(MgHttpClient *c)
{
  mg_http_client_stop_rate(c);
  mg_http_one_resume(c->own);
}

static void
head_is_late(MgHttpClient *c)
{
  refuse(c, 408);
}

static void
is_idle(MgHttpClient *c)
{
  mg_http_client_close(c, "idle");
}

static void
too_many(MgHttpClient *c)
{
  refuse(c, 503);
}

static void
closed(MgHttpClient *c)
{
  MgHttpOne *one = c->own;
  mg_http_exchange_end(&one->x);
  g_free(one->input);
  g_free(one);
}

static const MgHttpProtocol protocol = {
  .received = received,
  .drained = drained,
  .head_is_late = head_is_late,
  .is_idle = is_idle,
  .refuse = too_many,
  .closed = closed,
};

void
mg_http_one_begin(MgHttpClient *c)
{
  MgHttpOne *one = g_new0(MgHttpOne, 1);
  one->x = (MgHttpExchange){ .framing = &mg_http_one_framing, .client = c };
  c->protocol = &protocol;
  c->own = one;
}
