/*
 * An RTMP message, as the chunk layer carries it, and the aggregate message that carries others.
 *
 * A message that came from the chunk reader owns BLOCK; its holder passes it on or gives it back
 * (chunk.h). A message that is built to be sent, or split from an aggregate, has no block and its
 * bytes are borrowed.
 */
#pragma once

#include "bytes/reader.h"

#include <glib.h>

/* Message types (RTMP specification 5.4, 7.1). */
typedef enum {
  MG_RTMP_SET_CHUNK_SIZE = 1,
  MG_RTMP_ABORT = 2,
  MG_RTMP_ACKNOWLEDGEMENT = 3,
  MG_RTMP_USER_CONTROL = 4,
  MG_RTMP_WINDOW_ACK_SIZE = 5,
  MG_RTMP_SET_PEER_BANDWIDTH = 6,
  MG_RTMP_AUDIO = 8,
  MG_RTMP_VIDEO = 9,
  MG_RTMP_DATA_AMF3 = 15,
  MG_RTMP_COMMAND_AMF3 = 17,
  MG_RTMP_DATA = 18,
  MG_RTMP_COMMAND = 20,
  MG_RTMP_AGGREGATE = 22,
} MgRtmpMessageType;

typedef struct {
  guint32 csid;
  guint32 timestamp; /* ms, modulo 2^32 */
  guint32 stream_id;
  guint8 type; /* a MgRtmpMessageType, or anything else the peer sent */
  const guint8 *data;
  gsize size;
  gpointer block; /* what the memory callbacks call DATA's memory; NULL when SIZE is 0 */
} MgRtmpMessage;

/*
 * A reader over the AMF0 in a command or data message: without the format byte of types 15 and 17,
 * which some clients leave out.
 */
MgReader mg_rtmp_message_amf(const MgRtmpMessage *message);

/*
 * Splits an aggregate (type 22): a run of FLV tags whose times are relative to each other. Audio,
 * video and data tags come out with the outer message's stream and csid and rebased time; others are
 * passed over. Ends quietly at the first tag that is cut short.
 */
typedef struct {
  const MgRtmpMessage *message; /* borrowed */
  MgReader rest;
  guint32 first; /* the first tag's time */
  gboolean has_first;
} MgRtmpAggregate;

/* MESSAGE must outlive the splitter and what comes out of it. */
void mg_rtmp_aggregate_init(MgRtmpAggregate *a, const MgRtmpMessage *message);

/* The next part, borrowed from the aggregate's bytes; FALSE at the end. */
gboolean mg_rtmp_aggregate_next(MgRtmpAggregate *a, MgRtmpMessage *part);
