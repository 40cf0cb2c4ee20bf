/*
 * RTMPT: RTMP in HTTP requests, as players and encoders behind proxies do it. The server's side, without a
 * socket: bytes in, requests out, and what to answer.
 *
 *   POST /open/1          answered with an id and a line's end
 *   POST /send/ID/N       the body is RTMP; answered with an interval byte and RTMP
 *   POST /idle/ID/N       asks for RTMP; its body is a byte that means nothing
 *   POST /close/ID/N
 *
 * N grows by one from request to request. Anything else that is HTTP is a request of kind OTHER. A body is
 * handed out as it comes and never kept. Any thread, one at a time.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"

typedef enum {
  MG_RTMPT_OPEN,
  MG_RTMPT_SEND,
  MG_RTMPT_IDLE,
  MG_RTMPT_CLOSE,
  MG_RTMPT_OTHER,
} MgRtmptCommand;

typedef struct {
  MgRtmptCommand command;
  char id[64];            /* of SEND, IDLE and CLOSE */
  guint32 sequence;       /* likewise */
  gboolean is_keep_alive; /* another request may follow */
} MgRtmptRequest;

typedef enum {
  MG_RTMPT_MORE, /* the input is used up */
  MG_RTMPT_HEAD, /* a request has begun */
  MG_RTMPT_BODY, /* a piece of its body */
  MG_RTMPT_END,  /* that was all of it: answer */
  MG_RTMPT_FAILED,
} MgRtmptEvent;

typedef struct {
  GString *head; /* what has come of one; NULL between requests */
  gboolean is_in_body;
  guint64 body_left;
  MgRtmptRequest request; /* the last */
} MgRtmptReader;

#define MG_RTMPT_READER_INIT                                                                       \
  {                                                                                                \
    0                                                                                              \
  }

void mg_rtmpt_reader_clear(MgRtmptReader *reader);

/*
 * Reads IN until there is something to tell. BODY lends BYTES of SIZE. FAILED sets ERROR (MG_RTMP_ERROR_PROTOCOL
 * or _LIMIT) and is final: answer 400, and close.
 */
MgRtmptEvent mg_rtmpt_next(MgRtmptReader *reader, MgReader *in, const guint8 **bytes, gsize *size,
                           GError **error);

/* Appends an answer to OUT: STATUS is "200 OK" or the like. */
void mg_rtmpt_write_answer(MgWriter *out, const char *status, gconstpointer body, gsize size,
                           gboolean is_keep_alive);
