#include "http/exchange/wait.h"

void
mg_http_wait_leave(MgHttpRequest *r)
{
  mg_timer_stop(&r->deadline);
  g_queue_unlink(mg_http_promise_requests(r->promise, r->promise_lane), &r->waiting);
  g_clear_pointer(&r->promise, mg_http_promise_unref);
}

static void
answer_with(MgHttpRequest *r, const MgHttpResource *resource)
{
  mg_http_wait_leave(r);
  mg_http_exchange_send(r->x, &r->asked, resource);
  mg_http_request_end(r);
}

static void
answer_error(MgHttpRequest *r, guint status)
{
  mg_http_wait_leave(r);
  mg_http_exchange_send_error(r->x, &r->asked, status);
  mg_http_request_end(r);
}

/* --- reading what grows ------------------------------------------------------------------------ */

/* The next piece is due in as long a time as the first one was. */
static void
set_deadline(MgHttpRequest *r)
{
  mg_timer_start_in(&r->deadline, mg_http_promise_wait(r->promise));
}

/*
 * A condition, or a range of what there is, is answered now, and FALSE; any other range with all of it
 * (RFC 9110 §14.2).
 */
static gboolean
begin_reading(MgHttpRequest *r, const MgHttpSeen *seen)
{
  gboolean wants_range = r->asked.range.at != NULL;
  g_autoptr(MgHttpResource) so_far = wants_range ? mg_http_promise_so_far(r->promise, seen) : NULL;
  const MgHttpResource *start = so_far != NULL ? so_far : seen->start;
  if (!mg_http_answer_goes_on(&r->asked, start)) {
    answer_with(r, start);
    return FALSE;
  }
  mg_http_exchange_send(r->x, &r->asked, start);
  set_deadline(r);
  r->is_reading = TRUE;
  r->read = so_far != NULL ? seen->last : NULL;
  return TRUE;
}

/* FALSE: the viewer was too slow and is gone. */
static gboolean
read_pieces(MgHttpRequest *r, const MgHttpSeen *seen)
{
  if (r->read != seen->last)
    set_deadline(r);
  while (r->read != seen->last) {
    if (mg_http_request_is_too_slow(r))
      return FALSE;
    r->read = r->read != NULL ? r->read->next : seen->first;
    r->x->framing->send_more(r->x, r->read->buffer->slices, r->read->buffer->n_slices);
  }
  return TRUE;
}

static void
read_more(MgHttpRequest *r, const MgHttpSeen *seen)
{
  MgHttpExchange *x = r->x;
  if (!read_pieces(r, seen)) {
    mg_http_wait_leave(r);
  } else if (seen->state == MG_HTTP_KEPT) {
    mg_http_wait_leave(r);
    x->framing->send_end(x);
    mg_http_request_end(r);
  } else if (seen->state == MG_HTTP_BROKEN) {
    mg_http_wait_leave(r);
    x->framing->abort(x, "what it was reading will never be whole");
  }
}

/* --- waiting ----------------------------------------------------------------------------------- */

static void
advance(MgHttpRequest *r, const MgHttpSeen *seen)
{
  if (r->is_reading)
    read_more(r, seen);
  else if (seen->state == MG_HTTP_KEPT)
    answer_with(r, seen->whole);
  else if (seen->state == MG_HTTP_BROKEN)
    answer_error(r, 404);
  else if (seen->state == MG_HTTP_GROWING && begin_reading(r, seen))
    read_more(r, seen);
}

void
mg_http_wait_join(MgHttpRequest *r, MgHttpPromise *promise)
{
  r->promise = mg_http_promise_ref(promise);
  r->promise_lane = (guint) (r->x->client->lane - r->http->lanes);
  r->waiting.data = r;
  g_queue_push_tail_link(mg_http_promise_requests(promise, r->promise_lane), &r->waiting);
  set_deadline(r);
  MgHttpSeen seen = mg_http_promise_look(promise, r->promise_lane);
  advance(r, &seen);
}

void
mg_http_wait_for(MgHttpExchange *x, MgHttpPromise *promise, const MgHttpAsked *asked)
{
  MgHttpRequest *r = mg_http_request_new(x, asked);
  r->is_handling = TRUE;
  mg_http_wait_join(r, promise);
  if (x->request == r)
    r->is_handling = FALSE;
}

void
mg_http_wait_expire(MgHttpRequest *r)
{
  if (!r->is_reading) {
    answer_error(r, 503);
    return;
  }
  mg_http_wait_leave(r);
  r->x->framing->abort(r->x, "what it was reading has stopped");
}

void
mg_http_wait_look(MgHttpPromise *promise, guint lane)
{
  MgHttpSeen seen = mg_http_promise_look(promise, lane);
  GList *next;
  for (GList *at = mg_http_promise_requests(promise, lane)->head; at != NULL; at = next) {
    next = at->next;
    advance(at->data, &seen);
  }
}
