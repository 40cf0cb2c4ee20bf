/*
 * Tunnels: RTMP connections of which each exists in requests of HTTP alone (RTMPT), on one TCP connection or
 * on many. A tunnel has an id that nobody can guess, a lane, and a client; it ends with the client, whose
 * deadlines are the tunnel's, and when no request has come for tunnel_timeout.
 *
 * All tunnels of a node are listed in its Ingest. A tunnel is touched on its lane only, which
 * tunnel_find() tells.
 */
#pragma once

#include "ingest.h"

typedef struct Tunnel Tunnel;
typedef struct Post Post;

/* Returned-owned: the id of a new tunnel on this lane; NULL: there may be no more. PEER is copied. */
char *tunnel_open(Ingest *ingest, const char *peer, gboolean is_secure);

/*
 * Borrowed: the tunnel of that ID if it is on this lane. NULL and LANE if it is on another, or on its way to
 * this one; NULL and no LANE if there is none.
 */
Tunnel *tunnel_find(Ingest *ingest, const char *id, MgLane **lane);

typedef enum {
  TUNNEL_NEXT,
  TUNNEL_AGAIN, /* the last one was sent once more: its answer got lost */
  TUNNEL_WRONG, /* requests have been lost, or it is busy with another */
} TunnelTurn;

/* POST has a request with that number. Until tunnel_unbind() no other can; WRONG binds nothing. */
TunnelTurn tunnel_bind(Tunnel *tunnel, Post *post, guint32 sequence);
void tunnel_unbind(Tunnel *tunnel);

/* Whether it can take bytes now. If not, post_resume() will be called when it can. */
gboolean tunnel_takes(const Tunnel *tunnel);

/* Takes RTMP. Returns tunnel_takes(). */
gboolean tunnel_take(Tunnel *tunnel, const guint8 *bytes, gsize size);

/* Borrowed until the next call: an answer of what there is to say; or the last answer, AGAIN. */
const guint8 *tunnel_answer(Tunnel *tunnel, gboolean again, gsize *size);

/* Whether its client publishes or plays. */
gboolean tunnel_is_admitted(const Tunnel *tunnel);

/* The peer has closed it. */
void tunnel_hang_up(Tunnel *tunnel);

/* post.c: it has come to another lane with its post. */
void tunnel_arrived(Tunnel *tunnel);

/* Ends all of a node's, and lets no more be opened. Any thread. */
void tunnels_end(Ingest *ingest);
