/*
 * A ticket: the asker's half on a lane, the service's half on its thread (service.h).
 *
 * The asker holds it until end(), the service until it has heard of that. What the service says is
 * kept in the ticket, and posted to the lane that the ticket is on at that time.
 */
#pragma once

#include "auth/decide.h"

struct MgAuthTicket {
  gint ref_count;
  MgAuth *auth; /* held */
  AuthQuestion question;

  const MgAuthEvents *events; /* the asker's; on its lane */
  gpointer data;
  guint64 media_bytes; /* atomic */

  GMutex lock;  /* guards what follows */
  MgLane *lane; /* NULL: on its way */
  gboolean is_posted, has_answer, is_answered, is_revoked, has_ended;
  MgAuthAnswer answer; /* set once; its strings are owned */
  char *revocation;    /* owned; NULL: it may go on */
  char *end_reason;    /* owned */

  /* The service's, on its thread. */
  AuthKey *key;          /* a reference; NULL: it came without one */
  MgAuthVerdict denial;  /* a "no" that is kept back, */
  char *denial_reason;   /* owned */
  MgTime answer_at;      /* until then; 0: there is none */
  char *public_stream;   /* owned; set when it was allowed, */
  MgTime started_at;     /* which was then */
  gboolean is_running;   /* it was allowed, and not sent away since */
  MgTime ends_at;        /* 0: open */
  gint64 bitrate;        /* bits per second; 0: no limit */
  guint64 rate_bytes;    /* media_bytes at the beginning of the time that it is measured over, */
  MgTime rate_since;     /* which was then */
  char *id;              /* at the webhook; owned; NULL: it was not asked */
  gboolean awaits_close; /* the webhook said yes, and is to hear of the end */
  gboolean is_updating;  /* an update is on its way there */
  MgTime next_update;
};

/* Returned-owned, for the asker. On a lane. */
MgAuthTicket *auth_ticket_new(MgAuth *auth, const MgAuthRequest *request,
                              const MgAuthEvents *events, gpointer data);
MgAuthTicket *auth_ticket_ref(MgAuthTicket *ticket);
void auth_ticket_unref(MgAuthTicket *ticket);

/* Tells the asker: once. ANSWER is borrowed. Any thread. */
void auth_ticket_answer(MgAuthTicket *ticket, const MgAuthAnswer *answer);

/* Tells the asker that it may not go on; only the first reason counts. Any thread. */
void auth_ticket_revoke(MgAuthTicket *ticket, const char *reason);

/* MgAuthInterface's. */
void auth_ticket_move(MgAuthTicket *ticket, MgLane *lane);
void auth_ticket_count(MgAuthTicket *ticket, guint64 media_bytes);

/* No callback comes any more; the asker keeps its reference. On its lane. */
void auth_ticket_close(MgAuthTicket *ticket, const char *reason);

guint64 auth_ticket_bytes(MgAuthTicket *ticket);
