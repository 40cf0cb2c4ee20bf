/*
 * What all connections of one ingest-rtmp node share, on all lanes.
 *
 * Made by the node's open(); freed when the listener has closed its last connection, which is some
 * time after the node's close(). But for the atomics it does not change in between.
 */
#pragma once

#include "protocols.h"
#include "server.h"

#include <mediagraph/auth.h>
#include <mediagraph/counter.h>
#include <mediagraph/net.h>

typedef struct {
  MgTime handshake_timeout, publish_timeout, media_timeout, input_timeout, ping_interval;
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
  gint is_draining; /* atomic */
  GMutex lock;
  GHashTable *tunnels;          /* id → Tunnel, which owns the id; under the lock */
  gboolean is_closing;          /* under the lock */
  guint most, most_per_address; /* tunnels */
  gint ref_count;
  MgCounter *bytes, *unknown, *dropped, *repaired, *refused;
} Ingest;

/* Payloads are made where they stay: in the MgData of the buffers that carry them on. */
extern const MgRtmpMemory ingest_memory;

/* Any thread. */
Ingest *ingest_ref(Ingest *ingest);
void ingest_unref(gpointer ingest);
