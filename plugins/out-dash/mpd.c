#include "mpd.h"

#include "set.h"

#include <manifest/dash.h>
#include <timeline/ticks.h>

#include <string.h>

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

static guint
end_of_period(MgWindow *window, guint first)
{
  guint64 number = mg_window_row(window, first)->discontinuity;
  guint end = first + 1;
  while (end < mg_window_n_rows(window) && mg_window_row(window, end)->discontinuity == number)
    end++;
  return end;
}

static MgDashPeriod
describe_period(const SetRows *rows)
{
  const MgSegment *first = mg_window_row_segment(rows->window, rows->first);
  char *id = g_strdup_printf("p%" G_GUINT64_FORMAT, first->discontinuity);
  g_ptr_array_add(rows->arena, id);
  MgDashPeriod period = {
    .id = id,
    .start_ms = (guint64) to_ms(first->period_start, first),
  };
  period.sets = sets_list(rows, &period.n_sets);
  return period;
}

static GArray *
describe_periods(MgWindow *window, GPtrArray *arena)
{
  GArray *periods = g_array_new(FALSE, FALSE, sizeof(MgDashPeriod));
  for (guint i = 0, end; i < mg_window_n_rows(window); i = end) {
    end = end_of_period(window, i);
    const SetRows rows = { window, i, end, arena };
    MgDashPeriod period = describe_period(&rows);
    g_array_append_val(periods, period);
  }
  return periods;
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
  const MgSegment *first = mg_window_row_segment(window, 0);
  g_autoptr(GPtrArray) arena = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GArray) periods = describe_periods(window, arena);
  MgDashMpd mpd = {
    .profiles = "urn:mpeg:dash:profile:isoff-live:2011",
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
  mg_dash_mpd_write(&mpd, w);
}
