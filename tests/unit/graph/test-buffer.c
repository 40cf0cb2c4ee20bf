#include "graph/leaks.h"
#include "graph/node.h"

#include <mediagraph/chunk.h>

#include <string.h>

static MgStream *
make_stream(MgMedia media)
{
  MgStreamInfo info = { .size = sizeof info, .id = "x", .media = media, .form = MG_FORM_PACKET };
  return mg_stream_new(&info);
}

/* "abc" and "defgh", of a larger block. */
static MgBuffer *
make_buffer(MgStream *stream)
{
  MgBuffer *buffer = mg_buffer_new(stream, 2);
  mg_buffer_append(buffer, mg_data_new_copy("abc", 3), 0, 3);
  mg_buffer_append(buffer, mg_data_new_copy("--defgh--", 9), 2, 5);
  buffer->pts = 2;
  buffer->dts = 1;
  buffer->duration = 3;
  buffer->arrival = 4;
  buffer->flags = MG_BUFFER_KEY;
  return buffer;
}

static void
test_payload(void)
{
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO);
  g_autoptr(MgBuffer) buffer = make_buffer(stream);
  char text[16] = { 0 };
  g_assert_cmpuint(buffer->size, ==, 8);
  g_assert_cmpuint(mg_buffer_copy_out(buffer, text, 100), ==, 8);
  g_assert_cmpstr(text, ==, "abcdefgh");
  g_assert_cmpuint(mg_buffer_copy_out(buffer, text, 4), ==, 4);
  g_assert_cmpuint(mg_buffer_copy_out(buffer, text, 0), ==, 0);
}

static void
test_like(void)
{
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO), other = make_stream(MG_MEDIA_VIDEO);
  g_autoptr(MgBuffer) buffer = make_buffer(stream);
  mg_buffer_make_chunk(buffer)->segment = 7;
  g_autoptr(MgBuffer) copy = mg_buffer_new_like(buffer, other);
  g_assert_true(copy->stream == other);
  g_assert_cmpint(copy->pts, ==, 2);
  g_assert_cmpint(copy->dts, ==, 1);
  g_assert_cmpint(copy->duration, ==, 3);
  g_assert_cmpint(copy->arrival, ==, 4);
  g_assert_cmphex(copy->flags, ==, MG_BUFFER_KEY);
  g_assert_cmpuint(copy->size, ==, 8);
  g_assert_true(copy->slices[1].data == buffer->slices[1].data);
  g_assert_cmpuint(copy->chunk->segment, ==, 7);
  g_assert_true(copy->chunk != buffer->chunk);
}

static void
test_many_slices(void)
{
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO);
  g_autoptr(MgBuffer) buffer = mg_buffer_new(stream, 40);
  for (guint i = 0; i < 40; i++)
    mg_buffer_append(buffer, mg_data_new_copy("x", 1), 0, 1);
  g_assert_cmpuint(buffer->size, ==, 40);
}

/* Its memory may be that of one that was freed. */
static void
test_used_memory(void)
{
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO);
  MgBuffer *first = make_buffer(stream);
  mg_buffer_make_chunk(first);
  mg_buffer_unref(first);
  g_autoptr(MgBuffer) second = mg_buffer_new(stream, 1);
  g_assert_cmpint(second->pts, ==, MG_TIME_NONE);
  g_assert_cmpint(second->dts, ==, MG_TIME_NONE);
  g_assert_cmpint(second->arrival, ==, MG_TIME_NONE);
  g_assert_cmpint(second->duration, ==, 0);
  g_assert_cmphex(second->flags, ==, 0);
  g_assert_cmpuint(second->size, ==, 0);
  g_assert_cmpuint(second->n_slices, ==, 0);
  g_assert_null(second->chunk);
}

static gpointer
unref_all(gpointer data)
{
  MgBuffer **buffers = data;
  for (guint i = 0; i < 1000; i++)
    mg_buffer_unref(buffers[i]);
  return NULL;
}

static void
test_other_thread(void)
{
  gint alive = mg_leaks_get(MG_LEAKS_BUFFERS);
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO);
  MgBuffer *buffers[1000];
  for (guint i = 0; i < G_N_ELEMENTS(buffers); i++)
    buffers[i] = make_buffer(stream);
  g_thread_join(g_thread_new("free", unref_all, buffers));
  g_assert_cmpint(mg_leaks_get(MG_LEAKS_BUFFERS), ==, alive);
}

static void
test_after_gap(void)
{
  g_autoptr(MgStream) stream = make_stream(MG_MEDIA_VIDEO);
  MgBuffer *alone = make_buffer(stream);
  MgBuffer *same = mg_buffer_after_gap(alone);
  g_assert_true(same == alone);
  g_assert_cmphex(same->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_autoptr(MgBuffer) held = mg_buffer_ref(same);
  g_assert_true(mg_buffer_after_gap(same) == held); /* it is marked already */
  mg_buffer_unref(same);
  held->flags = MG_BUFFER_KEY;
  g_autoptr(MgBuffer) copy = mg_buffer_after_gap(mg_buffer_ref(held));
  g_assert_true(copy != held);
  g_assert_cmphex(copy->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  g_assert_cmphex(held->flags, ==, MG_BUFFER_KEY);
}

static void
test_can_begin(void)
{
  g_autoptr(MgStream) video = make_stream(MG_MEDIA_VIDEO), data = make_stream(MG_MEDIA_DATA);
  g_autoptr(MgBuffer) frame = mg_buffer_new(video, 0);
  g_autoptr(MgBuffer) note = mg_buffer_new(data, 0);
  g_assert_false(mg_buffer_can_begin(frame));
  g_assert_true(mg_buffer_can_begin(note));
  frame->flags = MG_BUFFER_KEY;
  g_assert_true(mg_buffer_can_begin(frame));
}

static void
assert_no_chunk(const MgBuffer *buffer, const char *why)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *sentence = g_strdup_printf("a buffer of track 'x' is no chunk: %s", why);
  g_assert_false(mg_buffer_check_chunk(buffer, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, sentence);
}

static void
test_check_chunk(void)
{
  MgStreamInfo info = {
    .size = sizeof info,
    .id = "x",
    .media = MG_MEDIA_AUDIO,
    .form = MG_FORM_CHUNK,
    .timescale = 1000,
  };
  g_autoptr(MgStream) timed = mg_stream_new(&info), timeless = make_stream(MG_MEDIA_AUDIO);
  g_autoptr(MgBuffer) buffer = make_buffer(timed), wrong = make_buffer(timeless);
  assert_no_chunk(buffer, "it does not say what chunk it is");
  mg_buffer_make_chunk(buffer)->header_size = 3;
  g_assert_true(mg_buffer_check_chunk(buffer, NULL));
  buffer->chunk->header_size = 4;
  assert_no_chunk(buffer, "its header does not lie in its first slice");
  mg_buffer_make_chunk(wrong);
  assert_no_chunk(wrong, "its track has no timescale");
  g_autoptr(MgBuffer) empty = mg_buffer_new(timed, 1);
  mg_buffer_make_chunk(empty);
  assert_no_chunk(empty, "its header does not lie in its first slice");
}

/* --- data ---------------------------------------------------------------------------------------- */

static void
note_release(gpointer owner)
{
  ++*(guint *) owner;
}

static void
test_wrap(void)
{
  guint n_released = 0;
  MgData *data = mg_data_new_wrap(&n_released, sizeof n_released, note_release, &n_released);
  mg_data_unref(mg_data_ref(data));
  g_assert_cmpuint(n_released, ==, 0);
  mg_data_unref(data);
  g_assert_cmpuint(n_released, ==, 1);
}

static void
test_no_memory(void)
{
  gint alive = mg_leaks_get(MG_LEAKS_DATA);
  g_assert_null(mg_data_new(G_MAXSIZE));
  g_assert_cmpint(mg_leaks_get(MG_LEAKS_DATA), ==, alive);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func("/graph/" name, test)
  ADD("buffer/payload-is-the-slices-in-order", test_payload);
  ADD("buffer/another-like-it-shares-payload", test_like);
  ADD("buffer/many-slices-fit-when-asked-for", test_many_slices);
  ADD("buffer/one-in-used-memory-is-as-new", test_used_memory);
  ADD("buffer/any-thread-may-free-it", test_other_thread);
  ADD("buffer/a-mark-copies-only-what-is-shared", test_after_gap);
  ADD("buffer/video-begins-with-a-key-frame", test_can_begin);
  ADD("buffer/a-chunk-says-what-it-is-and-begins-with-its-header", test_check_chunk);
  ADD("data/a-wrapped-owner-is-released-once", test_wrap);
  ADD("data/without-memory-is-null", test_no_memory);
#undef ADD
  return g_test_run();
}
