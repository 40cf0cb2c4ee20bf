/*
 * The webhook's words: what is sent, how it is signed, what comes back. Pure functions, any thread.
 *
 * A request is a JSON object, its answer is one or nothing:
 *
 *   {"version": 1, "event": "publish", "id": "8f…", "time": 1767225600, "app": "live", "stream": "studio",
 *    "query": "a=b", "address": "192.0.2.7", "protocol": "rtmps", "key": "k3f9a2bc"}
 *   {"allow": true, "stream": "stage", "lifetime": 3600, "bitrate": 6000000}
 *   {"allow": false, "reason": "The tournament is over."}
 */
#pragma once

#include "auth/decide.h"

typedef struct {
  const char *event; /* "publish", "play", "update", "close" */
  const char *id;    /* the same in all events of one stream */
  gint64 utc_us;
  const AuthQuestion *question;
  const AuthKey *key; /* NULL: it came without one */
  const char *stream; /* the public name; NULL: it has none yet, so the name is sent as it came */
  guint64 bytes;      /* of media, so far */
  MgTime duration;    /* since it was allowed; "update" and "close" only */
  const char *reason; /* "close": why */
} AuthEvent;

/* Returned-owned: the body. A key that is known here is not in it. */
char *auth_event_write(const AuthEvent *event);

/* Returned-owned: "t=SECONDS,v1=HEX": HMAC-SHA256 with SECRET of "SECONDS.BODY". */
char *auth_event_sign(const char *body, const char *secret, gint64 utc_us);

typedef struct {
  gboolean is_allowed;
  char *stream, *reason; /* owned; NULL: nothing was said */
  MgTime lifetime;       /* from now; 0: no limit */
  gint64 bitrate;        /* bits per second; 0: no limit */
} AuthVerdict;

/*
 * Reads an HTTP answer of any bytes. FALSE and ERROR when it cannot be understood, then VERDICT is
 * empty; else it is to be cleared.
 */
gboolean auth_verdict_read(guint status, const char *body, gsize size, AuthVerdict *verdict,
                           GError **error);
void auth_verdict_clear(AuthVerdict *verdict);
