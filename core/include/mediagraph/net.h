/*
 * TCP for plugins: listeners and connections on I/O lanes.
 *
 * A listener accepts on all I/O lanes; an accepted connection lives on the lane that accepted it until
 * it is moved. Everything about a connection happens on its lane. Received bytes are lent for the
 * callback only: parse or copy them. What is written is queued and goes out with one writev when the
 * callback returns. Nothing here blocks.
 *
 * Life: accepted() → received()… → closed(), which comes exactly once, whoever closed it and why; the
 * connection is gone when it returns. Never touch a connection after closed(). Callbacks come from the
 * loop only, never from within a call that is made here.
 *
 * A peer that shuts down its side has gone: what is queued is still sent to it, then the connection
 * closes. A connection that is closed with bytes still queued ends with a reset, so that what the
 * peer got looks as incomplete as it is.
 *
 * With TLS all this is the same: bytes are those inside, a goodbye is TLS's close_notify with the FIN, and
 * the handshake is done before the first received(). accepted() comes before it, so that deadlines that
 * begin there count it in.
 */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/lane.h>
#include <mediagraph/networks.h>
#include <mediagraph/tls.h>

G_BEGIN_DECLS

typedef struct MgListener MgListener;
typedef struct MgConnection MgConnection;

typedef struct {
  gsize size; /* sizeof (MgConnectionEvents) */
  /* A peer connected. Returns the connection's own pointer; NULL refuses and closes it silently. */
  gpointer (*accepted)(MgConnection *connection, gpointer listener_data);
  /* BYTES are lent. More than one call may follow from one read. */
  void (*received)(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data);
  /* All that was written has reached the kernel. May be NULL. */
  void (*drained)(MgConnection *connection, gpointer data);
  /* REASON is a sentence for the log; "closed by peer" when the peer did it in an orderly way. */
  void (*closed)(MgConnection *connection, const char *reason, gpointer data);
} MgConnectionEvents;

typedef struct {
  gsize size;            /* sizeof (MgListenOptions) */
  guint max_connections; /* 0: no limit */
  guint max_per_address; /* IPv4 address or IPv6 /64; 0: no limit */
  guint user_timeout_ms; /* a peer that acknowledges nothing for so long is gone; 0: the kernel's */
  gboolean quick_ack;    /* acknowledge at once while a handshake goes back and forth */
  gsize max_write_queue_bytes; /* more queued than this closes the connection; 0: no limit */
  MgTlsContext *tls;           /* connections are TLS, with this; the listener takes a reference */
  gboolean tls_is_optional;    /* plain ones are taken, too: the first byte tells */
  MgNetworks
      *proxies; /* who may say by the PROXY protocol for whom it calls; a reference is taken */
} MgListenOptions;

/*
 * Returned-owned: listens on ADDRESS ("0.0.0.0:1935", "[::]:8080"; port 0 takes a free one).
 * EVENTS is borrowed for ever, OPTIONS (may be NULL) during the call. NULL and ERROR name the address
 * and what to do. Any thread.
 */
MG_API MgListener *mg_listener_new(const char *address, const MgConnectionEvents *events,
                                   gpointer data, const MgListenOptions *options, GError **error);

/* The port it really listens on. Any thread. */
MG_API guint mg_listener_port(MgListener *listener);

/*
 * Returned-owned: "localhost:8080", its address as URLs show it: "localhost" where that is all addresses
 * of the machine. Any thread.
 */
MG_API char *mg_listener_url_host(MgListener *listener);

typedef struct {
  guint connections; /* open now */
  guint64 accepted, refused, received_bytes, sent_bytes;
} MgListenerStats;

/* Any thread. */
MG_API void mg_listener_stats(MgListener *listener, MgListenerStats *stats);

/*
 * Stops accepting, aborts its connections (closed() comes for each, on its lane), and calls DONE(DATA)
 * on the caller's lane (on an I/O lane, if the caller is on none) when the last one is gone and the
 * listener is freed. DONE may be NULL.
 */
MG_API void mg_listener_close(MgListener *listener, MgLaneFunc done, gpointer data);

/* Queues bytes: a copy, or a slice of DATA (taken). Ignored once closing. On its lane. */
MG_API void mg_connection_write(MgConnection *connection, gconstpointer bytes, gsize size);
MG_API void mg_connection_write_data(MgConnection *connection, MgData *data, gsize offset,
                                     gsize size);

/* Bytes queued and not yet taken by the kernel; and all that it has taken so far. On its lane. */
MG_API gsize mg_connection_queued(const MgConnection *connection);
MG_API guint64 mg_connection_sent(const MgConnection *connection);

/*
 * Bytes that the peer's host has acknowledged so far: how fast it really takes them, since the kernel
 * holds megabytes back and asks for more in large steps. A system call. On its lane.
 */
MG_API guint64 mg_connection_acknowledged(const MgConnection *connection);

/*
 * Sends what is queued, then FIN, and closes when the peer's FIN has come; gives up after LINGER
 * nanoseconds. What is received meanwhile is thrown away. On its lane.
 */
MG_API void mg_connection_close(MgConnection *connection, const char *reason, MgTime linger);

/* Closes at once. closed() comes from the loop, not from within this call. On its lane. */
MG_API void mg_connection_abort(MgConnection *connection, const char *reason);

/* Stops and resumes reading (back-pressure towards the peer). On its lane. */
MG_API void mg_connection_set_reading(MgConnection *connection, gboolean is_reading);

/*
 * What a patient connection receives may be told up to 10 ms late, so that on a busy lane many of them
 * share one wake-up: for paced media, not for requests and answers. On its lane.
 */
MG_API void mg_connection_set_patient(MgConnection *connection, gboolean is_patient);

/*
 * Hands the connection to LANE, an I/O lane, and calls THEN(connection's pointer) there. From this call
 * on, until THEN runs, nobody may touch it; bytes not yet received wait. Must be the last thing its
 * callback does with it: what received() was given and not yet consumed must be kept by the caller.
 */
MG_API void mg_connection_move(MgConnection *connection, MgLane *lane, MgLaneFunc then);

/* Whether it is TLS. When that is optional, it is known from the first received() on. On its lane. */
MG_API gboolean mg_connection_is_secure(const MgConnection *connection);

/* Whether it was agreed on PROTOCOL (tls.h). From the first received() on; on its lane. */
MG_API gboolean mg_connection_speaks(const MgConnection *connection, const char *protocol);

/* "192.0.2.7:50311": the peer, or for whom it calls, from the first received() on. Borrowed. */
MG_API const char *mg_connection_peer(MgConnection *connection);

/*
 * Returned-owned: who PEER ("192.0.2.7:50311", "[2001:db8::7]:50311") is where peers have shares of something:
 * "192.0.2.7", but of IPv6 the /64, "2001:db8::/64", in which one host has as many addresses as it likes. What is
 * no such text comes back as it is. Any thread.
 */
MG_API char *mg_peer_network(const char *peer);

G_END_DECLS
