/*
 * A request that a route answers. Two hold it: the exchange, until the answer is given or the viewer is
 * gone, and whoever has to answer: the handler, or who parked it. What they do at the same time on
 * different lanes is decided by `phase`, which only ever changes by one atomic step.
 */
#pragma once

#include "http/exchange/client.h"
#include "http/exchange/exchange.h"
#include "http/promise.h"

typedef enum {
  MG_HTTP_HANDLING,  /* the handler runs and has not decided */
  MG_HTTP_PARKED,    /* the answer will come from somewhere */
  MG_HTTP_STREAMING, /* it has begun */
  MG_HTTP_ANSWERED,  /* it is there, perhaps still on its way to the lane */
  MG_HTTP_CANCELLED, /* nobody waits for it any more */
} MgHttpPhase;

struct MgHttpRequest {
  gint ref_count;
  gint phase;
  /* Any thread, never changed while it is handled. */
  MgHttp *http;
  MgLane *lane;
  MgHttpRoute *route; /* a reference */
  const char *path, *query, *peer;
  MgHttpAsked asked;
  char *text; /* what the texts above point into */
  gsize text_room;
  /* On its lane. */
  MgHttpExchange *x;    /* NULL: the viewer is gone */
  gboolean is_handling; /* the handler is being called */
  MgTimer deadline;     /* of being parked, or of waiting for a promise */
  MgHttpHandler cancelled;
  gpointer cancelled_data;
  /* From respond() until it arrives on the lane: one of the two. */
  MgHttpResource *answer;
  MgHttpPromise *coming;
  /* While it waits for, or reads, what is not all there (wait.h): on its lane. */
  MgHttpPromise *promise; /* a reference */
  guint promise_lane;
  GList waiting; /* in the promise's list */
  gboolean is_reading;
  const MgHttpPiece *read; /* the last one that was sent; NULL: none */
};

/* Lets ROUTE answer what HEAD asks for. PATH is decoded; all are borrowed. */
void mg_http_request_handle(MgHttpExchange *x, MgHttpRoute *route, const char *path,
                            const MgHttpHead *head, const MgHttpAsked *asked);

/* Borrowed: a request that no route answers, but a promise, sooner or later. */
MgHttpRequest *mg_http_request_new(MgHttpExchange *x, const MgHttpAsked *asked);

/* It has been answered, by the promise. */
void mg_http_request_end(MgHttpRequest *request);

/* Whether its viewer is so far behind that an answer cannot go on: then it has been cut off. */
gboolean mg_http_request_is_too_slow(MgHttpRequest *request);

/* The viewer of the exchange's request has gone. */
void mg_http_request_drop(MgHttpExchange *x);

/* The step from one phase to another, by whoever is first; FALSE: it is in another phase. */
gboolean mg_http_request_step(MgHttpRequest *request, MgHttpPhase from, MgHttpPhase to);

/* The next one on the owner's side. FALSE: it was cancelled, the owner's reference is to be dropped. */
gboolean mg_http_request_claim(MgHttpRequest *request, MgHttpPhase to);

/* Calls FUNC(DATA) on its lane: at once within the handler, else soon. */
void mg_http_request_run(MgHttpRequest *request, MgLaneFunc func, gpointer data);

/*
 * The answer is complete; X is the exchange, or NULL. The owner's reference is dropped. When the handler runs
 * its caller goes on by itself.
 */
void mg_http_request_finish(MgHttpRequest *request, MgHttpExchange *x);

/* NULL is fine. */
void mg_http_request_unref(MgHttpRequest *request);

/* The request's part of the interface. */
const char *mg_http_request_path(MgHttpRequest *request);
const char *mg_http_request_query(MgHttpRequest *request);
const char *mg_http_request_peer(MgHttpRequest *request);
void mg_http_request_park(MgHttpRequest *request, MgTime deadline, MgHttpHandler cancelled,
                          gpointer data);
void mg_http_request_respond(MgHttpRequest *request, const MgHttpContent *content);
void mg_http_request_respond_with(MgHttpRequest *request, MgHttpFolder *folder, const char *name);
void mg_http_request_respond_start(MgHttpRequest *request, const MgHttpContent *content);
void mg_http_request_respond_write(MgHttpRequest *request, MgData *data);
void mg_http_request_respond_end(MgHttpRequest *request);
