/* Finds the codec; what it does is in any-video.c and any-audio.c. */
#include "codec/any-codec.h"

static const MgAnyCodec *
find(guint32 codec)
{
  static const MgAnyCodec *const all[] = { &mg_any_h264, &mg_any_hevc, &mg_any_vvc,  &mg_any_av1,
                                           &mg_any_vp8,  &mg_any_vp9,  &mg_any_aac,  &mg_any_opus,
                                           &mg_any_flac, &mg_any_ac3,  &mg_any_eac3, &mg_any_mp3 };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    if (all[i]->codec == codec)
      return all[i];
  return NULL;
}

static const MgAnyCodec *
find_known(guint32 codec, GError **error)
{
  const MgAnyCodec *known = find(codec);
  if (known == NULL)
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "its codec is not one that is known here");
  return known;
}

gboolean
mg_any_facts(guint32 codec, const guint8 *data, gsize size, MgAnyFacts *facts, GError **error)
{
  MgAnyConfig config;
  const MgAnyCodec *known = find_known(codec, error);
  if (known == NULL || !known->parse(data, size, &config, error))
    return FALSE;
  g_autofree char *codecs = known->codecs(&config);
  *facts = (MgAnyFacts){
    .is_video = known->is_video,
    .colour = { MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, FALSE },
  };
  g_strlcpy(facts->codecs, codecs, sizeof facts->codecs);
  known->tell(&config, facts);
  return TRUE;
}

gboolean
mg_any_config_adopt(guint32 codec, const guint8 *data, gsize size, MgWriter *out, GError **error)
{
  MgAnyConfig config;
  const MgAnyCodec *known = find_known(codec, error);
  if (known == NULL || !known->parse(data, size, &config, error))
    return FALSE;
  if (known->write != NULL)
    known->write(&config, out);
  else
    mg_writer_bytes(out, data, codec == MG_ANY_MP3 ? MG_MP3_HEADER_BYTES : size);
  return TRUE;
}

gboolean
mg_any_config_make(guint32 codec, const guint8 *packet, gsize size, guint length_size,
                   MgWriter *out, GError **error)
{
  const MgAnyCodec *known = find_known(codec, error);
  if (known == NULL)
    return FALSE;
  if (known->make != NULL)
    return known->make(packet, size, length_size, out, error);
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                      "packets of this codec imply no configuration");
  return FALSE;
}

gboolean
mg_any_config_equal(guint32 codec, const guint8 *a, gsize a_size, const guint8 *b, gsize b_size)
{
  MgAnyConfig p, q;
  const MgAnyCodec *known = find(codec);
  return known != NULL && known->parse(a, a_size, &p, NULL) && known->parse(b, b_size, &q, NULL) &&
         known->equal(&p, &q);
}

gboolean
mg_any_packet(guint32 codec, const MgAnyFacts *facts, const guint8 *data, gsize size,
              MgAnyPacket *packet)
{
  const MgAnyCodec *known = find(codec);
  *packet = (MgAnyPacket){ 0 };
  if (known == NULL || size == 0)
    return FALSE;
  packet->has_media = packet->is_key = !known->is_video;
  return known->packet(facts, data, size, packet);
}

MgNalResult
mg_any_payload(guint32 codec, guint length_size, const guint8 *data, gsize size, guint8 **out,
               gsize *out_size, GError **error)
{
  const MgAnyCodec *known = find(codec);
  if (codec == MG_ANY_AV1)
    return mg_av1_unit_to_sample(data, size, out, out_size, error);
  if (known == NULL || known->keep == NULL)
    return MG_NAL_AS_IS;
  return mg_nal_to_length4(data, size, length_size, known->keep, out, out_size, error);
}
