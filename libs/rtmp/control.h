/*
 * Protocol control and user control messages (RTMP specification 5.4, 7.1.7): what chunk.h does not
 * deal with by itself.
 *
 * Parsers return FALSE for a message that is too short and then change nothing; its size is not
 * checked further. Writers append a whole message to OUT.
 */
#pragma once

#include "rtmp/chunk.h"

#include <glib.h>

typedef enum {
  MG_RTMP_STREAM_BEGIN = 0,
  MG_RTMP_STREAM_EOF = 1,
  MG_RTMP_STREAM_DRY = 2,
  MG_RTMP_SET_BUFFER_LENGTH = 3,
  MG_RTMP_STREAM_IS_RECORDED = 4,
  MG_RTMP_PING_REQUEST = 6,
  MG_RTMP_PING_RESPONSE = 7,
} MgRtmpUserEvent;

typedef enum {
  MG_RTMP_LIMIT_HARD = 0,
  MG_RTMP_LIMIT_SOFT = 1,
  MG_RTMP_LIMIT_DYNAMIC = 2,
} MgRtmpLimitType;

typedef struct {
  guint16 event;     /* a MgRtmpUserEvent, or another that is to be ignored */
  guint32 value;     /* the message stream; a ping's time */
  guint32 buffer_ms; /* of SET_BUFFER_LENGTH */
} MgRtmpUserControl;

/* The one number of Set Chunk Size, Abort, Acknowledgement, Window Ack Size, Set Peer Bandwidth. */
gboolean mg_rtmp_control_parse(const MgRtmpMessage *m, guint32 *value);
gboolean mg_rtmp_user_control_parse(const MgRtmpMessage *m, MgRtmpUserControl *control);

/* CHUNK_SIZE is 1..MG_RTMP_MOST_CHUNK_SIZE and holds for what W writes from here on. */
void mg_rtmp_write_set_chunk_size(MgRtmpChunkWriter *w, MgWriter *out, guint32 chunk_size);
void mg_rtmp_write_abort(MgRtmpChunkWriter *w, MgWriter *out, guint32 csid);
void mg_rtmp_write_acknowledgement(MgRtmpChunkWriter *w, MgWriter *out, guint32 sequence);
void mg_rtmp_write_window_ack_size(MgRtmpChunkWriter *w, MgWriter *out, guint32 window_bytes);
void mg_rtmp_write_peer_bandwidth(MgRtmpChunkWriter *w, MgWriter *out, guint32 window_bytes,
                                  MgRtmpLimitType type);

/* VALUE is the message stream, or a ping's time. */
void mg_rtmp_write_user_control(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpUserEvent event,
                                guint32 value);

/* When to acknowledge: twice per window the peer has announced, so that it never waits; 0 never. */
typedef struct {
  guint32 window_bytes;
  guint64 acknowledged; /* bytes */
} MgRtmpAck;

/* TRUE when RECEIVED bytes in all call for an acknowledgement now; counts it as sent. */
gboolean mg_rtmp_ack_is_due(MgRtmpAck *ack, guint64 received);
