/*
 * A promise: a resource that is not all there, and the requests that wait for it.
 *
 * It is awaited at first; it may begin to grow; then it is kept, with all of its bytes, or broken, once and for
 * ever. Requests join it on their own lane and are in that lane's list, so that a change costs one post per
 * lane, however many wait, and no lock is held while they are gone through (exchange/wait.h).
 *
 * Counted; any thread, unless said otherwise. One at a time begins, appends, keeps or breaks.
 */
#pragma once

#include "http/resource.h"

#include <mediagraph/lane.h>

typedef struct MgHttpPromise MgHttpPromise;
typedef struct MgHttpPiece MgHttpPiece;

/* What has come of a growing one: a list that only gets longer, as long as the promise lives. */
struct MgHttpPiece {
  MgHttpPiece *next;
  MgBuffer *buffer; /* a reference */
};

typedef enum {
  MG_HTTP_AWAITED,
  MG_HTTP_GROWING,
  MG_HTTP_KEPT,
  MG_HTTP_BROKEN,
} MgHttpPromiseState;

/* Returned-owned. A request waits for it, and for more of it, as long as WAIT. CORS as in resource.h. */
MgHttpPromise *mg_http_promise_new(MgTime wait, const char *cors);
MgHttpPromise *mg_http_promise_ref(MgHttpPromise *promise);

/* NULL is fine. */
void mg_http_promise_unref(MgHttpPromise *promise);

/* It begins, as CONTENT (borrowed) says, whose body is not looked at. FALSE: it is not awaited. */
gboolean mg_http_promise_begin(MgHttpPromise *promise, const MgHttpContent *content);

/* A reference to BUFFER is taken. */
void mg_http_promise_append(MgHttpPromise *promise, MgBuffer *buffer);

/* Returned-owned: all that has been appended, as a resource like others. */
MgHttpResource *mg_http_promise_collect(MgHttpPromise *promise);

/* RESOURCE (borrowed) is it; if other bytes come in its place, that breaks one that has begun to grow. */
void mg_http_promise_keep(MgHttpPromise *promise, MgHttpResource *resource);
void mg_http_promise_replace(MgHttpPromise *promise, MgHttpResource *resource);

/* It will not come. Nothing happens when it has been kept. */
void mg_http_promise_break(MgHttpPromise *promise);

MgTime mg_http_promise_wait(const MgHttpPromise *promise);

/* What there is of it at a moment; the pointers are borrowed from the promise. */
typedef struct {
  MgHttpPromiseState state;
  MgHttpResource *whole;           /* of a kept one */
  const MgHttpResource *start;     /* once it has begun: its head */
  const MgHttpPiece *first, *last; /* NULL: nothing has been appended */
} MgHttpSeen;

/* Looks at it for LANE; mg_http_wait_look() is posted there when more can be seen. On that lane. */
MgHttpSeen mg_http_promise_look(MgHttpPromise *promise, guint lane);

/* Borrowed: the requests of a lane that have joined it. On that lane. */
GQueue *mg_http_promise_requests(MgHttpPromise *promise, guint lane);

/*
 * Returned-owned: what has been seen up to now as a resource whose size is not known, with its bytes: for a
 * request that wants a range of them.
 */
MgHttpResource *mg_http_promise_so_far(MgHttpPromise *promise, const MgHttpSeen *seen);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgHttpPromise, mg_http_promise_unref)
