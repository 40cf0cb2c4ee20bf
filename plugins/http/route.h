/*
 * A route: a function of somebody's that answers requests for a path.
 *
 * Counted, because a request keeps its route while the owner may free it on another lane. Everything of the
 * owner's is called between entering and leaving; once the route has ended nobody enters any more.
 */
#pragma once

#include <mediagraph/http.h>

typedef struct MgHttpOrigin MgHttpOrigin;

struct MgHttpRoute {
  gint ref_count;
  MgHttpOrigin *origin;
  MgHttpRoute *next; /* at the same path; the origin's */
  char *path;
  gboolean is_prefix; /* for what is below the path */
  MgHttpHandler handler;
  gpointer data;
  GMutex lock; /* guards what follows */
  GCond left;
  guint n_inside;
  gboolean has_ended;
};

/* Returned-owned. */
MgHttpRoute *mg_http_route_alloc(MgHttpOrigin *origin, const char *path, MgHttpHandler handler,
                                 gpointer data);

MgHttpRoute *mg_http_route_ref(MgHttpRoute *route);

/* NULL is fine. */
void mg_http_route_unref(MgHttpRoute *route);

/* Around a call of something that belongs to the owner. FALSE: it has ended; then there is no leaving. */
gboolean mg_http_route_enter(MgHttpRoute *route);
void mg_http_route_leave(MgHttpRoute *route);

/* Calls the handler, between entering and leaving. */
void mg_http_route_call(MgHttpRoute *route, MgHttpRequest *request);

/* Lets nobody enter any more, and waits until the last has left: not from within. */
void mg_http_route_end(MgHttpRoute *route);
