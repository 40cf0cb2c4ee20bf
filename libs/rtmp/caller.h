/*
 * The client's side of one RTMP connection, which publishes a stream on another server or plays one from
 * it: bytes in, events out, and what is to be sent in between.
 *
 * No socket, no clock, no thread. The host sends what is in the output, feeds what it receives, and does
 * what each event says:
 *
 *   MgReader in = MG_READER(bytes, size);
 *   do
 *     kind = mg_rtmp_caller_next(caller, &in, &event, &error);
 *   while (host does what KIND says);
 *   send mg_rtmp_caller_output(caller), and reset it
 *
 * A call goes handshake → connect → releaseStream, FCPublish, createStream → publish, or without the
 * first two → play. Each answer is waited for, with whatever else a server says meanwhile. STARTED
 * comes once; media that a server sends to a player before it counts as the start, too. What ends the
 * call, a refusal or the end of the stream included, is FAILED: the error says what the server said,
 * unless names are to be hidden.
 *
 * Any thread, one at a time.
 */
#pragma once

#include "rtmp/chunk.h"
#include "rtmp/handshake.h"

#include <glib.h>

typedef struct MgRtmpCaller MgRtmpCaller;

typedef struct {
  gboolean plays; /* else it publishes */
  const char *app, *stream, *tc_url;
  const guint32 *video; /* FourCCs that may be sent or taken, to a 0; */
  const guint32 *audio; /* both NULL: Enhanced RTMP is not mentioned */
  guint32 chunk_size;   /* of what we send */
  guint32 buffer_ms;    /* what a player says that it holds */
  gboolean hides_names; /* the stream's name may be a key: no error quotes what the server says */
  const MgRtmpMemory *memory; /* of payloads, called with USER; NULL: plain */
  gpointer user;
} MgRtmpCallerConfig;

typedef enum {
  MG_RTMP_CALLER_MORE,    /* the input is used up */
  MG_RTMP_CALLER_STARTED, /* publishing may begin; playing has begun */
  MG_RTMP_CALLER_DATA,    /* message; to players only, like the next two */
  MG_RTMP_CALLER_AUDIO,   /* message: an FLV audio tag's body */
  MG_RTMP_CALLER_VIDEO,   /* message: an FLV video tag's body */
  MG_RTMP_CALLER_FAILED,  /* it is over: the error says why */
} MgRtmpCallerKind;

typedef struct {
  MgRtmpCallerKind kind;
  /*
   * Of DATA, AUDIO and VIDEO. Its block is the host's; a message without one (part of an aggregate, or
   * empty) is borrowed until the next call.
   */
  MgRtmpMessage message;
} MgRtmpCallerEvent;

/* Returned-owned: C0 and C1 are in the output. CONFIG is copied, and its text; RANDOM, too. */
MgRtmpCaller *mg_rtmp_caller_new(const MgRtmpCallerConfig *config,
                                 const guint8 random[MG_RTMP_HANDSHAKE_BYTES]);

/* NULL is fine. */
void mg_rtmp_caller_free(MgRtmpCaller *caller);

/* Reads IN until there is something to tell. Sets ERROR with FAILED, which is final. */
MgRtmpCallerKind mg_rtmp_caller_next(MgRtmpCaller *caller, MgReader *in, MgRtmpCallerEvent *event,
                                     GError **error);

/* Borrowed: what is to be sent. The host resets it, or takes its bytes. */
MgWriter *mg_rtmp_caller_output(MgRtmpCaller *caller);

/*
 * What the server's answer to connect says of a codec: MG_RTMP_DECODES … (command.h), 0: nothing. From
 * STARTED on.
 */
guint mg_rtmp_caller_codec(const MgRtmpCaller *caller, guint32 fourcc);

/* Writes a message of audio or video in N pieces, or onMetaData with PROPERTIES. From STARTED on. */
void mg_rtmp_caller_send(MgRtmpCaller *caller, MgRtmpMessageType type, guint32 timestamp,
                         const MgRtmpPiece *pieces, guint n);
void mg_rtmp_caller_send_metadata(MgRtmpCaller *caller, const MgWriter *properties);

/* Says goodbye: FCUnpublish and deleteStream, as far as the call has come. Nothing may follow. */
void mg_rtmp_caller_end(MgRtmpCaller *caller);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgRtmpCaller, mg_rtmp_caller_free)
