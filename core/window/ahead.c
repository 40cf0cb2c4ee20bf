/* What low latency asks of a window: parts, growing segments, promises, and what is ahead of the rows. */
#include "window/private.h"

/* Parts are listed for so many target durations, and can be had for as many more (RFC 8216bis, 4.4.4.9). */
enum { PARTS_TARGETS = 3 };

/* Without news for so many a request is answered with 503. */
enum { WAIT_TARGETS = 3 };

/* A part that is not listed any more. */
typedef struct {
  char *uri;
  MgTime end; /* of its segment */
} OldPart;

static void
old_part_free(gpointer data)
{
  OldPart *part = data;
  g_free(part->uri);
  g_free(part);
}

static const char *
track_id(const MgWindowTrack *track)
{
  return mg_stream_info(track->stream)->id;
}

static MgTime
targets(const MgSegment *segment, guint n)
{
  return segment->target_ms * MG_MILLISECOND * (MgTime) n;
}

static char *
number_uri(const MgWindowTrack *track, guint64 number)
{
  return g_strdup_printf("%s-n%" G_GUINT64_FORMAT ".m4s", track_id(track), number);
}

/* --- promises ---------------------------------------------------------------------------------- */

/* *PROMISED becomes NAME (taken), or nothing when that is NULL; what it was before does not come any more. */
static void
promise(MgWindow *window, char **promised, char *name, MgTime wait)
{
  if (*promised != NULL)
    mg_shelf_withdraw(window->shelf, *promised);
  g_free(*promised);
  *promised = name;
  if (name != NULL)
    mg_shelf_promise(window->shelf, name, wait);
}

/* NAME is about to come; if that is not what was promised, the promise is withdrawn. */
static void
keep_promise(MgWindow *window, char **promised, const char *name)
{
  if (*promised != NULL && !g_str_equal(*promised, name))
    mg_shelf_withdraw(window->shelf, *promised);
  g_clear_pointer(promised, g_free);
}

void
mg_window_withdraw_promises(MgWindow *window, MgWindowTrack *track)
{
  if (track->next_part != NULL)
    window->changed |= 1u << (track - window->tracks);
  promise(window, &track->next_part, NULL, 0);
  promise(window, &track->next_uri, NULL, 0);
  promise(window, &track->next_number_uri, NULL, 0);
}

static void
promise_part(MgWindow *window, MgWindowTrack *track, const MgSegment *segment, gint64 start)
{
  char *name = g_strdup_printf("%s-p%" G_GINT64_FORMAT ".m4s", track_id(track), start);
  promise(window, &track->next_part, name, targets(segment, WAIT_TARGETS));
}

static void
promise_segment(MgWindow *window, MgWindowTrack *track, const MgSegment *segment)
{
  MgTime wait = targets(segment, WAIT_TARGETS);
  gint64 start = segment->start + segment->duration;
  char *name = g_strdup_printf("%s-%" G_GINT64_FORMAT ".m4s", track_id(track), start);
  promise(window, &track->next_uri, name, wait);
  if (window->asks & MG_OUTPUT_NUMBERS)
    promise(window, &track->next_number_uri, number_uri(track, segment->number + 1), wait);
}

/* --- parts ------------------------------------------------------------------------------------- */

static void
clear_part(gpointer data)
{
  MgPart *part = data;
  g_free(part->uri);
}

static void
add_part(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer)
{
  MgSegment *segment = track->open;
  const MgChunk *chunk = buffer->chunk;
  const MgPart part = { chunk, g_strdup_printf("%s-p%" G_GINT64_FORMAT ".m4s", track_id(track),
                                               chunk->start) };
  keep_promise(window, &track->next_part, part.uri);
  mg_shelf_put_part(window->shelf, part.uri, buffer);
  g_array_append_val(segment->parts, part);
  promise_part(window, track, segment, chunk->start + chunk->duration);
}

static void
withdraw_parts(MgWindow *window, MgSegment *segment)
{
  for (guint i = 0; segment->parts != NULL && i < segment->parts->len; i++)
    mg_shelf_withdraw(window->shelf, g_array_index(segment->parts, MgPart, i).uri);
  g_clear_pointer(&segment->parts, g_array_unref);
}

static MgTime
end_of(const MgSegment *segment)
{
  return mg_segment_time(segment->start + segment->duration, segment->stream);
}

/* Takes the parts of SEGMENT off the list; who has just read that still gets them. */
static void
unlist_parts(MgWindowTrack *track, MgSegment *segment)
{
  for (guint i = 0; i < segment->parts->len; i++) {
    OldPart *old = g_new(OldPart, 1);
    *old = (OldPart){ g_steal_pointer(&g_array_index(segment->parts, MgPart, i).uri),
                      end_of(segment) };
    g_queue_push_tail(&track->old_parts, old);
  }
  g_clear_pointer(&segment->parts, g_array_unref);
}

static void
unlist_old_parts(MgWindow *window, guint t, MgTime length)
{
  MgWindowTrack *track = &window->tracks[t];
  for (guint i = 0; i < window->listed->len; i++) {
    MgSegment *segment = mg_row_at(window->listed, i)->segments[t];
    if (segment == NULL || segment->parts == NULL)
      continue;
    if (track->end - end_of(segment) < length)
      return;
    unlist_parts(track, segment);
  }
}

static void
withdraw_old_parts(MgWindow *window, MgWindowTrack *track, MgTime length)
{
  OldPart *oldest;
  while ((oldest = g_queue_peek_head(&track->old_parts)) != NULL &&
         track->end - oldest->end >= length) {
    mg_shelf_withdraw(window->shelf, oldest->uri);
    old_part_free(g_queue_pop_head(&track->old_parts));
  }
}

void
mg_window_trim_parts(MgWindow *window)
{
  const MgSegmentRow *newest = mg_row_last(window->listed);
  if (!(window->asks & MG_OUTPUT_PARTS) || newest == NULL)
    return;
  MgTime length = targets(mg_row_any(newest), PARTS_TARGETS);
  for (guint t = 0; t < window->n_tracks; t++) {
    unlist_old_parts(window, t, length);
    withdraw_old_parts(window, &window->tracks[t], 2 * length);
  }
}

/* --- segments ---------------------------------------------------------------------------------- */

static void
begin_growing(MgWindow *window, MgWindowTrack *track)
{
  MgSegment *segment = track->open;
  keep_promise(window, &track->next_uri, segment->uri);
  mg_shelf_begin_segment(window->shelf, segment, segment->uri);
  if (!(window->asks & MG_OUTPUT_NUMBERS))
    return;
  g_autofree char *name = number_uri(track, segment->number);
  keep_promise(window, &track->next_number_uri, name);
  mg_shelf_begin_segment(window->shelf, segment, name);
}

void
mg_window_begin_ahead(MgWindow *window, MgWindowTrack *track, const MgChunk *chunk)
{
  window->part_target_us = chunk->part_target_us;
  if (window->asks & MG_OUTPUT_PARTS && chunk->part_target_us > 0) {
    track->open->parts = g_array_new(FALSE, FALSE, sizeof(MgPart));
    g_array_set_clear_func(track->open->parts, clear_part);
  }
  if (window->asks & MG_OUTPUT_GROWING)
    begin_growing(window, track);
}

static void
grow(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer)
{
  mg_shelf_append(window->shelf, track->open->uri, buffer);
  if (!(window->asks & MG_OUTPUT_NUMBERS))
    return;
  g_autofree char *name = number_uri(track, track->open->number);
  mg_shelf_append(window->shelf, name, buffer);
}

void
mg_window_add_ahead(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer)
{
  window->changed |= 1u << (track - window->tracks);
  if (track->open->parts != NULL)
    add_part(window, track, buffer);
  if (window->asks & MG_OUTPUT_GROWING)
    grow(window, track, buffer);
}

static void
put_whole(MgWindow *window, const MgSegment *segment, const char *name)
{
  if (window->asks & MG_OUTPUT_GROWING)
    mg_shelf_finish_segment(window->shelf, segment, name);
  else
    mg_shelf_put_segment(window->shelf, segment, name);
}

void
mg_window_end_ahead(MgWindow *window, MgWindowTrack *track, const MgSegment *segment)
{
  if (window->view != NULL)
    return;
  put_whole(window, segment, segment->uri);
  if (window->asks & MG_OUTPUT_NUMBERS) {
    g_autofree char *name = number_uri(track, segment->number);
    put_whole(window, segment, name);
  }
  if (window->asks & MG_OUTPUT_GROWING)
    promise_segment(window, track, segment);
}

static void
remove_whole(MgWindow *window, const MgWindowTrack *track, const MgSegment *segment)
{
  mg_shelf_remove(window->shelf, segment->uri);
  if (!(window->asks & MG_OUTPUT_NUMBERS))
    return;
  g_autofree char *name = number_uri(track, segment->number);
  mg_shelf_remove(window->shelf, name);
}

void
mg_window_withdraw_segment(MgWindow *window, MgWindowTrack *track, MgSegment *segment)
{
  withdraw_parts(window, segment);
  remove_whole(window, track, segment);
}

void
mg_window_withdraw_open(MgWindow *window, MgWindowTrack *track, MgSegment *segment)
{
  withdraw_parts(window, segment);
  if (window->asks & MG_OUTPUT_GROWING)
    remove_whole(window, track, segment);
}

void
mg_window_clear_ahead(MgWindowTrack *track)
{
  g_free(track->next_part);
  g_free(track->next_uri);
  g_free(track->next_number_uri);
  g_queue_clear_full(&track->old_parts, old_part_free);
}

/* --- what outputs ask --------------------------------------------------------------------------- */

static gboolean
follows(const MgSegment *segment, const MgSegmentRow *newest, guint index)
{
  return segment->number == newest->number + 1 + index &&
         segment->discontinuity - newest->discontinuity <= 1 + (guint64) index;
}

/* The segment INDEX behind the newest row, finished or open. */
static const MgSegment *
find_ahead(MgWindow *window, guint t, guint index)
{
  const MgSegmentRow *newest = mg_row_last(window->listed);
  if (newest == NULL)
    return NULL;
  for (guint i = 0; i < window->coming->len; i++) {
    const MgSegment *segment = mg_row_at(window->coming, i)->segments[t];
    if (segment != NULL && follows(segment, newest, index))
      return segment;
  }
  const MgSegment *open = window->tracks[t].open;
  return open != NULL && follows(open, newest, index) ? open : NULL;
}

guint
mg_window_n_ahead(MgWindow *window, guint track)
{
  guint n = 0;
  while (find_ahead(window, track, n) != NULL)
    n++;
  return n;
}

const MgSegment *
mg_window_ahead(MgWindow *window, guint track, guint index)
{
  return find_ahead(window, track, index);
}

const char *
mg_window_next_part(MgWindow *window, guint track)
{
  return window->tracks[track].next_part;
}

guint
mg_window_changed(MgWindow *window)
{
  return window->changed;
}

void
mg_window_forget_changes(MgWindow *window)
{
  window->changed = 0;
}

static guint
target_of(const MgSegment *segment)
{
  gboolean has_parts = segment != NULL && segment->parts != NULL && segment->parts->len > 0;
  return has_parts ? g_array_index(segment->parts, MgPart, 0).chunk->part_target_us : 0;
}

guint
mg_window_part_target_us(MgWindow *window)
{
  guint most = window->part_target_us;
  for (guint i = 0; most > 0 && i < window->listed->len; i++)
    for (guint t = 0; t < window->n_tracks; t++)
      most = MAX(most, target_of(mg_row_at(window->listed, i)->segments[t]));
  return most;
}

const MgHttpInterface *
mg_window_http(MgWindow *window, gpointer *impl)
{
  return mg_shelf_http(window->shelf, impl);
}

MgHttpFolder *
mg_window_folder(MgWindow *window)
{
  return mg_shelf_folder(window->shelf);
}
