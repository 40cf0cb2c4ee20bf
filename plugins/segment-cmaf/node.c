/*
 * segment-cmaf: cuts packets into CMAF chunks and segments, once, for all outputs.
 *
 * Takes packets of H.264, HEVC, VVC, AV1, VP9, VP8, AAC, Opus, FLAC, AC-3, E-AC-3 and MP3, and gives, for
 * each track, a stream of chunks (moof + mdat) that out-hls, out-dash and dvr share. Segments begin at key frames near the target duration; audio is cut at the
 * same times. Numbers, discontinuities and the map from media time to UTC are kept in a journal in the
 * state folder, so that a restart, even by SIGKILL, continues the same playlist.
 *
 *   <segment-cmaf id="cmaf" from="rtmp" segment="4s" part="500ms"/>
 *
 * segment: the target duration. No segment is longer than this, rounded up to a second, plus 0.4 s: a
 *   GOP that does not fit is cut at a frame that is no key frame, which is counted (forced-cuts) and
 *   logged once. Set the encoder's key frame interval to half the target or less.
 * part: the longest chunk, no longer than `segment`. Chunks are the parts of low latency: none is longer
 *   than a target, none but the last of a segment is shorter than 85 % of it. That target is the longest
 *   that the frames of all tracks fit, up to this and 2 % for stamps that are rounded; longer only when
 *   nothing else fits, as with a frame a second. A chunk goes out when the next frame has come, which tells how
 *   long its last one lasts. A recording loses at most one chunk when the process is killed.
 *
 * Audio waits, at most a second, until video has passed it, because only then it is known where the
 * segment ends. A stream starts with its first key frame; if there is audio and no video for two
 * seconds it starts as audio only. A track that comes later begins with a discontinuity. When a track
 * stops coming, its last segment is filled up to the others'; then it has none until it comes back, with
 * a discontinuity.
 */
#include "node.h"

#include "cuts.h"
#include "numbers.h"
#include "track.h"

#include <mediagraph/mediagraph.h>

/* How far audio may run ahead of video before video counts as stalled. */
#define MOST_SKEW MG_SECOND

/* How long the first audio waits for a first key frame. */
#define START_WAIT (2 * MG_SECOND)

typedef struct {
  MgTime segment, part; /* properties */

  MgNode *node;
  Numbers numbers;
  TrackSetup setup;
  Parts parts;
  Cuts cuts;
  GPtrArray *tracks; /* of Track * */
  gboolean is_live;  /* has an open segment: between a first cut and a pause */
  gboolean wants_discont;
  gboolean has_warned;
  MgCounter *segments, *forced_cuts, *discontinuities;
} Self;

/* --- open and close ---------------------------------------------------------------------------- */

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->node = node;
  cuts_init(&self->cuts, self->segment);
  self->tracks = g_ptr_array_new_with_free_func((GDestroyNotify) track_free);
  numbers_open(&self->numbers, node);
  self->parts = (Parts){ .longest = self->part };
  self->setup =
      (TrackSetup){ node, &self->cuts, self->numbers.now.epoch_utc_us, &self->parts, self->tracks };
  self->segments = mg_counter(node, "segments", "segments begun");
  self->forced_cuts = mg_counter(node, "forced-cuts", "segments begun without a key frame");
  self->discontinuities = mg_counter(node, "discontinuities", "discontinuities published");
  return TRUE;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  g_ptr_array_unref(self->tracks);
  cuts_clear(&self->cuts);
  numbers_close(&self->numbers);
}

/* --- cuts -------------------------------------------------------------------------------------- */

/* The track that decides: the first video, else the first of all. */
static Track *
reference(Self *self)
{
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    if (track->is_video)
      return track;
  }
  return self->tracks->len > 0 ? g_ptr_array_index(self->tracks, 0) : NULL;
}

static void
note_end(Self *self)
{
  for (guint i = 0; i < self->tracks->len; i++)
    numbers_note_end(&self->numbers, ((Track *) g_ptr_array_index(self->tracks, i))->sent_end);
}

static MgTime
published_end(Self *self)
{
  MgTime end = MG_TIME_NONE;
  for (guint i = 0; i < self->tracks->len; i++)
    end = MAX(end, track_published_end(g_ptr_array_index(self->tracks, i)));
  return end;
}

static void
begin_segment(Self *self, CutWish wish)
{
  wish.end = published_end(self);
  wish.is_live = self->is_live;
  Cut cut = numbers_take(&self->numbers, cuts_last(&self->cuts), &wish);
  cuts_add(&self->cuts, cut);
  self->is_live = TRUE;
  if (wish.is_discont)
    self->wants_discont = FALSE;
  mg_counter_add(self->segments, 1);
  mg_counter_add(self->discontinuities, cut.is_discont);
}

static void
warn_forced(Self *self)
{
  mg_counter_add(self->forced_cuts, 1);
  if (self->has_warned)
    return;
  self->has_warned = TRUE;
  mg_warning(self->node,
             "no key frame for %.1f s: segments are cut without one, and players start slowly; "
             "set the encoder's key frame interval to %g s or less",
             (gdouble) self->cuts.longest / MG_SECOND, (gdouble) self->segment / 2 / MG_SECOND);
}

/* No sample may last so long that its segment breaks the promise: behind such a gap all begins anew. */
static gboolean
has_stalled(const Track *track, const MgBuffer *buffer)
{
  return track->is_begun && track->newest != MG_TIME_NONE &&
         buffer->dts - track->newest > MAX(MOST_SKEW, 3 * track_frame(track));
}

static gboolean
is_discont(Self *self, Track *track, const MgBuffer *buffer)
{
  if (has_stalled(track, buffer))
    self->wants_discont = track->skips_to_discont = TRUE;
  if (!self->is_live || buffer->flags & MG_BUFFER_DISCONT)
    return TRUE;
  return track->skips_to_discont || (self->wants_discont && track == reference(self));
}

static void
stop(Self *self)
{
  for (guint i = 0; i < self->tracks->len; i++)
    track_stop(g_ptr_array_index(self->tracks, i));
  self->is_live = FALSE;
  note_end(self);
}

/*
 * Looks at the deciding track's next sample, and cuts in front of it where that is right; where samples
 * are missing, at the last moment at which the segment may end. When too much is missing for that, the
 * stream begins as if a publisher had come back.
 */
static void
decide(Self *self, Track *track, const MgBuffer *buffer)
{
  gboolean is_key = buffer->flags & MG_BUFFER_KEY;
  MgTime time = track_time_of(track, buffer);
  MgTime arrival = buffer->arrival != MG_TIME_NONE ? buffer->arrival : mg_now();
  CutWish wish = { .at = time, .arrival = arrival };
  const Cut *last = cuts_last(&self->cuts);
  if (last != NULL && time <= last->at)
    return;
  if (self->is_live && time - last->at > self->cuts.longest + MOST_SKEW)
    stop(self);
  if (is_discont(self, track, buffer) && is_key) {
    wish.is_discont = TRUE;
    begin_segment(self, wish);
    return;
  }
  gboolean takes_part = is_key || track->is_begun;
  if (!self->is_live || track->skips_to_discont || !takes_part)
    return;
  const CutSample sample = { time, track_frame(track), is_key, track->is_video };
  CutVerdict verdict = cuts_decide(&self->cuts, &sample);
  if (verdict == CUT_NOT)
    return;
  wish.is_forced = verdict == CUT_FORCED;
  wish.at = MIN(time, last->at + self->cuts.longest);
  wish.arrival -= time - wish.at;
  begin_segment(self, wish);
  if (wish.is_forced)
    warn_forced(self);
}

/* --- the other tracks follow ------------------------------------------------------------------- */

/* Whether the reference has passed BUFFER, so that no cut can come before it any more. */
static gboolean
is_decided(Self *self, const Track *leader, Track *track, const MgBuffer *buffer)
{
  MgTime newest = ((MgBuffer *) g_queue_peek_tail(&track->waiting))->dts;
  if (track == leader && self->is_live)
    return TRUE;
  if (leader->newest == MG_TIME_NONE || !self->is_live)
    return newest - buffer->dts > START_WAIT;
  MgTime since = MAX(leader->newest, buffer->dts);
  return track_placed_at(track, buffer) < leader->newest || newest - since > MOST_SKEW;
}

/* Video has stalled, or never came: this track cuts, in its place. */
static gboolean
decides_instead(Self *self, const Track *leader, const Track *track, const MgBuffer *buffer)
{
  MgTime first = MIN(track_time_of(track, buffer), track_placed_at(track, buffer));
  return track == leader || leader->newest == MG_TIME_NONE || !self->is_live ||
         first >= leader->newest;
}

static void
follow(Self *self, const Track *leader, Track *track)
{
  const MgBuffer *head;
  while ((head = g_queue_peek_head(&track->waiting)) != NULL &&
         is_decided(self, leader, track, head)) {
    if (decides_instead(self, leader, track, head))
      decide(self, track, head);
    track_take(track, g_queue_pop_head(&track->waiting));
  }
}

/*
 * What waits and is older than TIME may have to be cut, so that its segment gets no longer than LONGEST.
 * Not what comes so late that it begins anew: that is up to the leader.
 */
static void
catch_up(Self *self, Track *track, MgTime time, MgTime longest)
{
  const MgBuffer *head;
  while (self->is_live && (head = g_queue_peek_head(&track->waiting)) != NULL) {
    MgTime begun = cuts_last(&self->cuts)->at, next = track_time_of(track, head);
    if (time - begun <= longest || next >= time || next - begun > self->cuts.longest)
      return;
    decide(self, track, head);
    track_take(track, g_queue_pop_head(&track->waiting));
  }
}

/* The next sample of the leading track. Where it was away, the others have been leading until now. */
static void
lead(Self *self, Track *leader, MgBuffer *buffer)
{
  MgTime time = track_time_of(leader, buffer);
  MgTime longest = self->cuts.longest + (leader->is_begun ? MOST_SKEW : 0);
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    if (track != leader && buffer->flags & MG_BUFFER_KEY)
      catch_up(self, track, time, longest);
  }
  decide(self, leader, buffer);
  track_take(leader, buffer);
}

/* How far the foremost track has come. */
static MgTime
front(Self *self)
{
  MgTime newest = MG_TIME_NONE;
  for (guint i = 0; i < self->tracks->len; i++)
    newest = MAX(newest, ((Track *) g_ptr_array_index(self->tracks, i))->newest);
  return newest;
}

static void
leave_if_silent(Self *self, Track *track)
{
  const Cut *next = cuts_get(&self->cuts, track->next_cut);
  if (track->is_begun && g_queue_is_empty(&track->waiting) && next != NULL &&
      front(self) > next->at + MOST_SKEW)
    track_leave(track);
}

static void
follow_all(Self *self)
{
  const Track *leader = reference(self);
  guint64 passed = G_MAXUINT64;
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    follow(self, leader, track);
    leave_if_silent(self, track);
    passed = MIN(passed, track->next_cut);
  }
  cuts_forget(&self->cuts, passed);
  note_end(self);
}

/* --- callbacks --------------------------------------------------------------------------------- */

/* A track that was not there at the start begins at the next discontinuity, made for it. */
static void
add_track(Self *self, MgPort *in, Track *track)
{
  track->next_cut = cuts_made(&self->cuts);
  g_ptr_array_add(self->tracks, track);
  mg_port_set_data(in, track);
  self->wants_discont |= self->is_live;
}

/* Refused, it says no more: what there is goes out. */
static gboolean
change_track(Self *self, Track *track, MgStream *stream, GError **error)
{
  gboolean ok = track_set_stream(track, stream, error);
  self->wants_discont |= self->is_live && track->next_stream != NULL;
  if (!ok)
    track_finish(track);
  note_end(self);
  return ok;
}

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  if (track != NULL)
    return change_track(self, track, stream, error);
  track = track_new(&self->setup, stream, error);
  if (track == NULL)
    return FALSE;
  add_track(self, in, track);
  return TRUE;
}

static gboolean
on_packet(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  if (track->is_away && track_return(track, buffer))
    self->wants_discont |= self->is_live;
  if (track == reference(self) && g_queue_is_empty(&track->waiting) &&
      (track->is_video || self->is_live))
    lead(self, track, buffer);
  else
    g_queue_push_tail(&track->waiting, buffer);
  follow_all(self);
  return TRUE;
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  track_finish(track);
  note_end(self);
  if (track->out != NULL)
    mg_port_end(track->out);
  g_ptr_array_remove(self->tracks, track);
}

static void
on_pause(MgNode *node)
{
  Self *self = mg_node_self(node);
  for (guint i = 0; i < self->tracks->len; i++)
    track_flush(g_ptr_array_index(self->tracks, i));
  stop(self);
}

static const MgProp props[] = {
  MG_PROP_TIME(Self, segment, "4s", "1s", "60s", 0, "target duration of a segment"),
  MG_PROP_TIME(Self, part, "500ms", "100ms", "10s", 0, "longest chunk"),
  { 0 },
};

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  if (self->part > self->segment)
    mg_check_refuse(check, "part", "a part is no longer than `segment`, which is %g s",
                    (gdouble) self->segment / MG_SECOND);
}

static const MgCodec codecs[] = {
  MG_CODEC_H264, MG_CODEC_HEVC, MG_CODEC_VVC,  MG_CODEC_AV1,  MG_CODEC_VP8,
  MG_CODEC_VP9,  MG_CODEC_AAC,  MG_CODEC_OPUS, MG_CODEC_FLAC, MG_CODEC_AC3,
  MG_CODEC_EAC3, MG_CODEC_MP3,  MG_CODEC_NONE,
};

const MgNodeClass segment_cmaf_class = {
  .size = sizeof(MgNodeClass),
  .name = "segment-cmaf",
  .help = "cuts packets into CMAF chunks and segments for HLS, DASH and recordings",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_FILTER,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_PACKET, codecs },
  .gives = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_CHUNK, codecs },
  .open = open_node,
  .stream = on_stream,
  .process = on_packet,
  .ended = on_ended,
  .close = close_node,
  .pause = on_pause,
  .check = check_props,
};
