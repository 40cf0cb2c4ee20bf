#include "codec/hevc.h"

#include "codec/sei.h"

#include <string.h>

enum { MOST_CONFIG_BYTES = 65536 };

static const MgNalArrayKind kinds[] = {
  { MG_HEVC_NAL_VPS, TRUE },
  { MG_HEVC_NAL_SPS, TRUE },
  { MG_HEVC_NAL_PPS, TRUE },
  { MG_HEVC_NAL_PREFIX_SEI, FALSE },
};

/* Without the SEI, which no decoder depends on. */
enum { N_SETS = 3 };

static void
read_hdr(MgHevcConfig *config)
{
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(&config->sets);
  while (mg_nal_arrays_next(&it, &nal))
    if (it.type == MG_HEVC_NAL_PREFIX_SEI)
      mg_sei_read_hdr(&nal, &config->hdr);
}

/* What follows from the sets. */
static gboolean
parse_sets(MgHevcConfig *config, GError **error)
{
  MgNal nal;
  for (guint i = 0; i < N_SETS; i++) {
    if (mg_nal_arrays_find(&config->sets, kinds[i].type, &nal))
      continue;
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING, "HEVC configuration without %s",
                i == 0   ? "VPS"
                : i == 1 ? "SPS"
                         : "PPS");
    return FALSE;
  }
  read_hdr(config);
  mg_nal_arrays_find(&config->sets, MG_HEVC_NAL_SPS, &nal);
  return mg_hevc_sps_parse(&nal, &config->video, error);
}

gboolean
mg_hevc_config_parse(const guint8 *hvcc, gsize size, MgHevcConfig *config, GError **error)
{
  if (size > MOST_CONFIG_BYTES) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "HEVC configuration of %" G_GSIZE_FORMAT " bytes", size);
    return FALSE;
  }
  *config = (MgHevcConfig){ 0 };
  MgReader r = MG_READER(hvcc, size);
  guint version = mg_reader_u8(&r);
  mg_reader_skip(&r, 12); /* profile, tier, level: the SPS has them too */
  config->min_segmentation = mg_reader_be16(&r) & 0xfff;
  config->parallelism = mg_reader_u8(&r) & 3;
  mg_reader_skip(&r, 3); /* chroma format and bit depths: likewise */
  config->average_frame_rate = mg_reader_be16(&r);
  guint8 layers = mg_reader_u8(&r);
  config->constant_frame_rate = layers >> 6;
  config->nal_length_size = (layers & 3) + 1u;
  config->sets = mg_nal_arrays_read(&r, FALSE);
  if (mg_reader_failed(&r) || version > 1 || config->nal_length_size == 3)
    return mg_codec_malformed(error, "HEVC configuration is not an HEVCDecoderConfigurationRecord");
  return parse_sets(config, error);
}

static void
write_profile(const MgHevcProfile *p, MgWriter *out)
{
  mg_writer_u8(out, (guint8) (p->space << 6 | (p->is_high_tier ? 0x20 : 0) | p->profile));
  mg_writer_be32(out, p->compatibility);
  mg_writer_bytes(out, p->constraints, sizeof p->constraints);
  mg_writer_u8(out, p->level);
}

void
mg_hevc_config_write(const MgHevcConfig *config, MgWriter *hvcc)
{
  const MgHevcSps *video = &config->video;
  mg_writer_u8(hvcc, 1);
  write_profile(&video->profile, hvcc);
  mg_writer_be16(hvcc, 0xf000 | config->min_segmentation);
  mg_writer_u8(hvcc, 0xfc | config->parallelism);
  mg_writer_u8(hvcc, 0xfc | video->chroma_format);
  mg_writer_u8(hvcc, (guint8) (0xf8 | (video->bit_depth_luma - 8)));
  mg_writer_u8(hvcc, (guint8) (0xf8 | (video->bit_depth_chroma - 8)));
  mg_writer_be16(hvcc, config->average_frame_rate);
  mg_writer_u8(hvcc, (guint8) (config->constant_frame_rate << 6 | video->n_layers << 3 |
                               (video->is_nested ? 4 : 0) | (4 - 1)));
  mg_nal_arrays_write(&config->sets, kinds, G_N_ELEMENTS(kinds), hvcc);
}

gboolean
mg_hevc_config_from_units(const guint8 *data, gsize size, guint length_size, MgWriter *hvcc,
                          GError **error)
{
  g_auto(MgWriter) arrays = MG_WRITER_INIT;
  MgHevcConfig config = { .nal_length_size = 4 };
  if (!mg_nal_arrays_gather(data, size, length_size, FALSE, kinds, N_SETS, &arrays)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "too many HEVC parameter sets for one configuration");
    return FALSE;
  }
  MgReader r = MG_READER(arrays.data, arrays.size);
  config.sets = mg_nal_arrays_read(&r, FALSE);
  if (!parse_sets(&config, error))
    return FALSE;
  mg_hevc_config_write(&config, hvcc);
  return TRUE;
}

gboolean
mg_hevc_config_equal(const MgHevcConfig *a, const MgHevcConfig *b)
{
  return mg_nal_arrays_include(&a->sets, &b->sets, kinds, N_SETS) &&
         mg_nal_arrays_include(&b->sets, &a->sets, kinds, N_SETS);
}

static guint32
reverse_bits(guint32 v)
{
  guint32 reversed = 0;
  for (guint i = 0; i < 32; i++)
    reversed |= (v >> i & 1) << (31 - i);
  return reversed;
}

char *
mg_hevc_codec_string(const MgHevcConfig *config)
{
  static const char *const spaces[] = { "", "A", "B", "C" };
  const MgHevcProfile *p = &config->video.profile;
  GString *text = g_string_new("hvc1.");
  g_string_append_printf(text, "%s%u.%X.%c%u", spaces[p->space & 3], p->profile,
                         reverse_bits(p->compatibility), p->is_high_tier ? 'H' : 'L', p->level);
  guint n = G_N_ELEMENTS(p->constraints);
  while (n > 0 && p->constraints[n - 1] == 0)
    n--;
  for (guint i = 0; i < n; i++)
    g_string_append_printf(text, ".%X", p->constraints[i]);
  return g_string_free(text, FALSE);
}

static void
inspect_slice(const MgNal *nal, guint type, guint n_layers, MgHevcPicture *picture)
{
  guint layer = nal->data[1] & 7u; /* nuh_temporal_id_plus1 */
  gboolean is_last_layer = layer >= n_layers;
  gboolean is_non_reference = type <= MG_HEVC_NAL_LAST_SUBLAYER && type % 2 == 0;
  picture->has_slice = TRUE;
  picture->is_irap = type >= MG_HEVC_NAL_FIRST_IRAP && type <= MG_HEVC_NAL_CRA;
  picture->is_idr = type == MG_HEVC_NAL_IDR_W_RADL || type == MG_HEVC_NAL_IDR_N_LP;
  picture->is_reference |= !(is_non_reference && is_last_layer);
}

gboolean
mg_hevc_picture_inspect(const guint8 *data, gsize size, guint length_size, guint n_layers,
                        MgHevcPicture *picture)
{
  *picture = (MgHevcPicture){ 0 };
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, length_size);
  while (mg_nal_next(&it, &nal)) {
    if (nal.size < 2)
      return FALSE;
    guint type = mg_nal_type(&nal, FALSE);
    if (type <= MG_HEVC_NAL_LAST_VCL)
      inspect_slice(&nal, type, n_layers, picture);
    else if (!mg_hevc_is_not_parameter_set(&nal))
      picture->has_parameter_sets = TRUE;
    else if (type == MG_HEVC_NAL_PREFIX_SEI)
      mg_sei_read_hdr(&nal, &picture->hdr);
  }
  return !mg_nal_iter_failed(&it);
}

gboolean
mg_hevc_is_not_parameter_set(const MgNal *nal)
{
  guint type = nal->size >= 2 ? mg_nal_type(nal, FALSE) : 0;
  return type != MG_HEVC_NAL_VPS && type != MG_HEVC_NAL_SPS && type != MG_HEVC_NAL_PPS;
}
