/*
 * A server of connections for the tests of core/net: does what a test says in its callbacks, notes what
 * happens, and asserts that callbacks never nest and that closed() comes once.
 */
#pragma once

#include "doubles/client.h"

#include <mediagraph/net.h>

typedef struct Server Server;

/* One connection, from the server's side. */
typedef struct {
  Server *server;
  MgConnection *connection;
  gboolean is_inside; /* a callback runs */
} Peer;

struct Server {
  MgListener *listener;
  guint port;

  /* What to do; NULL: nothing. On the connection's lane. */
  gboolean (*accepted)(Peer *peer); /* FALSE refuses */
  void (*received)(Peer *peer, const guint8 *bytes, gsize size);
  void (*drained)(Peer *peer);

  /* What happened. */
  GMutex lock;
  GString *input;
  guint n_accepted, n_drained, n_closed;
  char *reason;      /* of the last closed() */
  MgLane *last_lane; /* that received() ran on */
  gpointer last;     /* the last peer accepted */
  gboolean is_done;
};

/* Listens on a free port of 127.0.0.1. */
void server_start(Server *server, const MgListenOptions *options);
/* Closes it, waits until it is gone, and checks that every connection was closed. */
void server_stop(Server *server);

/* Wait for what the names say; the test fails when it does not come. */
void server_wait_accepted(Server *server, guint n);
void server_wait_closed(Server *server, guint n);
void server_wait_drained(Server *server, guint n);
void server_wait_input(Server *server, const char *text);

/* Runs FUNC(DATA) on I/O lane INDEX and waits for it. */
void run_on_lane(guint index, MgLaneFunc func, gpointer data);
