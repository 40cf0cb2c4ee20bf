/*
 * The webhook's part in the life of a ticket: asked at the beginning, told now and then, told at
 * the end.
 */
#include "auth/webhook.h"
#include "auth/worker.h"

#include <mediagraph/log.h>

#define CANNOT_TELL "The server cannot tell at the moment whether you may; try again later."

enum { ID_BYTES = 12 };

/* One request on its way. */
typedef struct {
  AuthWorker *worker;
  MgAuthTicket *ticket; /* a reference */
} Call;

static void
call_free(Call *call)
{
  auth_ticket_unref(call->ticket);
  g_free(call);
}

static void
post(AuthWorker *w, MgAuthTicket *t, const char *event_name,
     void (*done)(gpointer data, const AuthPosted *posted))
{
  AuthEvent event = {
    .event = event_name,
    .id = t->id,
    .utc_us = mg_utc_now_us(),
    .question = &t->question,
    .key = t->key,
    .stream = t->public_stream ? t->public_stream
              : t->key         ? t->key->stream
                               : NULL,
    .bytes = auth_ticket_bytes(t),
    .duration = t->started_at ? MAX(mg_now() - t->started_at, 1) : 0,
    .reason = t->end_reason,
  };
  char *body = auth_event_write(&event);
  g_autofree char *signature = auth_event_sign(body, w->webhook.secret, event.utc_us);
  AuthPost request = { w->webhook.url, body, signature, w->webhook.deadline };
  Call *call = g_new0(Call, 1);
  *call = (Call){ w, auth_ticket_ref(t) };
  auth_hooks_post(w->auth->hooks, &request, done, call);
  mg_secret_free(body);
}

/* FALSE and ERROR: it did not answer, or nothing that can be understood. */
static gboolean
read_verdict(const AuthPosted *posted, AuthVerdict *verdict, GError **error)
{
  if (posted->failure == NULL)
    return auth_verdict_read(posted->status, posted->body, posted->size, verdict, error);
  g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "the webhook does not answer: %s", posted->failure);
  return FALSE;
}

static void
note_failure(AuthWorker *w, const GError *error)
{
  mg_counter_add(w->counters.hook_failures, 1);
  mg_warning(w->node, "%s", error->message);
}

static void
set_limits(MgAuthTicket *t, const AuthVerdict *verdict)
{
  if (verdict->lifetime > 0)
    t->ends_at = mg_now() + verdict->lifetime;
  if (verdict->bitrate > 0)
    t->bitrate = verdict->bitrate;
}

/* --- the end ------------------------------------------------------------------------------------ */

static void
on_told(gpointer data, const AuthPosted *posted)
{
  g_autoptr(GError) error = NULL;
  AuthVerdict verdict = { 0 };
  Call *call = data;
  if (!read_verdict(posted, &verdict, &error))
    note_failure(call->worker, error);
  auth_verdict_clear(&verdict);
  call_free(call);
}

void
auth_callbacks_close(AuthWorker *w, MgAuthTicket *t)
{
  if (!t->awaits_close)
    return;
  t->awaits_close = FALSE;
  post(w, t, "close", on_told);
}

/* --- the beginning ------------------------------------------------------------------------------ */

static const char *
name_of(const MgAuthTicket *t, const AuthVerdict *verdict)
{
  if (verdict->stream != NULL)
    return verdict->stream;
  return t->key ? t->key->stream : t->question.stream;
}

/*
 * Of a key that is right in itself another one may be; without keys it is the name that was wrong.
 */
static void
follow(AuthWorker *w, MgAuthTicket *t, const AuthVerdict *verdict)
{
  if (!verdict->is_allowed) {
    auth_worker_deny_late(w, t, t->key ? MG_AUTH_DENIED : MG_AUTH_BAD_KEY,
                          verdict->reason ? verdict->reason : "The stream key is not accepted.");
    return;
  }
  t->awaits_close = TRUE;
  t->next_update = mg_now() + w->webhook.update_interval;
  set_limits(t, verdict);
  auth_worker_allow(w, t, name_of(t, verdict));
}

static void
go_without(AuthWorker *w, MgAuthTicket *t, const GError *error)
{
  static const AuthVerdict nothing;
  note_failure(w, error);
  if (w->webhook.allows_on_failure)
    auth_worker_allow(w, t, name_of(t, &nothing));
  else
    auth_worker_deny(w, t, MG_AUTH_LATER, CANNOT_TELL);
}

/* Who has gone meanwhile, and was allowed, has ended at once. */
static void
on_asked(gpointer data, const AuthPosted *posted)
{
  g_autoptr(GError) error = NULL;
  AuthVerdict verdict = { 0 };
  Call *call = data;
  AuthWorker *w = call->worker;
  MgAuthTicket *t = call->ticket;
  gboolean is_there = g_hash_table_contains(w->tickets, t);
  gboolean is_understood = read_verdict(posted, &verdict, &error);
  if (is_there && is_understood)
    follow(w, t, &verdict);
  else if (is_there)
    go_without(w, t, error);
  else if (is_understood && verdict.is_allowed)
    post(w, t, "close", on_told);
  auth_verdict_clear(&verdict);
  call_free(call);
}

void
auth_callbacks_ask(AuthWorker *w, MgAuthTicket *t)
{
  guint8 random[ID_BYTES];
  GString *id = g_string_new(NULL);
  auth_random(random, sizeof random);
  for (guint i = 0; i < sizeof random; i++)
    g_string_append_printf(id, "%02x", random[i]);
  t->id = g_string_free(id, FALSE);
  post(w, t, t->question.action == MG_AUTH_PLAY ? "play" : "publish", on_asked);
}

/* --- in between --------------------------------------------------------------------------------- */

/* A webhook that is out of order ends nobody. */
static void
on_updated(gpointer data, const AuthPosted *posted)
{
  g_autoptr(GError) error = NULL;
  AuthVerdict verdict = { 0 };
  Call *call = data;
  MgAuthTicket *t = call->ticket;
  t->is_updating = FALSE;
  if (!read_verdict(posted, &verdict, &error))
    note_failure(call->worker, error);
  else if (verdict.is_allowed)
    set_limits(t, &verdict);
  else if (t->is_running)
    auth_worker_send_away(call->worker, t,
                          verdict.reason ? verdict.reason : "It is not allowed any more.");
  auth_verdict_clear(&verdict);
  call_free(call);
}

void
auth_callbacks_update(AuthWorker *w, MgAuthTicket *t, MgTime now)
{
  gboolean is_due = t->awaits_close && !t->is_updating && now >= t->next_update;
  if (w->webhook.update_interval == 0 || !is_due)
    return;
  t->is_updating = TRUE;
  t->next_update = now + w->webhook.update_interval;
  post(w, t, "update", on_updated);
}
