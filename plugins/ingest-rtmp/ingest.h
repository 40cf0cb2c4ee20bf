/*
 * What all connections of one ingest-rtmp node share, on all lanes.
 *
 * Made by the node's open(); freed when the listener has closed its last connection, which is some
 * time after the node's close(). But for the atomics it does not change in between.
 */
#pragma once

#include "budget.h"
#include "media.h"
#include "protocols.h"
#include "server.h"

#include <mediagraph/auth.h>
#include <mediagraph/counter.h>
#include <mediagraph/net.h>

/*
 * What may wait for a peer: who lets more pile up is closed. Replies are small. Of media it is more than a player
 * is late by (player.h), and the messages that make it so.
 */
enum { INGEST_MOST_REPLY_BYTES = 256 << 10, INGEST_MOST_MEDIA_BYTES = 56 << 20 };

/* What a guest's unfinished messages may take: its commands are small. */
enum { INGEST_GUEST_BYTES = 256 << 10 };

typedef struct {
  MgTime handshake_timeout, publish_timeout, media_timeout, input_timeout, ping_interval;
  MgTime tunnel_timeout; /* of RTMPT: without a request */
} IngestTimes;

typedef struct {
  MgNode *node; /* held */
  MgListener *listener;
  char *app;                   /* the only one; may be NULL */
  const MgAuthInterface *auth; /* NULL: everybody may publish */
  MgAuth *auth_service;        /* held */
  Protocol protocols;          /* that may be spoken */
  IngestTimes times;
  RtmpServerConfig config;
  MgRtmpLimits limits; /* of one connection */
  Budget budget;       /* of all */
  gint is_draining;    /* atomic */
  GMutex lock;
  GHashTable *casts;            /* "live/studio" → Cast, which owns the name; under the lock */
  guint most_players;           /* of one cast */
  MgTime play_linger;           /* how long players wait for a publisher that has gone */
  GHashTable *tunnels;          /* id → Tunnel, which owns the id; under the lock */
  gboolean is_closing;          /* under the lock */
  guint most, most_per_address; /* tunnels */
  GQueue waiting;               /* of Guest, the oldest first; under the lock */
  guint most_waiting;
  GQueue told;       /* of Guest: who is told of the drain; under the lock */
  MgTime crowded_at; /* when one was last crowded out; 0: never; under the lock */
  gint ref_count;
  MediaCounters counters;
  MgCounter *refused, *missed, *crowded_out;
} Ingest;

/* Of the first listener of the file that has play="yes": its Ingest, for mode="pull". No table of functions. */
#define INGEST_PLAY_SERVICE "ingest-rtmp-play"

/* Payloads are made where they stay: in the MgData of the buffers that carry them on. No budget is asked. */
extern const MgRtmpMemory ingest_memory;

/* Any thread. */
Ingest *ingest_ref(Ingest *ingest);
void ingest_unref(gpointer ingest);
