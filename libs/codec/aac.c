/* The AudioSpecificConfig. Names of fields are those of ISO/IEC 14496-3. */
#include "codec/aac.h"

#include "bytes/bits.h"

enum {
  OBJECT_SBR = 5,
  OBJECT_PS = 29,
  OBJECT_ESCAPE = 31,
  SYNC_SBR = 0x2b7,
  SYNC_PS = 0x548,
  LOWEST_RATE = 1000,
  HIGHEST_RATE = 192000,
};

/* Table 1.18; 0 is reserved. */
static const guint32 rates[] = { 96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                 22050, 16000, 12000, 11025, 8000,  7350 };

/* Table 1.19: channels of a channelConfiguration; 0 is "in a program config element" or reserved. */
static const guint8 config_channels[16] = { 0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0 };

static guint
read_object_type(MgBitReader *b)
{
  guint type = mg_bit_reader_u(b, 5);
  return type == OBJECT_ESCAPE ? 32 + mg_bit_reader_u(b, 6) : type;
}

guint32
mg_aac_rate(guint index)
{
  return index < G_N_ELEMENTS(rates) ? rates[index] : 0;
}

guint
mg_aac_rate_index(guint32 rate)
{
  for (guint i = 0; i < G_N_ELEMENTS(rates); i++)
    if (rates[i] == rate)
      return i;
  return MG_AAC_OTHER_RATE;
}

/* In Hz, or 0 when it is reserved or out of any use. */
static guint32
read_rate(MgBitReader *b)
{
  guint index = mg_bit_reader_u(b, 4);
  if (index != MG_AAC_OTHER_RATE)
    return mg_aac_rate(index);
  guint32 rate = mg_bit_reader_u(b, 24);
  return rate >= LOWEST_RATE && rate <= HIGHEST_RATE ? rate : 0;
}

/* The elements of one side of a program_config_element: one or two channels each. */
static guint
read_elements(MgBitReader *b, guint n)
{
  guint channels = 0;
  for (guint i = 0; i < n; i++) {
    channels += mg_bit_reader_flag(b) ? 2 : 1;
    mg_bit_reader_skip(b, 4);
  }
  return channels;
}

static void
skip_mixdowns(MgBitReader *b)
{
  if (mg_bit_reader_flag(b)) /* mono_mixdown_present */
    mg_bit_reader_skip(b, 4);
  if (mg_bit_reader_flag(b)) /* stereo_mixdown_present */
    mg_bit_reader_skip(b, 4);
  if (mg_bit_reader_flag(b)) /* matrix_mixdown_idx_present */
    mg_bit_reader_skip(b, 3);
}

/* program_config_element (table 4.2), from which only the number of channels is wanted. */
static guint
read_program_channels(MgBitReader *b)
{
  mg_bit_reader_skip(b, 4 + 2 + 4); /* tag, profile, sampling frequency index */
  guint front = mg_bit_reader_u(b, 4);
  guint side = mg_bit_reader_u(b, 4);
  guint back = mg_bit_reader_u(b, 4);
  guint lfe = mg_bit_reader_u(b, 2);
  guint data = mg_bit_reader_u(b, 3);
  guint coupling = mg_bit_reader_u(b, 4);
  skip_mixdowns(b);
  guint channels = read_elements(b, front + side + back) + lfe;
  mg_bit_reader_skip(b, 4 * (lfe + data) + 5 * coupling);
  mg_bit_reader_skip(b, (8 - b->pos % 8) % 8);      /* byte_alignment() */
  mg_bit_reader_skip(b, 8 * mg_bit_reader_u(b, 8)); /* comment */
  return channels;
}

/* GASpecificConfig (table 4.1). FALSE when it gives no channels. */
static gboolean
read_specific(MgBitReader *b, MgAacConfig *config)
{
  config->core_frame_samples = mg_bit_reader_flag(b) ? 960 : 1024;
  if (mg_bit_reader_flag(b)) /* dependsOnCoreCoder */
    mg_bit_reader_skip(b, 14);
  gboolean has_extension = mg_bit_reader_flag(b);
  guint channels = config->channel_config != 0 ? config_channels[config->channel_config]
                                               : read_program_channels(b);
  if (has_extension)
    mg_bit_reader_skip(b, 1); /* extensionFlag3 */
  config->core_channels = (guint8) channels;
  return channels > 0;
}

/* The extension that older decoders do not look at (1.6.6.1). FALSE for a reserved rate. */
static gboolean
read_extension(MgBitReader *b, MgAacConfig *config)
{
  if (mg_bit_reader_left(b) < 16 || mg_bit_reader_u(b, 11) != SYNC_SBR)
    return TRUE;
  if (read_object_type(b) != OBJECT_SBR || !mg_bit_reader_flag(b))
    return TRUE;
  config->has_sbr = TRUE;
  config->output_rate = read_rate(b);
  if (mg_bit_reader_left(b) >= 12 && mg_bit_reader_u(b, 11) == SYNC_PS)
    config->has_ps = mg_bit_reader_flag(b);
  return config->output_rate != 0;
}

/* Object type, rates and channel configuration, with SBR and PS in front if they are. */
static gboolean
read_head(MgBitReader *b, MgAacConfig *config, guint *object_type)
{
  *object_type = read_object_type(b);
  config->core_rate = config->output_rate = read_rate(b);
  config->channel_config = (guint8) mg_bit_reader_u(b, 4);
  if (*object_type == OBJECT_SBR || *object_type == OBJECT_PS) {
    config->is_hierarchical = config->has_sbr = TRUE;
    config->has_ps = *object_type == OBJECT_PS;
    config->output_rate = read_rate(b);
    *object_type = read_object_type(b);
  }
  return config->core_rate != 0 && config->output_rate != 0;
}

/* What follows from the rest. FALSE when the rates do not go together. */
static gboolean
derive(MgAacConfig *config)
{
  config->channels = config->core_channels;
  if (config->has_ps && config->core_channels == 1)
    config->channels = 2;
  config->frame_samples = config->core_frame_samples;
  if (config->output_rate == 2 * config->core_rate)
    config->frame_samples *= 2;
  return config->frame_samples > config->core_frame_samples ||
         config->output_rate == config->core_rate;
}

gboolean
mg_aac_config_parse(const guint8 *asc, gsize size, MgAacConfig *config, GError **error)
{
  guint object_type = 0;
  MgBitReader b = MG_BIT_READER(asc, size);
  *config = (MgAacConfig){ 0 };
  gboolean has_head = read_head(&b, config, &object_type);
  if (has_head && !mg_bit_reader_failed(&b) && (object_type < 1 || object_type > 4)) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "MPEG-4 audio object type %u is not supported, only AAC with or without SBR and PS",
                object_type);
    return FALSE;
  }
  config->object_type = (guint8) object_type;
  if (!has_head || !read_specific(&b, config) || mg_bit_reader_failed(&b) ||
      (!config->has_sbr && !read_extension(&b, config)) || mg_bit_reader_failed(&b) ||
      !derive(config)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED,
                        "AAC configuration is not an AudioSpecificConfig");
    return FALSE;
  }
  return TRUE;
}

static void
put_rate(MgBitWriter *bits, guint32 rate)
{
  guint index = mg_aac_rate_index(rate);
  mg_bit_writer_u(bits, index, 4);
  if (index == MG_AAC_OTHER_RATE)
    mg_bit_writer_u(bits, rate, 24);
}

static void
put_extension(MgBitWriter *bits, const MgAacConfig *config)
{
  mg_bit_writer_u(bits, SYNC_SBR, 11);
  mg_bit_writer_u(bits, OBJECT_SBR, 5);
  mg_bit_writer_u(bits, 1, 1);
  put_rate(bits, config->output_rate);
  if (config->has_ps) {
    mg_bit_writer_u(bits, SYNC_PS, 11);
    mg_bit_writer_u(bits, 1, 1);
  }
}

void
mg_aac_config_write(const MgAacConfig *config, MgWriter *asc)
{
  g_assert(config->channel_config != 0);
  MgBitWriter bits = { .out = asc };
  if (config->is_hierarchical)
    mg_bit_writer_u(&bits, config->has_ps ? OBJECT_PS : OBJECT_SBR, 5);
  else
    mg_bit_writer_u(&bits, config->object_type, 5);
  put_rate(&bits, config->core_rate);
  mg_bit_writer_u(&bits, config->channel_config, 4);
  if (config->is_hierarchical) {
    put_rate(&bits, config->output_rate);
    mg_bit_writer_u(&bits, config->object_type, 5);
  }
  mg_bit_writer_u(&bits, config->core_frame_samples == 960, 1);
  mg_bit_writer_u(&bits, 0, 2); /* dependsOnCoreCoder, extensionFlag */
  if (config->has_sbr && !config->is_hierarchical)
    put_extension(&bits, config);
  mg_bit_writer_align(&bits);
}

gboolean
mg_aac_config_equal(const MgAacConfig *a, const MgAacConfig *b)
{
  return a->object_type == b->object_type && !a->has_sbr == !b->has_sbr &&
         !a->has_ps == !b->has_ps && !a->is_hierarchical == !b->is_hierarchical &&
         a->core_rate == b->core_rate && a->output_rate == b->output_rate &&
         a->channel_config == b->channel_config && a->core_channels == b->core_channels &&
         a->core_frame_samples == b->core_frame_samples;
}

const char *
mg_aac_codec_string(const MgAacConfig *config)
{
  static const char *const plain[] = { "mp4a.40.1", "mp4a.40.2", "mp4a.40.3", "mp4a.40.4" };
  if (config->has_ps)
    return "mp4a.40.29";
  if (config->has_sbr)
    return "mp4a.40.5";
  return plain[CLAMP(config->object_type, 1, 4) - 1];
}
