/*
 * A call that fails or ends is followed by another one, after a pause that doubles; the timeline goes on
 * as it does when a publisher comes back. The call (Call) outlives the node for as long as its
 * connection takes to close.
 */
#include "pull.h"

#include "ingest.h"
#include "media.h"

#include <mediagraph/connect.h>
#include <mediagraph/mediagraph.h>
#include <mediagraph/secret.h>
#include <rtmp/caller.h>
#include <rtmp/metadata.h>
#include <rtmp/url.h>

#include <sys/random.h>

enum { CHUNK_BYTES = 4096, BUFFER_MS = 3000 };

/* A server that acknowledges nothing for so long has gone; what we say is little. */
enum { USER_TIMEOUT_MS = 20000, MOST_QUEUED_BYTES = 256 << 10 };

#define FIRST_RETRY MG_SECOND
#define LINGER      MG_SECOND

/* A stream that was there for so long was no failure. */
#define LIVED_LONG (30 * MG_SECOND)

typedef struct Call Call;

typedef struct {
  gint mode; /* properties */
  char *url, *key_file, *tls_ca;
  gboolean tls_verify;
  MgTime timeout, media_timeout, input_timeout, retry;

  MgNode *node;
  MgRtmpUrl target;
  MgTlsTrust *trust;   /* NULL: rtmp:// */
  Call *call;          /* NULL: there is none */
  MgTimer again;       /* runs then */
  MgTimer silence;     /* while there is a call: until it is over without media */
  guint n_failures;    /* in a row */
  gboolean has_said;   /* that it does not work */
  gboolean is_playing; /* the server has agreed to this call; media may come much later */

  Media *media; /* of this call; NULL: nothing of it has come */
  MediaStats counted;
  MgTime begun;     /* when the first audio or video of this call came; 0: it has not */
  MgTime seen;      /* media, or the end of it, was last seen then; 0: never */
  MgTime media_end; /* where the timeline has come to */
  MgCounter *bytes, *unknown, *dropped, *repaired, *starts;
} Self;

struct Call {
  MgNode *node; /* held */
  Self *owner;  /* NULL: it has left, or was told that it is over */
  MgConnection *connection;
  MgRtmpCaller *caller;
};

const MgChoice ingest_modes[] = {
  { "listen", MODE_LISTEN, "encoders push streams to us" },
  { "pull", MODE_PULL, "one stream is played from another server" },
  { NULL },
};

static const MgProp props[] = {
  MG_PROP_ENUM(Self, mode, "listen", ingest_modes, 0, "who calls whom"),
  MG_PROP_STRING(Self, url, NULL,
                 MG_PROP_REQUIRED | MG_PROP_NOT_EMPTY | MG_PROP_SECRET | MG_PROP_TEMPLATE,
                 "what to play: rtmp[s]://HOST[:PORT]/APP/STREAM"),
  MG_PROP_STRING(Self, key_file, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "file with a key for it"),
  MG_PROP_STRING(Self, tls_ca, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file of authorities that vouch for the server, in place of the system's"),
  MG_PROP_BOOL(Self, tls_verify, "yes", 0, "whether the server of rtmps:// has to prove its name"),
  MG_PROP_TIME(Self, timeout, "10s", "100ms", "5m", 0, "longest time until playing begins"),
  MG_PROP_TIME(Self, media_timeout, "15s", "100ms", "5m", 0, "from then to the first media"),
  MG_PROP_TIME(Self, input_timeout, "5s", "100ms", "5m", 0, "without media, the stream has gone"),
  MG_PROP_TIME(Self, retry, "30s", "100ms", "1h", 0, "longest pause between two attempts"),
  { 0 },
};

/* --- media ------------------------------------------------------------------------------------- */

static gpointer
add_track(MgStream *stream, gpointer user)
{
  Self *self = user;
  return mg_port_new(self->node, stream);
}

static void
change_track(gpointer port, MgStream *stream, gpointer user)
{
  mg_port_set_stream(port, stream);
}

static void
push_packet(gpointer port, MgBuffer *buffer, gpointer user)
{
  Self *self = user;
  self->media_end = MAX(self->media_end, MAX(buffer->pts, buffer->dts) + buffer->duration);
  mg_push(port, buffer);
}

static const MediaOutput media_output = { add_track, change_track, push_packet };

static void
count(Self *self)
{
  MediaStats now;
  media_stats(self->media, &now);
  mg_counter_add(self->bytes, now.bytes - self->counted.bytes);
  mg_counter_add(self->unknown, now.unknown - self->counted.unknown);
  mg_counter_add(self->dropped, now.dropped - self->counted.dropped);
  mg_counter_add(self->repaired, now.repaired - self->counted.repaired);
  self->counted = now;
}

/* Media time goes on where the last call stopped, plus the time that has passed since. */
static void
begin_media(Self *self)
{
  MgTime now = mg_now();
  MediaSetup setup = {
    .output = &media_output,
    .user = self,
    .base = self->seen == 0 ? 0 : self->media_end + MAX(now - self->seen, 0),
    .node = self->node,
    .label = self->target.tc_url,
  };
  self->media = media_new(&setup);
  self->counted = (MediaStats){ 0 };
}

static void
note_media(Self *self)
{
  self->seen = mg_now();
  if (self->begun != 0)
    return;
  self->begun = self->seen;
  self->has_said = FALSE;
  mg_counter_add(self->starts, 1);
  mg_info(self->node, "plays from %s", self->target.tc_url);
  mg_timer_start_in(&self->silence, self->input_timeout);
}

static void
end_media(Self *self)
{
  if (self->media == NULL)
    return;
  count(self);
  g_clear_pointer(&self->media, media_free);
  if (self->begun == 0)
    return;
  self->begun = 0;
  self->seen = mg_now();
  mg_source_pause(self->node);
}

/* Servers send data of their own when playing begins, long before there is a stream. */
static gboolean
is_metadata(const MgRtmpMessage *message)
{
  MgRtmpMetadata metadata = { 0 };
  return mg_rtmp_metadata_merge(&metadata, message, NULL) == MG_RTMP_METADATA_UPDATED;
}

static void
take_data(Self *self, MgRtmpMessage *message)
{
  if (self->media == NULL && is_metadata(message))
    begin_media(self);
  if (self->media != NULL)
    media_take_data(self->media, message);
  else
    mg_data_unref(g_steal_pointer(&message->block));
}

static void
take(Self *self, MgRtmpCallerEvent *event)
{
  if (event->kind == MG_RTMP_CALLER_DATA) {
    take_data(self, &event->message);
    return;
  }
  if (self->media == NULL)
    begin_media(self);
  note_media(self);
  if (event->kind == MG_RTMP_CALLER_AUDIO)
    media_take_audio(self->media, &event->message, self->seen);
  else
    media_take_video(self->media, &event->message, self->seen);
}

/* --- when it does not work --------------------------------------------------------------------- */

static void
pause_calls(Self *self, const char *reason)
{
  if (self->begun != 0 && mg_now() - self->begun > LIVED_LONG)
    self->n_failures = 0;
  end_media(self);
  self->is_playing = FALSE;
  if (!self->has_said)
    mg_warning(self->node, "cannot play from %s: %s; trying again", self->target.tc_url, reason);
  else
    mg_debug(self->node, "cannot play from %s: %s", self->target.tc_url, reason);
  self->has_said = TRUE;
  mg_timer_stop(&self->silence);
  mg_timer_start_in(&self->again,
                    mg_back_off(++self->n_failures, MIN(FIRST_RETRY, self->retry), self->retry));
}

/* --- the call ---------------------------------------------------------------------------------- */

static void
call_send(Call *call)
{
  MgWriter *out = mg_rtmp_caller_output(call->caller);
  if (out->size > 0)
    mg_connection_write(call->connection, out->data, out->size);
  mg_writer_clear(out);
}

/* The owner leaves: says goodbye to the server. */
static void
call_close(Call *call, const char *reason)
{
  call->owner = NULL;
  mg_rtmp_caller_end(call->caller);
  call_send(call);
  mg_connection_close(call->connection, reason, LINGER);
}

static void
give_up(Self *self, const char *reason)
{
  call_close(g_steal_pointer(&self->call), reason);
  pause_calls(self, reason);
}

static void
on_connected(MgConnection *connection, gpointer data)
{
  call_send(data);
}

/* From here on media is waited for. */
static void
on_started(Self *self)
{
  mg_connection_set_patient(self->call->connection, TRUE);
  self->is_playing = TRUE;
  mg_debug(self->node, "waits for media from %s", self->target.tc_url);
  if (self->begun == 0)
    mg_timer_start_in(&self->silence, self->media_timeout);
}

static void
handle(Self *self, MgRtmpCallerEvent *event, const GError *error)
{
  switch (event->kind) {
  case MG_RTMP_CALLER_STARTED: on_started(self); break;
  case MG_RTMP_CALLER_DATA:
  case MG_RTMP_CALLER_AUDIO:
  case MG_RTMP_CALLER_VIDEO: take(self, event); break;
  case MG_RTMP_CALLER_FAILED: give_up(self, error->message); break;
  case MG_RTMP_CALLER_MORE: break;
  }
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  Call *call = data;
  g_autoptr(GError) error = NULL;
  MgReader in = MG_READER(bytes, size);
  MgRtmpCallerEvent event;
  while (call->owner != NULL &&
         mg_rtmp_caller_next(call->caller, &in, &event, &error) != MG_RTMP_CALLER_MORE)
    handle(call->owner, &event, error);
  if (call->owner == NULL)
    return;
  if (call->owner->media != NULL)
    count(call->owner);
  call_send(call);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Call *call = data;
  Self *owner = call->owner;
  mg_rtmp_caller_free(call->caller);
  if (owner != NULL) {
    owner->call = NULL;
    pause_calls(owner, reason);
  }
  mg_node_release(call->node);
  g_free(call);
}

static const MgConnectionEvents connection_events = {
  .size = sizeof connection_events,
  .received = on_received,
  .closed = on_closed,
};

static MgRtmpCaller *
make_caller(Self *self, const guint8 *random)
{
  MgRtmpCallerConfig config = {
    .plays = TRUE,
    .app = self->target.app,
    .stream = self->target.stream,
    .tc_url = self->target.tc_url,
    .video = media_video_codecs,
    .audio = media_audio_codecs,
    .chunk_size = CHUNK_BYTES,
    .buffer_ms = BUFFER_MS,
    .hides_names = TRUE,
    .memory = &ingest_memory,
  };
  return mg_rtmp_caller_new(&config, random);
}

static void
start_call(gpointer data)
{
  Self *self = data;
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  if (getrandom(random, sizeof random, 0) != (gssize) sizeof random) {
    pause_calls(self, "the kernel has no random numbers");
    return;
  }
  Call *call = self->call = g_new0(Call, 1);
  call->node = self->node;
  call->owner = self;
  call->caller = make_caller(self, random);
  mg_node_hold(call->node);
  MgConnect connect = {
    .size = sizeof connect,
    .host = self->target.host,
    .port = self->target.port,
    .events = &connection_events,
    .connected = on_connected,
    .data = call,
    .deadline = mg_now() + self->timeout,
    .user_timeout_ms = USER_TIMEOUT_MS,
    .max_write_queue_bytes = MOST_QUEUED_BYTES,
    .tls = self->trust,
  };
  call->connection = mg_connection_open(&connect);
  mg_timer_start_at(&self->silence, connect.deadline);
}

/* A deadline that only media moves. */
static void
on_silence(gpointer data)
{
  Self *self = data;
  MgTime until = self->seen + self->input_timeout;
  if (self->begun == 0 && self->is_playing) /* the publisher is late: the server is no failure */
    self->n_failures = 0;
  if (self->begun == 0)
    give_up(self, "no media has come in time");
  else if (until > mg_now())
    mg_timer_start_at(&self->silence, until);
  else
    give_up(self, "the stream has no media any more");
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
  mg_timer_init(&self->again, start_call, self);
  mg_timer_init(&self->silence, on_silence, self);
  self->bytes = mg_counter(node, "media-bytes", "bytes of packets sent on");
  self->unknown = mg_counter(node, "unknown-codec", "messages of codecs that are not carried");
  self->dropped = mg_counter(node, "dropped-packets", "packets that could not be used");
  self->repaired = mg_counter(node, "repaired-times", "times of packets that had to be changed");
  self->starts = mg_counter(node, "starts", "how often the stream began");
  start_call(self);
  return TRUE;
}

static void
stop(Self *self)
{
  mg_timer_stop(&self->again);
  mg_timer_stop(&self->silence);
  if (self->call != NULL)
    call_close(g_steal_pointer(&self->call), "the pipeline ends");
  if (self->media != NULL)
    count(self);
  g_clear_pointer(&self->media, media_free);
}

static void
drain_node(MgNode *node)
{
  stop(mg_node_self(node));
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  stop(self);
  mg_rtmp_url_clear(&self->target);
  mg_tls_trust_unref(self->trust);
}

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  g_auto(MgRtmpUrl) url = { 0 };
  g_autoptr(GError) error = NULL;
  if (!mg_rtmp_url_parse(self->url, self->key_file != NULL ? "key" : NULL, &url, &error))
    mg_check_refuse(check, "url", "%s", error->message);
}

static const MgCodec codecs[] = { MEDIA_VIDEO_CODECS, MEDIA_AUDIO_CODECS, MG_CODEC_NONE };

const MgNodeClass pull_rtmp_class = {
  .size = sizeof(MgNodeClass),
  .name = "ingest-rtmp",
  .mode = "pull",
  .help = "plays a stream from another server by RTMP",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SOURCE,
  .run = MG_RUN_INLINE,
  .gives = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_PACKET, codecs },
  .open = open_node,
  .drain = drain_node,
  .close = close_node,
  .check = check_props,
};
