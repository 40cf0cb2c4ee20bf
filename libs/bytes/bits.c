#include "bytes/bits.h"

static void
fail(MgBitReader *b)
{
  b->pos = b->size_bits;
  b->has_failed = TRUE;
}

guint32
mg_bit_reader_u(MgBitReader *b, guint n)
{
  g_assert(n <= 32);
  if (n > mg_bit_reader_left(b)) {
    fail(b);
    return 0;
  }
  guint64 v = 0;
  for (guint i = 0; i < n; i++, b->pos++)
    v = v << 1 | (b->data[b->pos >> 3] >> (7 - (b->pos & 7)) & 1);
  return (guint32) v;
}

gboolean
mg_bit_reader_flag(MgBitReader *b)
{
  return mg_bit_reader_u(b, 1) != 0;
}

void
mg_bit_reader_skip(MgBitReader *b, gsize n)
{
  if (n > mg_bit_reader_left(b))
    fail(b);
  else
    b->pos += n;
}

guint32
mg_bit_reader_ue(MgBitReader *b)
{
  guint zeros = 0;
  while (!b->has_failed && !mg_bit_reader_flag(b))
    zeros++;
  if (b->has_failed || zeros > 31) {
    fail(b);
    return 0;
  }
  return (guint32) (((guint64) 1 << zeros) - 1 + mg_bit_reader_u(b, zeros));
}

gint32
mg_bit_reader_se(MgBitReader *b)
{
  guint32 k = mg_bit_reader_ue(b);
  return k & 1 ? (gint32) (k / 2 + 1) : -(gint32) (k / 2);
}

void
mg_bit_writer_u(MgBitWriter *b, guint32 value, guint n)
{
  for (guint i = n; i-- > 0;) {
    b->held = b->held << 1 | (value >> i & 1);
    if (++b->n_held == 8) {
      mg_writer_u8(b->out, (guint8) b->held);
      *b = (MgBitWriter){ .out = b->out };
    }
  }
}

void
mg_bit_writer_align(MgBitWriter *b)
{
  mg_bit_writer_u(b, 0, (8 - b->n_held) % 8);
}
