#include "fill.h"

#include <codec/silence.h>
#include <mediagraph/log.h>
#include <timeline/ticks.h>

/* How often it looks at the clock. */
#define TICK (40 * MG_MILLISECOND)

/* From one repetition to the next: few enough to cost little, many enough for parts of low latency. */
#define REPEAT (200 * MG_MILLISECOND)

/* --- one output ---------------------------------------------------------------------------------- */

/* Pushes BUFFER, which was for another time, as what came just now. */
static void
push_at(Output *output, const MgBuffer *buffer, MgTime dts)
{
  g_autoptr(MgBuffer) again = mg_buffer_new_like(buffer, output->stream);
  again->flags &= ~(guint) MG_BUFFER_DISCONT;
  again->arrival = mg_now();
  again->dts = dts;
  again->pts = dts + buffer->pts - buffer->dts;
  output_push(output, again, again->dts, again->pts);
}

static void
repeat(Output *output, MgTime now)
{
  for (MgTime at; (at = output->fill_begin + output->n_filled * REPEAT) <= now;
       output->n_filled++) {
    g_autoptr(MgBuffer) key = mg_buffer_ref(output->last_key);
    push_at(output, key, at);
  }
}

static void
be_silent(Output *output, MgTime now)
{
  for (;; output->n_filled++) {
    MgTime at = output->fill_begin + mg_time_from_ticks(output->n_filled * output->silence_samples,
                                                        output->silence_rate);
    if (at > now)
      return;
    g_autoptr(MgBuffer) buffer = mg_buffer_new(output->stream, 1);
    buffer->pts = buffer->dts = at;
    buffer->duration = mg_time_from_ticks(output->silence_samples, output->silence_rate);
    buffer->flags = MG_BUFFER_KEY;
    mg_buffer_append(buffer, mg_data_ref(output->silence), 0, output->silence->size);
    push_at(output, buffer, at);
  }
}

static void
find_silence(Output *output)
{
  const MgStreamInfo *info = mg_stream_info(output->stream);
  g_auto(MgWriter) packet = MG_WRITER_INIT;
  if (output->silence != NULL)
    return;
  if (info->config != NULL &&
      mg_silence_write(info->codec, info->config->bytes, info->config->size, &packet,
                       &output->silence_samples, &output->silence_rate)) {
    output->silence = mg_data_new_copy(packet.data, packet.size);
    return;
  }
  g_autofree char *name = mg_codec_name(info->codec);
  if (!output->has_complained)
    mg_warning(output->node, "track '%s' pauses: there is no silence of %s", info->id, name);
  output->has_complained = TRUE;
}

static MgTime
delay_of(const MgBuffer *buffer)
{
  return buffer->pts - buffer->dts;
}

static void
prepare(Output *output)
{
  if (!output_is_video(output))
    find_silence(output);
  output->fill_begin =
      output_next(output, output->last_key != NULL ? delay_of(output->last_key) : 0);
  output->n_filled = 0;
}

static void
fill_one(Output *output, MgTime now)
{
  if (output->last_dts == MG_TIME_NONE)
    return;
  if (output_is_video(output) && output->last_key != NULL)
    repeat(output, now);
  else if (!output_is_video(output) && output->silence != NULL)
    be_silent(output, now);
}

/* --- the slate ----------------------------------------------------------------------------------- */

/* What OUTPUT gets of the slate; NULL: nothing. */
static MgStream *
stream_for(const Slate *slate, const Output *output)
{
  if (slate == NULL)
    return NULL;
  return output_is_video(output) ? slate->video : slate->audio;
}

static const MgBuffer *
first_for(const Slate *slate, const Output *output)
{
  for (guint i = 0; i < slate->samples->len; i++) {
    const SlateSample *sample = &g_array_index(slate->samples, SlateSample, i);
    if (!sample->is_video == !output_is_video(output))
      return sample->buffer;
  }
  return NULL;
}

/* The loop begins where all outputs have room for it, so that its tracks keep together. */
static void
begin_slate(Fill *fill)
{
  fill->slate_at = 0;
  fill->slate_base = G_MININT64 / 2;
  for (guint i = 0; i < fill->outputs->len; i++) {
    Output *output = g_ptr_array_index(fill->outputs, i);
    MgStream *stream = stream_for(fill->slate, output);
    const MgBuffer *first = stream ? first_for(fill->slate, output) : NULL;
    if (first == NULL || output->last_dts == MG_TIME_NONE)
      continue;
    fill->slate_base = MAX(fill->slate_base, output_next(output, delay_of(first)) - first->dts);
    output_declare_as(output, stream);
    output_switch(output, fill->slate->video != NULL);
  }
}

static void
push_sample(Fill *fill, const SlateSample *sample)
{
  for (guint i = 0; i < fill->outputs->len; i++) {
    Output *output = g_ptr_array_index(fill->outputs, i);
    if (!sample->is_video == !output_is_video(output) && output->last_dts != MG_TIME_NONE)
      push_at(output, sample->buffer, fill->slate_base + sample->buffer->dts);
  }
}

static void
play_slate(Fill *fill, MgTime now)
{
  for (;;) {
    const SlateSample *sample = &g_array_index(fill->slate->samples, SlateSample, fill->slate_at);
    if (fill->slate_base + sample->buffer->dts > now)
      return;
    push_sample(fill, sample);
    if (++fill->slate_at < fill->slate->samples->len)
      continue;
    fill->slate_at = 0;
    fill->slate_base += fill->slate->length;
  }
}

/* --- all of it ----------------------------------------------------------------------------------- */

static gboolean
has_began(const Fill *fill)
{
  return fill->slate_base > G_MININT64 / 2;
}

static void
on_tick(gpointer data)
{
  Fill *fill = data;
  MgTime now = fill->clock + mg_now();
  mg_timer_start_in(&fill->tick, TICK);
  if (fill->slate != NULL && has_began(fill))
    play_slate(fill, now);
  for (guint i = 0; i < fill->outputs->len; i++) {
    Output *output = g_ptr_array_index(fill->outputs, i);
    if (stream_for(fill->slate, output) == NULL)
      fill_one(output, now);
  }
}

void
fill_init(Fill *fill, GPtrArray *outputs)
{
  *fill = (Fill){ .outputs = outputs };
  mg_timer_init(&fill->tick, on_tick, fill);
}

void
fill_start(Fill *fill, MgTime clock, const Slate *slate)
{
  fill->clock = clock;
  fill->slate = slate;
  for (guint i = 0; i < fill->outputs->len; i++)
    prepare(g_ptr_array_index(fill->outputs, i));
  if (slate != NULL)
    begin_slate(fill);
  on_tick(fill);
}

void
fill_stop(Fill *fill)
{
  mg_timer_stop(&fill->tick);
  fill->slate = NULL;
}

gboolean
fill_is_running(const Fill *fill)
{
  return fill->tick.lane != NULL;
}
