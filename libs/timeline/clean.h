/*
 * The timeline: dirty time is cleaned once, next to the source.
 *
 * A publication has one. Its tracks put in what the encoder said (unwrapped, see unwrap.h) in the
 * order of arrival, and take out times that everything behind may rely on:
 *
 * - DTS rises strictly within a track, by at least MG_TIMELINE_TICK_NS, so that two units stay apart
 *   in every timescale from 8000 ticks per second up;
 * - PTS is never before DTS, and nothing is before the base;
 * - units of one epoch keep the distances the encoder gave them, within a track and between audio
 *   and video, except where one had to be moved to rise at all;
 * - no unit is more than 10 s later than the newest one of the publication.
 *
 * The first unit, whatever its time, comes out at the base.
 *
 * An *epoch* is one mapping from the encoder's time to ours; epochs are counted from 0. A step of
 * more than 10 s beyond the newest unit of the publication, or of more than 1 s back within a track,
 * opens the next one: that unit follows one frame after the newest. The jump is squeezed out. Other
 * tracks follow into the same epoch when they make the same jump, and keep to the old mapping until
 * then, or for ever when the jump was one track's alone. A smaller step back is not a jump: those
 * units are moved to rise by one tick each until the encoder has caught up. A track that pauses while
 * others go on comes back where they are, without a discontinuity.
 *
 * Audio more than 10 s away from running video is dropped; when that lasts for 10 s, its clock is
 * taken to be its own and it gets an epoch beside the video. Audio older than what its track has
 * already sent by more than 1 s is dropped, too: squeezing it would only be noise. Video is never
 * dropped, since frames behind would miss it. No track waits for another.
 *
 * Arrival times tell a jump from a pause. They are any clock that runs with real time and never goes
 * back, the same for all tracks; a source that reads a file gives its DTS.
 *
 * Input may be anything, by any peer: there is no failure, only repairs, which are counted. Any
 * thread, one at a time; reads no clock.
 */
#pragma once

#include <glib.h>

enum { MG_TIMELINE_TICK_NS = 125000 };
enum { MG_TIMELINE_MAX_TRACKS = 32 };

typedef enum { MG_TIMELINE_VIDEO, MG_TIMELINE_AUDIO } MgTimelineKind;

/* What came in, in nanoseconds. */
typedef struct {
  gint64 dts_ns; /* unwrapped, any origin */
  gint64 cts_ns; /* composition offset: PTS - DTS; may be negative */
  gint64 arrival_ns;
} MgDirtyTime;

/* What goes on. The times of a dropped unit mean nothing. */
typedef struct {
  gint64 dts_ns;
  gint64 pts_ns;
  guint32 epoch;             /* units with the same number have the same time base, in all tracks */
  gboolean is_discontinuity; /* the first of its track in this epoch, with something before it */
  gboolean is_dropped;
} MgCleanTime;

/* Repairs since the timeline was made, in units except where it says otherwise. */
typedef struct {
  guint64 moved;           /* did not rise: moved to one tick after the unit before */
  guint64 bad_composition; /* composition offset beyond -1 s or +10 s: taken as 0 */
  guint64 discontinuities; /* epochs opened after the first */
  guint64 dropped_skewed;  /* audio more than 10 s away from the video */
  guint64 dropped_late;    /* audio before the base, or before what was sent */
} MgTimelineRepairs;

typedef struct MgTimeline MgTimeline;

/*
 * Returned-owned. BASE_NS is where the output starts: 0 in a new session; where an encoder comes back
 * into a session that waited for it, mg_timeline_next() of its old timeline (or later, to show the
 * gap). A base other than 0 says that something came before, and marks each track's first unit as a
 * discontinuity.
 */
MgTimeline *mg_timeline_new(gint64 base_ns);

/* NULL is fine. */
void mg_timeline_free(MgTimeline *t);

/* Adds a track and returns its number, from 0 up; -1 when there are MG_TIMELINE_MAX_TRACKS. */
gint mg_timeline_add_track(MgTimeline *t, MgTimelineKind kind);

/* Cleans the time of the next unit of TRACK, a number that mg_timeline_add_track() returned. */
MgCleanTime mg_timeline_clean(MgTimeline *t, guint track, MgDirtyTime in);

/* The DTS one frame after everything that came out, where a successor may start. */
gint64 mg_timeline_next(const MgTimeline *t);

/* Borrowed, as long as the timeline lives. */
const MgTimelineRepairs *mg_timeline_repairs(const MgTimeline *t);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTimeline, mg_timeline_free)
