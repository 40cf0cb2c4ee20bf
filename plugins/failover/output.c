#include "output.h"

/* Between two buffers of which nothing else is known. */
#define USUAL_STEP (40 * MG_MILLISECOND)
#define MOST_STEP  (100 * MG_MILLISECOND)

static void
output_free(gpointer data)
{
  Output *output = data;
  mg_stream_unref(output->stream);
  mg_buffer_unref(output->last_key);
  mg_data_unref(output->silence);
  g_free(output);
}

GPtrArray *
outputs_new(void)
{
  return g_ptr_array_new_with_free_func(output_free);
}

Output *
outputs_find(GPtrArray *outputs, const char *id)
{
  for (guint i = 0; i < outputs->len; i++) {
    Output *output = g_ptr_array_index(outputs, i);
    if (g_str_equal(mg_stream_info(output->stream)->id, id))
      return output;
  }
  return NULL;
}

gboolean
output_is_video(const Output *output)
{
  return mg_stream_info(output->stream)->media == MG_MEDIA_VIDEO;
}

static void
declare(Output *output, MgStream *stream)
{
  mg_stream_ref(stream);
  mg_stream_unref(output->stream);
  output->stream = stream;
  mg_buffer_unref(g_steal_pointer(&output->last_key));
  mg_data_unref(g_steal_pointer(&output->silence));
  mg_port_set_stream(output->port, stream);
}

Output *
outputs_declare(GPtrArray *outputs, MgNode *node, MgStream *stream)
{
  Output *output = outputs_find(outputs, mg_stream_info(stream)->id);
  if (output != NULL) {
    if (!mg_stream_same_parameters(output->stream, stream))
      declare(output, stream);
    return output;
  }
  output = g_new0(Output, 1);
  output->node = node;
  output->stream = mg_stream_ref(stream);
  output->port = mg_port_new(node, stream);
  output->last_dts = MG_TIME_NONE;
  output->step = USUAL_STEP;
  g_ptr_array_add(outputs, output);
  return output;
}

void
output_declare_as(Output *output, MgStream *stream)
{
  MgStreamInfo info = *mg_stream_info(stream);
  info.id = mg_stream_info(output->stream)->id;
  info.rendition_of = mg_stream_info(output->stream)->rendition_of;
  info.language = mg_stream_info(output->stream)->language;
  if (mg_stream_same_parameters(output->stream, stream))
    return;
  g_autoptr(MgStream) mine = mg_stream_new(&info);
  declare(output, mine);
}

void
outputs_end(GPtrArray *outputs, Output *output)
{
  mg_port_end(output->port);
  g_ptr_array_remove(outputs, output);
}

void
output_switch(Output *output, gboolean has_video)
{
  output->awaits_key = output->has_switched = TRUE;
  output->has_guide = has_video && !output_is_video(output);
}

MgTime
output_next(const Output *output, MgTime delay)
{
  if (output->last_dts == MG_TIME_NONE)
    return G_MININT64 / 2; /* at any time */
  return MAX(output->last_dts + output->step, output->pts_end - delay);
}

/* Of what is filled in the distances say little about frames. */
static void
note(Output *output, MgBuffer *out)
{
  MgTime step = output->last_dts != MG_TIME_NONE ? out->dts - output->last_dts : out->duration;
  if (step > 0 && step <= MOST_STEP)
    output->step = step;
  output->last_dts = out->dts;
  output->pts_end = MAX(output->pts_end, out->pts + output->step);
  if (output_is_video(output) && out->flags & MG_BUFFER_KEY) {
    mg_buffer_unref(output->last_key);
    output->last_key = mg_buffer_ref(out);
  }
}

/* Behind a switch audio may overlap; a little of that is a rounding error. */
static gboolean
comes_too_early(const Output *output, MgTime dts)
{
  MgTime room = output->has_switched && !output_is_video(output) ? output->step / 2 : 1;
  return output->last_dts != MG_TIME_NONE && dts < output->last_dts + room;
}

static gboolean
marks_discont(const Output *output, MgTime dts)
{
  gboolean goes_on =
      output->has_guide && output->last_dts != MG_TIME_NONE && dts - output->last_dts <= MOST_STEP;
  return output->has_switched && !goes_on;
}

/* Returned-owned: BUFFER itself where nothing is to be said otherwise. */
static MgBuffer *
restamp(Output *output, MgBuffer *buffer, MgTime dts, MgTime pts)
{
  if (buffer->stream == output->stream && buffer->dts == dts && buffer->pts == pts &&
      !marks_discont(output, dts))
    return mg_buffer_ref(buffer);
  MgBuffer *out = mg_buffer_new_like(buffer, output->stream);
  out->dts = dts;
  out->pts = pts;
  if (output->has_switched)
    out->flags &= ~(guint) MG_BUFFER_DISCONT;
  if (marks_discont(output, dts))
    out->flags |= MG_BUFFER_DISCONT;
  return out;
}

gboolean
output_push(Output *output, MgBuffer *buffer, MgTime dts, MgTime pts)
{
  gboolean is_key = buffer->flags & MG_BUFFER_KEY || !output_is_video(output);
  if ((output->awaits_key && !is_key) || comes_too_early(output, dts))
    return FALSE;
  MgBuffer *out = restamp(output, buffer, dts, pts);
  output->awaits_key = output->has_switched = FALSE;
  note(output, out);
  mg_push(output->port, out);
  return TRUE;
}
