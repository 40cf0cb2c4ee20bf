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

/* Codecs go by the FourCC of their sample entry, which is how the engine names them too. */
enum {
  MG_CMAF_H264 = 0x61766331, /* avc1 */
  MG_CMAF_AAC = 0x6d703461,  /* mp4a */
};

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
  const guint8 *config; /* H.264: avcC of any length size; AAC: AudioSpecificConfig */
  gsize config_size;
  guint width; /* in coded samples, cropped */
  guint height;
  guint sar_width; /* of a sample; both or none */
  guint sar_height;
  guint sample_rate;
  guint channels;
  char language[MG_CMAF_LANGUAGE_ROOM]; /* BCP 47, or empty */
  guint32 bitrate;                      /* bits per second at most; 0: not said */
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
 * Appends the init segment of N tracks, 1 to MG_CMAF_MOST_TRACKS, in their order. An H.264
 * configuration is written canonically: samples have four-byte lengths. Appends nothing on failure.
 * Errors: those of MG_CODEC_ERROR, when a configuration cannot be parsed; UNSUPPORTED for an unknown codec;
 * TOO_LARGE when a picture's side is beyond 65535.
 */
gboolean mg_cmaf_init_write(const MgCmafTrack *tracks, gsize n, MgWriter *out, GError **error);
