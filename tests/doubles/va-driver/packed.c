/* Parameter buffers and the data buffers behind them. */
#include "va-driver/packed.h"

#include <bytes/reader.h>
#include <codec/nal.h>

typedef struct {
  guint type;         /* VAEncPackedHeader… */
  const guint8 *data; /* borrowed, start code and all */
  gsize size, size_bits;
  gboolean is_escaped;
} Packed;

/* Whether buffer I of the picture begins a packed unit; a broken one fails the call. */
static gboolean
packed_at(MgVaCall *call, const MgVaContext *context, guint i, Packed *packed)
{
  const MgVaBuffer *head = g_ptr_array_index(context->rendered, i);
  if (head->type != VAEncPackedHeaderParameterBufferType)
    return FALSE;
  if (context->config.packed_headers == 0)
    return mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_BUFFERTYPE,
                      "packed headers were not chosen");
  const VAEncPackedHeaderParameterBuffer *parameters = (gpointer) head->data;
  const MgVaBuffer *data =
      i + 1 < context->rendered->len ? g_ptr_array_index(context->rendered, i + 1) : NULL;
  if (mg_va_buffer_size(head) < sizeof *parameters || data == NULL ||
      data->type != VAEncPackedHeaderDataBufferType ||
      parameters->bit_length > 8 * mg_va_buffer_size(data))
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "a packed header without its data");
  *packed = (Packed){ parameters->type, data->data, (parameters->bit_length + 7) / 8,
                      parameters->bit_length, parameters->has_emulation_bytes };
  return TRUE;
}

gboolean
mg_va_packed_units(MgVaCall *call, const MgVaContext *context, MgWriter *out,
                   gboolean *has_parameters)
{
  Packed packed;
  *has_parameters = FALSE;
  for (guint i = 0; i < context->rendered->len; i++) {
    if (!packed_at(call, context, i, &packed) || packed.type == VAEncPackedHeaderSlice)
      continue;
    if (!packed.is_escaped)
      return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED, "packed units to be escaped");
    mg_writer_bytes(out, packed.data, packed.size);
    *has_parameters |= packed.type == VAEncPackedHeaderSequence;
  }
  return !mg_va_failed(call);
}

static gsize
start_code_size(const Packed *packed)
{
  static const guint8 code[] = { 0, 0, 0, 1 };
  if (packed->size >= 4 && memcmp(packed->data, code, 4) == 0)
    return 4;
  return packed->size >= 3 && memcmp(packed->data, code + 1, 3) == 0 ? 3 : 0;
}

static void
put_bits(MgBitWriter *b, const guint8 *data, gsize n_bits)
{
  MgBitReader r = { .data = data, .size_bits = n_bits };
  while (mg_bit_reader_left(&r) > 0) {
    guint n = (guint) MIN(mg_bit_reader_left(&r), 8);
    mg_bit_writer_u(b, mg_bit_reader_u(&r, n), n);
  }
}

gboolean
mg_va_packed_slice_header(MgVaCall *call, const MgVaContext *context, MgBitWriter *b)
{
  Packed packed;
  for (guint i = 0; i < context->rendered->len; i++) {
    if (!packed_at(call, context, i, &packed) || packed.type != VAEncPackedHeaderSlice)
      continue;
    gsize skip = start_code_size(&packed);
    MgNal nal = { packed.data + skip, packed.size - skip };
    g_autofree guint8 *plain = g_malloc(nal.size + 1);
    gsize size = packed.is_escaped ? mg_nal_unescape(&nal, plain, nal.size) : nal.size;
    if (!packed.is_escaped)
      memcpy(plain, nal.data, nal.size);
    put_bits(b, plain, packed.size_bits - 8 * (skip + nal.size - size));
    return TRUE;
  }
  return FALSE;
}
