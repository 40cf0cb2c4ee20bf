/*
 * RTMP's old logins (authmod): adobe, which OBS, FFmpeg and many hardware encoders have, and llnw.
 *
 * The client is rejected, told how to log in, comes back with its user name, is rejected with a
 * challenge, and comes back with the answer to that. The user name is the public name of the
 * stream, the password its key. Both are proofs by MD5 that the peer knows the password, which
 * therefore has to be known here, too; and they protect neither the name nor the media. RTMPS with
 * a key is better in everything but age.
 *
 * Challenges are not remembered. What they are made of is random and new each time, signed, and
 * valid for a minute; only those that were answered rightly are kept for so long, because they must
 * not be used again. One thread.
 */
#pragma once

#include "auth/decide.h"

typedef enum { AUTH_LOGIN_ADOBE, AUTH_LOGIN_LLNW } AuthLoginKind;

typedef struct AuthLogins AuthLogins;

AuthLogins *auth_logins_new(void);
void auth_logins_free(AuthLogins *logins);

/* Who connects to APP must log in. */
void auth_logins_require(AuthLogins *logins, const char *app, AuthLoginKind kind);
gboolean auth_logins_are_required(const AuthLogins *logins);
gboolean auth_logins_are_required_in(const AuthLogins *logins, const char *app);

typedef struct {
  MgAuthVerdict verdict; /* LATER: the description asks for the next step */
  char *description;     /* owned; NULL with YES */
  char *login;           /* owned; with YES, if there was one: the key's hash */
} AuthLoginStep;

/* What QUESTION, which is to CONNECT, is answered at UTC_US. To be cleared. */
void auth_logins_answer(AuthLogins *logins, const AuthKeys *keys, const AuthQuestion *question,
                        gint64 utc_us, AuthLoginStep *step);
void auth_login_step_clear(AuthLoginStep *step);
