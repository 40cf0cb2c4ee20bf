#include "track.h"

#include "describe.h"

#include <timeline/ticks.h>

#include <string.h>

/*
 * Audio counts samples; its stamps are milliseconds and only have to stay this near. Further away,
 * something was lost or the encoder's clock has slipped, and the stamp wins.
 */
#define AUDIO_SLACK (30 * MG_MILLISECOND)

/*
 * Samples below this size are copied behind the chunk's header: a slice of its own would cost more, in
 * memory and in every viewer's writev, than copying a few hundred bytes once.
 */
enum { SMALL_SAMPLE_BYTES = 1024 };

/* --- life -------------------------------------------------------------------------------------- */

Track *
track_new(const TrackSetup *setup, MgStream *stream, GError **error)
{
  Described d;
  if (!describe_stream(stream, &d, error))
    return NULL;
  Track *track = g_new0(Track, 1);
  track->setup = setup;
  track->is_video = mg_stream_info(stream)->media == MG_MEDIA_VIDEO;
  track->next_stream = d.stream;
  track->next_timescale = d.timescale;
  track->next_frame_ticks = d.frame_ticks;
  track->newest = MG_TIME_NONE;
  track->samples = g_array_new(FALSE, FALSE, sizeof(MgCmafSample));
  track->buffers = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  g_queue_init(&track->waiting);
  return track;
}

void
track_free(Track *track)
{
  if (track == NULL)
    return;
  g_queue_clear_full(&track->waiting, (GDestroyNotify) mg_buffer_unref);
  g_array_unref(track->samples);
  g_ptr_array_unref(track->buffers);
  mg_stream_unref(track->stream);
  mg_stream_unref(track->next_stream);
  g_free(track);
}

gboolean
track_set_stream(Track *track, MgStream *stream, GError **error)
{
  Described d;
  if (!describe_stream(stream, &d, error))
    return FALSE;
  mg_stream_unref(track->next_stream);
  track->next_stream = d.stream;
  track->next_timescale = d.timescale;
  track->next_frame_ticks = d.frame_ticks;
  track->skips_to_discont = TRUE;
  return TRUE;
}

/* --- time -------------------------------------------------------------------------------------- */

MgTime
track_time_of(const Track *track, const MgBuffer *buffer)
{
  if (!track->is_video || buffer->flags & MG_BUFFER_KEY)
    return buffer->pts;
  return buffer->dts + track->reorder;
}

MgTime
track_frame(const Track *track)
{
  return track->timescale ? mg_time_from_ticks(track->frame_ticks, track->timescale) : 0;
}

MgTime
track_published_end(const Track *track)
{
  return track->is_begun
             ? mg_time_from_ticks(track->last_dts + track->frame_ticks, track->timescale)
             : MG_TIME_NONE;
}

static gint64
ticks(const Track *track, MgTime engine_time)
{
  return mg_time_to_ticks(engine_time + track->cut.offset, track->timescale);
}

/* Where BUFFER is decoded, in ticks: after the last sample, and where its stamp says. */
static gint64
place(const Track *track, const MgBuffer *buffer)
{
  gint64 at = ticks(track, track_time_of(track, buffer));
  if (!track->has_clock)
    return at;
  if (!track->is_video) {
    gint64 slack = mg_time_to_ticks(AUDIO_SLACK, track->timescale);
    gint64 counted = track->last_dts + track->frame_ticks;
    if (ABS(at - counted) <= slack)
      return counted;
  }
  return MAX(at, track->last_dts + 1);
}

/* --- chunks ------------------------------------------------------------------------------------ */

static void
declare(Track *track)
{
  if (track->out == NULL)
    track->out = mg_port_new(track->setup->node, track->stream);
  else if (mg_port_stream(track->out) != track->stream)
    mg_port_set_stream(track->out, track->stream);
}

static MgCmafChunk
describe_chunk(const Track *track)
{
  return (MgCmafChunk){
    .styp = track->starts_segment ? MG_CMAF_STYP_SEGMENT : MG_CMAF_STYP_CHUNK,
    .sequence = track->sequence,
    .track_id = 1,
    .decode_time = (guint64) track->chunk_start,
    .samples = (gconstpointer) track->samples->data,
    .n_samples = track->samples->len,
    .has_offsets = track->reorder > 0,
  };
}

/* What goes into the block that begins with the header: small samples follow it. */
typedef struct {
  MgBuffer *chunk;
  MgData *block;
  gsize begun, filled; /* the run that no slice covers yet */
} Gather;

static void
end_run(Gather *g)
{
  if (g->filled > g->begun)
    mg_buffer_append(g->chunk, mg_data_ref(g->block), g->begun, g->filled - g->begun);
  g->begun = g->filled;
}

static void
gather_sample(Gather *g, const MgBuffer *sample)
{
  if (sample->size < SMALL_SAMPLE_BYTES) {
    g->filled += mg_buffer_copy_out(sample, g->block->bytes + g->filled, sample->size);
    return;
  }
  end_run(g);
  mg_buffer_append_payload(g->chunk, sample);
}

static void
measure(const Track *track, gsize *small_bytes, guint *n_slices)
{
  *small_bytes = 0;
  *n_slices = 1;
  for (guint i = 0; i < track->buffers->len; i++) {
    const MgBuffer *sample = g_ptr_array_index(track->buffers, i);
    if (sample->size < SMALL_SAMPLE_BYTES)
      *small_bytes += sample->size;
    else
      *n_slices += sample->n_slices + 1;
  }
}

static MgBuffer *
build(Track *track, const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  gsize small_bytes;
  guint n_slices;
  measure(track, &small_bytes, &n_slices);
  g_autoptr(MgData) block = mg_data_new(plan->places.header_size + small_bytes);
  if (block == NULL)
    return NULL;
  mg_cmaf_chunk_write(chunk, plan, block->bytes);
  MgBuffer *out = mg_buffer_new(track->stream, n_slices);
  Gather gather = { out, block, 0, plan->places.header_size };
  for (guint i = 0; i < track->buffers->len; i++)
    gather_sample(&gather, g_ptr_array_index(track->buffers, i));
  end_run(&gather);
  return out;
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
  };
  if (out->chunk->flags & MG_CHUNK_INDEPENDENT)
    out->flags |= MG_BUFFER_KEY;
  if (out->chunk->flags & MG_CHUNK_DISCONT)
    out->flags |= MG_BUFFER_DISCONT;
}

/* Sends the samples collected; every one of them is complete. */
static void
send_chunk(Track *track, guint flags)
{
  g_autoptr(GError) error = NULL;
  MgCmafChunk chunk = describe_chunk(track);
  MgCmafPlan plan = { 0 };
  MgBuffer *out = NULL;
  if (mg_cmaf_chunk_plan(&chunk, &plan, &error))
    out = build(track, &chunk, &plan);
  if (out != NULL) {
    stamp(track, out, &plan, flags);
    declare(track);
    mg_push(track->out, out);
  } else {
    mg_warning(track->setup->node, "a chunk of %u samples is lost: %s", track->samples->len,
               error ? error->message : "no memory");
  }
  track->sent_end =
      mg_time_from_ticks(track->chunk_start + (gint64) plan.duration, track->timescale);
  track->sequence++;
  track->part++;
  track->starts_segment = FALSE;
  g_array_set_size(track->samples, 0);
  g_ptr_array_set_size(track->buffers, 0);
}

/* --- samples ----------------------------------------------------------------------------------- */

/* The last sample lasts until UNTIL. */
static void
complete_last(Track *track, gint64 until)
{
  if (track->samples->len == 0)
    return;
  MgCmafSample *last = &g_array_index(track->samples, MgCmafSample, track->samples->len - 1);
  last->duration = (guint32) CLAMP(until - track->last_dts, 1, G_MAXINT32);
  if (track->is_video)
    track->frame_ticks = last->duration;
}

static void
complete_last_nominally(Track *track)
{
  complete_last(track, track->last_dts + MAX(track->frame_ticks, 1));
}

static guint32
sample_flags(const MgBuffer *buffer)
{
  if (buffer->flags & MG_BUFFER_KEY)
    return MG_CMAF_SYNC;
  return buffer->flags & MG_BUFFER_DISPOSABLE ? MG_CMAF_DISPOSABLE : MG_CMAF_DEPENDS;
}

static void
add(Track *track, MgBuffer *buffer, gint64 dts)
{
  gint64 pts = track->is_video ? ticks(track, buffer->pts) : dts;
  MgCmafSample sample = {
    .size = (guint32) buffer->size,
    .cts_offset = (gint32) CLAMP(pts - dts, G_MININT32, G_MAXINT32),
    .flags = sample_flags(buffer),
  };
  if (track->samples->len == 0)
    track->chunk_start = dts;
  track->last_dts = dts;
  track->has_clock = TRUE;
  track->newest = track->is_video ? buffer->dts : buffer->pts;
  g_array_append_val(track->samples, sample);
  g_ptr_array_add(track->buffers, buffer);
}

/* --- cuts -------------------------------------------------------------------------------------- */

static gboolean
reaches(const Track *track, const MgBuffer *buffer, const Cut *cut)
{
  MgTime time = track_time_of(track, buffer);
  gboolean goes_on = track->is_begun && !cut->is_discont;
  if (!track->is_video)
    return time + (goes_on ? track_frame(track) / 2 : 0) >= cut->at;
  return time >= cut->at && (buffer->flags & MG_BUFFER_KEY || cut->is_forced);
}

static void
begin_anew(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  if (track->next_stream != NULL) {
    mg_stream_unref(track->stream);
    track->stream = g_steal_pointer(&track->next_stream);
    track->timescale = track->next_timescale;
    track->frame_ticks = track->next_frame_ticks;
  }
  track->has_clock = FALSE;
  track->skips_to_discont = FALSE;
  track->reorder = track->is_video ? MAX(buffer->pts - buffer->dts, 0) : 0;
  track->starts_discont = cut->is_discont;
}

/* Ends the segment and begins the next, with BUFFER. */
static void
pass(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  gboolean is_anew = cut->is_discont || !track->is_begun;
  if (is_anew)
    complete_last_nominally(track);
  else
    complete_last(track, place(track, buffer));
  if (track->samples->len > 0)
    send_chunk(track, MG_CHUNK_ENDS_SEGMENT);
  if (is_anew)
    begin_anew(track, cut, buffer);
  else
    track->starts_discont = FALSE;
  track->cut = *cut;
  track->next_cut++;
  track->is_begun = TRUE;
  track->part = 0;
  track->starts_segment = TRUE;
}

static gboolean
waits_for_discont(Track *track, const MgBuffer *buffer)
{
  const Cut *next = cuts_get(track->setup->cuts, track->next_cut);
  if (buffer->flags & MG_BUFFER_DISCONT && next != NULL && next->is_discont)
    track->skips_to_discont = TRUE;
  return track->skips_to_discont;
}

void
track_take(Track *track, MgBuffer *buffer)
{
  const Cut *cut;
  while ((cut = cuts_get(track->setup->cuts, track->next_cut)) != NULL &&
         reaches(track, buffer, cut))
    pass(track, cut, buffer);
  if (!track->is_begun || waits_for_discont(track, buffer)) {
    mg_buffer_unref(buffer);
    return;
  }
  gint64 dts = place(track, buffer);
  complete_last(track, dts);
  gint64 part = mg_time_to_ticks(track->setup->part, track->timescale);
  if (track->samples->len > 0 && dts - track->chunk_start + track->frame_ticks > part)
    send_chunk(track, 0);
  add(track, buffer, dts);
}

void
track_finish(Track *track)
{
  complete_last_nominally(track);
  if (track->samples->len > 0)
    send_chunk(track, MG_CHUNK_ENDS_SEGMENT);
  track->is_begun = FALSE;
}
