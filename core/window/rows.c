#include "window/rows.h"

void
mg_segment_free(MgSegment *segment)
{
  if (segment == NULL)
    return;
  mg_stream_unref(segment->stream);
  g_ptr_array_unref(segment->chunks);
  g_clear_pointer(&segment->parts, g_array_unref);
  g_free(segment->uri);
  g_free(segment->init_uri);
  g_free(segment);
}

MgTime
mg_segment_time(gint64 ticks, const MgStream *stream)
{
  gint64 scale = mg_stream_info(stream)->timescale;
  return (MgTime) ((__int128) ticks * MG_SECOND / scale);
}

void
mg_row_free(gpointer data)
{
  MgSegmentRow *row = data;
  for (guint i = 0; i < MG_WINDOW_TRACKS; i++)
    mg_segment_free(row->segments[i]);
  g_free(row);
}

const MgSegment *
mg_row_any(const MgSegmentRow *row)
{
  for (guint i = 0; i < MG_WINDOW_TRACKS; i++)
    if (row->segments[i] != NULL)
      return row->segments[i];
  g_assert_not_reached();
}

MgTime
mg_row_duration(const MgSegmentRow *row)
{
  const MgSegment *segment = mg_row_any(row);
  return mg_segment_time(segment->duration, segment->stream);
}

gsize
mg_row_bytes(const MgSegmentRow *row)
{
  gsize sum = 0;
  for (guint i = 0; i < MG_WINDOW_TRACKS; i++)
    sum += row->segments[i] != NULL ? row->segments[i]->bytes : 0;
  return sum;
}

MgSegmentRow *
mg_row_at(const GPtrArray *rows, guint index)
{
  return index < rows->len ? g_ptr_array_index(rows, index) : NULL;
}

MgSegmentRow *
mg_row_last(const GPtrArray *rows)
{
  return rows->len > 0 ? g_ptr_array_index(rows, rows->len - 1) : NULL;
}

MgTime
mg_rows_duration(const GPtrArray *rows)
{
  MgTime sum = 0;
  for (guint i = 0; i < rows->len; i++)
    sum += mg_row_duration(mg_row_at(rows, i));
  return sum;
}

gboolean
mg_rows_have_init(const GPtrArray *rows, guint track, const char *init_uri)
{
  for (guint i = 0; i < rows->len; i++) {
    const MgSegment *segment = mg_row_at(rows, i)->segments[track];
    if (segment != NULL && g_str_equal(segment->init_uri, init_uri))
      return TRUE;
  }
  return FALSE;
}
