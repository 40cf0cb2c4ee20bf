#include "timeline/clean.h"

#define NS_PER_S       G_GINT64_CONSTANT(1000000000)

#define FURTHEST_AHEAD (10 * NS_PER_S) /* of the newest unit, before it is a jump */
#define FURTHEST_BACK  (1 * NS_PER_S)  /* within a track, before it is a jump */
#define FURTHEST_SKEW  (10 * NS_PER_S) /* of audio from video */
#define SKEW_PATIENCE  (10 * NS_PER_S) /* of skewed audio, until it gets an epoch of its own */
#define RUNNING        (2 * NS_PER_S)  /* since the last unit of a track that is not pausing */
#define SETTLING       (5 * NS_PER_S) /* since an epoch began, while tracks may still follow into it */
#define SAME_PLACE     (1 * NS_PER_S) /* from where a track was going, to have come back there */
#define LOWEST_CTS     (-1 * NS_PER_S)
#define HIGHEST_CTS    (10 * NS_PER_S)
#define ONE_FRAME      (NS_PER_S / 25) /* while a track has shown no distance between two */

/* What comes in is kept to 36 years, so that sums and differences of two times fit. */
#define FURTHEST_IN (G_GINT64_CONSTANT(1) << 60)

typedef struct {
  gint64 offset; /* out = in + offset */
  guint32 number;
} Epoch;

typedef struct {
  MgTimelineKind kind;
  gboolean has_last;   /* the next five are set: something came out */
  Epoch epoch;         /* of the last unit that came in */
  guint32 shown_epoch; /* of the last unit that came out */
  gint64 last_in;
  gint64 last_out;
  gint64 last_arrival;
  gint64 frame;   /* between the last two units that needed no repair; 0: not known */
  gint64 reorder; /* DTS goes out this much earlier, so that no composition offset is negative */
  gboolean is_skewed;
  gint64 skewed_since;
} Track;

struct MgTimeline {
  gint64 base;
  gboolean has_begun;
  Epoch newest;
  Epoch previous;       /* the one before the newest, once there is one */
  gint64 changed_at;    /* arrival of the unit that opened the newest */
  gint64 newest_out;    /* the latest DTS of all tracks; the base before there is any */
  gint64 frame_of_that; /* of its track */
  guint n_tracks;
  Track tracks[MG_TIMELINE_MAX_TRACKS];
  MgTimelineRepairs repairs;
};

MgTimeline *
mg_timeline_new(gint64 base_ns)
{
  MgTimeline *t = g_new0(MgTimeline, 1);
  t->base = t->newest_out = base_ns;
  return t;
}

void
mg_timeline_free(MgTimeline *t)
{
  g_free(t);
}

gint
mg_timeline_add_track(MgTimeline *t, MgTimelineKind kind)
{
  if (t->n_tracks == MG_TIMELINE_MAX_TRACKS)
    return -1;
  t->tracks[t->n_tracks].kind = kind;
  return (gint) t->n_tracks++;
}

static gint64
frame_or_default(gint64 frame)
{
  return frame > 0 ? frame : ONE_FRAME;
}

gint64
mg_timeline_next(const MgTimeline *t)
{
  return t->has_begun ? t->newest_out + frame_or_default(t->frame_of_that) : t->base;
}

const MgTimelineRepairs *
mg_timeline_repairs(const MgTimeline *t)
{
  return &t->repairs;
}

static gint64
distance(gint64 a, gint64 b)
{
  return a > b ? a - b : b - a;
}

/*
 * Whether another track of the same epoch has just stepped back to the same place, by less than a
 * jump: then a step that is a little longer is no jump either, or the two would part.
 */
static gboolean
follows_a_step_back(const MgTimeline *t, const Track *track, gint64 in)
{
  for (guint i = 0; i < t->n_tracks; i++) {
    const Track *other = &t->tracks[i];
    if (other == track || !other->has_last || other->epoch.number != track->epoch.number)
      continue;
    gboolean is_catching_up = other->last_in + other->epoch.offset < other->last_out;
    if (is_catching_up && distance(in, other->last_in) <= SAME_PLACE)
      return TRUE;
  }
  return FALSE;
}

/* Goes on in the epoch it is in: neither a jump ahead nor a jump back. */
static gboolean
fits_own_epoch(const MgTimeline *t, const Track *track, gint64 in)
{
  if (!track->has_last)
    return FALSE;
  gint64 due = in + track->epoch.offset;
  if (due - t->newest_out > FURTHEST_AHEAD || track->last_out - due > FURTHEST_AHEAD)
    return FALSE;
  return track->last_in - in <= FURTHEST_BACK || follows_a_step_back(t, track, in);
}

/* How far DUE is from where the track can be by now, going by the real time that has passed. */
static gint64
deviation(const MgTimeline *t, const Track *track, gint64 due, gint64 arrival)
{
  gint64 from = track->has_last ? track->last_in + track->epoch.offset : t->newest_out;
  gint64 to = track->has_last ? from + MAX(arrival - track->last_arrival, 0) : from;
  return distance(due, CLAMP(due, from, to));
}

typedef struct {
  Epoch epoch;
  gint64 deviation;
} Choice;

/* Takes E instead when it maps the unit otherwise, and nearer to where it should be. */
static void
consider(const MgTimeline *t, const Track *track, MgDirtyTime in, Epoch e, gint64 limit,
         Choice *best)
{
  if (track->has_last && e.offset == track->epoch.offset)
    return;
  gint64 due = in.dts_ns + e.offset;
  gint64 d = deviation(t, track, due, in.arrival_ns);
  if (distance(due, t->newest_out) <= FURTHEST_AHEAD && d <= limit && d < best->deviation)
    *best = (Choice){ e, d };
}

/*
 * The known epoch that puts a unit nearest to where it should be, or FALSE: a jump. For some time
 * after an epoch began, a track that still fits its own may follow into the newest, since jumps of
 * two tracks need not be equally long; and a track may come back from a jump that was a single
 * wrong unit.
 */
static gboolean
find_epoch(const MgTimeline *t, const Track *track, MgDirtyTime in, Epoch *found)
{
  Choice best = { track->has_last ? track->epoch : t->newest, G_MAXINT64 };
  gboolean fits_own = fits_own_epoch(t, track, in.dts_ns);
  if (fits_own)
    best.deviation = deviation(t, track, in.dts_ns + track->epoch.offset, in.arrival_ns);

  gboolean is_settling = t->newest.number > 0 && in.arrival_ns - t->changed_at <= SETTLING;
  if (is_settling && track->has_last)
    consider(t, track, in, t->previous, SAME_PLACE, &best);
  if (is_settling || !fits_own)
    consider(t, track, in, t->newest, G_MAXINT64, &best);
  if (best.epoch.offset == t->newest.offset)
    best.epoch = t->newest;
  *found = best.epoch;
  return best.deviation < G_MAXINT64;
}

static Epoch
open_epoch(MgTimeline *t, gint64 offset, gint64 arrival)
{
  t->previous = t->newest;
  t->newest = (Epoch){ .offset = offset, .number = t->previous.number + 1 };
  t->changed_at = arrival;
  t->repairs.discontinuities++;
  return t->newest;
}

/* The video track that is furthest, or NULL when none has begun. */
static const Track *
leading_video(const MgTimeline *t)
{
  const Track *video = NULL;
  for (guint i = 0; i < t->n_tracks; i++) {
    const Track *each = &t->tracks[i];
    if (each->kind != MG_TIMELINE_VIDEO || !each->has_last)
      continue;
    if (video == NULL || each->last_out > video->last_out)
      video = each;
  }
  return video;
}

typedef enum { NOT_SKEWED, SKEWED, SKEWED_FOR_GOOD } Skew;

/* Whether audio due at DUE belongs to the video. Audio may be ahead of video that pauses. */
static Skew
measure_skew(const MgTimeline *t, Track *track, gint64 due, gint64 arrival)
{
  const Track *video = track->kind == MG_TIMELINE_AUDIO ? leading_video(t) : NULL;
  gboolean is_behind = video != NULL && due < video->last_out - FURTHEST_SKEW;
  gboolean is_ahead = video != NULL && due > video->last_out + FURTHEST_SKEW &&
                      arrival - video->last_arrival <= RUNNING;
  if (!is_behind && !is_ahead) {
    track->is_skewed = FALSE;
    return NOT_SKEWED;
  }
  if (!track->is_skewed) {
    track->is_skewed = TRUE;
    track->skewed_since = arrival;
  }
  return arrival - track->skewed_since > SKEW_PATIENCE ? SKEWED_FOR_GOOD : SKEWED;
}

/* Notes a unit that has come in, whether it goes out or not. */
static void
note_input(Track *track, MgDirtyTime in, Epoch epoch)
{
  if (epoch.number != track->epoch.number)
    track->reorder = 0;
  track->epoch = epoch;
  track->last_in = in.dts_ns;
  track->last_arrival = in.arrival_ns;
}

static MgCleanTime
drop(Track *track, MgDirtyTime in, Epoch epoch, guint64 *counter)
{
  if (track->has_last)
    note_input(track, in, epoch);
  (*counter)++;
  return (MgCleanTime){ .epoch = epoch.number, .is_dropped = TRUE };
}

static void
note_output(MgTimeline *t, Track *track, gint64 dts, guint32 epoch, gboolean is_moved)
{
  gint64 frame = dts - track->last_out;
  if (track->has_last && !is_moved && epoch == track->shown_epoch && frame <= NS_PER_S)
    track->frame = frame;
  track->has_last = TRUE;
  track->last_out = dts;
  track->shown_epoch = epoch;
  if (dts >= t->newest_out) {
    t->newest_out = dts;
    t->frame_of_that = track->frame;
  }
}

/* The composition offset to go by. A negative one moves the DTS of all that follows instead. */
static gint64
sane_composition(MgTimeline *t, Track *track, gint64 cts)
{
  if (cts < LOWEST_CTS || cts > HIGHEST_CTS) {
    t->repairs.bad_composition++;
    cts = 0;
  }
  track->reorder = MAX(track->reorder, -cts);
  return cts;
}

static MgCleanTime
place(MgTimeline *t, Track *track, MgDirtyTime in, Epoch epoch, gboolean is_new_epoch)
{
  gint64 due = in.dts_ns + epoch.offset;
  gint64 earliest = track->has_last ? track->last_out + MG_TIMELINE_TICK_NS : t->base;
  gint64 most_late = track->has_last ? FURTHEST_BACK + MG_TIMELINE_TICK_NS : 0;
  if (track->kind == MG_TIMELINE_AUDIO && earliest - due > most_late)
    return drop(track, in, epoch, &t->repairs.dropped_late);

  gboolean is_discontinuity =
      track->has_last ? epoch.number != track->shown_epoch : t->base != 0 || is_new_epoch;
  note_input(track, in, epoch);
  gint64 cts = sane_composition(t, track, in.cts_ns);
  gint64 dts = due - track->reorder;
  gboolean is_moved = dts < earliest;
  if (is_moved) {
    t->repairs.moved++;
    dts = earliest;
  }
  note_output(t, track, dts, epoch.number, is_moved);
  return (MgCleanTime){
    .dts_ns = dts,
    .pts_ns = MAX(due + cts, dts),
    .epoch = epoch.number,
    .is_discontinuity = is_discontinuity,
  };
}

MgCleanTime
mg_timeline_clean(MgTimeline *t, guint n, MgDirtyTime in)
{
  g_assert(n < t->n_tracks);
  Track *track = &t->tracks[n];
  in.dts_ns = CLAMP(in.dts_ns, -FURTHEST_IN, FURTHEST_IN);
  if (!t->has_begun) {
    t->has_begun = TRUE;
    t->newest.offset = t->base - in.dts_ns;
  }

  Epoch epoch;
  gboolean is_known = find_epoch(t, track, in, &epoch);
  if (is_known || !track->has_last) {
    Skew skew = measure_skew(t, track, in.dts_ns + epoch.offset, in.arrival_ns);
    if (skew == SKEWED)
      return drop(track, in, epoch, &t->repairs.dropped_skewed);
    is_known = is_known && skew == NOT_SKEWED;
  }

  gint64 offset = epoch.offset;
  if (!is_known)
    offset = t->newest_out + frame_or_default(track->frame) - in.dts_ns;
  gboolean is_return = epoch.number != t->newest.number && epoch.number != track->epoch.number;
  gboolean is_new_epoch = !is_known || is_return;
  if (is_new_epoch)
    epoch = open_epoch(t, offset, in.arrival_ns);
  return place(t, track, in, epoch, is_new_epoch);
}
