/*
 * What the files of this room share.
 *
 * A connection belongs to the part of this room on its lane (MgNetLane), and only that lane touches it.
 * Callbacks never run inside a call that a plugin made: what such a call causes is noted on the
 * connection, which is *marked*; marked connections have their turn (mg_connection_turn) at the end
 * of the event that is being handled, or from a timer when it was something else that ran.
 */
#pragma once

#include "net/address.h"
#include "net/networks.h"
#include "net/peers.h"
#include "net/outbox.h"

#include <mediagraph/net.h>

typedef struct MgNetLane {
  guint index;       /* of the I/O lane this belongs to */
  guint8 *scratch;   /* what is received into: lent to received() */
  guint8 *sealed;    /* the same for what is encrypted; NULL until it is asked for */
  GQueue open;       /* connections, by their `link` */
  GQueue marked;     /* connections, by their `mark` */
  MgTimer turn;      /* runs them when no event is being handled */
  gboolean is_event; /* an event is being handled */
} MgNetLane;

/* Of both. Who fills so much of it as PLENTY at once does not pace itself. */
enum { MG_NET_SCRATCH = 128 << 10, MG_NET_PLENTY = 96 << 10 };

/* What is under a connection. Results and errno are as those of recv() and send(). */
typedef struct {
  gssize (*receive)(MgConnection *connection, gpointer bytes, gsize size);
  gssize (*send)(MgConnection *connection, struct iovec *vectors, guint n);
  /* Nothing more will be sent. FALSE: the kernel is full, try again when it is not. */
  gboolean (*finish)(MgConnection *connection);
  /* After the peer's end: the reason to give. */
  const char *(*how_ended)(const MgConnection *connection);
  /* Whether PROTOCOL was agreed on. NULL: nothing can be. */
  gboolean (*speaks)(const MgConnection *connection, const char *protocol);
  /* Frees what is the transport's; the socket is about to be closed. */
  void (*clear)(MgConnection *connection);
} MgTransport;

extern const MgTransport mg_transport_tcp, mg_transport_tls;
extern const MgTransport mg_transport_undecided; /* becomes one of those with the first byte */
extern const MgTransport mg_transport_proxied;   /* becomes one of those behind its header */

/* What TCP does, for transports that only look at what comes first. */
gssize mg_tcp_send(MgConnection *connection, struct iovec *vectors, guint n);
gboolean mg_tcp_finish(MgConnection *connection);
const char *mg_tcp_how_ended(const MgConnection *connection);
void mg_tcp_clear(MgConnection *connection);

typedef struct MgTls MgTls;

typedef enum {
  MG_CONN_OPEN,
  MG_CONN_CONNECTING, /* an outgoing one that has not been answered yet: there is a dial */
  MG_CONN_FLUSHING,   /* to be closed once its queue is empty */
  MG_CONN_LINGERING,  /* all is sent, FIN too; waiting for the peer's */
  MG_CONN_CLOSED,     /* closed() comes with its next turn */
} MgConnState;

struct MgConnection {
  MgListener *listener; /* a reference */
  struct MgDial *dial;  /* owned; while it is being connected */
  MgNetLane *net;
  gpointer data;
  const MgTransport *transport;
  MgTls *tls; /* NULL: none, or nothing has come yet */
  MgWatch watch;
  GList link, mark;
  MgOutbox outbox;
  MgTimer linger;
  guint64 sent;
  MgAddress peer;
  char *peer_text; /* made when asked for */
  char *reason;
  MgLane *move_to; /* until it has left this lane */
  MgLaneFunc then;
  int fd;
  MgConnState state;
  guint8 n_quick_acks;   /* left */
  guint16 n_peeked;      /* bytes of a proxy's header that were seen to be too few */
  gboolean owes_ack : 1; /* for what came last, unless an answer goes out */
  gboolean is_marked : 1;
  gboolean is_reading : 1;
  gboolean is_patient : 1;
  gboolean is_full : 1;      /* the kernel takes no more for now */
  gboolean is_shaking : 1;   /* a handshake of the transport's goes on: nothing can be sent */
  gboolean said_goodbye : 1; /* the peer, by what the transport adds: no more will come */
  gboolean has_ended : 1;    /* the peer's FIN came, or its goodbye */
  gboolean owes_drained : 1;
  gboolean is_refused : 1; /* accepted() gave NULL: no closed() */
  gboolean is_counted : 1; /* among those of its address */
};

/* A listener's part on one lane. */
typedef struct {
  MgListener *listener;
  guint index;
  MgWatch watch;
  MgTimer pause;
  /* Any thread. */
  gint n_connections;
  guint64 accepted, refused, received_bytes, sent_bytes;
} MgAcceptor;

struct MgListener {
  gint ref_count; /* one for its owner, one per acceptor, one per connection */
  const MgConnectionEvents *events;
  gpointer data;
  MgListenOptions options;
  MgAddress address;
  int fd;
  gint n_listening; /* acceptors that have not stopped */
  gint is_closing;
  gint n_connections;
  MgPeers *peers;  /* NULL: no limit */
  MgTime short_at; /* when descriptors last ran out; 0: not, or it was said that it is over */
  MgTime full_said_at,
      share_said_at; /* atomic: when the log last said that somebody was turned away; 0: never */
  MgLaneFunc done;
  gpointer done_data;
  MgLane *done_lane;
  guint n_acceptors;
  MgAcceptor acceptors[];
};

/* This room's part on the current lane, an I/O lane. */
MgNetLane *mg_net_here(void);

/* MG_NET_SCRATCH bytes for encrypted ones, and for what is to be. */
guint8 *mg_net_sealed(MgNetLane *net);

/* Around the handling of an event: the second runs the turns of what was marked. */
void mg_net_begin(MgNetLane *net);
void mg_net_end(MgNetLane *net);

/* Adds to a counter of an acceptor. */
static inline void
mg_net_count(guint64 *counter, guint64 n)
{
  __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

MgListener *mg_listener_ref(MgListener *listener);
void mg_listener_unref(MgListener *listener);

/*
 * Returned-owned: what an outgoing connection has in place of a listener, with one reference: it accepts
 * nothing, and has no part in anybody's limits.
 */
MgListener *mg_listener_new_caller(const MgConnectionEvents *events,
                                   const MgListenOptions *options);

/* A connection of LISTENER's (a reference is taken) that has no socket yet, on the current lane. */
MgConnection *mg_connection_new_caller(MgListener *listener, gpointer data);

/* Makes a connection of an accepted socket (taken, and counted) on the current lane. */
void mg_connection_adopt(MgListener *listener, int fd, const MgAddress *peer);

/* Whether a connection of PEER's counts among those of its address: those of proxies do not. */
gboolean mg_listener_counts(const MgListener *listener, const MgAddress *peer);

/* PEER has one more, if the limits allow that; else FALSE, and the log says so now and then. Any thread. */
gboolean mg_listener_take_place(MgListener *listener, const MgAddress *peer);

/* Says now and then that PEER is turned away, because its address has its share. Any thread. */
void mg_listener_say_share(MgListener *listener, const MgAddress *peer);

/* One connection less on the I/O lane of that index, and in the limits; COUNTED: of its address, or NULL. */
void mg_listener_left(MgListener *listener, guint lane, const MgAddress *counted);

/* Does what has been put off: sends, moves, closes. The connection may be gone afterwards. */
void mg_connection_turn(MgConnection *connection);

/* Aborts all connections of LISTENER on the current lane. */
void mg_connections_abort(MgListener *listener, const char *reason);

/* What is under a connection whose socket has nothing before it. */
const MgTransport *mg_conn_transport(const MgListenOptions *options);

/* It comes from PEER, says its proxy. FALSE: there are too many of those. */
gboolean mg_conn_set_peer(MgConnection *connection, const MgAddress *peer);

/* Gives the connection a turn, soon. */
void mg_conn_mark(MgConnection *connection);

/* It is over: closed() comes with its next turn. REASON is copied; the first one counts. */
void mg_conn_set_closed(MgConnection *connection, const char *reason);

/* Takes no more to send, and closes once all is sent, or after LINGER. */
void mg_conn_start_flushing(MgConnection *connection, const char *reason, MgTime linger);

/* Watches its socket from here on. FALSE: it cannot, and is closed. */
gboolean mg_conn_start_watching(MgConnection *connection);

/* Watches for what matters in the state it is in. */
void mg_conn_update_watch(MgConnection *connection);
