/*
 * segment-cmaf: cuts packets into CMAF chunks and segments, once, for all outputs.
 *
 * Takes H.264 and AAC packets and gives, for each track, a stream of chunks (moof + mdat) that out-hls,
 * out-dash and dvr share. Segments begin at key frames near the target duration; audio is cut at the
 * same times. Numbers, discontinuities and the map from media time to UTC are kept in a journal in the
 * state folder, so that a restart, even by SIGKILL, continues the same playlist.
 *
 *   <segment-cmaf id="cmaf" from="rtmp" segment="4s" part="500ms"/>
 *
 * segment: the target duration. No segment is longer than this, rounded up to a second, plus 0.4 s: a
 *   GOP that does not fit is cut at a frame that is no key frame, which is counted (forced-cuts) and
 *   logged once. Set the encoder's key frame interval to half the target or less.
 * part: the longest chunk. A recording loses at most one chunk when the process is killed.
 *
 * Audio waits, at most a second, until video has passed it, because only then it is known where the
 * segment ends. A stream starts with its first key frame; if there is audio and no video for two
 * seconds it starts as audio only. A track that comes later begins with a discontinuity.
 */
#include "node.h"

#include "cuts.h"
#include "journal.h"
#include "track.h"

#include <mediagraph/mediagraph.h>

/* How far audio may run ahead of video before video counts as stalled. */
#define MOST_SKEW MG_SECOND

/* How long the first audio waits for a first key frame. */
#define START_WAIT (2 * MG_SECOND)

/* At a discontinuity: media this far behind the wall clock is moved up to it. */
#define MOST_LAG MG_SECOND

typedef struct {
  MgTime segment, part; /* properties */

  MgNode *node;
  Journal *journal; /* NULL: no state folder */
  JournalRecord numbers;
  MgTime wall_base; /* published time = mg_now() + wall_base */
  TrackSetup setup;
  Cuts cuts;
  GPtrArray *tracks; /* of Track * */
  gboolean is_live;  /* has an open segment: between a first cut and a pause */
  gboolean wants_discont;
  gboolean has_warned;
  MgCounter *segments, *forced_cuts, *discontinuities;
} Self;

/* --- open and close ---------------------------------------------------------------------------- */

static void
read_journal(Self *self)
{
  const char *dir = mg_session_state_dir(mg_node_session(self->node));
  g_autoptr(GError) error = NULL;
  self->journal = dir ? journal_open(dir, &error) : NULL;
  if (self->journal != NULL)
    self->numbers = journal_read(self->journal);
  else
    mg_warning(self->node, "numbering starts over after a restart: %s",
               error ? error->message : "there is no state folder; set state-dir");
}

static void
write_journal(Self *self)
{
  if (self->journal != NULL)
    journal_write(self->journal, &self->numbers);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->node = node;
  cuts_init(&self->cuts, self->segment);
  self->tracks = g_ptr_array_new_with_free_func((GDestroyNotify) track_free);
  read_journal(self);
  gint64 utc_us = mg_utc_now_us();
  if (self->numbers.epoch_utc_us == 0)
    self->numbers.epoch_utc_us = utc_us;
  self->wall_base = (utc_us - self->numbers.epoch_utc_us) * MG_MICROSECOND - mg_now();
  self->setup = (TrackSetup){ node, &self->cuts, self->numbers.epoch_utc_us, self->part };
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
  journal_close(self->journal);
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

/* Remembers how far media has been sent: nothing may ever be published before that again. */
static void
note_end(Self *self)
{
  MgTime end = self->numbers.media_end_ns;
  for (guint i = 0; i < self->tracks->len; i++)
    end = MAX(end, ((Track *) g_ptr_array_index(self->tracks, i))->sent_end);
  if (end == self->numbers.media_end_ns)
    return;
  self->numbers.media_end_ns = end;
  write_journal(self);
}

static MgTime
published_end(Self *self)
{
  MgTime end = self->numbers.media_end_ns;
  for (guint i = 0; i < self->tracks->len; i++)
    end = MAX(end, track_published_end(g_ptr_array_index(self->tracks, i)));
  return end;
}

/*
 * Where a discontinuity that begins at engine time AT goes on the published timeline: where it would
 * be anyway, or at the wall clock if media has fallen behind it, and never before what was published.
 */
static MgTime
new_offset(Self *self, MgTime at, MgTime arrival)
{
  const Cut *last = cuts_last(&self->cuts);
  MgTime wall = arrival + self->wall_base;
  MgTime offset = wall - at;
  if (last != NULL && ABS(at + last->offset - wall) <= MOST_LAG)
    offset = last->offset;
  return MAX(offset, published_end(self) - at);
}

static void
begin_segment(Self *self, MgTime at, MgTime arrival, gboolean is_discont, gboolean is_forced)
{
  const Cut *last = cuts_last(&self->cuts);
  Cut cut = { .at = at, .is_forced = is_forced, .segment = self->numbers.next_segment++ };
  if (is_discont || last == NULL) {
    cut.is_discont = self->numbers.media_end_ns > 0 || last != NULL;
    self->numbers.discontinuity += cut.is_discont;
    cut.offset = new_offset(self, at, arrival);
    cut.period_start = at + cut.offset;
    mg_counter_add(self->discontinuities, cut.is_discont);
  } else {
    cut.offset = last->offset;
    cut.period_start = last->period_start;
  }
  cut.discontinuity = self->numbers.discontinuity;
  write_journal(self);
  cuts_add(&self->cuts, cut);
  self->is_live = TRUE;
  self->wants_discont = FALSE;
  mg_counter_add(self->segments, 1);
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
             "set the encoder's key frame interval to %.0f s or less",
             (gdouble) self->cuts.longest / MG_SECOND, (gdouble) self->segment / 2 / MG_SECOND);
}

/* No sample may last so long that its segment breaks the promise: behind such a gap all begins anew. */
static gboolean
has_stalled(const Track *track, const MgBuffer *buffer)
{
  return track->is_begun && track->newest != MG_TIME_NONE &&
         buffer->dts - track->newest > MAX(MOST_SKEW, 3 * track_frame(track));
}

/* Looks at the reference track's next sample, and cuts in front of it where that is right. */
static void
decide(Self *self, Track *track, const MgBuffer *buffer)
{
  gboolean is_key = buffer->flags & MG_BUFFER_KEY;
  MgTime time = track_time_of(track, buffer);
  if (has_stalled(track, buffer))
    self->wants_discont = track->skips_to_discont = TRUE;
  gboolean is_discont = !self->is_live || buffer->flags & MG_BUFFER_DISCONT || self->wants_discont;
  if (is_discont && is_key) {
    begin_segment(self, time, buffer->arrival, TRUE, FALSE);
    return;
  }
  if (!self->is_live)
    return;
  CutVerdict verdict = cuts_decide(&self->cuts, time, is_key, track_frame(track));
  if (verdict == CUT_NOT)
    return;
  begin_segment(self, time, buffer->arrival, FALSE, verdict == CUT_FORCED);
  if (verdict == CUT_FORCED)
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
  return track_time_of(track, buffer) < leader->newest || newest - leader->newest > MOST_SKEW;
}

/* Video has stalled, or never came: this track cuts, in its place. */
static gboolean
decides_instead(Self *self, const Track *leader, const Track *track, const MgBuffer *buffer)
{
  return track == leader || leader->newest == MG_TIME_NONE || !self->is_live ||
         buffer->dts >= leader->newest + MOST_SKEW;
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

static void
follow_all(Self *self)
{
  const Track *leader = reference(self);
  guint64 passed = G_MAXUINT64;
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    follow(self, leader, track);
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
  track->next_cut = self->cuts.n_gone + self->cuts.list->len;
  g_ptr_array_add(self->tracks, track);
  mg_port_set_data(in, track);
  self->wants_discont |= self->is_live;
}

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  if (track != NULL) {
    self->wants_discont = TRUE;
    return track_set_stream(track, stream, error);
  }
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
  if (track == reference(self) && (track->is_video || self->is_live)) {
    decide(self, track, buffer);
    track_take(track, buffer);
  } else {
    g_queue_push_tail(&track->waiting, buffer);
  }
  follow_all(self);
  return TRUE;
}

/* Everything that is held back goes out, and the segment ends. */
static void
finish(Self *self)
{
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    while (!g_queue_is_empty(&track->waiting))
      track_take(track, g_queue_pop_head(&track->waiting));
    track_finish(track);
  }
  self->is_live = FALSE;
  note_end(self);
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  while (!g_queue_is_empty(&track->waiting))
    track_take(track, g_queue_pop_head(&track->waiting));
  track_finish(track);
  note_end(self);
  if (track->out != NULL)
    mg_port_end(track->out);
  g_ptr_array_remove(self->tracks, track);
}

static void
on_pause(MgNode *node)
{
  finish(mg_node_self(node));
}

static const MgProp props[] = {
  MG_PROP_TIME(Self, segment, "4s", "1s", "60s", 0, "target duration of a segment"),
  MG_PROP_TIME(Self, part, "500ms", "100ms", "10s", 0, "longest chunk"),
  { 0 },
};

static const MgCodec codecs[] = { MG_CODEC_H264, MG_CODEC_AAC, MG_CODEC_NONE };

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
};
