#include "codec/nal-arrays.h"

#include <string.h>

enum {
  HEADER_BYTES = 2,
  VVC_OPI = 12,
  VVC_DCI = 13,
  MOST_UNITS = 64,   /* of one type: more than any stream has */
  MOST_IN_ALL = 255, /* comparing takes the square of it */
};

static gboolean
is_single(guint type, gboolean is_vvc)
{
  return is_vvc && (type == VVC_OPI || type == VVC_DCI);
}

static void
read_head(MgReader *r, gboolean is_vvc, guint *type, guint *n)
{
  *type = mg_reader_u8(r) & (is_vvc ? 31 : 63);
  *n = is_single(*type, is_vvc) ? 1 : mg_reader_be16(r);
}

MgNalArrays
mg_nal_arrays_read(MgReader *r, gboolean is_vvc)
{
  MgNalArrays arrays = { .n = mg_reader_u8(r), .is_vvc = is_vvc };
  gsize begin = r->pos;
  arrays.data = mg_reader_peek(r, 0);
  guint total = 0;
  for (guint i = 0; i < arrays.n && !mg_reader_failed(r); i++) {
    guint type, n;
    read_head(r, is_vvc, &type, &n);
    total += n;
    if (total > MOST_IN_ALL)
      mg_reader_fail(r);
    for (; n > 0 && !mg_reader_failed(r); n--)
      mg_reader_skip(r, mg_reader_be16(r));
  }
  arrays.size = r->pos - begin;
  return arrays;
}

MgNalArrayIter
mg_nal_arrays_iter(const MgNalArrays *arrays)
{
  return (MgNalArrayIter){
    .in = MG_READER(arrays->data, arrays->size),
    .n_arrays = arrays->n,
    .is_vvc = arrays->is_vvc,
  };
}

gboolean
mg_nal_arrays_next(MgNalArrayIter *it, MgNal *nal)
{
  while (!mg_reader_failed(&it->in) && (it->n_units > 0 || it->n_arrays > 0)) {
    if (it->n_units == 0) {
      it->n_arrays--;
      read_head(&it->in, it->is_vvc, &it->type, &it->n_units);
      continue;
    }
    it->n_units--;
    nal->size = mg_reader_be16(&it->in);
    nal->data = mg_reader_take(&it->in, nal->size);
    if (nal->data != NULL && nal->size >= HEADER_BYTES)
      return TRUE;
  }
  return FALSE;
}

gboolean
mg_nal_arrays_find(const MgNalArrays *arrays, guint type, MgNal *nal)
{
  MgNalArrayIter it = mg_nal_arrays_iter(arrays);
  while (mg_nal_arrays_next(&it, nal))
    if (it.type == type && mg_nal_type(nal, it.is_vvc) == type)
      return TRUE;
  return FALSE;
}

/* Whether the units of TYPE, up to the one at END (NULL: all), have one with these bytes. */
static gboolean
has_unit(const MgNalArrays *arrays, guint type, const MgNal *wanted, const guint8 *end)
{
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(arrays);
  while (mg_nal_arrays_next(&it, &nal) && nal.data != end)
    if (it.type == type && nal.size == wanted->size &&
        memcmp(nal.data, wanted->data, nal.size) == 0)
      return TRUE;
  return FALSE;
}

/* The units of one type without their repetitions; returns how many. OUT may be NULL, to count. */
static guint
write_units(const MgNalArrays *arrays, guint type, MgWriter *out)
{
  guint n = 0;
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(arrays);
  while (n < MOST_UNITS && mg_nal_arrays_next(&it, &nal)) {
    if (it.type != type || has_unit(arrays, type, &nal, nal.data))
      continue;
    n++;
    if (out == NULL)
      continue;
    mg_writer_be16(out, (guint16) nal.size);
    mg_writer_bytes(out, nal.data, nal.size);
  }
  return n;
}

void
mg_nal_arrays_write(const MgNalArrays *arrays, const MgNalArrayKind *kinds, guint n_kinds,
                    MgWriter *out)
{
  guint n = 0;
  for (guint i = 0; i < n_kinds; i++)
    n += write_units(arrays, kinds[i].type, NULL) > 0;
  mg_writer_u8(out, (guint8) n);
  for (guint i = 0; i < n_kinds; i++) {
    guint n_units = write_units(arrays, kinds[i].type, NULL);
    if (n_units == 0)
      continue;
    mg_writer_u8(out, (guint8) ((kinds[i].is_complete ? 0x80 : 0) | kinds[i].type));
    if (!is_single(kinds[i].type, arrays->is_vvc))
      mg_writer_be16(out, (guint16) n_units);
    write_units(arrays, kinds[i].type, out);
  }
}

gboolean
mg_nal_arrays_include(const MgNalArrays *a, const MgNalArrays *b, const MgNalArrayKind *kinds,
                      guint n_kinds)
{
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(a);
  while (mg_nal_arrays_next(&it, &nal))
    for (guint i = 0; i < n_kinds; i++)
      if (kinds[i].type == it.type && !has_unit(b, it.type, &nal, NULL))
        return FALSE;
  return TRUE;
}

/* The units of one type, each as an array of its own; returns how many, or -1. */
static gint
gather_units(MgNalIter it, guint type, gboolean is_vvc, MgWriter *out)
{
  gint n = 0;
  MgNal nal;
  while (n < MOST_UNITS && mg_nal_next(&it, &nal)) {
    if (nal.size < HEADER_BYTES || mg_nal_type(&nal, is_vvc) != type)
      continue;
    if (nal.size > G_MAXUINT16)
      return -1;
    mg_writer_u8(out, (guint8) type);
    if (!is_single(type, is_vvc))
      mg_writer_be16(out, 1);
    mg_writer_be16(out, (guint16) nal.size);
    mg_writer_bytes(out, nal.data, nal.size);
    n++;
  }
  return n;
}

gboolean
mg_nal_arrays_gather(const guint8 *data, gsize size, guint length_size, gboolean is_vvc,
                     const MgNalArrayKind *kinds, guint n_kinds, MgWriter *out)
{
  gsize at = out->size;
  gint total = 0;
  mg_writer_u8(out, 0);
  for (guint i = 0; i < n_kinds; i++) {
    gint n = gather_units(mg_nal_iter(data, size, length_size), kinds[i].type, is_vvc, out);
    if (n < 0 || total + n > MOST_IN_ALL)
      return FALSE;
    total += n;
  }
  out->data[at] = (guint8) total;
  return TRUE;
}
