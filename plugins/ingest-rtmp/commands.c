/*
 * Commands: what a peer may call in which state, and what it gets for an answer.
 */
#include "server-state.h"

#include <rtmp/command.h>
#include <rtmp/error.h>
#include <rtmp/reply.h>

#include <string.h>

enum {
  MOST_URL_BYTES = 4096, /* of app and tcUrl */
  MOST_STREAMS = 32,     /* made on one connection */
};

static gboolean
refuse(GError **error, MgRtmpError code, const char *why)
{
  g_set_error_literal(error, MG_RTMP_ERROR, code, why);
  return FALSE;
}

/* --- connect ----------------------------------------------------------------------------------- */

static gboolean
is_wanted_app(const RtmpServer *s, const char *app)
{
  const char *wanted = s->config->app;
  return wanted == NULL || *wanted == '\0' || *app == '\0' || strcmp(app, wanted) == 0;
}

static char *
no_such_app(const RtmpServer *s, const char *app)
{
  if (s->config->hides_names)
    return g_strdup_printf("There is no such app here; publish to /%s/STREAM.", s->config->app);
  return g_strdup_printf("There is no app '%s' here; publish to /%s/STREAM.", app, s->config->app);
}

/*
 * Whether connect names an app that is not ours. Where the client has cut its URL so that connect does
 * not say, publish will.
 */
static gboolean
names_wrong_app(RtmpServer *s, char **why)
{
  g_auto(MgRtmpName) name = { 0 };
  if (!mg_rtmp_name_parse(s->app, s->tc_url, "any", &name, NULL) || is_wanted_app(s, name.app))
    return FALSE;
  *why = no_such_app(s, name.app);
  return TRUE;
}

static gboolean
is_too_long(const char *text)
{
  return text != NULL && strlen(text) > MOST_URL_BYTES;
}

/* Whether connect says enough for the host to decide by; else publish will. */
static gboolean
knocks(RtmpServer *s)
{
  mg_rtmp_name_clear(&s->name);
  return mg_rtmp_name_parse(s->app, s->tc_url, "any", &s->name, NULL);
}

static gboolean
on_connect(RtmpServer *s, const RtmpCall *call, GError **error)
{
  MgRtmpConnect connect;
  mg_rtmp_connect_read(call->command, &connect);
  if (is_too_long(connect.app) || is_too_long(connect.tc_url))
    return refuse(error, MG_RTMP_ERROR_LIMIT, "connect: its app or tcUrl is too long");
  s->app = g_strdup(connect.app);
  s->tc_url = g_strdup(connect.tc_url);
  g_autofree char *why = NULL;
  if (names_wrong_app(s, &why)) {
    mg_rtmp_reply_error(&s->writer, &s->out, call->command->transaction,
                        "NetConnection.Connect.InvalidApp", why);
    return refuse(error, MG_RTMP_ERROR_NAME, why);
  }
  s->caps = connect.caps;
  rtmp_play_note_codecs(s, call->command);
  s->greeting = (MgRtmpConnectReply){
    .transaction = call->command->transaction,
    .window_bytes = RTMP_WINDOW_BYTES,
    .chunk_size = s->config->chunk_size,
    .object_encoding = connect.object_encoding,
    .is_enhanced = connect.is_enhanced,
    .caps =
        MG_RTMP_CAN_RECONNECT | MG_RTMP_CAN_MULTITRACK | MG_RTMP_CAN_MODEX | MG_RTMP_CAN_OFFSET_NS,
    .video = s->config->video,
    .audio = s->config->audio,
  };
  s->state = RTMP_STATE_KNOCKING;
  if (s->config->tells_connect && knocks(s))
    call->event->kind = RTMP_EVENT_CONNECT;
  else
    rtmp_server_accept_connect(s);
  return TRUE;
}

/* --- publish ----------------------------------------------------------------------------------- */

static gboolean
on_create_stream(RtmpServer *s, const RtmpCall *call, GError **error)
{
  if (s->n_streams == MOST_STREAMS)
    return refuse(error, MG_RTMP_ERROR_LIMIT, "createStream: too many streams on one connection");
  mg_rtmp_reply_number(&s->writer, &s->out, call->command->transaction, ++s->n_streams);
  return TRUE;
}

static gboolean
parse_name(RtmpServer *s, const char *stream, GError **error)
{
  if (!s->config->hides_names)
    return mg_rtmp_name_parse(s->app, s->tc_url, stream, &s->name, error);
  return mg_rtmp_name_parse(s->app, s->tc_url, stream, &s->name, NULL) ||
         refuse(error, MG_RTMP_ERROR_NAME,
                "The URL or the stream key has a form that none has: publish to /APP/STREAM.");
}

gboolean
rtmp_server_read_name(RtmpServer *s, const char *stream, GError **error)
{
  MgRtmpName *name = &s->name;
  mg_rtmp_name_clear(name);
  if (is_too_long(stream))
    return refuse(error, MG_RTMP_ERROR_NAME, "The stream name is too long.");
  if (!parse_name(s, stream, error))
    return FALSE;
  if (*name->instance != '\0')
    return refuse(error, MG_RTMP_ERROR_NAME, "The path has three parts; publish to /APP/STREAM.");
  if (!is_wanted_app(s, name->app)) {
    g_autofree char *why = no_such_app(s, name->app);
    return refuse(error, MG_RTMP_ERROR_NAME, why);
  }
  if (*name->app == '\0') {
    const char *ours = s->config->app;
    g_free(name->app);
    name->app = g_strdup(ours && *ours ? ours : RTMP_SERVER_DEFAULT_APP);
  }
  return TRUE;
}

static gboolean
on_publish(RtmpServer *s, const RtmpCall *call, GError **error)
{
  guint32 stream_id = call->message->stream_id;
  if (s->state != RTMP_STATE_CONNECTED) {
    mg_rtmp_reply_status(&s->writer, &s->out, stream_id, "error", "NetStream.Publish.BadName",
                         "This connection publishes or plays already; use another one.");
    return TRUE;
  }
  if (++s->n_publishes > RTMP_MOST_STREAMS_ASKED)
    return refuse(error, MG_RTMP_ERROR_LIMIT, "publish: too often on one connection");
  MgRtmpPublish publish;
  mg_rtmp_publish_read(call->command, &publish);
  s->state = RTMP_STATE_ASKING;
  s->stream_id = stream_id;
  g_autoptr(GError) bad_name = NULL;
  if (!rtmp_server_read_name(s, publish.name, &bad_name)) {
    rtmp_server_refuse(s, "NetStream.Publish.BadName", bad_name->message);
    g_propagate_error(error, g_steal_pointer(&bad_name));
    return FALSE;
  }
  call->event->kind = RTMP_EVENT_PUBLISH;
  return TRUE;
}

static void
end_stream(RtmpServer *s, const RtmpCall *call)
{
  mg_rtmp_reply_status(&s->writer, &s->out, s->stream_id, "status", "NetStream.Unpublish.Success",
                       "Publishing has ended.");
  call->event->kind = RTMP_EVENT_UNPUBLISH;
  s->state = RTMP_STATE_CONNECTED;
  s->wants_fc = FALSE;
}

static gboolean
on_delete_stream(RtmpServer *s, const RtmpCall *call, GError **error)
{
  gdouble id = mg_amf_number(mg_rtmp_command_arg(call->command, 0), 0, G_MAXUINT32, 0);
  if (s->state == RTMP_STATE_PUBLISHING && rtmp_server_means(s, (guint32) id))
    end_stream(s, call);
  else if (s->state == RTMP_STATE_PLAYING && rtmp_server_means(s, (guint32) id))
    rtmp_play_stop(s, call);
  return TRUE;
}

static gboolean
on_close_stream(RtmpServer *s, const RtmpCall *call, GError **error)
{
  if (s->state == RTMP_STATE_PUBLISHING && rtmp_server_means(s, call->message->stream_id))
    end_stream(s, call);
  else if (s->state == RTMP_STATE_PLAYING && rtmp_server_means(s, call->message->stream_id))
    rtmp_play_stop(s, call);
  return TRUE;
}

/* --- what Flash Media Live Encoder and its heirs say around it ---------------------------------- */

/* Understood; those who expect an answer (a transaction other than 0) get one. */
static gboolean
on_other(RtmpServer *s, const RtmpCall *call, GError **error)
{
  if (call->command->transaction != 0)
    mg_rtmp_reply_result(&s->writer, &s->out, call->command->transaction);
  return TRUE;
}

static gboolean
on_fc_publish(RtmpServer *s, const RtmpCall *call, GError **error)
{
  s->wants_fc = TRUE;
  return on_other(s, call, error);
}

static gboolean
on_fc_unpublish(RtmpServer *s, const RtmpCall *call, GError **error)
{
  const char *stream = mg_amf_string(mg_rtmp_command_arg(call->command, 0), "");
  g_autofree char *shown = g_strndup(stream, MG_RTMP_NAME_BYTES);
  mg_rtmp_reply_fc_unpublish(&s->writer, &s->out, shown);
  on_other(s, call, error);
  if (s->state == RTMP_STATE_PUBLISHING)
    end_stream(s, call);
  return TRUE;
}

static gboolean
on_stream_length(RtmpServer *s, const RtmpCall *call, GError **error)
{
  mg_rtmp_reply_number(&s->writer, &s->out, call->command->transaction, 0);
  return TRUE;
}

static gboolean
on_answer(RtmpServer *s, const RtmpCall *call, GError **error)
{
  return TRUE;
}

/* --- the table --------------------------------------------------------------------------------- */

enum {
  IN_NEW = 1 << RTMP_STATE_NEW,
  IN_ALL = 1 << RTMP_STATE_CONNECTED | 1 << RTMP_STATE_PUBLISHING | 1 << RTMP_STATE_PLAYING,
};

typedef struct {
  const char *name;
  guint states; /* in others it is a protocol error */
  gboolean (*handle)(RtmpServer *s, const RtmpCall *call, GError **error);
} Command;

static const Command commands[] = {
  { "connect", IN_NEW, on_connect },
  { "createStream", IN_ALL, on_create_stream },
  { "publish", IN_ALL, on_publish },
  { "deleteStream", IN_ALL, on_delete_stream },
  { "closeStream", IN_ALL, on_close_stream },
  { "FCPublish", IN_ALL, on_fc_publish },
  { "FCUnpublish", IN_ALL, on_fc_unpublish },
  { "getStreamLength", IN_ALL, on_stream_length },
  { "play", IN_ALL, rtmp_play_on_play },
  { "play2", IN_ALL, rtmp_play_on_play2 },
  { "pause", IN_ALL, rtmp_play_on_pause },
  { "pauseRaw", IN_ALL, rtmp_play_on_pause },
  { "seek", IN_ALL, rtmp_play_on_seek },
  { "receiveAudio", IN_ALL, rtmp_play_on_receive_audio },
  { "receiveVideo", IN_ALL, rtmp_play_on_receive_video },
  { "_result", IN_ALL, on_answer },
  { "_error", IN_ALL, on_answer },
  { "onStatus", IN_ALL, on_answer },
};

/* releaseStream, _checkbw, FCSubscribe and whatever else there is. */
static const Command any_other = { NULL, IN_ALL, on_other };

static const Command *
find(const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (strcmp(commands[i].name, name) == 0)
      return &commands[i];
  return &any_other;
}

gboolean
rtmp_server_command(RtmpServer *s, MgRtmpMessage *message, RtmpEvent *event, GError **error)
{
  g_auto(MgRtmpCommand) parsed = { 0 };
  if (!mg_rtmp_command_parse(message, &parsed, error))
    return FALSE;
  const Command *command = find(parsed.name);
  if ((command->states & 1u << s->state) == 0) {
    g_autofree char *name = mg_rtmp_quote(parsed.name);
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "command %s %s", name,
                s->state == RTMP_STATE_NEW ? "before connect" : "a second time");
    return FALSE;
  }
  RtmpCall call = { message, &parsed, event };
  return command->handle(s, &call, error);
}
