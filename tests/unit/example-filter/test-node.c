/* What the node does, one call at a time: the harness stands for the rest of the graph. */
#include "example-filter/node.h"

#include <mediagraph/harness.h>

static MgStream *
new_video(void)
{
  return mg_stream_new(&(MgStreamInfo){
      .size = sizeof(MgStreamInfo),
      .id = "video",
      .media = MG_MEDIA_VIDEO,
      .form = MG_FORM_PACKET,
      .codec = MG_CODEC_H264,
  });
}

/* Pushes frame NUMBER, counted from 0: the first is a key frame, the others have FLAGS. */
static void
push(MgHarness *harness, MgPort *in, MgStream *stream, guint number, guint flags)
{
  g_autoptr(GError) error = NULL;
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  buffer->pts = buffer->dts = number * 40 * MG_MILLISECOND;
  buffer->duration = 40 * MG_MILLISECOND;
  buffer->flags = number == 0 ? MG_BUFFER_KEY : flags;
  mg_buffer_append(buffer, mg_data_new_copy("frame", 5), 0, 5);
  mg_harness_push(harness, in, buffer, &error);
  g_assert_no_error(error);
}

/* Returned-owned: the numbers of the frames that came out, "0 1 2 ". */
static char *
pull_all(MgHarness *harness)
{
  GString *numbers = g_string_new(NULL);
  MgBuffer *buffer;
  while ((buffer = mg_harness_pull(harness, "video")) != NULL) {
    g_string_append_printf(numbers, "%d ", (int) (buffer->pts / (40 * MG_MILLISECOND)));
    mg_buffer_unref(buffer);
  }
  return g_string_free(numbers, FALSE);
}

static void
assert_passes(const char *attributes, guint flags, const char *expected, guint64 n_dropped)
{
  g_autoptr(GError) error = NULL;
  MgHarness *harness = mg_harness_new(&example_filter_class, attributes, &error);
  g_assert_no_error(error);
  g_autoptr(MgStream) stream = new_video();
  MgPort *in = mg_harness_stream(harness, stream, &error);
  g_assert_no_error(error);
  for (guint i = 0; i < 6; i++)
    push(harness, in, stream, i, flags);
  g_autofree char *numbers = pull_all(harness);
  g_assert_cmpstr(numbers, ==, expected);
  g_assert_cmpuint(mg_harness_counter(harness, "packets"), ==, 6);
  g_assert_cmpuint(mg_harness_counter(harness, "dropped-frames"), ==, n_dropped);
  g_clear_pointer(&stream, mg_stream_unref);
  mg_harness_free(harness);
}

static void
test_passes_all(void)
{
  assert_passes(NULL, MG_BUFFER_DISPOSABLE, "0 1 2 3 4 5 ", 0);
}

static void
test_drops_disposable(void)
{
  assert_passes("drop-every='2'", MG_BUFFER_DISPOSABLE, "0 1 3 5 ", 2);
}

static void
test_keeps_what_others_need(void)
{
  assert_passes("drop-every='1'", 0, "0 1 2 3 4 5 ", 0);
}

static void
test_refuses_nonsense(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_new(&example_filter_class, "drop-every='often'", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/example-filter/node/passes-everything-on", test_passes_all);
  g_test_add_func("/example-filter/node/drops-each-nth-disposable-frame", test_drops_disposable);
  g_test_add_func("/example-filter/node/keeps-what-others-need", test_keeps_what_others_need);
  g_test_add_func("/example-filter/node/refuses-nonsense", test_refuses_nonsense);
  return g_test_run();
}
