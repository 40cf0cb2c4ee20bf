/*
 * The header of a chunk (RTMP specification 5.3.1). Private to this library.
 *
 * The basic header tells the chunk stream; how to read the rest depends on what that stream did
 * last. Both parts move the reader, which fails where the header is cut short.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "rtmp/message.h"

#include <glib.h>

enum {
  MG_RTMP_CHUNK_HEADER_BYTES = 3 + 11 + 4, /* at most */
  MG_RTMP_EXTENDED = 0xffffff,             /* a timestamp field that says: see behind */
};

typedef struct {
  guint fmt;
  guint32 csid;
  guint32 field; /* of fmt 0 to 2: absolute of 0, else a difference */
  gboolean is_extended;
  guint32 length;    /* of fmt 0 and 1 */
  guint8 type;       /* of fmt 0 and 1 */
  guint32 stream_id; /* of fmt 0 */
} MgRtmpChunkHeader;

void mg_rtmp_chunk_header_read_basic(MgReader *in, MgRtmpChunkHeader *h);

/* REPEATED is the extended timestamp that a fmt 3 chunk of this stream repeats; NULL: it has none. */
void mg_rtmp_chunk_header_read_rest(MgReader *in, MgRtmpChunkHeader *h, const guint32 *repeated);

/* Basic header, and for fmt 0 to 2 the rest, with what MESSAGE says besides its time. */
void mg_rtmp_chunk_header_write(MgWriter *out, guint fmt, guint32 field,
                                const MgRtmpMessage *message);
