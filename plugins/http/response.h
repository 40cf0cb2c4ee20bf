/*
 * From a resource and what was asked to the answer: its head as bytes, and which bytes of the body.
 *
 * No sockets here: an answer is planned, then sent by whoever has the connection. Any thread.
 */
#pragma once

#include "bytes/writer.h"
#include "http/range.h"
#include "http/resource.h"

/* What a request says about its answer. The texts are borrowed. */
typedef struct {
  MgHttpMethod method;
  guint minor;         /* HTTP/1.minor */
  gboolean closes;     /* the connection ends with the answer */
  gboolean has_frames; /* they tell where the body ends */
  MgHttpText range, if_range, if_none_match;
  gboolean wants_gzip;
} MgHttpAsked;

/* The answer to send: HEAD, REST, then SIZE bytes of the resource from FIRST on. */
typedef struct {
  const MgHttpResource *resource; /* the one planned for, or its gzip form; lives as long as that */
  const char *head; /* the resource's own head, or what was written to the scratch writer */
  gsize head_size;
  const char *rest; /* Date, Connection and the empty line; static per thread */
  gsize rest_size;
  guint64 first, size;
  gboolean is_chunked; /* a growing body goes in chunks */
} MgHttpAnswer;

/* Whether the answer is a body that goes on growing; else all of it is planned at once. */
gboolean mg_http_answer_goes_on(const MgHttpAsked *asked, const MgHttpResource *resource);

/*
 * Plans the answer. The head is the resource's, borrowed, or written to SCRATCH, which must live as
 * long as the answer. Valid until the next call on this thread.
 */
MgHttpAnswer mg_http_answer_plan(const MgHttpAsked *asked, const MgHttpResource *resource,
                                 MgWriter *scratch);
