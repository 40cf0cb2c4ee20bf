/*
 * FLV (Adobe Flash Video File Format 10.1, annex E): the bodies of audio and video tags, which are
 * the payloads of RTMP's audio and video messages, and the tags of a file.
 *
 * The parsers look at the header only; the coded bytes begin at OFFSET and go to the end of the
 * body. An empty body is legal and says nothing. A codec we cannot use is not an error: its number,
 * or its FourCC, comes out for the caller to count and name.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"

#include <glib.h>

enum { MG_FLV_CODEC_AVC = 7, MG_FLV_SOUND_AAC = 10 };

typedef enum {
  MG_FLV_EMPTY,    /* no bytes, or nothing in it: ignore */
  MG_FLV_CONFIG,   /* AVC decoder configuration or AudioSpecificConfig */
  MG_FLV_FRAME,    /* AVC access unit or AAC frame */
  MG_FLV_END,      /* AVC end of sequence */
  MG_FLV_COMMAND,  /* video frame type 5: a hint for a player's seeking, no picture */
  MG_FLV_OTHER,    /* a classic codec other than AVC and AAC */
  MG_FLV_ENHANCED, /* Enhanced RTMP: see FOURCC */
} MgFlvKind;

typedef struct {
  MgFlvKind kind;
  guint8 codec;          /* CodecID; not of ENHANCED */
  gboolean is_key;       /* frame type 1 or 4 */
  guint8 packet_type;    /* of AVC and ENHANCED */
  gint32 composition_ms; /* presentation less decoding time; of an AVC frame; may be negative */
  guint32 fourcc;        /* of ENHANCED; 0 where it does not follow at once (multitrack, ModEx) */
  gsize offset;
} MgFlvVideo;

typedef struct {
  MgFlvKind kind;
  guint8 codec;       /* SoundFormat; not of ENHANCED */
  guint8 packet_type; /* of AAC and ENHANCED */
  guint32 fourcc;     /* as above */
  gsize offset;
} MgFlvAudio;

/* FALSE with MG_RTMP_ERROR_PROTOCOL for a body cut short in its header or of no known packet type. */
gboolean mg_flv_video_parse(const guint8 *body, gsize size, MgFlvVideo *video, GError **error);
gboolean mg_flv_audio_parse(const guint8 *body, gsize size, MgFlvAudio *audio, GError **error);

/* "H.264", "Sorenson H.263", "MP3" …; "unknown" for a number nobody has given a meaning. */
const char *mg_flv_video_codec_name(guint8 codec);
const char *mg_flv_audio_codec_name(guint8 codec);

/* Four printable characters and NUL; '?' for what does not print. */
void mg_flv_fourcc_text(guint32 fourcc, char text[5]);

/* The headers of AVC and AAC (44 kHz, 16 bit, stereo, as AAC always says); the payload follows. */
void mg_flv_write_avc_header(MgWriter *w, gboolean is_key, guint8 packet_type,
                             gint32 composition_ms);
void mg_flv_write_aac_header(MgWriter *w, guint8 packet_type);

/* One tag of a file or of an aggregate message; DATA is borrowed from the input. */
typedef struct {
  guint8 type; /* 8 audio, 9 video, 18 script data; as RTMP's message types */
  guint32 timestamp_ms;
  const guint8 *data;
  gsize size;
} MgFlvTag;

/* Moves past the file header and the first back pointer; FALSE when it is not FLV. */
gboolean mg_flv_file_begin(MgReader *r);

/* Reads a tag and its back pointer, which may be missing at the very end. FALSE at the end and for a
 * tag cut short: mg_reader_failed() tells which. */
gboolean mg_flv_tag_read(MgReader *r, MgFlvTag *tag);
