/*
 * ingest-rtmp: takes streams that encoders push by RTMP.
 *
 * Listens for encoders (OBS, FFmpeg, GStreamer, hardware). Each stream that one publishes becomes a
 * session of the pipeline, with ${app} and ${stream} from its URL. Its tracks are "video" and "audio", and
 * "video1", "audio1" … of encoders that send several; further videos are qualities of the first. Video is
 * H.264, and by Enhanced RTMP HEVC, AV1, VP9, VP8 or VVC; audio is AAC or MP3, and by Enhanced RTMP Opus,
 * FLAC, AC-3 or E-AC-3. Times are cleaned; the payload is never copied on its way out.
 *
 *   <pipeline name="live">
 *     <ingest-rtmp id="rtmp" listen="0.0.0.0:1935" app="live"/>
 *     <segment-cmaf id="cmaf" from="rtmp"/>
 *     <out-hls from="cmaf"/>
 *   </pipeline>
 *
 * listen: the address and port. 1935 is RTMP's.
 * app: the only app that may be published to, the first part of the URL's path; others are refused.
 *   Without it any is taken. Publishers that name no app get this one, or "live".
 * handshake-timeout, publish-timeout: how long a peer may take for the handshake, and then until it
 *   publishes. media-timeout: from then to the first media. None of them moves when bytes come.
 * input-timeout: a publisher that sends no media for so long has gone, as when its network has died; the
 *   session lingers for another one.
 * tunnel-timeout: of RTMPT: who asks nothing for so long has gone, even if it has not said so. Clients ask
 *   several times a second; ten seconds are for a proxy that changes its connection.
 * ping-interval: how often publishers are asked for a sign of life.
 * chunk-size: of what is sent to encoders, which is little.
 * tls-certificate, tls-key: PEM files; with them encoders may connect by rtmps://, to the same port. The key
 *   may be in the certificate's file. Files that are replaced are read again, and nobody is disconnected.
 * protocols: what may be spoken, "rtmp rtmps", as far as there is a certificate; "rtmps" takes nothing in
 *   the clear. What is of old has to be asked for: "rtmpt", "rtmpts",
 *   "rtmpe" and "rtmpte"; the latter two are no security.
 * max-connections, max-per-address: more are turned away. An address is one of IPv4, or an IPv6 /64.
 * max-waiting: of all connections, those that have not published or played yet; more crowd out the oldest
 *   ones, which "crowded-out" counts. As a rule half of max-connections: the other half is for who publishes.
 * max-message, max-unfinished, max-chunk-streams: of one connection, which is closed when it wants more: the
 *   largest message, the memory of all that have begun and are not whole, and the chunk streams they come on.
 * max-memory: of all connections together, for what has begun to come, waits to be sent or is late at players. Who
 *   asks for more is closed ("starved"), nobody else. "memory-bytes" says how much it is.
 * play: "yes": what is published may be played by RTMP, too, under the same URL. "no" unless asked for: who
 *   takes streams need not hand them out. max-players: of one stream. play-linger: how long players wait for a
 *   publisher that has gone; as a rule the pipeline's linger. Players get H.264, AAC and MP3, and what else
 *   they have said by Enhanced RTMP that they know; they begin at the last key frame. Those that are slow lose
 *   pictures (missed-messages), and nobody waits for them.
 *
 * mode: "listen", or "pull": then nothing listens, and the pipeline runs one stream, which is played from
 *   another server and named like the pipeline; behind a failover it stands in for publishers, in their
 *   sessions. Its attributes are others:
 *
 *   <ingest-rtmp id="rtmp" mode="pull" url="rtmp://origin.example/live/studio"/>
 *
 *   url: what to play, rtmp[s]://HOST[:PORT]/APP/STREAM; ${app} and ${stream} are the session's. Never shown.
 *   key-file: a file whose first line goes behind a URL that ends in '/' or '=', is the stream's name where
 *     the URL names an app only, and goes into ?key= else.
 *   tls-ca: a PEM file of authorities that vouch for the server of rtmps://, in place of the system's.
 *     tls-verify="no": any server will do.
 *   timeout: until the server plays. media-timeout: from then to the first media. input-timeout: without
 *     media the stream has gone. Then, or when the server is down or refuses, it is called again.
 *   retry: longest pause between two calls; the first one is a second.
 *
 *   play-as: APP/STREAM under which it may be played from the first <ingest-rtmp play="yes"> of the file.
 *
 * With an <auth> at the top of the file publishers need a key, and streams are called what it says. Players
 * need none; the webhook may refuse them.
 *
 * Names are made of A-Z a-z 0-9 . _ -. A track of any other codec is dropped, counted (unknown-codec) and
 * named in the log; the connection and the other tracks stay.
 */
#include "node.h"

#include "cast.h"
#include "door.h"
#include "guest.h"
#include "media.h"
#include "pull.h"
#include "tunnel.h"

#include <string.h>

typedef struct {
  gint mode; /* properties, to protocols */
  char *listen, *app;
  MgTime handshake_timeout, publish_timeout, media_timeout, input_timeout, tunnel_timeout,
      ping_interval;
  gint64 max_connections, max_per_address, max_waiting, chunk_size;
  gint64 max_message, max_unfinished, max_chunk_streams, max_memory;
  char *tls_certificate, *tls_key;
  gboolean play;
  gint64 max_players;
  MgTime play_linger;
  gint protocols; /* 0: all that can be spoken */
  Ingest *ingest;
  guint n_told; /* publishers, when it drains: to connect again */
} Self;

static const MgChoice protocol_choices[] = {
  { "rtmp", PROTOCOL_RTMP, "RTMP as it is" },
  { "rtmps", PROTOCOL_RTMPS, "RTMP in TLS; needs tls-certificate" },
  { "rtmpe", PROTOCOL_RTMPE, "RTMP in RC4, for old encoders: no security" },
  { "rtmpt", PROTOCOL_RTMPT, "RTMP in HTTP requests" },
  { "rtmpts", PROTOCOL_RTMPTS, "RTMP in HTTPS requests; needs tls-certificate" },
  { "rtmpte", PROTOCOL_RTMPTE, "RTMPE in HTTP requests" },
  { NULL, 0, NULL },
};

static const MgProp props[] = {
  MG_PROP_ENUM(Self, mode, "listen", ingest_modes, 0, "who calls whom"),
  MG_PROP_ADDRESS(Self, listen, "0.0.0.0:1935", MG_PROP_LISTEN_TCP, "where encoders connect to"),
  MG_PROP_NAME(Self, app, NULL, 0, "the only app that may be published to"),
  MG_PROP_TIME(Self, handshake_timeout, "10s", "100ms", "60s", 0, "longest handshake"),
  MG_PROP_TIME(Self, publish_timeout, "10s", "100ms", "60s", 0, "from the handshake to publish"),
  MG_PROP_TIME(Self, media_timeout, "15s", "100ms", "5m", 0, "from publish to the first media"),
  MG_PROP_TIME(Self, input_timeout, "5s", "100ms", "5m", 0, "without media, a publisher has gone"),
  MG_PROP_TIME(Self, tunnel_timeout, "10s", "1s", "5m", 0, "without a request, a tunnel has gone"),
  MG_PROP_TIME(Self, ping_interval, "30s", "100ms", "1h", 0, "how often publishers are pinged"),
  MG_PROP_INT(Self, max_connections, "2000", "1", "1000000", 0, "connections at one time"),
  MG_PROP_INT(Self, max_per_address, "100", "1", "1000000", 0, "connections from one address"),
  MG_PROP_INT(Self, max_waiting, "0", "0", "1000000", 0,
              "connections that have not published or played yet; 0: half of max-connections"),
  MG_PROP_SIZE(Self, max_message, "16MiB", "64KiB", "16MiB", 0, "largest message"),
  MG_PROP_SIZE(Self, max_unfinished, "24MiB", "64KiB", "1GiB", 0,
               "memory for unfinished messages of one connection"),
  MG_PROP_INT(Self, max_chunk_streams, "64", "8", "1024", 0, "chunk streams of one connection"),
  MG_PROP_SIZE(Self, max_memory, "1GiB", "64KiB", "1TiB", 0, "memory of all connections together"),
  MG_PROP_INT(Self, chunk_size, "4096", "128", "65536", 0, "of what is sent, in bytes"),
  MG_PROP_BOOL(Self, play, "no", 0, "whether streams may be played by RTMP, too"),
  MG_PROP_INT(Self, max_players, "1000", "1", "1000000", 0, "players of one stream"),
  MG_PROP_TIME(Self, play_linger, "10s", "0s", "24h", 0,
               "how long players wait for a publisher that has gone"),
  MG_PROP_STRING(Self, tls_certificate, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file; encoders may then use rtmps://"),
  MG_PROP_STRING(Self, tls_key, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file of its private key, if it is not in the same"),
  MG_PROP_FLAGS(
      Self, protocols, NULL, protocol_choices, 0,
      "what may be spoken; rtmp, and rtmps if there is a certificate, when it is not given"),
  { 0 },
};

static gpointer
new_block(gsize size, guint8 **bytes, gpointer user)
{
  MgData *data = mg_data_new(size);
  if (data != NULL)
    *bytes = data->bytes;
  return data;
}

static void
free_block(gpointer block, gpointer user)
{
  mg_data_unref(block);
}

const MgRtmpMemory ingest_memory = { new_block, free_block };

/* A peer that acknowledges nothing for so long has gone. */
enum { USER_TIMEOUT_MS = 20000 };

/* How long publishers that have been asked to connect again may go on: a handshake or two across the world. */
#define NOTICE MG_SECOND

/* What may be spoken. */
static Protocol
protocols_of(const Self *self)
{
  if (self->protocols != 0)
    return (Protocol) self->protocols;
  return self->tls_certificate != NULL ? PROTOCOL_RTMP | PROTOCOL_RTMPS : PROTOCOL_RTMP;
}

static guint
most_waiting(const Self *self)
{
  return (guint) (self->max_waiting > 0 ? self->max_waiting : MAX(self->max_connections / 2, 1));
}

/* An auth element is asked when there is one; what it is asked about may be a key. */
static void
use_auth(Ingest *ingest, MgNode *node)
{
  gpointer service;
  ingest->auth = mg_service_find(node, MG_AUTH_SERVICE, &service, NULL);
  if (ingest->auth == NULL)
    return;
  ingest->auth_service = ingest->auth->hold(service);
  ingest->config.hides_names = TRUE;
  ingest->config.tells_connect = ingest->auth->wants_connect(service);
}

static Ingest *
ingest_new(MgNode *node, const Self *self)
{
  Ingest *ingest = g_new0(Ingest, 1);
  ingest->ref_count = 1;
  ingest->node = node;
  ingest->casts = g_hash_table_new(g_str_hash, g_str_equal);
  ingest->most_players = (guint) self->max_players;
  ingest->play_linger = self->play_linger;
  ingest->tunnels = g_hash_table_new(g_str_hash, g_str_equal);
  ingest->most = (guint) self->max_connections;
  ingest->most_per_address = (guint) self->max_per_address;
  ingest->most_waiting = most_waiting(self);
  g_mutex_init(&ingest->lock);
  ingest->app = g_strdup(self->app);
  ingest->protocols = protocols_of(self);
  ingest->times =
      (IngestTimes){ self->handshake_timeout, self->publish_timeout, self->media_timeout,
                     self->input_timeout,     self->ping_interval,   self->tunnel_timeout };
  ingest->limits = (MgRtmpLimits){ (gsize) self->max_message, (gsize) self->max_unfinished,
                                   (guint) self->max_chunk_streams };
  ingest->config = (RtmpServerConfig){
    .app = ingest->app,
    .chunk_size = (guint32) self->chunk_size,
    .plays = self->play,
    .video = media_video_codecs,
    .audio = media_audio_codecs,
    .limits = &ingest->limits,
  };
  use_auth(ingest, node);
  media_counters_init(&ingest->counters, node);
  ingest->refused = mg_counter(node, "refused", "publishers that were refused");
  ingest->crowded_out = mg_counter(
      node, "crowded-out", "connections that newer ones took the place of, before they published");
  ingest->budget = (Budget){
    .most = (gsize) self->max_memory,
    .gauge = mg_counter(node, "memory-bytes", "memory of all connections"),
    .starved =
        mg_counter(node, "starved", "connections that were closed because max-memory was used up"),
  };
  ingest->missed = mg_counter(node, "missed-messages", "messages that slow players did not get");
  mg_node_hold(node);
  return ingest;
}

Ingest *
ingest_ref(Ingest *ingest)
{
  g_atomic_int_inc(&ingest->ref_count);
  return ingest;
}

void
ingest_unref(gpointer data)
{
  Ingest *ingest = data;
  if (!g_atomic_int_dec_and_test(&ingest->ref_count))
    return;
  g_hash_table_unref(ingest->casts);
  g_hash_table_unref(ingest->tunnels);
  g_mutex_clear(&ingest->lock);
  if (ingest->auth != NULL)
    ingest->auth->release(ingest->auth_service);
  mg_node_release(ingest->node);
  g_free(ingest->app);
  g_free(ingest);
}

/* The URLs to push to. */
static void
announce(MgNode *node, const Self *self, const char *scheme)
{
  g_autofree char *host = mg_listener_url_host(self->ingest->listener);
  g_autofree char *url =
      g_strdup_printf("%s://%s/%s/<stream>", scheme, host, self->app ? self->app : "<app>");
  mg_node_announce(node, MG_URL_PUSH, url);
}

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  gboolean has_certificate = self->tls_certificate != NULL;
  if (self->tls_key != NULL && !has_certificate)
    mg_check_refuse(check, "tls_key", "it is of no use without a tls-certificate");
  if (protocols_of(self) & (PROTOCOL_RTMPS | PROTOCOL_RTMPTS) && !has_certificate)
    mg_check_refuse(check, "protocols", "rtmps and rtmpts need a tls-certificate");
  if (self->max_waiting >= self->max_connections && self->max_connections > 1)
    mg_check_refuse(check, "max_waiting",
                    "it has to be less than max-connections: the rest is for who publishes");
  if (self->max_unfinished < self->max_message)
    mg_check_refuse(check, "max_unfinished", "it has to be as large as max-message");
  if (self->max_memory < self->max_unfinished)
    mg_check_refuse(check, "max_memory", "it has to be as large as max-unfinished");
}

/* Returned-owned, or NULL and ERROR. */
static MgListener *
start_listening(const Self *self, Ingest *ingest, GError **error)
{
  g_autoptr(MgTlsContext) tls = NULL;
  if (self->tls_certificate != NULL) {
    tls = mg_tls_context_new(self->tls_certificate, self->tls_key, error);
    if (tls == NULL)
      return NULL;
    mg_tls_context_name(tls, mg_node_id(ingest->node));
  }
  MgListenOptions options = {
    .size = sizeof options,
    .max_connections = (guint) self->max_connections,
    .max_per_address = (guint) self->max_per_address,
    .user_timeout_ms = USER_TIMEOUT_MS,
    .quick_ack = TRUE,
    .max_write_queue_bytes = self->play ? INGEST_MOST_MEDIA_BYTES : INGEST_MOST_REPLY_BYTES,
    .tls = tls,
    .tls_is_optional = TRUE, /* so that who speaks something else can be told apart */
  };
  return mg_listener_new(self->listen, &door_events, ingest, &options, error);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  Ingest *ingest = ingest_new(node, self);
  ingest->listener = start_listening(self, ingest, error);
  if (ingest->listener == NULL) {
    ingest_unref(ingest);
    return FALSE;
  }
  self->ingest = ingest;
  if (self->play) /* another listener may have done that already: then that one plays what is pulled */
    mg_service_offer(node, INGEST_PLAY_SERVICE, ingest, ingest, NULL);
  for (const MgChoice *choice = protocol_choices; choice->word != NULL; choice++)
    if (ingest->protocols & (Protocol) choice->value)
      announce(node, self, choice->word);
  return TRUE;
}

/* New peers are turned away. Those that publish are told when their sessions end. */
static void
drain_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  g_atomic_int_set(&self->ingest->is_draining, TRUE);
  casts_drain(self->ingest);
  self->n_told = guests_drain(self->ingest);
}

static MgTime
notice(MgNode *node)
{
  const Self *self = mg_node_self(node);
  return self->n_told > 0 ? NOTICE : 0;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  casts_end(self->ingest);
  tunnels_end(self->ingest);
  mg_listener_close(self->ingest->listener, ingest_unref, self->ingest);
}

static const MgCodec codecs[] = { MEDIA_VIDEO_CODECS, MEDIA_AUDIO_CODECS, MG_CODEC_NONE };

static const MgNodeClass *const variants[] = { &pull_rtmp_class, NULL };

const MgNodeClass ingest_rtmp_class = {
  .size = sizeof(MgNodeClass),
  .name = "ingest-rtmp",
  .variants = variants,
  .help = "takes streams that encoders push by RTMP",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_LISTENER,
  .run = MG_RUN_INLINE,
  .gives = { MG_MEDIA_VIDEO | MG_MEDIA_AUDIO, MG_FORM_PACKET, codecs },
  .open = open_node,
  .drain = drain_node,
  .notice = notice,
  .push_scheme = "rtmp",
  .close = close_node,
  .check = check_props,
};
