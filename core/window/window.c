#include "window/window.h"

#include "window/estimate.h"
#include "window/rows.h"
#include "window/shelf.h"

#include <string.h>

/* A track this much behind the first to finish a row has nothing for it. */
#define MOST_LAG (2 * MG_SECOND)

/* RFC 8216bis, 6.2.2: a list that has had so much never gets shorter. */
enum { LEAST_TARGETS = 3 };

typedef struct {
  MgStream *stream; /* as last declared */
  char *init_uri;
  MgSegment *open; /* being collected */

  guint64 finished; /* number of the newest finished segment, when */
  gboolean has_finished;
  guint64 first_listed; /* number of the first row with a segment of it, when */
  gboolean has_listed;
  gboolean is_away; /* ended, or missed the row listed last: nobody waits for it */

  /* Where it is: the end of its newest chunk. */
  guint64 discontinuity;
  MgTime period_start, end;

  MgEstimate estimate;
  gboolean is_measured; /* with the parameters that it has now */
} Track;

struct MgWindow {
  MgNode *node;
  MgTime length;
  MgTime longest; /* media that was listed at once */
  MgShelf *shelf;
  Track tracks[MG_WINDOW_TRACKS];
  guint n_tracks;
  gboolean has_warned;
  GPtrArray *coming; /* of MgSegmentRow *: begun, not all tracks have finished */
  GPtrArray *listed; /* of MgSegmentRow * */
  gsize bytes;       /* of all in it */
  guint flags;       /* of all that ever was in it */
  GPtrArray *gone;   /* of MgSegmentRow *: not listed, still to be had */
};

/* --- the list ---------------------------------------------------------------------------------- */

static void
withdraw_unused_init(MgWindow *window, guint track, const char *init_uri)
{
  if (!g_str_equal(window->tracks[track].init_uri, init_uri) &&
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
    const MgSegment *segment = row->segments[t];
    if (segment == NULL)
      continue;
    mg_shelf_remove(window->shelf, segment->uri);
    withdraw_unused_init(window, t, segment->init_uri);
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

static void
note_listed(MgWindow *window, const MgSegmentRow *row)
{
  for (guint t = 0; t < window->n_tracks; t++) {
    Track *track = &window->tracks[t];
    const MgSegment *segment = row->segments[t];
    track->is_away |= segment == NULL && track->open == NULL;
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
  g_ptr_array_add(window->listed, row);
  window->bytes += mg_row_bytes(row);
  note_listed(window, row);
}

/* A track is waited for while it has a segment open, or may still begin one for this row. */
static gboolean
is_awaited(const Track *track, const MgSegmentRow *row)
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
    const Track *track = &window->tracks[t];
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

static gboolean
list_complete_rows(MgWindow *window, gboolean is_final)
{
  gboolean has_new = FALSE;
  while (window->coming->len > 0 &&
         (is_final || is_complete(window, mg_row_at(window->coming, 0)))) {
    list_first_coming(window);
    has_new = TRUE;
  }
  if (has_new)
    trim(window);
  return has_new;
}

/* The row that a finished segment belongs to; rows are kept in the order of their numbers. */
static MgSegmentRow *
row_for(MgWindow *window, const MgSegment *segment)
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

/* --- chunks ------------------------------------------------------------------------------------ */

static Track *
find_track(MgWindow *window, MgStream *stream)
{
  const char *id = mg_stream_info(stream)->id;
  for (guint i = 0; i < window->n_tracks; i++)
    if (g_str_equal(mg_stream_info(window->tracks[i].stream)->id, id))
      return &window->tracks[i];
  return NULL;
}

static Track *
need_track(MgWindow *window, MgStream *stream)
{
  Track *track = find_track(window, stream);
  if (track != NULL || window->n_tracks < MG_WINDOW_TRACKS)
    return track ? track : &window->tracks[window->n_tracks++];
  if (!window->has_warned)
    mg_warning(window->node, "lists %d tracks; '%s' is one too many", MG_WINDOW_TRACKS,
               mg_stream_info(stream)->id);
  window->has_warned = TRUE;
  return NULL;
}

/* A new stream on a track, or the first: its init segment gets a name that no other ever had. */
static void
set_stream(MgWindow *window, Track *track, MgStream *stream, const MgChunk *chunk)
{
  if (track->stream == stream)
    return;
  MgStream *old = track->stream;
  track->stream = mg_stream_ref(stream);
  gboolean is_same = old != NULL && mg_stream_same_parameters(old, stream);
  mg_stream_unref(old);
  if (is_same)
    return;
  track->is_measured = FALSE;
  g_autofree char *old_init = track->init_uri;
  track->init_uri =
      g_strdup_printf("%s-init-%" G_GINT64_FORMAT ".mp4", mg_stream_info(stream)->id, chunk->start);
  mg_shelf_put_init(window->shelf, track->init_uri, stream);
  if (old_init != NULL)
    withdraw_unused_init(window, (guint) (track - window->tracks), old_init);
}

static MgSegment *
begin_segment(const Track *track, const MgChunk *chunk)
{
  MgSegment *segment = g_new0(MgSegment, 1);
  segment->stream = mg_stream_ref(track->stream);
  segment->number = chunk->segment;
  segment->discontinuity = chunk->discontinuity;
  segment->flags = chunk->flags;
  segment->start = chunk->start;
  segment->epoch_utc_us = chunk->epoch_utc_us;
  segment->period_start = chunk->period_start;
  segment->target_ms = chunk->target_ms;
  segment->uri = g_strdup_printf("%s-%" G_GINT64_FORMAT ".m4s", mg_stream_info(track->stream)->id,
                                 chunk->start);
  segment->init_uri = g_strdup(track->init_uri);
  segment->chunks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  return segment;
}

static void
measure(Track *track, MgSegment *segment)
{
  if (!track->is_measured)
    track->estimate = (MgEstimate){ 0 };
  track->is_measured = TRUE;
  const MgMeasured measured = {
    .bytes = segment->bytes,
    .duration = mg_segment_time(segment->duration, segment->stream),
    .n_samples = segment->n_samples,
    .target = segment->target_ms * MG_MILLISECOND,
  };
  mg_estimate_add(&track->estimate, mg_stream_info(segment->stream), measured);
  segment->bandwidth = track->estimate.bandwidth;
  segment->average_bandwidth = mg_estimate_average(&track->estimate);
  segment->frame_rate = track->estimate.frame_rate;
}

/* Its row has been listed without it, and what is listed stays as it is. */
static gboolean
is_too_late(const MgWindow *window, const MgSegment *segment)
{
  const MgSegmentRow *newest = mg_row_last(window->listed);
  return newest != NULL && segment->number <= newest->number;
}

static void
end_segment(MgWindow *window, Track *track)
{
  MgSegment *segment = g_steal_pointer(&track->open);
  if (segment == NULL)
    return;
  track->has_finished = TRUE;
  track->finished = segment->number;
  if (is_too_late(window, segment)) {
    mg_segment_free(segment);
    return;
  }
  measure(track, segment);
  mg_shelf_put_segment(window->shelf, segment);
  row_for(window, segment)->segments[track - window->tracks] = segment;
}

/* CHUNK is taken. */
static void
collect(Track *track, MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  MgSegment *segment = track->open;
  segment->duration += chunk->duration;
  segment->n_samples += chunk->n_samples;
  segment->bytes += buffer->size;
  track->is_away = FALSE;
  track->discontinuity = chunk->discontinuity;
  track->period_start = mg_segment_time(chunk->period_start, track->stream);
  track->end = mg_segment_time(chunk->start + chunk->duration, track->stream);
  g_ptr_array_add(segment->chunks, buffer);
}

/* The window was opened in mid-segment: others have the name of that segment for all of its bytes. */
static gboolean
lacks_beginning(MgWindow *window, const MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  const Track *track = find_track(window, buffer->stream);
  gboolean goes_on = track != NULL && track->open != NULL && track->open->number == chunk->segment;
  return !goes_on && !(chunk->flags & MG_CHUNK_STARTS_SEGMENT);
}

gboolean
mg_window_push(MgWindow *window, MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  Track *track = !lacks_beginning(window, buffer) ? need_track(window, buffer->stream) : NULL;
  if (track == NULL) {
    mg_buffer_unref(buffer);
    return FALSE;
  }
  gboolean ends_segment = chunk->flags & MG_CHUNK_ENDS_SEGMENT;
  if (track->open != NULL && track->open->number != chunk->segment)
    end_segment(window, track);
  set_stream(window, track, buffer->stream, chunk);
  if (track->open == NULL)
    track->open = begin_segment(track, chunk);
  collect(track, buffer);
  if (ends_segment)
    end_segment(window, track);
  return list_complete_rows(window, FALSE);
}

gboolean
mg_window_end_track(MgWindow *window, MgStream *stream)
{
  Track *track = find_track(window, stream);
  if (track == NULL)
    return FALSE;
  end_segment(window, track);
  track->is_away = TRUE;
  return list_complete_rows(window, FALSE);
}

gboolean
mg_window_flush(MgWindow *window)
{
  for (guint t = 0; t < window->n_tracks; t++)
    end_segment(window, &window->tracks[t]);
  return list_complete_rows(window, TRUE);
}

/* --- life, and what outputs ask ---------------------------------------------------------------- */

static void
announce(MgWindow *window, const char *name)
{
  g_autofree char *url = mg_shelf_url(window->shelf, name);
  mg_node_announce(window->node, MG_URL_OPEN, url);
}

MgWindow *
mg_window_new(MgNode *node, const MgWindowOptions *options, GError **error)
{
  MgShelf *shelf = mg_shelf_new(node, options, error);
  if (shelf == NULL)
    return NULL;
  MgWindow *window = g_new0(MgWindow, 1);
  window->node = node;
  window->length = options->length;
  window->shelf = shelf;
  window->coming = g_ptr_array_new_with_free_func(mg_row_free);
  window->listed = g_ptr_array_new_with_free_func(mg_row_free);
  window->gone = g_ptr_array_new_with_free_func(mg_row_free);
  announce(window, options->name);
  return window;
}

void
mg_window_free(MgWindow *window, MgTime after)
{
  if (window == NULL)
    return;
  mg_shelf_free(window->shelf, after);
  for (guint t = 0; t < window->n_tracks; t++) {
    mg_segment_free(window->tracks[t].open);
    mg_stream_unref(window->tracks[t].stream);
    g_free(window->tracks[t].init_uri);
  }
  g_ptr_array_unref(window->coming);
  g_ptr_array_unref(window->listed);
  g_ptr_array_unref(window->gone);
  g_free(window);
}

void
mg_window_put(MgWindow *window, const char *name, const char *content_type, guint max_age_ms,
              const char *text, gsize size)
{
  mg_shelf_put_manifest(window->shelf, name, content_type, max_age_ms, text, size);
}

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

guint
mg_window_n_tracks(MgWindow *window)
{
  return window->n_tracks;
}

const char *
mg_window_track_id(MgWindow *window, guint track)
{
  return mg_stream_info(window->tracks[track].stream)->id;
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
  const Track *t = &window->tracks[track];
  guint index = 0;
  while (index < window->listed->len &&
         (!t->has_listed || mg_row_at(window->listed, index)->number < t->first_listed))
    index++;
  return index;
}
