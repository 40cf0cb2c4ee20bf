#include "codec/mp3.h"

#include "bytes/bits.h"

enum { VERSION_2 = 2, VERSION_1 = 3, LAYER_III = 1, MONO = 3 };

/* kbit/s of layer III; 0 is free format. */
static const guint16 bitrates_1[] = { 0,   32,  40,  48,  56,  64,  80, 96,
                                      112, 128, 160, 192, 224, 256, 320 };
static const guint16 bitrates_2[] = {
  0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160
};

static const guint32 rates_1[] = { 44100, 48000, 32000 };

gboolean
mg_mp3_header_parse(const guint8 *data, gsize size, MgMp3Header *header, GError **error)
{
  MgBitReader b = MG_BIT_READER(data, size);
  guint sync = mg_bit_reader_u(&b, 11);
  guint version = mg_bit_reader_u(&b, 2);
  guint layer = mg_bit_reader_u(&b, 2);
  mg_bit_reader_skip(&b, 1); /* protection_bit */
  guint bitrate = mg_bit_reader_u(&b, 4);
  guint rate = mg_bit_reader_u(&b, 2);
  mg_bit_reader_skip(&b, 2);
  guint mode = mg_bit_reader_u(&b, 2);
  mg_bit_reader_skip(&b, 6);
  if (mg_bit_reader_failed(&b) || sync != 0x7ff || version == 1 || layer == 0 ||
      rate >= G_N_ELEMENTS(rates_1) || bitrate >= G_N_ELEMENTS(bitrates_1))
    return mg_codec_malformed(error, "the bytes do not begin with an MPEG audio header");
  if (layer != LAYER_III) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "MPEG audio of layer I or II is not supported, only MP3");
    return FALSE;
  }
  gboolean is_mpeg1 = version == VERSION_1;
  *header = (MgMp3Header){
    .is_mpeg1 = is_mpeg1,
    .sample_rate = rates_1[rate] >> (is_mpeg1               ? 0
                                     : version == VERSION_2 ? 1
                                                            : 2),
    .channels = mode == MONO ? 1 : 2,
    .bitrate = 1000u * (is_mpeg1 ? bitrates_1[bitrate] : bitrates_2[bitrate]),
    .frame_samples = is_mpeg1 ? 1152 : 576,
  };
  return TRUE;
}

gboolean
mg_mp3_header_equal(const MgMp3Header *a, const MgMp3Header *b)
{
  return !a->is_mpeg1 == !b->is_mpeg1 && a->sample_rate == b->sample_rate &&
         a->channels == b->channels;
}
