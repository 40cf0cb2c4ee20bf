/*
 * A client: one connection of a viewer, from the server's side.
 *
 * It keeps what all protocols share: the deadlines, the place among those who may be closed to make room,
 * the viewer's reading rate. The bytes are its protocol's: HTTP/1 unless something says otherwise. All of it
 * happens on the connection's lane.
 */
#pragma once

#include "http/server.h"

typedef struct MgHttpClient MgHttpClient;

/* What a protocol does for its connection. `received` is all that may be called once it has closed. */
typedef struct {
  /* Takes what came: BYTES are lent. */
  void (*received)(MgHttpClient *client, const guint8 *bytes, gsize size);
  /* All that was written has left. */
  void (*drained)(MgHttpClient *client);
  /* A request takes too long to arrive. */
  void (*head_is_late)(MgHttpClient *client);
  /* There has been nothing to do for too long: says goodbye, and closes. */
  void (*is_idle)(MgHttpClient *client);
  /* There are too many: says so, and closes. */
  void (*refuse)(MgHttpClient *client);
  /* The connection has gone: frees what is the protocol's. */
  void (*closed)(MgHttpClient *client);
} MgHttpProtocol;

struct MgHttpClient {
  MgHttp *http;
  MgConnection *connection;
  MgHttpLane *lane;
  const MgHttpProtocol *protocol;
  gpointer own;         /* the protocol's */
  GList idle;           /* in the lane's list while is_idle */
  MgTimer timer;        /* for the earliest of the deadlines */
  MgTime head_deadline; /* G_MAXINT64: does not apply now; all three */
  MgTime idle_deadline;
  MgTime rate_deadline;
  guint64 rate_goal; /* what the viewer must have taken when the window under way ends */
  guint n_waiting;   /* answers that it is to take meanwhile, at least its rate's worth of each */
  gboolean has_begun : 1;  /* something was received */
  gboolean is_refused : 1; /* there are too many: it is told so, and closed */
  gboolean is_idle : 1;    /* waits for a request */
  gboolean is_closing : 1; /* no further request is taken; closes when all is answered and sent */
  gboolean is_gone : 1;    /* being closed: only closed() is to come */
};

enum {
  MG_HTTP_MOST_QUEUED = 64 << 10
}; /* more bytes than this waiting: no further request is taken */

/* What the listener calls. */
extern const MgConnectionEvents mg_http_client_events;

/*
 * Sets what follows from the state: idle or not, in the middle of a request's head or not, reading or not,
 * and until when what has to happen.
 */
void mg_http_client_settle(MgHttpClient *client, gboolean is_idle, gboolean is_partial,
                           gboolean is_reading);

/* Something waits to be sent: the clock of the viewer's rate runs; or nothing does. */
void mg_http_client_start_rate(MgHttpClient *client);
void mg_http_client_stop_rate(MgHttpClient *client);

/* Frees what is the protocol's, and begins another one. */
void mg_http_client_switch(MgHttpClient *client, void (*begin)(MgHttpClient *client));

/* Cuts the viewer off. */
void mg_http_client_abort(MgHttpClient *client, const char *reason);

/* Closes once all has been sent. */
void mg_http_client_close(MgHttpClient *client, const char *reason);
