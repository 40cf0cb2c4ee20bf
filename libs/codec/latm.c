#include "codec/latm.h"

#include "bytes/bits.h"

enum { SYNC = 0x2b7, OBJECT_SBR = 5, OBJECT_PS = 29, MOST_CONFIG_BITS = 256 };

gsize
mg_latm_frame_size(const guint8 *data)
{
  MgBitReader b = MG_BIT_READER(data, MG_LATM_HEAD_BYTES);
  guint sync = mg_bit_reader_u(&b, 11);
  gsize size = mg_bit_reader_u(&b, 13);
  return sync == SYNC && size > 0 ? MG_LATM_HEAD_BYTES + size : 0;
}

/* LatmGetValue() */
static guint32
read_value(MgBitReader *b)
{
  guint n = mg_bit_reader_u(b, 2);
  return mg_bit_reader_u(b, 8 * (n + 1));
}

static void
skip_rate(MgBitReader *b)
{
  if (mg_bit_reader_u(b, 4) == MG_AAC_OTHER_RATE)
    mg_bit_reader_skip(b, 24);
}

/*
 * Moves past an AudioSpecificConfig whose length nothing tells. FALSE for one that is not plain
 * AAC's.
 */
static gboolean
skip_config(MgBitReader *b)
{
  guint type = mg_bit_reader_u(b, 5);
  skip_rate(b);
  guint channels = mg_bit_reader_u(b, 4);
  if (type == OBJECT_SBR || type == OBJECT_PS) {
    skip_rate(b);
    type = mg_bit_reader_u(b, 5);
  }
  mg_bit_reader_skip(b, 1);  /* frameLengthFlag */
  if (mg_bit_reader_flag(b)) /* dependsOnCoreCoder */
    mg_bit_reader_skip(b, 14);
  mg_bit_reader_skip(b, 1); /* extensionFlag */
  return type >= 1 && type <= 4 && channels > 0 && !mg_bit_reader_failed(b);
}

/* The N bits that B is at, as whole bytes. */
static void
copy_bits(MgBitReader *b, gsize n, MgWriter *out)
{
  MgBitWriter bits = { .out = out };
  for (; n >= 8; n -= 8)
    mg_bit_writer_u(&bits, mg_bit_reader_u(b, 8), 8);
  mg_bit_writer_u(&bits, mg_bit_reader_u(b, (guint) n), (guint) n);
  mg_bit_writer_align(&bits);
}

static gboolean
read_config(MgLatm *latm, MgBitReader *b, gsize n_bits)
{
  g_auto(MgWriter) asc = MG_WRITER_INIT;
  MgBitReader end = *b;
  if (n_bits == 0) {
    if (!skip_config(&end))
      return FALSE;
    n_bits = end.pos - b->pos;
  }
  if (n_bits > MOST_CONFIG_BITS || n_bits > mg_bit_reader_left(b))
    return FALSE;
  copy_bits(b, n_bits, &asc);
  latm->has_config = mg_aac_config_parse(asc.data, asc.size, &latm->config, NULL) &&
                     latm->config.channel_config != 0;
  return latm->has_config;
}

/* StreamMuxConfig() (table 1.42). */
static gboolean
read_mux_config(MgLatm *latm, MgBitReader *b)
{
  latm->has_config = FALSE;
  gboolean is_version1 = mg_bit_reader_flag(b);
  if (is_version1 && mg_bit_reader_flag(b)) /* audioMuxVersionA */
    return FALSE;
  if (is_version1)
    read_value(b); /* taraBufferFullness */
  gboolean is_same_framing = mg_bit_reader_flag(b);
  guint n_subframes = mg_bit_reader_u(b, 6) + 1;
  guint n_programmes = mg_bit_reader_u(b, 4) + 1;
  guint n_layers = mg_bit_reader_u(b, 3) + 1;
  if (!is_same_framing || n_subframes != 1 || n_programmes != 1 || n_layers != 1)
    return FALSE;
  gsize n_bits = is_version1 ? read_value(b) : 0;
  if ((is_version1 && n_bits == 0) || !read_config(latm, b, n_bits))
    return FALSE;
  if (mg_bit_reader_u(b, 3) != 0) /* frameLengthType: of changing length */
    return latm->has_config = FALSE;
  mg_bit_reader_skip(b, 8); /* latmBufferFullness */
  latm->other_bits = 0;
  if (mg_bit_reader_flag(b)) { /* otherDataPresent */
    if (is_version1)
      latm->other_bits = read_value(b);
    else
      for (gboolean goes_on = TRUE; goes_on && !mg_bit_reader_failed(b);) {
        goes_on = mg_bit_reader_flag(b);
        latm->other_bits = latm->other_bits << 8 | mg_bit_reader_u(b, 8);
      }
  }
  if (mg_bit_reader_flag(b)) /* crcCheckPresent */
    mg_bit_reader_skip(b, 8);
  return latm->has_config = !mg_bit_reader_failed(b);
}

gboolean
mg_latm_read(MgLatm *latm, const guint8 *frame, gsize size, MgWriter *out)
{
  MgBitReader b = MG_BIT_READER(frame, size);
  mg_bit_reader_skip(&b, 8 * MG_LATM_HEAD_BYTES);
  gboolean uses_same = mg_bit_reader_flag(&b);
  if (!uses_same && !read_mux_config(latm, &b))
    return FALSE;
  gsize length = 0;
  guint byte = 255;
  while (byte == 255 && !mg_bit_reader_failed(&b)) /* PayloadLengthInfo() */
    length += byte = mg_bit_reader_u(&b, 8);
  if (!latm->has_config || mg_bit_reader_failed(&b) || length == 0 ||
      length > mg_bit_reader_left(&b) / 8)
    return FALSE;
  copy_bits(&b, 8 * length, out);
  return TRUE;
}
