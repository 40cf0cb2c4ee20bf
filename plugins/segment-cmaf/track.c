#include "track.h"

#include "collect.h"
#include "describe.h"

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

/* Takes D's stream. */
static void
set_next(Track *track, const Described *d)
{
  track->next_stream = d->stream;
  track->next_timescale = d->timescale;
  track->next_frame_ticks = d->frame_ticks;
  track->next_frames_vary = d->frames_vary;
}

Track *
track_new(const TrackSetup *setup, MgStream *stream, GError **error)
{
  Described d;
  if (!describe_stream(stream, &d, error))
    return NULL;
  Track *track = g_new0(Track, 1);
  track->setup = setup;
  track->is_video = mg_stream_info(stream)->media == MG_MEDIA_VIDEO;
  set_next(track, &d);
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
  set_next(track, &d);
  track->skips_to_discont = TRUE;
  return TRUE;
}

/* --- time -------------------------------------------------------------------------------------- */

/* A key frame that begins anew says itself how long pictures are held for reordering. */
static gboolean
begins_anew(const Track *track, const MgBuffer *buffer)
{
  return !track->is_begun || track->skips_to_discont || buffer->flags & MG_BUFFER_DISCONT;
}

/*
 * A key frame is shown when it is decoded, but for jitter; in an open GOP, pictures that follow it are
 * shown before, and it is they that the segment begins with.
 */
MgTime
track_time_of(const Track *track, const MgBuffer *buffer)
{
  gboolean is_key = buffer->flags & MG_BUFFER_KEY;
  MgTime decoded = buffer->dts + track->reorder;
  if (!track->is_video || (is_key && begins_anew(track, buffer)))
    return buffer->pts;
  if (!is_key || buffer->pts - decoded > track_frame(track) / 2)
    return decoded;
  return buffer->pts;
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

gint64
track_ticks(const Track *track, MgTime engine_time)
{
  return mg_time_to_ticks(engine_time + track->cut.offset, track->timescale);
}

/* Where BUFFER is decoded, behind the last sample: where its stamp says, but for audio's jitter. */
static gint64
place(const Track *track, const MgBuffer *buffer)
{
  gint64 at = track_ticks(track, track_time_of(track, buffer));
  if (!track->is_video && !track->is_early) {
    gint64 slack = mg_time_to_ticks(AUDIO_SLACK, track->timescale);
    gint64 counted = track->last_dts + track->frame_ticks + track->slew;
    if (ABS(at - counted) <= slack)
      return counted;
  }
  return MAX(at, track->last_dts + 1);
}

MgTime
track_placed_at(const Track *track, const MgBuffer *buffer)
{
  MgTime time = track_time_of(track, buffer);
  if (track->is_video || begins_anew(track, buffer))
    return time;
  gboolean is_placed = track->samples->len == 0 && !track->is_early;
  gint64 at = is_placed ? track->end : place(track, buffer);
  return time + mg_time_from_ticks(at - track_ticks(track, time), track->timescale);
}

/*
 * Where the segment ends that CUT ends and BUFFER follows: where BUFFER is, but if there is a hole, in
 * time. Then BUFFER is early, so that nothing is between the two segments.
 */
static gint64
place_cut(const Track *track, const Cut *cut, const MgBuffer *buffer)
{
  gint64 at = place(track, buffer);
  gint64 latest = track_ticks(track, cut->at) + (track->is_video ? 0 : track->frame_ticks);
  return MIN(at, MAX(latest, track->last_dts + MAX(track->frame_ticks, 1)));
}

/* Where BUFFER is decoded as the first behind CUT, which has been passed. */
static gint64
place_first(const Track *track, const Cut *cut, const MgBuffer *buffer)
{
  gint64 at = track_ticks(track, track_time_of(track, buffer));
  gint64 start = track_ticks(track, cut->at);
  return !track->is_video && at - start > track->frame_ticks ? start : at;
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
  if (!track->is_video && goes_on)
    return track_placed_at(track, buffer) + track_frame(track) / 2 >= cut->at;
  if (!track->is_video)
    return time >= cut->at;
  return time >= cut->at &&
         (buffer->flags & MG_BUFFER_KEY || may_begin_without_key(track, cut, time));
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
  track->frames_vary = track->next_frames_vary;
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
  collect_until(track, start);
  collect_end_segment(track);
  track->slew = 0;
  track->starts_anew = track->starts_discont = FALSE;
  track->cut = *cut;
}

static void
begin_anew(Track *track, const Cut *cut, const MgBuffer *buffer)
{
  if (track->samples->len > 0)
    collect_before(track, cut);
  collect_end_segment(track);
  take_next_stream(track);
  track->skips_to_discont = track->is_away = FALSE;
  track->reorder = track->is_video ? MAX(buffer->pts - buffer->dts, 0) : 0;
  track->starts_anew = track->sequence > 0 || cut->is_discont;
  track->starts_discont =
      cut->is_discont || (track->sequence > 0 && cut->discontinuity != track->cut.discontinuity);
  track->cut = *cut;
  collect_note_length(track, buffer);
  track->end = place_first(track, cut, buffer);
  track->is_early = track->end != track_ticks(track, track_time_of(track, buffer));
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
  if (!is_first) {
    collect_until(track, dts);
    collect_send_full(track);
    track->is_early = FALSE;
  }
  collect_add(track, buffer, dts);
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
  collect_end_segment(track);
  track->is_begun = FALSE;
  track->is_away = TRUE;
  track->next_cut = cuts_made(track->setup->cuts);
}

void
track_stop(Track *track)
{
  collect_nominally(track);
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
    collect_before(track, cut);
  else
    collect_until(track, MAX(track_ticks(track, cut->at), track->last_dts + 1));
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
