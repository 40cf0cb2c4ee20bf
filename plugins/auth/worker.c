/*
 * The service's thread: questions, keys that change, and what runs under them.
 */
#include "auth/worker.h"

#include <mediagraph/lane.h>
#include <mediagraph/log.h>

/*
 * How often files are looked at, and what runs is judged anew: a revoked key ends its publisher
 * soon.
 */
#define TICK (500 * MG_MILLISECOND)

/* A service that has been stopped ends after this, whoever still has a ticket. */
#define LAST_WORDS (3 * MG_SECOND)

/* Bit rates are measured over this, and may be a tenth more than they may. */
#define RATE_WINDOW (5 * MG_SECOND)

#define REVOKED     "The key has been revoked."

/* --- answers ------------------------------------------------------------------------------------ */

void
auth_worker_deny(AuthWorker *w, MgAuthTicket *t, MgAuthVerdict verdict, const char *reason)
{
  MgAuthAnswer answer = { .verdict = verdict, .reason = reason };
  mg_counter_add(w->counters.denied, 1);
  t->answer_at = 0;
  auth_ticket_answer(t, &answer);
}

void
auth_worker_deny_late(AuthWorker *w, MgAuthTicket *t, MgAuthVerdict verdict, const char *reason)
{
  t->denial = verdict;
  t->denial_reason = g_strdup(reason);
  t->answer_at = mg_now() + auth_throttle_fail(w->throttle, &t->question.address, mg_now());
}

/* --- one publisher at a time -------------------------------------------------------------------- */

/* Borrowed: another one that publishes with T's key; NULL: nobody, or that is no matter. */
static MgAuthTicket *
find_duplicate(AuthWorker *w, const MgAuthTicket *t)
{
  GHashTableIter iter;
  gpointer data;
  if (t->key == NULL || t->key->on_duplicate == AUTH_DUPLICATE_ANY)
    return NULL;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &data, NULL)) {
    MgAuthTicket *other = data;
    if (other != t && other->is_running && other->key != NULL &&
        auth_key_is_same(other->key, t->key))
      return other;
  }
  return NULL;
}

/* FALSE: it has been denied, since another one publishes with its key. */
static gboolean
may_publish(AuthWorker *w, MgAuthTicket *t)
{
  MgAuthTicket *other = find_duplicate(w, t);
  if (other == NULL || t->key->on_duplicate == AUTH_DUPLICATE_REPLACE)
    return TRUE;
  auth_worker_deny(w, t, MG_AUTH_DENIED, "Somebody publishes with this key already.");
  return FALSE;
}

/* --- keys that change --------------------------------------------------------------------------- */

/* T's key as it is now: it may have other rules. FALSE: it is gone. */
static gboolean
renew_key(AuthWorker *w, MgAuthTicket *t)
{
  if (t->key == NULL)
    return TRUE;
  AuthKey *key = auth_keys_find_same(w->keys, t->key);
  if (key == NULL)
    return FALSE;
  auth_key_ref(key);
  auth_key_unref(t->key);
  t->key = key;
  return TRUE;
}

/* FALSE: it has been denied, since its key has gone while the webhook was asked. */
static gboolean
still_has_key(AuthWorker *w, MgAuthTicket *t)
{
  if (renew_key(w, t))
    return TRUE;
  auth_worker_deny(w, t, MG_AUTH_DENIED, REVOKED);
  return FALSE;
}

void
auth_worker_allow(AuthWorker *w, MgAuthTicket *t, const char *stream)
{
  if (!still_has_key(w, t) || !may_publish(w, t))
    return;
  for (MgAuthTicket *other; (other = find_duplicate(w, t)) != NULL;)
    auth_worker_send_away(w, other, "Another publisher uses the key.");
  MgAuthAnswer answer = { .verdict = MG_AUTH_YES, .app = t->question.app, .stream = stream };
  mg_counter_add(w->counters.allowed, 1);
  t->is_running = TRUE;
  t->started_at = t->rate_since = mg_now();
  t->public_stream = g_strdup(stream);
  if (t->key != NULL)
    mg_debug(w->node, "%s is %s/%s by key %s", t->question.peer, t->question.app, stream,
             *t->key->id ? t->key->id : "of the pipeline file");
  auth_ticket_answer(t, &answer);
}

void
auth_worker_send_away(AuthWorker *w, MgAuthTicket *t, const char *reason)
{
  t->is_running = FALSE;
  mg_counter_add(w->counters.revoked, 1);
  auth_ticket_revoke(t, reason);
}

/* --- questions ---------------------------------------------------------------------------------- */

/* Whether it brings what it must; where only a webhook decides that is nothing. */
static gboolean
has_right_key(AuthWorker *w, MgAuthTicket *t)
{
  if (t->question.action != MG_AUTH_PUBLISH || auth_source_is_empty(w->source))
    return TRUE;
  if (*t->question.login == '\0' && auth_logins_are_required_in(w->logins, t->question.app)) {
    auth_worker_deny_late(w, t, MG_AUTH_BAD_KEY, "Log in with a user name and a password.");
    return FALSE;
  }
  AuthDecision decision = auth_decide(w->keys, &t->question, mg_utc_now_us());
  if (decision.verdict == MG_AUTH_YES)
    t->key = auth_key_ref(decision.key);
  else
    auth_worker_deny_late(w, t, decision.verdict, decision.reason);
  return decision.verdict == MG_AUTH_YES;
}

/* A step of a login that is no failure costs nothing. */
static void
connect_peer(AuthWorker *w, MgAuthTicket *t)
{
  AuthLoginStep step;
  auth_logins_answer(w->logins, w->keys, &t->question, mg_utc_now_us(), &step);
  MgAuthAnswer answer = { .verdict = step.verdict,
                          .reason = step.description,
                          .login = step.login };
  if (step.verdict == MG_AUTH_BAD_KEY)
    auth_worker_deny_late(w, t, step.verdict, step.description);
  else
    auth_ticket_answer(t, &answer);
  auth_login_step_clear(&step);
}

static void
on_question(AuthWorker *w, MgAuthTicket *t)
{
  g_hash_table_add(w->tickets, t);
  if (w->stop_at != 0)
    auth_worker_deny(w, t, MG_AUTH_DENIED, "The server is shutting down.");
  else if (t->question.action == MG_AUTH_CONNECT)
    connect_peer(w, t);
  else if (!has_right_key(w, t) || !may_publish(w, t))
    return;
  else if (w->webhook.url != NULL)
    auth_callbacks_ask(w, t);
  else
    auth_worker_allow(w, t, t->key ? t->key->stream : t->question.stream);
}

static void
on_end(AuthWorker *w, MgAuthTicket *t)
{
  auth_callbacks_close(w, t);
  g_hash_table_remove(w->tickets, t);
  auth_ticket_unref(t);
}

static void
read_messages(AuthWorker *w)
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

/* --- what runs ---------------------------------------------------------------------------------- */

/* NULL, or why it may not go on by its key. */
static const char *
refusal_by_key(const MgAuthTicket *t)
{
  AuthUse use = { t->question.address, t->question.protocol, mg_utc_now_us() };
  return t->key ? auth_key_refusal(t->key, &use) : NULL;
}

/* The same for the time and the bits that it was given. */
static const char *
refusal_by_limits(MgAuthTicket *t, MgTime now)
{
  if (t->ends_at != 0 && now >= t->ends_at)
    return "Its time is over.";
  if (t->bitrate == 0 || t->question.action == MG_AUTH_PLAY || now - t->rate_since < RATE_WINDOW)
    return NULL;
  guint64 bytes = auth_ticket_bytes(t);
  gdouble seconds = (gdouble) (now - t->rate_since) / MG_SECOND;
  gdouble rate = (gdouble) (bytes - t->rate_bytes) * 8 / seconds;
  t->rate_bytes = bytes;
  t->rate_since = now;
  return rate > 1.1 * (gdouble) t->bitrate ? "It sends more bits than it may." : NULL;
}

static void
judge(AuthWorker *w, MgAuthTicket *t)
{
  MgTime now = mg_now();
  const char *refusal = refusal_by_key(t);
  if (refusal == NULL)
    refusal = refusal_by_limits(t, now);
  if (refusal != NULL)
    auth_worker_send_away(w, t, refusal);
  else
    auth_callbacks_update(w, t, now);
}

/* Keys have changed: one that is in use may have other rules now, or be gone. */
static void
find_key_again(AuthWorker *w, MgAuthTicket *t)
{
  if (!renew_key(w, t))
    auth_worker_send_away(w, t, REVOKED);
}

/* Those that were allowed, and not sent away since. */
static void
each_running(AuthWorker *w, void (*each)(AuthWorker *w, MgAuthTicket *t))
{
  GHashTableIter iter;
  gpointer ticket;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &ticket, NULL))
    if (((MgAuthTicket *) ticket)->is_running)
      each(w, ticket);
}

static void
reload(AuthWorker *w)
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

/* --- time --------------------------------------------------------------------------------------- */

static void
answer_due(AuthWorker *w, MgTime now)
{
  GHashTableIter iter;
  gpointer data;
  g_hash_table_iter_init(&iter, w->tickets);
  while (g_hash_table_iter_next(&iter, &data, NULL)) {
    MgAuthTicket *t = data;
    if (t->answer_at != 0 && t->answer_at <= now)
      auth_worker_deny(w, t, t->denial, t->denial_reason);
  }
}

static void
tick(AuthWorker *w)
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
ms_until_next(AuthWorker *w)
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
is_over(AuthWorker *w)
{
  gboolean has_work = g_hash_table_size(w->tickets) > 0 || auth_hooks_n(w->auth->hooks) > 0;
  return w->stop_at != 0 && (!has_work || mg_now() >= w->stop_at);
}

/* Nobody writes messages any more; what they ask is denied. */
static void
close_queue(AuthWorker *w)
{
  MgAuth *auth = w->auth;
  g_mutex_lock(&auth->lock);
  auth->has_stopped = TRUE;
  g_mutex_unlock(&auth->lock);
  read_messages(w);
  auth_hooks_give_up(auth->hooks);
}

/* On the node's lane. The thread has nothing more to do than to end. */
static void
worker_free(gpointer data)
{
  AuthWorker *w = data;
  g_thread_join(w->thread);
  g_hash_table_unref(w->tickets);
  auth_throttle_free(w->throttle);
  auth_logins_free(w->logins);
  auth_keys_free(w->keys);
  auth_source_free(w->source);
  mg_secret_free(w->webhook_url);
  mg_secret_free(w->webhook_secret);
  auth_service_release(w->auth);
  mg_node_release(w->node);
  g_free(w);
}

static gpointer
run(gpointer data)
{
  AuthWorker *w = data;
  while (!is_over(w)) {
    auth_hooks_wait(w->auth->hooks, ms_until_next(w));
    read_messages(w);
    tick(w);
  }
  close_queue(w);
  mg_lane_post(mg_node_lane(w->node), worker_free, w);
  return NULL;
}

void
auth_worker_start(MgAuth *auth, const AuthServiceConfig *config)
{
  AuthWorker *w = g_new0(AuthWorker, 1);
  w->auth = auth;
  w->node = config->node;
  w->source = config->source;
  w->keys = config->keys;
  w->webhook = config->webhook;
  w->webhook.url = w->webhook_url = g_strdup(config->webhook.url);
  w->webhook.secret = w->webhook_secret = g_strdup(config->webhook.secret);
  w->logins = config->logins;
  w->counters = config->counters;
  w->throttle = auth_throttle_new();
  w->tickets = g_hash_table_new_full(NULL, NULL, (GDestroyNotify) auth_ticket_unref, NULL);
  mg_node_hold(w->node);
  w->thread = g_thread_new("auth", run, w);
}
