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
 * low-latency: segments are listed from their first chunk on, and grow while they are fetched. Players stay `latency`
 *   behind live (0s: three parts and half a second); all of them, as DASH lets them not choose, so it is not the
 *   default. Players that know MPD patches learn of a segment the moment it has begun; others read the MPD once
 *   per part.
 * path, name: where it is served. A path is one stream's: the output of another one that is to be served
 *   there waits until it is free.
 * dir: also write all files into this folder, which is its own: a second output in it is refused.
 * keep-after-end: how long the ended presentation, a static MPD then, can be fetched.
 *
 *   <out-dash from="cmaf" low-latency="yes" latency="1500ms"/>
 *
 * Players set their clocks by /time, which the http service answers.
 */
#include "node.h"

#include "mpd.h"
#include "patches.h"
#include "period.h"

#include <mediagraph/lane.h>
#include <mediagraph/output.h>

#define MPD_TYPE "application/dash+xml"

/* The http service's own answer with the time in UTC. */
#define CLOCK_URL "/time"

/* For so many target durations an MPD of low latency may be the newest; then one that says the same follows. */
enum { NEWS_TARGETS = 2 };

/* Tracks begin their segments one after the other; an MPD waits so long for the last. */
#define MOST_SKEW (100 * MG_MILLISECOND)

typedef struct {
  MgOutput output;
  MgTime presentation_delay; /* properties */
  gboolean low_latency;
  MgTime latency;

  Patches *patches; /* of low latency; NULL: there are none */
  guint64 told;     /* number of the newest segment that the MPD lists of all tracks */
  MgTimer news;
  gint64 published_utc_us;
} Self;

/* Each MPD is newer than the one before, to the millisecond, even if the clock was set back. */
static gint64
next_publish_time(Self *self)
{
  self->published_utc_us = MAX(mg_utc_steady_us(), self->published_utc_us + 1000);
  return self->published_utc_us;
}

static gint64
publish_mpd(Self *self, MgWriter *w)
{
  gint64 now_us = next_publish_time(self);
  g_autofree char *patch = patches_name(now_us);
  const MpdOptions options = {
    .publish_us = now_us,
    .presentation_delay = self->presentation_delay,
    .is_low_latency = self->low_latency,
    .latency = self->latency,
    .id = self->output.path,
    .patch_location = patch,
    .patch_ttl_s = PATCHES_TTL_S,
    .has_ended = self->output.has_ended,
    .clock = CLOCK_URL,
  };
  mpd_write(self->output.list, &options, w);
  mg_output_put(&self->output, self->output.name, MPD_TYPE, (const char *) w->data, w->size);
  return now_us;
}

/* --- low latency ------------------------------------------------------------------------------- */

static void
publish_now(MgNode *node)
{
  Self *self = mg_node_self(node);
  guint target_ms = mg_window_row_segment(self->output.list, 0)->target_ms;
  MgTime interval = NEWS_TARGETS * target_ms * (MgTime) MG_MILLISECOND;
  g_auto(MgWriter) w = MG_WRITER_INIT;
  gint64 published_us = publish_mpd(self, &w);
  Front front = front_of(self->output.list);
  if (front.is_of_all)
    self->told = front.number;
  mg_timer_start_in(&self->news, interval);
  patches_add(self->patches, published_us, (const char *) w.data, w.size, 2 * interval);
}

static void
publish_last(Self *self)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  gint64 published_us = publish_mpd(self, &w);
  mg_timer_stop(&self->news);
  patches_add(self->patches, published_us, (const char *) w.data, w.size, 0);
  patches_end(self->patches);
}

/* The MPD is worth reading again, or nothing has come for a while and whoever waits is told so. */
static void
on_news(gpointer data)
{
  publish_now(data);
}

/*
 * How long a change of the MPD may wait for others. One MPD per segment, when all tracks have begun it, is what players
 * need, and all they can follow; that the length of the one before is known now can be told with it.
 */
static MgTime
may_wait(Self *self)
{
  MgTime part = mg_window_part_target_us(self->output.list) * (MgTime) MG_MICROSECOND;
  Front front = front_of(self->output.list);
  if (front.number == self->told)
    return part + MOST_SKEW;
  return front.is_of_all ? 0 : MOST_SKEW;
}

static void
publish_soon(MgNode *node)
{
  Self *self = mg_node_self(node);
  MgTime wait = self->published_utc_us > 0 ? may_wait(self) : 0;
  if (wait == 0)
    publish_now(node);
  else if (self->news.lane == NULL || self->news.deadline > mg_now() + wait)
    mg_timer_start_in(&self->news, wait);
}

/* --- callbacks --------------------------------------------------------------------------------- */

static void
publish(MgNode *node)
{
  Self *self = mg_node_self(node);
  g_auto(MgWriter) w = MG_WRITER_INIT;
  if (self->patches == NULL)
    publish_mpd(self, &w);
  else if (self->output.has_ended)
    publish_last(self);
  else
    publish_soon(node);
}

static void
open_patches(Self *self)
{
  PatchesSetup setup = {
    .folder = mg_window_folder(self->output.list),
    .path = self->output.path,
    .name = self->output.name,
  };
  setup.http = mg_window_http(self->output.list, &setup.impl);
  self->patches = patches_new(&setup);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  mg_timer_init(&self->news, on_news, node);
  if (self->low_latency)
    self->output.asks = MG_OUTPUT_GROWING;
  if (!mg_output_open(node, publish, error))
    return FALSE;
  if (self->low_latency)
    open_patches(self);
  return TRUE;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_timer_stop(&self->news);
  patches_free(self->patches);
  mg_output_close(node);
}

static const MgProp props[] = {
  MG_PROP_TIME(MgOutput, window, "24s", "3s", "24h", 0, "media that can be fetched"),
  MG_PROP_TIME(Self, presentation_delay, "0s", "0s", "1h", 0,
               "how far behind the live edge players stay; 0s: three target durations"),
  MG_PROP_BOOL(Self, low_latency, "no", 0, "list segments while they grow (LL-DASH)"),
  MG_PROP_TIME(
      Self, latency, "0s", "0s", "1m", 0,
      "of low latency: how far behind live players stay; 0s: three parts and half a second"),
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
  .close = close_node,
  .pause = mg_output_pause,
  .check = mg_output_check,
};
