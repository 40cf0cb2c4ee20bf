#include "bytes/reader.h"

#include <string.h>

static const guint8 nothing[1];

gboolean
mg_reader_fail(MgReader *r)
{
  r->pos = r->size;
  r->has_failed = TRUE;
  return FALSE;
}

const guint8 *
mg_reader_take(MgReader *r, gsize n)
{
  if (n > mg_reader_left(r)) {
    mg_reader_fail(r);
    return NULL;
  }
  const guint8 *p = r->data ? r->data + r->pos : nothing;
  r->pos += n;
  return p;
}

const guint8 *
mg_reader_peek(const MgReader *r, gsize n)
{
  if (n > mg_reader_left(r))
    return NULL;
  return r->data ? r->data + r->pos : nothing;
}

MgReader
mg_reader_sub(MgReader *r, gsize n)
{
  const guint8 *p = mg_reader_take(r, n);
  if (p == NULL)
    return (MgReader){ .has_failed = TRUE };
  return MG_READER(p, n);
}

void
mg_reader_skip(MgReader *r, gsize n)
{
  mg_reader_take(r, n);
}

/* Up to eight bytes as one big-endian number; 0 on failure. */
static guint64
read_be(MgReader *r, guint n)
{
  const guint8 *p = mg_reader_take(r, n);
  guint64 v = 0;
  for (guint i = 0; p != NULL && i < n; i++)
    v = v << 8 | p[i];
  return v;
}

guint8
mg_reader_u8(MgReader *r)
{
  return (guint8) read_be(r, 1);
}

guint16
mg_reader_be16(MgReader *r)
{
  return (guint16) read_be(r, 2);
}

guint32
mg_reader_be24(MgReader *r)
{
  return (guint32) read_be(r, 3);
}

guint32
mg_reader_be32(MgReader *r)
{
  return (guint32) read_be(r, 4);
}

guint64
mg_reader_be64(MgReader *r)
{
  return read_be(r, 8);
}

guint16
mg_reader_le16(MgReader *r)
{
  guint16 v = mg_reader_be16(r); /* the swap macros evaluate their argument twice */
  return GUINT16_SWAP_LE_BE(v);
}

guint32
mg_reader_le32(MgReader *r)
{
  guint32 v = mg_reader_be32(r);
  return GUINT32_SWAP_LE_BE(v);
}

gint32
mg_reader_be24s(MgReader *r)
{
  guint32 v = mg_reader_be24(r);
  return (gint32) (v ^ 0x800000) - 0x800000;
}

gdouble
mg_reader_be_double(MgReader *r)
{
  guint64 bits = mg_reader_be64(r);
  gdouble v;
  memcpy(&v, &bits, sizeof v);
  return v;
}
