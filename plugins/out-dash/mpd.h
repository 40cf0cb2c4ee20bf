/*
 * The MPD of what a window lists: a period per discontinuity number, in it an adaptation set per source
 * track, in that a representation per quality, with an explicit SegmentTimeline.
 *
 * With low latency it lists segments from their first chunk on, which grow while they are fetched; an offset tells
 * players that they need not wait for the end of a segment.
 *
 * A period's start is a whole number of milliseconds, which is how segment-cmaf begins discontinuities;
 * a representation's presentationTimeOffset is that start in its own ticks.
 */
#pragma once

#include <bytes/writer.h>
#include <mediagraph/window.h>

typedef struct {
  gint64 publish_us;         /* UTC */
  MgTime presentation_delay; /* 0: three target durations; with low latency, as far as LATENCY */
  gboolean is_low_latency;
  const char *id;             /* of low latency: stays the same */
  const char *patch_location; /* … and where what has changed will be; NULL: nowhere */
  guint patch_ttl_s;
  MgTime latency; /* 0: three parts and half a second */
  gboolean has_ended;
  const char *clock; /* URL of the time, for UTCTiming */
} MpdOptions;

/* Appends the MPD to W. The window lists at least one row. */
void mpd_write(MgWindow *window, const MpdOptions *options, MgWriter *w);
