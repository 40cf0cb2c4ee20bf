#include "rtmp/caller.h"

#include "rtmp/call.h"
#include "rtmp/command.h"
#include "rtmp/control.h"
#include "rtmp/error.h"
#include "rtmp/names.h"

#include <string.h>

enum { AUDIO_CSID = 4, VIDEO_CSID = 6, WINDOW_BYTES = 2500000 };

/* The transactions, in the order of the calls. */
enum { CONNECT = 1, RELEASE, FC_PUBLISH, CREATE, BEGIN, FC_UNPUBLISH, DELETE };

typedef enum {
  STATE_HANDSHAKE,
  STATE_CONNECTING, /* waits for the answer to connect */
  STATE_CREATING,   /* … to createStream */
  STATE_ASKING,     /* … to publish or play */
  STATE_RUNNING,
  STATE_OVER,
} State;

struct MgRtmpCaller {
  MgRtmpCallerConfig config;
  char *app, *stream, *tc_url;
  guint32 *video, *audio;
  State state;
  MgRtmpHandshake *handshake; /* owned, until it is done */
  MgRtmpChunkReader *reader;  /* owned, from then on */
  MgRtmpChunkWriter writer;
  MgWriter out;
  MgRtmpAck ack;
  guint32 stream_id;
  MgRtmpCommand connected; /* the answer to connect; empty before */

  MgRtmpMessage aggregate; /* its block is owned */
  MgRtmpAggregate parts;   /* of it, while it has a block */
};

/* --- life -------------------------------------------------------------------------------------- */

static guint32 *
copy_list(const guint32 *list)
{
  guint n = 0;
  if (list == NULL)
    return NULL;
  while (list[n] != 0)
    n++;
  return g_memdup2(list, (n + 1) * sizeof *list);
}

MgRtmpCaller *
mg_rtmp_caller_new(const MgRtmpCallerConfig *config, const guint8 random[MG_RTMP_HANDSHAKE_BYTES])
{
  MgRtmpCaller *c = g_new0(MgRtmpCaller, 1);
  c->config = *config;
  c->config.app = c->app = g_strdup(config->app);
  c->config.stream = c->stream = g_strdup(config->stream);
  c->config.tc_url = c->tc_url = g_strdup(config->tc_url);
  c->config.video = c->video = copy_list(config->video);
  c->config.audio = c->audio = copy_list(config->audio);
  c->writer = MG_RTMP_CHUNK_WRITER_INIT;
  c->ack.window_bytes = WINDOW_BYTES;
  c->handshake = mg_rtmp_handshake_new_client(random, &c->out);
  return c;
}

static void
drop_aggregate(MgRtmpCaller *c)
{
  if (c->aggregate.block != NULL)
    mg_rtmp_chunk_reader_release(c->reader, &c->aggregate);
}

void
mg_rtmp_caller_free(MgRtmpCaller *c)
{
  if (c == NULL)
    return;
  drop_aggregate(c);
  mg_rtmp_handshake_free(c->handshake);
  mg_rtmp_chunk_reader_free(c->reader);
  mg_rtmp_command_clear(&c->connected);
  mg_writer_clear(&c->out);
  g_free(c->app);
  g_free(c->stream);
  g_free(c->tc_url);
  g_free(c->video);
  g_free(c->audio);
  g_free(c);
}

/* --- what the server says ---------------------------------------------------------------------- */

static gboolean
fail(MgRtmpCaller *c, MgRtmpError code, const char *what, const char *said, GError **error)
{
  if (said == NULL || *said == '\0' || c->config.hides_names) {
    g_set_error_literal(error, MG_RTMP_ERROR, code, what);
    return FALSE;
  }
  g_autofree char *quoted = mg_rtmp_quote(said);
  g_set_error(error, MG_RTMP_ERROR, code, "%s: it says %s", what, quoted);
  return FALSE;
}

/* The information object of an answer or a status, and what is in it. */
typedef struct {
  const char *level, *code, *description;
} Info;

static Info
read_info(const MgRtmpCommand *command)
{
  const MgAmf *info = mg_rtmp_command_arg(command, 0);
  return (Info){
    .level = mg_amf_string(mg_amf_member(info, "level"), ""),
    .code = mg_amf_string(mg_amf_member(info, "code"), ""),
    .description = mg_amf_string(mg_amf_member(info, "description"), ""),
  };
}

/* A code that is known to be no secret, for people; what a server makes up is quoted, or not said. */
static const char *
meaning_of(const char *code)
{
  static const struct {
    const char *code, *meaning;
  } all[] = {
    { "NetConnection.Connect.Rejected", "the server refuses the connection" },
    { "NetConnection.Connect.InvalidApp", "the server has no such app" },
    { "NetConnection.Connect.Closed", "the server closes the connection" },
    { "NetStream.Publish.BadName",
      "the server refuses the stream's name or key, or has a publisher of it already" },
    { "NetStream.Publish.Denied", "the server does not let us publish" },
    { "NetStream.Publish.Unauthorized", "the server does not let us publish" },
    { "NetStream.Publish.Rejected", "the server does not let us publish" },
    { "NetStream.Play.StreamNotFound", "the server has no such stream" },
    { "NetStream.Play.Failed", "the server does not let us play the stream" },
    { "NetStream.Failed", "the server refuses" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    if (strcmp(all[i].code, code) == 0)
      return all[i].meaning;
  return NULL;
}

static gboolean
refused(MgRtmpCaller *c, const Info *info, GError **error)
{
  const char *meaning = meaning_of(info->code);
  const char *said = *info->description != '\0' ? info->description : info->code;
  return fail(c, MG_RTMP_ERROR_REFUSED, meaning != NULL ? meaning : "the server refuses", said,
              error);
}

static void
connect_to_app(MgRtmpCaller *c)
{
  MgRtmpConnectCall call = {
    .app = c->config.app,
    .tc_url = c->config.tc_url,
    .flash_version = "FMLE/3.0 (compatible; mediagraph)",
    .video = c->config.video,
    .audio = c->config.audio,
  };
  mg_rtmp_call_connect(&c->writer, &c->out, CONNECT, &call);
  c->state = STATE_CONNECTING;
}

/* Servers know a stream by its name; what follows '?' is for publish and play only. */
static char *
bare_name(const MgRtmpCaller *c)
{
  return g_strndup(c->config.stream, strcspn(c->config.stream, "?"));
}

static gboolean
on_connected(MgRtmpCaller *c, MgRtmpCommand *command)
{
  g_autofree char *name = bare_name(c);
  mg_rtmp_write_window_ack_size(&c->writer, &c->out, WINDOW_BYTES);
  mg_rtmp_write_set_chunk_size(&c->writer, &c->out, c->config.chunk_size);
  if (!c->config.plays) {
    mg_rtmp_call(&c->writer, &c->out, "releaseStream", RELEASE, name);
    mg_rtmp_call(&c->writer, &c->out, "FCPublish", FC_PUBLISH, name);
  }
  mg_rtmp_call(&c->writer, &c->out, "createStream", CREATE, NULL);
  c->connected = *command;
  command->doc = NULL;
  c->state = STATE_CREATING;
  return TRUE;
}

static gboolean
on_created(MgRtmpCaller *c, const MgRtmpCommand *command)
{
  c->stream_id = (guint32) mg_amf_number(mg_rtmp_command_arg(command, 0), 0, G_MAXUINT32, 1);
  if (c->config.plays)
    mg_rtmp_call_play(&c->writer, &c->out, BEGIN, c->stream_id, c->config.stream,
                      c->config.buffer_ms);
  else
    mg_rtmp_call_publish(&c->writer, &c->out, BEGIN, c->stream_id, c->config.stream, "live");
  c->state = STATE_ASKING;
  return TRUE;
}

static gboolean
on_result(MgRtmpCaller *c, MgRtmpCommand *command, MgRtmpCallerEvent *event, GError **error)
{
  if (c->state == STATE_CONNECTING && command->transaction == CONNECT)
    return on_connected(c, command);
  if (c->state == STATE_CREATING && command->transaction == CREATE)
    return on_created(c, command);
  return TRUE;
}

/* Servers that know neither releaseStream nor FCPublish say so, and mean no harm. */
static gboolean
on_error(MgRtmpCaller *c, MgRtmpCommand *command, MgRtmpCallerEvent *event, GError **error)
{
  gboolean is_minor = command->transaction == RELEASE || command->transaction == FC_PUBLISH ||
                      c->state == STATE_RUNNING;
  Info info = read_info(command);
  return is_minor || refused(c, &info, error);
}

static gboolean
is_one_of(const char *code, const char *const *codes)
{
  return g_strv_contains(codes, code);
}

static gboolean
on_status(MgRtmpCaller *c, MgRtmpCommand *command, MgRtmpCallerEvent *event, GError **error)
{
  static const char *const starts[] = { "NetStream.Publish.Start", "NetStream.Play.Start", NULL };
  static const char *const ends[] = {
    "NetStream.Play.Complete",
    "NetStream.Play.Stop",
    "NetStream.Play.UnpublishNotify",
    "NetStream.Unpublish.Success",
    "NetConnection.Connect.ReconnectRequest",
    NULL,
  };
  Info info = read_info(command);
  if (strcmp(info.level, "error") == 0 || meaning_of(info.code) != NULL)
    return refused(c, &info, error);
  if (is_one_of(info.code, ends) && c->state >= STATE_ASKING)
    return fail(c, MG_RTMP_ERROR_ENDED, "the server has ended the stream", info.description, error);
  if (c->state == STATE_ASKING && is_one_of(info.code, starts)) {
    c->state = STATE_RUNNING;
    event->kind = MG_RTMP_CALLER_STARTED;
  }
  return TRUE;
}

static gboolean
on_close(MgRtmpCaller *c, MgRtmpCommand *command, MgRtmpCallerEvent *event, GError **error)
{
  return fail(c, MG_RTMP_ERROR_ENDED, "the server closes the connection", NULL, error);
}

static gboolean
on_command(MgRtmpCaller *c, const MgRtmpMessage *m, MgRtmpCallerEvent *event, GError **error)
{
  static const struct {
    const char *name;
    gboolean (*handle)(MgRtmpCaller *, MgRtmpCommand *, MgRtmpCallerEvent *, GError **);
  } commands[] = {
    { "_result", on_result },
    { "_error", on_error },
    { "onStatus", on_status },
    { "close", on_close },
  };
  g_auto(MgRtmpCommand) command = { 0 };
  if (!mg_rtmp_command_parse(m, &command, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (strcmp(commands[i].name, command.name) == 0)
      return commands[i].handle(c, &command, event, error);
  return TRUE;
}

static gboolean
on_user_control(MgRtmpCaller *c, const MgRtmpMessage *m, GError **error)
{
  MgRtmpUserControl control;
  if (!mg_rtmp_user_control_parse(m, &control))
    return TRUE;
  if (control.event == MG_RTMP_PING_REQUEST)
    mg_rtmp_write_user_control(&c->writer, &c->out, MG_RTMP_PING_RESPONSE, control.value);
  gboolean has_ended = c->config.plays && c->state == STATE_RUNNING &&
                       control.event == MG_RTMP_STREAM_EOF && control.value == c->stream_id;
  return !has_ended || fail(c, MG_RTMP_ERROR_ENDED, "the server has ended the stream", NULL, error);
}

/* Media goes out as an event, with its block, to players only. */
static void
pass(MgRtmpCaller *c, MgRtmpMessage *m, MgRtmpCallerEvent *event, MgRtmpCallerKind kind)
{
  if (!c->config.plays || c->state < STATE_ASKING)
    return;
  if (kind != MG_RTMP_CALLER_DATA)
    c->state = STATE_RUNNING;
  event->kind = kind;
  event->message = *m;
  m->block = NULL;
}

static void
split(MgRtmpCaller *c, MgRtmpMessage *m)
{
  if (!c->config.plays || c->state < STATE_ASKING)
    return;
  c->aggregate = *m;
  m->block = NULL;
  mg_rtmp_aggregate_init(&c->parts, &c->aggregate);
}

static gboolean
handle(MgRtmpCaller *c, MgRtmpMessage *m, MgRtmpCallerEvent *event, GError **error)
{
  guint32 window_bytes;
  switch (m->type) {
  case MG_RTMP_COMMAND:
  case MG_RTMP_COMMAND_AMF3: return on_command(c, m, event, error);
  case MG_RTMP_USER_CONTROL: return on_user_control(c, m, error);
  case MG_RTMP_WINDOW_ACK_SIZE:
    if (mg_rtmp_control_parse(m, &window_bytes) && window_bytes > 0)
      c->ack.window_bytes = window_bytes;
    return TRUE;
  case MG_RTMP_AUDIO: pass(c, m, event, MG_RTMP_CALLER_AUDIO); return TRUE;
  case MG_RTMP_VIDEO: pass(c, m, event, MG_RTMP_CALLER_VIDEO); return TRUE;
  case MG_RTMP_DATA:
  case MG_RTMP_DATA_AMF3: pass(c, m, event, MG_RTMP_CALLER_DATA); return TRUE;
  case MG_RTMP_AGGREGATE: split(c, m); return TRUE;
  default: return TRUE;
  }
}

/* --- input ------------------------------------------------------------------------------------- */

static MgRtmpCallerKind
end_with(MgRtmpCaller *c, MgRtmpCallerEvent *event)
{
  c->state = STATE_OVER;
  return event->kind = MG_RTMP_CALLER_FAILED;
}

/* FALSE when the handshake needs more, or has failed. */
static gboolean
shake_hands(MgRtmpCaller *c, MgReader *in, MgRtmpCallerEvent *event, GError **error)
{
  switch (mg_rtmp_handshake_feed(c->handshake, in, &c->out, error)) {
  case MG_RTMP_HANDSHAKE_MORE: return FALSE;
  case MG_RTMP_HANDSHAKE_FAILED: end_with(c, event); return FALSE;
  case MG_RTMP_HANDSHAKE_DONE: break;
  }
  g_clear_pointer(&c->handshake, mg_rtmp_handshake_free);
  c->reader = mg_rtmp_chunk_reader_new(NULL, c->config.memory, c->config.user);
  connect_to_app(c);
  return TRUE;
}

/* The next message: of an aggregate, or from IN. FALSE: there is none, or FAILED. */
static gboolean
next_message(MgRtmpCaller *c, MgReader *in, MgRtmpMessage *m, MgRtmpCallerEvent *event,
             GError **error)
{
  if (c->aggregate.block != NULL && mg_rtmp_aggregate_next(&c->parts, m))
    return TRUE;
  drop_aggregate(c);
  MgRtmpChunkState state = mg_rtmp_chunk_reader_next(c->reader, in, m, error);
  if (state == MG_RTMP_CHUNK_FAILED)
    end_with(c, event);
  return state == MG_RTMP_CHUNK_MESSAGE;
}

static void
acknowledge(MgRtmpCaller *c)
{
  guint64 received = mg_rtmp_chunk_reader_bytes(c->reader);
  if (mg_rtmp_ack_is_due(&c->ack, received))
    mg_rtmp_write_acknowledgement(&c->writer, &c->out, (guint32) received);
}

MgRtmpCallerKind
mg_rtmp_caller_next(MgRtmpCaller *c, MgReader *in, MgRtmpCallerEvent *event, GError **error)
{
  *event = (MgRtmpCallerEvent){ .kind = MG_RTMP_CALLER_MORE };
  if (c->state == STATE_OVER) {
    fail(c, MG_RTMP_ERROR_ENDED, "the call is over", NULL, error);
    return end_with(c, event);
  }
  if (c->state == STATE_HANDSHAKE && !shake_hands(c, in, event, error))
    return event->kind;
  MgRtmpMessage m;
  while (event->kind == MG_RTMP_CALLER_MORE && next_message(c, in, &m, event, error)) {
    gboolean is_fine = handle(c, &m, event, error);
    mg_rtmp_chunk_reader_release(c->reader, &m);
    if (!is_fine)
      return end_with(c, event);
  }
  if (event->kind == MG_RTMP_CALLER_MORE)
    acknowledge(c);
  return event->kind;
}

/* --- what the host says ------------------------------------------------------------------------ */

MgWriter *
mg_rtmp_caller_output(MgRtmpCaller *c)
{
  return &c->out;
}

/* Most servers say it among their properties, some in the information object behind them. */
guint
mg_rtmp_caller_codec(const MgRtmpCaller *c, guint32 fourcc)
{
  if (c->connected.doc == NULL)
    return 0;
  MgRtmpCommand information = c->connected;
  information.object = mg_rtmp_command_arg(&c->connected, 0);
  return mg_rtmp_connect_codec(&c->connected, fourcc) | mg_rtmp_connect_codec(&information, fourcc);
}

void
mg_rtmp_caller_send(MgRtmpCaller *c, MgRtmpMessageType type, guint32 timestamp,
                    const MgRtmpPiece *pieces, guint n)
{
  g_assert(c->state == STATE_RUNNING);
  MgRtmpMessage m = {
    .csid = type == MG_RTMP_VIDEO ? VIDEO_CSID : AUDIO_CSID,
    .timestamp = timestamp,
    .stream_id = c->stream_id,
    .type = (guint8) type,
  };
  for (guint i = 0; i < n; i++)
    m.size += pieces[i].size;
  mg_rtmp_chunk_write_pieces(&c->writer, &c->out, &m, pieces, n);
}

void
mg_rtmp_caller_send_metadata(MgRtmpCaller *c, const MgWriter *properties)
{
  g_assert(c->state == STATE_RUNNING);
  mg_rtmp_call_metadata(&c->writer, &c->out, c->stream_id, properties);
}

void
mg_rtmp_caller_end(MgRtmpCaller *c)
{
  g_autofree char *name = bare_name(c);
  gboolean is_known = c->state == STATE_ASKING || c->state == STATE_RUNNING;
  if (is_known && !c->config.plays)
    mg_rtmp_call(&c->writer, &c->out, "FCUnpublish", FC_UNPUBLISH, name);
  if (is_known)
    mg_rtmp_call_delete_stream(&c->writer, &c->out, DELETE, c->stream_id);
  c->state = STATE_OVER;
}
