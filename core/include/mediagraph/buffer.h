/*
 * One access unit, frame or chunk on its way through the graph.
 *
 * A node makes a buffer, fills it in, and pushes it: from then on it is immutable and shared. Fan-out
 * takes references, it never copies. To change a buffer, make another one; its payload can be shared
 * (mg_buffer_new_like).
 *
 * Behind the source every node may rely on this: dts is strictly monotone per stream between
 * discontinuities, pts and dts are set, and a video stream's first buffer after a discontinuity is a
 * key frame.
 */
#pragma once

#include <mediagraph/stream.h>

G_BEGIN_DECLS

typedef enum {
  MG_BUFFER_KEY = 1 << 0,        /* decoding can start here; set on every audio packet */
  MG_BUFFER_DISPOSABLE = 1 << 1, /* no other frame needs it */
  MG_BUFFER_DISCONT = 1 << 2,    /* something is missing, or time was set anew, before this one */
  MG_BUFFER_CORRUPT = 1 << 3,    /* known to be damaged */
} MgBufferFlags;

typedef struct MgChunk MgChunk; /* chunk.h */

struct MgBuffer {
  gint ref_count;   /* atomic; never touch it */
  guint flags;      /* MgBufferFlags */
  MgStream *stream; /* a reference */
  MgTime pts;
  MgTime dts;
  MgTime duration; /* 0: unknown */
  MgTime arrival;  /* mg_now() when its last byte came from the socket or the device */
  MgChunk *chunk;  /* chunk form only: owned */
  gsize size;      /* bytes of all slices */
  guint n_slices;
  guint max_slices;
  MgSlice slices[];
};

/*
 * Returned-owned: an empty buffer of STREAM (a reference is taken) with room for MAX_SLICES slices,
 * its stamps MG_TIME_NONE.
 */
MG_API MgBuffer *mg_buffer_new(MgStream *stream, guint max_slices);

/* Returned-owned: another buffer with the stamps, flags and payload of BUFFER, and STREAM. */
MG_API MgBuffer *mg_buffer_new_like(const MgBuffer *buffer, MgStream *stream);

/* Appends a part of DATA (taken: one reference) to an unshared buffer that has room for it. */
MG_API void mg_buffer_append(MgBuffer *buffer, MgData *data, gsize offset, gsize size);

/* The same for every slice of FROM; payload is shared, not copied. */
MG_API void mg_buffer_append_payload(MgBuffer *buffer, const MgBuffer *from);

MG_API MgBuffer *mg_buffer_ref(MgBuffer *buffer);

/* NULL is fine. */
MG_API void mg_buffer_unref(MgBuffer *buffer);

/* Copies up to SIZE payload bytes, from the first on, to DEST. Returns how many. */
MG_API gsize mg_buffer_copy_out(const MgBuffer *buffer, gpointer dest, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgBuffer, mg_buffer_unref)

G_END_DECLS
