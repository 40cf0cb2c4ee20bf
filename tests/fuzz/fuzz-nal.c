/* The first byte picks the form; the rest is an access unit. */
#include "codec/h264.h"
#include "codec/nal.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
walk(const guint8 *data, gsize size, guint length_size)
{
  guint8 plain[64];
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, length_size);
  gsize total = 0;
  while (mg_nal_next(&it, &nal)) {
    g_assert(nal.size > 0);
    g_assert(mg_nal_unescape(&nal, plain, sizeof plain) <= MIN(nal.size, sizeof plain));
    total += nal.size;
  }
  g_assert(total <= size);
}

static void
rewrite(const guint8 *data, gsize size, guint length_size, MgNalKeep keep)
{
  g_autofree guint8 *out = NULL;
  guint8 *again = NULL;
  gsize out_size = 0;
  MgH264Picture picture;
  if (mg_nal_to_length4(data, size, length_size, keep, &out, &out_size, NULL) != MG_NAL_REWRITTEN)
    return;
  g_assert(mg_nal_to_length4(out, out_size, 4, keep, &again, &out_size, NULL) == MG_NAL_AS_IS);
  g_assert(mg_h264_picture_inspect(out, out_size, 4, &picture));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  static const guint length_sizes[] = { MG_NAL_ANNEX_B, 1, 2, 4 };
  MgReader r = MG_READER(data, size);
  guint length_size = length_sizes[mg_reader_u8(&r) & 3];
  gsize left = mg_reader_left(&r);
  const guint8 *unit = mg_reader_take(&r, left);
  MgH264Picture picture;
  walk(unit, left, length_size);
  rewrite(unit, left, length_size, NULL);
  rewrite(unit, left, length_size, mg_h264_is_not_parameter_set);
  mg_h264_picture_inspect(unit, left, length_size, &picture);
  return 0;
}
