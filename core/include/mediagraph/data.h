/*
 * Refcounted bytes: the memory that payload lives in.
 *
 * Whoever makes an MgData may write into it until it is shared (pushed, put, or referenced a second
 * time); from then on it is immutable for everyone. Header and bytes are one allocation of the size
 * asked for and at most 63 bytes more, so that a small slice never keeps a large block alive. Memory of
 * another owner (mmap, a codec's packet) is wrapped with the function that gives it back.
 *
 * References may be taken and dropped on any thread.
 */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

/* Lay-out is public so that access is one load; only the engine makes and frees it. */
struct MgData {
  gint ref_count; /* atomic; never touch it */
  guint8 *bytes;
  gsize size;
  void (*release)(gpointer owner); /* NULL: the bytes follow this header, or are static */
  gpointer owner;
};

/* A part of an MgData. The slice of a buffer holds a reference. */
typedef struct {
  MgData *data;
  gsize offset;
  gsize size;
} MgSlice;

/* Returned-owned: SIZE uninitialised bytes, or NULL when there is no memory. */
MG_API MgData *mg_data_new(gsize size);

/* Returned-owned: a copy of SIZE bytes, or NULL when there is no memory. */
MG_API MgData *mg_data_new_copy(gconstpointer bytes, gsize size);

/*
 * Returned-owned: wraps memory that belongs to OWNER. RELEASE (may be NULL for static memory) is called
 * with OWNER when the last reference goes, on whichever thread that is.
 */
MG_API MgData *mg_data_new_wrap(gpointer bytes, gsize size, void (*release)(gpointer owner),
                                gpointer owner);

MG_API MgData *mg_data_ref(MgData *data);

/* NULL is fine. */
MG_API void mg_data_unref(MgData *data);

static inline const guint8 *
mg_slice_bytes(const MgSlice *slice)
{
  return slice->data->bytes + slice->offset;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgData, mg_data_unref)

G_END_DECLS
