#include "codec/vpx.h"

#include "bytes/bits.h"
#include "bytes/reader.h"

enum {
  FULL_BOX_BYTES = 4,
  RECORD_BYTES = 8,
  VP9_SYNC = 0x498342,
  VP9_FRAME_MARKER = 2,
  SRGB = 7,
  SUPERFRAME_MARKER = 6,
};

/* --- configuration ----------------------------------------------------------------------------- */

static gboolean
read_record(MgReader r, MgVpxConfig *c)
{
  c->profile = mg_reader_u8(&r);
  c->level = mg_reader_u8(&r);
  guint8 format = mg_reader_u8(&r);
  c->bit_depth = format >> 4;
  c->subsampling = format >> 1 & 7;
  c->colour.is_full_range = format & 1;
  c->colour.primaries = mg_reader_u8(&r);
  c->colour.transfer = mg_reader_u8(&r);
  c->colour.matrix = mg_reader_u8(&r);
  mg_reader_skip(&r, mg_reader_be16(&r)); /* codecInitializationData */
  return !mg_reader_failed(&r) && c->profile <= 3 && c->subsampling <= 3 &&
         (c->bit_depth == 8 || c->bit_depth == 10 || c->bit_depth == 12);
}

/* A record cannot begin like a box of version 1: its bit depth would be 0. */
gboolean
mg_vpx_config_parse(const guint8 *vpcc, gsize size, MgVpxConfig *config, GError **error)
{
  *config = (MgVpxConfig){ 0 };
  MgReader r = MG_READER(vpcc, size);
  if (read_record(r, config))
    return TRUE;
  guint32 version_and_flags = mg_reader_be32(&r);
  if (version_and_flags == 0x01000000 && read_record(r, config))
    return TRUE;
  return mg_codec_malformed(error, "VP8 or VP9 configuration is not a VPCodecConfigurationRecord");
}

void
mg_vpx_config_write(const MgVpxConfig *c, MgWriter *record)
{
  mg_writer_u8(record, c->profile);
  mg_writer_u8(record, c->level);
  mg_writer_u8(record, (guint8) (c->bit_depth << 4 | c->subsampling << 1 |
                                 (c->colour.is_full_range ? 1 : 0)));
  mg_writer_u8(record, c->colour.primaries);
  mg_writer_u8(record, c->colour.transfer);
  mg_writer_u8(record, c->colour.matrix);
  mg_writer_be16(record, 0); /* codecInitializationDataSize */
}

gboolean
mg_vpx_config_equal(const MgVpxConfig *a, const MgVpxConfig *b)
{
  const MgCodecColour *p = &a->colour, *q = &b->colour;
  return a->profile == b->profile && a->level == b->level && a->bit_depth == b->bit_depth &&
         a->subsampling == b->subsampling && p->primaries == q->primaries &&
         p->transfer == q->transfer && p->matrix == q->matrix &&
         !p->is_full_range == !q->is_full_range;
}

static gboolean
has_default_colour(const MgVpxConfig *config)
{
  const MgCodecColour *c = &config->colour;
  gboolean is_bt709 = c->primaries == 1 && c->transfer == 1 && c->matrix == 1 && !c->is_full_range;
  return (is_bt709 || mg_codec_colour_is_unspecified(c)) && config->subsampling <= 1;
}

char *
mg_vpx_codec_string(const MgVpxConfig *config, gboolean is_vp8)
{
  const MgCodecColour *c = &config->colour;
  GString *text = g_string_new(NULL);
  g_string_printf(text, "vp%02u.%02u.%02u.%02u", is_vp8 ? 8 : 9, config->profile, config->level,
                  config->bit_depth);
  if (!has_default_colour(config))
    g_string_append_printf(text, ".%02u.%02u.%02u.%02u.%02u", config->subsampling, c->primaries,
                           c->transfer, c->matrix, c->is_full_range);
  return g_string_free(text, FALSE);
}

/* --- frames ------------------------------------------------------------------------------------ */

gboolean
mg_vp8_frame_inspect(const guint8 *data, gsize size, MgVpxFrame *frame)
{
  MgReader r = MG_READER(data, size);
  *frame = (MgVpxFrame){ 0 };
  guint8 tag = mg_reader_u8(&r);
  mg_reader_skip(&r, 2);
  frame->is_key = !(tag & 1);
  if (frame->is_key) {
    if (mg_reader_be24(&r) != 0x9d012a)
      return FALSE;
    frame->width = mg_reader_le16(&r) & 0x3fff;
    frame->height = mg_reader_le16(&r) & 0x3fff;
  }
  return !mg_reader_failed(&r);
}

/* color_config(): only its length matters. */
static void
skip_colour(MgBitReader *b, guint profile)
{
  gboolean has_subsampling = profile == 1 || profile == 3;
  if (profile >= 2)
    mg_bit_reader_skip(b, 1); /* ten_or_twelve_bit */
  if (mg_bit_reader_u(b, 3) != SRGB)
    mg_bit_reader_skip(b, has_subsampling ? 1 + 3 : 1);
  else
    mg_bit_reader_skip(b, has_subsampling ? 1 : 0);
}

static gboolean
read_key_frame(MgBitReader *b, guint profile, MgVpxFrame *frame)
{
  frame->is_key = TRUE;
  if (mg_bit_reader_u(b, 24) != VP9_SYNC)
    return FALSE;
  skip_colour(b, profile);
  frame->width = mg_bit_reader_u(b, 16) + 1;
  frame->height = mg_bit_reader_u(b, 16) + 1;
  return !mg_bit_reader_failed(b);
}

static gboolean
read_inter_frame(MgBitReader *b, guint profile, MgVpxFrame *frame)
{
  gboolean is_shown = mg_bit_reader_flag(b);
  gboolean is_resilient = mg_bit_reader_flag(b);
  gboolean is_intra = !is_shown && mg_bit_reader_flag(b);
  if (!is_resilient)
    mg_bit_reader_skip(b, 2); /* reset_frame_context */
  if (is_intra) {
    if (mg_bit_reader_u(b, 24) != VP9_SYNC)
      return FALSE;
    if (profile > 0)
      skip_colour(b, profile);
  }
  frame->is_disposable = mg_bit_reader_u(b, 8) == 0; /* refresh_frame_flags */
  return !mg_bit_reader_failed(b);
}

/* uncompressed_header() (6.2) */
static gboolean
inspect_vp9(const guint8 *data, gsize size, MgVpxFrame *frame)
{
  MgBitReader b = MG_BIT_READER(data, size);
  *frame = (MgVpxFrame){ 0 };
  guint marker = mg_bit_reader_u(&b, 2);
  guint profile = mg_bit_reader_u(&b, 1);
  profile |= mg_bit_reader_u(&b, 1) << 1;
  if (profile == 3)
    mg_bit_reader_skip(&b, 1);
  if (marker != VP9_FRAME_MARKER || mg_bit_reader_failed(&b))
    return FALSE;
  if (mg_bit_reader_flag(&b)) { /* show_existing_frame */
    frame->is_disposable = TRUE;
    return TRUE;
  }
  if (mg_bit_reader_flag(&b)) /* frame_type */
    return read_inter_frame(&b, profile, frame);
  mg_bit_reader_skip(&b, 2); /* show_frame, error_resilient_mode */
  return read_key_frame(&b, profile, frame);
}

/* The index at the end of a superframe (annex B.3). Frames of N bytes go through inspect_vp9(). */
static gboolean
inspect_superframe(const guint8 *data, gsize size, guint n, guint size_bytes, MgVpxFrame *frame)
{
  MgReader frames = MG_READER(data, size - (2 + (gsize) n * size_bytes));
  MgReader index = MG_READER(data, size);
  mg_reader_skip(&index, frames.size + 1);
  MgVpxFrame one;
  *frame = (MgVpxFrame){ .is_disposable = TRUE };
  for (guint i = 0; i < n; i++) {
    gsize frame_size = 0;
    for (guint byte = 0; byte < size_bytes; byte++)
      frame_size |= (gsize) mg_reader_u8(&index) << (8 * byte);
    const guint8 *at = mg_reader_take(&frames, frame_size);
    if (at == NULL || (frame_size > 0 && !inspect_vp9(at, frame_size, &one)))
      return FALSE;
    if (frame_size == 0)
      continue;
    if (i == 0)
      *frame = one;
    frame->is_disposable &= one.is_disposable;
  }
  return TRUE;
}

gboolean
mg_vp9_frame_inspect(const guint8 *data, gsize size, MgVpxFrame *frame)
{
  *frame = (MgVpxFrame){ 0 };
  if (size == 0)
    return FALSE;
  guint8 last = data[size - 1];
  guint n = (last & 7u) + 1, size_bytes = (last >> 3 & 3u) + 1;
  gsize index_size = 2 + (gsize) n * size_bytes;
  gboolean has_index =
      last >> 5 == SUPERFRAME_MARKER && size > index_size && data[size - index_size] == last;
  if (has_index)
    return inspect_superframe(data, size, n, size_bytes, frame);
  return inspect_vp9(data, size, frame);
}
