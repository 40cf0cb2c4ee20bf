/*
 * dvr: records a stream into fragmented MP4 files, playable at any moment.
 *
 * Takes the chunks that segment-cmaf made and appends them, as they are, to one file per session; with
 * `rotate`, to a new file after each such interval, at a segment boundary. New parameters and tracks
 * that come late begin a new file, too. After a kill a recording plays up to its last whole fragment,
 * which has been written half a second after it was made; a power cut also takes what the kernel had not
 * written to the disk yet, as nothing waits for that. A publisher that comes back within the pipeline's
 * linger goes on in the same file.
 *
 *   <dvr from="cmaf" dir="recordings" rotate="1h" keep="7d" keep-size="500GiB"/>
 *
 * dir: the folder of all recordings. name: the file beneath it; ${app}, ${stream}, ${session} and
 *   ${start:FORMAT} are replaced. An existing file is never overwritten: the new one gets "-2".
 * rotate: longest file; 0s: one per session.
 * keep, keep-size: remove the recordings below `dir` (every *.mp4) that are older, and the oldest while
 *   all together are larger. Looked at when a file begins, and every ten minutes.
 *
 * It works on a thread of its own. When the disk is full or fails, the recording is cut back to its
 * last whole fragment and pauses; the node tries again with the next segment for which there is room, then
 * after 2 s, 4 s, up to a minute. It logs once when it stops and once when it has worked again for five
 * seconds, and nothing else in the pipeline notices.
 */
#include "node.h"

#include "beneath.h"
#include "pause.h"
#include "recording.h"
#include "retention.h"

#include <mediagraph/mediagraph.h>
#include <timeline/ticks.h>

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* How long the first chunk waits for the other tracks to show up. */
#define START_WAIT         MG_SECOND

#define RETENTION_INTERVAL (600 * MG_SECOND)

/*
 * Fragments may wait so long to be written: audio's comes some ten milliseconds behind video's, and they
 * share a wake-up. So long a `part` is by default: at a kill at most one of each track is waiting.
 */
#define PATIENCE (500 * MG_MILLISECOND)

/* After a failure there must be room for so many segments of all tracks, and for this at least. */
enum { ROOM_SEGMENTS = 2, LEAST_ROOM = 256 << 10 };

/* How many target durations the other tracks wait for video to change files. */
enum { FOLLOWER_TARGETS = 2 };

typedef struct {
  MgStream *stream;               /* a reference */
  Recording *recording;           /* where its chunks go now; NULL: nowhere yet */
  gboolean has_gap;               /* a chunk of the segment that is coming was lost */
  gsize segment, largest_segment; /* bytes that came, of the one now and of the largest */
} Track;

typedef struct {
  char *dir, *name; /* properties */
  MgTime rotate, keep;
  gint64 keep_size;

  MgNode *node;
  int root_fd;
  GPtrArray *tracks; /* of Track * */
  GQueue held;       /* of MgBuffer *: before the first file, until the tracks are known */
  Recording *newest; /* where tracks move to at their next segment; NULL: none */
  Pause pause;       /* of the disk */
  MgTimer retention;
  MgCounter *bytes, *lost;
} Self;

/* --- open and close ---------------------------------------------------------------------------- */

static void
run_retention(gpointer data)
{
  Self *self = data;
  guint n = retention_run(self->dir, self->keep, self->keep_size, mg_utc_now_us());
  if (n > 0)
    mg_info(self->node, "removed %u old recordings", n);
  if (self->keep > 0 || self->keep_size > 0)
    mg_timer_start_in(&self->retention, RETENTION_INTERVAL);
}

static void
track_free(gpointer data)
{
  Track *track = data;
  mg_stream_unref(track->stream);
  recording_unref(track->recording);
  g_free(track);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->node = node;
  self->root_fd = beneath_open_root(self->dir);
  if (self->root_fd < 0) {
    g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot record into %s: %s", self->dir,
                g_strerror(errno));
    return FALSE;
  }
  self->tracks = g_ptr_array_new_with_free_func(track_free);
  g_queue_init(&self->held);
  self->bytes = mg_counter(node, "recorded-bytes", "bytes written to recordings");
  self->lost = mg_counter(node, "lost-chunks", "chunks that are in no recording");
  mg_timer_init(&self->retention, run_retention, self);
  run_retention(self);
  return TRUE;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_timer_stop(&self->retention);
  g_queue_clear_full(&self->held, (GDestroyNotify) mg_buffer_unref);
  g_ptr_array_unref(self->tracks);
  recording_unref(self->newest);
  close(self->root_fd);
}

/* --- files ------------------------------------------------------------------------------------- */

/* Published time at which decoding of a chunk begins, with the encoder's own decode times. */
static MgTime
start_of(const MgBuffer *chunk)
{
  return mg_time_from_ticks(chunk->chunk->start - chunk->chunk->reorder,
                            mg_stream_info(chunk->stream)->timescale);
}

static void
note_failure(Self *self, const GError *error)
{
  if (pause_begin(&self->pause, mg_now()))
    mg_error(self->node, "%s: %s; recording pauses until it works again", self->dir,
             error->message);
}

static void
note_success(Self *self, const MgBuffer *chunk)
{
  MgTime now = mg_now();
  pause_note_write(&self->pause, now);
  if (chunk->chunk->flags & MG_CHUNK_ENDS_SEGMENT && pause_note_segment(&self->pause, now))
    mg_info(self->node, "recording works again");
}

static guint64
room_of(const Self *self)
{
  struct statvfs disk;
  return fstatvfs(self->root_fd, &disk) == 0 ? (guint64) disk.f_bavail * disk.f_frsize
                                             : G_MAXUINT64;
}

/* Media to come, as far as it is like that which came. */
static guint64
wanted_room(const Self *self)
{
  guint64 sum = 0;
  for (guint i = 0; i < self->tracks->len; i++) {
    const Track *track = g_ptr_array_index(self->tracks, i);
    sum += MAX(track->segment, track->largest_segment);
  }
  return MAX(ROOM_SEGMENTS * sum, LEAST_ROOM);
}

/* Whether the disk works, or may be tried again. */
static gboolean
may_write(const Self *self)
{
  return !self->pause.is_paused ||
         pause_lets_write(&self->pause, mg_now(), room_of(self), wanted_room(self));
}

/* Begins a file that starts at published time START, for all tracks there are. */
static void
begin_file(Self *self, MgTime start)
{
  g_autoptr(GPtrArray) streams = g_ptr_array_new();
  for (guint i = 0; i < self->tracks->len; i++)
    g_ptr_array_add(streams, ((Track *) g_ptr_array_index(self->tracks, i))->stream);
  g_autoptr(GError) error = NULL;
  Recording *recording = recording_new(self->root_fd, self->name, streams, start, &error);
  if (recording == NULL) {
    note_failure(self, error);
    return;
  }
  recording_unref(self->newest);
  self->newest = recording;
  mg_info(self->node, "records into %s/%s", self->dir, recording_name(recording));
}

static gboolean
is_video(const MgStream *stream)
{
  return mg_stream_info(stream)->media == MG_MEDIA_VIDEO;
}

static gboolean
has_video(const Self *self)
{
  for (guint i = 0; i < self->tracks->len; i++)
    if (is_video(((Track *) g_ptr_array_index(self->tracks, i))->stream))
      return TRUE;
  return FALSE;
}

/* Audio waits for video to change files, but not for a video that has gone silent. */
static gboolean
is_full(const Self *self, const MgBuffer *chunk)
{
  gboolean leads = is_video(chunk->stream) || !has_video(self);
  MgTime patience = leads ? 0 : FOLLOWER_TARGETS * chunk->chunk->target_ms * MG_MILLISECOND;
  return chunk->chunk->flags & MG_CHUNK_INDEPENDENT &&
         start_of(chunk) - recording_start(self->newest) >= self->rotate + patience;
}

static gboolean
is_due(const Self *self, const MgBuffer *chunk)
{
  if (self->newest == NULL || !recording_fits(self->newest, chunk->stream))
    return TRUE;
  return self->rotate > 0 && is_full(self, chunk);
}

/*
 * Files change between segments. Video leads where there is any; audio, whose last chunk of the old
 * segment may come a little later, follows with its own next segment.
 */
static void
choose_file(Self *self, Track *track, const MgBuffer *chunk)
{
  if (!(chunk->chunk->flags & MG_CHUNK_STARTS_SEGMENT) && track->recording != NULL)
    return;
  if (is_due(self, chunk))
    begin_file(self, start_of(chunk));
  Recording *next = self->newest && recording_fits(self->newest, chunk->stream)
                        ? recording_ref(self->newest)
                        : NULL;
  recording_unref(track->recording);
  track->recording = next;
}

static gboolean
try_to_write(Self *self, Track *track, const MgBuffer *chunk)
{
  choose_file(self, track, chunk);
  if (track->recording == NULL)
    return FALSE;
  g_autoptr(GError) error = NULL;
  gboolean ok = recording_write(track->recording, chunk, &error);
  if (ok)
    note_success(self, chunk);
  else
    note_failure(self, error);
  return ok;
}

static void
measure(Track *track, const MgBuffer *chunk)
{
  if (chunk->chunk->flags & MG_CHUNK_STARTS_SEGMENT) {
    track->largest_segment = MAX(track->largest_segment, track->segment);
    track->segment = 0;
  }
  track->segment += chunk->size;
}

/* What is left of a segment that has lost a chunk would not decode: it goes, too. */
static void
write_chunk(Self *self, Track *track, const MgBuffer *chunk)
{
  gboolean is_start = chunk->chunk->flags & MG_CHUNK_STARTS_SEGMENT;
  measure(track, chunk);
  track->has_gap = is_start ? !may_write(self) : track->has_gap || self->pause.is_paused;
  gboolean ok = !track->has_gap && try_to_write(self, track, chunk);
  track->has_gap |= !ok;
  mg_counter_add(ok ? self->bytes : self->lost, ok ? chunk->size : 1);
}

/* --- the start: all tracks of the first file must be known ------------------------------------- */

static void
begin_with_held(Self *self)
{
  MgTime start = G_MAXINT64;
  for (GList *l = self->held.head; l != NULL; l = l->next) {
    const MgBuffer *chunk = l->data;
    start = MIN(start, start_of(chunk));
  }
  if (start != G_MAXINT64)
    begin_file(self, start);
}

static Track *
track_of(Self *self, const MgStream *stream)
{
  for (guint i = 0; i < self->tracks->len; i++) {
    Track *track = g_ptr_array_index(self->tracks, i);
    if (track->stream == stream)
      return track;
  }
  return NULL;
}

static void
release_held(Self *self)
{
  if (self->newest == NULL && may_write(self))
    begin_with_held(self);
  for (MgBuffer *chunk; (chunk = g_queue_pop_head(&self->held)) != NULL;) {
    Track *track = track_of(self, chunk->stream);
    if (track != NULL)
      write_chunk(self, track, chunk);
    else /* new parameters came before its file */
      mg_counter_add(self->lost, 1);
    mg_buffer_unref(chunk);
  }
}

static gboolean
still_waits(Self *self, const MgBuffer *chunk)
{
  if (self->newest != NULL || self->pause.is_paused)
    return FALSE;
  const MgBuffer *first = g_queue_peek_head(&self->held);
  gboolean knows_both = self->tracks->len > 1;
  return !knows_both && (first == NULL || chunk->pts - first->pts < START_WAIT);
}

/* --- callbacks --------------------------------------------------------------------------------- */

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  if (track == NULL) {
    track = g_new0(Track, 1);
    g_ptr_array_add(self->tracks, track);
    mg_port_set_data(in, track);
  }
  mg_stream_unref(track->stream);
  track->stream = mg_stream_ref(stream);
  return TRUE;
}

static gboolean
on_chunk(MgNode *node, MgPort *in, MgBuffer *chunk, GError **error)
{
  Self *self = mg_node_self(node);
  if (!mg_buffer_check_chunk(chunk, error)) {
    mg_buffer_unref(chunk);
    return FALSE;
  }
  g_queue_push_tail(&self->held, chunk);
  if (!still_waits(self, chunk))
    release_held(self);
  return TRUE;
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  release_held(self);
  g_ptr_array_remove(self->tracks, mg_port_data(in));
}

static void
on_pause(MgNode *node)
{
  release_held(mg_node_self(node));
}

static const MgProp props[] = {
  MG_PROP_STRING(Self, dir, "recordings", MG_PROP_TEMPLATE | MG_PROP_NOT_EMPTY,
                 "folder of all recordings"),
  MG_PROP_STRING(Self, name, "${app}/${stream}/${start:%Y%m%d-%H%M%S}.mp4", MG_PROP_TEMPLATE,
                 "file beneath it"),
  MG_PROP_TIME(Self, rotate, "0s", "0s", "7d", 0, "longest file; 0s: one per session"),
  MG_PROP_TIME(Self, keep, "0s", "0s", "3650d", 0, "remove older recordings; 0s: never"),
  MG_PROP_SIZE(Self, keep_size, "0B", "0B", NULL, 0,
               "remove the oldest while all are larger together; 0B: never"),
  { 0 },
};

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  if (!mg_path_is_plain(self->name))
    mg_check_refuse(check, "name", "\"%s\" does not lead to a file beneath `dir`", self->name);
}

const MgNodeClass dvr_class = {
  .size = sizeof(MgNodeClass),
  .name = "dvr",
  .help = "records a stream into fragmented MP4 files",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_OWN,
  .takes = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_CHUNK, NULL },
  .open = open_node,
  .stream = on_stream,
  .process = on_chunk,
  .ended = on_ended,
  .close = close_node,
  .pause = on_pause,
  .check = check_props,
  .patience = PATIENCE,
};
