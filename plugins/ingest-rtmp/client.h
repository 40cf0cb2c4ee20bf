/*
 * One connection of an encoder, or of a player: binds the protocol (server.h) and its media (media.h) to a link and a
 * session.
 *
 * Made when the peer connects, gone when the connection has closed. It begins on the lane that accepted
 * it; when its peer asks to publish, admission.c claims the session, moves the connection to the
 * session's lane and attaches there. Every phase has a deadline that no byte of the peer's moves, except
 * the last: while it publishes, media must keep coming.
 */
#pragma once

#include "cast.h"
#include "guest.h"
#include "ingest.h"
#include "link.h"
#include "media.h"

#include <mediagraph/session.h>

typedef enum {
  CLIENT_HANDSHAKE,
  CLIENT_CONNECTING, /* until publish */
  CLIENT_ASKING,     /* its session is being found; nothing is read */
  CLIENT_STARTING,   /* attached; no media yet */
  CLIENT_PUBLISHING,
  CLIENT_PLAYING,
  CLIENT_CLOSING, /* what is queued goes out; nothing is read any more */
} ClientPhase;

typedef struct {
  Ingest *ingest;
  Link link;
  RtmpServerConfig config; /* the node's, with memory of its own */
  RtmpServer *server;
  gsize held;          /* by unfinished messages; counted in the budget */
  gboolean is_starved; /* it got no more, because max-memory is used up */
  ClientPhase phase;
  Guest *guest;         /* until it publishes or plays; owned */
  guint protocols;      /* that it may be, by its first byte; 0 until that has come */
  MgRtmpCipher *cipher; /* of RTMPE, once the handshake is over; owned */
  MgTimer deadline;
  MgTime arrival; /* of the bytes being handled */

  /* Asking. */
  char *login;          /* what the peer has logged in as; owned; NULL: it has not */
  MgAuthTicket *ticket; /* from the question to the end of the publication; NULL without auth */
  char *app, *stream;   /* the public names, once they are known; owned */
  MgSession *session;   /* claimed, until it is attached to; a reference */
  MgTimer retry;
  MgTime give_up_at;
  guint8 *rest;    /* received behind publish; owned */
  gsize rest_size; /* counted in the budget, too */

  /* Publishing. */
  MgPublication *publication;
  Media *media;
  MediaStats counted;  /* what the node's counters have */
  guint64 media_bytes; /* rtmp_server_media_bytes(), when it last grew, */
  MgTime media_seen;   /* which was then */
  MgTimer ping;
  MgTime received_at; /* the last bytes of any kind */
  gboolean has_pinged;
  gboolean was_asked; /* to connect again */

  Cast *cast;     /* what it publishes or plays; a reference; NULL when streams are not played */
  Player *player; /* of the one it plays; owned */
  guint64 played_bytes; /* that it was sent of this one */
  gboolean has_played;
} Client;

/* Returned-owned, until client_closed(): its link is up. NULL: there is no randomness. */
Client *client_new(Ingest *ingest, Link link);

/*
 * What carries it has its first byte: FALSE if that is of a protocol that may not be spoken; it is being
 * closed. What is no protocol at all, client_receive() says.
 */
gboolean client_begin(Client *client, guint8 first, Carrier carrier);
gboolean client_has_begun(const Client *client);

/* Bytes (borrowed) have come. Not while it waits for an answer, when it has said so to its link. */
void client_receive(Client *client, const guint8 *bytes, gsize size);

/* The link is down because of REASON. Frees the client. */
void client_closed(Client *client, const char *reason);

/* For the log, of a link that went down: REASON, if it has not come to RTMP. */
void client_note_failure(const Client *client, const char *reason);

/* Whether it publishes or plays, or has been let in to. */
gboolean client_is_admitted(const Client *client);

/* Borrowed: "192.0.2.7:50311" */
const char *client_peer(const Client *client);

/* Goes on to PHASE, and starts its deadline. On the lane the connection is on. */
void client_enter(Client *client, ClientPhase phase);

/* Handles SIZE received BYTES (borrowed), which are decrypted already. */
void client_feed(Client *client, const guint8 *bytes, gsize size);

/* Sends what the server has to say. */
void client_send(Client *client);

/* Sends bytes of its own: a copy, or a slice of DATA (borrowed). */
void client_write(Client *client, gconstpointer bytes, gsize size);
void client_write_data(Client *client, MgData *data, gsize offset, gsize size);

/* It has asked for more memory than there is: says so, and ends it. */
void client_starve(Client *client);

/* A message's BLOCK has become the pipeline's, and is no longer counted. */
void client_hand_over(Client *client, gconstpointer block);

/* More than this may not wait for it. */
gsize client_most_queued(const Client *client);

/* Sends what the server has to say and closes; ends the publication, if any. REASON: for the log. */
void client_finish(Client *client, const char *reason);

/*
 * admission.c: asks whether the publisher may, and finds a session for it; the phase says how that went, or
 * that it goes on.
 */
void client_ask(Client *client);

/* admission.c: asks whether the peer may connect, and what the auth service calls it. */
void client_ask_connect(Client *client);

/* admission.c: stops waiting for a session. The connection has closed. */
void client_stop_asking(Client *client);

/* admission.c: the publication, or the wish for one, is over because of REASON. */
void client_forget_admission(Client *client, const char *reason);

/* --- what admission.c and viewer.c share -------------------------------------------------------- */

/*
 * Returned-owned, for the log: "live/studio", what it has asked to publish or (PLAYS) to play. With an auth service
 * what may be a key is cut: of a publisher's name nothing is left until the service has said what the stream is called, of
 * a player's, which need not be that of any stream, as much as the public id of a key is long.
 */
char *client_wanted(const Client *client, gboolean plays);

/* Asks the auth service, with what the peer has sent, and waits. */
void client_ask_auth(Client *client, MgAuthAction action, const MgAuthEvents *events);

/* Takes the connection and what belongs to it to LANE; THEN (of the client) first says that it has moved. */
void client_move(Client *client, MgLane *lane, MgLaneFunc then);
void client_has_moved(Client *client);

/* The question has been answered: handles what the peer sent behind it. */
void client_go_on(Client *client);

/* Asks the peer for a sign of life now and then, until it neither publishes nor plays. */
void client_restart_ping(Client *client);

/* --- publisher.c ------------------------------------------------------------------------------- */

/* What a session tells its publisher, with the client as its data. */
extern const MgPublisherEvents client_publisher_events;

/* The session has admitted it: makes the media. */
void client_start(Client *client, MgPublication *publication);

/* DATA, AUDIO or VIDEO has come. */
void client_take_media(Client *client, RtmpEvent *event);

/* What was received has been handled: counts what came of it, whole or in part. There is media. */
void client_count_media(Client *client);

/* The peer has ended its stream. */
void client_unpublished(Client *client);

/* The publication has ended, or is to end now because of REASON; playing, too. */
void client_end_media(Client *client, const char *reason);

/* --- viewer.c ---------------------------------------------------------------------------------- */

/* Asks whether it may play, and finds the stream. */
void client_ask_play(Client *client);

/* It wants something else of the stream, or no more of it. */
void client_change_wish(Client *client);
void client_stopped_playing(Client *client);

/* Takes it out of its cast, if it plays. */
void client_stop_playing(Client *client);
