/*
 * HTTP requests that run side by side on one thread, by libcurl; and how that thread waits.
 *
 * All but the wake-up belongs to one thread. Redirects are not followed, and answers are cut off
 * beyond AUTH_HOOK_BYTES: both are failures.
 */
#pragma once

#include <mediagraph/types.h>

enum { AUTH_HOOK_BYTES = 64 << 10 };

typedef struct AuthHooks AuthHooks;

AuthHooks *auth_hooks_new(void);

/* None may be running. */
void auth_hooks_free(AuthHooks *hooks);

/* All borrowed during the call. */
typedef struct {
  const char *url;
  const char *body;      /* JSON */
  const char *signature; /* value of Mediagraph-Signature */
  MgTime deadline;       /* for all of it, from now */
} AuthPost;

typedef struct {
  const char *failure; /* NULL: there is an answer. Does not name the URL */
  guint status;
  const char *body;
  gsize size;
} AuthPosted;

/* Sends POST. DONE is called once, within a later auth_hooks_wait() or auth_hooks_give_up(). */
void auth_hooks_post(AuthHooks *hooks, const AuthPost *post,
                     void (*done)(gpointer data, const AuthPosted *posted), gpointer data);

/* How many are running. */
guint auth_hooks_n(const AuthHooks *hooks);

/* Fails those that are running, now. */
void auth_hooks_give_up(AuthHooks *hooks);

/* Waits for TIMEOUT_MS at most, for something to go on or for a wake-up; then goes on. */
void auth_hooks_wait(AuthHooks *hooks, guint timeout_ms);

/* Ends a wait, or the next one if there is none. Any thread. */
void auth_hooks_wake(AuthHooks *hooks);
