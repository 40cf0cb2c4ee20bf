/*
 * The service: questions come in on any lane, and are decided on a thread of its own.
 *
 * The thread is what may read files and databases and wait for a webhook; it holds all the state
 * that decisions need, so nothing of it needs a lock. Between it and the lanes there is one queue
 * of messages. Counted: the node, the thread, whoever holds it and each ticket have a reference.
 */
#pragma once

#include "auth/hooks.h"
#include "auth/login.h"
#include "auth/source.h"

#include <mediagraph/auth.h>
#include <mediagraph/counter.h>

extern const MgAuthInterface auth_interface;

typedef struct {
  MgCounter *allowed, *denied, *revoked, *hook_failures;
} AuthCounters;

/* Strings are borrowed from the config. */
typedef struct {
  const char *url;    /* NULL: there is none */
  const char *secret; /* that signs what is sent */
  MgTime deadline;
  MgTime update_interval; /* 0: no updates */
  gboolean allows_on_failure;
} AuthWebhook;

typedef struct {
  MgNode *node;       /* held by the service until its thread has ended */
  AuthSource *source; /* taken */
  AuthKeys *keys;     /* taken: loaded from it */
  AuthLogins *logins; /* taken */
  AuthWebhook webhook;
  AuthCounters counters;
} AuthServiceConfig;

/* Returned-owned. On the node's lane. */
MgAuth *auth_service_new(const AuthServiceConfig *config);

/*
 * No more is allowed. The thread ends, and releases the node, when all tickets have ended and their
 * ends have been told to the webhook, or a few seconds later. Drops the caller's reference. Does
 * not wait.
 */
void auth_service_stop(MgAuth *auth);

MgAuth *auth_service_hold(MgAuth *auth);
void auth_service_release(MgAuth *auth);
