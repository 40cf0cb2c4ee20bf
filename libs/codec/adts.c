#include "codec/adts.h"

#include "bytes/bits.h"

enum { SYNC = 0xfff, FULLNESS_VARIABLE = 0x7ff, MOST_CHANNEL_CONFIG = 7 };

static void
derive(MgAacConfig *c)
{
  c->output_rate = c->core_rate;
  c->core_channels = c->channel_config == 7 ? 8 : c->channel_config;
  c->channels = c->core_channels;
  c->core_frame_samples = c->frame_samples = 1024;
}

gboolean
mg_adts_parse(const guint8 *data, gsize size, MgAdtsFrame *frame)
{
  MgBitReader b = MG_BIT_READER(data, size);
  guint sync = mg_bit_reader_u(&b, 12);
  mg_bit_reader_skip(&b, 1); /* ID */
  guint layer = mg_bit_reader_u(&b, 2);
  gboolean has_checksum = !mg_bit_reader_flag(&b);
  guint profile = mg_bit_reader_u(&b, 2);
  guint rate = mg_bit_reader_u(&b, 4);
  mg_bit_reader_skip(&b, 1); /* private_bit */
  guint channels = mg_bit_reader_u(&b, 3);
  mg_bit_reader_skip(&b, 4); /* original, home, copyright identification */
  guint length = mg_bit_reader_u(&b, 13);
  mg_bit_reader_skip(&b, 11);
  guint n_blocks = mg_bit_reader_u(&b, 2) + 1;
  *frame = (MgAdtsFrame){
    .header_size = has_checksum ? MG_ADTS_HEADER_BYTES + 2 : MG_ADTS_HEADER_BYTES,
    .size = length,
    .n_blocks = n_blocks,
    .config = { .object_type = (guint8) (profile + 1), .channel_config = (guint8) channels },
  };
  if (mg_bit_reader_failed(&b) || sync != SYNC || layer != 0 || mg_aac_rate(rate) == 0 ||
      channels == 0 || length <= frame->header_size)
    return FALSE;
  frame->config.core_rate = mg_aac_rate(rate);
  derive(&frame->config);
  return TRUE;
}

gboolean
mg_adts_can_carry(const MgAacConfig *config)
{
  return mg_aac_rate_index(config->core_rate) != MG_AAC_OTHER_RATE && config->channel_config > 0 &&
         config->channel_config <= MOST_CHANNEL_CONFIG && config->core_frame_samples == 1024;
}

void
mg_adts_write(const MgAacConfig *config, gsize size, MgWriter *out)
{
  MgBitWriter b = { .out = out };
  g_assert(size + MG_ADTS_HEADER_BYTES <= MG_ADTS_MOST_FRAME);
  mg_bit_writer_u(&b, SYNC, 12);
  mg_bit_writer_u(&b, 1, 4); /* MPEG-4, layer 0, no checksum */
  mg_bit_writer_u(&b, config->object_type - 1u, 2);
  mg_bit_writer_u(&b, mg_aac_rate_index(config->core_rate), 4);
  mg_bit_writer_u(&b, 0, 1);
  mg_bit_writer_u(&b, config->channel_config, 3);
  mg_bit_writer_u(&b, 0, 4);
  mg_bit_writer_u(&b, (guint32) (size + MG_ADTS_HEADER_BYTES), 13);
  mg_bit_writer_u(&b, FULLNESS_VARIABLE, 11);
  mg_bit_writer_u(&b, 0, 2);
}
