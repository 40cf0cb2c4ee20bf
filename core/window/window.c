#include "window/window.h"

#include "window/private.h"

/* --- chunks ------------------------------------------------------------------------------------ */

static MgWindowTrack *
find_track(MgWindow *window, MgStream *stream)
{
  const char *id = mg_stream_info(stream)->id;
  for (guint i = 0; i < window->n_tracks; i++)
    if (g_str_equal(mg_stream_info(window->tracks[i].stream)->id, id))
      return &window->tracks[i];
  return NULL;
}

static MgWindowTrack *
need_track(MgWindow *window, MgStream *stream)
{
  MgWindowTrack *track = find_track(window, stream);
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
set_stream(MgWindow *window, MgWindowTrack *track, MgStream *stream, const MgChunk *chunk)
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
  if (window->view != NULL)
    return;
  g_autofree char *old_init = track->init_uri;
  track->init_uri =
      g_strdup_printf("%s-init-%" G_GINT64_FORMAT ".mp4", mg_stream_info(stream)->id, chunk->start);
  mg_shelf_put_init(window->shelf, track->init_uri, stream);
  if (old_init != NULL)
    mg_window_withdraw_init(window, (guint) (track - window->tracks), old_init);
}

static MgSegment *
begin_segment(const MgWindow *window, const MgWindowTrack *track, const MgChunk *chunk)
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
  segment->uri =
      g_strdup_printf("%s-%" G_GINT64_FORMAT "%s", mg_stream_info(track->stream)->id, chunk->start,
                      window->view != NULL ? window->view->suffix : ".m4s");
  segment->init_uri = g_strdup(track->init_uri);
  segment->chunks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  segment->is_open = TRUE;
  return segment;
}

static void
measure(MgWindowTrack *track, MgSegment *segment)
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
end_segment(MgWindow *window, MgWindowTrack *track)
{
  MgSegment *segment = g_steal_pointer(&track->open);
  if (segment == NULL)
    return;
  track->has_finished = TRUE;
  track->finished = segment->number;
  segment->is_open = FALSE;
  if (is_too_late(window, segment)) {
    mg_window_withdraw_open(window, track, segment);
    mg_segment_free(segment);
    return;
  }
  measure(track, segment);
  mg_window_end_ahead(window, track, segment);
  mg_window_row_for(window, segment)->segments[track - window->tracks] = segment;
}

/* BUFFER is taken. */
static void
collect(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer)
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
  mg_window_add_ahead(window, track, buffer);
}

/* The window was opened in mid-segment: others have the name of that segment for all of its bytes. */
static gboolean
lacks_beginning(const MgWindowTrack *track, const MgChunk *chunk)
{
  gboolean goes_on = track != NULL && track->open != NULL && track->open->number == chunk->segment;
  return !goes_on && !(chunk->flags & MG_CHUNK_STARTS_SEGMENT);
}

/* A chunk has been lost on the way here: others have the segment with it under that name. */
static gboolean
has_hole(const MgWindowTrack *track, const MgChunk *chunk)
{
  const MgSegment *open = track->open;
  return open != NULL && open->discontinuity == chunk->discontinuity &&
         chunk->start != open->start + open->duration;
}

/* What is left of the segment is left out, too; nobody waits for it. */
static void
give_up_segment(MgWindow *window, MgWindowTrack *track)
{
  track->has_finished = TRUE;
  track->finished = track->open->number;
  mg_window_withdraw_promises(window, track);
  mg_window_withdraw_open(window, track, track->open);
  g_clear_pointer(&track->open, mg_segment_free);
}

/* Borrowed: the track that CHUNK belongs to, ready for it; NULL: nothing can be done with it. */
static MgWindowTrack *
track_for(MgWindow *window, const MgBuffer *buffer)
{
  MgWindowTrack *track = find_track(window, buffer->stream);
  if (track != NULL && has_hole(track, buffer->chunk))
    give_up_segment(window, track);
  return lacks_beginning(track, buffer->chunk) ? NULL : need_track(window, buffer->stream);
}

/* Returns what its beginning or going on means to those who asked for it (MgOutputAsks). BUFFER is taken. */
static guint
go_on(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  gboolean is_new = track->open == NULL;
  if (is_new) {
    track->open = begin_segment(window, track, chunk);
    mg_window_begin_ahead(window, track, chunk);
  }
  collect(window, track, buffer);
  return is_new ? MG_OUTPUT_PARTS | MG_OUTPUT_GROWING : MG_OUTPUT_PARTS;
}

gboolean
mg_window_push(MgWindow *window, MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  gboolean ends_segment = chunk->flags & MG_CHUNK_ENDS_SEGMENT;
  MgWindowTrack *track = track_for(window, buffer);
  if (track == NULL) {
    mg_buffer_unref(buffer);
    return mg_window_list_rows(window, FALSE);
  }
  if (track->open != NULL && track->open->number != chunk->segment)
    end_segment(window, track);
  set_stream(window, track, buffer->stream, chunk);
  guint news = go_on(window, track, buffer);
  if (ends_segment)
    end_segment(window, track);
  gboolean has_new_row = mg_window_list_rows(window, FALSE);
  if (ends_segment && !has_new_row && window->asks != 0)
    mg_window_note_ahead(window);
  mg_window_trim_parts(window);
  return has_new_row || (window->asks & news && window->listed->len > 0);
}

/* Manifests hint at a part that does not come any more. */
static gboolean
hints_in_vain(const MgWindow *window)
{
  return window->asks & MG_OUTPUT_PARTS && window->changed != 0 && window->listed->len > 0;
}

gboolean
mg_window_end_track(MgWindow *window, MgStream *stream)
{
  MgWindowTrack *track = find_track(window, stream);
  if (track == NULL)
    return FALSE;
  end_segment(window, track);
  mg_window_withdraw_promises(window, track);
  track->is_away = TRUE;
  return mg_window_list_rows(window, FALSE) || hints_in_vain(window);
}

gboolean
mg_window_flush(MgWindow *window)
{
  for (guint t = 0; t < window->n_tracks; t++) {
    end_segment(window, &window->tracks[t]);
    mg_window_withdraw_promises(window, &window->tracks[t]);
  }
  return mg_window_list_rows(window, TRUE) || hints_in_vain(window);
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
  window->asks = options->asks;
  window->view = options->view;
  window->changed = G_MAXUINT;
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
    mg_window_clear_ahead(&window->tracks[t]);
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
mg_window_n_tracks(MgWindow *window)
{
  return window->n_tracks;
}

const char *
mg_window_track_id(MgWindow *window, guint track)
{
  return mg_stream_info(window->tracks[track].stream)->id;
}
