#include "media.h"

#include <manifest/hls.h>
#include <timeline/ticks.h>

/* A gap must name something (4.4.4.7), which nobody fetches. */
#define GAP_URI "gap.m4s"

char *
media_name(const char *id)
{
  return g_strconcat(id, ".m3u8", NULL);
}

static gint64
utc_us_of(const MgSegment *segment)
{
  gint64 ns = mg_time_from_ticks(segment->start, mg_stream_info(segment->stream)->timescale);
  return segment->epoch_utc_us + ns / MG_MICROSECOND;
}

/* The init segment stays what it is across a gap. */
static MgHlsSegment
describe_gap(const MgSegment *instead, const char *map_uri)
{
  return (MgHlsSegment){
    .uri = GAP_URI,
    .map_uri = map_uri,
    .duration = (guint64) instead->duration,
    .timescale = mg_stream_info(instead->stream)->timescale,
    .program_date_us = utc_us_of(instead),
    .is_gap = TRUE,
  };
}

static MgHlsSegment
describe_segment(const MgSegment *segment)
{
  return (MgHlsSegment){
    .uri = segment->uri,
    .map_uri = segment->init_uri,
    .duration = (guint64) segment->duration,
    .timescale = mg_stream_info(segment->stream)->timescale,
    .program_date_us = utc_us_of(segment),
  };
}

/* The init segment for gaps at the beginning: that of the first segment behind them. */
static const char *
first_map(MgWindow *window, guint track, guint from)
{
  for (guint i = from; i < mg_window_n_rows(window); i++) {
    const MgSegment *segment = mg_window_row(window, i)->segments[track];
    if (segment != NULL)
      return segment->init_uri;
  }
  return NULL;
}

static GArray *
describe_rows(MgWindow *window, guint track, guint first)
{
  guint n = mg_window_n_rows(window);
  GArray *segments = g_array_sized_new(FALSE, FALSE, sizeof(MgHlsSegment), n - first);
  const char *map_uri = first_map(window, track, first);
  for (guint i = first; i < n; i++) {
    const MgSegmentRow *row = mg_window_row(window, i);
    const MgSegment *segment = row->segments[track];
    MgHlsSegment one = segment ? describe_segment(segment)
                               : describe_gap(mg_window_row_segment(window, i), map_uri);
    one.is_discontinuous = row->is_discont;
    map_uri = one.map_uri;
    g_array_append_val(segments, one);
  }
  return segments;
}

/* Numbers outlive the process; the tag in front of a listed segment has not been counted yet (6.2.2). */
static guint64
discontinuity_sequence(const MgSegmentRow *first)
{
  return first->discontinuity - (first->is_discont && first->discontinuity > 0 ? 1 : 0);
}

gboolean
media_write(MgWindow *window, guint track, const MediaOptions *options, MgWriter *w)
{
  guint first = mg_window_first_row(window, track);
  if (first == mg_window_n_rows(window))
    return FALSE;
  const MgSegmentRow *row = mg_window_row(window, first);
  g_autoptr(GArray) segments = describe_rows(window, track, first);
  const MgHlsMedia media = {
    .target_duration_s = mg_window_row_segment(window, first)->target_ms / 1000,
    .media_sequence = row->number,
    .discontinuity_sequence = discontinuity_sequence(row),
    .is_event = options->is_event,
    .has_ended = options->has_ended,
    .segments = (const MgHlsSegment *) (gconstpointer) segments->data,
    .n_segments = segments->len,
  };
  mg_hls_media_write(&media, w);
  return TRUE;
}
