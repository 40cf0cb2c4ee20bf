#include "rtmp/flv.h"

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
