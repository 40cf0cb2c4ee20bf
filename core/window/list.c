/* The list of a window: which rows are coming, listed, and gone. */
#include "window/private.h"

/* A track this much behind the first to finish a row has nothing for it. */
#define MOST_LAG (2 * MG_SECOND)

/* RFC 8216bis, 6.2.2: a list that has had so much never gets shorter. */
enum { LEAST_TARGETS = 3 };

void
mg_window_withdraw_init(MgWindow *window, guint track, const char *init_uri)
{
  if (init_uri != NULL && !g_str_equal(window->tracks[track].init_uri, init_uri) &&
      !mg_rows_have_init(window->coming, track, init_uri) &&
      !mg_rows_have_init(window->listed, track, init_uri) &&
      !mg_rows_have_init(window->gone, track, init_uri))
    mg_shelf_remove(window->shelf, init_uri);
}

static void
withdraw_oldest(MgWindow *window)
{
  MgSegmentRow *row = g_ptr_array_steal_index(window->gone, 0);
  for (guint t = 0; t < window->n_tracks; t++) {
    MgSegment *segment = row->segments[t];
    if (segment == NULL)
      continue;
    mg_window_withdraw_segment(window, &window->tracks[t], segment);
    mg_window_withdraw_init(window, t, segment->init_uri);
  }
  mg_row_free(row);
}

MgTime
mg_window_length(MgWindow *window)
{
  MgSegmentRow *newest = mg_row_last(window->listed);
  MgTime least =
      newest ? mg_row_any(newest)->target_ms * MG_MILLISECOND * (MgTime) LEAST_TARGETS : 0;
  return MAX(window->length, least);
}

/* Takes the oldest row off the list; whoever has just read a manifest still gets its segments. */
static void
unlist_oldest(MgWindow *window)
{
  MgSegmentRow *row = g_ptr_array_steal_index(window->listed, 0);
  window->bytes -= mg_row_bytes(row);
  g_ptr_array_add(window->gone, row);
}

/* Returns how much media stays listed. */
static MgTime
unlist_old(MgWindow *window)
{
  MgTime length = window->length > 0 ? mg_window_length(window) : G_MAXINT64;
  MgTime listed = mg_rows_duration(window->listed);
  for (MgTime oldest; window->listed->len > 1; listed -= oldest) {
    oldest = mg_row_duration(mg_row_at(window->listed, 0));
    if (listed - oldest < length)
      break;
    unlist_oldest(window);
  }
  return listed;
}

void
mg_window_note_ahead(MgWindow *window)
{
  const MgSegmentRow *row;
  MgTime length = mg_rows_duration(window->listed);
  for (guint i = 0; (row = mg_row_at(window->coming, i)) != NULL; i++)
    length += mg_row_duration(row);
  window->longest = MAX(window->longest, length);
}

static void
trim(MgWindow *window)
{
  window->longest = MAX(window->longest, unlist_old(window));
  MgTime gone = mg_rows_duration(window->gone);
  for (MgTime oldest; window->gone->len > 0; gone -= oldest) {
    oldest = mg_row_duration(mg_row_at(window->gone, 0));
    if (gone - oldest < window->longest + oldest)
      break;
    withdraw_oldest(window);
  }
}

static gboolean
follows(const MgSegmentRow *row, const MgSegmentRow *before)
{
  return row->number == before->number + 1 &&
         row->discontinuity - before->discontinuity <= 1; /* unsigned: back is far */
}

/* Nobody waits for the track, and nobody is told to. */
static void
note_absence(MgWindow *window, MgWindowTrack *track)
{
  if (track->open != NULL || track->is_away)
    return;
  track->is_away = TRUE;
  mg_window_withdraw_promises(window, track);
}

static void
note_listed(MgWindow *window, const MgSegmentRow *row)
{
  for (guint t = 0; t < window->n_tracks; t++) {
    MgWindowTrack *track = &window->tracks[t];
    const MgSegment *segment = row->segments[t];
    if (segment == NULL)
      note_absence(window, track);
    window->flags |= segment != NULL ? segment->flags : 0;
    if (segment == NULL || track->has_listed)
      continue;
    track->has_listed = TRUE;
    track->first_listed = row->number;
  }
}

static void
list_first_coming(MgWindow *window)
{
  MgSegmentRow *row = g_ptr_array_steal_index(window->coming, 0);
  const MgSegmentRow *before = mg_row_last(window->listed);
  row->is_discont = before ? before->discontinuity != row->discontinuity
                           : (mg_row_any(row)->flags & MG_CHUNK_DISCONT) != 0;
  if (before != NULL && !follows(row, before))
    while (window->listed->len > 0)
      unlist_oldest(window);
  if (window->view != NULL)
    window->view->put_row(window, row);
  g_ptr_array_add(window->listed, row);
  window->bytes += mg_row_bytes(row);
  note_listed(window, row);
}

/* A track is waited for while it has a segment open, or may still begin one for this row. */
static gboolean
is_awaited(const MgWindowTrack *track, const MgSegmentRow *row)
{
  if (track->open != NULL)
    return track->open->number <= row->number;
  return track->has_finished && track->finished < row->number && !track->is_away;
}

/* Across a discontinuity times do not compare: there it counts how long the new one has lasted. */
static gboolean
is_overdue(const MgWindow *window, const MgSegmentRow *row)
{
  const MgSegment *done = mg_row_any(row);
  MgTime end = mg_segment_time(done->start + done->duration, done->stream);
  for (guint t = 0; t < window->n_tracks; t++) {
    const MgWindowTrack *track = &window->tracks[t];
    if (track->discontinuity < row->discontinuity)
      continue;
    gboolean is_same = track->discontinuity == row->discontinuity;
    if (track->end > (is_same ? end : track->period_start) + MOST_LAG)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_complete(const MgWindow *window, const MgSegmentRow *row)
{
  for (guint t = 0; t < window->n_tracks; t++)
    if (row->segments[t] == NULL && is_awaited(&window->tracks[t], row))
      return is_overdue(window, row);
  return TRUE;
}

gboolean
mg_window_list_rows(MgWindow *window, gboolean is_final)
{
  gboolean has_new = FALSE;
  while (window->coming->len > 0 &&
         (is_final || is_complete(window, mg_row_at(window->coming, 0)))) {
    list_first_coming(window);
    has_new = TRUE;
  }
  if (has_new) {
    trim(window);
    window->changed = G_MAXUINT;
  }
  return has_new;
}

MgSegmentRow *
mg_window_row_for(MgWindow *window, const MgSegment *segment)
{
  guint at = 0;
  for (; at < window->coming->len; at++) {
    MgSegmentRow *row = mg_row_at(window->coming, at);
    if (row->number == segment->number)
      return row;
    if (row->number > segment->number)
      break;
  }
  MgSegmentRow *row = g_new0(MgSegmentRow, 1);
  row->number = segment->number;
  row->discontinuity = segment->discontinuity;
  g_ptr_array_insert(window->coming, (gint) at, row);
  return row;
}

/* --- what outputs ask --------------------------------------------------------------------------- */

guint
mg_window_n_rows(MgWindow *window)
{
  return window->listed->len;
}

const MgSegmentRow *
mg_window_row(MgWindow *window, guint index)
{
  return mg_row_at(window->listed, index);
}

const MgSegment *
mg_window_row_segment(MgWindow *window, guint index)
{
  return mg_row_any(mg_row_at(window->listed, index));
}

gsize
mg_window_bytes(MgWindow *window)
{
  return window->bytes;
}

guint
mg_window_flags(MgWindow *window)
{
  return window->flags;
}

const MgSegment *
mg_window_newest(MgWindow *window, guint track)
{
  for (guint i = window->listed->len; i > 0; i--) {
    const MgSegment *segment = mg_row_at(window->listed, i - 1)->segments[track];
    if (segment != NULL)
      return segment;
  }
  return NULL;
}

guint
mg_window_first_row(MgWindow *window, guint track)
{
  const MgWindowTrack *t = &window->tracks[track];
  guint index = 0;
  while (index < window->listed->len &&
         (!t->has_listed || mg_row_at(window->listed, index)->number < t->first_listed))
    index++;
  return index;
}
