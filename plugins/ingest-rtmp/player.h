/*
 * What one player is sent: where it begins, what it is spared, and what it misses when it is slow.
 *
 * It begins with the metadata, the configurations and what the cache has, and goes on with what comes. A
 * codec that it has not said it knows is left out. When more waits for it than may be, or for longer,
 * it gets nothing until all that is gone, and goes on at the next key frame; so nobody waits for it.
 *
 * Writes to an output; no socket, no clock. On one lane.
 */
#pragma once

#include "facts.h"

typedef struct {
  void (*write)(gpointer user, MgData *data, gsize offset, gsize size); /* DATA is borrowed */
  void (*write_bytes)(gpointer user, gconstpointer bytes, gsize size);
  gsize (*queued)(gpointer user); /* bytes that have not left */
  gboolean (*decodes)(gpointer user, MgCodec codec);
  gboolean (*takes_tracks)(gpointer user); /* more than one of a kind */
} PlayerOutput;

typedef struct {
  const PlayerOutput *output; /* borrowed for ever, called with USER */
  gpointer user;
  guint32 stream_id;
  RtmpPlayWish wish;
  gboolean waits_for_key;
  gboolean is_late;               /* gets nothing until all has left, */
  gboolean was_late;              /* and then a key frame */
  MgTime empty_at;                /* when nothing waited for it */
  MgStream *said[2][PLAY_TRACKS]; /* what configurations it has: audio, video; references */
  guint begun;                    /* further videos that have begun: a bit each */
  guint64 dropped;                /* messages, for being late */
} Player;

enum { PLAYER_QUEUE_BYTES = 24 << 20 }; /* a full cache, and something more */
#define PLAYER_QUEUE_TIME (5 * MG_SECOND)

void player_init(Player *player, const PlayerOutput *output, gpointer user, guint32 stream_id);
void player_clear(Player *player);

/* Sends what is there of a stream that there is FACTS of. */
void player_start(Player *player, const PlayFacts *facts, const PlayCache *cache, MgTime now);

/* What it wants from here on. What it has not had begins with a key frame. */
void player_want(Player *player, const RtmpPlayWish *wish);

/* Looks at how much waits for it. Before items are pushed. */
void player_look(Player *player, MgTime now);

void player_push(Player *player, const PlayFacts *facts, const PlayItem *item);

void player_push_metadata(Player *player, const PlayFacts *facts, guint32 stamp_ms);

/* Bytes that wait for it. */
gsize player_queued(const Player *player);

/* Whether it can be sent anything of what is known; TRUE as long as nothing is. */
gboolean player_fits(const Player *player, const PlayFacts *facts);
