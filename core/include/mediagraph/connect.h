/*
 * Outgoing TCP connections, for plugins that call others.
 *
 * A connection is opened on the lane that calls, an I/O lane, and lives there as an accepted one does
 * (net.h): connected() → received()… → closed(). A host's name is resolved on a thread that may block;
 * its addresses are tried in the system's order, and none takes more than its share of the time that is
 * left. All of that, and the handshake of TLS, has one deadline, which nothing moves.
 *
 * Until connected() is called, the connection can only be aborted; what is written is thrown away. What
 * fails is said by closed(), in a sentence for the operator. Nothing is tried a second time:
 * that is the caller's to decide, with mg_back_off() (lane.h).
 */
#pragma once

#include <mediagraph/net.h>

G_BEGIN_DECLS

typedef struct {
  gsize size;       /* sizeof (MgConnect) */
  const char *host; /* a name, or the number of an address without brackets; copied */
  guint port;       /* 1 to 65535 */
  const MgConnectionEvents *events; /* borrowed for ever; accepted() is not called */
  void (*connected)(MgConnection *connection, gpointer data); /* may be NULL */
  gpointer data;
  MgTime deadline;             /* mg_now()'s clock: connected by then, or closed */
  guint user_timeout_ms;       /* as in MgListenOptions, and what follows */
  gsize max_write_queue_bytes; /* 0: no limit */
  MgTlsTrust
      *tls; /* TLS with a server that it believes, before connected(); a reference is taken */
} MgConnect;

/*
 * Connects as CONNECT (borrowed) says. Never NULL: the engine owns the connection, the caller may use it
 * until closed() is called, which comes exactly once. On an I/O lane.
 */
MG_API MgConnection *mg_connection_open(const MgConnect *connect);

G_END_DECLS
