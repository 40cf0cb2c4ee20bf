/*
 * What a server says to commands. Each function appends whole messages to OUT; sending what belongs
 * together in one write is up to the caller. Strings are borrowed.
 */
#pragma once

#include "rtmp/chunk.h"

#include <glib.h>

typedef struct {
  gdouble transaction;
  guint32 window_bytes;  /* for Window Ack Size and Set Peer Bandwidth (dynamic) */
  guint32 chunk_size;    /* ours, from here on */
  guint object_encoding; /* as the client asked */
  gboolean is_enhanced;  /* the client knows Enhanced RTMP: it hears what we can do of it */
  guint caps;            /* MG_RTMP_CAN_… */
  const guint32 *video;  /* FourCCs that are taken, to a 0; NULL: none */
  const guint32 *audio;
} MgRtmpConnectReply;

/* All of it: Window Ack Size, Set Peer Bandwidth, StreamBegin 0, Set Chunk Size, _result, onBWDone. */
void mg_rtmp_reply_connect(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpConnectReply *reply);

/* _result with null and null: for calls that only want to hear that they were understood. */
void mg_rtmp_reply_result(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction);

/* _result with null and a number: createStream's new stream, getStreamLength's length. */
void mg_rtmp_reply_number(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, gdouble number);

/*
 * _error with null and {level: error, code, description}: the call failed. For connect the code is
 * such as NetConnection.Connect.Rejected or .InvalidApp.
 */
void mg_rtmp_reply_error(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, const char *code,
                         const char *description);

/*
 * onStatus on a message stream. LEVEL is "status", "warning" or "error"; CODE such as
 * NetStream.Publish.Start.
 */
void mg_rtmp_reply_status(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, const char *level,
                          const char *code, const char *description);

/*
 * onStatus NetConnection.Connect.ReconnectRequest: asks the client to connect to the same URL again, and
 * to leave then. Only for clients that said MG_RTMP_CAN_RECONNECT.
 */
void mg_rtmp_reply_reconnect(MgRtmpChunkWriter *w, MgWriter *out, const char *description);

/* The whole answer to publish: StreamBegin and onStatus NetStream.Publish.Start. */
void mg_rtmp_reply_publish(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id,
                           const char *description);

/*
 * The whole answer to play: Set Chunk Size (0: it stays), StreamBegin, onStatus NetStream.Play.Reset and
 * .Start, |RtmpSampleAccess, and onStatus NetStream.Data.Start.
 */
void mg_rtmp_reply_play(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, guint32 chunk_size,
                        const char *description);

/* onFCPublish with NetStream.Publish.Start, onFCUnpublish with NetStream.Unpublish.Success. */
void mg_rtmp_reply_fc_publish(MgRtmpChunkWriter *w, MgWriter *out, const char *stream);
void mg_rtmp_reply_fc_unpublish(MgRtmpChunkWriter *w, MgWriter *out, const char *stream);
