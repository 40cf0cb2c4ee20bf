#include "mpd.h"

#include "period.h"
#include "set.h"

#include <manifest/dash.h>
#include <timeline/ticks.h>

#include <string.h>

#define PROFILES             "urn:mpeg:dash:profile:isoff-live:2011"
#define LOW_LATENCY_PROFILES PROFILES ",http://www.dashif.org/guidelines/low-latency-live-v5"

/* How far from the live edge players stay, in target durations; as with HLS. */
enum { DELAY_TARGETS = 3 };

/* No segment is longer than its target duration and this: EXTINF, rounded, must not exceed it. */
enum { LONGEST_MORE_MS = 500 };

static gint64
to_ms(gint64 ticks, const MgSegment *segment)
{
  gint64 ns = mg_time_from_ticks(ticks, mg_stream_info(segment->stream)->timescale);
  return (ns + MG_MILLISECOND / 2) / MG_MILLISECOND;
}

/* --- periods ----------------------------------------------------------------------------------- */

static MgDashPeriod
describe_period(const Period *period, const SetOptions *options)
{
  const MgSegment *any = period_any(period);
  char *id = g_strdup_printf("p%" G_GUINT64_FORMAT, period->discontinuity);
  g_ptr_array_add(options->arena, id);
  MgDashPeriod described = {
    .id = id,
    .start_ms = (guint64) to_ms(any->period_start, any),
  };
  described.sets = sets_list(period, options, &described.n_sets);
  return described;
}

static GArray *
describe_periods(const GPtrArray *periods, const SetOptions *options)
{
  GArray *described = g_array_new(FALSE, FALSE, sizeof(MgDashPeriod));
  for (guint i = 0; i < periods->len; i++) {
    MgDashPeriod one = describe_period(g_ptr_array_index(periods, i), options);
    g_array_append_val(described, one);
  }
  return described;
}

/* --- low latency ------------------------------------------------------------------------------- */

/* Offsets are kept on a grid, so that a frame more or less changes nothing. */
enum { EARLY_GRID_MS = 100 };

/* Players wait for a part to be made and one to be fetched, look for new segments once a part, and need a little. */
enum { LATENCY_PARTS = 3, LATENCY_MORE_MS = 500 };

/* They may be further away for a while, but not for ever; and come back as slowly as hardly anybody hears. */
enum { MOST_LATENCY_TIMES = 3, SLOWEST = 960, FASTEST = 1100 };

/* How long before its end the segments of every track can be had: all but their first part. */
static guint32
early_ms(MgWindow *window)
{
  MgTime early = G_MAXINT64;
  MgTime part = mg_window_part_target_us(window) * (MgTime) MG_MICROSECOND;
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    MgTime longest = longest_of_late(window, t);
    if (longest > 0)
      early = MIN(early, longest - part);
  }
  if (part == 0 || early == G_MAXINT64 || early < 0)
    return 0;
  return (guint32) (early / (EARLY_GRID_MS * MG_MILLISECOND) * EARLY_GRID_MS);
}

static guint32
latency_ms(MgWindow *window, const MpdOptions *options)
{
  if (options->latency > 0)
    return (guint32) (options->latency / MG_MILLISECOND);
  return LATENCY_PARTS * mg_window_part_target_us(window) / 1000 + LATENCY_MORE_MS;
}

/*
 * The suggested delay is for players that know no low latency. It is also where Shaka Player begins with low latency: as
 * far from the end of what is listed, which an open segment puts into the future, and twice, as the offset is
 * added. It comes nearer then.
 */
static void
describe_latency(MgDashMpd *mpd, MgWindow *window, const MpdOptions *options, guint32 early)
{
  const MgDashPeriod *newest = &mpd->periods[mpd->n_periods - 1];
  guint32 part_ms = mg_window_part_target_us(window) / 1000;
  guint32 target_ms = latency_ms(window, options);
  mpd->profiles = LOW_LATENCY_PROFILES;
  mpd->patch_location = options->patch_location;
  mpd->patch_ttl_s = options->patch_ttl_s;
  mpd->update_period_ms = part_ms;
  mpd->min_buffer_ms = part_ms;
  if (options->presentation_delay == 0)
    mpd->presentation_delay_ms = target_ms + 2 * early;
  mpd->latency = (MgDashLatency){
    .target_ms = target_ms,
    .least_ms = MIN(2 * part_ms, target_ms),
    .most_ms = MOST_LATENCY_TIMES * target_ms,
    .has_reference = TRUE,
    .reference = newest->sets[0].id,
    .slowest = SLOWEST,
    .fastest = FASTEST,
  };
}

/* --- the whole --------------------------------------------------------------------------------- */

static void
describe_live(MgDashMpd *mpd, MgWindow *window, const MpdOptions *options, guint target_ms)
{
  guint delay_ms = (guint) (options->presentation_delay / MG_MILLISECOND);
  mpd->is_dynamic = TRUE;
  mpd->update_period_ms = target_ms / 2;
  mpd->time_shift_ms = (guint64) (mg_window_length(window) / MG_MILLISECOND);
  mpd->presentation_delay_ms = delay_ms > 0 ? delay_ms : DELAY_TARGETS * target_ms;
  mpd->clock_scheme = "urn:mpeg:dash:utc:http-xsdate:2014";
  mpd->clock_value = options->clock;
}

/* Where the last row ends, on the timeline that availabilityStartTime begins. */
static guint64
end_ms(MgWindow *window)
{
  const MgSegmentRow *row = mg_window_row(window, mg_window_n_rows(window) - 1);
  gint64 end = 0;
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    const MgSegment *segment = row->segments[t];
    if (segment != NULL)
      end = MAX(end, to_ms(segment->start + segment->duration, segment));
  }
  return (guint64) end;
}

void
mpd_write(MgWindow *window, const MpdOptions *options, MgWriter *w)
{
  gboolean is_low_latency = options->is_low_latency && !options->has_ended;
  const MgSegment *first = mg_window_row_segment(window, 0);
  g_autoptr(GPtrArray) arena = g_ptr_array_new_with_free_func(g_free);
  const SetOptions how = {
    .arena = arena,
    .early_ms = is_low_latency ? early_ms(window) : 0,
    .part = mg_window_part_target_us(window) * (MgTime) MG_MICROSECOND,
  };
  g_autoptr(GPtrArray) listed = periods_list(window, is_low_latency);
  g_autoptr(GArray) periods = describe_periods(listed, &how);
  MgDashMpd mpd = {
    .id = options->is_low_latency ? options->id : NULL,
    .profiles = PROFILES,
    .availability_start_us = first->epoch_utc_us,
    .publish_us = options->publish_us,
    .min_buffer_ms = first->target_ms,
    .max_segment_ms = first->target_ms + LONGEST_MORE_MS,
    .periods = (const MgDashPeriod *) (gconstpointer) periods->data,
    .n_periods = periods->len,
  };
  if (options->has_ended)
    mpd.duration_ms = end_ms(window);
  else
    describe_live(&mpd, window, options, first->target_ms);
  if (how.early_ms > 0)
    describe_latency(&mpd, window, options, how.early_ms);
  mg_dash_mpd_write(&mpd, w);
}
