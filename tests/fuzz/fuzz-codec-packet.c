/*
 * A packet of any codec: the first byte says which (an index into the list below) and, in its high bits,
 * how its NAL units begin; the rest is looked at and brought into the form of a sample.
 */
#include "codec/any.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const guint32 codecs[] = {
  MG_ANY_H264, MG_ANY_HEVC, MG_ANY_VVC,  MG_ANY_AV1, MG_ANY_VP8,  MG_ANY_VP9,
  MG_ANY_AAC,  MG_ANY_OPUS, MG_ANY_FLAC, MG_ANY_AC3, MG_ANY_EAC3, MG_ANY_MP3,
};

static const guint length_sizes[] = { 4, MG_NAL_ANNEX_B, 1, 2 };

static gboolean
is_sound(guint32 codec)
{
  return codec == MG_ANY_AAC || codec == MG_ANY_OPUS || codec == MG_ANY_FLAC ||
         codec == MG_ANY_AC3 || codec == MG_ANY_EAC3 || codec == MG_ANY_MP3;
}

/* What was rewritten is in its form: rewriting it again changes nothing. */
static void
check_payload(guint32 codec, guint length_size, const guint8 *data, gsize size)
{
  g_autofree guint8 *out = NULL, *again = NULL;
  gsize out_size = 0, again_size = 0;
  if (mg_any_payload(codec, length_size, data, size, &out, &out_size, NULL) != MG_NAL_REWRITTEN)
    return;
  g_assert_cmpuint(out_size, >, 0);
  g_assert_cmpint(mg_any_payload(codec, 4, out, out_size, &again, &again_size, NULL), ==,
                  MG_NAL_AS_IS);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  if (size == 0)
    return 0;
  MgAnyPacket packet;
  guint32 codec = codecs[(data[0] & 15) % G_N_ELEMENTS(codecs)];
  MgAnyFacts facts = {
    .nal_length_size = length_sizes[data[0] >> 6],
    .n_layers = 1,
    .av1_head = { .is_known = TRUE,
                  .frame_id_bits = data[0] & 0x40 ? 15 : 0,
                  .order_hint_bits = 7,
                  .screen_content = 2,
                  .integer_mv = 2 },
  };
  if (mg_any_packet(codec, &facts, data + 1, size - 1, &packet) && is_sound(codec))
    g_assert_true(packet.is_key && packet.samples <= 65536);
  check_payload(codec, facts.nal_length_size, data + 1, size - 1);
  return 0;
}
