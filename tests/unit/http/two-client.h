/*
 * A viewer that speaks HTTP/2 to a server on 127.0.0.1, by nghttp2's client side. All calls block, for a
 * minute at most; what takes longer fails the test.
 */
#pragma once

#include <glib.h>
#include <nghttp2/nghttp2.h>

typedef struct {
  guint status;
  GHashTable *fields; /* name → value */
  GByteArray *body;
  gboolean has_ended; /* the stream is closed */
  guint32 error;      /* with this: NGHTTP2_NO_ERROR */
} TwoAnswer;

typedef struct {
  int fd;
  nghttp2_session *session;
  GHashTable *answers; /* stream → TwoAnswer */
  gboolean is_closed;  /* by the server */
  guint32 goaway;      /* the error it said goodbye with; G_MAXUINT32: it did not */
} TwoClient;

/* Connects, and lets the server send WINDOW bytes of each answer before it is asked for more. */
void two_init(TwoClient *c, guint port, guint32 window);

void two_clear(TwoClient *c);

/* Asks; returns the stream. FIELDS: name, value … NULL, or NULL. */
gint32 two_ask(TwoClient *c, const char *method, const char *path, const char *const *fields);

/* Sends what there is to send. */
void two_send(TwoClient *c);

/* Receives once. FALSE: the server has closed. */
gboolean two_receive(TwoClient *c);

/* Borrowed: the whole answer on STREAM; receives until it is there. */
const TwoAnswer *two_wait(TwoClient *c, gint32 stream);

/* Borrowed: what there is of it so far, once SIZE bytes of its body have come. */
const TwoAnswer *two_wait_body(TwoClient *c, gint32 stream, gsize size);

/* Borrowed: asks for PATH, and waits for the answer. */
const TwoAnswer *two_get(TwoClient *c, const char *path);

/* Waits until the server closes. */
void two_wait_closed(TwoClient *c);

void two_assert_body(const TwoAnswer *answer, const char *text);

/* Borrowed: a field of the answer's, or NULL. */
const char *two_field(const TwoAnswer *answer, const char *name);
