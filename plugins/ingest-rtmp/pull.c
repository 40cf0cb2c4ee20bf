/*
 * A call that fails or ends is followed by another one, after a pause that doubles; the timeline goes on
 * as it does when a publisher comes back. The call (Call) outlives the node for as long as its
 * connection takes to close.
 */
#include "pull.h"

#include "pull-state.h"

#include <mediagraph/connect.h>
#include <mediagraph/mediagraph.h>
#include <mediagraph/secret.h>
#include <rtmp/names.h>

#include <string.h>
#include <sys/random.h>

enum { CHUNK_BYTES = 4096, BUFFER_MS = 3000 };

/* A server that acknowledges nothing for so long has gone; what we say is little. */
enum { USER_TIMEOUT_MS = 20000, MOST_QUEUED_BYTES = 256 << 10 };

#define FIRST_RETRY MG_SECOND
#define LINGER      MG_SECOND

/* A stream that was there for so long was no failure. */
#define LIVED_LONG (30 * MG_SECOND)

struct Call {
  MgNode *node; /* held */
  Pull *owner;  /* NULL: it has left, or was told that it is over */
  MgConnection *connection;
  MgRtmpCaller *caller;
};

const MgChoice ingest_modes[] = {
  { "listen", MODE_LISTEN, "encoders push streams to us" },
  { "pull", MODE_PULL, "one stream is played from another server" },
  { NULL },
};

static const MgProp props[] = {
  MG_PROP_ENUM(Pull, mode, "listen", ingest_modes, 0, "who calls whom"),
  MG_PROP_STRING(Pull, url, NULL,
                 MG_PROP_REQUIRED | MG_PROP_NOT_EMPTY | MG_PROP_SECRET | MG_PROP_TEMPLATE,
                 "what to play: rtmp[s]://HOST[:PORT]/APP/STREAM"),
  MG_PROP_STRING(Pull, key_file, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE | MG_PROP_PRIVATE_FILE,
                 "file with a key for it"),
  MG_PROP_STRING(Pull, tls_ca, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file of authorities that vouch for the server, in place of the system's"),
  MG_PROP_BOOL(Pull, tls_verify, "yes", 0, "whether the server of rtmps:// has to prove its name"),
  MG_PROP_TIME(Pull, timeout, "10s", "100ms", "5m", 0, "longest time until playing begins"),
  MG_PROP_TIME(Pull, media_timeout, "15s", "100ms", "5m", 0, "from then to the first media"),
  MG_PROP_TIME(Pull, input_timeout, "5s", "100ms", "5m", 0, "without media, the stream has gone"),
  MG_PROP_STRING(Pull, play_as, NULL, MG_PROP_NOT_EMPTY,
                 "APP/STREAM under which it may be played from an ingest-rtmp with play=\"yes\""),
  MG_PROP_TIME(Pull, retry, "30s", "100ms", "1h", 0, "longest pause between two attempts"),
  { 0 },
};

/* --- when it does not work --------------------------------------------------------------------- */

static void
pause_calls(Pull *self, const char *reason)
{
  if (self->begun != 0 && mg_now() - self->begun > LIVED_LONG)
    self->n_failures = 0;
  pull_end_media(self);
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
give_up(Pull *self, const char *reason)
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
on_started(Pull *self)
{
  mg_connection_set_patient(self->call->connection, TRUE);
  self->is_playing = TRUE;
  mg_debug(self->node, "waits for media from %s", self->target.tc_url);
  if (self->begun == 0)
    mg_timer_start_in(&self->silence, self->media_timeout);
}

static void
handle(Pull *self, MgRtmpCallerEvent *event, const GError *error)
{
  switch (event->kind) {
  case MG_RTMP_CALLER_STARTED: on_started(self); break;
  case MG_RTMP_CALLER_DATA:
  case MG_RTMP_CALLER_AUDIO:
  case MG_RTMP_CALLER_VIDEO: pull_take(self, event); break;
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
    pull_count(call->owner);
  call_send(call);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Call *call = data;
  Pull *owner = call->owner;
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
make_caller(Pull *self, const guint8 *random)
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
  Pull *self = data;
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
  Pull *self = data;
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
find_target(Pull *self, GError **error)
{
  static const MgRtmpKeyFiles key_files = { mg_secret_read, mg_secret_free };
  if (!mg_rtmp_url_parse_with(self->url, self->key_file, &key_files, &self->target, error))
    return FALSE;
  if (self->target.is_tls)
    self->trust = mg_tls_trust_new_for(self->tls_verify, self->tls_ca, error);
  return !self->target.is_tls || self->trust != NULL;
}

/* Where it may be played from. FALSE: nowhere, though it is to be. */
static gboolean
find_players(Pull *self, MgNode *node, GError **error)
{
  gpointer ingest;
  if (self->play_as == NULL)
    return TRUE;
  if (mg_service_find(node, INGEST_PLAY_SERVICE, &ingest, NULL) == NULL) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_UNSUPPORTED,
                        "play-as: the file has no <ingest-rtmp play=\"yes\"> to play it from");
    return FALSE;
  }
  self->players = ingest_ref(ingest);
  self->played = g_strsplit(self->play_as, "/", 2);
  return TRUE;
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Pull *self = mg_node_self(node);
  if (!find_target(self, error) || !find_players(self, node, error)) {
    mg_rtmp_url_clear(&self->target);
    g_clear_pointer(&self->trust, mg_tls_trust_unref);
    return FALSE;
  }
  self->node = node;
  mg_timer_init(&self->again, start_call, self);
  mg_timer_init(&self->silence, on_silence, self);
  media_counters_init(&self->counters, node);
  self->starts = mg_counter(node, "starts", "how often the stream began");
  start_call(self);
  return TRUE;
}

static void
stop(Pull *self)
{
  mg_timer_stop(&self->again);
  mg_timer_stop(&self->silence);
  if (self->call != NULL)
    call_close(g_steal_pointer(&self->call), "the pipeline ends");
  if (self->media != NULL)
    pull_drop_media(self);
}

static void
drain_node(MgNode *node)
{
  stop(mg_node_self(node));
}

static void
close_node(MgNode *node)
{
  Pull *self = mg_node_self(node);
  stop(self);
  mg_rtmp_url_clear(&self->target);
  mg_tls_trust_unref(self->trust);
  if (self->players != NULL)
    ingest_unref(self->players);
  g_strfreev(self->played);
}

static gboolean
is_played_name(const char *text)
{
  g_auto(MgRtmpName) name = { 0 };
  g_autofree char *whole = NULL;
  if (!mg_rtmp_name_parse(text, NULL, NULL, &name, NULL))
    return FALSE;
  whole = g_strdup_printf("%s/%s", name.app, name.stream);
  return strcmp(whole, text) == 0;
}

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Pull *self = data;
  g_auto(MgRtmpUrl) url = { 0 };
  g_autoptr(GError) error = NULL;
  if (!mg_rtmp_url_parse(self->url, self->key_file != NULL ? "key" : NULL, &url, &error))
    mg_check_refuse(check, "url", "%s", error->message);
  if (self->play_as != NULL && !is_played_name(self->play_as))
    mg_check_refuse(check, "play_as", "it is not written APP/STREAM, as in live/studio");
}

static const MgCodec codecs[] = { MEDIA_VIDEO_CODECS, MEDIA_AUDIO_CODECS, MG_CODEC_NONE };

const MgNodeClass pull_rtmp_class = {
  .size = sizeof(MgNodeClass),
  .name = "ingest-rtmp",
  .mode = "pull",
  .help = "plays a stream from another server by RTMP",
  .instance_size = sizeof(Pull),
  .props = props,
  .role = MG_ROLE_SOURCE,
  .run = MG_RUN_INLINE,
  .gives = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_PACKET, codecs },
  .open = open_node,
  .drain = drain_node,
  .close = close_node,
  .check = check_props,
};
