/*
 * FLV (Adobe Flash Video File Format 10.1, annex E) with the extensions of Enhanced RTMP v1 and v2: the
 * bodies of audio and video tags, which are the payloads of RTMP's audio and video messages, and the
 * tags of a file.
 *
 * A body has parts: mostly one, or one for each track of a multitrack message. The parser looks at
 * headers only; a part's coded bytes are SIZE bytes of the body from OFFSET on. Classic and enhanced
 * tags come out alike: a codec is its FourCC.
 *
 *   MgFlvParts parts = mg_flv_video_parts(body, size);
 *   MgFlvPart part;
 *   while (mg_flv_parts_next(&parts, &part, &error))
 *     use the part;
 *   if (error != NULL)
 *     what is left of the body cannot be read
 *
 * An empty body, and a frame or configuration without a byte, are legal and say nothing: they are no
 * part. A codec nobody can use is no error: its number, or its FourCC, comes out for the caller to name.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"

#include <glib.h>

enum { MG_FLV_CODEC_AVC = 7, MG_FLV_CODEC_HEVC = 12, MG_FLV_SOUND_MP3 = 2, MG_FLV_SOUND_AAC = 10 };

#define MG_FLV_FOURCC(a, b, c, d) ((guint32) (a) << 24 | (b) << 16 | (c) << 8 | (d))
/* Those that have a meaning here. */
#define MG_FLV_AVC  MG_FLV_FOURCC('a', 'v', 'c', '1')
#define MG_FLV_HEVC MG_FLV_FOURCC('h', 'v', 'c', '1')
#define MG_FLV_VVC  MG_FLV_FOURCC('v', 'v', 'c', '1')
#define MG_FLV_AAC  MG_FLV_FOURCC('m', 'p', '4', 'a')
#define MG_FLV_MP3  MG_FLV_FOURCC('.', 'm', 'p', '3')

typedef enum {
  MG_FLV_CONFIG,   /* the codec's configuration, as MP4 has it; Opus and FLAC: their file headers */
  MG_FLV_FRAME,    /* an access unit, or a packet of sound */
  MG_FLV_END,      /* of the sequence */
  MG_FLV_COMMAND,  /* video: a hint for a player's seeking, no picture */
  MG_FLV_METADATA, /* video: AMF about colour and light (colour.h) */
  MG_FLV_CHANNELS, /* audio: which channel belongs to which speaker (mg_flv_channels_parse) */
  MG_FLV_TS_CONFIG, /* AV1's descriptor of MPEG-2 TS: frames are in that format */
  MG_FLV_OTHER,     /* a classic codec without a FourCC */
} MgFlvKind;

typedef struct {
  MgFlvKind kind;
  guint8 codec;   /* CodecID or SoundFormat of a classic tag */
  guint32 fourcc; /* any four characters; 0 for OTHER and COMMAND */
  guint8 track;   /* of a multitrack message; else 0 */
  gboolean has_track;
  guint8 command;        /* of COMMAND: 0 seeking begins, 1 it ends */
  gboolean is_key;       /* video frame type 1 or 4 */
  gint32 composition_ms; /* presentation less decoding time; of a video frame; may be negative */
  guint32 offset_ns;     /* to be added to the message's time: 0 to 999999 */
  gsize offset, size;    /* of the coded bytes, in the body */
} MgFlvPart;

typedef struct {
  MgReader in;
  gboolean is_video, has_begun, is_over; /* private from here on */
  guint8 packet_type, multitrack;
  MgFlvPart common; /* what all parts have */
} MgFlvParts;

/* A reader of BODY's parts, which is borrowed. */
MgFlvParts mg_flv_video_parts(const guint8 *body, gsize size);
MgFlvParts mg_flv_audio_parts(const guint8 *body, gsize size);

/*
 * The next part. FALSE at the end, and, with ERROR set to MG_RTMP_ERROR_PROTOCOL, for a body that is
 * cut short in a header or of no known kind; parts before that are good.
 */
gboolean mg_flv_parts_next(MgFlvParts *parts, MgFlvPart *part, GError **error);

/* The coded bytes of PART in its BODY. */
MgReader mg_flv_part_bytes(const MgFlvPart *part, const guint8 *body, gsize size);

enum { MG_FLV_MOST_CHANNELS = 24 };

/* MultichannelConfig. Speakers are those of Enhanced RTMP, from 0 (front left) to 23; 0xfe is none. */
typedef struct {
  guint n_channels;
  guint32 mask;                         /* a bit per speaker; 0: not said */
  gboolean has_map;                     /* channels are not in the speakers' order */
  guint8 speaker[MG_FLV_MOST_CHANNELS]; /* of each channel, with a map */
} MgFlvChannels;

/* FALSE for a body that is cut short, or that has more channels than there are speakers. */
gboolean mg_flv_channels_parse(const guint8 *data, gsize size, MgFlvChannels *channels);

/*
 * Where each channel belongs, as ISO/IEC 23091-3 numbers places (OutputChannelPosition); returns how many there
 * are, 0 when that is not said.
 */
guint mg_flv_channels_positions(const MgFlvChannels *channels,
                                guint8 positions[MG_FLV_MOST_CHANNELS]);

/*
 * The whole body of a MultichannelConfig that says so of N channels, for a track of CODEC, which must not be
 * classic (mg_flv_is_classic): who reads such tags of it reads this.
 */
void mg_flv_write_channels(MgWriter *w, guint32 codec, const guint8 *positions, guint n);

/* "H.264", "Sorenson H.263", "MP3" …; "unknown" for a number nobody has given a meaning. */
const char *mg_flv_video_codec_name(guint8 codec);
const char *mg_flv_audio_codec_name(guint8 codec);

/* Four printable characters and NUL; '?' for what does not print. */
void mg_flv_fourcc_text(guint32 fourcc, char text[5]);

/* The headers of AVC and AAC (44 kHz, 16 bit, stereo, as AAC always says); the payload follows. */
void mg_flv_write_avc_header(MgWriter *w, gboolean is_key, guint8 packet_type,
                             gint32 composition_ms);
void mg_flv_write_aac_header(MgWriter *w, guint8 packet_type);

/*
 * The header of a part of CODEC, a FourCC, that is a CONFIG or a FRAME; the coded bytes follow. H.264, AAC
 * and MP3 are written as classic tags, which everybody reads, all else as enhanced ones. IS_KEY and
 * COMPOSITION_MS are a frame's.
 */
void mg_flv_write_video_header(MgWriter *w, guint32 codec, MgFlvKind kind, gboolean is_key,
                               gint32 composition_ms);
void mg_flv_write_audio_header(MgWriter *w, guint32 codec, MgFlvKind kind);

/*
 * The same of track TRACK of a message that says which it is; always enhanced, and for players that know multitrack.
 */
void mg_flv_write_video_track_header(MgWriter *w, guint8 track, guint32 codec, MgFlvKind kind,
                                     gboolean is_key, gint32 composition_ms);
void mg_flv_write_audio_track_header(MgWriter *w, guint8 track, guint32 codec, MgFlvKind kind);

/* Whether CODEC is carried by classic tags. */
gboolean mg_flv_is_classic(guint32 codec);

/* Whether tags say how CODEC is configured; of AC-3, E-AC-3 and MP3 each frame does. */
gboolean mg_flv_has_config(guint32 codec);

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
