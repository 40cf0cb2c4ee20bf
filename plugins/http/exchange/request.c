#include "http/exchange/request.h"

#include "http/exchange/wait.h"
#include "http/forwarded.h"

#include <mediagraph/log.h>

#include <string.h>

enum { KEPT_TEXT = 1024 }; /* of a spare request */

gboolean
mg_http_request_step(MgHttpRequest *r, MgHttpPhase from, MgHttpPhase to)
{
  return g_atomic_int_compare_and_exchange(&r->phase, (gint) from, (gint) to);
}

static void
request_free(MgHttpRequest *r)
{
  mg_http_route_unref(r->route);
  mg_http_resource_unref(r->answer);
  mg_http_promise_unref(r->coming);
  g_free(r->text);
  g_free(r);
}

void
mg_http_request_unref(MgHttpRequest *r)
{
  if (r != NULL && g_atomic_int_dec_and_test(&r->ref_count))
    request_free(r);
}

/* The exchange's request is over for it. Returned-owned. */
static MgHttpRequest *
part(MgHttpExchange *x)
{
  MgHttpRequest *r = g_steal_pointer(&x->request);
  mg_timer_stop(&r->deadline);
  r->x = NULL;
  return r;
}

/* The same. Its memory is used again, unless somebody else holds it. */
static void
detach(MgHttpExchange *x)
{
  MgHttpLane *lane = x->client->lane;
  MgHttpRequest *r = part(x);
  if (lane->spare == NULL && g_atomic_int_get(&r->ref_count) == 1 && r->text_room <= KEPT_TEXT) {
    g_clear_pointer(&r->route, mg_http_route_unref);
    lane->spare = r;
  } else {
    mg_http_request_unref(r);
  }
}

/* A copy of TEXT at *AT, which moves behind it and its NUL. */
static MgHttpText
copy_text(char **at, const char *text, gsize size)
{
  MgHttpText copy = { text != NULL ? *at : NULL, size };
  if (size > 0)
    memcpy(*at, text, size);
  (*at)[size] = '\0';
  *at += size + 1;
  return copy;
}

static void
copy_texts(MgHttpRequest *r, const char *path, MgHttpText query, const char *peer)
{
  const MgHttpAsked *a = &r->asked;
  gsize n_path = strlen(path), n_peer = strlen(peer);
  gsize need =
      n_path + query.size + n_peer + a->range.size + a->if_range.size + a->if_none_match.size + 6;
  if (need > r->text_room) {
    g_free(r->text);
    r->text = g_malloc(need); /* bounded: parts of a head that was received */
    r->text_room = need;
  }
  char *at = r->text;
  r->path = copy_text(&at, path, n_path).at;
  r->query = at;
  copy_text(&at, query.at, query.size);
  r->peer = copy_text(&at, peer, n_peer).at;
  r->asked.range = copy_text(&at, a->range.at, a->range.size);
  r->asked.if_range = copy_text(&at, a->if_range.at, a->if_range.size);
  r->asked.if_none_match = copy_text(&at, a->if_none_match.at, a->if_none_match.size);
}

static MgHttpRequest *
get_request(MgHttpLane *lane)
{
  MgHttpRequest *r = g_steal_pointer(&lane->spare);
  return r != NULL ? r : g_new0(MgHttpRequest, 1);
}

static void expire(gpointer data);

/* The exchange holds one reference, the handler the other. */
static MgHttpRequest *
request_new(MgHttpExchange *x, MgHttpRoute *route, const char *path, const MgHttpHead *head,
            const MgHttpAsked *asked)
{
  MgHttpRequest *r = get_request(x->client->lane);
  *r = (MgHttpRequest){ .ref_count = 2,
                        .phase = MG_HTTP_HANDLING,
                        .http = x->client->http,
                        .lane = mg_lane_current(),
                        .route = mg_http_route_ref(route),
                        .asked = *asked,
                        .text = r->text,
                        .text_room = r->text_room,
                        .x = x };
  mg_timer_init(&r->deadline, expire, r);
  const char *peer = mg_connection_peer(x->client->connection);
  g_autofree char *told =
      mg_http_forwarded_peer(r->http->proxies, peer, head->x_forwarded_for, head->forwarded);
  copy_texts(r, path, head->query, told != NULL ? told : peer);
  return r;
}

/* The exchange alone holds it. */
MgHttpRequest *
mg_http_request_new(MgHttpExchange *x, const MgHttpAsked *asked)
{
  MgHttpRequest *r = x->request = get_request(x->client->lane);
  *r = (MgHttpRequest){ .ref_count = 1,
                        .phase = MG_HTTP_ANSWERED,
                        .http = x->client->http,
                        .lane = mg_lane_current(),
                        .asked = *asked,
                        .text = r->text,
                        .text_room = r->text_room,
                        .x = x };
  mg_timer_init(&r->deadline, expire, r);
  copy_texts(r, "", (MgHttpText){ 0 }, "");
  return r;
}

void
mg_http_request_handle(MgHttpExchange *x, MgHttpRoute *route, const char *path,
                       const MgHttpHead *head, const MgHttpAsked *asked)
{
  if (!mg_http_route_enter(route)) {
    mg_http_exchange_send_error(x, asked, 404);
    return;
  }
  MgHttpRequest *r = x->request = request_new(x, route, path, head, asked);
  r->is_handling = TRUE;
  mg_http_route_call(route, r);
  mg_http_route_leave(route);
  if (x->request != r)
    return;
  r->is_handling = FALSE;
  if (mg_http_request_step(r, MG_HTTP_HANDLING, MG_HTTP_ANSWERED)) {
    mg_warning(NULL, "the route of %s neither answered nor parked a request", path);
    mg_http_exchange_send_error(x, asked, 500);
    mg_http_request_unref(r);
    detach(x);
  }
}

/* Nobody waits for the answer any more. Its owner is told, unless the answer is on its way already. */
static gboolean
cancel(MgHttpRequest *r)
{
  return mg_http_request_step(r, MG_HTTP_PARKED, MG_HTTP_CANCELLED) ||
         mg_http_request_step(r, MG_HTTP_STREAMING, MG_HTTP_CANCELLED);
}

static void
tell_cancelled(MgHttpRequest *r)
{
  if (r->cancelled == NULL || !mg_http_route_enter(r->route))
    return;
  r->cancelled(r, r->cancelled_data);
  mg_http_route_leave(r->route);
}

void
mg_http_request_drop(MgHttpExchange *x)
{
  MgHttpRequest *r = part(x);
  if (r->promise != NULL)
    mg_http_wait_leave(r);
  if (cancel(r))
    tell_cancelled(r);
  mg_http_request_unref(r);
}

static void
give_up(MgHttpRequest *r, MgHttpExchange *x)
{
  mg_http_exchange_send_error(x, &r->asked, 503);
  part(x);
  tell_cancelled(r);
  mg_http_request_unref(r);
  x->framing->answered(x);
}

/* Its time is over. */
static void
expire(gpointer data)
{
  MgHttpRequest *r = data;
  MgHttpExchange *x = r->x;
  if (r->promise != NULL)
    mg_http_wait_expire(r);
  else if (mg_http_request_step(r, MG_HTTP_PARKED, MG_HTTP_CANCELLED))
    give_up(r, x);
}

const char *
mg_http_request_path(MgHttpRequest *r)
{
  return r->path;
}

const char *
mg_http_request_query(MgHttpRequest *r)
{
  return r->query;
}

const char *
mg_http_request_peer(MgHttpRequest *r)
{
  return r->peer;
}

void
mg_http_request_park(MgHttpRequest *r, MgTime deadline, MgHttpHandler cancelled, gpointer data)
{
  g_return_if_fail(r->is_handling && g_atomic_int_get(&r->phase) == MG_HTTP_HANDLING);
  r->cancelled = cancelled;
  r->cancelled_data = data;
  if (deadline != G_MAXINT64)
    mg_timer_start_at(&r->deadline, deadline);
  mg_http_request_step(r, MG_HTTP_HANDLING, MG_HTTP_PARKED);
}

/* Whether the caller is the handler, or runs inside it: then what it says is done at once. */
static gboolean
is_inside_handler(MgHttpRequest *r)
{
  return mg_lane_current() == r->lane && r->is_handling;
}

gboolean
mg_http_request_claim(MgHttpRequest *r, MgHttpPhase to)
{
  return mg_http_request_step(r, MG_HTTP_HANDLING, to) ||
         mg_http_request_step(r, MG_HTTP_PARKED, to);
}

void
mg_http_request_run(MgHttpRequest *r, MgLaneFunc func, gpointer data)
{
  if (is_inside_handler(r))
    func(data);
  else
    mg_lane_post(r->lane, func, data);
}

void
mg_http_request_finish(MgHttpRequest *r, MgHttpExchange *x)
{
  gboolean is_handling = r->is_handling;
  mg_http_request_unref(r); /* the owner's */
  if (x == NULL)
    return;
  detach(x);
  if (!is_handling)
    x->framing->answered(x);
}

static void
deliver(gpointer data)
{
  MgHttpRequest *r = data;
  MgHttpExchange *x = r->x;
  g_autoptr(MgHttpResource) answer = g_steal_pointer(&r->answer);
  if (x != NULL && answer != NULL)
    mg_http_exchange_send(x, &r->asked, answer);
  else if (x != NULL)
    mg_http_exchange_send_error(x, &r->asked, 503);
  mg_http_request_finish(r, x);
}

/* ANSWER is taken; NULL stands for 503. */
static void
respond(MgHttpRequest *r, MgHttpResource *answer)
{
  if (!mg_http_request_claim(r, MG_HTTP_ANSWERED)) {
    mg_http_resource_unref(answer);
    mg_http_request_unref(r);
    return;
  }
  r->answer = answer;
  mg_http_request_run(r, deliver, r);
}

void
mg_http_request_respond(MgHttpRequest *r, const MgHttpContent *content)
{
  if (content == NULL || g_atomic_int_get(&r->phase) == MG_HTTP_CANCELLED)
    respond(r, NULL);
  else
    respond(r, mg_http_resource_new_once(content, r->http->cors));
}

void
mg_http_request_end(MgHttpRequest *r)
{
  MgHttpExchange *x = r->x;
  gboolean is_handling = r->is_handling;
  detach(x);
  if (!is_handling)
    x->framing->answered(x);
}

/* Its owner has nothing more to do with it: it waits. */
static void
deliver_promise(gpointer data)
{
  MgHttpRequest *r = data;
  gboolean has_viewer = r->x != NULL;
  g_autoptr(MgHttpPromise) coming = g_steal_pointer(&r->coming);
  mg_http_request_unref(r); /* the owner's */
  if (has_viewer)
    mg_http_wait_join(r, coming);
}

/* PROMISE is taken. */
static void
respond_later(MgHttpRequest *r, MgHttpPromise *promise)
{
  if (!mg_http_request_claim(r, MG_HTTP_ANSWERED)) {
    mg_http_promise_unref(promise);
    mg_http_request_unref(r);
    return;
  }
  r->coming = promise;
  mg_http_request_run(r, deliver_promise, r);
}

void
mg_http_request_respond_with(MgHttpRequest *r, MgHttpFolder *folder, const char *name)
{
  MgHttpFound found = mg_http_folder_get(folder, name);
  if (found.promise != NULL)
    respond_later(r, found.promise);
  else if (found.resource != NULL)
    respond(r, found.resource);
  else
    respond(r, mg_http_resource_new_error(404, r->http->cors));
}
