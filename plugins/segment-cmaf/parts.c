#include "parts.h"

#include "track.h"

#include <timeline/ticks.h>

#include <stdlib.h>

/* What every part but the last of a segment must reach of the target, and how far stamps may be off. */
enum { LEAST_PERCENT = 85, ALLOWANCE_PERCENT = 2 };

/*
 * Fewer samples tell little; more of them, and of tracks, are not looked at; and nothing is looked for beyond
 * so many times what was asked for.
 */
enum { LEAST_SAMPLES = 3, MOST_SAMPLES = 64, MOST_TRACKS = 16, MOST_TIMES = 4 };

/* --- the target -------------------------------------------------------------------------------- */

static gboolean
fits(MgTime target, MgTime frame)
{
  return frame == 0 || target / frame * frame * 100 >= target * LEAST_PERCENT;
}

static gboolean
all_fit(MgTime target, const MgTime *frames, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++)
    if (!fits(target, frames[i]))
      return FALSE;
  return TRUE;
}

/* In whole milliseconds, as playlists have it. */
static MgTime
allow(MgTime length)
{
  MgTime allowed = length + MAX(length * ALLOWANCE_PERCENT / 100, MG_MILLISECOND);
  return (allowed + MG_MILLISECOND - 1) / MG_MILLISECOND * MG_MILLISECOND;
}

/* The longest up to LONGEST; 0: none. */
static MgTime
fit_within(MgTime longest, const MgTime *frames, guint n_frames)
{
  MgTime best = 0;
  for (guint i = 0; i < n_frames; i++)
    for (MgTime length = frames[i] > 0 ? longest / frames[i] * frames[i] : 0; length > best;
         length -= frames[i])
      if (all_fit(allow(length), frames, n_frames))
        best = length;
  return best;
}

/* The shortest beyond LONGEST; 0: none of a reasonable length. */
static MgTime
fit_beyond(MgTime longest, const MgTime *frames, guint n_frames)
{
  MgTime best = longest * MOST_TIMES;
  for (guint i = 0; i < n_frames; i++)
    for (MgTime length = frames[i] > 0 ? (longest / frames[i] + 1) * frames[i] : best;
         length < best; length += frames[i])
      if (all_fit(allow(length), frames, n_frames))
        best = length;
  return best < longest * MOST_TIMES ? best : 0;
}

MgTime
parts_fit(MgTime longest, const MgTime *frames, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++)
    longest = MAX(longest, frames[i]);
  MgTime best = fit_within(longest, frames, n_frames);
  if (best == 0)
    best = fit_beyond(longest, frames, n_frames);
  return allow(best > 0 ? best : longest);
}

/* --- of the tracks there are ------------------------------------------------------------------- */

static gint64
collected(const Track *track)
{
  return track->samples->len > 0 ? track->end - track->chunk_start : 0;
}

static int
compare(gconstpointer a, gconstpointer b)
{
  return (*(const guint32 *) a > *(const guint32 *) b) -
         (*(const guint32 *) a < *(const guint32 *) b);
}

/* The mean of those that are not too far from most: beside them is a hole. */
static gint64
mean_of(guint32 *durations, guint n)
{
  gint64 sum = 0;
  guint n_counted = 0;
  qsort(durations, n, sizeof *durations, compare);
  guint32 median = durations[(n - 1) / 2], most = median + median / 2;
  for (; n_counted < n && durations[n_counted] <= most; n_counted++)
    sum += durations[n_counted];
  return sum / n_counted;
}

/* About how long a sample lasts. Of video, those collected tell: each alone has a stamp that is rounded. */
static gint64
mean_ticks(const Track *track)
{
  guint32 durations[MOST_SAMPLES];
  guint n = track->samples->len > 0 ? MIN(track->samples->len - 1, MOST_SAMPLES) : 0;
  if (!track->is_video || n < LEAST_SAMPLES)
    return track->frame_ticks;
  for (guint i = 0; i < n; i++)
    durations[i] = g_array_index(track->samples, MgCmafSample, i).duration;
  return mean_of(durations, n);
}

static MgTime
frame_of(const Track *track)
{
  if (track->timescale > 0)
    return mg_time_from_ticks(mean_ticks(track), track->timescale);
  return mg_time_from_ticks(track->next_frame_ticks, track->next_timescale);
}

static void
choose(Parts *parts, const GPtrArray *tracks, guint64 discontinuity)
{
  MgTime frames[MOST_TRACKS];
  guint n = MIN(tracks->len, MOST_TRACKS);
  for (guint i = 0; i < n; i++)
    frames[i] = frame_of(g_ptr_array_index(tracks, i));
  if (parts->target == 0 || !all_fit(parts->target, frames, n))
    parts->target = parts_fit(parts->longest, frames, n);
  parts->discontinuity = discontinuity;
}

static gboolean
is_chosen(const Track *track)
{
  return track->part_target > 0 && track->part_discontinuity == track->cut.discontinuity;
}

/* The track keeps to it until its own discontinuity, wherever others are. */
MgTime
parts_target(Track *track)
{
  Parts *parts = track->setup->parts;
  if (is_chosen(track))
    return track->part_target;
  track->part_discontinuity = track->cut.discontinuity;
  if (parts->target == 0 || parts->discontinuity < track->cut.discontinuity)
    choose(parts, track->setup->tracks, track->cut.discontinuity);
  return track->part_target = parts->target;
}

/* --- the chunk under way ---------------------------------------------------------------------- */

/* So little may always be collected: what the target is need not be decided yet. */
static gboolean
is_little(const Track *track, gint64 ticks)
{
  MgTime time = mg_time_from_ticks(ticks, track->timescale);
  return time * 100 < track->setup->parts->longest * LEAST_PERCENT && !is_chosen(track);
}

static gboolean
exceeds(Track *track, gint64 ticks)
{
  return !is_little(track, ticks) &&
         ticks > mg_time_to_ticks(parts_target(track), track->timescale);
}

gboolean
parts_is_full(Track *track)
{
  gint64 surely = collected(track) + 2 * (gint64) track->frame_ticks;
  return exceeds(track, surely) && exceeds(track, collected(track) + mean_ticks(track));
}

guint
parts_n_fitting(Track *track)
{
  guint n = track->samples->len;
  gint64 ticks = collected(track);
  while (n > 1 && exceeds(track, ticks))
    ticks -= g_array_index(track->samples, MgCmafSample, --n).duration;
  return n;
}
