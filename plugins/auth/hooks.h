/*
 * Webhooks: HTTP requests that run side by side on one thread, by libcurl; and how that thread waits.
 *
 * All but the wake-up belongs to one thread.
 */
#pragma once

#include <glib.h>

typedef struct AuthHooks AuthHooks;

AuthHooks *auth_hooks_new(void);
void auth_hooks_free(AuthHooks *hooks);

/* Waits for TIMEOUT_MS at most, for something to go on or for a wake-up; then goes on. */
void auth_hooks_wait(AuthHooks *hooks, guint timeout_ms);

/* Ends a wait, or the next one if there is none. Any thread. */
void auth_hooks_wake(AuthHooks *hooks);
