/*
 * What the keys say to a question: a pure function of both.
 */
#pragma once

#include "auth/keys.h"

#include <mediagraph/auth.h>

/* A question, copied. Strings are owned and never NULL. */
typedef struct {
  MgAuthAction action;
  char *app, *stream, *query, *peer, *login;
  char *protocol; /* "rtmps" for RTMP in TLS, "rtmpts" for RTMPT in it */
  gboolean has_address;
  AuthAddress address; /* of the peer */
} AuthQuestion;

void auth_question_init(AuthQuestion *question, const MgAuthRequest *request);
void auth_question_clear(AuthQuestion *question);

/* Returned-owned, decoded: the value of NAME in a query; NULL: it has none. Wipe it. */
char *auth_query_get(const char *query, const char *name);

typedef struct {
  MgAuthVerdict verdict;
  const char *reason; /* static; NULL with YES */
  AuthKey *key;       /* with YES: borrowed from the keys */
} AuthDecision;

/*
 * Whether the question, which is to PUBLISH, brings a key that may be used now. The key comes as
 * the name of the stream, or as ?key= behind the stream's public name, or was given with a login
 * before.
 */
AuthDecision auth_decide(const AuthKeys *keys, const AuthQuestion *question, gint64 now_utc_us);
