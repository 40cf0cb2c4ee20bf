#include "auth/ticket.h"

#include "auth/service.h"

#include <mediagraph/lane.h>

static void deliver(gpointer data);

MgAuthTicket *
auth_ticket_new(MgAuth *auth, const MgAuthRequest *request, const MgAuthEvents *events,
                gpointer data)
{
  MgAuthTicket *t = g_new0(MgAuthTicket, 1);
  t->ref_count = 1;
  t->auth = auth_service_hold(auth);
  t->events = events;
  t->data = data;
  t->lane = mg_lane_current();
  g_mutex_init(&t->lock);
  auth_question_init(&t->question, request);
  return t;
}

MgAuthTicket *
auth_ticket_ref(MgAuthTicket *t)
{
  g_atomic_int_inc(&t->ref_count);
  return t;
}

static void
clear_answer(MgAuthAnswer *answer)
{
  const char *all[] = { answer->app, answer->stream, answer->reason, answer->login };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    g_free((gpointer) (gsize) all[i]);
}

void
auth_ticket_unref(MgAuthTicket *t)
{
  if (t == NULL || !g_atomic_int_dec_and_test(&t->ref_count))
    return;
  auth_question_clear(&t->question);
  clear_answer(&t->answer);
  g_free(t->revocation);
  g_free(t->end_reason);
  auth_key_unref(t->key);
  g_free(t->denial_reason);
  g_free(t->public_stream);
  g_free(t->id);
  g_mutex_clear(&t->lock);
  auth_service_release(t->auth);
  g_free(t);
}

/* --- what the service says ---------------------------------------------------------------------- */

static gboolean
has_news(const MgAuthTicket *t)
{
  return (t->has_answer && !t->is_answered) || (t->is_answered && t->revocation && !t->is_revoked);
}

/* Under lock. */
static void
post(MgAuthTicket *t)
{
  if (t->lane == NULL || t->is_posted || t->has_ended || !has_news(t))
    return;
  t->is_posted = TRUE;
  mg_lane_post(t->lane, deliver, auth_ticket_ref(t));
}

/* One of the two callbacks. The ticket may be closed when it returns. */
static void
call_asker(MgAuthTicket *t, gboolean is_answer)
{
  if (is_answer)
    t->events->answered(t->data, &t->answer);
  else
    t->events->revoked(t->data, t->revocation);
}

/* On the lane that the ticket was on when this was posted: it may have moved on. */
static void
deliver(gpointer data)
{
  MgAuthTicket *t = data;
  g_mutex_lock(&t->lock);
  t->is_posted = FALSE;
  gboolean is_here = t->lane == mg_lane_current() && !t->has_ended && has_news(t);
  gboolean is_answer = !t->is_answered;
  if (is_here && is_answer)
    t->is_answered = TRUE;
  else if (is_here)
    t->is_revoked = TRUE;
  g_mutex_unlock(&t->lock);
  if (is_here)
    call_asker(t, is_answer);
  g_mutex_lock(&t->lock);
  post(t);
  g_mutex_unlock(&t->lock);
  auth_ticket_unref(t);
}

void
auth_ticket_answer(MgAuthTicket *t, const MgAuthAnswer *answer)
{
  g_mutex_lock(&t->lock);
  if (!t->has_answer) {
    t->has_answer = TRUE;
    t->answer = (MgAuthAnswer){
      .size = sizeof t->answer,
      .verdict = answer->verdict,
      .app = g_strdup(answer->app),
      .stream = g_strdup(answer->stream),
      .reason = g_strdup(answer->reason),
      .login = g_strdup(answer->login),
    };
  }
  post(t);
  g_mutex_unlock(&t->lock);
}

void
auth_ticket_revoke(MgAuthTicket *t, const char *reason)
{
  g_mutex_lock(&t->lock);
  if (t->revocation == NULL)
    t->revocation = g_strdup(reason);
  post(t);
  g_mutex_unlock(&t->lock);
}

/* --- what the asker says ------------------------------------------------------------------------ */

void
auth_ticket_move(MgAuthTicket *t, MgLane *lane)
{
  g_mutex_lock(&t->lock);
  t->lane = lane;
  post(t);
  g_mutex_unlock(&t->lock);
}

void
auth_ticket_count(MgAuthTicket *t, guint64 media_bytes)
{
  __atomic_store_n(&t->media_bytes, media_bytes, __ATOMIC_RELAXED);
}

guint64
auth_ticket_bytes(MgAuthTicket *t)
{
  return __atomic_load_n(&t->media_bytes, __ATOMIC_RELAXED);
}

void
auth_ticket_close(MgAuthTicket *t, const char *reason)
{
  g_mutex_lock(&t->lock);
  t->has_ended = TRUE;
  t->end_reason = g_strdup(reason);
  g_mutex_unlock(&t->lock);
}
