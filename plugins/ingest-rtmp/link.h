/*
 * What a client's bytes come and go through: a connection of its own (door.c), or requests of HTTP
 * (tunnel.c). Whoever carries it makes the client, feeds it, and tells it when all is over.
 */
#pragma once

#include <mediagraph/net.h>

/* As what net.h has for connections; on the client's lane. */
typedef struct {
  void (*write)(gpointer carrier, gconstpointer bytes, gsize size);
  void (*write_data)(gpointer carrier, MgData *data, gsize offset, gsize size); /* DATA is taken */
  gsize (*queued)(gpointer carrier);
  void (*close)(gpointer carrier, const char *reason, MgTime linger);
  void (*set_reading)(gpointer carrier, gboolean is_reading);
  void (*set_patient)(gpointer carrier, gboolean is_patient);
  /* THEN is called with the client. */
  void (*move)(gpointer carrier, MgLane *lane, MgLaneFunc then);
  const char *(*peer)(gpointer carrier); /* borrowed */
} LinkClass;

typedef struct {
  const LinkClass *class;
  gpointer carrier;
} Link;
