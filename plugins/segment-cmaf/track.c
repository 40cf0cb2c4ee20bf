#include "track.h"

#include "describe.h"
#include "gather.h"

#include <timeline/ticks.h>

#include <string.h>

/*
 * Audio counts samples; its stamps are milliseconds and only have to stay this near. Further away,
 * something was lost or the encoder's clock has slipped, and the stamp wins.
 */
#define AUDIO_SLACK (30 * MG_MILLISECOND)

/* What comes up to so much behind a cut begins with it; later, it waits for the next. */
#define MOST_LATE MG_SECOND

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
  MgStream *now = track->next_stream ? track->next_stream : track->stream;
  if (mg_stream_same_parameters(now, d.stream)) {
    mg_stream_unref(d.stream);
    return TRUE;
  }
  track_flush(track);
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

static MgTime
to_published(const Track *track, gint64 at)
{
  return mg_time_from_ticks(at, track->timescale);
}

MgTime
track_published_end(const Track *track)
{
  return track->is_begun ? to_published(track, track->last_dts + track->frame_ticks) : MG_TIME_NONE;
}

static gint64
ticks(const Track *track, MgTime engine_time)
{
  return mg_time_to_ticks(engine_time + track->cut.offset, track->timescale);
}

/* Where BUFFER is decoded, behind the last sample: where its stamp says, but for audio's jitter. */
static gint64
place(const Track *track, const MgBuffer *buffer)
{
  gint64 at = ticks(track, track_time_of(track, buffer));
  if (!track->is_video && !track->is_early) {
    gint64 slack = mg_time_to_ticks(AUDIO_SLACK, track->timescale);
    gint64 counted = track->last_dts + track->frame_ticks + track->slew;
    if (ABS(at - counted) <= slack)
      return counted;
  }
  return MAX(at, track->last_dts + 1);
}

/*
 * Where the segment ends that CUT ends and BUFFER follows: where BUFFER is, but if there is a hole, in
 * time. Then BUFFER is early, so that nothing is between the two segments.
 */
static gint64
place_cut(const Track *track, const Cut *cut, const MgBuffer *buffer)
{
  gint64 at = place(track, buffer);
  gint64 latest = ticks(track, cut->at) + (track->is_video ? 0 : track->frame_ticks);
  return MIN(at, MAX(latest, track->last_dts + MAX(track->frame_ticks, 1)));
}

/* Where BUFFER is decoded as the first behind CUT, which has been passed. */
static gint64
place_first(const Track *track, const Cut *cut, const MgBuffer *buffer)
{
  gint64 at = ticks(track, track_time_of(track, buffer));
  gint64 start = ticks(track, cut->at);
  return !track->is_video && at - start > track->frame_ticks ? start : at;
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
  if (track->starts_segment && track->starts_anew)
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
    out = gather(track->stream, track->buffers, &chunk, &plan);
  if (out != NULL) {
    stamp(track, out, &plan, flags);
    declare(track);
    mg_push(track->out, out);
  } else {
    mg_warning(track->setup->node, "a chunk of %u samples is lost: %s", track->samples->len,
               error ? error->message : "no memory");
  }
  track->sent_end = to_published(track, track->end);
  track->sequence++;
  track->part++;
  track->starts_segment = FALSE;
  g_array_set_size(track->samples, 0);
  g_ptr_array_set_size(track->buffers, 0);
}

/* --- samples ----------------------------------------------------------------------------------- */

/* A hole says little about the distance of frames: it grows slowly, from a first guess on. */
static void
note_frame(Track *track, guint32 duration)
{
  guint32 now = track->frame_ticks;
  guint32 most = now > 0 ? now + now / 4 + 1 : track->timescale / 5;
  if (track->is_video)
    track->frame_ticks = MIN(duration, most);
}

/* The last sample lasts until UNTIL. */
static void
complete_last(Track *track, gint64 until)
{
  track->end = until;
  if (track->samples->len == 0)
    return;
  MgCmafSample *last = &g_array_index(track->samples, MgCmafSample, track->samples->len - 1);
  last->duration = (guint32) CLAMP(until - track->last_dts, 1, G_MAXINT32);
  note_frame(track, last->duration);
}

static void
complete_last_nominally(Track *track)
{
  complete_last(track, track->last_dts + MAX(track->frame_ticks, 1));
}

/* In front of a discontinuity the last sample lasts as usual, but not beyond its start. */
static void
complete_before(Track *track, const Cut *cut)
{
  gint64 latest = mg_time_to_ticks(cut->period_start, track->timescale);
  gint64 nominal = track->last_dts + track->frame_ticks;
  complete_last(track, MAX(MIN(nominal, latest), track->last_dts + 1));
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
  gint64 shift = track->is_early ? dts - ticks(track, track_time_of(track, buffer)) : 0;
  gint64 pts = track->is_video ? ticks(track, buffer->pts) + shift : dts;
  MgCmafSample sample = {
    .size = (guint32) buffer->size,
    .cts_offset = (gint32) CLAMP(pts - dts, G_MININT32, G_MAXINT32),
    .flags = sample_flags(buffer),
  };
  if (track->samples->len == 0)
    track->chunk_start = dts;
  track->last_dts = dts;
  track->newest = track->is_video ? buffer->dts : buffer->pts;
  g_array_append_val(track->samples, sample);
  g_ptr_array_add(track->buffers, buffer);
}

/* --- cuts -------------------------------------------------------------------------------------- */

/* A video track that cannot begin its next segment in time with a key frame begins it with another. */
static gboolean
may_begin_without_key(const Track *track, const Cut *cut, MgTime time)
{
  if (!track->is_begun || cut->is_discont)
    return FALSE;
  return cut->is_forced || time - track->cut.at + track_frame(track) > track->setup->cuts->longest;
}

static gboolean
reaches(const Track *track, const MgBuffer *buffer, const Cut *cut)
{
  MgTime time = track_time_of(track, buffer);
  gboolean goes_on = track->is_begun && !cut->is_discont;
  if (!track->is_video)
    return time + (goes_on ? track_frame(track) / 2 : 0) >= cut->at;
  return time >= cut->at &&
         (buffer->flags & MG_BUFFER_KEY || may_begin_without_key(track, cut, time));
}

static void
end_segment(Track *track)
{
  if (track->samples->len > 0)
    send_chunk(track, MG_CHUNK_ENDS_SEGMENT);
}

static void
take_next_stream(Track *track)
{
  if (track->next_stream == NULL)
    return;
  mg_stream_unref(track->stream);
  track->stream = g_steal_pointer(&track->next_stream);
  track->timescale = track->next_timescale;
  track->frame_ticks = track->next_frame_ticks;
}

static void
go_on(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  track->slew = mg_time_to_ticks(cut->offset - track->cut.offset, track->timescale);
  track->cut.offset = cut->offset;
  gint64 start = place_cut(track, cut, buffer);
  if (track->samples->len == 0) /* the segment stays empty, and the one before has ended there */
    start = MAX(start, track->end);
  track->is_early = start != place(track, buffer);
  complete_last(track, start);
  end_segment(track);
  track->slew = 0;
  track->starts_anew = track->starts_discont = FALSE;
  track->cut = *cut;
}

static void
begin_anew(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  if (track->samples->len > 0)
    complete_before(track, cut);
  end_segment(track);
  take_next_stream(track);
  track->skips_to_discont = track->is_away = FALSE;
  track->reorder = track->is_video ? MAX(buffer->pts - buffer->dts, 0) : 0;
  track->starts_anew = track->sequence > 0 || cut->is_discont;
  track->starts_discont =
      cut->is_discont || (track->sequence > 0 && cut->discontinuity != track->cut.discontinuity);
  track->cut = *cut;
  track->end = place_first(track, cut, buffer);
  track->is_early = track->end != ticks(track, track_time_of(track, buffer));
}

/* Ends the segment and begins the next, with BUFFER. */
static void
pass(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  if (cut->is_discont || !track->is_begun)
    begin_anew(track, cut, buffer);
  else
    go_on(track, cut, buffer);
  track->next_cut++;
  track->is_begun = TRUE;
  track->part = 0;
  track->starts_segment = TRUE;
}

static gboolean
is_too_late(const Track *track, const Cut *cut, const MgBuffer *buffer)
{
  return !track->is_begun && track_time_of(track, buffer) - cut->at > MOST_LATE;
}

static void
pass_all(Track *track, const MgBuffer *buffer)
{
  const Cuts *cuts = track->setup->cuts;
  const Cut *cut;
  track->next_cut = MAX(track->next_cut, cuts->n_gone);
  while ((cut = cuts_get(cuts, track->next_cut)) != NULL && reaches(track, buffer, cut)) {
    if (is_too_late(track, cut, buffer))
      track->next_cut++;
    else
      pass(track, cut, buffer);
  }
}

/* Between what belongs before a discontinuity and the frame that begins after it, all is dropped. */
static gboolean
waits_for_discont(Track *track, const MgBuffer *buffer)
{
  const Cut *next = cuts_get(track->setup->cuts, track->next_cut);
  if (next != NULL && next->is_discont &&
      (buffer->flags & MG_BUFFER_DISCONT || track_time_of(track, buffer) >= next->at))
    track->skips_to_discont = TRUE;
  return track->skips_to_discont;
}

/* Ticks where the next discontinuity begins: nothing in front of it may. */
static gint64
next_period(const Track *track)
{
  const Cut *next = cuts_get(track->setup->cuts, track->next_cut);
  return next != NULL && next->is_discont ? mg_time_to_ticks(next->period_start, track->timescale)
                                          : G_MAXINT64;
}

/* Audio without a cut for so long has lost the video; its segment may not last longer. */
static gboolean
is_beyond(const Track *track, const MgBuffer *buffer)
{
  MgTime end = track->cut.at + track->setup->cuts->longest;
  return !track->is_video && track_time_of(track, buffer) + track_frame(track) / 2 > end;
}

void
track_take(Track *track, MgBuffer *buffer)
{
  pass_all(track, buffer);
  if (!track->is_begun || waits_for_discont(track, buffer) || is_beyond(track, buffer)) {
    mg_buffer_unref(buffer);
    return;
  }
  gboolean is_first = track->samples->len == 0;
  gint64 dts = is_first ? track->end : place(track, buffer);
  if (dts >= next_period(track)) {
    mg_buffer_unref(buffer);
    return;
  }
  if (!is_first)
    complete_last(track, dts);
  gint64 part = mg_time_to_ticks(track->setup->part, track->timescale);
  if (!is_first && dts - track->chunk_start + track->frame_ticks > part)
    send_chunk(track, 0);
  if (!is_first)
    track->is_early = FALSE;
  add(track, buffer, dts);
}

void
track_flush(Track *track)
{
  while (!g_queue_is_empty(&track->waiting))
    track_take(track, g_queue_pop_head(&track->waiting));
}

static void
go_away(Track *track)
{
  end_segment(track);
  track->is_begun = FALSE;
  track->is_away = TRUE;
  track->next_cut = cuts_made(track->setup->cuts);
}

void
track_stop(Track *track)
{
  complete_last_nominally(track);
  go_away(track);
}

void
track_finish(Track *track)
{
  track_flush(track);
  track_stop(track);
}

void
track_leave(Track *track)
{
  const Cut *cut = cuts_get(track->setup->cuts, track->next_cut);
  if (cut->is_discont)
    complete_before(track, cut);
  else
    complete_last(track, MAX(ticks(track, cut->at), track->last_dts + 1));
  go_away(track);
}

gboolean
track_return(Track *track, const MgBuffer *buffer)
{
  const Cut *next = cuts_get(track->setup->cuts, track->next_cut);
  gboolean is_in_time =
      next != NULL && next->is_discont && track_time_of(track, buffer) - next->at <= MOST_LATE;
  track->is_away = FALSE;
  track->skips_to_discont = TRUE;
  return !is_in_time;
}
