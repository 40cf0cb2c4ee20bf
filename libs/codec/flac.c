#include "codec/flac.h"

#include "bytes/bits.h"
#include "bytes/reader.h"

#include <string.h>

enum {
  LAST_BLOCK = 0x80,
  BLOCK_STREAMINFO = 0,
  BLOCK_HEAD_BYTES = 4,
  SMALLEST_BLOCK = 16,
  FRAME_SYNC = 0x3ffe,
};

/* To STREAMINFO, past what may be in front of it. */
static const guint8 *
find_info(MgReader *r)
{
  const guint8 *magic = mg_reader_peek(r, 4);
  if (magic != NULL && memcmp(magic, "fLaC", 4) == 0)
    mg_reader_skip(r, 4);
  if (mg_reader_left(r) != MG_FLAC_INFO_BYTES) {
    guint32 head = mg_reader_be32(r);
    if ((head >> 24 & ~(guint32) LAST_BLOCK) != BLOCK_STREAMINFO ||
        (head & 0xffffff) != MG_FLAC_INFO_BYTES)
      return NULL;
  }
  return mg_reader_take(r, MG_FLAC_INFO_BYTES);
}

gboolean
mg_flac_config_parse(const guint8 *head, gsize size, MgFlacConfig *config, GError **error)
{
  MgReader r = MG_READER(head, size);
  *config = (MgFlacConfig){ .info = find_info(&r) };
  if (config->info == NULL)
    return mg_codec_malformed(error, "FLAC configuration is not STREAMINFO");
  MgBitReader b = MG_BIT_READER(config->info, MG_FLAC_INFO_BYTES);
  config->min_block = (guint16) mg_bit_reader_u(&b, 16);
  config->max_block = (guint16) mg_bit_reader_u(&b, 16);
  mg_bit_reader_skip(&b, 24 + 24); /* frame sizes */
  config->sample_rate = mg_bit_reader_u(&b, 20);
  config->channels = (guint8) (mg_bit_reader_u(&b, 3) + 1);
  config->bit_depth = (guint8) (mg_bit_reader_u(&b, 5) + 1);
  if (config->sample_rate == 0 || config->bit_depth < 4 || config->min_block < SMALLEST_BLOCK ||
      config->max_block < config->min_block)
    return mg_codec_malformed(error, "FLAC configuration: STREAMINFO is out of range");
  return TRUE;
}

void
mg_flac_box_write(const MgFlacConfig *config, MgWriter *dfla)
{
  mg_writer_be32(dfla, (guint32) LAST_BLOCK << 24 | MG_FLAC_INFO_BYTES);
  mg_writer_bytes(dfla, config->info, MG_FLAC_INFO_BYTES);
}

void
mg_flac_config_write(const MgFlacConfig *config, MgWriter *head)
{
  mg_writer_text(head, "fLaC");
  mg_flac_box_write(config, head);
}

gboolean
mg_flac_config_equal(const MgFlacConfig *a, const MgFlacConfig *b)
{
  return a->min_block == b->min_block && a->max_block == b->max_block &&
         a->sample_rate == b->sample_rate && a->channels == b->channels &&
         a->bit_depth == b->bit_depth;
}

/* How many bytes the frame's coded number goes on for behind its first (UTF-8, up to 36 bits). */
static guint
number_bytes_left(guint8 first)
{
  guint n = 0;
  for (guint8 bit = 0x40; first & 0x80 && first & bit; bit >>= 1)
    n++;
  return n;
}

guint
mg_flac_frame_samples(const guint8 *data, gsize size)
{
  MgReader r = MG_READER(data, size);
  guint16 sync = mg_reader_be16(&r);
  guint code = mg_reader_u8(&r) >> 4;
  mg_reader_skip(&r, 1);
  mg_reader_skip(&r, number_bytes_left(mg_reader_u8(&r)));
  guint samples;
  if (code == 1)
    samples = 192;
  else if (code < 6)
    samples = code == 0 ? 0 : 576u << (code - 2);
  else if (code < 8)
    samples = (code == 6 ? mg_reader_u8(&r) : mg_reader_be16(&r)) + 1u;
  else
    samples = 256u << (code - 8);
  return mg_reader_failed(&r) || sync >> 2 != FRAME_SYNC ? 0 : samples;
}
