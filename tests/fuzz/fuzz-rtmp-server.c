/*
 * Any bytes as what a publisher says after the handshake, through the whole way: commands, answers,
 * media, packets. They are read twice, whole and in pieces that the first byte decides; both must come
 * to the same events. Packets must keep every promise of buffer.h.
 */
#include "ingest-rtmp/media.h"
#include "ingest-rtmp/player.h"
#include "ingest-rtmp/server.h"
#include "util/log.h"

#include <codec/nal.h>
#include <rtmp/error.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

typedef struct {
  MgStream *stream; /* as last declared */
  gboolean has_last, is_fresh;
  MgTime last;
} Port;

typedef struct {
  RtmpServerConfig config;
  RtmpServer *server;
  Media *media;
  Port ports[32];
  guint n_ports;
  MgTime now;
  guint n_asked;
  PlayCache cache; /* what was published, and then what may be played of it */
  PlayFacts facts;
  Player player;
  MgRtmpChunkReader *watching; /* what the player is sent */
  GChecksum *seen;
  GError *error;
} Host;

/* --- where media goes -------------------------------------------------------------------------- */

static gpointer
add(MgStream *stream, gpointer user)
{
  Host *h = user;
  g_assert(h->n_ports < G_N_ELEMENTS(h->ports));
  Port *port = &h->ports[h->n_ports++];
  *port = (Port){ .stream = stream, .is_fresh = TRUE };
  return port;
}

static void
change(gpointer data, MgStream *stream, gpointer user)
{
  Port *port = data;
  port->stream = stream;
  port->is_fresh = TRUE;
}

/* Of codecs that have NAL units. */
static void
check_units(const MgBuffer *buffer)
{
  g_autofree guint8 *bytes = g_malloc(buffer->size + 1);
  g_assert(mg_buffer_copy_out(buffer, bytes, buffer->size) == buffer->size);
  MgNal nal;
  MgNalIter it = mg_nal_iter(bytes, buffer->size, 4);
  while (mg_nal_next(&it, &nal))
    continue;
  g_assert(!mg_nal_iter_failed(&it));
}

/* For those that play. */
static void
keep(Host *h, const MgBuffer *buffer)
{
  gboolean is_video = mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO;
  MgStream **known = is_video ? &h->facts.video : &h->facts.audio;
  PlayItem *item = play_item_new(NULL, buffer, 0, 0);
  mg_stream_unref(*known);
  *known = mg_stream_ref(buffer->stream);
  if (item == NULL)
    return;
  play_cache_add(&h->cache, item);
  play_item_unref(item);
}

static void
push(gpointer data, MgBuffer *buffer, gpointer user)
{
  Host *h = user;
  Port *port = data;
  g_assert(buffer->stream == port->stream && buffer->size > 0);
  g_assert(buffer->pts >= buffer->dts && buffer->dts >= 0);
  g_assert(!port->has_last || buffer->dts > port->last);
  g_assert(!port->is_fresh || buffer->flags & MG_BUFFER_KEY);
  g_assert(!(buffer->flags & MG_BUFFER_DISCONT) || buffer->flags & MG_BUFFER_KEY);
  MgCodec codec = mg_stream_info(port->stream)->codec;
  if (codec == MG_CODEC_H264 || codec == MG_CODEC_HEVC || codec == MG_CODEC_VVC)
    check_units(buffer);
  port->has_last = TRUE;
  port->is_fresh = FALSE;
  port->last = buffer->dts;
  keep(h, buffer);
  mg_buffer_unref(buffer);
}

static const MediaOutput output = { add, change, push };

/* --- the host ---------------------------------------------------------------------------------- */

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

static const MgRtmpMemory memory = { new_block, free_block };

static void
end_media(Host *h)
{
  g_clear_pointer(&h->media, media_free);
  h->n_ports = 0;
}

/* Each third asker is refused. */
static void
answer(Host *h)
{
  const MgRtmpName *name = rtmp_server_name(h->server);
  g_assert(*name->app != '\0' && *name->stream != '\0' && *name->stream != '.');
  if (++h->n_asked % 3 == 0) {
    rtmp_server_refuse(h->server, "NetStream.Publish.Denied", "No.");
    return;
  }
  rtmp_server_accept(h->server);
  MediaSetup setup = { &output, h, 0, NULL, "fuzz" };
  h->media = media_new(&setup);
}

/* --- playing ----------------------------------------------------------------------------------- */

/* What a player is sent must be whole chunks of messages. */
static void
watch(gpointer user, gconstpointer bytes, gsize size)
{
  Host *h = user;
  MgReader in = MG_READER(bytes, size);
  MgRtmpMessage m;
  MgRtmpChunkState state;
  g_autoptr(GError) error = NULL;
  while ((state = mg_rtmp_chunk_reader_next(h->watching, &in, &m, &error)) ==
         MG_RTMP_CHUNK_MESSAGE) {
    g_assert(m.stream_id == h->player.stream_id && m.size > 0);
    mg_rtmp_chunk_reader_release(h->watching, &m);
  }
  if (g_error_matches(error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY))
    g_clear_pointer(&h->watching, mg_rtmp_chunk_reader_free);
  else
    g_assert_no_error(error);
}

static void
watch_data(gpointer user, MgData *data, gsize offset, gsize size)
{
  watch(user, data->bytes + offset, size);
}

static gsize
queued(gpointer user)
{
  return 0;
}

static gboolean
decodes(gpointer user, MgCodec codec)
{
  return rtmp_server_decodes(((Host *) user)->server, codec);
}

static gboolean
takes_tracks(gpointer user)
{
  return rtmp_server_takes_tracks(((Host *) user)->server);
}

static const PlayerOutput screen = { watch_data, watch, queued, decodes, takes_tracks };

static void
stop_playing(Host *h)
{
  player_clear(&h->player);
  g_clear_pointer(&h->watching, mg_rtmp_chunk_reader_free);
}

static void
answer_play(Host *h)
{
  static const guint8 chunk_size[] = { 2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0 };
  if (++h->n_asked % 3 == 0) {
    rtmp_server_refuse(h->server, "NetStream.Play.StreamNotFound", "No.");
    return;
  }
  rtmp_server_accept_play(h->server);
  stop_playing(h);
  h->watching = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  player_init(&h->player, &screen, h, rtmp_server_stream_id(h->server));
  watch(h, chunk_size, sizeof chunk_size);
  player_start(&h->player, &h->facts, &h->cache, h->now);
}

static void
note(Host *h, const RtmpEvent *event)
{
  const MgRtmpMessage *m = &event->message;
  const guint32 header[] = { event->kind, m->timestamp, (guint32) m->size };
  g_checksum_update(h->seen, (const guint8 *) header, sizeof header);
  if (m->size > 0)
    g_checksum_update(h->seen, m->data, (gssize) m->size);
}

static gboolean
handle(Host *h, RtmpEvent *event)
{
  if (event->kind != RTMP_EVENT_MORE)
    note(h, event);
  h->now += 10 * MG_MILLISECOND;
  switch (event->kind) {
  case RTMP_EVENT_CONNECT: rtmp_server_accept_connect(h->server); break;
  case RTMP_EVENT_PUBLISH: answer(h); break;
  case RTMP_EVENT_PLAY: answer_play(h); break;
  case RTMP_EVENT_WISH: player_want(&h->player, rtmp_server_wish(h->server)); break;
  case RTMP_EVENT_STOP: stop_playing(h); break;
  case RTMP_EVENT_DATA: media_take_data(h->media, &event->message); break;
  case RTMP_EVENT_AUDIO: media_take_audio(h->media, &event->message, h->now); break;
  case RTMP_EVENT_VIDEO: media_take_video(h->media, &event->message, h->now); break;
  case RTMP_EVENT_UNPUBLISH: end_media(h); break;
  case RTMP_EVENT_ENCRYPTED: g_assert_not_reached(); /* it is not allowed */
  case RTMP_EVENT_MORE:
  case RTMP_EVENT_FAILED: return FALSE;
  }
  return TRUE;
}

static void
feed(Host *h, const guint8 *data, gsize size)
{
  MgReader in = MG_READER(data, size);
  RtmpEvent event;
  do
    rtmp_server_next(h->server, &in, &event, &h->error);
  while (handle(h, &event));
  g_assert((event.kind == RTMP_EVENT_FAILED) == (h->error != NULL));
  g_assert(rtmp_server_output(h->server)->size <= 4096 + 64 * size);
  mg_writer_reset(rtmp_server_output(h->server));
}

/* Returned-owned: a checksum of what happened and how it ended; NULL when memory decided that. */
static char *
serve(const guint8 *data, gsize size, gsize piece)
{
  static const guint8 hello[1 + 2 * MG_RTMP_HANDSHAKE_BYTES] = { 3 };
  Host h = { .config = { "live", 4096, &memory, .plays = TRUE, .tells_connect = TRUE,
                         .video = media_video_codecs, .audio = media_audio_codecs },
             .seen = g_checksum_new(G_CHECKSUM_MD5) };
  play_cache_init(&h.cache);
  h.server = rtmp_server_new(&h.config, hello);
  feed(&h, hello, sizeof hello);
  for (gsize at = 0; at < size && h.error == NULL; at += piece)
    feed(&h, data + at, MIN(piece, size - at));
  gboolean had_memory = !g_error_matches(h.error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY);
  char *sum = had_memory ? g_strdup(g_checksum_get_string(h.seen)) : NULL;
  end_media(&h);
  stop_playing(&h);
  play_cache_clear(&h.cache);
  mg_stream_unref(h.facts.video);
  mg_stream_unref(h.facts.audio);
  rtmp_server_free(h.server);
  g_checksum_free(h.seen);
  g_clear_error(&h.error);
  return sum;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  mg_log_set_level(MG_LOG_ERROR);
  if (size < 1)
    return 0;
  g_autofree char *whole = serve(data + 1, size - 1, size);
  g_autofree char *in_pieces = serve(data + 1, size - 1, 1 + data[0] % 64);
  g_assert(whole == NULL || in_pieces == NULL || g_str_equal(whole, in_pieces));
  return 0;
}
