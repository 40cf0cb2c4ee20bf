/*
 * What a client says: commands and media, for pushing to another server and for scripted peers. Each
 * function appends one whole message to OUT. Strings are borrowed.
 */
#pragma once

#include "rtmp/chunk.h"

#include <glib.h>

typedef struct {
  const char *app;
  const char *tc_url;
  const char *flash_version;
  guint caps;           /* MG_RTMP_CAN_… */
  const guint32 *video; /* FourCCs that may be sent or taken, to a 0 */
  const guint32 *audio; /* both NULL: nothing is said of Enhanced RTMP */
} MgRtmpConnectCall;

void mg_rtmp_call_connect(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction,
                          const MgRtmpConnectCall *call);

/* NAME(null) and, unless ARG is NULL, NAME(null, ARG): createStream, releaseStream, FCPublish … */
void mg_rtmp_call(MgRtmpChunkWriter *w, MgWriter *out, const char *name, gdouble transaction,
                  const char *arg);

void mg_rtmp_call_publish(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction,
                          guint32 stream_id, const char *stream, const char *type);

/* The live stream of that name, or a recorded one; and how much of it we mean to hold. */
void mg_rtmp_call_play(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, guint32 stream_id,
                       const char *stream, guint32 buffer_ms);

void mg_rtmp_call_delete_stream(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction,
                                guint32 stream_id);

/* @setDataFrame, onMetaData and what PROPERTIES hold: the members of an object, without its end. */
void mg_rtmp_call_metadata(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id,
                           const MgWriter *properties);
