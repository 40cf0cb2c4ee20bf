/*
 * An exchange: one request of a viewer and its answer, however the two are framed.
 *
 * A framing (HTTP/1 has one exchange per connection at a time) embeds it, fills in the first two
 * members and begins it with the head that came. The answer comes back through the framing's functions:
 * at once, or later, when a route keeps the request. What is looked up, who is called, which conditions and
 * ranges apply, and how requests wait is the same for all framings. On the connection's lane.
 */
#pragma once

#include "http/response.h"
#include "http/server.h"

typedef struct MgHttpClient MgHttpClient;
typedef struct MgHttpExchange MgHttpExchange;

typedef struct {
  /* Sends the answer, or the beginning of a growing one. Both are borrowed. */
  void (*send)(MgHttpExchange *x, const MgHttpAsked *asked, const MgHttpResource *resource);
  /* Sends more of a growing one (SLICES are borrowed, references are taken), and its end. */
  void (*send_more)(MgHttpExchange *x, const MgSlice *slices, guint n_slices);
  void (*send_end)(MgHttpExchange *x);
  /* Bytes of the answer that wait for the viewer. */
  gsize (*queued)(const MgHttpExchange *x);
  /* The answer has been given, but not from within mg_http_exchange_begin(): what comes next may. */
  void (*answered)(MgHttpExchange *x);
  /* The answer cannot go on: the viewer must see that it is cut short. */
  void (*abort)(MgHttpExchange *x, const char *reason);
} MgHttpFraming;

struct MgHttpExchange {
  const MgHttpFraming *framing;
  MgHttpClient *client;
  MgHttpRequest *request; /* being answered by a route or a promise: a reference */
};

/* Answers HEAD (borrowed), or lets a route do it: then there is a request. CLOSES: as in MgHttpAsked. */
void mg_http_exchange_begin(MgHttpExchange *x, const MgHttpHead *head, gboolean closes);

/* Sends the answer through the framing, and counts it. */
void mg_http_exchange_send(MgHttpExchange *x, const MgHttpAsked *asked,
                           const MgHttpResource *resource);
void mg_http_exchange_send_error(MgHttpExchange *x, const MgHttpAsked *asked, guint status);

/* The viewer has gone; whoever keeps its request is told. */
void mg_http_exchange_end(MgHttpExchange *x);
