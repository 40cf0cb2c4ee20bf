/* The audio codecs of any.h; the functions only translate. */
#include "codec/any-codec.h"

/* --- AAC --------------------------------------------------------------------------------------- */

static gboolean
parse_aac(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_aac_config_parse(data, size, &config->aac, error);
}

static gboolean
equal_aac(const MgAnyConfig *a, const MgAnyConfig *b)
{
  return mg_aac_config_equal(&a->aac, &b->aac);
}

static char *
name_aac(const MgAnyConfig *config)
{
  return g_strdup(mg_aac_codec_string(&config->aac));
}

static void
tell_aac(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->sample_rate = config->aac.output_rate;
  facts->channels = config->aac.channels;
  facts->frame_samples = config->aac.frame_samples;
}

/* Every packet of these codecs lasts equally long. */
static gboolean
packet_constant(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  packet->samples = facts->frame_samples;
  return size > 0;
}

/* --- Opus -------------------------------------------------------------------------------------- */

static gboolean
parse_opus(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_opus_config_parse(data, size, &config->opus, error);
}

static void
write_opus(const MgAnyConfig *config, MgWriter *out)
{
  mg_opus_config_write(&config->opus, out);
}

static gboolean
equal_opus(const MgAnyConfig *a, const MgAnyConfig *b)
{
  return mg_opus_config_equal(&a->opus, &b->opus);
}

static char *
name_opus(const MgAnyConfig *config)
{
  return g_strdup("opus");
}

static void
tell_opus(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->sample_rate = MG_OPUS_RATE;
  facts->channels = config->opus.channels;
}

static gboolean
packet_opus(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  packet->samples = mg_opus_packet_samples(data, size);
  return packet->samples > 0;
}

/* --- FLAC -------------------------------------------------------------------------------------- */

static gboolean
parse_flac(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_flac_config_parse(data, size, &config->flac, error);
}

static void
write_flac(const MgAnyConfig *config, MgWriter *out)
{
  mg_flac_config_write(&config->flac, out);
}

static gboolean
equal_flac(const MgAnyConfig *a, const MgAnyConfig *b)
{
  return mg_flac_config_equal(&a->flac, &b->flac);
}

static char *
name_flac(const MgAnyConfig *config)
{
  return g_strdup("fLaC");
}

static void
tell_flac(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->sample_rate = config->flac.sample_rate;
  facts->channels = config->flac.channels;
  facts->bit_depth = config->flac.bit_depth;
}

static gboolean
packet_flac(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  packet->samples = mg_flac_frame_samples(data, size);
  return packet->samples > 0;
}

/* --- AC-3 and E-AC-3 --------------------------------------------------------------------------- */

static gboolean
parse_ac3(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_ac3_config_parse(data, size, &config->ac3, error);
}

static gboolean
parse_eac3(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_eac3_config_parse(data, size, &config->ac3, error);
}

static void
write_ac3(const MgAnyConfig *config, MgWriter *out)
{
  mg_ac3_config_write(&config->ac3, out);
}

static gboolean
equal_ac3(const MgAnyConfig *a, const MgAnyConfig *b)
{
  return mg_ac3_config_equal(&a->ac3, &b->ac3);
}

static char *
name_ac3(const MgAnyConfig *config)
{
  return g_strdup(config->ac3.is_eac3 ? "ec-3" : "ac-3");
}

static void
tell_ac3(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->sample_rate = config->ac3.sample_rate;
  facts->channels = config->ac3.channels;
  facts->frame_samples = MG_AC3_FRAME_SAMPLES;
}

static gboolean
packet_ac3(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgAc3Config config;
  packet->samples = MG_AC3_FRAME_SAMPLES;
  return mg_ac3_config_from_frame(data, size, &config, NULL);
}

static gboolean
packet_eac3(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgAc3Config config;
  packet->samples = MG_AC3_FRAME_SAMPLES;
  return mg_eac3_config_from_unit(data, size, &config, NULL);
}

static gboolean
make_ac3(const guint8 *data, gsize size, guint length_size, MgWriter *out, GError **error)
{
  MgAc3Config config;
  if (!mg_ac3_config_from_frame(data, size, &config, error))
    return FALSE;
  mg_ac3_config_write(&config, out);
  return TRUE;
}

static gboolean
make_eac3(const guint8 *data, gsize size, guint length_size, MgWriter *out, GError **error)
{
  MgAc3Config config;
  if (!mg_eac3_config_from_unit(data, size, &config, error))
    return FALSE;
  mg_ac3_config_write(&config, out);
  return TRUE;
}

/* --- MP3 --------------------------------------------------------------------------------------- */

static gboolean
parse_mp3(const guint8 *data, gsize size, MgAnyConfig *config, GError **error)
{
  return mg_mp3_header_parse(data, size, &config->mp3, error);
}

static gboolean
equal_mp3(const MgAnyConfig *a, const MgAnyConfig *b)
{
  return mg_mp3_header_equal(&a->mp3, &b->mp3);
}

static char *
name_mp3(const MgAnyConfig *config)
{
  return g_strdup("mp4a.40.34");
}

static void
tell_mp3(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->sample_rate = config->mp3.sample_rate;
  facts->channels = config->mp3.channels;
  facts->frame_samples = config->mp3.frame_samples;
}

static gboolean
packet_mp3(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgMp3Header header;
  if (!mg_mp3_header_parse(data, size, &header, NULL))
    return FALSE;
  packet->samples = header.frame_samples;
  return TRUE;
}

static gboolean
make_mp3(const guint8 *data, gsize size, guint length_size, MgWriter *out, GError **error)
{
  MgMp3Header header;
  if (!mg_mp3_header_parse(data, size, &header, error))
    return FALSE;
  mg_writer_bytes(out, data, MG_MP3_HEADER_BYTES);
  return TRUE;
}

/* --- the codecs -------------------------------------------------------------------------------- */

const MgAnyCodec mg_any_aac = {
  .codec = MG_ANY_AAC,
  .parse = parse_aac,
  .equal = equal_aac,
  .codecs = name_aac,
  .tell = tell_aac,
  .packet = packet_constant,
};

const MgAnyCodec mg_any_opus = {
  .codec = MG_ANY_OPUS,
  .parse = parse_opus,
  .write = write_opus,
  .equal = equal_opus,
  .codecs = name_opus,
  .tell = tell_opus,
  .packet = packet_opus,
};

const MgAnyCodec mg_any_flac = {
  .codec = MG_ANY_FLAC,
  .parse = parse_flac,
  .write = write_flac,
  .equal = equal_flac,
  .codecs = name_flac,
  .tell = tell_flac,
  .packet = packet_flac,
};

const MgAnyCodec mg_any_ac3 = {
  .codec = MG_ANY_AC3,
  .parse = parse_ac3,
  .write = write_ac3,
  .equal = equal_ac3,
  .codecs = name_ac3,
  .tell = tell_ac3,
  .packet = packet_ac3,
  .make = make_ac3,
};

const MgAnyCodec mg_any_eac3 = {
  .codec = MG_ANY_EAC3,
  .parse = parse_eac3,
  .write = write_ac3,
  .equal = equal_ac3,
  .codecs = name_ac3,
  .tell = tell_ac3,
  .packet = packet_eac3,
  .make = make_eac3,
};

const MgAnyCodec mg_any_mp3 = {
  .codec = MG_ANY_MP3,
  .parse = parse_mp3,
  .equal = equal_mp3,
  .codecs = name_mp3,
  .tell = tell_mp3,
  .packet = packet_mp3,
  .make = make_mp3,
};
