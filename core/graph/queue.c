#include "graph/queue.h"

/* Audio may wait for so many times the limit in time: it is small, and its gaps are minded more. */
enum { AUDIO_PATIENCE = 2 };

struct MgQueue {
  GMutex lock;
  GArray *events; /* of MgEvent */
  gsize bytes;
  GPtrArray *dropped; /* of MgBuffer *: released behind the lock, as that may call a plugin */
  gboolean is_called; /* a call to the consumer is on its way, and has not taken yet */
  gboolean is_paced;  /* the consumer will take without being woken */
  MgTime most_time;
  gint64 most_bytes;
};

static GPtrArray *
buffers_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
}

MgQueue *
mg_queue_new(MgTime most_time, gint64 most_bytes)
{
  MgQueue *queue = g_new0(MgQueue, 1);
  g_mutex_init(&queue->lock);
  queue->events = g_array_new(FALSE, FALSE, sizeof(MgEvent));
  queue->dropped = buffers_new();
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
  g_ptr_array_unref(queue->dropped);
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

/* Removes the buffers that PICKS wants gone, and marks what comes after a gap. FALSE: there was none. */
static gboolean
drop(MgQueue *queue, Picks picks, MgTime before)
{
  guint kept = 0, n = queue->events->len;
  for (guint i = 0; i < n; i++) {
    MgEvent *event = &g_array_index(queue->events, MgEvent, i);
    if (event->type == MG_EVENT_BUFFER && picks(event, before)) {
      queue->bytes -= ((MgBuffer *) event->object)->size;
      g_ptr_array_add(queue->dropped, event->object);
      continue;
    }
    if (event->type == MG_EVENT_BUFFER && event->in->marks_survivor) {
      event->object = mg_buffer_after_gap(event->object);
      event->in->marks_survivor = FALSE;
    }
    g_array_index(queue->events, MgEvent, kept++) = *event;
  }
  g_array_set_size(queue->events, kept);
  return kept < n;
}

/* A track whose only GOP goes skips what is yet to come, up to the next key frame. */
static gboolean
drop_first_gops(MgQueue *queue)
{
  for (guint i = 0; i < queue->events->len; i++) {
    MgPort *in = g_array_index(queue->events, MgEvent, i).in;
    if (buffer_at(queue, i) != NULL && is_video(buffer_at(queue, i)))
      in->begins_skipping = in->skips_to_key = TRUE;
  }
  return drop(queue, picks_first_gop, 0);
}

static void
thin_video(MgQueue *queue, MgTime newest)
{
  drop(queue, picks_disposable, 0);
  while (has_too_many_bytes(queue) || span(queue, TRUE, newest) > queue->most_time)
    if (!drop_first_gops(queue))
      break;
}

static void
thin_audio(MgQueue *queue, MgTime newest)
{
  drop(queue, picks_audio, newest - queue->most_time);
  if (has_too_many_bytes(queue))
    drop(queue, picks_audio, G_MAXINT64);
}

/* A new buffer of video, or of something else, has come at NEWEST. */
static void
thin(MgQueue *queue, gboolean is_new_video, MgTime newest)
{
  gboolean is_late = is_new_video && span(queue, TRUE, newest) > queue->most_time;
  if (is_late || has_too_many_bytes(queue))
    thin_video(queue, newest);
  is_late = !is_new_video && span(queue, FALSE, newest) > AUDIO_PATIENCE * queue->most_time;
  if (is_late || has_too_many_bytes(queue))
    thin_audio(queue, newest);
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

static void
put_buffer(MgQueue *queue, MgEvent event)
{
  MgBuffer *buffer = event.object;
  if (is_skipped(event.in, buffer)) {
    g_ptr_array_add(queue->dropped, buffer);
    return;
  }
  if (event.in->marks_survivor)
    buffer = event.object = mg_buffer_after_gap(buffer);
  event.in->marks_survivor = FALSE;
  queue->bytes += buffer->size;
  g_array_append_val(queue->events, event);
  thin(queue, is_video(buffer), time_of(buffer));
}

/* What a paced consumer must not be left to find by itself. */
static gboolean
is_urgent(const MgQueue *queue, MgEventType type)
{
  return type != MG_EVENT_BUFFER || (gint64) queue->bytes > queue->most_bytes / 2;
}

/* An event of TYPE was put. TRUE: from now on a call is on its way, and nobody but that call takes. */
static gboolean
begins_call(MgQueue *queue, MgEventType type)
{
  if (queue->is_called || queue->events->len == 0)
    return FALSE;
  if (queue->is_paced && !is_urgent(queue, type))
    return FALSE;
  queue->is_paced = FALSE;
  queue->is_called = TRUE;
  return TRUE;
}

/* Returned-owned, for the time behind the lock; NULL: none. */
static GPtrArray *
steal_dropped(MgQueue *queue)
{
  if (G_LIKELY(queue->dropped->len == 0))
    return NULL;
  GPtrArray *dropped = queue->dropped;
  queue->dropped = buffers_new();
  return dropped;
}

gboolean
mg_queue_put(MgQueue *queue, MgEvent event, guint *n_dropped)
{
  mg_lock(&queue->lock);
  if (event.type == MG_EVENT_BUFFER)
    put_buffer(queue, event);
  else
    g_array_append_val(queue->events, event);
  gboolean wakes = begins_call(queue, event.type);
  g_autoptr(GPtrArray) dropped = steal_dropped(queue);
  mg_unlock(&queue->lock);
  *n_dropped = dropped ? dropped->len : 0;
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
  queue->is_called = FALSE;
  swap(queue, batch);
  mg_unlock(&queue->lock);
}

gboolean
mg_queue_take_paced(MgQueue *queue, GArray **batch, gboolean is_woken)
{
  mg_lock(&queue->lock);
  if (is_woken || queue->is_paced) {
    queue->is_called = FALSE;
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
  queue->is_called &= has_any;
  if (has_any) {
    *event = g_array_index(queue->events, MgEvent, 0);
    g_array_remove_index(queue->events, 0);
  }
  if (has_any && event->type == MG_EVENT_BUFFER)
    queue->bytes -= ((MgBuffer *) event->object)->size;
  mg_unlock(&queue->lock);
  return has_any;
}
