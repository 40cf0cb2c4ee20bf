#include <mediagraph/window.h>

#include "window/files.h"

#include <string.h>

/* A track this much behind the first to finish a row has nothing for it. */
#define MOST_LAG MG_SECOND

typedef struct {
  MgStream *stream; /* as last declared */
  char *init_uri;
  MgSegment *open;  /* being collected */
  guint64 finished; /* number of the newest finished segment */
  gboolean has_finished;
  guint64 peak_bitrate;
  guint64 total_bytes;
  MgTime total_time;
} Track;

struct MgWindow {
  MgNode *node;
  MgTime length;
  const MgHttpInterface *http;
  MgHttpFolder *folder;
  MgFiles *files;
  Track tracks[MG_WINDOW_TRACKS];
  guint n_tracks;
  GPtrArray *coming; /* of MgSegmentRow *: begun, not all tracks have finished */
  GPtrArray *listed; /* of MgSegmentRow * */
  GPtrArray *gone;   /* of MgSegmentRow *: not listed, still to be had */
  guint64 discontinuities_gone;
};

/* --- segments and rows ------------------------------------------------------------------------- */

static void
segment_free(MgSegment *segment)
{
  if (segment == NULL)
    return;
  mg_stream_unref(segment->stream);
  g_ptr_array_unref(segment->chunks);
  g_free(segment->uri);
  g_free(segment->init_uri);
  g_free(segment);
}

static void
row_free(gpointer data)
{
  MgSegmentRow *row = data;
  for (guint i = 0; i < MG_WINDOW_TRACKS; i++)
    segment_free(row->segments[i]);
  g_free(row);
}

static MgTime
to_time(gint64 ticks, const MgSegment *segment)
{
  guint64 scale = mg_stream_info(segment->stream)->timescale;
  return (MgTime) ((__int128) ticks * MG_SECOND / (gint64) scale);
}

static const MgSegment *
any_segment(const MgSegmentRow *row)
{
  for (guint i = 0; i < MG_WINDOW_TRACKS; i++)
    if (row->segments[i] != NULL)
      return row->segments[i];
  return NULL;
}

static MgTime
row_duration(const MgSegmentRow *row)
{
  const MgSegment *segment = any_segment(row);
  return to_time(segment->duration, segment);
}

/* --- publishing -------------------------------------------------------------------------------- */

static const char *
content_type(const MgStream *stream)
{
  return mg_stream_info(stream)->media == MG_MEDIA_AUDIO ? "audio/mp4" : "video/mp4";
}

static void
publish_segment(MgWindow *window, const MgSegment *segment)
{
  MgHttpContent content = {
    .size = sizeof content,
    .content_type = content_type(segment->stream),
    .cache = MG_HTTP_CACHE_IMMUTABLE,
    .etag = segment->uri,
    .buffers = (MgBuffer *const *) segment->chunks->pdata,
    .n_buffers = segment->chunks->len,
  };
  window->http->folder_put(window->folder, segment->uri, &content);
  if (window->files != NULL)
    mg_files_put_buffers(window->files, segment->uri, segment->chunks);
}

static void
publish_init(MgWindow *window, const Track *track)
{
  MgData *init = mg_stream_info(track->stream)->init;
  MgHttpContent content = {
    .size = sizeof content,
    .content_type = content_type(track->stream),
    .cache = MG_HTTP_CACHE_IMMUTABLE,
    .etag = track->init_uri,
    .data = init,
  };
  window->http->folder_put(window->folder, track->init_uri, &content);
  if (window->files != NULL)
    mg_files_put_data(window->files, track->init_uri, init);
}

void
mg_window_publish(MgWindow *window, const char *name, const char *type, guint max_age_ms,
                  const char *text, gsize size)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, size);
  if (data == NULL)
    return;
  g_autofree char *etag = g_strdup_printf("%" G_GINT64_MODIFIER "x", mg_utc_now_us());
  MgHttpContent content = {
    .size = sizeof content,
    .content_type = type,
    .cache = MG_HTTP_CACHE_SHORT,
    .max_age_ms = max_age_ms,
    .etag = etag,
    .data = data,
  };
  window->http->folder_put(window->folder, name, &content);
  if (window->files != NULL)
    mg_files_put_data(window->files, name, data);
}

static void
withdraw(MgWindow *window, const char *uri)
{
  window->http->folder_remove(window->folder, uri);
  if (window->files != NULL)
    mg_files_remove(window->files, uri);
}

static gboolean
is_init_in_use(MgWindow *window, const char *init_uri)
{
  GPtrArray *lists[] = { window->coming, window->listed, window->gone };
  for (guint t = 0; t < window->n_tracks; t++)
    if (g_str_equal(window->tracks[t].init_uri, init_uri))
      return TRUE;
  for (guint l = 0; l < G_N_ELEMENTS(lists); l++)
    for (guint i = 0; i < lists[l]->len; i++)
      for (guint t = 0; t < window->n_tracks; t++) {
        const MgSegment *s = ((MgSegmentRow *) g_ptr_array_index(lists[l], i))->segments[t];
        if (s != NULL && g_str_equal(s->init_uri, init_uri))
          return TRUE;
      }
  return FALSE;
}

static void
withdraw_row(MgWindow *window, guint index)
{
  MgSegmentRow *row = g_ptr_array_steal_index(window->gone, index);
  for (guint t = 0; t < window->n_tracks; t++) {
    const MgSegment *segment = row->segments[t];
    if (segment == NULL)
      continue;
    withdraw(window, segment->uri);
    if (!is_init_in_use(window, segment->init_uri))
      withdraw(window, segment->init_uri);
  }
  row_free(row);
}

/* --- the list ---------------------------------------------------------------------------------- */

static MgTime
total_duration(const GPtrArray *rows)
{
  MgTime sum = 0;
  for (guint i = 0; i < rows->len; i++)
    sum += row_duration(g_ptr_array_index(rows, i));
  return sum;
}

static void
trim(MgWindow *window)
{
  if (window->length == 0)
    return;
  while (window->listed->len > 1) {
    MgSegmentRow *oldest = g_ptr_array_index(window->listed, 0);
    if (total_duration(window->listed) - row_duration(oldest) < window->length)
      break;
    g_ptr_array_steal_index(window->listed, 0);
    window->discontinuities_gone += oldest->is_discont;
    g_ptr_array_add(window->gone, oldest);
  }
  while (window->gone->len > 0 &&
         total_duration(window->gone) - row_duration(g_ptr_array_index(window->gone, 0)) >=
             window->length)
    withdraw_row(window, 0);
}

static void
list_row(MgWindow *window)
{
  MgSegmentRow *row = g_ptr_array_steal_index(window->coming, 0);
  const MgSegmentRow *before =
      window->listed->len > 0 ? g_ptr_array_index(window->listed, window->listed->len - 1) : NULL;
  row->is_discont = before ? before->discontinuity != row->discontinuity
                           : (any_segment(row)->flags & MG_CHUNK_DISCONT) != 0;
  g_ptr_array_add(window->listed, row);
}

/* A track is waited for while it has a segment open, or may still begin one for this row. */
static gboolean
is_awaited(const Track *track, const MgSegmentRow *row)
{
  if (track->open != NULL && track->open->number <= row->number)
    return TRUE;
  return track->has_finished && track->open == NULL && track->finished < row->number;
}

static gboolean
is_overdue(const MgWindow *window, const MgSegmentRow *row)
{
  const MgSegment *done = any_segment(row);
  MgTime end = to_time(done->start + done->duration, done);
  for (guint t = 0; t < window->n_tracks; t++) {
    const MgSegment *open = window->tracks[t].open;
    if (open != NULL && open->number > row->number &&
        to_time(open->start + open->duration, open) > end + MOST_LAG)
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
         (is_final || is_complete(window, g_ptr_array_index(window->coming, 0)))) {
    list_row(window);
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
    MgSegmentRow *row = g_ptr_array_index(window->coming, at);
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
  if (window->n_tracks == MG_WINDOW_TRACKS)
    return NULL;
  return &window->tracks[window->n_tracks++];
}

/* A new stream on a track, or the first: its init segment gets a name that no other ever had. */
static void
set_stream(MgWindow *window, Track *track, MgStream *stream, const MgChunk *chunk)
{
  if (track->stream == stream)
    return;
  mg_stream_unref(track->stream);
  track->stream = mg_stream_ref(stream);
  g_free(track->init_uri);
  track->init_uri =
      g_strdup_printf("%s-init-%" G_GINT64_FORMAT ".mp4", mg_stream_info(stream)->id, chunk->start);
  publish_init(window, track);
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
measure(Track *track, const MgSegment *segment)
{
  MgTime time = MAX(to_time(segment->duration, segment), MG_MILLISECOND);
  guint64 bitrate = (guint64) ((__int128) segment->bytes * 8 * MG_SECOND / time);
  track->peak_bitrate = MAX(track->peak_bitrate, bitrate);
  track->total_bytes += segment->bytes;
  track->total_time += time;
}

static void
end_segment(MgWindow *window, Track *track)
{
  MgSegment *segment = g_steal_pointer(&track->open);
  if (segment == NULL)
    return;
  gboolean is_too_late =
      window->listed->len > 0 &&
      ((MgSegmentRow *) g_ptr_array_index(window->listed, window->listed->len - 1))->number >=
          segment->number;
  track->has_finished = TRUE;
  track->finished = segment->number;
  if (is_too_late) {
    segment_free(segment);
    return;
  }
  measure(track, segment);
  publish_segment(window, segment);
  row_for(window, segment)->segments[track - window->tracks] = segment;
}

gboolean
mg_window_push(MgWindow *window, MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  Track *track = find_track(window, buffer->stream);
  if (track == NULL) {
    mg_buffer_unref(buffer);
    return FALSE;
  }
  if (track->open != NULL && track->open->number != chunk->segment)
    end_segment(window, track);
  set_stream(window, track, buffer->stream, chunk);
  if (track->open == NULL)
    track->open = begin_segment(track, chunk);
  track->open->duration += chunk->duration;
  track->open->bytes += buffer->size;
  g_ptr_array_add(track->open->chunks, buffer);
  if (chunk->flags & MG_CHUNK_ENDS_SEGMENT)
    end_segment(window, track);
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

MgWindow *
mg_window_new(MgNode *node, const MgWindowOptions *options, GError **error)
{
  gpointer http;
  const MgHttpInterface *table = mg_service_find(node, MG_HTTP_SERVICE, &http, error);
  if (table == NULL)
    return NULL;
  MgFiles *files = options->dir ? mg_files_new(node, options->dir, error) : NULL;
  if (options->dir != NULL && files == NULL)
    return NULL;
  MgWindow *window = g_new0(MgWindow, 1);
  window->node = node;
  window->length = options->length;
  window->http = table;
  window->folder = table->folder_new(http, options->path);
  window->files = files;
  window->coming = g_ptr_array_new_with_free_func(row_free);
  window->listed = g_ptr_array_new_with_free_func(row_free);
  window->gone = g_ptr_array_new_with_free_func(row_free);
  return window;
}

void
mg_window_free(MgWindow *window, MgTime after)
{
  if (window == NULL)
    return;
  window->http->folder_retire(window->folder, after);
  mg_files_free(window->files);
  for (guint t = 0; t < window->n_tracks; t++) {
    segment_free(window->tracks[t].open);
    mg_stream_unref(window->tracks[t].stream);
    g_free(window->tracks[t].init_uri);
  }
  g_ptr_array_unref(window->coming);
  g_ptr_array_unref(window->listed);
  g_ptr_array_unref(window->gone);
  g_free(window);
}

guint
mg_window_n_rows(MgWindow *window)
{
  return window->listed->len;
}

const MgSegmentRow *
mg_window_row(MgWindow *window, guint index)
{
  return g_ptr_array_index(window->listed, index);
}

guint64
mg_window_discontinuities_gone(MgWindow *window)
{
  return window->discontinuities_gone;
}

guint
mg_window_n_tracks(MgWindow *window)
{
  return window->n_tracks;
}

MgStream *
mg_window_track(MgWindow *window, guint index)
{
  return window->tracks[index].stream;
}

guint64
mg_window_peak_bitrate(MgWindow *window, guint index)
{
  return window->tracks[index].peak_bitrate;
}

guint64
mg_window_average_bitrate(MgWindow *window, guint index)
{
  const Track *track = &window->tracks[index];
  if (track->total_time == 0)
    return 0;
  return (guint64) ((__int128) track->total_bytes * 8 * MG_SECOND / track->total_time);
}
