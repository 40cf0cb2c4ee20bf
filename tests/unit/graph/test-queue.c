#include "graph/queue.h"

#include "graph/leaks.h"

#include <string.h>

/*
 * A queue and its tracks. Every buffer has ten bytes. What comes out is written as words:
 * "v0K" is video at 0 s with its key flag, "!" behind it the mark of a gap, "a" audio.
 */
typedef struct {
  MgQueue *queue;
  MgStream *streams[3];
  MgPort ports[3];
  guint n_dropped;
  gint alive;
} Fixture;

enum { VIDEO, VIDEO_2, AUDIO };

static void
setup(Fixture *f, gconstpointer limits)
{
  static const char *const ids[] = { "v", "w", "a" };
  const gint *most = limits; /* seconds, bytes */
  f->alive = mg_leaks_get(MG_LEAKS_BUFFERS);
  f->queue = mg_queue_new(most[0] * MG_SECOND, most[1]);
  for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
    MgStreamInfo info = {
      .size = sizeof info,
      .id = ids[i],
      .media = i == AUDIO ? MG_MEDIA_AUDIO : MG_MEDIA_VIDEO,
      .form = MG_FORM_PACKET,
    };
    f->streams[i] = mg_stream_new(&info);
    f->ports[i].stream = f->streams[i];
  }
}

static void
teardown(Fixture *f, gconstpointer limits)
{
  mg_queue_free(f->queue);
  for (guint i = 0; i < G_N_ELEMENTS(f->streams); i++)
    mg_stream_unref(f->streams[i]);
  g_assert_cmpint(mg_leaks_get(MG_LEAKS_BUFFERS), ==, f->alive);
}

/* A buffer that came at ARRIVAL_S, MG_TIME_NONE: nobody knows. */
static gboolean
put_at(Fixture *f, guint track, gint64 dts_s, gint64 arrival_s, guint flags)
{
  MgBuffer *buffer = mg_buffer_new(f->streams[track], 1);
  buffer->pts = buffer->dts = dts_s * MG_SECOND;
  buffer->arrival = arrival_s == MG_TIME_NONE ? MG_TIME_NONE : arrival_s * MG_SECOND;
  buffer->flags = flags;
  mg_buffer_append(buffer, mg_data_new_copy("0123456789", 10), 0, 10);
  guint n;
  gboolean wakes =
      mg_queue_put(f->queue, (MgEvent){ MG_EVENT_BUFFER, &f->ports[track], buffer }, &n);
  f->n_dropped += n;
  return wakes;
}

/* It came when it was due. */
static gboolean
put(Fixture *f, guint track, gint64 dts_s, guint flags)
{
  return put_at(f, track, dts_s, 100 + dts_s, flags);
}

static gboolean
put_event(Fixture *f, MgEventType type, guint track)
{
  guint n;
  gpointer object = type == MG_EVENT_STREAM ? mg_stream_ref(f->streams[track]) : NULL;
  gboolean wakes = mg_queue_put(f->queue, (MgEvent){ type, &f->ports[track], object }, &n);
  g_assert_cmpuint(n, ==, 0);
  return wakes;
}

static void
append_buffer(GString *text, const MgBuffer *buffer)
{
  g_string_append_printf(text, "%s%d", mg_stream_info(buffer->stream)->id,
                         (int) (buffer->dts / MG_SECOND));
  if (buffer->flags & MG_BUFFER_KEY)
    g_string_append_c(text, 'K');
  if (buffer->flags & MG_BUFFER_DISCONT)
    g_string_append_c(text, '!');
}

static void
append_event(GString *text, const MgEvent *event)
{
  static const char *const words[] = { "stream", NULL, "end", "pause", "finish" };
  if (text->len > 0)
    g_string_append_c(text, ' ');
  if (event->type == MG_EVENT_BUFFER)
    append_buffer(text, event->object);
  else
    g_string_append(text, words[event->type]);
}

/* Returned-owned: all that waits. */
static char *
take(Fixture *f)
{
  GString *text = g_string_new(NULL);
  GArray *batch = g_array_new(FALSE, FALSE, sizeof(MgEvent));
  mg_queue_take(f->queue, &batch);
  for (guint i = 0; i < batch->len; i++) {
    append_event(text, &g_array_index(batch, MgEvent, i));
    mg_event_clear(&g_array_index(batch, MgEvent, i));
  }
  g_array_unref(batch);
  return g_string_free(text, FALSE);
}

static void
assert_takes(Fixture *f, const char *expected, guint n_dropped)
{
  g_autofree char *text = take(f);
  g_assert_cmpstr(text, ==, expected);
  g_assert_cmpuint(f->n_dropped, ==, n_dropped);
}

static const gint wide[] = { 1000, 1 << 20 };
static const gint five_seconds[] = { 5, 1 << 20 };
static const gint fifty_bytes[] = { 1000, 50 };

/* --- waiting ------------------------------------------------------------------------------------- */

static void
test_order(Fixture *f, gconstpointer limits)
{
  put_event(f, MG_EVENT_STREAM, VIDEO);
  put(f, VIDEO, 0, MG_BUFFER_KEY);
  put(f, AUDIO, 0, MG_BUFFER_KEY);
  put_event(f, MG_EVENT_PAUSE, VIDEO);
  put(f, VIDEO, 1, 0);
  put_event(f, MG_EVENT_END, VIDEO);
  put_event(f, MG_EVENT_FINISH, VIDEO);
  assert_takes(f, "stream v0K a0K pause v1 end finish", 0);
  assert_takes(f, "", 0);
}

static void
test_wakes(Fixture *f, gconstpointer limits)
{
  g_assert_true(put(f, VIDEO, 0, MG_BUFFER_KEY));
  g_assert_false(put(f, VIDEO, 1, 0));
  g_free(take(f));
  g_assert_true(put(f, VIDEO, 2, 0));
}

/* All that it was woken for has been dropped; the call is still on its way. */
static void
test_wakes_once(Fixture *f, gconstpointer limits)
{
  g_assert_true(put(f, VIDEO, 0, MG_BUFFER_KEY));
  g_assert_false(put(f, VIDEO, 6, 0));
  g_assert_cmpuint(f->n_dropped, ==, 2);
  g_assert_false(put(f, VIDEO, 7, MG_BUFFER_KEY));
  assert_takes(f, "v7K!", 2);
  g_assert_true(put(f, VIDEO, 8, 0));
}

/* One by one: the call lasts until none is left. */
static void
test_pops(Fixture *f, gconstpointer limits)
{
  MgEvent event;
  g_assert_true(put(f, VIDEO, 0, MG_BUFFER_KEY));
  g_assert_true(mg_queue_pop(f->queue, &event));
  mg_event_clear(&event);
  g_assert_false(put(f, VIDEO, 1, 0));
  g_assert_true(mg_queue_pop(f->queue, &event));
  mg_event_clear(&event);
  g_assert_false(mg_queue_pop(f->queue, &event));
  g_assert_true(put(f, VIDEO, 2, 0));
}

/* What nobody took is freed with the queue: teardown counts. */
static void
test_freed(Fixture *f, gconstpointer limits)
{
  put_event(f, MG_EVENT_STREAM, VIDEO);
  put(f, VIDEO, 0, MG_BUFFER_KEY);
}

/* --- late by time -------------------------------------------------------------------------------- */

static void
test_first_gop_goes(Fixture *f, gconstpointer limits)
{
  put_event(f, MG_EVENT_STREAM, VIDEO);
  for (gint i = 0; i < 6; i++)
    put(f, VIDEO, i, i % 3 == 0 ? MG_BUFFER_KEY : 0);
  put(f, VIDEO, 6, MG_BUFFER_KEY);
  assert_takes(f, "stream v3K! v4 v5 v6K", 3);
}

static void
test_disposable_go_first(Fixture *f, gconstpointer limits)
{
  put(f, VIDEO, 0, MG_BUFFER_KEY | MG_BUFFER_DISPOSABLE); /* an intra-only stream */
  put(f, VIDEO, 1, MG_BUFFER_KEY);
  put(f, VIDEO, 2, MG_BUFFER_DISPOSABLE);
  put(f, VIDEO, 3, 0);
  put(f, VIDEO, 6, 0);
  /* Now it spans five seconds, which is allowed; what follows is not marked. */
  assert_takes(f, "v1K v3 v6", 2);
}

/* One long GOP: it goes whole, and so does what belongs to it and is yet to come. */
static void
test_no_key_in_sight(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 7; i++)
    put(f, VIDEO, i, i == 0 ? MG_BUFFER_KEY : 0);
  assert_takes(f, "", 7);
  put(f, VIDEO, 7, 0);
  put_event(f, MG_EVENT_STREAM, VIDEO);
  put(f, VIDEO, 8, MG_BUFFER_KEY);
  put(f, VIDEO, 9, 0);
  assert_takes(f, "stream v8K! v9", 8);
}

/* Audio stays while only video is late. */
static void
test_audio_stays(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 8; i++) {
    put(f, VIDEO, i, i % 2 == 0 ? MG_BUFFER_KEY : 0);
    put(f, AUDIO, i, MG_BUFFER_KEY);
  }
  assert_takes(f, "a0K a1K v2K! a2K v3 a3K v4K a4K v5 a5K v6K a6K v7 a7K", 2);
}

static void
test_audio_last(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 11; i++)
    put(f, AUDIO, i, MG_BUFFER_KEY);
  g_assert_cmpuint(f->n_dropped, ==, 0);
  put(f, AUDIO, 11, MG_BUFFER_KEY);
  assert_takes(f, "a6K! a7K a8K a9K a10K a11K", 6);
}

/* Each track loses its own first GOP. */
static void
test_two_videos(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 4; i++) {
    put(f, VIDEO, i, i % 2 == 0 ? MG_BUFFER_KEY : 0);
    put(f, VIDEO_2, i, i % 3 == 0 ? MG_BUFFER_KEY : 0);
  }
  put(f, VIDEO, 6, MG_BUFFER_KEY);
  assert_takes(f, "v2K! v3 w3K! v6K", 5);
}

/* Half a minute of media that came within a second has not waited. */
static void
test_burst(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 30; i += 10) {
    put_at(f, VIDEO, i, 100, MG_BUFFER_KEY);
    put_at(f, AUDIO, i, 101, MG_BUFFER_KEY);
  }
  assert_takes(f, "v0K a0K v10K a10K v20K a20K", 0);
}

/* Media that stands still while time goes by has. */
static void
test_waits_by_arrival(Fixture *f, gconstpointer limits)
{
  put_at(f, VIDEO, 0, 100, MG_BUFFER_KEY);
  put_at(f, VIDEO, 1, 106, MG_BUFFER_KEY);
  assert_takes(f, "v1K!", 1);
}

static void
test_unknown_arrival(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 7; i++)
    put_at(f, VIDEO, i, MG_TIME_NONE, i % 3 == 0 ? MG_BUFFER_KEY : 0);
  assert_takes(f, "v3K! v4 v5 v6K", 3);
}

/* A track that was dropped up to its end leaves its successor alone. */
static void
test_ends_stay(Fixture *f, gconstpointer limits)
{
  put_event(f, MG_EVENT_STREAM, VIDEO);
  put(f, VIDEO, 0, MG_BUFFER_KEY);
  put_event(f, MG_EVENT_END, VIDEO);
  put_event(f, MG_EVENT_STREAM, VIDEO_2);
  put(f, VIDEO_2, 6, MG_BUFFER_KEY);
  put_event(f, MG_EVENT_PAUSE, VIDEO_2);
  put_event(f, MG_EVENT_FINISH, VIDEO_2);
  put(f, AUDIO, 6, MG_BUFFER_KEY);
  g_autofree char *text = take(f);
  g_assert_nonnull(strstr(text, "stream end stream"));
  g_assert_nonnull(strstr(text, "pause finish a6K"));
}

/* --- late by bytes ------------------------------------------------------------------------------- */

static void
test_bytes(Fixture *f, gconstpointer limits)
{
  put(f, VIDEO, 0, MG_BUFFER_KEY);
  put(f, AUDIO, 0, MG_BUFFER_KEY);
  put(f, VIDEO, 1, 0);
  put(f, VIDEO, 2, MG_BUFFER_KEY);
  put(f, VIDEO, 3, 0);
  put(f, AUDIO, 3, MG_BUFFER_KEY); /* sixty */
  assert_takes(f, "a0K v2K! v3 a3K", 2);
  /* All bytes were taken: there is room again. */
  for (gint i = 4; i < 9; i++)
    put(f, VIDEO, i, i == 4 ? MG_BUFFER_KEY : 0);
  assert_takes(f, "v4K v5 v6 v7 v8", 2);
}

/* When no video is left, the audio goes as well: memory has a limit. */
static void
test_bytes_of_audio(Fixture *f, gconstpointer limits)
{
  put(f, VIDEO, 0, MG_BUFFER_KEY);
  for (gint i = 0; i < 6; i++)
    put(f, AUDIO, i, MG_BUFFER_KEY);
  put(f, AUDIO, 6, MG_BUFFER_KEY);
  put(f, AUDIO, 7, MG_BUFFER_KEY);
  assert_takes(f, "a6K! a7K", 7);
}

static void
test_one_too_large(Fixture *f, gconstpointer limits)
{
  static const gint tiny[] = { 1000, 5 };
  mg_queue_free(f->queue);
  f->queue = mg_queue_new(tiny[0] * MG_SECOND, tiny[1]);
  put(f, VIDEO, 0, MG_BUFFER_KEY);
  put(f, VIDEO, 1, MG_BUFFER_KEY);
  put(f, AUDIO, 2, MG_BUFFER_KEY);
  assert_takes(f, "", 3);
}

/* Whoever wraps memory is called when it goes, and may call us. */
static void
note_lock(gpointer n_released)
{
  g_assert_true(mg_holds_no_lock());
  (*(guint *) n_released)++;
}

static void
put_wrapped(Fixture *f, gint64 dts_s, guint flags, guint *n_released)
{
  static guint8 bytes[10];
  MgBuffer *buffer = mg_buffer_new(f->streams[VIDEO], 1);
  buffer->pts = buffer->dts = buffer->arrival = dts_s * MG_SECOND;
  buffer->flags = flags;
  mg_buffer_append(buffer, mg_data_new_wrap(bytes, sizeof bytes, note_lock, n_released), 0, 10);
  guint n;
  mg_queue_put(f->queue, (MgEvent){ MG_EVENT_BUFFER, &f->ports[VIDEO], buffer }, &n);
}

static void
test_released_outside(Fixture *f, gconstpointer limits)
{
  guint n_released = 0;
  put_wrapped(f, 0, MG_BUFFER_KEY, &n_released);
  put_wrapped(f, 6, 0, &n_released);
  g_assert_cmpuint(n_released, ==, 2);
  put_wrapped(f, 7, 0, &n_released); /* skipped, up to the next key frame */
  g_assert_cmpuint(n_released, ==, 3);
}

/* Marks go on a copy when others hold the buffer, too. */
static void
test_shared(Fixture *f, gconstpointer limits)
{
  for (gint i = 0; i < 5; i++)
    put(f, VIDEO, i, i == 0 ? MG_BUFFER_KEY : 0);
  MgBuffer *shared = mg_buffer_new(f->streams[VIDEO], 1);
  shared->dts = 6 * MG_SECOND;
  shared->arrival = 106 * MG_SECOND;
  shared->flags = MG_BUFFER_KEY;
  guint n;
  mg_queue_put(f->queue, (MgEvent){ MG_EVENT_BUFFER, &f->ports[VIDEO], mg_buffer_ref(shared) }, &n);
  f->n_dropped += n;
  assert_takes(f, "v6K!", 5);
  g_assert_cmphex(shared->flags, ==, MG_BUFFER_KEY);
  mg_buffer_unref(shared);
}

/* --- a patient consumer ------------------------------------------------------------------------- */

enum { LOOKS, IS_WOKEN };

/* How many events it got; *IS_PACED: whether it is to look by itself. */
static guint
take_paced(Fixture *f, gboolean is_woken, gboolean *is_paced)
{
  GArray *batch = g_array_new(FALSE, FALSE, sizeof(MgEvent));
  *is_paced = mg_queue_take_paced(f->queue, &batch, is_woken);
  guint n = batch->len;
  for (guint i = 0; i < n; i++)
    mg_event_clear(&g_array_index(batch, MgEvent, i));
  g_array_unref(batch);
  return n;
}

/* It has been woken for one buffer, and is paced. */
static void
pace(Fixture *f)
{
  gboolean is_paced;
  g_assert_true(put(f, VIDEO, 0, MG_BUFFER_KEY));
  g_assert_cmpuint(take_paced(f, IS_WOKEN, &is_paced), ==, 1);
  g_assert_true(is_paced);
}

static void
test_paced(Fixture *f, gconstpointer limits)
{
  gboolean is_paced;
  pace(f);
  g_assert_false(put(f, VIDEO, 1, 0));
  g_assert_false(put(f, AUDIO, 1, 0));
  g_assert_cmpuint(take_paced(f, LOOKS, &is_paced), ==, 2);
  g_assert_true(is_paced);
  g_assert_cmpuint(take_paced(f, LOOKS, &is_paced), ==, 0);
  g_assert_false(is_paced);
  g_assert_true(put(f, VIDEO, 2, 0));
}

/* Once it is to be woken nothing else may take: what it is woken for may be the last there ever is. */
static void
test_urgent(Fixture *f, gconstpointer limits)
{
  static const MgEventType types[] = { MG_EVENT_STREAM, MG_EVENT_END, MG_EVENT_PAUSE,
                                       MG_EVENT_FINISH };
  for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
    gboolean is_paced;
    pace(f);
    g_assert_false(put(f, VIDEO, 1, 0));
    g_assert_true(put_event(f, types[i], VIDEO));
    g_assert_false(put(f, VIDEO, 2, 0));
    g_assert_false(put_event(f, MG_EVENT_PAUSE, VIDEO));
    g_assert_cmpuint(take_paced(f, LOOKS, &is_paced), ==, 0);
    g_assert_false(is_paced);
    g_assert_cmpuint(take_paced(f, IS_WOKEN, &is_paced), ==, 4);
    g_assert_true(is_paced);
    g_assert_cmpuint(take_paced(f, LOOKS, &is_paced), ==, 0);
  }
}

/* The first buffer comes right behind its stream, and must not wait for the look. */
static void
test_stream_alone(Fixture *f, gconstpointer limits)
{
  gboolean is_paced;
  g_assert_true(put_event(f, MG_EVENT_STREAM, VIDEO));
  g_assert_cmpuint(take_paced(f, IS_WOKEN, &is_paced), ==, 1);
  g_assert_false(is_paced);
  g_assert_true(put(f, VIDEO, 0, MG_BUFFER_KEY));
}

static void
test_half_full(Fixture *f, gconstpointer limits)
{
  pace(f);
  g_assert_false(put(f, VIDEO, 1, 0));
  g_assert_false(put(f, VIDEO, 2, 0));
  g_assert_true(put(f, VIDEO, 3, 0));
  g_assert_false(put(f, VIDEO, 4, 0));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, limits, test)                                                                    \
  g_test_add("/graph/queue/" name, Fixture, limits, setup, test, teardown)
  ADD("events-come-out-in-order", wide, test_order);
  ADD("the-first-event-wakes", wide, test_wakes);
  ADD("one-call-is-on-its-way-at-a-time", five_seconds, test_wakes_once);
  ADD("popping-ends-the-call-when-none-is-left", wide, test_pops);
  ADD("what-is-dropped-is-released-behind-the-lock", five_seconds, test_released_outside);
  ADD("what-waits-is-freed", wide, test_freed);
  ADD("time/the-first-gop-goes", five_seconds, test_first_gop_goes);
  ADD("time/disposable-frames-go-first", five_seconds, test_disposable_go_first);
  ADD("time/a-gop-goes-to-its-end", five_seconds, test_no_key_in_sight);
  ADD("time/audio-stays-when-video-goes", five_seconds, test_audio_stays);
  ADD("time/audio-goes-last", five_seconds, test_audio_last);
  ADD("time/each-video-loses-its-first-gop", five_seconds, test_two_videos);
  ADD("time/other-events-stay", five_seconds, test_ends_stay);
  ADD("time/what-comes-at-once-is-not-late", five_seconds, test_burst);
  ADD("time/waiting-counts-from-arrival", five_seconds, test_waits_by_arrival);
  ADD("time/stamps-count-where-no-arrival-is-known", five_seconds, test_unknown_arrival);
  ADD("bytes/the-first-gop-goes", fifty_bytes, test_bytes);
  ADD("bytes/audio-goes-last", fifty_bytes, test_bytes_of_audio);
  ADD("bytes/one-that-is-too-large-goes", fifty_bytes, test_one_too_large);
  ADD("marks-go-on-copies-of-what-is-shared", five_seconds, test_shared);
  ADD("paced/media-wakes-nobody-until-a-look-finds-none", wide, test_paced);
  ADD("paced/all-else-wakes-at-once", wide, test_urgent);
  ADD("paced/a-stream-alone-begins-no-pace", wide, test_stream_alone);
  ADD("paced/half-the-bytes-wake", fifty_bytes, test_half_full);
#undef ADD
  return g_test_run();
}
