/*
 * Admission: from "may I publish live/studio?" to being the session's publisher.
 *
 * Claim, move to the session's lane, attach. A session of that name may just be ending: then it is asked
 * for again, for a few seconds, and the encoder waits. Everything else is a refusal, and the encoder is
 * told.
 */
#include "client.h"

/* How often, and how long, a session that is ending is asked for again. */
#define RETRY   (50 * MG_MILLISECOND)
#define GIVE_UP (5 * MG_SECOND)

/* What clients understand: BadName is about the name, Denied about everything else. */
static const char *
code_of(const GError *error)
{
  gboolean is_about_name = g_error_matches(error, MG_ERROR, MG_ERROR_BUSY) ||
                           g_error_matches(error, MG_ERROR, MG_ERROR_INVALID);
  return is_about_name ? "NetStream.Publish.BadName" : "NetStream.Publish.Denied";
}

static void
refuse(Client *c, const GError *error)
{
  mg_counter_add(c->ingest->refused, 1);
  mg_warning(c->ingest->node, "publisher %s is refused: %s", mg_connection_peer(c->connection),
             error->message);
  rtmp_server_refuse(c->server, code_of(error), error->message);
  client_finish(c, error->message);
}

/* Neither claim nor attachment worked. */
static void
wait_or_refuse(Client *c, const GError *error)
{
  if (!g_error_matches(error, MG_ERROR, MG_ERROR_GONE) || mg_now() >= c->give_up_at) {
    refuse(c, error);
    return;
  }
  client_send(c);
  mg_connection_set_reading(c->connection, FALSE);
  mg_timer_start_in(&c->retry, RETRY);
}

static void
attach(Client *c)
{
  g_autoptr(GError) error = NULL;
  MgPublication *publication =
      mg_session_attach(c->session, c->ingest->node, mg_connection_peer(c->connection),
                        &client_publisher_events, c, &error);
  g_clear_pointer(&c->session, mg_session_unref);
  if (publication != NULL)
    client_start(c, publication);
  else
    wait_or_refuse(c, error);
}

/* After the answer: what the peer sent behind its question. */
static void
go_on(Client *c)
{
  if (c->phase == CLIENT_ASKING || c->phase == CLIENT_CLOSING)
    return;
  g_autofree guint8 *rest = g_steal_pointer(&c->rest);
  mg_connection_set_reading(c->connection, TRUE);
  client_feed(c, rest, c->rest_size);
}

/* The connection has come to the session's lane. */
static void
on_moved(gpointer data)
{
  Client *c = data;
  attach(c);
  go_on(c);
}

static void
try(Client *c)
{
  const MgRtmpName *name = rtmp_server_name(c->server);
  g_autoptr(GError) error = NULL;
  c->session = mg_session_claim(c->ingest->node, name->app, name->stream, &error);
  if (c->session == NULL) {
    wait_or_refuse(c, error);
    return;
  }
  MgLane *lane = mg_session_lane(c->session);
  if (lane == mg_lane_current())
    attach(c);
  else
    mg_connection_move(c->connection, lane, on_moved);
}

static void
on_retry(gpointer data)
{
  Client *c = data;
  try(c);
  go_on(c);
}

void
client_ask(Client *c)
{
  client_enter(c, CLIENT_ASKING);
  mg_timer_init(&c->retry, on_retry, c);
  c->give_up_at = mg_now() + GIVE_UP;
  try(c);
}

void
client_stop_asking(Client *c)
{
  mg_timer_stop(&c->retry);
  g_clear_pointer(&c->session, mg_session_unref);
  g_clear_pointer(&c->rest, g_free);
}
