#include "codec/nal.h"

#include "bytes/writer.h"
#include "codec/codec.h"

/* Where the next 00 00 01 begins in N bytes, or N. */
static gsize
find_start_code(const guint8 *p, gsize n)
{
  for (gsize i = 2; i < n;) {
    if (p[i] > 1)
      i += 3; /* neither its 1 nor one of its zeros can be here */
    else if (p[i] == 1 && p[i - 1] == 0 && p[i - 2] == 0)
      return i - 2;
    else
      i++;
  }
  return n;
}

static void
skip_first_start_code(MgReader *in)
{
  gsize zeros = 0;
  guint8 byte = 0;
  while (mg_reader_left(in) > 0 && (byte = mg_reader_u8(in)) == 0)
    zeros++;
  if (in->size > 0 && (byte != 1 || zeros < 2))
    mg_reader_fail(in);
}

MgNalIter
mg_nal_iter(const guint8 *data, gsize size, guint length_size)
{
  MgNalIter it = { .in = MG_READER(data, size), .length_size = length_size };
  if (length_size == MG_NAL_ANNEX_B)
    skip_first_start_code(&it.in);
  return it;
}

/* Zeros behind a unit belong to the next start code; a unit never ends in one. */
static MgNal
next_annex_b(MgReader *in)
{
  gsize left = mg_reader_left(in);
  gsize n = find_start_code(mg_reader_peek(in, left), left);
  MgNal nal = { mg_reader_take(in, n), n };
  mg_reader_skip(in, MIN(mg_reader_left(in), 3));
  while (nal.size > 0 && nal.data[nal.size - 1] == 0)
    nal.size--;
  return nal;
}

static MgNal
next_with_length(MgReader *in, guint length_size)
{
  gsize n = 0;
  for (guint i = 0; i < length_size; i++)
    n = n << 8 | mg_reader_u8(in);
  const guint8 *data = mg_reader_take(in, n);
  return (MgNal){ data, data != NULL ? n : 0 };
}

gboolean
mg_nal_next(MgNalIter *it, MgNal *nal)
{
  while (mg_reader_left(&it->in) > 0) {
    if (it->length_size == MG_NAL_ANNEX_B)
      *nal = next_annex_b(&it->in);
    else
      *nal = next_with_length(&it->in, it->length_size);
    if (nal->size > 0 && !mg_reader_failed(&it->in))
      return TRUE;
  }
  return FALSE;
}

gsize
mg_nal_unescape(const MgNal *nal, guint8 *out, gsize room)
{
  gsize n = 0;
  guint zeros = 0;
  for (gsize i = 0; i < nal->size && n < room; i++) {
    if (zeros >= 2 && nal->data[i] == 3) {
      zeros = 0;
      continue;
    }
    zeros = nal->data[i] == 0 ? zeros + 1 : 0;
    out[n++] = nal->data[i];
  }
  return n;
}

static gboolean
begins_with_start_code(const guint8 *data, gsize size)
{
  MgReader r = MG_READER(data, size);
  const guint8 *p = mg_reader_peek(&r, 4);
  return p != NULL && p[0] == 0 && p[1] == 0 && (p[2] == 1 || (p[2] == 0 && p[3] == 1));
}

guint
mg_nal_detect(const guint8 *data, gsize size, guint length_size)
{
  if (length_size == MG_NAL_ANNEX_B || !begins_with_start_code(data, size))
    return length_size;
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, length_size);
  while (mg_nal_next(&it, &nal))
    ;
  return mg_nal_iter_failed(&it) ? MG_NAL_ANNEX_B : length_size;
}

/* How large the access unit gets with four-byte lengths; 0 with an error set when it cannot. */
static gsize
measure(const guint8 *data, gsize size, guint form, MgNalKeep keep, GError **error)
{
  gsize total = 0;
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, form);
  while (mg_nal_next(&it, &nal)) {
    if (keep == NULL || keep(&nal))
      total += 4 + nal.size;
  }
  if (mg_nal_iter_failed(&it) || size > G_MAXUINT32) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED,
                        "the NAL units of an access unit do not add up");
    return 0;
  }
  if (total == 0)
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                        "an access unit has no NAL unit");
  return total;
}

static void
write_units(const guint8 *data, gsize size, guint form, MgNalKeep keep, MgWriter *w)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, form);
  while (mg_nal_next(&it, &nal)) {
    if (keep != NULL && !keep(&nal))
      continue;
    mg_writer_be32(w, (guint32) nal.size);
    mg_writer_bytes(w, nal.data, nal.size);
  }
}

MgNalResult
mg_nal_to_length4(const guint8 *data, gsize size, guint length_size, MgNalKeep keep, guint8 **out,
                  gsize *out_size, GError **error)
{
  guint form = mg_nal_detect(data, size, length_size);
  gsize total = measure(data, size, form, keep, error);
  if (total == 0)
    return MG_NAL_REFUSED;
  if (form == 4 && total == size)
    return MG_NAL_AS_IS;
  guint8 *block = g_try_malloc(total);
  if (block == NULL) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_NO_MEMORY,
                "no memory for an access unit of %" G_GSIZE_FORMAT " bytes", total);
    return MG_NAL_REFUSED;
  }
  MgWriter w = { .data = block, .room = total }; /* has all the room it needs: never grows */
  write_units(data, size, form, keep, &w);
  *out = mg_writer_steal(&w, out_size);
  return MG_NAL_REWRITTEN;
}
