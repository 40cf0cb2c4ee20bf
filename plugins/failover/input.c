#include "input.h"

/* More than a GOP should be; of a longer one the next key frame is waited for. */
#define MOST_KEPT (8 * MG_SECOND)
enum { MOST_KEPT_BYTES = 64 << 20 };

/* Of audio, in front of a key frame: about as long as a loss takes to be seen. */
#define AUDIO_KEPT (2 * MG_SECOND)

static void
track_free(gpointer data)
{
  Track *track = data;
  mg_stream_unref(track->stream);
  g_free(track);
}

Input *
input_new(guint index, const char *name)
{
  Input *input = g_new0(Input, 1);
  input->index = index;
  input->name = name;
  input->tracks = g_ptr_array_new_with_free_func(track_free);
  input->heard = MG_TIME_NONE;
  g_queue_init(&input->kept);
  return input;
}

void
input_free(gpointer data)
{
  Input *input = data;
  input_forget(input);
  g_ptr_array_unref(input->tracks);
  g_free(input);
}

Track *
input_add(Input *input, MgStream *stream)
{
  Track *track = g_new0(Track, 1);
  input_forget(input); /* it may be judged by another track now, which has a moment to begin */
  if (input->heard != MG_TIME_NONE)
    input->heard = mg_now();
  track->input = input;
  track->stream = mg_stream_ref(stream);
  g_ptr_array_add(input->tracks, track);
  return track;
}

void
input_change(Track *track, MgStream *stream)
{
  if (!mg_stream_same_parameters(track->stream, stream))
    input_forget(track->input);
  mg_stream_ref(stream);
  mg_stream_unref(track->stream);
  track->stream = stream;
}

void
input_remove(Track *track)
{
  input_forget(track->input);
  g_ptr_array_remove(track->input->tracks, track);
}

Track *
input_find(const Input *input, const char *id)
{
  for (guint i = 0; i < input->tracks->len; i++) {
    Track *track = g_ptr_array_index(input->tracks, i);
    if (g_str_equal(mg_stream_info(track->stream)->id, id))
      return track;
  }
  return NULL;
}

Track *
input_judged(const Input *input)
{
  for (guint i = 0; i < input->tracks->len; i++) {
    Track *track = g_ptr_array_index(input->tracks, i);
    if (mg_stream_info(track->stream)->media == MG_MEDIA_VIDEO)
      return track;
  }
  return input->tracks->len > 0 ? g_ptr_array_index(input->tracks, 0) : NULL;
}

void
input_hear(Track *track, MgTime timeout)
{
  Input *input = track->input;
  if (track != input_judged(input))
    return;
  if (!input_is_well(input, timeout)) {
    input_forget(input);
    input->well_since = mg_now();
  }
  input->heard = mg_now();
}

static gboolean
is_too_much(const Input *input, const MgBuffer *newest)
{
  const MgBuffer *oldest = input->kept.head->data;
  return input->kept_bytes > MOST_KEPT_BYTES || newest->dts - oldest->dts > MOST_KEPT;
}

static gboolean
is_video(const MgBuffer *buffer)
{
  return mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO;
}

/* In front of a key frame at TIME: video before it is of no use, nor is sound of long ago. */
static void
begin_anew(Input *input, MgTime time)
{
  for (GList *l = input->kept.head, *next; l != NULL; l = next) {
    MgBuffer *buffer = l->data;
    next = l->next;
    if (!is_video(buffer) && time - buffer->dts <= AUDIO_KEPT)
      continue;
    input->kept_bytes -= buffer->size;
    g_queue_delete_link(&input->kept, l);
    mg_buffer_unref(buffer);
  }
  input->has_key = TRUE;
}

void
input_keep(Track *track, MgBuffer *buffer)
{
  Input *input = track->input;
  if (track == input_judged(input) && buffer->flags & MG_BUFFER_KEY)
    begin_anew(input, buffer->dts);
  if (!input->has_key && is_video(buffer)) {
    mg_buffer_unref(buffer);
    return;
  }
  g_queue_push_tail(&input->kept, buffer);
  input->kept_bytes += buffer->size;
  if (is_too_much(input, buffer))
    input_forget(input);
}

void
input_forget(Input *input)
{
  g_queue_clear_full(&input->kept, (GDestroyNotify) mg_buffer_unref);
  input->kept_bytes = 0;
  input->has_key = FALSE;
}

gboolean
input_is_well(const Input *input, MgTime timeout)
{
  return input->heard != MG_TIME_NONE && mg_now() - input->heard < timeout;
}
