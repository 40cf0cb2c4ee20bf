/*
 * The byte reader: the only way bytes from outside are parsed.
 *
 * A reader is a few words on the caller's stack that look at bytes it does not own; the bytes must
 * outlive it. Reading past the end never touches memory: it returns zero (or NULL), moves to the
 * end, and sets a sticky failure that the caller checks once, after a run of reads:
 *
 *   MgReader r = MG_READER(data, size);
 *   guint version = mg_reader_u8(&r);
 *   guint length = mg_reader_be16(&r);
 *   const guint8 *body = mg_reader_take(&r, length);
 *   if (mg_reader_failed(&r))
 *     return an error;
 *
 * A loop over a count that was read asks mg_reader_left() or mg_reader_failed() in its condition, so
 * that a lying count ends with the input. No function here allocates. Any thread, one at a time.
 */
#pragma once

#include <glib.h>

typedef struct {
  const guint8 *data; /* borrowed */
  gsize size;
  gsize pos; /* <= size always */
  gboolean has_failed;
} MgReader;

#define MG_READER(bytes, n) ((MgReader){ .data = (bytes), .size = (n) })

/* How many bytes are left. */
static inline gsize
mg_reader_left(const MgReader *r)
{
  return r->size - r->pos;
}

/* TRUE once any read asked for more than there was. */
static inline gboolean
mg_reader_failed(const MgReader *r)
{
  return r->has_failed;
}

/* Sets the failure by hand, for a value that makes the rest unreadable. Returns FALSE, to return. */
gboolean mg_reader_fail(MgReader *r);

/* The next N bytes, borrowed from the input, or NULL on failure. N of 0 gives a valid pointer. */
const guint8 *mg_reader_take(MgReader *r, gsize n);

/* Like take, without moving and without failing: NULL when there are fewer than N. */
const guint8 *mg_reader_peek(const MgReader *r, gsize n);

/* A reader over the next N bytes, which this one moves past; an empty failed one on failure. */
MgReader mg_reader_sub(MgReader *r, gsize n);

/* Moves past N bytes. */
void mg_reader_skip(MgReader *r, gsize n);

/* Unsigned integers; be = big-endian, le = little-endian, the number is the width in bits. */
guint8 mg_reader_u8(MgReader *r);
guint16 mg_reader_be16(MgReader *r);
guint32 mg_reader_be24(MgReader *r);
guint32 mg_reader_be32(MgReader *r);
guint64 mg_reader_be64(MgReader *r);
guint16 mg_reader_le16(MgReader *r);
guint32 mg_reader_le32(MgReader *r);

/* A signed 24-bit big-endian integer (FLV's composition time, E.4.3.1). */
gint32 mg_reader_be24s(MgReader *r);

/* An IEEE 754 double, big-endian. May be NaN or infinite: the caller checks. */
gdouble mg_reader_be_double(MgReader *r);
