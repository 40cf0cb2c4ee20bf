#include "listed.h"

static void
add_rows(GArray *list, MgWindow *window, guint track)
{
  for (guint i = mg_window_first_row(window, track); i < mg_window_n_rows(window); i++) {
    const MgSegmentRow *row = mg_window_row(window, i);
    const Listed one = { row->segments[track], mg_window_row_segment(window, i), row->number,
                         row->discontinuity, row->is_discont };
    g_array_append_val(list, one);
  }
}

/* An open segment of which nothing has come yet is not there. */
static void
add_ahead(GArray *list, MgWindow *window, guint track)
{
  for (guint i = 0; i < mg_window_n_ahead(window, track); i++) {
    const MgSegment *segment = mg_window_ahead(window, track, i);
    const Listed *before = &g_array_index(list, Listed, list->len - 1);
    const Listed one = { segment, segment, segment->number, segment->discontinuity,
                         segment->discontinuity != before->discontinuity };
    g_array_append_val(list, one);
  }
}

GArray *
listed_new(MgWindow *window, guint track, gboolean with_ahead)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Listed));
  add_rows(list, window, track);
  if (with_ahead && list->len > 0)
    add_ahead(list, window, track);
  return list;
}

/* A gap, which has no parts, counts as one: whoever waits for its first is to hear of it. */
static guint
n_parts_of(const Listed *listed)
{
  const MgSegment *segment = listed->segment;
  if (segment == NULL)
    return 1;
  return segment->parts != NULL ? segment->parts->len : 0;
}

MgHlsProgress
listed_progress(const GArray *list)
{
  const Listed *last = &g_array_index(list, Listed, list->len - 1);
  gboolean is_open = last->segment != NULL && last->segment->is_open;
  if (!is_open)
    return (MgHlsProgress){ .next_msn = last->number + 1, .n_last_parts = n_parts_of(last) };
  const Listed *before = list->len > 1 ? last - 1 : NULL;
  return (MgHlsProgress){
    .next_msn = last->number,
    .n_parts = n_parts_of(last),
    .n_last_parts = before != NULL ? n_parts_of(before) : 0,
  };
}
