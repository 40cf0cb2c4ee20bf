/*
 * HTTP/1.1 and 1.0 on a connection: requests are answered in the order they came. The next one is not
 * looked at before the answer to the one before has been given and has mostly left.
 */
#pragma once

#include "http/exchange/exchange.h"

/* The client speaks HTTP/1 from here on. */
void mg_http_one_begin(MgHttpClient *client);

/* How its answers are framed (send.c), and the state that they share with what is received. */
extern const MgHttpFraming mg_http_one_framing;

typedef struct {
  MgHttpExchange x;    /* the one under way */
  gboolean is_chunked; /* its answer */
  guint8 *input;       /* received and not yet consumed */
  gsize input_size, input_room;
  MgHttpScan scan;
  gboolean has_taken;  /* a request has come */
  gboolean is_preface; /* none came, but what HTTP/2 begins with */
} MgHttpOne;

/* After something was sent or has ended outside of received(): takes the next request, sets deadlines. */
void mg_http_one_resume(MgHttpOne *one);
