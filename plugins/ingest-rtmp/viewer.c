/*
 * Viewers: from "may I play live/studio?" to sitting in its cast.
 *
 * With an auth service that is asked first, and says what the stream is called. Then the cast is looked
 * up, the connection moves to its lane, and takes a seat there. Who may not play, or finds nothing, is
 * told so and sent away.
 */
#include "client.h"

static void
refuse(Client *c, const char *code, const char *why)
{
  g_autofree char *wanted = client_wanted(c, TRUE);
  mg_info(c->ingest->node, "player %s of %s is refused: %s", client_peer(c), wanted, why);
  rtmp_server_refuse(c->server, code, why);
  client_finish(c, why);
}

/* --- what a player writes to ------------------------------------------------------------------- */

static void
count(Client *c, gsize size)
{
  c->played_bytes += size;
  if (c->ticket != NULL)
    c->ingest->auth->count(c->ticket, c->played_bytes);
}

static void
write_data(gpointer user, MgData *data, gsize offset, gsize size)
{
  client_write_data(user, data, offset, size);
  count(user, size);
}

static void
write_bytes(gpointer user, gconstpointer bytes, gsize size)
{
  client_write(user, bytes, size);
  count(user, size);
}

static gsize
queued(gpointer user)
{
  Client *c = user;
  return c->link.class->queued(c->link.carrier);
}

static gboolean
decodes(gpointer user, MgCodec codec)
{
  Client *c = user;
  return rtmp_server_decodes(c->server, codec);
}

static gboolean
takes_tracks(gpointer user)
{
  Client *c = user;
  return rtmp_server_takes_tracks(c->server);
}

static const PlayerOutput player_output = { write_data, write_bytes, queued, decodes,
                                            takes_tracks };

/* --- playing ----------------------------------------------------------------------------------- */

void
client_stop_playing(Client *c)
{
  if (c->player == NULL)
    return;
  mg_timer_stop(&c->ping);
  cast_remove(c->cast, c->player);
  if (c->phase != CLIENT_ASKING)
    mg_info(c->ingest->node, "player %s leaves %s/%s; it was sent %" G_GUINT64_FORMAT " bytes",
            client_peer(c), c->app, c->stream, c->played_bytes);
  if (c->player->dropped > 0)
    mg_info(c->ingest->node, "player %s was too slow: it missed %" G_GUINT64_FORMAT " messages",
            client_peer(c), c->player->dropped);
  mg_counter_add(c->ingest->missed, c->player->dropped);
  player_clear(c->player);
  g_clear_pointer(&c->player, g_free);
  g_clear_pointer(&c->cast, cast_unref);
}

/* The cast is over. The connection may go on with another one. */
static void
on_ended(gpointer data, const char *reason)
{
  Client *c = data;
  client_stop_playing(c);
  client_forget_admission(c, reason);
  rtmp_server_end_play(c->server, reason);
  client_enter(c, CLIENT_CONNECTING);
  client_send(c);
}

static void
on_starved(gpointer data)
{
  client_starve(data);
}

static const CastEvents cast_events = { on_ended, on_starved };

static void
on_starts(gpointer data)
{
  Client *c = data;
  c->has_played = TRUE;
  client_enter(c, CLIENT_PLAYING);
  rtmp_server_accept_play(c->server);
  client_restart_ping(c);
  client_send(c);
}

static void
sit_down(Client *c)
{
  g_autoptr(GError) error = NULL;
  CastSeat seat = { g_new(Player, 1), on_starts, &cast_events, c };
  player_init(seat.player, &player_output, c, rtmp_server_stream_id(c->server));
  c->player = seat.player;
  c->played_bytes = 0;
  if (cast_add(c->cast, &seat, &error)) {
    mg_info(c->ingest->node, "%s plays %s/%s", client_peer(c), c->app, c->stream);
    return;
  }
  client_stop_playing(c);
  gboolean is_gone = g_error_matches(error, MG_ERROR, MG_ERROR_GONE);
  refuse(c, is_gone ? "NetStream.Play.StreamNotFound" : "NetStream.Play.Failed", error->message);
}

static void
on_moved(gpointer data)
{
  Client *c = data;
  client_has_moved(c);
  sit_down(c);
  client_go_on(c);
}

/* It is played as APP/STREAM, if there is such a stream. */
static void
begin(Client *c, const char *app, const char *stream)
{
  MgLane *lane = NULL;
  c->app = g_strdup(app);
  c->stream = g_strdup(stream);
  c->cast = cast_find(c->ingest, app, stream, &lane);
  if (c->cast == NULL)
    refuse(c, "NetStream.Play.StreamNotFound", "There is no such stream now.");
  else if (lane == mg_lane_current())
    sit_down(c);
  else
    client_move(c, lane, on_moved);
}

void
client_change_wish(Client *c)
{
  if (c->player != NULL)
    player_want(c->player, rtmp_server_wish(c->server));
}

void
client_stopped_playing(Client *c)
{
  client_stop_playing(c);
  client_forget_admission(c, "it has stopped playing");
  client_enter(c, CLIENT_CONNECTING);
}

/* --- auth -------------------------------------------------------------------------------------- */

static void
on_answered(gpointer data, const MgAuthAnswer *answer)
{
  Client *c = data;
  if (answer->verdict == MG_AUTH_YES)
    begin(c, answer->app, answer->stream);
  else
    refuse(c, "NetStream.Play.Failed", answer->reason);
  client_go_on(c);
}

static void
on_revoked(gpointer data, const char *reason)
{
  Client *c = data;
  if (c->phase == CLIENT_PLAYING)
    rtmp_server_end_play(c->server, reason);
  else if (c->phase == CLIENT_ASKING)
    rtmp_server_refuse(c->server, "NetStream.Play.Failed", reason);
  client_finish(c, reason);
}

static const MgAuthEvents auth_events = { sizeof auth_events, on_answered, on_revoked };

void
client_ask_play(Client *c)
{
  const MgRtmpName *name = rtmp_server_name(c->server);
  client_enter(c, CLIENT_ASKING);
  if (c->ingest->auth != NULL)
    client_ask_auth(c, MG_AUTH_PLAY, &auth_events);
  else
    begin(c, name->app, name->stream);
}
