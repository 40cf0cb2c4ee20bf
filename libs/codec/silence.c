#include "codec/silence.h"

#include "bytes/bits.h"
#include "codec/aac.h"
#include "codec/any.h"
#include "codec/opus.h"

/* --- AAC ----------------------------------------------------------------------------------------- */

/* Table 4.85: syntactic elements of a raw_data_block. */
enum { SCE = 0, CPE = 1, LFE = 3, END = 7, N_ELEMENTS = 4 };

/* Table 1.19: which elements a channelConfiguration has, in their order; -1 ends it. */
static const gint8 layouts[8][6] = {
  { -1 },
  { SCE, -1 },
  { CPE, -1 },
  { SCE, CPE, -1 },
  { SCE, CPE, SCE, -1 },
  { SCE, CPE, CPE, -1 },
  { SCE, CPE, CPE, LFE, -1 },
  { SCE, CPE, CPE, CPE, LFE, -1 },
};

/* ics_info: a long window of sine shape, whose max_sfb of 0 leaves no scale factor band, and no predictor. */
static void
put_info(MgBitWriter *bits)
{
  mg_bit_writer_u(bits, 0, 11);
}

/* The rest of an individual_channel_stream: no pulses, no noise shaping, no gain control. */
static void
put_tools(MgBitWriter *bits)
{
  mg_bit_writer_u(bits, 0, 3);
}

static void
put_channel(MgBitWriter *bits)
{
  mg_bit_writer_u(bits, 0, 8); /* global_gain */
  put_info(bits);
  put_tools(bits);
}

/* Both channels share one ics_info, and no band is coded as mid and side. */
static void
put_pair(MgBitWriter *bits)
{
  mg_bit_writer_u(bits, 1, 1);
  put_info(bits);
  mg_bit_writer_u(bits, 0, 2);
  for (guint i = 0; i < 2; i++) {
    mg_bit_writer_u(bits, 0, 8);
    put_tools(bits);
  }
}

static gboolean
write_aac(const guint8 *asc, gsize size, MgWriter *packet, guint *samples, guint *rate)
{
  MgAacConfig config;
  guint n_seen[N_ELEMENTS] = { 0 };
  if (!mg_aac_config_parse(asc, size, &config, NULL) || config.channel_config == 0 ||
      config.channel_config >= G_N_ELEMENTS(layouts))
    return FALSE;
  MgBitWriter bits = { .out = packet };
  for (const gint8 *element = layouts[config.channel_config]; *element >= 0; element++) {
    mg_bit_writer_u(&bits, (guint32) *element, 3);
    mg_bit_writer_u(&bits, n_seen[*element]++, 4); /* element_instance_tag */
    if (*element == CPE)
      put_pair(&bits);
    else
      put_channel(&bits);
  }
  mg_bit_writer_u(&bits, END, 3);
  mg_bit_writer_align(&bits);
  *samples = config.frame_samples;
  *rate = config.output_rate;
  return TRUE;
}

/* --- Opus ---------------------------------------------------------------------------------------- */

/* Configuration 31: CELT, full band, 20 ms; one frame. */
enum { CELT_20_MS = 31 << 3, IS_STEREO = 1 << 2, FRAME_BYTES = 2, FRAME_SAMPLES = 960 };

/* All streams but the last are self-delimiting: they say how long they are (RFC 6716 appendix B). */
static void
put_stream(MgWriter *packet, gboolean is_coupled, gboolean is_last)
{
  static const guint8 frame[FRAME_BYTES] = { 0xff, 0xfe }; /* the first symbol is "silence" */
  mg_writer_u8(packet, is_coupled ? CELT_20_MS | IS_STEREO : CELT_20_MS);
  if (!is_last)
    mg_writer_u8(packet, FRAME_BYTES);
  mg_writer_bytes(packet, frame, sizeof frame);
}

static gboolean
write_opus(const guint8 *head, gsize size, MgWriter *packet, guint *samples, guint *rate)
{
  MgOpusConfig config;
  if (!mg_opus_config_parse(head, size, &config, NULL))
    return FALSE;
  for (guint i = 0; i < config.streams; i++)
    put_stream(packet, i < config.coupled, i + 1 == config.streams);
  *samples = FRAME_SAMPLES;
  *rate = MG_OPUS_RATE;
  return TRUE;
}

gboolean
mg_silence_write(guint32 codec, const guint8 *config, gsize size, MgWriter *packet, guint *samples,
                 guint *rate)
{
  if (codec == MG_ANY_AAC)
    return write_aac(config, size, packet, samples, rate);
  return codec == MG_ANY_OPUS && write_opus(config, size, packet, samples, rate);
}
