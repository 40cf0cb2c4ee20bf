/*
 * The MPD of what a window lists: a period per discontinuity number, in it an adaptation set per source
 * track, in that a representation per quality, with an explicit SegmentTimeline.
 *
 * A period's start is a whole number of milliseconds, which is how segment-cmaf begins discontinuities;
 * a representation's presentationTimeOffset is that start in its own ticks.
 */
#pragma once

#include <bytes/writer.h>
#include <mediagraph/window.h>

typedef struct {
  gint64 publish_us;         /* UTC */
  MgTime presentation_delay; /* 0: three target durations */
  gboolean has_ended;
  const char *clock; /* URL of the time, for UTCTiming */
} MpdOptions;

/* Appends the MPD to W. The window lists at least one row. */
void mpd_write(MgWindow *window, const MpdOptions *options, MgWriter *w);
