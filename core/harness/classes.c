/*
 * The two classes that the engine sees: a copy of the one under test, whose callbacks are called through
 * it so that their errors can be shown to the test, and the sink behind it.
 */
#include "harness/private.h"

#include <string.h>

/* --- the node's callbacks ------------------------------------------------------------------------ */

static MgHarness *
harness_of(MgNode *node)
{
  const WatchedClass *watched = (const WatchedClass *) node->class;
  return watched->harness;
}

static gboolean
keep_error(MgHarness *h, gboolean ok, GError *mine, GError **error)
{
  if (ok)
    return TRUE;
  if (mine == NULL)
    mine = g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "failed without a reason");
  g_clear_error(&h->error);
  h->error = g_error_copy(mine);
  g_propagate_error(error, mine);
  return FALSE;
}

static gboolean
watched_open(MgNode *node, GError **error)
{
  MgHarness *h = harness_of(node);
  GError *mine = NULL;
  gboolean ok = h->real->open(node, &mine);
  return keep_error(h, ok, mine, error);
}

static gboolean
watched_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  MgHarness *h = harness_of(node);
  GError *mine = NULL;
  gboolean ok = h->real->stream(node, in, stream, &mine);
  return keep_error(h, ok, mine, error);
}

static gboolean
watched_process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  MgHarness *h = harness_of(node);
  GError *mine = NULL;
  gboolean ok = h->real->process(node, in, buffer, &mine);
  return keep_error(h, ok, mine, error);
}

static void
watch(MgHarness *h)
{
  MgNodeClass *class = &h->watched.class;
  h->watched.harness = h;
  memcpy(class, h->real, MIN(h->real->size, sizeof *class));
  class->open = class->open ? watched_open : NULL;
  class->stream = class->stream ? watched_stream : NULL;
  class->process = class->process ? watched_process : NULL;
}

gboolean
mg_harness_take_error(MgHarness *h, GError **error)
{
  if (h->error == NULL)
    return TRUE;
  g_propagate_error(error, g_steal_pointer(&h->error));
  return FALSE;
}

/* --- the sink ------------------------------------------------------------------------------------ */

static void
output_free(gpointer data)
{
  Output *output = data;
  g_queue_clear_full(&output->buffers, (GDestroyNotify) mg_buffer_unref);
  mg_stream_unref(output->stream);
  g_free(output->id);
  g_free(output);
}

Output *
mg_harness_find_output(MgHarness *h, const char *id)
{
  for (guint i = 0; i < h->outputs->len; i++) {
    Output *output = g_ptr_array_index(h->outputs, i);
    if (g_str_equal(output->id, id))
      return output;
  }
  return NULL;
}

static Output *
make_output(MgHarness *h, const char *id)
{
  Output *output = mg_harness_find_output(h, id);
  if (output != NULL)
    return output;
  output = g_new0(Output, 1);
  output->id = g_strdup(id);
  g_queue_init(&output->buffers);
  g_ptr_array_add(h->outputs, output);
  return output;
}

/* The test sees all that the node pushes: this port does not wait for a key frame. */
static gboolean
sink_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Output *output = make_output(harness_of(node), mg_stream_info(stream)->id);
  mg_stream_unref(output->stream);
  output->stream = mg_stream_ref(stream);
  output->has_ended = FALSE;
  mg_port_set_data(in, output);
  in->is_flowing = TRUE;
  return TRUE;
}

static gboolean
sink_process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Output *output = mg_port_data(in);
  g_queue_push_tail(&output->buffers, buffer);
  return TRUE;
}

static void
sink_ended(MgNode *node, MgPort *in)
{
  Output *output = mg_port_data(in);
  output->has_ended = TRUE;
}

static const MgNodeClass sink_class = {
  .size = sizeof(MgNodeClass),
  .name = "harness-sink",
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .stream = sink_stream,
  .process = sink_process,
  .ended = sink_ended,
};

void
mg_harness_init_classes(MgHarness *h)
{
  watch(h);
  h->sink = (WatchedClass){ sink_class, h };
  h->outputs = g_ptr_array_new_with_free_func(output_free);
}
