/*
 * HTTP/2 on a connection: nghttp2 reads and writes the frames, an exchange per stream answers.
 *
 * Heads go to the same exchanges as those of HTTP/1 (head.c); bodies leave as slices of what is served,
 * without a copy (answer.c). What nghttp2 has to send is written when an event has been handled, or from a
 * timer when something else gave an answer (session.c), so that nothing ends within a call that caused it.
 *
 * What a peer may do is bounded: streams at a time, the size and number of fields, streams that it gives up,
 * frames that cost us and not it. Who goes beyond the latter two is sent GOAWAY and closed.
 */
#pragma once

#include "http/exchange/exchange.h"
#include "http/two/bucket.h"

#include <nghttp2/nghttp2.h>

typedef struct {
  MgHttpClient *client;
  nghttp2_session *session;
  GQueue streams;   /* by their `link` */
  MgTimer turn;     /* there is something to send */
  guint n_incoming; /* streams whose request is not whole */
  MgHttpBucket resets, frames;
  gboolean is_reading : 1;  /* nghttp2 is taking what came */
  gboolean is_too_much : 1; /* a bucket is empty */
} MgHttpTwo;

/* A request's head while it comes. */
typedef struct MgHttpTwoHead MgHttpTwoHead;

typedef struct {
  MgHttpExchange x;
  MgHttpTwo *two;
  GList link;
  gint32 id;
  MgHttpTwoHead *head; /* owned, until the request begins */
  MgHttpLines *lines;  /* a reference: nghttp2 reads them until they are sent; or NULL */
  MgSlice *body;       /* what is to be sent of the answer: references; `small`, or allocated */
  guint first;         /* the first that is left */
  guint n, room;       /* there are, and fit */
  gsize left;          /* bytes */
  MgSlice small[2];
  gboolean is_incoming : 1; /* its request is not whole */
  gboolean is_growing : 1;  /* more may be added */
  gboolean is_waiting : 1;  /* it is counted among those that the viewer has to take */
} MgHttpStream;

/* The client speaks HTTP/2 from here on. */
void mg_http_two_begin(MgHttpClient *client);

/* There is something to send: it leaves soon. */
void mg_http_two_wake(MgHttpTwo *two);

/* --- heads (head.c) ------------------------------------------------------------------------------- */

MgHttpTwoHead *mg_http_two_head_new(gsize most_bytes);

/* NULL is fine. */
void mg_http_two_head_free(MgHttpTwoHead *head);

/* Takes a field; FALSE: it goes so far beyond the limit that the stream has to end. */
gboolean mg_http_two_head_add(MgHttpTwoHead *head, nghttp2_rcbuf *name, nghttp2_rcbuf *value);

/* It is whole. Returns 0 and what it says, borrowed from it; or the status to refuse it with. */
guint mg_http_two_head_end(MgHttpTwoHead *head, gboolean has_body, MgHttpHead *out);

/* --- answers (answer.c) --------------------------------------------------------------------------- */

extern const MgHttpFraming mg_http_two_framing;

/* nghttp2's callback: writes a frame of the answer's bytes. */
int mg_http_two_send_data(nghttp2_session *session, nghttp2_frame *frame, const guint8 *head,
                          size_t size, nghttp2_data_source *source, void *data);

/* Frees what the answer holds. */
void mg_http_two_answer_clear(MgHttpStream *stream);
