/*
 * failover: goes on when a publisher is lost: with another one, with its last picture, or with a slate.
 *
 * Takes packets from one or more nodes, which stand in for each other, and gives one continuous stream. The
 * first named by `from` is the primary. All may publish at once, in one session; the one in use is passed on, of
 * the others the media since the last key frame is kept. When the one in use gives no media, the next that
 * does takes over at once, from its last key frame on: those frames go by fast, until picture and sound are at
 * the present. An earlier one is used again, from a key frame on, when it has been well for a while. Times only grow,
 * and a switch is marked as a discontinuity. With the same codec parameters on both sides nothing else
 * changes; with others the streams are declared anew.
 *
 *   <pipeline name="live">
 *     <ingest-rtmp id="main" listen="0.0.0.0:1935" app="live"/>
 *     <ingest-rtmp id="backup" listen="0.0.0.0:1936" app="backup" as="live/${stream}"/>
 *     <failover id="either" from="main backup" on-loss="slate" slate="slate.mp4"/>
 *     <segment-cmaf id="cmaf" from="either"/>
 *     <out-hls from="cmaf"/>
 *   </pipeline>
 *
 * Inputs are one stream when they are in one session: it is named by app and stream, and `as` of a listener
 * gives what is published there another name. A backup can also be called: <ingest-rtmp mode="pull"/> plays
 * from another server as long as the session is there, and keeps it.
 *
 * timeout: without media for so long, an input is lost; one whose publisher leaves is lost at once. Video is
 *   what counts, in inputs that have any. It has to be longer than the distance of two frames.
 * return-after: how long an earlier input must have given media before it is used again.
 * on-loss: what comes while no input gives media, until the session ends (`linger`) or one is back, with a key
 *   frame.
 *   "pause": nothing. Players wait. An input that only was silent goes on where it stopped.
 *   "repeat": the last key frame, five times a second, and silence.
 *   "slate": a file, in a loop.
 *   Silence is made of AAC and Opus; tracks of other codecs pause, which is said once.
 * slate: a fragmented MP4, such as dvr writes, or `ffmpeg … -movflags +frag_keyframe+empty_moov`; its first video
 *   and its first audio. What it has none of is filled as by "repeat", and so is all as long as the file
 *   has not been read, or cannot be.
 *
 * One input is enough where on-loss says what to do without it.
 *
 * Counters: active-input (1 for the first of `from`; 0: none), switches, returns, losses, dropped-packets.
 */
#include "node.h"

#include "switch.h"

#include <mediagraph/inputs.h>
#include <mediagraph/mediagraph.h>

typedef struct {
  gint on_loss; /* properties */
  MgTime timeout, return_after;
  char *slate;

  Switch inputs;
  SlateLoad *load; /* while the slate is read */
} Self;

static const MgChoice loss_choices[] = {
  { "pause", ON_LOSS_PAUSE, "nothing comes, and players wait" },
  { "repeat", ON_LOSS_REPEAT, "the last key frame is repeated, with silence" },
  { "slate", ON_LOSS_SLATE, "a file is played in a loop" },
  { NULL },
};

static const MgProp props[] = {
  MG_PROP_ENUM(Self, on_loss, "pause", loss_choices, 0, "what comes while no input gives media"),
  MG_PROP_STRING(Self, slate, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "fragmented MP4 to play then"),
  MG_PROP_TIME(Self, timeout, "700ms", "100ms", "60s", 0, "without media, an input is lost"),
  MG_PROP_TIME(Self, return_after, "10s", "0s", "1h", 0,
               "how long an earlier input must be well before it is used again"),
  { 0 },
};

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  if (self->on_loss == ON_LOSS_SLATE && self->slate == NULL)
    mg_check_refuse(check, "slate", "on-loss=\"slate\" needs a file to show");
  if (self->on_loss != ON_LOSS_SLATE && self->slate != NULL)
    mg_check_refuse(check, "slate", "it is of no use without on-loss=\"slate\"");
  if (self->on_loss == ON_LOSS_PAUSE && mg_check_n_inputs(check) == 1)
    mg_check_refuse(check, "from",
                    "nothing can stand in for its only node; name a second one, or say what to do "
                    "without it, as on-loss=\"repeat\"");
}

static void
on_slate(MgNode *node, Slate *slate, const GError *error)
{
  Self *self = mg_node_self(node);
  self->load = NULL;
  if (slate != NULL)
    switch_set_slate(&self->inputs, slate);
  else
    mg_warning(node, "the slate %s cannot be shown: %s; key frames are repeated instead",
               self->slate, error->message);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->inputs.on_loss = (OnLoss) self->on_loss;
  self->inputs.timeout = self->timeout;
  self->inputs.return_after = self->return_after;
  switch_open(&self->inputs, node);
  if (self->slate != NULL)
    self->load = slate_load(node, self->slate, on_slate);
  return TRUE;
}

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  Track *track = mg_port_data(in);
  if (track == NULL)
    mg_port_set_data(in, switch_add_track(&self->inputs, mg_port_input(in), stream));
  else
    switch_change_track(&self->inputs, track, stream);
  return TRUE;
}

static gboolean
on_packet(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Self *self = mg_node_self(node);
  switch_take(&self->inputs, mg_port_data(in), buffer);
  return TRUE;
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  switch_end_track(&self->inputs, mg_port_data(in));
}

static void
on_input_paused(MgNode *node, guint input)
{
  Self *self = mg_node_self(node);
  switch_pause(&self->inputs, input);
}

static void
drain_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  switch_stop(&self->inputs);
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  slate_load_cancel(self->load);
  switch_close(&self->inputs);
}

const MgNodeClass failover_class = {
  .size = sizeof(MgNodeClass),
  .name = "failover",
  .help = "goes on with another input, the last picture or a slate when a publisher is lost",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_FILTER,
  .run = MG_RUN_INLINE,
  .takes = { .media = MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, .forms = MG_FORM_PACKET },
  .gives = { .media = MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, .forms = MG_FORM_PACKET },
  .open = open_node,
  .stream = on_stream,
  .process = on_packet,
  .ended = on_ended,
  .drain = drain_node,
  .close = close_node,
  .check = check_props,
  .input_paused = on_input_paused,
};
