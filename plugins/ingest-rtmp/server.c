#include "server-state.h"

#include <rtmp/command.h>
#include <rtmp/error.h>
#include <rtmp/reply.h>

/* The most a message's headers take: eleven bytes, a chunk stream, an extended timestamp. */
enum { HEADER_BYTES = 18 };

RtmpServer *
rtmp_server_new(const RtmpServerConfig *config, const guint8 random[MG_RTMP_HANDSHAKE_BYTES])
{
  RtmpServer *s = g_new0(RtmpServer, 1);
  s->config = config;
  s->handshake = mg_rtmp_handshake_new_server(random);
  s->writer = MG_RTMP_CHUNK_WRITER_INIT;
  s->ack.window_bytes = RTMP_WINDOW_BYTES;
  return s;
}

void
rtmp_server_allow_encryption(RtmpServer *s, const guint8 secret[32])
{
  mg_rtmp_handshake_allow_encryption(s->handshake, secret);
}

MgRtmpCipher *
rtmp_server_take_cipher(RtmpServer *s)
{
  return g_steal_pointer(&s->cipher);
}

static void
drop_aggregate(RtmpServer *s)
{
  if (s->aggregate.block != NULL)
    mg_rtmp_chunk_reader_release(s->reader, &s->aggregate);
}

void
rtmp_server_free(RtmpServer *s)
{
  if (s == NULL)
    return;
  drop_aggregate(s);
  mg_rtmp_handshake_free(s->handshake);
  g_free(s->cipher);
  mg_rtmp_chunk_reader_free(s->reader);
  mg_rtmp_name_clear(&s->name);
  mg_writer_clear(&s->out);
  g_free(s->app);
  g_free(s->tc_url);
  g_free(s);
}

/* --- messages ---------------------------------------------------------------------------------- */

typedef gboolean (*Handler)(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error);

static gboolean
ignore(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  return TRUE;
}

static gboolean
obey_window(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  guint32 window_bytes;
  if (mg_rtmp_control_parse(m, &window_bytes) && window_bytes > 0)
    s->ack.window_bytes = window_bytes;
  return TRUE;
}

static gboolean
answer_ping(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  MgRtmpUserControl control;
  if (mg_rtmp_user_control_parse(m, &control) && control.event == MG_RTMP_PING_REQUEST)
    mg_rtmp_write_user_control(&s->writer, &s->out, MG_RTMP_PING_RESPONSE, control.value);
  return TRUE;
}

gboolean
rtmp_server_means(const RtmpServer *s, guint32 id)
{
  return id == s->stream_id || id == 0 || id > s->n_streams;
}

/* The message goes out as an event, with its block. */
static gboolean
pass(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, RtmpEventKind kind)
{
  if (!rtmp_server_means(s, m->stream_id))
    return TRUE;
  event->kind = kind;
  event->message = *m;
  m->block = NULL;
  return TRUE;
}

static gboolean
pass_audio(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  return pass(s, m, event, RTMP_EVENT_AUDIO);
}

static gboolean
pass_video(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  return pass(s, m, event, RTMP_EVENT_VIDEO);
}

static gboolean
pass_data(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  return pass(s, m, event, RTMP_EVENT_DATA);
}

/* Its parts are handled one by one from here on, before anything new is read. */
static gboolean
split(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  s->aggregate = *m;
  m->block = NULL;
  mg_rtmp_aggregate_init(&s->parts, &s->aggregate);
  return TRUE;
}

typedef enum {
  KIND_IGNORED, /* acknowledgements and what a server is not meant to obey */
  KIND_WINDOW,
  KIND_USER,
  KIND_COMMAND,
  KIND_DATA,
  KIND_AUDIO,
  KIND_VIDEO,
  KIND_AGGREGATE,
  KIND_OTHER,
  N_KINDS,
} Kind;

static Kind
kind_of(guint8 type)
{
  switch (type) {
  case MG_RTMP_ACKNOWLEDGEMENT:
  case MG_RTMP_SET_PEER_BANDWIDTH: return KIND_IGNORED;
  case MG_RTMP_WINDOW_ACK_SIZE: return KIND_WINDOW;
  case MG_RTMP_USER_CONTROL: return KIND_USER;
  case MG_RTMP_COMMAND:
  case MG_RTMP_COMMAND_AMF3: return KIND_COMMAND;
  case MG_RTMP_DATA:
  case MG_RTMP_DATA_AMF3: return KIND_DATA;
  case MG_RTMP_AUDIO: return KIND_AUDIO;
  case MG_RTMP_VIDEO: return KIND_VIDEO;
  case MG_RTMP_AGGREGATE: return KIND_AGGREGATE;
  default: return KIND_OTHER;
  }
}

/*
 * State by message. What is not here is a protocol error. Connected peers may still send media that was
 * on its way when their stream ended.
 */
static const Handler table[RTMP_N_STATES][N_KINDS] = {
  [RTMP_STATE_NEW] = {
    [KIND_IGNORED] = ignore,
    [KIND_WINDOW] = obey_window,
    [KIND_USER] = answer_ping,
    [KIND_COMMAND] = rtmp_server_command,
  },
  [RTMP_STATE_CONNECTED] = {
    [KIND_IGNORED] = ignore,
    [KIND_WINDOW] = obey_window,
    [KIND_USER] = answer_ping,
    [KIND_COMMAND] = rtmp_server_command,
    [KIND_DATA] = ignore,
    [KIND_AUDIO] = ignore,
    [KIND_VIDEO] = ignore,
    [KIND_AGGREGATE] = ignore,
    [KIND_OTHER] = ignore,
  },
  [RTMP_STATE_PLAYING] = {
    [KIND_IGNORED] = ignore,
    [KIND_WINDOW] = obey_window,
    [KIND_USER] = answer_ping,
    [KIND_COMMAND] = rtmp_server_command,
    [KIND_DATA] = ignore,
    [KIND_AUDIO] = ignore,
    [KIND_VIDEO] = ignore,
    [KIND_AGGREGATE] = ignore,
    [KIND_OTHER] = ignore,
  },
  [RTMP_STATE_PUBLISHING] = {
    [KIND_IGNORED] = ignore,
    [KIND_WINDOW] = obey_window,
    [KIND_USER] = answer_ping,
    [KIND_COMMAND] = rtmp_server_command,
    [KIND_DATA] = pass_data,
    [KIND_AUDIO] = pass_audio,
    [KIND_VIDEO] = pass_video,
    [KIND_AGGREGATE] = split,
    [KIND_OTHER] = ignore,
  },
};

static void
count_other(RtmpServer *s, const MgRtmpMessage *m)
{
  Kind kind = kind_of(m->type);
  if (kind != KIND_AUDIO && kind != KIND_VIDEO && kind != KIND_AGGREGATE)
    s->other_bytes += HEADER_BYTES + m->size;
}

static gboolean
handle(RtmpServer *s, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  Handler handler = table[s->state][kind_of(m->type)];
  if (handler != NULL)
    return handler(s, m, event, error);
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "a message of type %u before connect",
              m->type);
  return FALSE;
}

/* --- input ------------------------------------------------------------------------------------- */

static RtmpEventKind
fail(RtmpServer *s, RtmpEvent *event)
{
  s->state = RTMP_STATE_OVER;
  return event->kind = RTMP_EVENT_FAILED;
}

/* FALSE when the handshake needs more, or there is something to say. */
static gboolean
shake_hands(RtmpServer *s, MgReader *in, RtmpEvent *event, GError **error)
{
  switch (mg_rtmp_handshake_feed(s->handshake, in, &s->out, error)) {
  case MG_RTMP_HANDSHAKE_MORE: return FALSE;
  case MG_RTMP_HANDSHAKE_FAILED: fail(s, event); return FALSE;
  case MG_RTMP_HANDSHAKE_DONE: break;
  }
  const MgRtmpCipher *cipher = mg_rtmp_handshake_cipher(s->handshake);
  if (cipher != NULL) {
    s->cipher = g_memdup2(cipher, sizeof *cipher);
    event->kind = RTMP_EVENT_ENCRYPTED;
  }
  g_clear_pointer(&s->handshake, mg_rtmp_handshake_free);
  s->reader = mg_rtmp_chunk_reader_new(s->config->limits, s->config->memory, s->config->user);
  s->state = RTMP_STATE_NEW;
  return event->kind == RTMP_EVENT_MORE;
}

/* The next message: of an aggregate, or from IN. FALSE: there is none, or FAILED. */
static gboolean
next_message(RtmpServer *s, MgReader *in, MgRtmpMessage *m, RtmpEvent *event, GError **error)
{
  if (s->aggregate.block != NULL && s->state == RTMP_STATE_PUBLISHING &&
      mg_rtmp_aggregate_next(&s->parts, m))
    return TRUE;
  drop_aggregate(s);
  MgRtmpChunkState state = mg_rtmp_chunk_reader_next(s->reader, in, m, error);
  if (state == MG_RTMP_CHUNK_FAILED)
    fail(s, event);
  if (state == MG_RTMP_CHUNK_MESSAGE)
    count_other(s, m);
  return state == MG_RTMP_CHUNK_MESSAGE;
}

static void
acknowledge(RtmpServer *s)
{
  guint64 received = mg_rtmp_chunk_reader_bytes(s->reader);
  if (mg_rtmp_ack_is_due(&s->ack, received))
    mg_rtmp_write_acknowledgement(&s->writer, &s->out, (guint32) received);
}

RtmpEventKind
rtmp_server_next(RtmpServer *s, MgReader *in, RtmpEvent *event, GError **error)
{
  g_assert(s->state != RTMP_STATE_ASKING && s->state != RTMP_STATE_KNOCKING);
  *event = (RtmpEvent){ .kind = RTMP_EVENT_MORE };
  if (s->state == RTMP_STATE_OVER) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "the connection is over");
    return fail(s, event);
  }
  if (s->state == RTMP_STATE_HANDSHAKE && !shake_hands(s, in, event, error))
    return event->kind;
  MgRtmpMessage m;
  while (event->kind == RTMP_EVENT_MORE && next_message(s, in, &m, event, error)) {
    gboolean is_fine = handle(s, &m, event, error);
    mg_rtmp_chunk_reader_release(s->reader, &m);
    if (!is_fine)
      return fail(s, event);
  }
  if (event->kind == RTMP_EVENT_MORE)
    acknowledge(s);
  return event->kind;
}

/* --- what the host says ------------------------------------------------------------------------ */

MgWriter *
rtmp_server_output(RtmpServer *s)
{
  return &s->out;
}

const MgRtmpName *
rtmp_server_name(const RtmpServer *s)
{
  return &s->name;
}

void
rtmp_server_accept_connect(RtmpServer *s)
{
  g_assert(s->state == RTMP_STATE_KNOCKING);
  s->state = RTMP_STATE_CONNECTED;
  mg_rtmp_reply_connect(&s->writer, &s->out, &s->greeting);
}

void
rtmp_server_reject_connect(RtmpServer *s, const char *description)
{
  g_assert(s->state == RTMP_STATE_KNOCKING);
  s->state = RTMP_STATE_OVER;
  mg_rtmp_reply_error(&s->writer, &s->out, s->greeting.transaction,
                      "NetConnection.Connect.Rejected", description);
}

void
rtmp_server_accept(RtmpServer *s)
{
  g_assert(s->state == RTMP_STATE_ASKING);
  s->state = RTMP_STATE_PUBLISHING;
  if (s->wants_fc)
    mg_rtmp_reply_fc_publish(&s->writer, &s->out, s->name.stream);
  mg_rtmp_reply_publish(&s->writer, &s->out, s->stream_id, "Publishing has started.");
}

void
rtmp_server_refuse(RtmpServer *s, const char *code, const char *why)
{
  g_assert(s->state == RTMP_STATE_ASKING);
  s->state = RTMP_STATE_OVER;
  mg_rtmp_reply_status(&s->writer, &s->out, s->stream_id, "error", code, why);
}

void
rtmp_server_evict(RtmpServer *s, const char *why)
{
  g_assert(s->state == RTMP_STATE_PUBLISHING);
  s->state = RTMP_STATE_OVER;
  if (s->wants_fc)
    mg_rtmp_reply_fc_unpublish(&s->writer, &s->out, s->name.stream);
  mg_rtmp_reply_status(&s->writer, &s->out, s->stream_id, "status", "NetStream.Unpublish.Success",
                       why);
}

gboolean
rtmp_server_can_reconnect(const RtmpServer *s)
{
  return (s->caps & MG_RTMP_CAN_RECONNECT) != 0;
}

void
rtmp_server_ask_to_reconnect(RtmpServer *s, const char *why)
{
  g_assert(s->state == RTMP_STATE_PUBLISHING);
  if (rtmp_server_can_reconnect(s))
    mg_rtmp_reply_reconnect(&s->writer, &s->out, why);
}

void
rtmp_server_ping(RtmpServer *s, guint32 now_ms)
{
  mg_rtmp_write_user_control(&s->writer, &s->out, MG_RTMP_PING_REQUEST, now_ms);
}

gboolean
rtmp_server_is_past_handshake(const RtmpServer *s)
{
  return s->reader != NULL;
}

guint64
rtmp_server_media_bytes(const RtmpServer *s)
{
  guint64 all = s->reader != NULL ? mg_rtmp_chunk_reader_bytes(s->reader) : 0;
  return all > s->other_bytes ? all - s->other_bytes : 0;
}
