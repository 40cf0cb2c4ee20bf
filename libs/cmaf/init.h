/*
 * Init segments: the ftyp and moov of a fragmented file without samples (ISO/IEC 23000-19 clause 7.3).
 *
 * One track makes a CMAF header: brands iso6, cmfc and cmf2, and the media profile's when the
 * configuration keeps its bounds; no edit list, so a track's media times are its presentation times.
 * Several tracks make the head of a plain fragmented MP4, which a recording of sound and picture in one
 * file is. Nothing depends on a clock: the same tracks give the same bytes.
 */
#pragma once

#include <cmaf/box.h>
#include <codec/codec.h>

/*
 * Codecs go by the FourCC that the engine names them by, which is that of their sample entry; MP3 has
 * that of AAC, and is told apart by what is in it.
 */
enum {
  MG_CMAF_H264 = 0x61766331, /* avc1 */
  MG_CMAF_HEVC = 0x68766331, /* hvc1 */
  MG_CMAF_VVC = 0x76766331,  /* vvc1 */
  MG_CMAF_AV1 = 0x61763031,  /* av01 */
  MG_CMAF_VP8 = 0x76703038,  /* vp08 */
  MG_CMAF_VP9 = 0x76703039,  /* vp09 */
  MG_CMAF_AAC = 0x6d703461,  /* mp4a */
  MG_CMAF_OPUS = 0x4f707573, /* Opus */
  MG_CMAF_FLAC = 0x664c6143, /* fLaC */
  MG_CMAF_AC3 = 0x61632d33,  /* ac-3 */
  MG_CMAF_EAC3 = 0x65632d33, /* ec-3 */
  MG_CMAF_MP3 = 0x2e6d7033,  /* .mp3 */
};

enum { MG_CMAF_MOST_SPEAKERS = 24 };

/* The longest language tag that one should meet (RFC 5646 clause 4.4.1), and a NUL. */
enum { MG_CMAF_LANGUAGE_ROOM = 36 };

/*
 * One track. For numbers about the media, 0 stands for "take it from the configuration".
 * The config is borrowed: from whoever filled the struct, or from the bytes that were read (reader.h).
 */
typedef struct {
  guint32 track_id;     /* from 1 */
  guint32 timescale;    /* ticks per second: 90000 or alike for video, the sample rate for audio */
  guint32 codec;        /* MG_CMAF_H264 … */
  const guint8 *config; /* what codec/any.h takes; one that was read is what is in the file */
  gsize
      config_size; /* MP3: 0 when there is none, as in a file; then rate and channels are needed */
  guint width;     /* in coded samples, cropped */
  guint height;
  guint sar_width; /* of a sample; both or none */
  guint sar_height;
  guint sample_rate;
  guint channels;
  guint n_speakers; /* 0: where channels belong is up to the configuration; else a place for each */
  guint8 speakers[MG_CMAF_MOST_SPEAKERS]; /* OutputChannelPosition of ISO/IEC 23091-3 */
  char language[MG_CMAF_LANGUAGE_ROOM];   /* BCP 47, or empty */
  guint32 bitrate;                        /* bits per second at most; 0: not said */
  MgCodecColour colour;                   /* primaries 0: as the configuration says */
  MgCodecHdr hdr;                         /* each part of it likewise */
} MgCmafTrack;

#define MG_CMAF_ERROR (mg_cmaf_error_quark())

typedef enum {
  MG_CMAF_ERROR_MALFORMED,   /* the boxes break the format's rules */
  MG_CMAF_ERROR_UNSUPPORTED, /* lawful, but not what this project writes */
  MG_CMAF_ERROR_TOO_LARGE,   /* does not fit the format's fields */
  MG_CMAF_ERROR_INCOMPLETE,  /* the bytes end before the box does */
} MgCmafError;

GQuark mg_cmaf_error_quark(void);

enum { MG_CMAF_MOST_TRACKS = 16 };

/*
 * Appends the init segment of N tracks, 1 to MG_CMAF_MOST_TRACKS, in their order. Configurations are
 * written canonically: samples of H.264, HEVC and VVC have four-byte lengths. Appends nothing on
 * failure. Errors: those of MG_CODEC_ERROR, when a configuration cannot be parsed; UNSUPPORTED for a
 * codec that has no place in MP4, and for VP8 and VP9 without a picture size, which only their frames
 * say; TOO_LARGE when a picture's side is beyond 65535.
 */
gboolean mg_cmaf_init_write(const MgCmafTrack *tracks, gsize n, MgWriter *out, GError **error);
