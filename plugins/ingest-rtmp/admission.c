/*
 * Admission: from "may I publish live/studio?" to being the session's publisher.
 *
 * With an auth service that is asked first, and says what the stream is called. Then: claim, move to the
 * session's lane, attach. A session of that name may just be ending: then it is asked
 * for again, for a few seconds, and the encoder waits. Everything else is a refusal, and the encoder is
 * told.
 */
#include "client.h"

#include <string.h>

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

char *
client_wanted(const Client *c, gboolean plays)
{
  enum { PUBLIC_CHARS = 8 };
  const MgRtmpName *name = rtmp_server_name(c->server);
  if (c->app != NULL && (!plays || c->cast != NULL))
    return g_strdup_printf("%s/%s", c->app, c->stream);
  if (c->ingest->auth == NULL)
    return g_strdup_printf("%s/%s", name->app, name->stream);
  gsize n = plays ? PUBLIC_CHARS : 0;
  gboolean is_cut = strlen(name->stream) > n;
  return g_strdup_printf("%s/%.*s%s", name->app, (int) n, name->stream, is_cut ? "…" : "");
}

/* The operator is told why, the client what it may know. */
static void
refuse_with(Client *c, const char *code, const char *why, const char *told)
{
  g_autofree char *wanted = client_wanted(c, FALSE);
  mg_counter_add(c->ingest->refused, 1);
  mg_warning(c->ingest->node, "publisher %s of %s is refused: %s", client_peer(c), wanted, why);
  rtmp_server_refuse(c->server, code, told);
  client_finish(c, why);
}

static void
refuse(Client *c, const char *code, const char *why)
{
  refuse_with(c, code, why, why);
}

/* Neither our settings nor other people's addresses are its business. */
static const char *
told_of(const GError *error)
{
  if (g_error_matches(error, MG_ERROR, MG_ERROR_BUSY))
    return "Somebody publishes this stream already.";
  if (g_error_matches(error, MG_ERROR, MG_ERROR_INVALID))
    return error->message; /* about the name, which is the client's */
  if (g_error_matches(error, MG_ERROR, MG_ERROR_LIMIT))
    return "The server takes no more streams now.";
  if (g_error_matches(error, MG_ERROR, MG_ERROR_DENIED))
    return "The server is shutting down.";
  return "The server cannot take the stream now.";
}

/* Says what there is to say, and hears nothing for a while. */
static void
wait(Client *c)
{
  client_send(c);
  c->link.class->set_reading(c->link.carrier, FALSE);
}

/* Neither claim nor attachment worked. */
static void
wait_or_refuse(Client *c, const GError *error)
{
  if (!g_error_matches(error, MG_ERROR, MG_ERROR_GONE) || mg_now() >= c->give_up_at) {
    refuse_with(c, code_of(error), error->message, told_of(error));
    return;
  }
  wait(c);
  mg_timer_start_in(&c->retry, RETRY);
}

static void
attach(Client *c)
{
  g_autoptr(GError) error = NULL;
  MgPublication *publication = mg_session_attach(c->session, c->ingest->node, client_peer(c),
                                                 &client_publisher_events, c, &error);
  g_clear_pointer(&c->session, mg_session_unref);
  if (publication != NULL)
    client_start(c, publication);
  else
    wait_or_refuse(c, error);
}

/* Returned-owned; NULL: there is none. */
static guint8 *
take_rest(Client *c)
{
  if (c->rest != NULL)
    budget_give(&c->ingest->budget, c->rest_size);
  return g_steal_pointer(&c->rest);
}

/* After the answer: what the peer sent behind its question. */
void
client_go_on(Client *c)
{
  if (c->phase == CLIENT_ASKING || c->phase == CLIENT_CLOSING)
    return;
  g_autofree guint8 *rest = take_rest(c);
  c->link.class->set_reading(c->link.carrier, TRUE);
  client_feed(c, rest, c->rest_size);
}

void
client_has_moved(Client *c)
{
  guest_arrive(c->guest);
  if (c->ticket != NULL)
    c->ingest->auth->move(c->ticket, mg_lane_current());
}

/* The connection has come to the session's lane. */
static void
on_moved(gpointer data)
{
  Client *c = data;
  client_has_moved(c);
  attach(c);
  client_go_on(c);
}

void
client_move(Client *c, MgLane *lane, MgLaneFunc then)
{
  if (c->ticket != NULL)
    c->ingest->auth->move(c->ticket, NULL);
  guest_depart(c->guest);
  c->link.class->set_reading(c->link.carrier, FALSE);
  c->link.class->move(c->link.carrier, lane, then);
}

static void
try(Client *c)
{
  g_autoptr(GError) error = NULL;
  c->session = mg_session_claim(c->ingest->node, c->app, c->stream, &error);
  if (c->session == NULL) {
    wait_or_refuse(c, error);
    return;
  }
  MgLane *lane = mg_session_lane(c->session);
  if (lane == mg_lane_current())
    attach(c);
  else
    client_move(c, lane, on_moved);
}

static void
on_retry(gpointer data)
{
  Client *c = data;
  try(c);
  client_go_on(c);
}

/* It is published as APP/STREAM, if there is a session for it. */
static void
begin(Client *c, const char *app, const char *stream)
{
  c->app = g_strdup(app);
  c->stream = g_strdup(stream);
  c->give_up_at = mg_now() + GIVE_UP;
  try(c);
}

/* --- auth -------------------------------------------------------------------------------------- */

static void
on_answered(gpointer data, const MgAuthAnswer *answer)
{
  Client *c = data;
  if (answer->verdict == MG_AUTH_YES)
    begin(c, answer->app, answer->stream);
  else if (answer->verdict == MG_AUTH_BAD_KEY)
    refuse(c, "NetStream.Publish.BadName", answer->reason);
  else
    refuse(c, "NetStream.Publish.Denied", answer->reason);
  client_go_on(c);
}

/* It publishes, or waits for a session. */
static void
on_revoked(gpointer data, const char *reason)
{
  Client *c = data;
  if (c->publication == NULL) {
    refuse(c, "NetStream.Publish.Denied", reason);
    return;
  }
  rtmp_server_evict(c->server, reason);
  client_finish(c, reason);
}

static const MgAuthEvents auth_events = { sizeof auth_events, on_answered, on_revoked };

void
client_ask_auth(Client *c, MgAuthAction action, const MgAuthEvents *events)
{
  const MgRtmpName *name = rtmp_server_name(c->server);
  MgAuthRequest request = {
    .size = sizeof request,
    .action = action,
    .app = name->app,
    .stream = name->stream,
    .query = name->query,
    .peer = client_peer(c),
    .protocol = protocol_word(c->protocols),
    .is_tls = (c->protocols & (PROTOCOL_RTMPS | PROTOCOL_RTMPTS)) != 0,
    .login = c->login,
  };
  c->ticket = c->ingest->auth->ask(c->ingest->auth_service, &request, events, c);
  wait(c);
}

/* A description is for the client's program: it says what the next step of its login is. */
static void
reject(Client *c, const MgAuthAnswer *answer)
{
  if (answer->verdict == MG_AUTH_BAD_KEY) {
    mg_counter_add(c->ingest->refused, 1);
    mg_warning(c->ingest->node, "%s is refused: its login is wrong", client_peer(c));
  }
  rtmp_server_reject_connect(c->server, answer->reason);
  client_finish(c, "it has to log in");
}

static void
on_connect_answered(gpointer data, const MgAuthAnswer *answer)
{
  Client *c = data;
  if (answer->verdict != MG_AUTH_YES) {
    reject(c, answer);
    return;
  }
  c->login = g_strdup(answer->login);
  client_forget_admission(c, "it has connected");
  rtmp_server_accept_connect(c->server);
  client_enter(c, CLIENT_CONNECTING);
  client_go_on(c);
}

/* What is only connected has nothing to lose. */
static void
on_connect_revoked(gpointer data, const char *reason)
{
}

static const MgAuthEvents connect_events = { sizeof connect_events, on_connect_answered,
                                             on_connect_revoked };

void
client_ask_connect(Client *c)
{
  client_enter(c, CLIENT_ASKING);
  client_ask_auth(c, MG_AUTH_CONNECT, &connect_events);
}

void
client_ask(Client *c)
{
  const MgRtmpName *name = rtmp_server_name(c->server);
  client_enter(c, CLIENT_ASKING);
  mg_timer_init(&c->retry, on_retry, c);
  if (c->ingest->auth != NULL)
    client_ask_auth(c, MG_AUTH_PUBLISH, &auth_events);
  else
    begin(c, name->app, name->stream);
}

void
client_forget_admission(Client *c, const char *reason)
{
  mg_timer_stop(&c->retry);
  if (c->ticket != NULL)
    c->ingest->auth->end(g_steal_pointer(&c->ticket), reason);
  g_clear_pointer(&c->app, g_free);
  g_clear_pointer(&c->stream, g_free);
}

void
client_stop_asking(Client *c)
{
  mg_timer_stop(&c->retry);
  g_clear_pointer(&c->session, mg_session_unref);
  g_free(take_rest(c));
}
