#include "rtmp/flv.h"

#include "rtmp/error.h"

enum { EX_VIDEO = 0x80, EX_AUDIO = 9 };
enum { FRAME_KEY = 1, FRAME_INTER = 2, FRAME_GENERATED_KEY = 4, FRAME_COMMAND = 5 };
enum { VIDEO_METADATA = 4, VIDEO_MULTITRACK = 6, AUDIO_MULTITRACK = 5, MODEX = 7 };

static gboolean
fail(GError **error, const char *why)
{
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "%s", why);
  return FALSE;
}

/* AVCVIDEOPACKET (E.4.3.1) behind the first byte. */
static gboolean
read_avc(MgReader *r, MgFlvVideo *v, GError **error)
{
  static const MgFlvKind kinds[] = { MG_FLV_CONFIG, MG_FLV_FRAME, MG_FLV_END };
  v->packet_type = mg_reader_u8(r);
  gint32 composition_ms = mg_reader_be24s(r);
  v->offset = r->pos;
  if (mg_reader_failed(r))
    return fail(error, "video tag: its AVC header is cut short");
  if (v->packet_type >= G_N_ELEMENTS(kinds))
    return fail(error, "video tag: unknown AVC packet type");
  v->kind = kinds[v->packet_type];
  if (v->kind == MG_FLV_FRAME)
    v->composition_ms = composition_ms;
  if (v->kind != MG_FLV_END && mg_reader_left(r) == 0)
    v->kind = MG_FLV_EMPTY;
  return TRUE;
}

/* ExVideoTagHeader (Enhanced RTMP v2): enough to say what it is. */
static gboolean
read_enhanced_video(MgReader *r, guint8 first, MgFlvVideo *v, GError **error)
{
  guint frame_type = (first >> 4) & 7;
  v->kind = MG_FLV_ENHANCED;
  v->packet_type = first & 15;
  v->is_key = frame_type == FRAME_KEY || frame_type == FRAME_GENERATED_KEY;
  if (frame_type == FRAME_COMMAND && v->packet_type != VIDEO_METADATA)
    v->kind = MG_FLV_COMMAND;
  else if (v->packet_type != VIDEO_MULTITRACK && v->packet_type != MODEX)
    v->fourcc = mg_reader_be32(r);
  v->offset = r->pos;
  return !mg_reader_failed(r) || fail(error, "video tag: its FourCC is cut short");
}

gboolean
mg_flv_video_parse(const guint8 *body, gsize size, MgFlvVideo *video, GError **error)
{
  MgReader r = MG_READER(body, size);
  *video = (MgFlvVideo){ .kind = MG_FLV_EMPTY };
  if (size == 0)
    return TRUE;
  guint8 first = mg_reader_u8(&r);
  if (first & EX_VIDEO)
    return read_enhanced_video(&r, first, video, error);
  guint frame_type = first >> 4;
  video->codec = first & 15;
  video->is_key = frame_type == FRAME_KEY || frame_type == FRAME_GENERATED_KEY;
  video->offset = r.pos;
  video->kind = frame_type == FRAME_COMMAND ? MG_FLV_COMMAND : MG_FLV_OTHER;
  if (frame_type != FRAME_COMMAND && video->codec == MG_FLV_CODEC_AVC)
    return read_avc(&r, video, error);
  return TRUE;
}

/* AACAUDIODATA (E.4.2.2) behind the first byte. */
static gboolean
read_aac(MgReader *r, MgFlvAudio *a, GError **error)
{
  a->packet_type = mg_reader_u8(r);
  a->offset = r->pos;
  if (mg_reader_failed(r))
    return fail(error, "audio tag: its AAC header is cut short");
  if (a->packet_type > 1)
    return fail(error, "audio tag: unknown AAC packet type");
  a->kind = a->packet_type == 0 ? MG_FLV_CONFIG : MG_FLV_FRAME;
  if (mg_reader_left(r) == 0)
    a->kind = MG_FLV_EMPTY;
  return TRUE;
}

/* ExAudioTagHeader (Enhanced RTMP v2). */
static gboolean
read_enhanced_audio(MgReader *r, guint8 first, MgFlvAudio *a, GError **error)
{
  a->kind = MG_FLV_ENHANCED;
  a->codec = 0;
  a->packet_type = first & 15;
  if (a->packet_type != AUDIO_MULTITRACK && a->packet_type != MODEX)
    a->fourcc = mg_reader_be32(r);
  a->offset = r->pos;
  return !mg_reader_failed(r) || fail(error, "audio tag: its FourCC is cut short");
}

gboolean
mg_flv_audio_parse(const guint8 *body, gsize size, MgFlvAudio *audio, GError **error)
{
  MgReader r = MG_READER(body, size);
  *audio = (MgFlvAudio){ .kind = MG_FLV_EMPTY };
  if (size == 0)
    return TRUE;
  guint8 first = mg_reader_u8(&r);
  audio->codec = first >> 4;
  audio->offset = r.pos;
  if (audio->codec == EX_AUDIO)
    return read_enhanced_audio(&r, first, audio, error);
  if (audio->codec == MG_FLV_SOUND_AAC)
    return read_aac(&r, audio, error);
  audio->kind = mg_reader_left(&r) > 0 ? MG_FLV_OTHER : MG_FLV_EMPTY;
  return TRUE;
}

/* Table E.4.3.1, and two numbers that encoders use without a standard. */
const char *
mg_flv_video_codec_name(guint8 codec)
{
  switch (codec) {
  case 1: return "JPEG";
  case 2: return "Sorenson H.263";
  case 3: return "Screen Video";
  case 4: return "VP6";
  case 5: return "VP6 with alpha";
  case 6: return "Screen Video 2";
  case MG_FLV_CODEC_AVC: return "H.264";
  case 12: return "HEVC under the unofficial number 12";
  case 13: return "AV1 under the unofficial number 13";
  default: return "unknown";
  }
}

/* Table E.4.2.1. */
const char *
mg_flv_audio_codec_name(guint8 codec)
{
  switch (codec) {
  case 0:
  case 3: return "PCM";
  case 1: return "ADPCM";
  case 2:
  case 14: return "MP3";
  case 4:
  case 5:
  case 6: return "Nellymoser";
  case 7: return "G.711 A-law";
  case 8: return "G.711 mu-law";
  case MG_FLV_SOUND_AAC: return "AAC";
  case 11: return "Speex";
  case 13: return "Opus under the unofficial number 13";
  default: return "unknown";
  }
}

void
mg_flv_fourcc_text(guint32 fourcc, char text[5])
{
  for (guint i = 0; i < 4; i++) {
    char c = (char) (fourcc >> (24 - 8 * i));
    text[i] = g_ascii_isprint(c) ? c : '?';
  }
  text[4] = '\0';
}

void
mg_flv_write_avc_header(MgWriter *w, gboolean is_key, guint8 packet_type, gint32 composition_ms)
{
  guint frame_type = is_key ? FRAME_KEY : FRAME_INTER;
  mg_writer_u8(w, (guint8) (frame_type << 4 | MG_FLV_CODEC_AVC));
  mg_writer_u8(w, packet_type);
  mg_writer_be24(w, (guint32) composition_ms & 0xffffff);
}

void
mg_flv_write_aac_header(MgWriter *w, guint8 packet_type)
{
  mg_writer_u8(w, MG_FLV_SOUND_AAC << 4 | 0x0f);
  mg_writer_u8(w, packet_type);
}
