#include "codec/mp3.h"

#include "bytes/bits.h"

enum { VERSION_2 = 2, VERSION_1 = 3, LAYER_I = 3, MONO = 3 };

/* kbit/s; 0 is free format. Layers II and III of MPEG-2 have the same. */
static const guint16 bitrates_layer2[] = { 0,   32,  48,  56,  64,  80,  96, 112,
                                           128, 160, 192, 224, 256, 320, 384 };
static const guint16 bitrates_1[] = { 0,   32,  40,  48,  56,  64,  80, 96,
                                      112, 128, 160, 192, 224, 256, 320 };
static const guint16 bitrates_2[] = {
  0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
};

static const guint32 rates_1[] = { 44100, 48000, 32000 };

/* The rest of a header, once its fields are known to be lawful. */
static void
derive(MgMp3Header *h, guint bitrate, gboolean is_padded)
{
  const guint16 *table = !h->is_mpeg1 ? bitrates_2 : h->layer == 2 ? bitrates_layer2 : bitrates_1;
  h->bitrate = 1000u * table[bitrate];
  h->frame_samples = h->is_mpeg1 || h->layer == 2 ? 1152 : 576;
  if (h->bitrate > 0)
    h->frame_size = h->frame_samples / 8 * h->bitrate / h->sample_rate + (is_padded ? 1 : 0);
}

gboolean
mg_mpeg_audio_header_parse(const guint8 *data, gsize size, MgMp3Header *header, GError **error)
{
  MgBitReader b = MG_BIT_READER(data, size);
  guint sync = mg_bit_reader_u(&b, 11);
  guint version = mg_bit_reader_u(&b, 2);
  guint layer = mg_bit_reader_u(&b, 2);
  mg_bit_reader_skip(&b, 1); /* protection_bit */
  guint bitrate = mg_bit_reader_u(&b, 4);
  guint rate = mg_bit_reader_u(&b, 2);
  gboolean is_padded = mg_bit_reader_flag(&b);
  mg_bit_reader_skip(&b, 1);
  guint mode = mg_bit_reader_u(&b, 2);
  mg_bit_reader_skip(&b, 6);
  if (mg_bit_reader_failed(&b) || sync != 0x7ff || version == 1 || layer == 0 ||
      rate >= G_N_ELEMENTS(rates_1) || bitrate >= G_N_ELEMENTS(bitrates_1))
    return mg_codec_malformed(error, "the bytes do not begin with an MPEG audio header");
  if (layer == LAYER_I) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "MPEG audio of layer I is not supported");
    return FALSE;
  }
  gboolean is_mpeg1 = version == VERSION_1;
  *header = (MgMp3Header){
    .layer = (guint8) (4 - layer),
    .is_mpeg1 = is_mpeg1,
    .sample_rate = rates_1[rate] >> (is_mpeg1               ? 0
                                     : version == VERSION_2 ? 1
                                                            : 2),
    .channels = mode == MONO ? 1 : 2,
  };
  derive(header, bitrate, is_padded);
  return TRUE;
}

gboolean
mg_mp3_header_parse(const guint8 *data, gsize size, MgMp3Header *header, GError **error)
{
  if (!mg_mpeg_audio_header_parse(data, size, header, error))
    return FALSE;
  if (header->layer == 3)
    return TRUE;
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                      "MPEG audio of layer I or II is not supported, only MP3");
  return FALSE;
}

gboolean
mg_mp3_header_equal(const MgMp3Header *a, const MgMp3Header *b)
{
  return a->layer == b->layer && !a->is_mpeg1 == !b->is_mpeg1 && a->sample_rate == b->sample_rate &&
         a->channels == b->channels;
}
