#include "graph/queue.h"

struct MgQueue {
  GMutex lock;
  GArray *events; /* of MgEvent */
  gsize bytes;
  MgTime most_time;
  gint64 most_bytes;
};

MgQueue *
mg_queue_new(MgTime most_time, gint64 most_bytes)
{
  MgQueue *queue = g_new0(MgQueue, 1);
  g_mutex_init(&queue->lock);
  queue->events = g_array_new(FALSE, FALSE, sizeof(MgEvent));
  queue->most_time = most_time;
  queue->most_bytes = most_bytes;
  return queue;
}

void
mg_event_clear(MgEvent *event)
{
  if (event->type == MG_EVENT_STREAM)
    mg_stream_unref(event->object);
  else if (event->type == MG_EVENT_BUFFER)
    mg_buffer_unref(event->object);
}

void
mg_queue_free(MgQueue *queue)
{
  if (queue == NULL)
    return;
  for (guint i = 0; i < queue->events->len; i++)
    mg_event_clear(&g_array_index(queue->events, MgEvent, i));
  g_array_unref(queue->events);
  g_mutex_clear(&queue->lock);
  g_free(queue);
}

static MgBuffer *
buffer_at(MgQueue *queue, guint i)
{
  MgEvent *event = &g_array_index(queue->events, MgEvent, i);
  return event->type == MG_EVENT_BUFFER ? event->object : NULL;
}

/* Media time between the oldest and the newest buffer that wait. */
static MgTime
span(MgQueue *queue)
{
  guint first = 0, last = queue->events->len;
  while (first < last && buffer_at(queue, first) == NULL)
    first++;
  while (last > first && buffer_at(queue, last - 1) == NULL)
    last--;
  return first < last ? buffer_at(queue, last - 1)->dts - buffer_at(queue, first)->dts : 0;
}

static gboolean
is_late(MgQueue *queue)
{
  return (gint64) queue->bytes > queue->most_bytes || span(queue) > queue->most_time;
}

static gboolean
is_video(const MgBuffer *buffer)
{
  return mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO;
}

/* Buffers are immutable once pushed: the mark goes on a copy of the header. Returns FRESH or BUFFER. */
static MgBuffer *
marked(MgBuffer *buffer)
{
  if (buffer->flags & MG_BUFFER_DISCONT)
    return buffer;
  MgBuffer *fresh = mg_buffer_new_like(buffer, buffer->stream);
  fresh->flags |= MG_BUFFER_DISCONT;
  mg_buffer_unref(buffer);
  return fresh;
}

typedef gboolean (*Picks)(MgEvent *event);

static gboolean
picks_disposable(MgEvent *event)
{
  const MgBuffer *buffer = event->object;
  return is_video(buffer) && buffer->flags & MG_BUFFER_DISPOSABLE;
}

/* Of each video track: everything up to its next key frame, which is where `skips_to_key` ends. */
static gboolean
picks_first_gop(MgEvent *event)
{
  const MgBuffer *buffer = event->object;
  if (!is_video(buffer))
    return FALSE;
  gboolean is_key = buffer->flags & MG_BUFFER_KEY;
  if (is_key && event->in->marks_survivor)
    event->in->skips_to_key = FALSE;
  return event->in->skips_to_key;
}

static gboolean
picks_audio(MgEvent *event)
{
  return !is_video(event->object);
}

/* Removes the buffers that PICKS wants gone, and marks what comes after them on the same track. */
static guint
drop(MgQueue *queue, Picks picks)
{
  guint kept = 0, n_dropped = 0;
  for (guint i = 0; i < queue->events->len; i++) {
    MgEvent *event = &g_array_index(queue->events, MgEvent, i);
    if (event->type == MG_EVENT_BUFFER && picks(event)) {
      queue->bytes -= ((MgBuffer *) event->object)->size;
      event->in->marks_survivor = TRUE;
      mg_buffer_unref(event->object);
      n_dropped++;
      continue;
    }
    if (event->type == MG_EVENT_BUFFER && event->in->marks_survivor) {
      event->object = marked(event->object);
      event->in->marks_survivor = FALSE;
    }
    g_array_index(queue->events, MgEvent, kept++) = *event;
  }
  g_array_set_size(queue->events, kept);
  return n_dropped;
}

static void
begin_skipping(MgQueue *queue)
{
  for (guint i = 0; i < queue->events->len; i++) {
    MgBuffer *buffer = buffer_at(queue, i);
    if (buffer != NULL && is_video(buffer))
      g_array_index(queue->events, MgEvent, i).in->skips_to_key = TRUE;
  }
}

static guint
thin(MgQueue *queue)
{
  guint n_dropped = drop(queue, picks_disposable);
  while (is_late(queue)) {
    begin_skipping(queue);
    guint n = drop(queue, picks_first_gop);
    if (n == 0)
      break;
    n_dropped += n;
  }
  if (is_late(queue))
    n_dropped += drop(queue, picks_audio);
  return n_dropped;
}

/* Whether BUFFER comes before the key frame that its track waits for. */
static gboolean
is_skipped(MgPort *in, const MgBuffer *buffer)
{
  if (in->skips_to_key && buffer->flags & MG_BUFFER_KEY)
    in->skips_to_key = FALSE;
  return in->skips_to_key;
}

static guint
put_buffer(MgQueue *queue, MgEvent event)
{
  MgBuffer *buffer = event.object;
  if (is_skipped(event.in, buffer)) {
    mg_buffer_unref(buffer);
    return 1;
  }
  if (event.in->marks_survivor)
    event.object = marked(buffer);
  event.in->marks_survivor = FALSE;
  queue->bytes += buffer->size;
  g_array_append_val(queue->events, event);
  return is_late(queue) ? thin(queue) : 0;
}

gboolean
mg_queue_put(MgQueue *queue, MgEvent event, guint *n_dropped)
{
  mg_lock(&queue->lock);
  gboolean was_empty = queue->events->len == 0;
  *n_dropped = 0;
  if (event.type == MG_EVENT_BUFFER)
    *n_dropped = put_buffer(queue, event);
  else
    g_array_append_val(queue->events, event);
  gboolean wakes = was_empty && queue->events->len > 0;
  mg_unlock(&queue->lock);
  return wakes;
}

void
mg_queue_take(MgQueue *queue, GArray **batch)
{
  mg_lock(&queue->lock);
  GArray *events = queue->events;
  queue->events = *batch;
  queue->bytes = 0;
  mg_unlock(&queue->lock);
  *batch = events;
}
