/*
 * The service's thread: questions, keys that change, and what runs under them.
 */
#include "auth/service-private.h"
#include "auth/throttle.h"

#include <mediagraph/log.h>

/* How often files are looked at, and what runs is judged anew: a revoked key ends its publisher soon. */
#define TICK (500 * MG_MILLISECOND)

/* A service that has been stopped ends after this, whoever still has a ticket. */
#define LAST_WORDS (3 * MG_SECOND)

typedef struct {
  MgAuth *auth; /* a reference */
  MgNode *node; /* held */
  AuthSource *source;
  AuthKeys *keys;
  AuthThrottle *throttle;
  AuthCounters counters;
  GHashTable *tickets; /* of MgAuthTicket *, references: asked, and not yet closed */
  MgTime next_tick;
  MgTime stop_at; /* 0: it has not been stopped */
} Worker;

/* --- answers ------------------------------------------------------------------------------------ */

static void
deny(Worker *w, MgAuthTicket *t, MgAuthVerdict verdict, const char *reason)
{
  MgAuthAnswer answer = { .verdict = verdict, .reason = reason };
  mg_counter_add(w->counters.denied, 1);
  t->answer_at = 0;
  auth_ticket_answer(t, &answer);
}

static void
allow(Worker *w, MgAuthTicket *t, const char *app, const char *stream)
{
  MgAuthAnswer answer = { .verdict = MG_AUTH_YES, .app = app, .stream = stream };
  mg_counter_add(w->counters.allowed, 1);
  t->started_at = t->rate_since = mg_now();
  auth_ticket_answer(t, &answer);
}

/* --- questions ---------------------------------------------------------------------------------- */

/* A wrong key costs time. */
static void
deny_later(Worker *w, MgAuthTicket *t, AuthDecision denial)
{
  t->denial = denial;
  t->answer_at = mg_now() + auth_throttle_fail(w->throttle, &t->question.address, mg_now());
}

static void
publish(Worker *w, MgAuthTicket *t)
{
  AuthDecision decision = auth_decide(w->keys, &t->question, mg_utc_now_us());
  if (decision.verdict == MG_AUTH_YES) {
    t->key = auth_key_ref(decision.key);
    mg_debug(w->node, "%s publishes %s/%s with key %s", t->question.peer, t->key->app,
             t->key->stream, *t->key->id ? t->key->id : "of the pipeline file");
    allow(w, t, t->key->app, t->key->stream);
    return;
  }
  deny_later(w, t, decision);
}

static void
on_question(Worker *w, MgAuthTicket *t)
{
  g_hash_table_add(w->tickets, t);
  if (w->stop_at != 0)
    deny(w, t, MG_AUTH_DENIED, "The server is shutting down.");
  else if (t->question.action == MG_AUTH_PUBLISH)
    publish(w, t);
  else
    allow(w, t, t->question.app, t->question.stream);
}

static void
on_end(Worker *w, MgAuthTicket *t)
{
  g_hash_table_remove(w->tickets, t);
  auth_ticket_unref(t);
}

static void
read_messages(Worker *w)
{
  MgAuth *auth = w->auth;
  g_mutex_lock(&auth->lock);
  g_autoptr(GArray) messages = auth->messages;
  auth->messages = g_array_new(FALSE, FALSE, sizeof(AuthMessage));
  if (auth->is_stopping && w->stop_at == 0)
    w->stop_at = mg_now() + LAST_WORDS;
  g_mutex_unlock(&auth->lock);
  for (guint i = 0; i < messages->len; i++) {
    AuthMessage *message = &g_array_index(messages, AuthMessage, i);
    if (message->is_end)
      on_end(w, message->ticket);
    else
      on_question(w, message->ticket);
  }
}

/* --- time --------------------------------------------------------------------------------------- */

static void
send_away(Worker *w, MgAuthTicket *t, const char *reason)
{
  t->started_at = 0;
  mg_counter_add(w->counters.revoked, 1);
  auth_ticket_revoke(t, reason);
}

static void
judge(Worker *w, MgAuthTicket *t)
{
  AuthUse use = { t->question.address, t->question.protocol, mg_utc_now_us() };
  const char *refusal = t->key ? auth_key_refusal(t->key, &use) : NULL;
  if (refusal != NULL)
    send_away(w, t, refusal);
}

/* Keys have changed: one that is in use may have other rules now, or be gone. */
static void
find_key_again(Worker *w, MgAuthTicket *t)
{
  AuthKey *key = t->key ? auth_keys_find_same(w->keys, t->key) : NULL;
  if (t->key == NULL)
    return;
  if (key == NULL) {
    send_away(w, t, "The key has been revoked.");
    return;
  }
  auth_key_ref(key);
  auth_key_unref(t->key);
  t->key = key;
}

/* Those that were allowed and not yet revoked. */
static void
each_running(Worker *w, void (*each)(Worker *w, MgAuthTicket *t))
{
  GHashTableIter iter;
  gpointer ticket;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &ticket, NULL))
    if (((MgAuthTicket *) ticket)->started_at != 0)
      each(w, ticket);
}

static void
reload(Worker *w)
{
  g_autoptr(GError) error = NULL;
  if (!auth_source_has_changed(w->source))
    return;
  AuthKeys *keys = auth_source_load(w->source, &error);
  if (keys == NULL) {
    mg_warning(w->node, "%s; the keys from before stay", error->message);
    return;
  }
  auth_keys_free(w->keys);
  w->keys = keys;
  mg_info(w->node, "the keys have changed: there are %u now", keys->all->len);
  each_running(w, find_key_again);
}

static void
answer_due(Worker *w, MgTime now)
{
  GHashTableIter iter;
  gpointer data;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &data, NULL)) {
    MgAuthTicket *t = data;
    if (t->answer_at != 0 && t->answer_at <= now)
      deny(w, t, t->denial.verdict, t->denial.reason);
  }
}

static void
tick(Worker *w)
{
  MgTime now = mg_now();
  answer_due(w, now);
  if (now < w->next_tick)
    return;
  w->next_tick = now + TICK;
  reload(w);
  each_running(w, judge);
}

static guint
ms_until_next(Worker *w)
{
  MgTime next = w->next_tick, now = mg_now();
  GHashTableIter iter;
  gpointer ticket;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &ticket, NULL)) {
    MgTime answer_at = ((MgAuthTicket *) ticket)->answer_at;
    if (answer_at != 0)
      next = MIN(next, answer_at);
  }
  return (guint) (CLAMP(next - now, 0, TICK) / MG_MILLISECOND) + 1;
}

/* --- life --------------------------------------------------------------------------------------- */

static gboolean
is_over(Worker *w)
{
  return w->stop_at != 0 && (g_hash_table_size(w->tickets) == 0 || mg_now() >= w->stop_at);
}

/* Nobody writes messages any more; those there are have nothing to say. */
static void
close_queue(Worker *w)
{
  MgAuth *auth = w->auth;
  g_mutex_lock(&auth->lock);
  auth->has_stopped = TRUE;
  g_mutex_unlock(&auth->lock);
  read_messages(w);
}

static void
worker_free(Worker *w)
{
  g_hash_table_unref(w->tickets);
  auth_throttle_free(w->throttle);
  auth_keys_free(w->keys);
  auth_source_free(w->source);
  auth_service_release(w->auth);
  mg_node_release(w->node);
  g_free(w);
}

static gpointer
run(gpointer data)
{
  Worker *w = data;
  while (!is_over(w)) {
    auth_hooks_wait(w->auth->hooks, ms_until_next(w));
    read_messages(w);
    tick(w);
  }
  close_queue(w);
  worker_free(w);
  return NULL;
}

void
auth_worker_start(MgAuth *auth, const AuthServiceConfig *config)
{
  Worker *w = g_new0(Worker, 1);
  w->auth = auth;
  w->node = config->node;
  w->source = config->source;
  w->keys = config->keys;
  w->counters = config->counters;
  w->throttle = auth_throttle_new();
  w->tickets = g_hash_table_new_full(NULL, NULL, (GDestroyNotify) auth_ticket_unref, NULL);
  mg_node_hold(w->node);
  g_thread_unref(g_thread_new("auth", run, w));
}
