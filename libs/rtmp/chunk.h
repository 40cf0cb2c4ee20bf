/*
 * The RTMP chunk layer (RTMP specification 5.3): bytes in any split to whole messages, and back.
 *
 * Reading is a pull:
 *
 *   MgReader in = MG_READER(bytes, size);
 *   MgRtmpMessage m;
 *   while ((state = mg_rtmp_chunk_reader_next(reader, &in, &m, &error)) == MG_RTMP_CHUNK_MESSAGE)
 *     use m, and take m.block or give it back;
 *
 * MORE means that IN has been used up; what was left of a header is remembered. FAILED sets ERROR and
 * is final: the connection is to be closed. Set Chunk Size and Abort are obeyed inside and do not
 * come out.
 *
 * A payload is copied once, from IN to its last resting place, which the caller's MgRtmpMemory makes
 * in exactly the message's size. Memory grows with what arrived, not with what was announced: above
 * MG_RTMP_TRUSTED_BYTES a message gets room in doubling steps, unless the chunk stream has carried
 * messages as large before or the bytes are there.
 *
 * What is forgiven: fmt 1 and 2 on a fresh chunk stream (message stream 0); fmt 0 inside a message
 * drops what was there of it; fmt 1 and 2 inside a message with the same type and length go on with
 * it; extended timestamps that fmt 3 chunks leave out. Lookahead for the latter may hold back up to
 * three payload bytes until the next ones come.
 *
 * Any thread, one at a time.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "rtmp/message.h"

#include <glib.h>

enum {
  MG_RTMP_DEFAULT_CHUNK_SIZE = 128,
  MG_RTMP_MOST_CHUNK_SIZE = 0xffffff,       /* larger ones mean the same */
  MG_RTMP_MESSAGE_BYTES = 16 * 1024 * 1024, /* the defaults of MgRtmpLimits */
  MG_RTMP_PARTIAL_BYTES = 24 * 1024 * 1024,
  MG_RTMP_CHUNK_STREAMS = 64,
  MG_RTMP_TRUSTED_BYTES = 64 * 1024,
};

/* Beyond any of these the reader fails with MG_RTMP_ERROR_LIMIT. */
typedef struct {
  gsize message_bytes; /* in one message */
  gsize partial_bytes; /* reserved for all unfinished messages of the connection */
  guint chunk_streams; /* used since the connection began */
} MgRtmpLimits;

#define MG_RTMP_LIMITS_DEFAULT                                                                     \
  ((MgRtmpLimits){ MG_RTMP_MESSAGE_BYTES, MG_RTMP_PARTIAL_BYTES, MG_RTMP_CHUNK_STREAMS })

/* Where payloads live. */
typedef struct {
  /* Returned-owned: a block whose SIZE (never 0) bytes begin at *BYTES, or NULL: no memory. */
  gpointer (*alloc)(gsize size, guint8 **bytes, gpointer user);
  void (*free)(gpointer block, gpointer user);
} MgRtmpMemory;

/* Blocks of g_try_malloc(): the block is the bytes, for g_free(). */
extern const MgRtmpMemory mg_rtmp_memory_plain;

typedef struct MgRtmpChunkReader MgRtmpChunkReader;

typedef enum {
  MG_RTMP_CHUNK_MORE,
  MG_RTMP_CHUNK_MESSAGE,
  MG_RTMP_CHUNK_FAILED,
} MgRtmpChunkState;

/* Returned-owned. LIMITS is copied (NULL: the defaults), MEMORY borrowed (NULL: plain). */
MgRtmpChunkReader *mg_rtmp_chunk_reader_new(const MgRtmpLimits *limits, const MgRtmpMemory *memory,
                                            gpointer user);

/* Frees it and the messages that are not finished. NULL is fine. */
void mg_rtmp_chunk_reader_free(MgRtmpChunkReader *r);

/* MESSAGE is set on MESSAGE only; its block is the caller's then. */
MgRtmpChunkState mg_rtmp_chunk_reader_next(MgRtmpChunkReader *r, MgReader *in,
                                           MgRtmpMessage *message, GError **error);

/* Gives MESSAGE's block, if it still has one, back to the reader's memory, and forgets its bytes. */
void mg_rtmp_chunk_reader_release(MgRtmpChunkReader *r, MgRtmpMessage *message);

/* All bytes taken so far; its low 32 bits are what an acknowledgement carries. */
guint64 mg_rtmp_chunk_reader_bytes(const MgRtmpChunkReader *r);

/*
 * The writer remembers the last header of a few chunk streams to shorten the next one's. It lives in
 * its user's memory, owns nothing, and begins as MG_RTMP_CHUNK_WRITER_INIT.
 */
typedef struct {
  guint32 chunk_size;
  guint n_last;
  MgRtmpMessage last[4]; /* headers only */
} MgRtmpChunkWriter;

#define MG_RTMP_CHUNK_WRITER_INIT ((MgRtmpChunkWriter){ .chunk_size = MG_RTMP_DEFAULT_CHUNK_SIZE })

/*
 * Appends MESSAGE (csid 2..65599, at most 0xffffff bytes) to OUT in chunks. Writing Set Chunk Size
 * (mg_rtmp_write_set_chunk_size()) changes the size for what follows.
 */
void mg_rtmp_chunk_write(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpMessage *message);

/* One of the pieces that a payload is made of. */
typedef struct {
  const guint8 *data;
  gsize size;
} MgRtmpPiece;

/* The same for a payload in N pieces, of MESSAGE's size together; its data is not looked at. */
void mg_rtmp_chunk_write_pieces(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpMessage *message,
                                const MgRtmpPiece *pieces, guint n);

/*
 * The headers alone, for who sends one payload to many and lets them share it: of MESSAGE's first chunk, which
 * says everything (fmt 0), and of each chunk behind it (fmt 3).
 */
void mg_rtmp_chunk_write_first_header(MgWriter *out, const MgRtmpMessage *message);
void mg_rtmp_chunk_write_next_header(MgWriter *out, const MgRtmpMessage *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgRtmpChunkReader, mg_rtmp_chunk_reader_free)
