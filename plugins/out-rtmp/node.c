/*
 * out-rtmp: publishes a stream on another server by RTMP.
 *
 * Takes packets as they are, one video and one audio track: H.264, AAC and MP3 for every server; HEVC, AV1,
 * VP9, VP8, VVC, Opus, FLAC, AC-3 and E-AC-3 by Enhanced RTMP for those that say that they take them.
 *
 *   <ingest-rtmp id="rtmp" listen="0.0.0.0:1935" app="live"/>
 *   <out-rtmp from="rtmp" url="rtmp://live.example/app/" key-file="live.key"/>
 *
 * url: where to publish: rtmp://HOST[:PORT]/APP/STREAM, or rtmps://; ${app}, ${stream} … are replaced. As it often holds
 *   a key, it is never shown.
 * key-file: a file whose first line is put behind a URL that ends in '/' or '=', as the stream's name
 *   where the URL names an app only, and else as ?key=.
 * tls-ca: a PEM file of authorities that vouch for the server of rtmps://, in place of the system's.
 *   tls-verify="no": any server will do.
 * timeout: how long a server may take to be found, to answer and to let us publish.
 * stall-timeout: a server that takes nothing for so long is left, and called again.
 * retry: longest pause between two attempts; the first one is a second.
 * queue, queue-bytes (of the engine): how far it may fall behind. When the server is slow, packets are
 *   dropped: frames that no other needs, then up to the next key frame, sound last.
 *
 * It calls when media comes, and goes on at a key frame, at time 0, whenever it calls again. A server that
 * is down, refuses, or goes away is said once, and called again with pauses that double; the rest of
 * the pipeline does not notice.
 */
#include "node.h"

#include "link.h"
#include "sender.h"

#include <mediagraph/mediagraph.h>
#include <mediagraph/connect.h>
#include <mediagraph/secret.h>

/* So much is on its way to the kernel before the rest waits in the mailbox, where it can be dropped. */
enum { MOST_AHEAD_BYTES = 64 << 10 };

/* A frame on top of that is as much as a message can be. */
enum { MOST_QUEUED_BYTES = 20 << 20 };

#define FIRST_RETRY MG_SECOND

/* A connection that lived for so long was no failure. */
#define LIVED_LONG (30 * MG_SECOND)

typedef struct {
  char *url, *key_file, *tls_ca; /* properties */
  gboolean tls_verify;
  MgTime timeout, stall_timeout, retry;

  MgNode *node;
  MgRtmpUrl target;
  MgTlsTrust *trust;     /* NULL: rtmp:// */
  MgPort *video, *audio; /* the inputs that are sent; NULL: none */
  Sender sender;
  Link *link;          /* NULL: not connected */
  gboolean is_started; /* the server takes the stream */
  gboolean is_pausing; /* between two attempts */
  gboolean has_said;   /* that it does not work */
  gboolean is_behind;  /* what comes waits in the mailbox: no answer yet, or the server is slow */
  MgBuffer *first;     /* to be sent when the server has answered; a reference; NULL: none */
  MgTimer again, stall;
  MgTime started;
  guint64 sent; /* when the stall timer was started */
  guint n_failures;
  MgCounter *bytes, *unsent, *starts;
} Self;

static const MgProp props[] = {
  MG_PROP_STRING(Self, url, NULL,
                 MG_PROP_REQUIRED | MG_PROP_NOT_EMPTY | MG_PROP_TEMPLATE | MG_PROP_SECRET,
                 "where to publish: rtmp[s]://HOST[:PORT]/APP/STREAM"),
  MG_PROP_STRING(Self, key_file, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE | MG_PROP_PRIVATE_FILE,
                 "file with the stream key"),
  MG_PROP_STRING(Self, tls_ca, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file of authorities that vouch for the server, in place of the system's"),
  MG_PROP_BOOL(Self, tls_verify, "yes", 0, "whether the server of rtmps:// has to prove its name"),
  MG_PROP_TIME(Self, timeout, "10s", "100ms", "5m", 0, "longest time until publishing may begin"),
  MG_PROP_TIME(Self, stall_timeout, "10s", "100ms", "5m", 0,
               "a server that takes nothing for so long is left"),
  MG_PROP_TIME(Self, retry, "30s", "100ms", "1h", 0, "longest pause between two attempts"),
  { 0 },
};

/* --- when it does not work --------------------------------------------------------------------- */

/* Once, until it has worked again. */
static void
say_trouble(Self *self, const char *reason)
{
  if (!self->has_said)
    mg_warning(self->node, "cannot publish to %s: %s; trying again", self->target.tc_url, reason);
  else
    mg_debug(self->node, "cannot publish to %s: %s", self->target.tc_url, reason);
  self->has_said = TRUE;
}

/* What comes from here on waits in the mailbox. */
static void
hold_back(Self *self)
{
  self->is_behind = TRUE;
  mg_node_set_taking(self->node, FALSE);
}

static void
catch_up(Self *self)
{
  mg_timer_stop(&self->stall);
  if (self->is_behind)
    mg_node_set_taking(self->node, TRUE);
  self->is_behind = FALSE;
}

static void
pause_calls(Self *self)
{
  if (self->is_started && mg_now() - self->started > LIVED_LONG)
    self->n_failures = 0;
  self->is_started = FALSE;
  self->is_pausing = TRUE;
  g_clear_pointer(&self->first, mg_buffer_unref);
  sender_rest(&self->sender);
  mg_timer_start_in(&self->again,
                    mg_back_off(++self->n_failures, MIN(FIRST_RETRY, self->retry), self->retry));
  catch_up(self);
}

/* Leaves the server, for now. */
static void
leave(Self *self, const char *reason)
{
  say_trouble(self, reason);
  link_close(g_steal_pointer(&self->link), reason);
  pause_calls(self);
}

static void
on_again(gpointer data)
{
  Self *self = data;
  self->is_pausing = FALSE;
}

/* --- sending ------------------------------------------------------------------------------------ */

static void
watch_progress(Self *self)
{
  self->sent = link_sent(self->link);
  mg_timer_start_in(&self->stall, self->stall_timeout);
}

static void
mind_the_queue(Self *self)
{
  if (self->is_behind || link_queued(self->link) <= MOST_AHEAD_BYTES)
    return;
  hold_back(self);
  watch_progress(self);
}

static void
send(Self *self, const MgBuffer *buffer)
{
  if (!sender_push(&self->sender, link_caller(self->link), buffer)) {
    mg_counter_add(self->unsent, 1);
    return;
  }
  mg_counter_add(self->bytes, buffer->size);
  link_send(self->link);
  mind_the_queue(self);
}

/* --- the link ---------------------------------------------------------------------------------- */

static void
on_started(gpointer owner)
{
  Self *self = owner;
  gboolean has_nothing = FALSE;
  g_autofree char *refused = sender_start(&self->sender, link_caller(self->link), &has_nothing);
  if (has_nothing) {
    leave(self, refused != NULL ? refused : "there is nothing to send");
    return;
  }
  self->is_started = TRUE;
  self->started = mg_now();
  self->has_said = FALSE;
  mg_counter_add(self->starts, 1);
  mg_info(self->node, "publishes to %s", self->target.tc_url);
  if (refused != NULL)
    mg_warning(self->node, "%s", refused);
  g_autoptr(MgBuffer) first = g_steal_pointer(&self->first);
  if (first != NULL)
    send(self, first);
  if (link_queued(self->link) == 0)
    catch_up(self);
  else
    watch_progress(self);
}

/* There is room: what waits in the mailbox comes. */
static void
on_drained(gpointer owner)
{
  Self *self = owner;
  if (self->is_started)
    catch_up(self);
}

static void
on_ended(gpointer owner, const char *reason)
{
  Self *self = owner;
  self->link = NULL;
  say_trouble(self, reason);
  pause_calls(self);
}

static const LinkEvents link_events = { on_started, on_drained, on_ended };

/* As long as the server takes anything at all it is slow, not gone. */
static void
on_stalled(gpointer data)
{
  Self *self = data;
  if (link_sent(self->link) == self->sent) {
    leave(self, "the server takes nothing any more");
    return;
  }
  watch_progress(self);
}

static void
call(Self *self)
{
  g_autoptr(GError) error = NULL;
  LinkSetup setup = {
    .node = self->node,
    .url = &self->target,
    .trust = self->trust,
    .timeout = self->timeout,
    .most_queued_bytes = MOST_QUEUED_BYTES,
    .events = &link_events,
    .owner = self,
  };
  self->link = link_open(&setup, &error);
  if (self->link != NULL)
    return;
  say_trouble(self, error->message);
  pause_calls(self);
}

/* --- media ------------------------------------------------------------------------------------- */

static MgPort **
place_of(Self *self, MgMedia media)
{
  return media == MG_MEDIA_VIDEO ? &self->video : &self->audio;
}

static gboolean
take_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  MgMedia media = mg_stream_info(stream)->media;
  MgPort **place = place_of(self, media);
  if (*place != NULL && *place != in) {
    const char *kind = media == MG_MEDIA_VIDEO ? "video" : "audio";
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
                "RTMP carries one %s track, and it has another one already: choose by "
                "from=\"ID.TRACK\"",
                kind);
    return FALSE;
  }
  if (!sender_check(stream, error)) {
    if (*place == in)
      sender_declare(&self->sender, media, NULL);
    return FALSE;
  }
  *place = in;
  sender_declare(&self->sender, media, stream);
  return TRUE;
}

/* It begins with BUFFER (a reference is taken), and nothing behind it is lost, if the server is quick. */
static void
begin(Self *self, MgBuffer *buffer)
{
  call(self);
  if (self->link == NULL)
    return;
  self->first = mg_buffer_ref(buffer);
  hold_back(self);
}

static gboolean
process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Self *self = mg_node_self(node);
  if (self->is_started)
    send(self, buffer);
  else if (self->link == NULL && !self->is_pausing && sender_can_begin(&self->sender, buffer))
    begin(self, buffer);
  else
    mg_counter_add(self->unsent, 1);
  mg_buffer_unref(buffer);
  return TRUE;
}

static void
ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  MgMedia media = mg_stream_info(mg_port_stream(in))->media;
  MgPort **place = place_of(self, media);
  if (*place != in)
    return;
  *place = NULL;
  sender_declare(&self->sender, media, NULL);
}

/* --- open and close ---------------------------------------------------------------------------- */

static gboolean
find_target(Self *self, GError **error)
{
  static const MgRtmpKeyFiles key_files = { mg_secret_read, mg_secret_free };
  if (!mg_rtmp_url_parse_with(self->url, self->key_file, &key_files, &self->target, error))
    return FALSE;
  if (self->target.is_tls)
    self->trust = mg_tls_trust_new_for(self->tls_verify, self->tls_ca, error);
  return !self->target.is_tls || self->trust != NULL;
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  if (!find_target(self, error)) {
    mg_rtmp_url_clear(&self->target);
    return FALSE;
  }
  self->node = node;
  mg_timer_init(&self->again, on_again, self);
  mg_timer_init(&self->stall, on_stalled, self);
  self->bytes = mg_counter(node, "sent-bytes", "bytes of packets sent to the server");
  self->unsent =
      mg_counter(node, "unsent", "packets left out: the server was not there, or not yet");
  self->starts = mg_counter(node, "starts", "how often the server took the stream");
  return TRUE;
}

static void
drain(MgNode *node)
{
  Self *self = mg_node_self(node);
  if (self->link != NULL)
    link_close(g_steal_pointer(&self->link), "the stream has ended");
  self->is_started = FALSE;
  self->is_pausing = TRUE;
  mg_timer_stop(&self->stall);
  g_clear_pointer(&self->first, mg_buffer_unref);
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  drain(node);
  mg_timer_stop(&self->again);
  mg_timer_stop(&self->stall);
  sender_clear(&self->sender);
  mg_rtmp_url_clear(&self->target);
  mg_tls_trust_unref(self->trust);
}

/* A file with a key may stand for a part of the URL. */
static void
check(gconstpointer data, MgCheck *result)
{
  const Self *self = data;
  g_auto(MgRtmpUrl) url = { 0 };
  g_autoptr(GError) error = NULL;
  if (!mg_rtmp_url_parse(self->url, self->key_file != NULL ? "key" : NULL, &url, &error))
    mg_check_refuse(result, "url", "%s", error->message);
}

const MgNodeClass out_rtmp_class = {
  .size = sizeof(MgNodeClass),
  .name = "out-rtmp",
  .help = "publishes a stream on another server by RTMP",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_PACKET, sender_codecs },
  .has_mailbox = TRUE,
  .open = open_node,
  .stream = take_stream,
  .process = process,
  .ended = ended,
  .drain = drain,
  .close = close_node,
  .check = check,
};
