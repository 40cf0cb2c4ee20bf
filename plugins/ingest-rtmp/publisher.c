/*
 * Publishing: from the session's yes to the end of the publication, what comes goes through media.c into the session,
 * and to those that play it.
 */
#include "client.h"

static gpointer
add_track(MgStream *stream, gpointer user)
{
  Client *c = user;
  return mg_publication_add(c->publication, stream);
}

static void
change_track(gpointer port, MgStream *stream, gpointer user)
{
  mg_port_set_stream(port, stream);
}

static void
push_packet(gpointer port, MgBuffer *buffer, gpointer user)
{
  Client *c = user;
  if (c->cast != NULL)
    cast_push(c->cast, c, buffer);
  mg_push(port, buffer);
}

static const MediaOutput media_output = { add_track, change_track, push_packet };

/* Adds what has happened since the last time to the node's counters. */
static void
count(Client *c)
{
  media_count(c->media, &c->ingest->counters, &c->counted);
  if (c->ticket != NULL)
    c->ingest->auth->count(c->ticket, c->counted.bytes);
}

/* Media has a deadline that moves: notes that some has come, in whole messages or in part. */
static void
note_media(Client *c)
{
  guint64 bytes = rtmp_server_media_bytes(c->server);
  if (bytes <= c->media_bytes)
    return;
  c->media_bytes = bytes;
  c->media_seen = c->arrival;
}

void
client_count_media(Client *c)
{
  if (c->phase == CLIENT_PUBLISHING)
    note_media(c);
  count(c);
}

void
client_take_media(Client *c, RtmpEvent *event)
{
  if (event->message.block != NULL)
    client_hand_over(c, event->message.block);
  if (event->kind == RTMP_EVENT_DATA) {
    if (c->cast != NULL)
      cast_take_data(c->cast, c, &event->message);
    media_take_data(c->media, &event->message);
    return;
  }
  if (c->phase == CLIENT_STARTING && event->message.size > 0) {
    c->media_seen = c->arrival;
    client_enter(c, CLIENT_PUBLISHING);
  }
  if (event->kind == RTMP_EVENT_AUDIO)
    media_take_audio(c->media, &event->message, c->arrival);
  else
    media_take_video(c->media, &event->message, c->arrival);
}

/* --- begin and end ----------------------------------------------------------------------------- */

void
client_end_media(Client *c, const char *reason)
{
  mg_timer_stop(&c->ping);
  if (c->media != NULL)
    count(c);
  client_stop_playing(c);
  guest_on_drain(c->guest, NULL);
  g_clear_pointer(&c->media, media_free);
  if (c->cast != NULL)
    cast_unpublish(g_steal_pointer(&c->cast), c);
  if (c->publication != NULL)
    mg_publication_end(g_steal_pointer(&c->publication), reason);
  client_forget_admission(c, reason);
}

static void
ask_to_reconnect(Client *c, const char *reason)
{
  if (c->was_asked)
    return;
  c->was_asked = TRUE;
  rtmp_server_ask_to_reconnect(c->server, reason);
}

/* The session goes on for a moment, in which the encoder can begin elsewhere. */
static void
on_drain(gpointer data)
{
  Client *c = data;
  ask_to_reconnect(c, "the server is shutting down");
  client_send(c);
}

/* The session has sent its publisher away; the publication is gone. */
static void
on_evicted(gpointer data, const char *reason)
{
  Client *c = data;
  c->publication = NULL;
  if (g_atomic_int_get(&c->ingest->is_draining))
    ask_to_reconnect(c, reason);
  rtmp_server_evict(c->server, reason);
  client_finish(c, reason);
}

const MgPublisherEvents client_publisher_events = { on_evicted };

void
client_start(Client *c, MgPublication *publication)
{
  g_autofree char *label = g_strdup_printf("%s/%s", c->app, c->stream);
  MediaSetup setup = {
    .output = &media_output,
    .user = c,
    .base = mg_publication_base(publication),
    .node = c->ingest->node,
    .label = label,
  };
  c->publication = publication;
  if (c->ingest->config.plays)
    c->cast = cast_publish(c->ingest, c->app, c->stream, c);
  c->media = media_new(&setup);
  c->counted = (MediaStats){ 0 };
  c->media_bytes = rtmp_server_media_bytes(c->server);
  rtmp_server_accept(c->server);
  if (rtmp_server_can_reconnect(c->server))
    guest_on_drain(c->guest, on_drain);
  client_enter(c, CLIENT_STARTING);
  client_restart_ping(c);
}

void
client_unpublished(Client *c)
{
  client_enter(c, CLIENT_CONNECTING);
  client_end_media(c, "it has ended the stream");
}
