#include "collect.h"

#include "describe.h"
#include "gather.h"

#include <timeline/ticks.h>

static void
declare(Track *track)
{
  if (track->out == NULL)
    track->out = mg_port_new(track->setup->node, track->stream);
  else if (mg_port_stream(track->out) != track->stream)
    mg_port_set_stream(track->out, track->stream);
}

/* Each segment says once when it was captured; the same map is the MPD's. */
static gint64
captured_utc_us(const Track *track)
{
  MgTime since_epoch = mg_time_from_ticks(track->chunk_start, track->timescale);
  return track->starts_segment ? track->setup->epoch_utc_us + since_epoch / MG_MICROSECOND : 0;
}

static MgCmafChunk
describe_chunk(const Track *track)
{
  return (MgCmafChunk){
    .styp = track->starts_segment ? MG_CMAF_STYP_SEGMENT : MG_CMAF_STYP_CHUNK,
    .sequence = track->sequence,
    .track_id = 1,
    .decode_time = (guint64) track->chunk_start,
    .utc_us = captured_utc_us(track),
    .samples = (gconstpointer) track->samples->data,
    .n_samples = track->samples->len,
    .has_offsets = track->reorder > 0,
  };
}

static guint
chunk_flags(const Track *track, guint flags)
{
  const MgBuffer *first = g_ptr_array_index(track->buffers, 0);
  if (first->flags & MG_BUFFER_KEY)
    flags |= MG_CHUNK_INDEPENDENT;
  if (track->starts_segment)
    flags |= MG_CHUNK_STARTS_SEGMENT;
  if (track->starts_segment && track->starts_discont)
    flags |= MG_CHUNK_DISCONT;
  if (track->starts_segment && track->is_video && !(first->flags & MG_BUFFER_KEY))
    flags |= MG_CHUNK_FORCED_CUT;
  return flags;
}

static void
stamp(Track *track, MgBuffer *out, const MgCmafPlan *plan, guint flags)
{
  const MgBuffer *first = g_ptr_array_index(track->buffers, 0);
  const MgBuffer *last = g_ptr_array_index(track->buffers, track->buffers->len - 1);
  out->pts = first->pts;
  out->dts = first->dts;
  out->duration = mg_time_from_ticks((gint64) plan->duration, track->timescale);
  out->arrival = last->arrival;
  *mg_buffer_make_chunk(out) = (MgChunk){
    .flags = chunk_flags(track, flags),
    .part = track->part,
    .segment = track->cut.segment,
    .discontinuity = track->cut.discontinuity,
    .start = track->chunk_start,
    .duration = (gint64) plan->duration,
    .epoch_utc_us = track->setup->epoch_utc_us,
    .period_start = mg_time_to_ticks(track->cut.period_start, track->timescale),
    .target_ms = cuts_target_s(track->setup->cuts) * 1000,
    .reorder = (guint) mg_time_to_ticks(track->reorder, track->timescale),
    .header_size = (guint) plan->places.header_size,
    .n_samples = track->samples->len,
    .part_target_us = (guint) (parts_target(track) / MG_MICROSECOND),
    .first_size = g_array_index(track->samples, MgCmafSample, 0).size,
  };
  if (out->chunk->flags & MG_CHUNK_INDEPENDENT)
    out->flags |= MG_BUFFER_KEY;
  if (track->starts_segment && track->starts_anew)
    out->flags |= MG_BUFFER_DISCONT;
}

/* Sends the samples as one chunk; all are complete. FLAGS: further MgChunkFlags. */
static void
send(Track *track, guint flags)
{
  g_autoptr(GError) error = NULL;
  MgCmafChunk chunk = describe_chunk(track);
  MgCmafPlan plan = { 0 };
  MgBuffer *out = NULL;
  if (mg_cmaf_chunk_plan(&chunk, &plan, &error))
    out = gather(track->stream, track->buffers, &chunk, &plan);
  if (out != NULL) {
    stamp(track, out, &plan, flags);
    declare(track);
    mg_push(track->out, out);
  } else {
    mg_warning(track->setup->node, "a chunk of %u samples is lost: %s", track->samples->len,
               error ? error->message : "no memory");
  }
  track->sent_end = mg_time_from_ticks(track->end, track->timescale);
  track->sequence++;
  track->part++;
  track->starts_segment = FALSE;
  g_array_set_size(track->samples, 0);
  g_ptr_array_set_size(track->buffers, 0);
}

/* A hole says little about the distance of frames: it grows slowly, from a first guess on. */
static void
note_frame(Track *track, guint32 duration)
{
  guint32 now = track->frame_ticks;
  guint32 most = now > 0 ? now + now / 4 + 1 : track->timescale / 5;
  if (track->is_video)
    track->frame_ticks = MIN(duration, most);
}

void
collect_until(Track *track, gint64 until)
{
  track->end = until;
  if (track->samples->len == 0)
    return;
  MgCmafSample *last = &g_array_index(track->samples, MgCmafSample, track->samples->len - 1);
  last->duration = (guint32) CLAMP(until - track->last_dts, 1, G_MAXINT32);
  note_frame(track, last->duration);
}

void
collect_nominally(Track *track)
{
  collect_until(track, track->last_dts + MAX(track->frame_ticks, 1));
}

void
collect_before(Track *track, const Cut *cut)
{
  gint64 latest = mg_time_to_ticks(cut->period_start, track->timescale);
  gint64 nominal = track->last_dts + track->frame_ticks;
  collect_until(track, MAX(MIN(nominal, latest), track->last_dts + 1));
}

static guint32
sample_flags(const MgBuffer *buffer)
{
  if (buffer->flags & MG_BUFFER_KEY)
    return MG_CMAF_SYNC;
  return buffer->flags & MG_BUFFER_DISPOSABLE ? MG_CMAF_DISPOSABLE : MG_CMAF_DEPENDS;
}

void
collect_note_length(Track *track, const MgBuffer *buffer)
{
  guint32 ticks = track->frames_vary ? describe_packet(track->stream, buffer) : 0;
  if (ticks > 0)
    track->frame_ticks = ticks;
}

void
collect_add(Track *track, MgBuffer *buffer, gint64 dts)
{
  gint64 shift = track->is_early ? dts - track_ticks(track, track_time_of(track, buffer)) : 0;
  gint64 pts = track->is_video ? track_ticks(track, buffer->pts) + shift : dts;
  MgCmafSample sample = {
    .size = (guint32) buffer->size,
    .cts_offset = (gint32) CLAMP(pts - dts, G_MININT32, G_MAXINT32),
    .flags = sample_flags(buffer),
  };
  if (track->samples->len == 0)
    track->chunk_start = dts;
  collect_note_length(track, buffer);
  track->last_dts = dts;
  track->newest = track->is_video ? buffer->dts : buffer->pts;
  g_array_append_val(track->samples, sample);
  g_ptr_array_add(track->buffers, buffer);
}

/* What is behind the first N samples of the chunk: it is put aside while they are sent. */
typedef struct {
  MgCmafSample *samples;
  gpointer *buffers;
  guint n;
  gint64 end;
} Rest;

static Rest
put_aside(Track *track, guint n)
{
  guint n_rest = track->samples->len - n;
  Rest rest = {
    .samples =
        g_memdup2(&g_array_index(track->samples, MgCmafSample, n), n_rest * sizeof(MgCmafSample)),
    .buffers = g_memdup2(&track->buffers->pdata[n], n_rest * sizeof(gpointer)),
    .n = n_rest,
    .end = track->end,
  };
  for (guint i = 0; i < n_rest; i++) {
    track->end -= rest.samples[i].duration;
    track->buffers->pdata[n + i] = NULL;
  }
  g_array_set_size(track->samples, n);
  g_ptr_array_set_size(track->buffers, (gint) n);
  return rest;
}

static void
take_back(Track *track, Rest *rest)
{
  track->chunk_start = track->end;
  track->end = rest->end;
  g_array_append_vals(track->samples, rest->samples, rest->n);
  for (guint i = 0; i < rest->n; i++)
    g_ptr_array_add(track->buffers, rest->buffers[i]);
  g_free(rest->samples);
  g_free(rest->buffers);
}

/* Where a sample has become too long for the chunk, those before it go without it. */
static void
send_what_fits(Track *track)
{
  for (guint n = parts_n_fitting(track); n < track->samples->len; n = parts_n_fitting(track)) {
    Rest rest = put_aside(track, n);
    send(track, 0);
    take_back(track, &rest);
  }
}

void
collect_send_full(Track *track)
{
  if (!parts_is_full(track))
    return;
  send_what_fits(track);
  if (parts_is_full(track))
    send(track, 0);
}

void
collect_end_segment(Track *track)
{
  if (track->samples->len == 0)
    return;
  parts_target(track); /* by which what is sent will be judged */
  send_what_fits(track);
  send(track, MG_CHUNK_ENDS_SEGMENT);
}
