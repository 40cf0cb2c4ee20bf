#include "graph/queue.h"

/* Audio may wait for so many times the limit in time: it is small, and its gaps are minded more. */
enum { AUDIO_PATIENCE = 2 };

struct MgQueue {
  GMutex lock;
  GArray *events; /* of MgEvent */
  gsize bytes;
  gboolean is_paced; /* the consumer will take without being woken */
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

static gboolean
is_video(const MgBuffer *buffer)
{
  return mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO;
}

/* When it came; media time tells as well where that is not known. */
static MgTime
time_of(const MgBuffer *buffer)
{
  return buffer->arrival != MG_TIME_NONE ? buffer->arrival : buffer->dts;
}

/* How long the oldest video, or the oldest of all else, had waited when NEWEST came. */
static MgTime
span(MgQueue *queue, gboolean of_video, MgTime newest)
{
  for (guint i = 0; i < queue->events->len; i++) {
    const MgBuffer *buffer = buffer_at(queue, i);
    if (buffer != NULL && is_video(buffer) == of_video)
      return newest - time_of(buffer);
  }
  return 0;
}

static gboolean
has_too_many_bytes(const MgQueue *queue)
{
  return (gint64) queue->bytes > queue->most_bytes;
}

/* --- dropping ---------------------------------------------------------------------------------- */

/* Whether a buffer goes. BEFORE is the pass's limit, for those that have one. */
typedef gboolean (*Picks)(MgEvent *event, MgTime before);

/* Nothing else needs it: what comes after it is no discontinuity. */
static gboolean
picks_disposable(MgEvent *event, MgTime before)
{
  const MgBuffer *buffer = event->object;
  return is_video(buffer) && buffer->flags & MG_BUFFER_DISPOSABLE;
}

/* Of each video track: its oldest buffer, and everything up to its next key frame. */
static gboolean
picks_first_gop(MgEvent *event, MgTime before)
{
  const MgBuffer *buffer = event->object;
  MgPort *in = event->in;
  if (!is_video(buffer))
    return FALSE;
  if (buffer->flags & MG_BUFFER_KEY && !in->begins_skipping)
    in->skips_to_key = FALSE;
  in->begins_skipping = FALSE;
  in->marks_survivor |= in->skips_to_key;
  return in->skips_to_key;
}

static gboolean
picks_audio(MgEvent *event, MgTime before)
{
  const MgBuffer *buffer = event->object;
  if (is_video(buffer) || time_of(buffer) >= before)
    return FALSE;
  event->in->marks_survivor = TRUE;
  return TRUE;
}

/* Removes the buffers that PICKS wants gone, and marks what comes after a gap. */
static guint
drop(MgQueue *queue, Picks picks, MgTime before)
{
  guint kept = 0, n_dropped = 0;
  for (guint i = 0; i < queue->events->len; i++) {
    MgEvent *event = &g_array_index(queue->events, MgEvent, i);
    if (event->type == MG_EVENT_BUFFER && picks(event, before)) {
      queue->bytes -= ((MgBuffer *) event->object)->size;
      mg_buffer_unref(event->object);
      n_dropped++;
      continue;
    }
    if (event->type == MG_EVENT_BUFFER && event->in->marks_survivor) {
      event->object = mg_buffer_after_gap(event->object);
      event->in->marks_survivor = FALSE;
    }
    g_array_index(queue->events, MgEvent, kept++) = *event;
  }
  g_array_set_size(queue->events, kept);
  return n_dropped;
}

/* A track whose only GOP goes skips what is yet to come, up to the next key frame. */
static guint
drop_first_gops(MgQueue *queue)
{
  for (guint i = 0; i < queue->events->len; i++) {
    MgPort *in = g_array_index(queue->events, MgEvent, i).in;
    if (buffer_at(queue, i) != NULL && is_video(buffer_at(queue, i)))
      in->begins_skipping = in->skips_to_key = TRUE;
  }
  return drop(queue, picks_first_gop, 0);
}

static guint
thin_video(MgQueue *queue, MgTime newest)
{
  guint n_dropped = drop(queue, picks_disposable, 0);
  while (has_too_many_bytes(queue) || span(queue, TRUE, newest) > queue->most_time) {
    guint n = drop_first_gops(queue);
    if (n == 0)
      break;
    n_dropped += n;
  }
  return n_dropped;
}

static guint
thin_audio(MgQueue *queue, MgTime newest)
{
  guint n_dropped = drop(queue, picks_audio, newest - queue->most_time);
  if (has_too_many_bytes(queue))
    n_dropped += drop(queue, picks_audio, G_MAXINT64);
  return n_dropped;
}

/* A new buffer of video, or of something else, has come at NEWEST. */
static guint
thin(MgQueue *queue, gboolean is_new_video, MgTime newest)
{
  gboolean is_late = is_new_video && span(queue, TRUE, newest) > queue->most_time;
  guint n_dropped = is_late || has_too_many_bytes(queue) ? thin_video(queue, newest) : 0;
  is_late = !is_new_video && span(queue, FALSE, newest) > AUDIO_PATIENCE * queue->most_time;
  if (is_late || has_too_many_bytes(queue))
    n_dropped += thin_audio(queue, newest);
  return n_dropped;
}

/* --- putting and taking ------------------------------------------------------------------------ */

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
    buffer = event.object = mg_buffer_after_gap(buffer);
  event.in->marks_survivor = FALSE;
  queue->bytes += buffer->size;
  g_array_append_val(queue->events, event);
  return thin(queue, is_video(buffer), time_of(buffer));
}

/* What the consumer must not be left to find by itself. */
static gboolean
is_urgent(const MgQueue *queue, MgEventType type)
{
  return type != MG_EVENT_BUFFER || (gint64) queue->bytes > queue->most_bytes / 2;
}

/* From now on a call to the consumer is on its way, and nobody but that call takes. */
static gboolean
wakes_paced(MgQueue *queue, MgEventType type)
{
  queue->is_paced = !is_urgent(queue, type);
  return !queue->is_paced;
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
  gboolean wakes =
      queue->is_paced ? wakes_paced(queue, event.type) : was_empty && queue->events->len > 0;
  mg_unlock(&queue->lock);
  return wakes;
}

static void
swap(MgQueue *queue, GArray **batch)
{
  GArray *events = queue->events;
  queue->events = *batch;
  queue->bytes = 0;
  *batch = events;
}

void
mg_queue_take(MgQueue *queue, GArray **batch)
{
  mg_lock(&queue->lock);
  swap(queue, batch);
  mg_unlock(&queue->lock);
}

gboolean
mg_queue_take_paced(MgQueue *queue, GArray **batch, gboolean is_woken)
{
  mg_lock(&queue->lock);
  if (is_woken || queue->is_paced) {
    queue->is_paced = queue->bytes > 0;
    swap(queue, batch);
  }
  gboolean is_paced = queue->is_paced;
  mg_unlock(&queue->lock);
  return is_paced;
}

gboolean
mg_queue_pop(MgQueue *queue, MgEvent *event)
{
  mg_lock(&queue->lock);
  gboolean has_any = queue->events->len > 0;
  if (has_any) {
    *event = g_array_index(queue->events, MgEvent, 0);
    g_array_remove_index(queue->events, 0);
  }
  if (has_any && event->type == MG_EVENT_BUFFER)
    queue->bytes -= ((MgBuffer *) event->object)->size;
  mg_unlock(&queue->lock);
  return has_any;
}
