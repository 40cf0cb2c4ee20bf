/*
 * HLS playlists: a plain model in, text out (RFC 8216bis).
 *
 * The caller lays out the model, on the stack or wherever it likes, and lends it for the call; all
 * pointers are borrowed and nothing is kept. The text is appended to the writer. Equal models give
 * equal bytes: no clock, no locale, no floating point, and no state between calls. The time is
 * linear in the number of segments.
 *
 * The writer says what the model says. Which segments are listed, and that numbers only grow (6.2),
 * is the caller's business; the version is computed from what is used (section 8).
 *
 * Strings cannot break the syntax: quotation marks and control characters are left out of quoted
 * strings, and percent-encoded in URIs. NULL and "" mean that the attribute is not written. Bytes
 * that are not UTF-8 become '?'.
 */
#pragma once

#include "bytes/writer.h"
#include "manifest/ratio.h"

typedef struct {
  const char *uri;
  const char *map_uri;       /* initialization section; NULL: none. Written where it changes */
  guint64 duration;          /* ticks: a difference of two stamps, printed to the microsecond */
  guint32 timescale;         /* ticks per second, not 0 */
  gint64 program_date_us;    /* UTC since 1970, printed to the millisecond; 0: none */
  gboolean is_discontinuous; /* from the segment before it */
  gboolean is_gap;           /* listed, but not to be had (4.4.4.7) */
} MgHlsSegment;

typedef struct {
  guint32 hold_back_ms; /* at least three target durations; 0: none */
} MgHlsServerControl;

typedef struct {
  guint32 target_duration_s; /* the same for the life of the playlist */
  guint64 media_sequence;    /* number of the first segment listed */
  guint64 discontinuity_sequence;
  gboolean is_event;       /* append only; never with a sliding window */
  gboolean is_independent; /* every segment starts with a key frame */
  gboolean has_ended;
  MgHlsServerControl control;
  const MgHlsSegment *segments;
  gsize n_segments;
} MgHlsMedia;

void mg_hls_media_write(const MgHlsMedia *media, MgWriter *w);

typedef enum {
  MG_HLS_RANGE_UNKNOWN,
  MG_HLS_RANGE_SDR,
  MG_HLS_RANGE_HLG,
  MG_HLS_RANGE_PQ,
} MgHlsRange;

typedef struct {
  const char *uri;
  guint64 bandwidth;         /* peak, bits per second, with container and audio */
  guint64 average_bandwidth; /* 0: not known */
  const char *codecs;        /* RFC 6381, of all renditions it may be played with */
  guint32 width, height;     /* 0: no video */
  MgRatio frame_rate;        /* the highest */
  MgHlsRange range;
  gboolean has_no_captions; /* for sure: CLOSED-CAPTIONS=NONE */
  const char *audio_group;  /* of an MgHlsRendition; NULL: none */
} MgHlsVariant;

/* An audio rendition. */
typedef struct {
  const char *group;
  const char *name;     /* unique in its group */
  const char *language; /* RFC 5646 */
  const char *uri;      /* NULL: the audio is in the variants themselves */
  guint channels;       /* 0: not known */
  gboolean is_default;  /* implies autoselect */
  gboolean is_autoselect;
} MgHlsRendition;

typedef struct {
  gboolean is_independent; /* holds for every media playlist */
  const MgHlsRendition *renditions;
  gsize n_renditions;
  const MgHlsVariant *variants; /* the one to start with first */
  gsize n_variants;
} MgHlsMultivariant;

void mg_hls_multivariant_write(const MgHlsMultivariant *multivariant, MgWriter *w);
