/*
 * The auth service: may this peer publish, or play, that stream?
 *
 * A listener asks once per stream, with what the peer has sent, and is answered later: the answer
 * may come from a file or from another machine. An answer that says yes names the stream as
 * everybody else is to know it. What the peer sent as a name may be its key, so it goes nowhere but
 * into the request: not into a log, a path or a session. A listener that finds no such service lets
 * everybody in.
 *
 *   ticket = table->ask(auth, &request, &events, data);
 *   answered(data, answer): said yes; the stream runs under answer->stream
 *   table->count(ticket, bytes) as media comes
 *   revoked(data, reason): may come then, once
 *   table->end(ticket, reason): when it is over, whatever was answered
 *
 * A ticket belongs to who asked, from ask() to end(), exactly one of each. Its callbacks come on
 * the lane it was asked on, from the loop, never from within a call that is made here, and never
 * after end(). A connection that moves to another lane takes its tickets along: move() to NULL
 * before, to the new lane there. Nothing here blocks.
 *
 * A listener's connections may outlive its own close(), and with it the service: hold() it while
 * there are any. One that is closed says no to everybody.
 */
#pragma once

#include <mediagraph/service.h>

G_BEGIN_DECLS

typedef struct MgAuth MgAuth;             /* the service */
typedef struct MgAuthTicket MgAuthTicket; /* one question, and what runs since it was answered */

typedef enum {
  MG_AUTH_PUBLISH,
  MG_AUTH_PLAY,
  MG_AUTH_CONNECT, /* RTMP's own logins (authmod), before a stream is named */
} MgAuthAction;

/* What is known of the peer. Strings are borrowed; NULL is the same as "". */
typedef struct {
  gsize size; /* sizeof (MgAuthRequest) */
  MgAuthAction action;
  const char *app;    /* as named by the peer, of the grammar of names */
  const char *stream; /* the same; it may be a key */
  const char *query;  /* behind the name, without '?', not decoded */
  const char *peer;   /* "192.0.2.7:50311" or "[2001:db8::1]:50311" */
  const char
      *protocol;     /* "rtmp", "rtmpe", "rtmpt", "rtmpte", "srt", "http": what is really spoken, */
  gboolean is_tls;   /* and whether that is in TLS: then it is called "rtmps", "rtmpts", "https" */
  const char *login; /* what CONNECT was answered with on this connection; NULL: nothing */
} MgAuthRequest;

typedef enum {
  MG_AUTH_YES,
  MG_AUTH_BAD_KEY, /* no such key: to ask again with the same one is no use */
  MG_AUTH_DENIED,  /* known, but not now, not from there, or not for that */
  MG_AUTH_LATER, /* nobody can tell at the moment; of CONNECT: the next step of a login is to come */
} MgAuthVerdict;

/* All borrowed. */
typedef struct {
  gsize size; /* sizeof (MgAuthAnswer) */
  MgAuthVerdict verdict;
  const char *app;    /* YES: the names that everybody may see */
  const char *stream; /* and this one */
  const char *reason; /* else: for the peer and the log. Of CONNECT: RTMP's description */
  const char *login;  /* CONNECT, YES: to be sent along when the connection asks to publish */
} MgAuthAnswer;

typedef struct {
  gsize size; /* sizeof (MgAuthEvents) */
  void (*answered)(gpointer data, const MgAuthAnswer *answer);
  /*
   * It may not go on: the key was revoked, its time is over, it sends too much. Never before
   * answered.
   */
  void (*revoked)(gpointer data, const char *reason);
} MgAuthEvents;

typedef struct {
  gsize size; /* sizeof (MgAuthInterface) */

  /* The service stays, and answers, until as many releases as holds. Any thread. */
  MgAuth *(*hold)(MgAuth *auth);
  void (*release)(MgAuth *auth);

  /* Whether peers have to be asked for (CONNECT) before they name a stream. Any thread. */
  gboolean (*wants_connect)(MgAuth *auth);

  /* Returned-owned. REQUEST is borrowed during the call, EVENTS until end(). On a lane. */
  MgAuthTicket *(*ask)(MgAuth *auth, const MgAuthRequest *request, const MgAuthEvents *events,
                       gpointer data);

  /*
   * Callbacks come on LANE from now on; NULL: they wait until there is one. On the ticket's lane.
   */
  void (*move)(MgAuthTicket *ticket, MgLane *lane);

  /* So much media has come since it was answered. Cheap: as often as media comes. On its lane. */
  void (*count)(MgAuthTicket *ticket, guint64 media_bytes);

  /* The ticket is gone. REASON is for the operator. On its lane. */
  void (*end)(MgAuthTicket *ticket, const char *reason);
} MgAuthInterface;

#define MG_AUTH_SERVICE "auth"

/*
 * Keys on disk, for `mediagraph key`: what the plugin `auth` offers as a tool. PATH is a keys file,
 * or an SQLite database by its content, or by its name (.db, .sqlite, .sqlite3) where there is none
 * yet. Fields are names and values in turns, with NULL at the end. Outside of any lane.
 */
typedef struct {
  gsize size; /* sizeof (MgAuthKeysTool) */

  /*
   * Returned-owned: a new key, which is now in PATH with FIELDS: "app", "stream", and as far as
   * wanted "from", "until", "addresses", "protocols", "on-duplicate", "note"; "login" with the value "yes" keeps
   * the key itself. Times may be relative: "+7d". NULL and ERROR.
   */
  char *(*add)(const char *path, const char *const *fields, GError **error);

  /* Calls EACH for every key, with "id" first and neither hash nor key. */
  gboolean (*list)(const char *path, void (*each)(const char *const *fields, gpointer data),
                   gpointer data, GError **error);

  /* Takes the key ID out of PATH. FALSE and ERROR when there is none. */
  gboolean (*revoke)(const char *path, const char *id, GError **error);
} MgAuthKeysTool;

#define MG_AUTH_KEYS_TOOL "auth-keys"

G_END_DECLS
