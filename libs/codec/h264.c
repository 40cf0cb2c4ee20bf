#include "codec/h264.h"

#include <string.h>

enum {
  MOST_CONFIG_BYTES = 65536, /* a real avcC has some fifty */
  MOST_SPS = 31,
  MOST_PPS = 255,
  SET_LENGTH_SIZE = 2, /* of the parameter sets in an avcC */
};

static MgNalIter
sets_iter(const MgH264Sets *sets)
{
  return mg_nal_iter(sets->data, sets->size, SET_LENGTH_SIZE);
}

/* Whether one of the first N sets has these bytes. */
static gboolean
has_set(const MgH264Sets *sets, guint n, const MgNal *wanted)
{
  MgNal nal;
  MgNalIter it = sets_iter(sets);
  for (guint i = 0; i < n && mg_nal_next(&it, &nal); i++)
    if (nal.size == wanted->size && memcmp(nal.data, wanted->data, nal.size) == 0)
      return TRUE;
  return FALSE;
}

static MgH264Sets
read_sets(MgReader *r, guint n, guint type)
{
  gsize begin = r->pos;
  MgH264Sets sets = { .data = mg_reader_peek(r, 0), .n = n };
  for (guint i = 0; i < n && !mg_reader_failed(r); i++) {
    MgNal nal = { .size = mg_reader_be16(r) };
    nal.data = mg_reader_take(r, nal.size);
    if (nal.size == 0 || nal.data == NULL || mg_h264_nal_type(&nal) != type)
      mg_reader_fail(r);
  }
  sets.size = r->pos - begin;
  return sets;
}

static gboolean
parse_first_sps(MgH264Config *config, GError **error)
{
  MgNal nal;
  MgNalIter it = sets_iter(&config->sps);
  if (config->pps.n > 0 && mg_nal_next(&it, &nal))
    return mg_h264_sps_parse(&nal, &config->video, error);
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                      "H.264 configuration without parameter sets");
  return FALSE;
}

gboolean
mg_h264_config_parse(const guint8 *avcc, gsize size, MgH264Config *config, GError **error)
{
  if (size > MOST_CONFIG_BYTES) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "H.264 configuration of %" G_GSIZE_FORMAT " bytes", size);
    return FALSE;
  }
  MgReader r = MG_READER(avcc, size);
  guint version = mg_reader_u8(&r);
  mg_reader_skip(&r, 3); /* profile, constraints, level: the SPS has them too */
  config->nal_length_size = (mg_reader_u8(&r) & 3) + 1;
  config->sps = read_sets(&r, mg_reader_u8(&r) & MOST_SPS, MG_H264_NAL_SPS);
  config->pps = read_sets(&r, mg_reader_u8(&r), MG_H264_NAL_PPS);
  if (mg_reader_failed(&r) || version != 1 || config->nal_length_size == 3) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED,
                        "H.264 configuration is not an AVCDecoderConfigurationRecord");
    return FALSE;
  }
  return parse_first_sps(config, error);
}

/* The sets without their repetitions; returns how many. OUT may be NULL, to count. */
static guint
write_sets(const MgH264Sets *sets, MgWriter *out)
{
  guint n = 0;
  MgNal nal;
  MgNalIter it = sets_iter(sets);
  for (guint i = 0; mg_nal_next(&it, &nal); i++) {
    if (has_set(sets, i, &nal))
      continue;
    n++;
    if (out == NULL)
      continue;
    mg_writer_be16(out, (guint16) nal.size);
    mg_writer_bytes(out, nal.data, nal.size);
  }
  return n;
}

void
mg_h264_config_write(const MgH264Config *config, MgWriter *avcc)
{
  const MgH264Sps *video = &config->video;
  mg_writer_u8(avcc, 1);
  mg_writer_u8(avcc, video->profile);
  mg_writer_u8(avcc, video->constraints);
  mg_writer_u8(avcc, video->level);
  mg_writer_u8(avcc, 0xfc | (4 - 1));
  mg_writer_u8(avcc, (guint8) (0xe0 | write_sets(&config->sps, NULL)));
  write_sets(&config->sps, avcc);
  mg_writer_u8(avcc, (guint8) write_sets(&config->pps, NULL));
  write_sets(&config->pps, avcc);
  if (video->profile == 66 || video->profile == 77 || video->profile == 88)
    return;
  mg_writer_u8(avcc, 0xfc | video->chroma_format);
  mg_writer_u8(avcc, (guint8) (0xf8 | (video->bit_depth_luma - 8)));
  mg_writer_u8(avcc, (guint8) (0xf8 | (video->bit_depth_chroma - 8)));
  mg_writer_u8(avcc, 0); /* numOfSequenceParameterSetExt */
}

/* Copies the sets of one type into the layout of an avcC. FALSE if there are too many. */
static gboolean
gather_sets(MgNalIter it, guint type, guint most, MgWriter *out, MgH264Sets *sets)
{
  MgNal nal;
  sets->n = 0;
  while (mg_nal_next(&it, &nal)) {
    if (mg_h264_nal_type(&nal) != type)
      continue;
    if (++sets->n > most || nal.size + 2 > MOST_CONFIG_BYTES - out->size)
      return FALSE;
    mg_writer_be16(out, (guint16) nal.size);
    mg_writer_bytes(out, nal.data, nal.size);
  }
  sets->data = out->data;
  sets->size = out->size;
  return TRUE;
}

gboolean
mg_h264_config_from_units(const guint8 *data, gsize size, guint length_size, MgWriter *avcc,
                          GError **error)
{
  g_auto(MgWriter) sps = MG_WRITER_INIT;
  g_auto(MgWriter) pps = MG_WRITER_INIT;
  MgH264Config config = { .nal_length_size = 4 };
  MgNalIter it = mg_nal_iter(data, size, length_size);
  if (!gather_sets(it, MG_H264_NAL_SPS, MOST_SPS, &sps, &config.sps) ||
      !gather_sets(it, MG_H264_NAL_PPS, MOST_PPS, &pps, &config.pps)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "too many H.264 parameter sets for one configuration");
    return FALSE;
  }
  if (!parse_first_sps(&config, error))
    return FALSE;
  mg_h264_config_write(&config, avcc);
  return TRUE;
}

static gboolean
has_all_sets(const MgH264Sets *a, const MgH264Sets *b)
{
  MgNal nal;
  MgNalIter it = sets_iter(b);
  while (mg_nal_next(&it, &nal))
    if (!has_set(a, a->n, &nal))
      return FALSE;
  return TRUE;
}

gboolean
mg_h264_config_equal(const MgH264Config *a, const MgH264Config *b)
{
  return has_all_sets(&a->sps, &b->sps) && has_all_sets(&b->sps, &a->sps) &&
         has_all_sets(&a->pps, &b->pps) && has_all_sets(&b->pps, &a->pps);
}

char *
mg_h264_codec_string(const MgH264Config *config)
{
  const MgH264Sps *video = &config->video;
  return g_strdup_printf("avc1.%02X%02X%02X", video->profile, video->constraints, video->level);
}

gboolean
mg_h264_picture_inspect(const guint8 *data, gsize size, guint length_size, MgH264Picture *picture)
{
  *picture = (MgH264Picture){ 0 };
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, length_size);
  while (mg_nal_next(&it, &nal)) {
    switch (mg_h264_nal_type(&nal)) {
    case MG_H264_NAL_IDR: picture->is_idr = TRUE; G_GNUC_FALLTHROUGH;
    case MG_H264_NAL_SLICE:
    case MG_H264_NAL_PARTITION_A:
      picture->has_slice = TRUE;
      picture->is_reference |= (nal.data[0] & 0x60) != 0; /* nal_ref_idc */
      break;
    case MG_H264_NAL_SPS:
    case MG_H264_NAL_PPS: picture->has_parameter_sets = TRUE; break;
    default: break;
    }
  }
  return !mg_nal_iter_failed(&it);
}

gboolean
mg_h264_is_not_parameter_set(const MgNal *nal)
{
  guint type = mg_h264_nal_type(nal);
  return type != MG_H264_NAL_SPS && type != MG_H264_NAL_PPS && type != MG_H264_NAL_SPS_EXTENSION;
}
