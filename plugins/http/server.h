/*
 * The HTTP server: its listeners, an origin, and one exchange after another on each connection.
 *
 * Made by the node from its properties, or by a test. It ends when it has been stopped and its last
 * connection is gone; everything in it that may be called from any lane says so in <mediagraph/http.h>.
 */
#pragma once

#include "http/origin.h"

#include <mediagraph/counter.h>
#include <mediagraph/net.h>

/* All NULL in tests. */
typedef struct {
  MgCounter *requests;
  MgCounter *errors;  /* answers from 400 on */
  MgCounter *slow;    /* connections cut off because they were too slow */
  MgCounter *refused; /* connections beyond the limit */
  MgCounter *hostile; /* connections of HTTP/2 closed because they asked too much */
} MgHttpCounters;

typedef struct {
  const char *listen;     /* in the clear; NULL: not at all */
  const char *tls_listen; /* with `tls`; NULL: not at all */
  MgTlsContext *tls;      /* borrowed */
  MgNetworks *proxies;    /* who is believed for whom it asks; borrowed; NULL: nobody */
  const char *url;        /* NULL or empty: made of what is listened on, rather with TLS */
  const char *cors;       /* an origin, "*", or NULL or empty for none */
  guint max_connections;
  gsize max_header; /* bytes */
  MgTime header_timeout, idle_timeout;
  gint64 min_rate; /* bytes per second, over rate_window */
  MgTime rate_window;
  MgHttpCounters counters;
  gboolean (*is_ready)(gpointer data); /* for /healthz, on any lane; NULL: it is */
  gpointer ready_data;
} MgHttpConfig;

/* What is only touched on one I/O lane. */
typedef struct {
  GQueue idle;          /* clients that wait for a request, longest first */
  char *path;           /* room for a decoded path */
  MgHttpRequest *spare; /* to be used for the next one; NULL: none */
} MgHttpLane;

struct MgHttp {
  MgHttpConfig config; /* without strings */
  char *cors;          /* NULL: no such headers */
  MgNetworks *proxies; /* a reference */
  MgHttpOrigin *origin;
  MgHttpRoute *health;                 /* /healthz */
  MgHttpRoute *clock;                  /* /time */
  MgListener *listener, *tls_listener; /* NULL: there is none */
  gint n_listeners;                    /* that are not gone */
  char *base_url;
  MgHttpResource *options; /* the answer to OPTIONS */
  gint n_clients;
  MgLaneFunc done;
  gpointer done_data;
  MgLane *done_lane;
  guint n_lanes;
  MgHttpLane *lanes;
};

extern const MgHttpInterface mg_http_interface;

/* What its listeners count. Any thread. */
void mg_http_stats(MgHttp *http, MgListenerStats *stats);

/* Returned-owned: listens. NULL and ERROR when it cannot. CONFIG is borrowed. Any thread. */
MgHttp *mg_http_start(const MgHttpConfig *config, GError **error);

/* Returned-owned: where it listens without TLS, when it does both; NULL: it does one. */
char *mg_http_plain_url(const MgHttp *http);

/*
 * Ends all connections; frees it and then calls DONE(DATA) (may be NULL) on the caller's lane, or on an
 * I/O lane when the caller is on none.
 */
void mg_http_stop(MgHttp *http, MgLaneFunc done, gpointer data);

static inline void
mg_http_count(MgCounter *counter)
{
  if (counter != NULL)
    mg_counter_add(counter, 1);
}
