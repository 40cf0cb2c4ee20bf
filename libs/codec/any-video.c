/* The video codecs of any.h. */
#include "codec/any-codec.h"

/*
 * Of each codec, the functions that only pick its member of the union: parse_h264(), write_h264(), equal_h264() and,
 * by TRANSLATE, name_h264(). C has no other means that keeps their types, and by hand they were most of this file.
 */
#define TRANSLATE_CONFIG(codec)                                                                    \
  static gboolean parse_##codec(const guint8 *data, gsize size, MgAnyConfig *config,               \
                                GError **error)                                                    \
  {                                                                                                \
    return mg_##codec##_config_parse(data, size, &config->codec, error);                           \
  }                                                                                                \
  static void write_##codec(const MgAnyConfig *config, MgWriter *out)                              \
  {                                                                                                \
    mg_##codec##_config_write(&config->codec, out);                                                \
  }                                                                                                \
  static gboolean equal_##codec(const MgAnyConfig *a, const MgAnyConfig *b)                        \
  {                                                                                                \
    return mg_##codec##_config_equal(&a->codec, &b->codec);                                        \
  }

#define TRANSLATE(codec)                                                                           \
  TRANSLATE_CONFIG(codec)                                                                          \
  static char *name_##codec(const MgAnyConfig *config)                                             \
  {                                                                                                \
    return mg_##codec##_codec_string(&config->codec);                                              \
  }

TRANSLATE(h264)
TRANSLATE(hevc)
TRANSLATE(vvc)
TRANSLATE(av1)
TRANSLATE_CONFIG(vpx)

/* --- H.264 ------------------------------------------------------------------------------------- */

static void
tell_h264(const MgAnyConfig *config, MgAnyFacts *facts)
{
  const MgH264Sps *video = &config->h264.video;
  facts->width = video->width;
  facts->height = video->height;
  facts->bit_depth = video->bit_depth_luma;
  facts->sar = video->sar;
  facts->frame_rate = video->frame_rate;
  facts->has_fixed_frame_rate = video->has_fixed_frame_rate;
  facts->colour = video->colour;
  facts->nal_length_size = config->h264.nal_length_size;
}

static gboolean
packet_h264(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgH264Picture picture;
  gboolean ok = mg_h264_picture_inspect(data, size, facts->nal_length_size, &picture);
  packet->has_media = picture.has_slice;
  packet->is_key = picture.is_idr;
  packet->is_disposable = picture.has_slice && !picture.is_reference;
  packet->has_config = picture.has_parameter_sets;
  return ok;
}

/* --- HEVC -------------------------------------------------------------------------------------- */

static void
tell_hevc(const MgAnyConfig *config, MgAnyFacts *facts)
{
  const MgHevcSps *video = &config->hevc.video;
  facts->width = video->width;
  facts->height = video->height;
  facts->bit_depth = video->bit_depth_luma;
  facts->sar = video->sar;
  facts->frame_rate = video->frame_rate;
  facts->has_fixed_frame_rate = config->hevc.constant_frame_rate != 0;
  facts->colour = video->colour;
  facts->hdr = config->hevc.hdr;
  facts->nal_length_size = config->hevc.nal_length_size;
  facts->n_layers = video->n_layers;
}

static gboolean
packet_hevc(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgHevcPicture picture;
  gboolean ok = mg_hevc_picture_inspect(data, size, facts->nal_length_size, MAX(facts->n_layers, 1),
                                        &picture);
  packet->has_media = picture.has_slice;
  packet->is_key = picture.is_irap;
  packet->is_disposable = picture.has_slice && !picture.is_reference;
  packet->has_config = picture.has_parameter_sets;
  packet->hdr = picture.hdr;
  return ok;
}

/* --- VVC --------------------------------------------------------------------------------------- */

static void
tell_vvc(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->width = config->vvc.width;
  facts->height = config->vvc.height;
  facts->bit_depth = config->vvc.bit_depth;
  facts->hdr = config->vvc.hdr;
  facts->nal_length_size = config->vvc.nal_length_size;
}

static gboolean
packet_vvc(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgVvcPicture picture;
  gboolean ok = mg_vvc_picture_inspect(data, size, facts->nal_length_size, &picture);
  packet->has_media = picture.has_slice;
  packet->is_key = picture.is_irap;
  packet->is_disposable = picture.has_slice && !picture.is_reference;
  packet->has_config = picture.has_parameter_sets;
  packet->hdr = picture.hdr;
  return ok;
}

/* --- AV1 --------------------------------------------------------------------------------------- */

static void
tell_av1(const MgAnyConfig *config, MgAnyFacts *facts)
{
  const MgAv1Sequence *video = &config->av1.video;
  facts->width = video->width;
  facts->height = video->height;
  facts->bit_depth = video->bit_depth;
  facts->frame_rate = video->frame_rate;
  facts->has_fixed_frame_rate = video->frame_rate.num > 0;
  facts->colour = video->colour;
  facts->hdr = config->av1.hdr;
  facts->av1_head = video->head;
}

static gboolean
packet_av1(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgAv1Unit unit;
  gboolean ok = mg_av1_unit_inspect(data, size, &facts->av1_head, &unit);
  packet->has_media = unit.has_frame;
  packet->is_key = unit.is_key;
  packet->is_disposable = unit.is_disposable;
  packet->has_config = unit.has_sequence;
  packet->hdr = unit.hdr;
  return ok;
}

static gboolean
make_av1(const guint8 *data, gsize size, guint length_size, MgWriter *out, GError **error)
{
  return mg_av1_config_from_unit(data, size, out, error);
}

/* --- VP8 and VP9 ------------------------------------------------------------------------------- */

static char *
name_vp8(const MgAnyConfig *config)
{
  return mg_vpx_codec_string(&config->vpx, TRUE);
}

static char *
name_vp9(const MgAnyConfig *config)
{
  return mg_vpx_codec_string(&config->vpx, FALSE);
}

static void
tell_vpx(const MgAnyConfig *config, MgAnyFacts *facts)
{
  facts->bit_depth = config->vpx.bit_depth;
  facts->colour = config->vpx.colour;
}

static gboolean
packet_vpx(gboolean ok, const MgVpxFrame *frame, MgAnyPacket *packet)
{
  packet->has_media = TRUE;
  packet->is_key = frame->is_key;
  packet->is_disposable = frame->is_disposable;
  packet->width = frame->width;
  packet->height = frame->height;
  return ok;
}

static gboolean
packet_vp8(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgVpxFrame frame;
  return packet_vpx(mg_vp8_frame_inspect(data, size, &frame), &frame, packet);
}

static gboolean
packet_vp9(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet)
{
  MgVpxFrame frame;
  return packet_vpx(mg_vp9_frame_inspect(data, size, &frame), &frame, packet);
}

/* --- the codecs -------------------------------------------------------------------------------- */

const MgAnyCodec mg_any_h264 = {
  .codec = MG_ANY_H264,
  .is_video = TRUE,
  .parse = parse_h264,
  .write = write_h264,
  .equal = equal_h264,
  .codecs = name_h264,
  .tell = tell_h264,
  .packet = packet_h264,
  .make = mg_h264_config_from_units,
  .keep = mg_h264_is_not_parameter_set,
};

const MgAnyCodec mg_any_hevc = {
  .codec = MG_ANY_HEVC,
  .is_video = TRUE,
  .parse = parse_hevc,
  .write = write_hevc,
  .equal = equal_hevc,
  .codecs = name_hevc,
  .tell = tell_hevc,
  .packet = packet_hevc,
  .make = mg_hevc_config_from_units,
  .keep = mg_hevc_is_not_parameter_set,
};

const MgAnyCodec mg_any_vvc = {
  .codec = MG_ANY_VVC,
  .is_video = TRUE,
  .parse = parse_vvc,
  .write = write_vvc,
  .equal = equal_vvc,
  .codecs = name_vvc,
  .tell = tell_vvc,
  .packet = packet_vvc,
  .keep = mg_vvc_is_not_parameter_set,
};

const MgAnyCodec mg_any_av1 = {
  .codec = MG_ANY_AV1,
  .is_video = TRUE,
  .parse = parse_av1,
  .write = write_av1,
  .equal = equal_av1,
  .codecs = name_av1,
  .tell = tell_av1,
  .packet = packet_av1,
  .make = make_av1,
};

const MgAnyCodec mg_any_vp8 = {
  .codec = MG_ANY_VP8,
  .is_video = TRUE,
  .parse = parse_vpx,
  .write = write_vpx,
  .equal = equal_vpx,
  .codecs = name_vp8,
  .tell = tell_vpx,
  .packet = packet_vp8,
};

const MgAnyCodec mg_any_vp9 = {
  .codec = MG_ANY_VP9,
  .is_video = TRUE,
  .parse = parse_vpx,
  .write = write_vpx,
  .equal = equal_vpx,
  .codecs = name_vp9,
  .tell = tell_vpx,
  .packet = packet_vp9,
};
