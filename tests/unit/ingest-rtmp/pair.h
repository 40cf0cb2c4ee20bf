/*
 * A server machine and a scripted client, joined without a socket. What the server tells its host is
 * noted in text, a line per event:
 *
 *   connect live?key=1             (when the config has tells_connect)
 *   publish live/cam1?key=1        unpublish        failed
 *   play live/cam1    wish paused no-audio no-video    stop    (when the config has plays)
 *   audio 120 8                    video …          data …           (timestamp and size)
 */
#pragma once

#include "doubles/rtmp-client.h"
#include "ingest-rtmp/server.h"

typedef enum { PAIR_ACCEPTS, PAIR_REFUSES } PairAnswer;

typedef struct {
  RtmpServerConfig config;
  RtmpServer *server;
  MgRtmpClient *client;
  gsize step; /* bytes fed at a time; 0: all there are */
  PairAnswer answer;
  GString *events;
  GError *error;   /* after failed */
  guint n_writes;  /* times that the server had something to send */
  GByteArray *raw; /* last media message's bytes */
} Pair;

/* A server that wants APP (NULL: any), and a client that has said nothing but C0 and C1. */
void pair_init(Pair *pair, const char *app);
void pair_clear(Pair *pair);

/* Carries bytes back and forth until both are silent. */
void pair_talk(Pair *pair);

/* Gives SIZE bytes to the server, and what it answers to the client. */
void pair_feed(Pair *pair, const guint8 *bytes, gsize size);

/* All that a client says until it publishes live/cam1; both sides' notes are forgotten then. */
void pair_publish(Pair *pair);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)
