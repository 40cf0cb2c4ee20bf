/*
 * The commands of those that play, and what they hear. A stream is live: there is a now, and nothing else
 * to go to.
 */
#include "server-state.h"

#include <rtmp/error.h>
#include <rtmp/flv.h>
#include <rtmp/reply.h>

#include <string.h>

static void
say(RtmpServer *s, guint32 stream_id, const char *level, const char *code, const char *description)
{
  mg_rtmp_reply_status(&s->writer, &s->out, stream_id, level, code, description);
}

/* --- codecs ------------------------------------------------------------------------------------ */

/* Bit of CODEC among the config's; 0: it is none of them. */
static guint
bit_of(const RtmpServer *s, guint32 codec)
{
  const guint32 *lists[] = { s->config->video, s->config->audio };
  guint bit = 1;
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    for (const guint32 *one = lists[i]; one != NULL && *one != 0; one++, bit <<= 1)
      if (*one == codec)
        return bit;
  return 0;
}

void
rtmp_play_note_codecs(RtmpServer *s, const MgRtmpCommand *connect)
{
  const guint32 *lists[] = { s->config->video, s->config->audio };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    for (const guint32 *one = lists[i]; one != NULL && *one != 0; one++)
      if (mg_rtmp_connect_codec(connect, *one) != 0)
        s->decodes |= bit_of(s, *one);
}

gboolean
rtmp_server_decodes(const RtmpServer *s, guint32 codec)
{
  return mg_flv_is_classic(codec) || (s->decodes & bit_of(s, codec)) != 0;
}

gboolean
rtmp_server_takes_tracks(const RtmpServer *s)
{
  return (s->caps & MG_RTMP_CAN_MULTITRACK) != 0;
}

/* --- play -------------------------------------------------------------------------------------- */

typedef struct {
  const char *stream;
  gdouble start; /* -2: live or recorded; -1: live; from 0 on a place in a recording */
} Wanted;

static gboolean
refuse(RtmpServer *s, const RtmpCall *call, const char *code, const char *why)
{
  say(s, call->message->stream_id, "error", code, why);
  return TRUE;
}

/* A name that is none ends the connection, as with publish. */
static gboolean
ask(RtmpServer *s, const RtmpCall *call, const char *stream, GError **error)
{
  if (++s->n_publishes > RTMP_MOST_STREAMS_ASKED) {
    g_set_error_literal(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT,
                        "play: too often on one connection");
    return FALSE;
  }
  s->state = RTMP_STATE_ASKING;
  s->stream_id = call->message->stream_id;
  s->wish = (RtmpPlayWish){ 0 };
  g_autoptr(GError) bad_name = NULL;
  if (!rtmp_server_read_name(s, stream, &bad_name)) {
    rtmp_server_refuse(s, "NetStream.Play.StreamNotFound", bad_name->message);
    g_propagate_error(error, g_steal_pointer(&bad_name));
    return FALSE;
  }
  call->event->kind = RTMP_EVENT_PLAY;
  return TRUE;
}

/* Some players begin at 0 when nobody has told them that the stream is live. */
static gboolean
take(RtmpServer *s, const RtmpCall *call, const Wanted *wanted, GError **error)
{
  if (!s->config->plays)
    return refuse(s, call, "NetStream.Play.StreamNotFound",
                  "This server takes streams by RTMP and does not play them.");
  if (s->state != RTMP_STATE_CONNECTED)
    return refuse(s, call, "NetStream.Play.Failed",
                  "This connection publishes or plays already; use another one.");
  if (wanted->start > 0)
    return refuse(s, call, "NetStream.Play.StreamNotFound",
                  "There are no recordings here: play live, with a start of -1 or -2.");
  return ask(s, call, wanted->stream, error);
}

static gdouble
start_of(const MgAmf *value)
{
  return mg_amf_number(value, -2000, G_MAXUINT32, -2);
}

gboolean
rtmp_play_on_play(RtmpServer *s, const RtmpCall *call, GError **error)
{
  Wanted wanted = { mg_amf_string(mg_rtmp_command_arg(call->command, 0), ""),
                    start_of(mg_rtmp_command_arg(call->command, 1)) };
  return take(s, call, &wanted, error);
}

gboolean
rtmp_play_on_play2(RtmpServer *s, const RtmpCall *call, GError **error)
{
  const MgAmf *options = mg_rtmp_command_arg(call->command, 0);
  if (options == NULL)
    return refuse(s, call, "NetStream.Play.Failed", "play2 says nothing of what to play.");
  Wanted wanted = { mg_amf_string(mg_amf_member(options, "streamName"), ""),
                    start_of(mg_amf_member(options, "start")) };
  return take(s, call, &wanted, error);
}

/* --- while it plays ---------------------------------------------------------------------------- */

static gboolean
boolean_of(const RtmpCall *call, gboolean otherwise)
{
  const MgAmf *value = mg_amf_follow(mg_rtmp_command_arg(call->command, 0));
  return value != NULL && value->type == MG_AMF_BOOLEAN ? value->number != 0 : otherwise;
}

static gboolean
wish(RtmpServer *s, const RtmpCall *call, gboolean *what, gboolean value)
{
  if (s->state != RTMP_STATE_PLAYING || *what == value)
    return TRUE;
  *what = value;
  call->event->kind = RTMP_EVENT_WISH;
  return TRUE;
}

gboolean
rtmp_play_on_pause(RtmpServer *s, const RtmpCall *call, GError **error)
{
  gboolean is_paused = boolean_of(call, TRUE);
  if (s->state != RTMP_STATE_PLAYING)
    return TRUE;
  if (is_paused)
    say(s, s->stream_id, "status", "NetStream.Pause.Notify", "Paused.");
  mg_rtmp_write_user_control(&s->writer, &s->out,
                             is_paused ? MG_RTMP_STREAM_EOF : MG_RTMP_STREAM_BEGIN, s->stream_id);
  if (!is_paused)
    say(s, s->stream_id, "status", "NetStream.Unpause.Notify", "It goes on with what is live.");
  return wish(s, call, &s->wish.is_paused, is_paused);
}

gboolean
rtmp_play_on_seek(RtmpServer *s, const RtmpCall *call, GError **error)
{
  say(s, call->message->stream_id, "error", "NetStream.Seek.Failed",
      "The stream is live: there is nowhere to go to.");
  return TRUE;
}

gboolean
rtmp_play_on_receive_audio(RtmpServer *s, const RtmpCall *call, GError **error)
{
  return wish(s, call, &s->wish.no_audio, !boolean_of(call, TRUE));
}

gboolean
rtmp_play_on_receive_video(RtmpServer *s, const RtmpCall *call, GError **error)
{
  return wish(s, call, &s->wish.no_video, !boolean_of(call, TRUE));
}

void
rtmp_play_stop(RtmpServer *s, const RtmpCall *call)
{
  say(s, s->stream_id, "status", "NetStream.Play.Stop", "Playing has ended.");
  call->event->kind = RTMP_EVENT_STOP;
  s->state = RTMP_STATE_CONNECTED;
}

/* --- what the host says ------------------------------------------------------------------------ */

void
rtmp_server_accept_play(RtmpServer *s)
{
  g_assert(s->state == RTMP_STATE_ASKING);
  gboolean is_set = s->writer.chunk_size == RTMP_PLAY_CHUNK_BYTES;
  s->state = RTMP_STATE_PLAYING;
  mg_rtmp_reply_play(&s->writer, &s->out, s->stream_id, is_set ? 0 : RTMP_PLAY_CHUNK_BYTES,
                     "Playing has started.");
}

void
rtmp_server_end_play(RtmpServer *s, const char *why)
{
  g_assert(s->state == RTMP_STATE_PLAYING);
  s->state = RTMP_STATE_CONNECTED;
  say(s, s->stream_id, "status", "NetStream.Play.UnpublishNotify", why);
  mg_rtmp_write_user_control(&s->writer, &s->out, MG_RTMP_STREAM_EOF, s->stream_id);
}

guint32
rtmp_server_stream_id(const RtmpServer *s)
{
  return s->stream_id;
}

const RtmpPlayWish *
rtmp_server_wish(const RtmpServer *s)
{
  return &s->wish;
}
