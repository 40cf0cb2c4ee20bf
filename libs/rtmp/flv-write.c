#include "rtmp/flv.h"

enum { EX_VIDEO = 0x80, EX_AUDIO = 9 << 4, SEQUENCE_START = 0, CODED_FRAMES = 1 };
enum { FRAME_KEY = 1, FRAME_INTER = 2 };

/* One track in the message: AvMultitrackType 0, with what the packet is in the lower half. */
enum { VIDEO_MULTITRACK = 6, AUDIO_MULTITRACK = 5, ONE_TRACK = 0 };

/* 44 kHz, 16 bit, stereo: what MP3 really is stands in its frames. */
enum { MP3_HEADER = MG_FLV_SOUND_MP3 << 4 | 0x0f };

gboolean
mg_flv_is_classic(guint32 codec)
{
  return codec == MG_FLV_AVC || codec == MG_FLV_AAC || codec == MG_FLV_MP3;
}

gboolean
mg_flv_has_config(guint32 codec)
{
  return codec != MG_FLV_FOURCC('a', 'c', '-', '3') && codec != MG_FLV_FOURCC('e', 'c', '-', '3') &&
         codec != MG_FLV_MP3;
}

static gboolean
has_composition_time(guint32 codec)
{
  return codec == MG_FLV_AVC || codec == MG_FLV_HEVC || codec == MG_FLV_VVC;
}

void
mg_flv_write_video_header(MgWriter *w, guint32 codec, MgFlvKind kind, gboolean is_key,
                          gint32 composition_ms)
{
  gboolean is_frame = kind == MG_FLV_FRAME;
  if (codec == MG_FLV_AVC) {
    mg_flv_write_avc_header(w, is_key || !is_frame, is_frame, is_frame ? composition_ms : 0);
    return;
  }
  guint frame_type = is_key || !is_frame ? FRAME_KEY : FRAME_INTER;
  guint packet_type = is_frame ? CODED_FRAMES : SEQUENCE_START;
  mg_writer_u8(w, (guint8) (EX_VIDEO | frame_type << 4 | packet_type));
  mg_writer_be32(w, codec);
  if (is_frame && has_composition_time(codec))
    mg_writer_be24(w, (guint32) composition_ms & 0xffffff);
}

void
mg_flv_write_audio_header(MgWriter *w, guint32 codec, MgFlvKind kind)
{
  gboolean is_frame = kind == MG_FLV_FRAME;
  if (codec == MG_FLV_AAC) {
    mg_flv_write_aac_header(w, is_frame);
  } else if (codec == MG_FLV_MP3) {
    mg_writer_u8(w, MP3_HEADER);
  } else {
    mg_writer_u8(w, (guint8) (EX_AUDIO | (is_frame ? CODED_FRAMES : SEQUENCE_START)));
    mg_writer_be32(w, codec);
  }
}

void
mg_flv_write_video_track_header(MgWriter *w, guint8 track, guint32 codec, MgFlvKind kind,
                                gboolean is_key, gint32 composition_ms)
{
  gboolean is_frame = kind == MG_FLV_FRAME;
  guint frame_type = is_key || !is_frame ? FRAME_KEY : FRAME_INTER;
  mg_writer_u8(w, (guint8) (EX_VIDEO | frame_type << 4 | VIDEO_MULTITRACK));
  mg_writer_u8(w, (guint8) (ONE_TRACK << 4 | (is_frame ? CODED_FRAMES : SEQUENCE_START)));
  mg_writer_be32(w, codec);
  mg_writer_u8(w, track);
  if (is_frame && has_composition_time(codec))
    mg_writer_be24(w, (guint32) composition_ms & 0xffffff);
}

void
mg_flv_write_audio_track_header(MgWriter *w, guint8 track, guint32 codec, MgFlvKind kind)
{
  gboolean is_frame = kind == MG_FLV_FRAME;
  mg_writer_u8(w, EX_AUDIO | AUDIO_MULTITRACK);
  mg_writer_u8(w, (guint8) (ONE_TRACK << 4 | (is_frame ? CODED_FRAMES : SEQUENCE_START)));
  mg_writer_be32(w, codec);
  mg_writer_u8(w, track);
}
