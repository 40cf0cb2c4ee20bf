#include "period.h"

#include <timeline/ticks.h>

/* Of so many rows the longest segment is looked for: encoders' GOPs are regular, or change for good. */
enum { ROWS_OF_LATE = 8 };

/* --- periods ----------------------------------------------------------------------------------- */

static void
period_free(gpointer data)
{
  Period *period = data;
  for (guint t = 0; t < MG_WINDOW_TRACKS; t++)
    g_array_unref(period->segments[t]);
  g_free(period);
}

static Period *
period_new(MgWindow *window, guint64 discontinuity)
{
  Period *period = g_new0(Period, 1);
  period->window = window;
  period->discontinuity = discontinuity;
  for (guint t = 0; t < MG_WINDOW_TRACKS; t++)
    period->segments[t] = g_array_new(FALSE, FALSE, sizeof(const MgSegment *));
  return period;
}

/* The period with that number, made where it belongs if there is none. */
static Period *
need_period(GPtrArray *periods, MgWindow *window, guint64 discontinuity)
{
  guint at = periods->len;
  for (; at > 0; at--) {
    Period *period = g_ptr_array_index(periods, at - 1);
    if (period->discontinuity == discontinuity)
      return period;
    if (period->discontinuity < discontinuity)
      break;
  }
  Period *period = period_new(window, discontinuity);
  g_ptr_array_insert(periods, (gint) at, period);
  return period;
}

static void
add(GPtrArray *periods, MgWindow *window, guint track, const MgSegment *segment)
{
  Period *period = need_period(periods, window, segment->discontinuity);
  g_array_append_val(period->segments[track], segment);
}

GPtrArray *
periods_list(MgWindow *window, gboolean is_low_latency)
{
  GPtrArray *periods = g_ptr_array_new_with_free_func(period_free);
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    guint n_ahead = is_low_latency ? mg_window_n_ahead(window, t) : 0;
    for (guint i = 0; i < mg_window_n_rows(window); i++) {
      const MgSegment *segment = mg_window_row(window, i)->segments[t];
      if (segment != NULL)
        add(periods, window, t, segment);
    }
    for (guint i = 0; i < n_ahead; i++)
      add(periods, window, t, mg_window_ahead(window, t, i));
  }
  return periods;
}

const MgSegment *
period_newest(const Period *period, guint track)
{
  guint n = period_count(period, track);
  return n > 0 ? period_segment(period, track, n - 1) : NULL;
}

const MgSegment *
period_any(const Period *period)
{
  for (guint t = 0; t < MG_WINDOW_TRACKS; t++)
    if (period_newest(period, t) != NULL)
      return period_newest(period, t);
  g_assert_not_reached();
}

/* --- durations --------------------------------------------------------------------------------- */

static MgTime
time_of(gint64 ticks, const MgSegment *segment)
{
  return mg_time_from_ticks(ticks, mg_stream_info(segment->stream)->timescale);
}

MgTime
longest_of_late(MgWindow *window, guint track)
{
  MgTime longest = 0;
  guint n_rows = mg_window_n_rows(window);
  for (guint i = n_rows - MIN(n_rows, ROWS_OF_LATE); i < n_rows; i++) {
    const MgSegment *segment = mg_window_row(window, i)->segments[track];
    if (segment != NULL)
      longest = MAX(longest, time_of(segment->duration, segment));
  }
  return longest;
}

gint64
segment_length(MgWindow *window, guint track, const MgSegment *segment)
{
  if (!segment->is_open)
    return segment->duration;
  MgTime longest = longest_of_late(window, track);
  if (longest == 0)
    longest = segment->target_ms * (MgTime) MG_MILLISECOND;
  gint64 ticks = mg_time_to_ticks(longest, mg_stream_info(segment->stream)->timescale);
  return MAX(ticks, segment->duration) + segment->duration / MAX(segment->n_samples, 1);
}

/* --- how far it has come ----------------------------------------------------------------------- */

Front
front_of(MgWindow *window)
{
  const MgSegmentRow *newest = mg_window_row(window, mg_window_n_rows(window) - 1);
  guint most = 0;
  for (guint t = 0; t < mg_window_n_tracks(window); t++)
    most = MAX(most, mg_window_n_ahead(window, t));
  Front front = { newest->number + most, TRUE };
  for (guint t = 0; t < mg_window_n_tracks(window); t++)
    front.is_of_all &= newest->segments[t] == NULL || mg_window_n_ahead(window, t) == most;
  return front;
}
