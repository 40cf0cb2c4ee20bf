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
 * path, name: where it is served. A path is one stream's: the output of another one that is to be served
 *   there waits until it is free.
 * dir: also write all files into this folder, which is its own: a second output in it is refused.
 * keep-after-end: how long the ended presentation, a static MPD then, can be fetched.
 *
 * Players set their clocks by /time, which the http service answers.
 */
#include "node.h"

#include "mpd.h"

#include <mediagraph/output.h>

#define MPD_TYPE "application/dash+xml"

/* The http service's own answer with the time in UTC. */
#define CLOCK_URL "/time"

typedef struct {
  MgOutput output;
  MgTime presentation_delay; /* property */

  gint64 published_utc_us;
} Self;

/* Each MPD is newer than the one before, to the millisecond, even if the clock was set back. */
static gint64
next_publish_time(Self *self)
{
  self->published_utc_us = MAX(mg_utc_now_us(), self->published_utc_us + 1000);
  return self->published_utc_us;
}

static void
publish(MgNode *node)
{
  Self *self = mg_node_self(node);
  const MpdOptions options = {
    .publish_us = next_publish_time(self),
    .presentation_delay = self->presentation_delay,
    .has_ended = self->output.has_ended,
    .clock = CLOCK_URL,
  };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mpd_write(self->output.list, &options, &w);
  mg_output_put(&self->output, self->output.name, MPD_TYPE, (const char *) w.data, w.size);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  return mg_output_open(node, publish, error);
}

static const MgProp props[] = {
  MG_PROP_TIME(MgOutput, window, "24s", "3s", "24h", 0, "media that can be fetched"),
  MG_PROP_TIME(Self, presentation_delay, "0s", "0s", "1h", 0,
               "how far behind the live edge players stay; 0s: three target durations"),
  MG_OUTPUT_PROPS("manifest.mpd", "name of the manifest"),
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
  .stream = mg_output_stream,
  .process = mg_output_process,
  .ended = mg_output_ended,
  .drain = mg_output_drain,
  .close = mg_output_close,
  .pause = mg_output_pause,
  .check = mg_output_check,
};
