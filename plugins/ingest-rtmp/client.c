#include "client.h"

#include <rtmp/error.h>

#include <string.h>
#include <sys/random.h>

/* How long the last words may take to reach a peer. */
#define LINGER MG_SECOND

/* Beyond this the output's memory is given back: a handshake takes 3 KiB, and then nothing does. */
enum { OUTPUT_KEPT_BYTES = 1024 };

/* --- output ------------------------------------------------------------------------------------ */

void
client_send(Client *c)
{
  MgWriter *out = rtmp_server_output(c->server);
  if (out->size == 0)
    return;
  if (c->cipher != NULL)
    mg_rc4_apply(&c->cipher->out, out->data, out->size);
  c->link.class->write(c->link.carrier, out->data, out->size);
  if (out->room > OUTPUT_KEPT_BYTES)
    mg_writer_clear(out);
  else
    mg_writer_reset(out);
}

/* A copy that is encrypted. */
static void
write_encrypted(Client *c, const guint8 *bytes, gsize size)
{
  g_autofree guint8 *secret = g_memdup2(bytes, size);
  mg_rc4_apply(&c->cipher->out, secret, size);
  c->link.class->write(c->link.carrier, secret, size);
}

void
client_write(Client *c, gconstpointer bytes, gsize size)
{
  if (c->cipher != NULL)
    write_encrypted(c, bytes, size);
  else
    c->link.class->write(c->link.carrier, bytes, size);
}

void
client_write_data(Client *c, MgData *data, gsize offset, gsize size)
{
  if (c->cipher != NULL)
    write_encrypted(c, data->bytes + offset, size);
  else
    c->link.class->write_data(c->link.carrier, mg_data_ref(data), offset, size);
}

gsize
client_most_queued(const Client *c)
{
  return c->has_played ? INGEST_MOST_MEDIA_BYTES : INGEST_MOST_REPLY_BYTES;
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
finish(Client *c, const char *reason, MgTime linger)
{
  if (c->phase == CLIENT_CLOSING)
    return;
  client_enter(c, CLIENT_CLOSING);
  client_end_media(c, reason);
  client_send(c);
  c->link.class->close(c->link.carrier, reason, linger);
}

void
client_finish(Client *c, const char *reason)
{
  finish(c, reason, LINGER);
}

void
client_starve(Client *c)
{
  if (c->phase == CLIENT_CLOSING)
    return;
  g_autofree char *why = budget_complain(&c->ingest->budget, c->ingest->node, client_peer(c));
  finish(c, why, 0);
}

static void
on_crowded_out(gpointer data)
{
  finish(data, "newer connections need its place", 0);
}

/* --- pings ------------------------------------------------------------------------------------- */

void
client_restart_ping(Client *c)
{
  c->has_pinged = FALSE;
  mg_timer_start_in(&c->ping, c->ingest->times.ping_interval);
}

/* Peers that do not answer pings are forgiven as long as they send anything. */
static void
on_ping(gpointer data)
{
  Client *c = data;
  MgTime now = mg_now();
  gboolean is_alive = now - c->received_at < c->ingest->times.ping_interval;
  if (c->has_pinged && !is_alive) {
    if (c->publication != NULL)
      rtmp_server_evict(c->server, "no sign of life");
    client_finish(c, "no answer to a ping");
    return;
  }
  client_restart_ping(c);
  c->has_pinged = TRUE;
  rtmp_server_ping(c->server, (guint32) (now / MG_MILLISECOND));
  client_send(c);
}

/* --- deadlines --------------------------------------------------------------------------------- */

static MgTime
patience(const Client *c, ClientPhase phase)
{
  const IngestTimes *times = &c->ingest->times;
  switch (phase) {
  case CLIENT_HANDSHAKE: return times->handshake_timeout;
  case CLIENT_CONNECTING: return times->publish_timeout;
  case CLIENT_STARTING: return times->media_timeout;
  case CLIENT_PUBLISHING: return times->input_timeout;
  case CLIENT_ASKING:
  case CLIENT_PLAYING:
  case CLIENT_CLOSING: break;
  }
  return 0;
}

gboolean
client_is_admitted(const Client *c)
{
  return c->phase == CLIENT_STARTING || c->phase == CLIENT_PUBLISHING || c->phase == CLIENT_PLAYING;
}

void
client_enter(Client *c, ClientPhase phase)
{
  MgTime delay = patience(c, phase);
  c->phase = phase;
  if (client_is_admitted(c) || phase == CLIENT_CLOSING)
    guest_settle(c->guest);
  else
    guest_wait(c->guest);
  c->link.class->set_patient(c->link.carrier,
                             phase == CLIENT_PUBLISHING || phase == CLIENT_PLAYING);
  if (delay > 0)
    mg_timer_start_in(&c->deadline, delay);
  else
    mg_timer_stop(&c->deadline);
}

static void
miss_deadline(Client *c, const char *what)
{
  gdouble seconds = (gdouble) patience(c, c->phase) / MG_SECOND;
  g_autofree char *reason = g_strdup_printf("%s for %g s", what, seconds);
  if (c->publication != NULL)
    rtmp_server_evict(c->server, reason);
  else
    mg_debug(c->ingest->node, "%s: %s", client_peer(c), reason);
  client_finish(c, reason);
}

static void
on_deadline(gpointer data)
{
  Client *c = data;
  MgTime until = c->media_seen + c->ingest->times.input_timeout;
  switch (c->phase) {
  case CLIENT_HANDSHAKE: miss_deadline(c, "no handshake"); break;
  case CLIENT_CONNECTING: miss_deadline(c, "nothing published or played"); break;
  case CLIENT_STARTING: miss_deadline(c, "published, and no media"); break;
  case CLIENT_PUBLISHING:
    if (until > mg_now())
      mg_timer_start_at(&c->deadline, until);
    else
      miss_deadline(c, "no media");
    break;
  case CLIENT_ASKING:
  case CLIENT_PLAYING:
  case CLIENT_CLOSING: break;
  }
}

/* --- input ------------------------------------------------------------------------------------- */

/* What publishers are refused for is for the operator; what strangers send is not. */
static void
on_failed(Client *c, const GError *error)
{
  const char *peer = client_peer(c);
  const char *why = error->message;
  if (c->is_starved) {
    client_starve(c);
    return;
  }
  if (g_error_matches(error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY) && !client_is_admitted(c))
    why = "it sends more than what is for those that have not published or played yet";
  if (g_error_matches(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME)) {
    mg_counter_add(c->ingest->refused, 1);
    mg_warning(c->ingest->node, "publisher %s is refused: %s", peer, error->message);
  } else if (c->publication == NULL && c->phase == CLIENT_HANDSHAKE) {
    mg_debug(c->ingest->node, "%s: %s", peer, error->message);
  } else if (c->publication == NULL) {
    mg_info(c->ingest->node, "%s: %s", peer, why);
  }
  client_finish(c, why);
}

/* FALSE: nothing more is to be read for now. */
static gboolean
handle(Client *c, RtmpEvent *event, const GError *error)
{
  switch (event->kind) {
  case RTMP_EVENT_MORE:
  case RTMP_EVENT_ENCRYPTED: return FALSE;
  case RTMP_EVENT_CONNECT: client_ask_connect(c); break;
  case RTMP_EVENT_PUBLISH: client_ask(c); break;
  case RTMP_EVENT_PLAY: client_ask_play(c); break;
  case RTMP_EVENT_WISH: client_change_wish(c); break;
  case RTMP_EVENT_STOP: client_stopped_playing(c); break;
  case RTMP_EVENT_DATA:
  case RTMP_EVENT_AUDIO:
  case RTMP_EVENT_VIDEO: client_take_media(c, event); break;
  case RTMP_EVENT_UNPUBLISH: client_unpublished(c); break;
  case RTMP_EVENT_FAILED: on_failed(c, error); break;
  }
  return c->phase != CLIENT_ASKING && c->phase != CLIENT_CLOSING;
}

static void
keep_rest(Client *c, MgReader *in)
{
  gsize n = mg_reader_left(in);
  budget_owe(&c->ingest->budget, n);
  c->rest = g_malloc(n + 1); /* never NULL */
  memcpy(c->rest, mg_reader_take(in, n), n);
  c->rest_size = n;
}

static void
feed_encrypted(Client *c, const guint8 *bytes, gsize size)
{
  g_autofree guint8 *clear = g_memdup2(bytes, size);
  mg_rc4_apply(&c->cipher->in, clear, size);
  client_feed(c, clear, size);
}

/* The handshake is over, and its answer goes out as it is; everything behind it is encrypted. */
static void
begin_encryption(Client *c, MgReader *in)
{
  gsize size = mg_reader_left(in);
  client_send(c);
  c->cipher = rtmp_server_take_cipher(c->server);
  feed_encrypted(c, mg_reader_take(in, size), size);
}

void
client_feed(Client *c, const guint8 *bytes, gsize size)
{
  g_autoptr(GError) error = NULL;
  MgReader in = MG_READER(bytes, size);
  RtmpEvent event;
  do
    rtmp_server_next(c->server, &in, &event, &error);
  while (handle(c, &event, error));
  if (event.kind == RTMP_EVENT_ENCRYPTED) {
    begin_encryption(c, &in);
    return;
  }
  if (c->phase == CLIENT_ASKING)
    keep_rest(c, &in); /* and leave the connection alone: it may be on its way */
  if (c->phase == CLIENT_ASKING || c->phase == CLIENT_CLOSING)
    return;
  if (c->phase == CLIENT_HANDSHAKE && rtmp_server_is_past_handshake(c->server))
    client_enter(c, CLIENT_CONNECTING);
  if (c->media != NULL)
    client_count_media(c);
  client_send(c);
}

/* --- memory ------------------------------------------------------------------------------------ */

static gpointer
new_block(gsize size, guint8 **bytes, gpointer user)
{
  Client *c = user;
  if (!client_is_admitted(c) && c->held + size > INGEST_GUEST_BYTES)
    return NULL;
  c->is_starved = !budget_take(&c->ingest->budget, size);
  if (c->is_starved)
    return NULL;
  gpointer block = ingest_memory.alloc(size, bytes, NULL);
  if (block == NULL)
    budget_give(&c->ingest->budget, size);
  else
    c->held += size;
  return block;
}

void
client_hand_over(Client *c, gconstpointer block)
{
  gsize size = ((const MgData *) block)->size;
  c->held -= size;
  budget_give(&c->ingest->budget, size);
}

static void
free_block(gpointer block, gpointer user)
{
  client_hand_over(user, block);
  ingest_memory.free(block, NULL);
}

static const MgRtmpMemory client_memory = { new_block, free_block };

/* --- the link ---------------------------------------------------------------------------------- */

static gboolean
fill_random(guint8 *bytes, gsize size)
{
  return getrandom(bytes, size, 0) == (gssize) size;
}

Client *
client_new(Ingest *ingest, Link link)
{
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  if (!fill_random(random, sizeof random))
    return NULL;
  Client *c = g_new0(Client, 1);
  c->ingest = ingest;
  c->link = link;
  c->config = ingest->config;
  c->config.memory = &client_memory;
  c->config.user = c;
  c->server = rtmp_server_new(&c->config, random);
  c->guest = guest_new(ingest, on_crowded_out, c);
  mg_timer_init(&c->deadline, on_deadline, c);
  mg_timer_init(&c->ping, on_ping, c);
  client_enter(c, CLIENT_HANDSHAKE);
  return c;
}

static void
allow_encryption(Client *c)
{
  guint8 secret[32];
  if (c->protocols & (PROTOCOL_RTMPE | PROTOCOL_RTMPTE) && fill_random(secret, sizeof secret))
    rtmp_server_allow_encryption(c->server, secret);
}

gboolean
client_begin(Client *c, guint8 first, Carrier carrier)
{
  guint protocols = protocols_of_byte(first, carrier);
  c->protocols = protocols & c->ingest->protocols;
  if (protocols == 0 || c->protocols != 0) {
    allow_encryption(c);
    return TRUE;
  }
  g_autofree char *reason = g_strdup_printf("%s is not among the protocols that are taken here",
                                            protocol_name(protocols));
  mg_info(c->ingest->node, "%s is hung up on: %s", client_peer(c), reason);
  client_finish(c, reason);
  return FALSE;
}

gboolean
client_has_begun(const Client *c)
{
  return c->protocols != 0;
}

void
client_receive(Client *c, const guint8 *bytes, gsize size)
{
  if (c->phase == CLIENT_CLOSING)
    return;
  c->arrival = c->received_at = mg_now();
  if (c->cipher != NULL)
    feed_encrypted(c, bytes, size);
  else
    client_feed(c, bytes, size);
}

void
client_note_failure(const Client *c, const char *reason)
{
  if (c->phase == CLIENT_HANDSHAKE)
    mg_info(c->ingest->node, "%s: %s", client_peer(c), reason);
}

const char *
client_peer(const Client *c)
{
  return c->link.class->peer(c->link.carrier);
}

void
client_closed(Client *c, const char *reason)
{
  client_enter(c, CLIENT_CLOSING);
  client_stop_asking(c);
  client_end_media(c, reason);
  guest_free(c->guest);
  rtmp_server_free(c->server);
  g_free(c->login);
  g_free(c->cipher);
  g_free(c);
}
