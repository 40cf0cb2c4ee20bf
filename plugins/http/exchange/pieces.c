/* Answers that a route makes piece by piece, on any lane; they are sent on the request's. */
#include "http/exchange/request.h"

enum { MOST_BEHIND = 8 << 20 }; /* bytes of a growing answer that may wait for a viewer */

/* Something to be done on the request's lane for a growing answer. */
typedef struct {
  MgHttpRequest *request; /* a reference */
  MgHttpResource *start;
  MgData *data;
} Piece;

static void
piece_free(Piece *piece)
{
  mg_http_request_unref(piece->request);
  mg_http_resource_unref(piece->start);
  mg_data_unref(piece->data);
  g_free(piece);
}

gboolean
mg_http_request_is_too_slow(MgHttpRequest *r)
{
  MgHttpExchange *x = r->x;
  if (x->framing->queued(x) <= MOST_BEHIND)
    return FALSE;
  x->framing->abort(x, "fell too far behind");
  return TRUE;
}

/* What a route makes for this request alone is no part of something, nor known already. */
static void
start_answer(MgHttpRequest *r, const MgHttpResource *start)
{
  mg_timer_stop(&r->deadline);
  r->asked.range = r->asked.if_none_match = (MgHttpText){ 0 };
  mg_http_exchange_send(r->x, &r->asked, start);
}

static void
send_piece(MgHttpExchange *x, MgData *data)
{
  MgSlice slice = { data, 0, data->size };
  x->framing->send_more(x, &slice, 1);
}

static void
run_piece(gpointer data)
{
  Piece *piece = data;
  MgHttpRequest *r = piece->request;
  MgHttpExchange *x = r->x;
  if (x != NULL && piece->start != NULL)
    start_answer(r, piece->start);
  else if (x != NULL && !mg_http_request_is_too_slow(r) && r->asked.method != MG_HTTP_HEAD)
    send_piece(x, piece->data);
  piece_free(piece);
}

/* START and DATA are taken. */
static void
add_piece(MgHttpRequest *r, MgHttpResource *start, MgData *data)
{
  Piece *piece = g_new(Piece, 1);
  g_atomic_int_inc(&r->ref_count);
  *piece = (Piece){ r, start, data };
  mg_http_request_run(r, run_piece, piece);
}

void
mg_http_request_respond_start(MgHttpRequest *r, const MgHttpContent *content)
{
  if (mg_http_request_claim(r, MG_HTTP_STREAMING))
    add_piece(r, mg_http_resource_new_growing(content, r->http->cors), NULL);
}

void
mg_http_request_respond_write(MgHttpRequest *r, MgData *data)
{
  if (data->size > 0 && g_atomic_int_get(&r->phase) == MG_HTTP_STREAMING)
    add_piece(r, NULL, mg_data_ref(data));
}

static void
end_answer(gpointer data)
{
  MgHttpRequest *r = data;
  MgHttpExchange *x = r->x;
  if (x != NULL)
    x->framing->send_end(x);
  mg_http_request_finish(r, x);
}

void
mg_http_request_respond_end(MgHttpRequest *r)
{
  if (mg_http_request_step(r, MG_HTTP_STREAMING, MG_HTTP_ANSWERED))
    mg_http_request_run(r, end_answer, r);
  else
    mg_http_request_unref(r);
}
