/*
 * The DASH manifest: a plain model in, an MPD out (ISO/IEC 23009-1).
 *
 * The caller lays out the model and lends it for the call; all pointers are borrowed and nothing is
 * kept. The text is appended to the writer. Equal models give equal bytes: no clock, no locale, no
 * floating point. The time is linear in the number of segments.
 *
 * The writer sees to the order of elements, escaping, dates and durations, and to what follows from
 * the children (maxWidth, maxHeight, maxFrameRate, the runs of a SegmentTimeline). What stays the
 * same from one MPD to the next (ids, starts, availabilityStartTime) is the caller's promise.
 *
 * 0 and NULL (and "") mean that an attribute is not written, except where it says otherwise.
 * Strings are escaped; control characters that XML cannot hold are left out, and bytes that are not
 * UTF-8 become '?'.
 */
#pragma once

#include "bytes/writer.h"
#include "manifest/ratio.h"

/* One segment, in ticks: TIME equals the tfdt of its first sample. */
typedef struct {
  guint64 time;
  guint64 duration;
} MgDashSegment;

/*
 * Where to find segments, and when. Those that follow each other and last equally long become one S with
 * @r; a gap becomes a @t. With a `duration` no segment is listed: they follow from the clock.
 */
typedef struct {
  guint32 timescale;
  guint64 presentation_time_offset;
  const char *initialization; /* $RepresentationID$ is filled in by the client */
  const char *media;          /* with $Time$ or $Number$ */
  guint32 start_number;       /* of the period's first segment, or the first listed; for $Number */
  guint32 early_ms; /* low latency: a segment can be had so long before it is whole, as it grows */
  guint32 duration; /* ticks that every segment lasts; 0: there is a SegmentTimeline */
  gboolean is_patchable; /* each segment has an S of its own with @t, so that patches can name it */
  const MgDashSegment *segments;
  gsize n_segments; /* at least one: older editions want it */
} MgDashTemplate;

/* ProducerReferenceTime: what UTC was when the media at PRESENTATION_TIME (ticks) was captured. */
typedef struct {
  gint64 utc_us; /* 0: there is none */
  guint64 presentation_time;
  gboolean is_inband; /* segments say it, too (prft) */
} MgDashReferenceTime;

/* Resync: inside of segments, a player may begin anew where a chunk does. */
typedef struct {
  guint32 chunk; /* ticks between two chunks, at most; 0: not written */
  guint sap;     /* 1: each chunk begins with an access point; 0: nothing is known */
} MgDashResync;

/* Code points of ISO/IEC 23091-2; primaries 0: not written. */
typedef struct {
  guint primaries, transfer, matrix;
} MgDashColour;

typedef struct {
  const char *id;    /* without white space */
  guint32 bandwidth; /* bits per second; always written */
  const char *codecs;
  guint32 width, height;
  MgRatio frame_rate;
  MgRatio sar;
  guint32 audio_sampling_rate;
  MgDashColour colour; /* three SupplementalProperty: who does not know HDR may play it */
  guint channels;      /* AudioChannelConfiguration: with the codec's usual layout, up to 8 … */
  const guint8 *speakers;        /* … or a place for each (ISO/IEC 23091-3), unless NULL */
  const MgDashTemplate *segment; /* NULL when the adaptation set has one for all */
} MgDashRepresentation;

typedef struct {
  guint32 id;               /* always written */
  const char *content_type; /* "video", "audio" */
  const char *mime_type;    /* "video/mp4" */
  const char *lang;         /* RFC 5646; where audio has none, "und" is written */
  MgRatio par;
  gboolean is_aligned;           /* segmentAlignment */
  guint start_with_sap;          /* 1: each segment starts with an IDR */
  const char *role;              /* urn:mpeg:dash:role:2011, such as "main" */
  MgDashReferenceTime reference; /* with the set's id as its own; its clock is the MPD's */
  MgDashResync resync;
  const MgDashTemplate *segment;
  const MgDashRepresentation *representations;
  gsize n_representations;
} MgDashAdaptationSet;

typedef struct {
  const char *id;
  guint64 start_ms;    /* always written */
  guint64 duration_ms; /* 0: not known yet */
  const MgDashAdaptationSet *sets;
  gsize n_sets;
} MgDashPeriod;

/* ServiceDescription: how far behind the moment of capture players play, and how they stay there. */
typedef struct {
  guint32 target_ms, least_ms, most_ms;
  gboolean has_reference; /* to the reference time of the set with the id REFERENCE */
  guint32 reference;
  guint slowest, fastest; /* thousandths of the normal speed; 0: not written */
} MgDashLatency;

typedef struct {
  const char *id;
  gboolean is_dynamic;
  const char *profiles;
  gint64 availability_start_us; /* UTC since 1970, to the millisecond; always written if dynamic */
  gint64 publish_us;            /* the same; later with each change */
  guint64 update_period_ms;     /* not written: this MPD is the last */
  guint64 time_shift_ms;
  guint64 presentation_delay_ms;
  guint64 min_buffer_ms; /* always written */
  guint64 max_segment_ms;
  guint64 duration_ms;        /* of the whole presentation, once it is known */
  const char *patch_location; /* URL of the changes from this MPD on, while it is less old than … */
  guint32 patch_ttl_s;
  MgDashLatency latency;    /* target_ms 0: none */
  const char *clock_scheme; /* UTCTiming, such as urn:mpeg:dash:utc:http-xsdate:2014 */
  const char *clock_value;
  const MgDashPeriod *periods;
  gsize n_periods;
} MgDashMpd;

void mg_dash_mpd_write(const MgDashMpd *mpd, MgWriter *w);
