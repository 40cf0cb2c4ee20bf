/*
 * What an MPD lists: the periods, and the segments that each track has in them.
 *
 * A period is a discontinuity number. With low latency it has, besides what the window's rows list, what
 * a track has ahead of them: the last segment may be open then, and nobody knows how long it will be.
 * Everything is borrowed from the window, until its next change.
 */
#pragma once

#include <mediagraph/window.h>

typedef struct {
  MgWindow *window;
  guint64 discontinuity;
  GArray *segments[MG_WINDOW_TRACKS]; /* of const MgSegment *, in order, maybe none */
} Period;

/* Returned-owned: all of them, of Period *, in order, none empty. */
GPtrArray *periods_list(MgWindow *window, gboolean is_low_latency);

/* The segments of TRACK in the period. */
static inline guint
period_count(const Period *period, guint track)
{
  return period->segments[track]->len;
}

static inline const MgSegment *
period_segment(const Period *period, guint track, guint index)
{
  return g_array_index(period->segments[track], const MgSegment *, index);
}

/* The newest segment of TRACK in the period, which speaks for it; NULL: it has none. */
const MgSegment *period_newest(const Period *period, guint track);

/* Any segment of the period: all have its start in common. */
const MgSegment *period_any(const Period *period);

/*
 * How long SEGMENT of TRACK lasts, in ticks. An open one is said to last a sample longer than the longest of late,
 * which suits all players: one that was told less than is true would fetch the segment twice.
 */
gint64 segment_length(MgWindow *window, guint track, const MgSegment *segment);

/* The longest of the newest segments of TRACK that are finished, in nanoseconds; 0: there is none. */
MgTime longest_of_late(MgWindow *window, guint track);

/* How far the window has come: the number of the newest segment that has begun, and whether no track lags behind. */
typedef struct {
  guint64 number;
  gboolean is_of_all;
} Front;

Front front_of(MgWindow *window);
