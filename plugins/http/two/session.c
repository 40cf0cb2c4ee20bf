#include "http/exchange/client.h"
#include "http/two/two.h"

enum {
  MOST_STREAMS = 100, /* at a time */
  /* A peer that gives up requests makes us work for nothing (CVE-2023-44487); players do it now and then. */
  MOST_RESETS = 1000,
  RESETS_PER_S = 33,
  /* Frames that want an answer or nothing at all (CVE-2019-9512, -9515, -9518). */
  MOST_FRAMES = 1000,
  FRAMES_PER_S = 100,
  MOST_CONTINUATIONS = 8, /* CVE-2024-28182 */
  MOST_ACKS = 200,        /* of pings and settings that the peer does not take */
  TABLE_BYTES = 1024,     /* what packing heads remembers: all that our answers have in common */
  MOST_QUEUED = 256 << 10 /* bytes that are handed to the connection at a time */
};

/* Of its request something is still to come. */
static void
set_incoming(MgHttpStream *s, gboolean is_incoming)
{
  s->two->n_incoming += (is_incoming ? 1 : 0) - (s->is_incoming ? 1 : 0);
  s->is_incoming = is_incoming;
}

static void
end_stream(MgHttpStream *s)
{
  g_queue_unlink(&s->two->streams, &s->link);
  set_incoming(s, FALSE);
  mg_http_exchange_end(&s->x);
  mg_http_two_answer_clear(s);
  mg_http_two_head_free(s->head);
  g_free(s);
}

/* --- what nghttp2 tells ---------------------------------------------------------------------------- */

static MgHttpStream *
stream_of(const MgHttpTwo *two, gint32 id)
{
  return nghttp2_session_get_stream_user_data(two->session, id);
}

static gboolean
is_request(const nghttp2_frame *frame)
{
  return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  MgHttpTwo *two = data;
  if (!is_request(frame))
    return 0;
  MgHttpStream *s = g_new0(MgHttpStream, 1);
  s->x = (MgHttpExchange){ .framing = &mg_http_two_framing, .client = two->client };
  s->two = two;
  s->id = frame->hd.stream_id;
  s->link.data = s;
  s->body = s->small;
  s->room = G_N_ELEMENTS(s->small);
  s->head = mg_http_two_head_new(two->client->http->config.max_header);
  set_incoming(s, TRUE);
  g_queue_push_tail_link(&two->streams, &s->link);
  nghttp2_session_set_stream_user_data(session, s->id, s);
  return 0;
}

/* Those behind a body say nothing here: then there is no head any more. */
static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, nghttp2_rcbuf *name,
          nghttp2_rcbuf *value, guint8 flags, void *data)
{
  const MgHttpStream *s = stream_of(data, frame->hd.stream_id);
  if (s == NULL || s->head == NULL || mg_http_two_head_add(s->head, name, value))
    return 0;
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static void
begin_exchange(MgHttpStream *s, gboolean has_body)
{
  MgHttpTwoHead *head = g_steal_pointer(&s->head);
  MgHttpHead parsed;
  guint status = mg_http_two_head_end(head, has_body, &parsed);
  mg_http_count(s->x.client->http->config.counters.requests);
  if (status == 0)
    mg_http_exchange_begin(&s->x, &parsed, FALSE);
  else
    mg_http_exchange_send_error(
        &s->x, &(MgHttpAsked){ .method = MG_HTTP_GET, .minor = 1, .has_frames = TRUE }, status);
  mg_http_two_head_free(head);
}

/* A body is not read, and is waited for: players and proxies do not all take an answer before its end. */
static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  gboolean has_ended = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
  if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
    return 0;
  MgHttpStream *s = stream_of(data, frame->hd.stream_id);
  if (s != NULL && has_ended)
    set_incoming(s, FALSE);
  if (s != NULL && s->head != NULL && is_request(frame))
    begin_exchange(s, !has_ended);
  return 0;
}

/* Whether a frame is of those that a peer may send only so many of. */
static gboolean
is_idle_work(const nghttp2_frame_hd *frame)
{
  switch (frame->type) {
  case NGHTTP2_HEADERS:
  case NGHTTP2_CONTINUATION:
  case NGHTTP2_WINDOW_UPDATE: return FALSE;
  case NGHTTP2_DATA: return frame->length == 0;
  default: return TRUE;
  }
}

static int
on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *frame, void *data)
{
  MgHttpTwo *two = data;
  if (is_idle_work(frame) &&
      !mg_http_bucket_take(&two->frames, mg_now(), MOST_FRAMES, FRAMES_PER_S))
    two->is_too_much = TRUE;
  return two->is_too_much ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

/* Streams that end before their answer are counted, whoever ended them: peers can make us do it. */
static void
count_reset(MgHttpTwo *two)
{
  if (!mg_http_bucket_take(&two->resets, mg_now(), MOST_RESETS, RESETS_PER_S))
    two->is_too_much = TRUE;
}

/* Of those that were refused before they began, no end is told. */
static int
on_invalid_frame(nghttp2_session *session, const nghttp2_frame *frame, int error, void *data)
{
  MgHttpTwo *two = data;
  if (error == NGHTTP2_ERR_REFUSED_STREAM)
    count_reset(two);
  return two->is_too_much ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

static int
on_stream_close(nghttp2_session *session, gint32 id, guint32 error, void *data)
{
  MgHttpTwo *two = data;
  MgHttpStream *s = stream_of(two, id);
  if (error != NGHTTP2_NO_ERROR)
    count_reset(two);
  if (s != NULL)
    end_stream(s);
  return 0;
}

/* --- the session ------------------------------------------------------------------------------------ */

static gpointer
make_callbacks(gpointer unused)
{
  nghttp2_session_callbacks *c;
  g_assert(nghttp2_session_callbacks_new(&c) == 0);
  nghttp2_session_callbacks_set_on_begin_frame_callback(c, on_begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(c, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback2(c, on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(c, on_invalid_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(c, on_stream_close);
  nghttp2_session_callbacks_set_send_data_callback(c, mg_http_two_send_data);
  return c;
}

static gpointer
make_options(gpointer unused)
{
  nghttp2_option *o;
  g_assert(nghttp2_option_new(&o) == 0);
  nghttp2_option_set_no_closed_streams(o, 1);
  nghttp2_option_set_no_auto_window_update(o, 1); /* bodies are not read */
  nghttp2_option_set_max_continuations(o, MOST_CONTINUATIONS);
  nghttp2_option_set_max_outbound_ack(o, MOST_ACKS);
  nghttp2_option_set_max_deflate_dynamic_table_size(o, TABLE_BYTES);
  nghttp2_option_set_stream_reset_rate_limit(o, MOST_RESETS, RESETS_PER_S);
  return o;
}

static void
submit_settings(MgHttpTwo *two)
{
  const nghttp2_settings_entry settings[] = {
    { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MOST_STREAMS },
    { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (guint32) two->client->http->config.max_header },
    { NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1 },
  };
  nghttp2_submit_settings(two->session, NGHTTP2_FLAG_NONE, settings, G_N_ELEMENTS(settings));
}

/* Hands what there is to send to the connection, as much as it may hold. FALSE: no more can be done. */
static gboolean
pump(MgHttpTwo *two)
{
  MgConnection *connection = two->client->connection;
  while (mg_connection_queued(connection) < MOST_QUEUED) {
    const guint8 *bytes;
    gssize n = nghttp2_session_mem_send(two->session, &bytes);
    if (n < 0)
      return FALSE;
    if (n == 0)
      break;
    mg_connection_write(connection, bytes, (gsize) n);
  }
  return TRUE;
}

static void
settle(MgHttpTwo *two)
{
  MgHttpClient *c = two->client;
  gsize queued = mg_connection_queued(c->connection);
  gboolean is_idle = two->streams.length == 0 && queued == 0;
  if (c->n_waiting > 0 || queued > 0)
    mg_http_client_start_rate(c);
  else
    mg_http_client_stop_rate(c);
  mg_http_client_settle(c, is_idle, two->n_incoming > 0, queued < 2 * MOST_QUEUED);
}

static gboolean
is_over(const MgHttpTwo *two)
{
  return !nghttp2_session_want_read(two->session) && !nghttp2_session_want_write(two->session);
}

/* Says goodbye, and closes. */
static void
leave(MgHttpTwo *two, guint32 error, const char *reason)
{
  nghttp2_session_terminate_session(two->session, error);
  pump(two);
  mg_http_client_close(two->client, reason);
}

static void
refuse_more(MgHttpTwo *two)
{
  mg_http_count(two->client->http->config.counters.hostile);
  leave(two, NGHTTP2_ENHANCE_YOUR_CALM, "HTTP/2: more than may be asked of us");
}

static void
go_on(MgHttpTwo *two)
{
  MgHttpClient *c = two->client;
  if (c->is_gone)
    return;
  if (!pump(two))
    mg_http_client_abort(c, "HTTP/2: out of memory");
  else if (two->is_too_much)
    refuse_more(two);
  else if (is_over(two))
    mg_http_client_close(c, "HTTP/2: over");
  else
    settle(two);
}

static void
on_turn(gpointer data)
{
  go_on(data);
}

void
mg_http_two_wake(MgHttpTwo *two)
{
  if (!two->is_reading && two->turn.lane == NULL && !two->client->is_gone)
    mg_timer_start_in(&two->turn, 0);
}

/* --- the protocol ----------------------------------------------------------------------------------- */

static void
received(MgHttpClient *c, const guint8 *bytes, gsize size)
{
  MgHttpTwo *two = c->own;
  two->is_reading = TRUE;
  gssize n = nghttp2_session_mem_recv(two->session, bytes, size);
  two->is_reading = FALSE;
  if (two->is_too_much || n == NGHTTP2_ERR_FLOODED)
    refuse_more(two);
  else if (n < 0)
    mg_http_client_abort(c, nghttp2_strerror((int) n));
  else
    go_on(two);
}

static void
drained(MgHttpClient *c)
{
  go_on(c->own);
}

/* A head that is not whole stops all that is behind it; a body only its stream. */
static void
head_is_late(MgHttpClient *c)
{
  MgHttpTwo *two = c->own;
  for (GList *l = two->streams.head; l != NULL; l = l->next) {
    const MgHttpStream *s = l->data;
    if (s->head != NULL) {
      leave(two, NGHTTP2_ENHANCE_YOUR_CALM, "HTTP/2: a request takes too long to arrive");
      return;
    }
    if (s->is_incoming)
      nghttp2_submit_rst_stream(two->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
  }
  go_on(two);
}

static void
is_idle(MgHttpClient *c)
{
  leave(c->own, NGHTTP2_NO_ERROR, "idle");
}

static void
refuse(MgHttpClient *c)
{
  leave(c->own, NGHTTP2_ENHANCE_YOUR_CALM, "too many connections");
}

static void
closed(MgHttpClient *c)
{
  MgHttpTwo *two = c->own;
  mg_timer_stop(&two->turn);
  for (GList *l = two->streams.head; l != NULL; l = two->streams.head)
    end_stream(l->data);
  nghttp2_session_del(two->session);
  g_free(two);
}

static const MgHttpProtocol protocol = {
  .received = received,
  .drained = drained,
  .head_is_late = head_is_late,
  .is_idle = is_idle,
  .refuse = refuse,
  .closed = closed,
};

void
mg_http_two_begin(MgHttpClient *c)
{
  static GOnce callbacks = G_ONCE_INIT, options = G_ONCE_INIT;
  MgHttpTwo *two = g_new0(MgHttpTwo, 1);
  two->client = c;
  mg_timer_init(&two->turn, on_turn, two);
  if (nghttp2_session_server_new2(&two->session, g_once(&callbacks, make_callbacks, NULL), two,
                                  g_once(&options, make_options, NULL)) != 0)
    g_error("out of memory for HTTP/2");
  c->protocol = &protocol;
  c->own = two;
  submit_settings(two);
}
