/*
 * A cast: one stream as it is played, from its publisher to all players of it.
 *
 * It is made when a publisher begins, on the publisher's lane, and everything of it happens there: players
 * come to it with their connections, so that a message is made once and never changes threads. What the
 * publisher sends gathers for a moment and goes to all players in one go, which is what serving many
 * costs least with. When the publisher has gone, the cast waits for another one for a while; players hear
 * nothing meanwhile, and time goes on where it was. Then they are told that it is over.
 *
 * All casts of a node are listed in its Ingest, by app and stream. References may be held on any thread;
 * what is not said to be of any thread is on the cast's lane.
 */
#pragma once

#include "ingest.h"
#include "player.h"

#include <mediagraph/lane.h>

typedef struct Cast Cast;

/* Returned-owned: the cast of APP/STREAM, with OWNER for its publisher. NULL: the node is closing. On its lane. */
Cast *cast_publish(Ingest *ingest, const char *app, const char *stream, gpointer owner);

/* A packet (borrowed) of OWNER's. Further tracks go to players that take them. */
void cast_push(Cast *cast, gpointer owner, MgBuffer *buffer);

/* A data message (borrowed) of OWNER's: onMetaData is kept and goes to players, within bounds. */
void cast_take_data(Cast *cast, gpointer owner, const MgRtmpMessage *message);

/* OWNER has gone. Releases CAST. */
void cast_unpublish(Cast *cast, gpointer owner);

/* Returned-owned: the cast that is to be played as APP/STREAM, and its LANE; or NULL. Any thread. */
Cast *cast_find(Ingest *ingest, const char *app, const char *stream, MgLane **lane);

/* NULL is fine. Any thread. */
void cast_unref(Cast *cast);

typedef struct {
  void (*ended)(gpointer data, const char *reason); /* the player has been removed */
  void (*starved)(
      gpointer data); /* too much waits for it: remove it. Not from within its own calls */
} CastEvents;

/*
 * Adds PLAYER (borrowed until it is removed) and sends it what there is. FALSE and ERROR: the cast is over
 * (MG_ERROR_GONE), has as many players as it may have, or nothing that this one can play. STARTS is called
 * in between, when it is sure that it plays.
 */
typedef struct {
  Player *player;
  void (*starts)(gpointer data);
  const CastEvents *events; /* borrowed for ever, called with DATA */
  gpointer data;
} CastSeat;

gboolean cast_add(Cast *cast, const CastSeat *seat, GError **error);
void cast_remove(Cast *cast, Player *player);

/* The node drains: ends those that wait for a publisher; the others end with theirs. Any thread. */
void casts_drain(Ingest *ingest);

/* Ends all of a node's. Any thread. */
void casts_end(Ingest *ingest);
