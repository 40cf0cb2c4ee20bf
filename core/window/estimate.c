#include "window/estimate.h"

#include <string.h>

/* --- bit rate ---------------------------------------------------------------------------------- */

static guint64
bits_per_second(guint64 bytes, MgTime duration)
{
  return (guint64) ((__int128) bytes * 8 * MG_SECOND / MAX(duration, MG_MILLISECOND));
}

/*
 * The peak is that of neighbouring segments which together last between half and one and a half target
 * durations (RFC 8216bis, 4.4.6.2): a lone short segment, all key frame, is none.
 */
static void
note_peak(MgEstimate *e)
{
  guint64 bytes = 0;
  MgTime duration = 0;
  for (guint i = 0; i < e->n_recent; i++) {
    bytes += e->recent[i].bytes;
    duration += e->recent[i].duration;
    if (duration * 2 > e->recent[0].target * 3)
      return;
    if (duration * 2 >= e->recent[0].target)
      e->peak = MAX(e->peak, bits_per_second(bytes, duration));
  }
}

/* Players choose by it, and caches keep what names it: round numbers differ less often. */
static guint64
rounded_up(guint64 bits)
{
  return (bits + 999) / 1000 * 1000;
}

/* An encoder that holds its rate over a second or two exceeds it over a segment, by a quarter at most. */
static guint64
with_headroom(guint64 bits)
{
  return rounded_up(bits + bits / 4);
}

/*
 * Before more is known. A declared rate counts when the first segments neither exceed it nor stay far
 * below; chunk headers come on top. What is measured may be the quiet beginning of a film.
 */
static guint64
first_guess(const MgEstimate *e, const MgStreamInfo *info)
{
  guint64 seen = MAX(e->peak, mg_estimate_average(e));
  guint64 declared = (guint64) info->bitrate * 21 / 20 + 10000;
  if (info->bitrate > 0 && declared >= seen && declared <= seen * 4)
    return with_headroom(declared);
  return rounded_up(seen + seen / 2);
}

static void
settle_bandwidth(MgEstimate *e, const MgStreamInfo *info)
{
  if (!e->is_settled)
    e->bandwidth = first_guess(e, info);
  else if (e->peak > e->bandwidth)
    e->bandwidth = with_headroom(e->peak);
  e->is_settled = e->peak > 0;
}

guint64
mg_estimate_average(const MgEstimate *e)
{
  guint64 average = bits_per_second(e->bytes, e->duration);
  return e->bandwidth > 0 ? MIN(average, e->bandwidth) : average;
}

/* --- frame rate -------------------------------------------------------------------------------- */

static const MgFraction usual_rates[] = {
  { 24000, 1001 }, { 24, 1 }, { 25, 1 },       { 30000, 1001 }, { 30, 1 },  { 48, 1 },
  { 50, 1 },       { 60, 1 }, { 60000, 1001 }, { 120, 1 },      { 100, 1 }, { 15, 1 },
  { 10, 1 },       { 20, 1 }, { 12, 1 },       { 25, 2 },       { 5, 1 },
};

/* How far RATE is from N frames in DURATION, in millionths. */
static guint64
distance(MgFraction rate, guint n, MgTime duration)
{
  __int128 wanted = (__int128) rate.num * duration;
  __int128 seen = (__int128) n * rate.den * MG_SECOND;
  __int128 difference = wanted > seen ? wanted - seen : seen - wanted;
  return (guint64) (difference * 1000000 / MAX(wanted, 1));
}

/* Stamps in milliseconds blur a segment's length by one: 29.97 and 30 are only just told apart. */
enum { NEAR_USUAL = 2000, NEAR_DECLARED = 50000, LEAST_FRAMES = 10 };

static MgFraction
measured_rate(const MgMeasured *segment)
{
  MgFraction best = { 0 };
  guint64 least = NEAR_USUAL;
  for (guint i = 0; i < G_N_ELEMENTS(usual_rates); i++) {
    guint64 off = distance(usual_rates[i], segment->n_samples, segment->duration);
    if (off < least) {
      least = off;
      best = usual_rates[i];
    }
  }
  return best;
}

/* What is really there, else what was declared, else nothing: the rate varies. */
static void
settle_frame_rate(MgEstimate *e, const MgStreamInfo *info, const MgMeasured *segment)
{
  if (info->media != MG_MEDIA_VIDEO || e->frame_rate.num > 0 || segment->n_samples < LEAST_FRAMES)
    return;
  MgFraction declared = info->frame_rate;
  e->frame_rate = measured_rate(segment);
  if (e->frame_rate.num == 0 && declared.num > 0 && declared.den > 0 &&
      distance(declared, segment->n_samples, segment->duration) < NEAR_DECLARED)
    e->frame_rate = declared;
}

void
mg_estimate_add(MgEstimate *e, const MgStreamInfo *info, MgMeasured segment)
{
  memmove(e->recent + 1, e->recent, (MG_ESTIMATE_RECENT - 1) * sizeof *e->recent);
  e->recent[0] = segment;
  e->n_recent = MIN(e->n_recent + 1, MG_ESTIMATE_RECENT);
  e->bytes += segment.bytes;
  e->duration += segment.duration;
  note_peak(e);
  settle_bandwidth(e, info);
  settle_frame_rate(e, info, &segment);
}
