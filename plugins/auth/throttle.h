/*
 * Who has failed lately, and how long the next "no" is kept back for it.
 *
 * Per IPv4 address or IPv6 /64. Each failure doubles the delay; ten minutes without one forgive
 * all. The memory is bounded: beyond AUTH_THROTTLE_MOST the one who failed longest ago is
 * forgotten. One thread.
 */
#pragma once

#include "auth/net.h"

#include <mediagraph/types.h>

enum { AUTH_THROTTLE_MOST = 4096 };

typedef struct AuthThrottle AuthThrottle;

AuthThrottle *auth_throttle_new(void);
void auth_throttle_free(AuthThrottle *throttle);

/* ADDRESS has failed at NOW: returns how long its answer is to wait. */
MgTime auth_throttle_fail(AuthThrottle *throttle, const AuthAddress *address, MgTime now);

guint auth_throttle_size(const AuthThrottle *throttle);
