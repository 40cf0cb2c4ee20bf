/*
 * Bit reader and bit writer, most significant bit first, for codec headers.
 *
 * Same manners as the byte reader: zero and a sticky failure past the end, nothing allocated.
 * For H.264 and HEVC the caller removes emulation prevention bytes first (codec/nal.h).
 */
#pragma once

#include <bytes/writer.h>

typedef struct {
  const guint8 *data; /* borrowed */
  gsize size_bits;
  gsize pos; /* in bits, <= size_bits always */
  gboolean has_failed;
} MgBitReader;

#define MG_BIT_READER(bytes, n) ((MgBitReader){ .data = (bytes), .size_bits = (gsize) (n) *8 })

static inline gsize
mg_bit_reader_left(const MgBitReader *b)
{
  return b->size_bits - b->pos;
}

static inline gboolean
mg_bit_reader_failed(const MgBitReader *b)
{
  return b->has_failed;
}

/* The next N bits, 0 to 32, as an unsigned number. */
guint32 mg_bit_reader_u(MgBitReader *b, guint n);

/* One bit. */
gboolean mg_bit_reader_flag(MgBitReader *b);

void mg_bit_reader_skip(MgBitReader *b, gsize n);

/* Exponential-Golomb codes, unsigned and signed (H.264 clause 9.1); more than 32 bits long fails. */
guint32 mg_bit_reader_ue(MgBitReader *b);
gint32 mg_bit_reader_se(MgBitReader *b);

/* Bits on their way into whole bytes of OUT (borrowed): { .out = out }, puts, align. */
typedef struct {
  MgWriter *out;
  guint held;
  guint n_held; /* fewer than 8 */
} MgBitWriter;

/* The N low bits of VALUE, 0 to 32. */
void mg_bit_writer_u(MgBitWriter *b, guint32 value, guint n);

/* Zeros up to the next whole byte. */
void mg_bit_writer_align(MgBitWriter *b);
