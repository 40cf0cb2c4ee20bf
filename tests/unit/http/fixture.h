/* An HTTP server on a free port of 127.0.0.1, and viewers of it that speak raw bytes. */
#pragma once

#include "doubles/client.h"
#include "http/server.h"

typedef struct {
  MgHttpConfig config; /* may be changed before start */
  MgHttp *http;
  guint port;
  MgHttpFolder *folder; /* at /files */
  gint is_gone;
} Fixture;

/* Sane limits, all long. */
void fixture_init(Fixture *f);
void fixture_start(Fixture *f);
/* Ends it and waits until it is gone. */
void fixture_stop(Fixture *f);

/* Puts TEXT at /files/NAME, as immutable text/plain with an etag of its name. */
void fixture_put(Fixture *f, const char *name, const char *text);

/* An answer as it came. */
typedef struct {
  guint status;
  char *head; /* without the Date line, whose presence is checked */
  char *body;
  gsize body_size;
} Answer;

/* Sends REQUEST, with CRLF for each LF, and receives one answer with a Content-Length or chunks. */
Answer fixture_ask(int fd, const char *request);

/* Receives one more answer; HAS_BODY: FALSE after a HEAD. */
Answer fixture_receive(int fd, gboolean has_body);
void answer_clear(Answer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* Returned-owned: a field of the answer's head, or NULL. */
char *answer_field(const Answer *answer, const char *name);

/* One request on a connection of its own, which must be closed by the server afterwards. */
Answer fixture_ask_once(Fixture *f, const char *request);

/* Waits for the server to close; fails when more bytes come. */
void fixture_wait_closed(int fd);

/* Returned-owned: TEXT with CRLF for LF. */
char *fixture_crlf(const char *text);
