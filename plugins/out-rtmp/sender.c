#include "sender.h"

#include <rtmp/amf0.h>
#include <rtmp/flv.h>

/* How long sound waits for a key frame of the picture that was declared. */
#define VIDEO_PATIENCE (5 * MG_SECOND)

enum { MOST_PIECES = 18 };

/* --- what can be carried ----------------------------------------------------------------------- */

const MgCodec sender_codecs[] = {
  MG_CODEC_H264, MG_CODEC_HEVC, MG_CODEC_VVC,  MG_CODEC_AV1,  MG_CODEC_VP8,
  MG_CODEC_VP9,  MG_CODEC_AAC,  MG_CODEC_OPUS, MG_CODEC_FLAC, MG_CODEC_AC3,
  MG_CODEC_EAC3, MG_CODEC_MP3,  MG_CODEC_NONE,
};

static gboolean
can_carry(MgCodec codec)
{
  const MgCodec *known = sender_codecs;
  while (*known != MG_CODEC_NONE && *known != codec)
    known++;
  return *known != MG_CODEC_NONE;
}

gboolean
sender_check(MgStream *stream, GError **error)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  if (can_carry(info->codec))
    return TRUE;
  g_autofree char *name = mg_codec_name(info->codec);
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "RTMP cannot carry %s; transcode it to %s", name,
              info->media == MG_MEDIA_VIDEO ? "H.264" : "AAC");
  return FALSE;
}

/* Servers that say nothing of Enhanced RTMP would take it for rubbish. */
static gboolean
server_takes(const MgRtmpCaller *caller, const SenderTrack *track)
{
  MgCodec codec = mg_stream_info(track->stream)->codec;
  return mg_flv_is_classic(codec) || mg_rtmp_caller_codec(caller, codec) != 0;
}

/* --- tracks ------------------------------------------------------------------------------------ */

static SenderTrack *
track_of(Sender *s, MgMedia media)
{
  return media == MG_MEDIA_VIDEO ? &s->video : &s->audio;
}

void
sender_declare(Sender *s, MgMedia media, MgStream *stream)
{
  SenderTrack *track = track_of(s, media);
  gboolean has_changed =
      track->stream == NULL || stream == NULL || !mg_stream_same_parameters(track->stream, stream);
  if (stream != NULL)
    mg_stream_ref(stream);
  mg_stream_unref(track->stream);
  track->stream = stream;
  track->owes_setup |= has_changed;
  track->waits_for_key |= has_changed && media == MG_MEDIA_VIDEO;
}

void
sender_clear(Sender *s)
{
  g_clear_pointer(&s->video.stream, mg_stream_unref);
  g_clear_pointer(&s->audio.stream, mg_stream_unref);
}

static MgRtmpMessageType
type_of(const SenderTrack *track)
{
  return mg_stream_info(track->stream)->media == MG_MEDIA_VIDEO ? MG_RTMP_VIDEO : MG_RTMP_AUDIO;
}

static void
start_track(SenderTrack *track, const MgRtmpCaller *caller, GString *refused)
{
  track->owes_setup = TRUE;
  track->waits_for_key = track->stream != NULL && type_of(track) == MG_RTMP_VIDEO;
  track->is_muted = track->stream != NULL && !server_takes(caller, track);
  if (!track->is_muted)
    return;
  g_autofree char *name = mg_codec_name(mg_stream_info(track->stream)->codec);
  g_string_append_printf(refused, "%s%s", refused->len > 0 ? " and " : "", name);
}

static gboolean
is_sent(const SenderTrack *track)
{
  return track->stream != NULL && !track->is_muted;
}

char *
sender_start(Sender *s, const MgRtmpCaller *caller, gboolean *all)
{
  g_autoptr(GString) refused = g_string_new(NULL);
  s->has_begun = FALSE;
  start_track(&s->video, caller, refused);
  start_track(&s->audio, caller, refused);
  *all = !is_sent(&s->video) && !is_sent(&s->audio);
  if (refused->len == 0)
    return NULL;
  return g_strdup_printf("the server does not say that it takes %s (Enhanced RTMP): transcode to "
                         "H.264 and AAC",
                         refused->str);
}

/* --- messages ---------------------------------------------------------------------------------- */

static guint32
stamp_of(const Sender *s, MgTime time)
{
  return (guint32) ((time - s->origin + MG_MILLISECOND / 2) / MG_MILLISECOND);
}

static void
write_header(MgWriter *w, const SenderTrack *track, MgFlvKind kind, const MgBuffer *buffer)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  if (info->media != MG_MEDIA_VIDEO) {
    mg_flv_write_audio_header(w, info->codec, kind);
    return;
  }
  MgTime ahead = buffer->pts - buffer->dts;
  gint32 composition_ms = (gint32) ((ahead + MG_MILLISECOND / 2) / MG_MILLISECOND);
  mg_flv_write_video_header(w, info->codec, kind, (buffer->flags & MG_BUFFER_KEY) != 0,
                            CLAMP(composition_ms, -0x800000, 0x7fffff));
}

static void
write_config(SenderTrack *track, MgRtmpCaller *caller, guint32 stamp, const MgBuffer *buffer)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  g_auto(MgWriter) header = MG_WRITER_INIT;
  write_header(&header, track, MG_FLV_CONFIG, buffer);
  MgRtmpPiece pieces[] = { { header.data, header.size },
                           { info->config->bytes, info->config->size } };
  mg_rtmp_caller_send(caller, type_of(track), stamp, pieces, G_N_ELEMENTS(pieces));
}

static void
write_channels(SenderTrack *track, MgRtmpCaller *caller, guint32 stamp)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_channels(&body, info->codec, info->speakers.position, info->speakers.n);
  mg_rtmp_caller_send(caller, MG_RTMP_AUDIO, stamp, &(MgRtmpPiece){ body.data, body.size }, 1);
}

static void
write_setup(SenderTrack *track, MgRtmpCaller *caller, guint32 stamp, const MgBuffer *buffer)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  track->owes_setup = FALSE;
  if (info->config != NULL && mg_flv_has_config(info->codec))
    write_config(track, caller, stamp, buffer);
  if (info->speakers.n > 0 && !mg_flv_is_classic(info->codec))
    write_channels(track, caller, stamp);
}

/* A codec as onMetaData names it: its number in FLV, or its FourCC as one. */
static gdouble
codec_number(MgCodec codec)
{
  switch (codec) {
  case MG_CODEC_H264: return MG_FLV_CODEC_AVC;
  case MG_CODEC_AAC: return MG_FLV_SOUND_AAC;
  case MG_CODEC_MP3: return MG_FLV_SOUND_MP3;
  default: return codec;
  }
}

static void
put_number(MgWriter *w, const char *name, gdouble value)
{
  if (value > 0)
    mg_amf_write_property_number(w, name, value);
}

static void
write_metadata(Sender *s, MgRtmpCaller *caller)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  if (is_sent(&s->video)) {
    const MgStreamInfo *v = mg_stream_info(s->video.stream);
    put_number(&w, "width", v->width);
    put_number(&w, "height", v->height);
    if (v->frame_rate.den > 0)
      put_number(&w, "framerate", (gdouble) v->frame_rate.num / v->frame_rate.den);
    put_number(&w, "videodatarate", v->bitrate / 1000.0);
    put_number(&w, "videocodecid", codec_number(v->codec));
  }
  if (is_sent(&s->audio)) {
    const MgStreamInfo *a = mg_stream_info(s->audio.stream);
    put_number(&w, "audiosamplerate", a->sample_rate);
    put_number(&w, "audiochannels", a->channels);
    mg_amf_write_property_boolean(&w, "stereo", a->channels > 1);
    put_number(&w, "audiodatarate", a->bitrate / 1000.0);
    put_number(&w, "audiocodecid", codec_number(a->codec));
  }
  mg_amf_write_property_string(&w, "encoder", "mediagraph");
  mg_rtmp_caller_send_metadata(caller, &w);
}

static void
write_frame(Sender *s, SenderTrack *track, MgRtmpCaller *caller, const MgBuffer *buffer)
{
  g_auto(MgWriter) header = MG_WRITER_INIT;
  write_header(&header, track, MG_FLV_FRAME, buffer);
  MgRtmpPiece pieces[MOST_PIECES] = { { header.data, header.size } };
  guint n = 1;
  for (guint i = 0; i < buffer->n_slices && n < MOST_PIECES; i++)
    pieces[n++] = (MgRtmpPiece){ mg_slice_bytes(&buffer->slices[i]), buffer->slices[i].size };
  mg_rtmp_caller_send(caller, type_of(track), stamp_of(s, buffer->dts), pieces, n);
}

/* --- beginning --------------------------------------------------------------------------------- */

void
sender_rest(Sender *s)
{
  s->has_begun = FALSE;
  s->waits_until = 0;
  s->video.is_muted = s->audio.is_muted = FALSE;
}

gboolean
sender_can_begin(Sender *s, const MgBuffer *buffer)
{
  if (s->waits_until == 0)
    s->waits_until = buffer->arrival + VIDEO_PATIENCE;
  if (mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO)
    return (buffer->flags & MG_BUFFER_KEY) != 0;
  return !is_sent(&s->video) || buffer->arrival >= s->waits_until;
}

static void
begin(Sender *s, MgRtmpCaller *caller, const MgBuffer *buffer)
{
  s->has_begun = TRUE;
  s->origin = buffer->dts;
  write_metadata(s, caller);
  for (guint i = 0; i < 2; i++) {
    SenderTrack *track = i == 0 ? &s->video : &s->audio;
    if (is_sent(track))
      write_setup(track, caller, 0, buffer);
  }
}

/* Nothing can be made of it: it is older than the first, or a picture in front of its key frame. */
static gboolean
is_too_early(const Sender *s, SenderTrack *track, const MgBuffer *buffer)
{
  if (buffer->dts < s->origin)
    return TRUE;
  track->waits_for_key = track->waits_for_key && !(buffer->flags & MG_BUFFER_KEY);
  return track->waits_for_key;
}

static gboolean
fits(const MgBuffer *buffer)
{
  return buffer->size < 0xffffff - 64 && buffer->n_slices < MOST_PIECES;
}

gboolean
sender_push(Sender *s, MgRtmpCaller *caller, const MgBuffer *buffer)
{
  SenderTrack *track = track_of(s, mg_stream_info(buffer->stream)->media);
  if (track->owes_setup && track->stream != NULL) /* it may be a late one */
    track->is_muted = !server_takes(caller, track);
  if (!is_sent(track) || !fits(buffer))
    return FALSE;
  if (!s->has_begun && !sender_can_begin(s, buffer))
    return FALSE;
  if (!s->has_begun)
    begin(s, caller, buffer);
  if (is_too_early(s, track, buffer))
    return FALSE;
  if (track->owes_setup)
    write_setup(track, caller, stamp_of(s, buffer->dts), buffer);
  write_frame(s, track, caller, buffer);
  return TRUE;
}
