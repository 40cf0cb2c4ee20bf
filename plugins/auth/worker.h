/* What the thread's files share: worker.c and callbacks.c. All on the thread. */
#pragma once

#include "auth/login.h"
#include "auth/service-private.h"
#include "auth/throttle.h"

typedef struct {
  MgAuth *auth;    /* a reference */
  MgNode *node;    /* held */
  GThread *thread; /* joined on the node's lane, once it has said that it ends */
  AuthSource *source;
  AuthKeys *keys;
  AuthThrottle *throttle;
  AuthLogins *logins;
  AuthWebhook webhook;
  char *webhook_url, *webhook_secret; /* owned: the webhook's */
  AuthCounters counters;
  GHashTable *tickets; /* of MgAuthTicket *, references: asked, and not yet closed */
  MgTime next_tick;
  MgTime stop_at; /* 0: it has not been stopped */
} AuthWorker;

/* Answers yes: the stream of T is called STREAM. */
void auth_worker_allow(AuthWorker *w, MgAuthTicket *t, const char *stream);

void auth_worker_deny(AuthWorker *w, MgAuthTicket *t, MgAuthVerdict verdict, const char *reason);

/* The same later, because the peer is to blame. */
void auth_worker_deny_late(AuthWorker *w, MgAuthTicket *t, MgAuthVerdict verdict,
                           const char *reason);

/* Ends what was allowed. */
void auth_worker_send_away(AuthWorker *w, MgAuthTicket *t, const char *reason);

/* callbacks.c: asks the webhook, which there is; the answer comes later. */
void auth_callbacks_ask(AuthWorker *w, MgAuthTicket *t);

/* callbacks.c: tells it how T is doing, when that is due. */
void auth_callbacks_update(AuthWorker *w, MgAuthTicket *t, MgTime now);

/* callbacks.c: tells it that T has ended, if it is to know. */
void auth_callbacks_close(AuthWorker *w, MgAuthTicket *t);
