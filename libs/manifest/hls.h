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

/* A part of a segment (RFC 8216bis, 4.4.4.9). */
typedef struct {
  const char *uri;
  guint64 duration;        /* ticks of its segment's timescale */
  gboolean is_independent; /* starts with a key frame */
  gboolean is_gap;         /* listed, but not to be had */
} MgHlsPart;

typedef struct {
  const char *uri;           /* NULL: under way, only its parts are there; then it is the last */
  const char *map_uri;       /* initialization section; NULL: none. Written where it changes */
  guint64 duration;          /* ticks: a difference of two stamps, printed to the microsecond */
  guint32 timescale;         /* ticks per second, not 0 */
  gint64 program_date_us;    /* UTC since 1970, printed to the millisecond; 0: none */
  gboolean is_discontinuous; /* from the segment before it */
  gboolean is_gap;           /* listed, but not to be had (4.4.4.7) */
  const MgHlsPart *parts;    /* in front of it; only with a part target */
  gsize n_parts;
  guint64 range_size, range_offset; /* a byte range of `uri`; size 0: all of it */
} MgHlsSegment;

/* What the server can do; written when something is said. */
typedef struct {
  guint32 hold_back_ms;      /* at least three target durations; 0: none */
  guint32 part_hold_back_ms; /* at least two part targets, better three; 0: none */
  guint32 can_skip_until_ms; /* at least six target durations; 0: no delta updates */
  gboolean can_block_reload;
} MgHlsServerControl;

/* Where another playlist of the presentation was when this one was written (4.4.5.4). */
typedef struct {
  const char *uri;   /* relative to this playlist */
  guint64 last_msn;  /* of its last segment, or of the last one that has a part */
  gboolean has_part; /* that segment has parts */
  guint last_part;   /* index of the last one */
} MgHlsReport;

typedef struct {
  guint32 target_duration_s; /* the same for the life of the playlist */
  guint64 media_sequence;    /* number of the first segment listed */
  guint64 discontinuity_sequence;
  gboolean is_event;       /* append only; never with a sliding window */
  gboolean is_independent; /* every segment starts with a key frame */
  gboolean is_iframes_only;
  gboolean has_ended;
  MgHlsServerControl control;
  guint32 part_target_ms;       /* no part is longer; 0: no parts */
  const char *hint_part;        /* URI of the part that will come next; NULL: none */
  const char *hint_map;         /* URI of its initialization section, where that is a new one */
  gsize n_skipped;              /* a delta update: so many segments are left out at the beginning */
  const MgHlsSegment *segments; /* with those */
  gsize n_segments;
  const MgHlsReport *reports;
  gsize n_reports;
} MgHlsMedia;

/*
 * How many segments a delta update of MEDIA may leave out (6.2.5.1): those that are further from the end than
 * `can_skip_until_ms`, and nothing behind which a discontinuity or another initialization section would be
 * missed. 0: there is none but the whole playlist.
 */
gsize mg_hls_media_can_skip(const MgHlsMedia *media);

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
  const MgHlsVariant *iframes; /* playlists of nothing but key frames: no frame rate, no groups */
  gsize n_iframes;
} MgHlsMultivariant;

void mg_hls_multivariant_write(const MgHlsMultivariant *multivariant, MgWriter *w);
