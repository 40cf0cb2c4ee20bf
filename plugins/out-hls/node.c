/*
 * out-hls: offers a stream as HLS, with one media playlist per track and a multivariant playlist.
 *
 * Takes the chunks of segment-cmaf. Under `path` the http service answers with index.m3u8, a playlist
 * <track>.m3u8 for each track, and the segments. A publisher that comes back within the pipeline's
 * linger goes on behind a discontinuity; numbers go on even across a restart of the process.
 *
 *   <out-hls from="cmaf" window="24s"/>
 *
 * window: how much media a live playlist lists, at least three target durations.
 * low-latency: also list the parts of the newest segments, which are segment-cmaf's chunks (`part`), the moment
 *   each has come. Players that know LL-HLS stay three parts behind live; a playlist that they ask
 *   for early is answered when it has changed (_HLS_msn, _HLS_part), in short form if they like (_HLS_skip: windows
 *   above six target durations), and so is the part that will come next. Others play as before. Each such
 *   viewer makes two requests per part and track, so this is not the default.
 * container: fmp4, or ts for players that know no fMP4 (before 2016): pictures and the first track of sound in one
 *   segment, made when somebody first asks for it. Without low-latency, iframes and dir.
 * iframes: also offer a playlist of each video track's key frames, for scrubbing and fast forward.
 * audio-only: also offer the sound without pictures, for viewers with very little bandwidth.
 * type: live slides; event lists everything since the session began, and keeps it in memory.
 * event-size: an event that has become so large ends, and can be played from beginning to end; the log
 *   says so. What comes after it is not listed until the next session, as nothing may leave an event.
 * path, name: where it is served. A path is one stream's: the output of another one that is to be served
 *   there waits until it is free.
 * dir: also write all files into this folder, which is its own: a second output in it is refused.
 * keep-after-end: how long the ended playlist can be fetched.
 *
 *   <out-hls from="cmaf" low-latency="yes" window="24s"/>
 *
 * Segments are published first, then the media playlists that list them, then the multivariant playlist,
 * which changes only when what it says has become untrue.
 */
#include "node.h"

#include "media.h"
#include "multivariant.h"
#include "reload.h"
#include "ts.h"

#include <mediagraph/output.h>

#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"

enum { TYPE_LIVE, TYPE_EVENT };
enum { CONTAINER_FMP4, CONTAINER_TS };

typedef struct {
  MgOutput output;
  gint type, container; /* properties */
  gint64 event_size;
  gboolean low_latency, iframes, audio_only;

  Reload *reloads[MG_WINDOW_TRACKS]; /* of low latency; NULL until the track is listed */
  guint with_iframes; /* tracks that have such a playlist, one bit each; and its newest segments */
  guint64 iframes_end[MG_WINDOW_TRACKS];
  char *shape; /* the multivariant playlist, as last published, without averages; NULL: never */
} Self;

/* --- playlists --------------------------------------------------------------------------------- */

static Reload *
open_reload(Self *self, const char *name, const ReloadState *state)
{
  ReloadSetup setup = {
    .published = mg_window_folder(self->output.list),
    .path = self->output.path,
    .name = name,
    .content_type = PLAYLIST_TYPE,
  };
  setup.http = mg_window_http(self->output.list, &setup.impl);
  return reload_new(&setup, state);
}

/* Those who wait for the playlist get it; later requests, too. */
static void
publish_reload(Self *self, guint track, const char *name, const MediaText *text)
{
  g_autoptr(MgData) whole = mg_data_new_copy((const char *) text->whole.data, text->whole.size);
  g_autoptr(MgData) delta =
      text->delta.size > 0 ? mg_data_new_copy((const char *) text->delta.data, text->delta.size)
                           : NULL;
  if (whole == NULL)
    return;
  const ReloadState state = { text->progress, whole, delta, text->target_ms };
  if (self->reloads[track] == NULL)
    self->reloads[track] = open_reload(self, name, &state);
  else
    reload_publish(self->reloads[track], &state);
}

static void
publish_media(Self *self, guint track)
{
  const MediaOptions options = { self->type == TYPE_EVENT, self->output.has_ended,
                                 self->low_latency };
  g_auto(MediaText) text = { 0 };
  if (!media_write(self->output.list, track, &options, &text))
    return;
  g_autofree char *name = media_name(mg_window_track_id(self->output.list, track));
  mg_output_put(&self->output, name, PLAYLIST_TYPE, (const char *) text.whole.data,
                text.whole.size);
  if (self->low_latency)
    publish_reload(self, track, name, &text);
}

/* Parts change nothing of what segments begin with. */
static void
publish_iframes(Self *self, guint track)
{
  const MediaOptions options = { .is_event = self->type == TYPE_EVENT,
                                 .has_ended = self->output.has_ended };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  const MgSegment *newest = mg_window_newest(self->output.list, track);
  if (newest == NULL || mg_stream_info(newest->stream)->media != MG_MEDIA_VIDEO ||
      (newest->number < self->iframes_end[track] && !options.has_ended) ||
      !media_write_iframes(self->output.list, track, &options, &w))
    return;
  self->iframes_end[track] = newest->number + 1;
  g_autofree char *name = media_iframes_name(mg_window_track_id(self->output.list, track));
  mg_output_put(&self->output, name, PLAYLIST_TYPE, (const char *) w.data, w.size);
  self->with_iframes |= 1u << track;
}

/* A part changes one playlist. What it reports of the others is as old as that. */
static gboolean
has_changed(const Self *self, guint track)
{
  return !self->low_latency || self->output.has_ended ||
         (mg_window_changed(self->output.list) & 1u << track) != 0;
}

static char *
write_multivariant(Self *self, gboolean has_averages, gsize *size)
{
  gboolean has_forced_cut = mg_window_flags(self->output.list) & MG_CHUNK_FORCED_CUT;
  const MultivariantOptions options = { !has_forced_cut, has_averages, self->audio_only,
                                        self->with_iframes, self->container == CONTAINER_TS };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  multivariant_write(self->output.list, &options, &w);
  mg_writer_u8(&w, '\0');
  *size = w.size - 1;
  return (char *) mg_writer_steal(&w, NULL);
}

static void
publish_multivariant(Self *self)
{
  gsize size;
  g_autofree char *shape = write_multivariant(self, FALSE, &size);
  if (g_strcmp0(shape, self->shape) == 0)
    return;
  g_free(self->shape);
  self->shape = g_steal_pointer(&shape);
  g_autofree char *text = write_multivariant(self, TRUE, &size);
  mg_output_put(&self->output, self->output.name, PLAYLIST_TYPE, text, size);
}

/* RFC 8216bis, 4.4.3.5: nothing leaves an EVENT playlist, so that at some size no more may come. */
static void
end_large_event(MgNode *node)
{
  Self *self = mg_node_self(node);
  gint64 bytes = (gint64) mg_window_bytes(self->output.list);
  if (self->type != TYPE_EVENT || self->output.has_ended || bytes < self->event_size)
    return;
  self->output.has_ended = TRUE;
  mg_error(node, "the event has reached its %.1f GiB and ends; see event-size",
           (gdouble) self->event_size / (1 << 30));
}

static void
publish(MgNode *node)
{
  Self *self = mg_node_self(node);
  end_large_event(node);
  for (guint t = 0; t < mg_window_n_tracks(self->output.list); t++) {
    if (!has_changed(self, t))
      continue;
    publish_media(self, t);
    if (self->iframes)
      publish_iframes(self, t);
  }
  publish_multivariant(self);
}

/* --- callbacks --------------------------------------------------------------------------------- */

static const MgOutputView ts_view = { ".ts", ts_put_row };

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  if (self->type == TYPE_EVENT)
    self->output.window = 0;
  if (self->low_latency)
    self->output.asks = MG_OUTPUT_PARTS;
  if (self->container == CONTAINER_TS)
    self->output.view = &ts_view;
  return mg_output_open(node, publish, error);
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  for (guint t = 0; t < MG_WINDOW_TRACKS; t++)
    reload_free(self->reloads[t]);
  mg_output_close(node);
  g_free(self->shape);
}

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  g_autofree char *name = media_name(mg_stream_info(stream)->id);
  if (g_str_equal(name, self->output.name)) {
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "its playlist would be %s, which is taken",
                name);
    return FALSE;
  }
  if (self->container == CONTAINER_TS && !ts_can_carry(stream, error))
    return FALSE;
  return mg_output_stream(node, in, stream, error);
}

/* What goes by the chunks, which only fMP4 has. */
static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  mg_output_check(self, check);
  if (self->container != CONTAINER_TS)
    return;
  if (self->low_latency)
    mg_check_refuse(check, "low-latency", "parts are chunks of fMP4: leave container=\"ts\" away");
  if (self->iframes)
    mg_check_refuse(check, "iframes", "key frames are found in fMP4: leave container=\"ts\" away");
  if (self->output.dir != NULL)
    mg_check_refuse(check, "dir", "files are fMP4: leave container=\"ts\" away");
}

static const MgChoice types[] = {
  { "live", TYPE_LIVE, "a window that slides" },
  { "event", TYPE_EVENT, "everything since the beginning" },
  { NULL },
};

static const MgChoice containers[] = {
  { "fmp4", CONTAINER_FMP4, "fragmented MP4 (CMAF)" },
  { "ts", CONTAINER_TS, "MPEG-2 transport streams, for old players" },
  { NULL },
};

static const MgProp props[] = {
  MG_PROP_TIME(MgOutput, window, "24s", "3s", "24h", 0, "media that a live playlist lists"),
  MG_PROP_ENUM(Self, type, "live", types, 0, "whether segments leave the playlist"),
  MG_PROP_ENUM(Self, container, "fmp4", containers, 0, "what segments are"),
  MG_PROP_BOOL(Self, low_latency, "no", 0, "also list parts of segments (LL-HLS)"),
  MG_PROP_BOOL(Self, iframes, "no", 0, "also offer playlists of key frames"),
  MG_PROP_BOOL(Self, audio_only, "no", 0, "also offer the sound without pictures"),
  MG_PROP_SIZE(Self, event_size, "4GiB", "1MB", NULL, 0, "media that an event lists; then it ends"),
  MG_OUTPUT_PROPS("index.m3u8", "name of the multivariant playlist"),
  { 0 },
};

static const char *const needs[] = { MG_HTTP_SERVICE, NULL };

const MgNodeClass out_hls_class = {
  .size = sizeof(MgNodeClass),
  .name = "out-hls",
  .help = "offers a stream as HLS",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_CHUNK, NULL },
  .needs = needs,
  .open = open_node,
  .stream = on_stream,
  .process = mg_output_process,
  .ended = mg_output_ended,
  .drain = mg_output_drain,
  .close = close_node,
  .pause = mg_output_pause,
  .check = check_props,
};
