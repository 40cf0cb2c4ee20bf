/*
 * out-dash: offers a stream as DASH, with a dynamic MPD of explicit segment times.
 *
 * Takes the chunks of segment-cmaf. Under `path` the http service answers with manifest.mpd and the
 * segments, which have the same names and bytes as those of out-hls. A publisher that comes back within
 * the pipeline's linger goes on in a new period; availabilityStartTime and periods stay what they are
 * even across a restart of the process.
 *
 *   <out-dash from="cmaf" window="24s"/>
 *
 * window: how much media can be fetched (timeShiftBufferDepth), at least three target durations.
 * presentation-delay: how far behind the live edge players stay; 0s: three target durations.
 * path, name: where it is served. dir: also write all files into this folder.
 * keep-after-end: how long the ended presentation, a static MPD then, can be fetched.
 *
 * Players set their clocks by /time, which the http service answers.
 */
#include "node.h"

#include "mpd.h"

#define MPD_TYPE "application/dash+xml"

/* The http service's own answer with the time in UTC. */
#define CLOCK_URL "/time"

/* What a cache may hold back at most, however long segments are. */
enum { MOST_MAX_AGE_MS = 2000 };

typedef struct {
  MgTime window, presentation_delay, keep_after_end; /* properties */
  char *path, *name, *dir;

  MgWindow *list;
  gint64 published_utc_us;
  gboolean has_ended;
} Self;

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  const MgWindowOptions options = {
    .size = sizeof options,
    .path = self->path,
    .name = self->name,
    .dir = self->dir,
    .length = self->window,
  };
  self->list = mg_window_new(node, &options, error);
  return self->list != NULL;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_window_free(self->list, self->keep_after_end);
}

/* Each MPD is newer than the one before, to the millisecond, even if the clock was set back. */
static gint64
next_publish_time(Self *self)
{
  self->published_utc_us = MAX(mg_utc_now_us(), self->published_utc_us + 1000);
  return self->published_utc_us;
}

static void
publish(Self *self)
{
  if (mg_window_n_rows(self->list) == 0)
    return;
  const MpdOptions options = {
    .publish_us = next_publish_time(self),
    .presentation_delay = self->presentation_delay,
    .has_ended = self->has_ended,
    .clock = CLOCK_URL,
  };
  guint max_age_ms = MIN(mg_window_row_segment(self->list, 0)->target_ms / 2, MOST_MAX_AGE_MS);
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mpd_write(self->list, &options, &w);
  mg_window_publish(self->list, self->name, MPD_TYPE, max_age_ms, (const char *) w.data, w.size);
}

/* --- callbacks --------------------------------------------------------------------------------- */

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  return mg_window_accepts(self->list, stream, error);
}

static gboolean
on_chunk(MgNode *node, MgPort *in, MgBuffer *chunk, GError **error)
{
  Self *self = mg_node_self(node);
  if (mg_window_push(self->list, chunk))
    publish(self);
  return TRUE;
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  if (mg_window_end_track(self->list, mg_port_stream(in)))
    publish(self);
}

static void
on_pause(MgNode *node)
{
  Self *self = mg_node_self(node);
  if (mg_window_flush(self->list))
    publish(self);
}

static void
on_drain(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_window_flush(self->list);
  self->has_ended = TRUE;
  publish(self);
}

static const MgProp props[] = {
  MG_PROP_TIME(Self, window, "24s", "3s", "24h", 0, "media that can be fetched"),
  MG_PROP_TIME(Self, presentation_delay, "0s", "0s", "1h", 0,
               "how far behind the live edge players stay; 0s: three target durations"),
  MG_PROP_STRING(Self, path, "/${app}/${stream}", MG_PROP_TEMPLATE, "path of all URLs"),
  MG_PROP_STRING(Self, name, "manifest.mpd", 0, "name of the manifest"),
  MG_PROP_STRING(Self, dir, NULL, MG_PROP_TEMPLATE, "also write files into this folder"),
  MG_PROP_TIME(Self, keep_after_end, "60s", "0s", "24h", 0,
               "how long everything can be fetched after the end"),
  { 0 },
};

static const char *const needs[] = { MG_HTTP_SERVICE, NULL };

const MgNodeClass out_dash_class = {
  .size = sizeof(MgNodeClass),
  .name = "out-dash",
  .help = "offers a stream as DASH",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_CHUNK, NULL },
  .needs = needs,
  .open = open_node,
  .stream = on_stream,
  .process = on_chunk,
  .ended = on_ended,
  .drain = on_drain,
  .close = close_node,
  .pause = on_pause,
};
