/* The sequence parameter set: H.265 clauses 7.3.2.2, 7.3.3, 7.3.4, 7.3.7 and E.2.1. Names are the standard's. */
#include "bytes/bits.h"
#include "codec/hevc.h"

enum {
  MOST_SPS_BYTES = 8192,
  MOST_SIDE = 16888, /* of level 7.2: the square root of eight times MaxLumaPs, and some */
  MOST_LUMA_PS = 142606336,
  MOST_REORDER = 16,
  MOST_RPS = 64,
  MOST_PICS = 16,
  MOST_LONG_TERM = 32,
  SAR_EXTENDED = 255,
};

static void
read_profile(MgBitReader *b, MgHevcProfile *p)
{
  p->space = (guint8) mg_bit_reader_u(b, 2);
  p->is_high_tier = mg_bit_reader_flag(b);
  p->profile = (guint8) mg_bit_reader_u(b, 5);
  p->compatibility = mg_bit_reader_u(b, 32);
  for (guint i = 0; i < G_N_ELEMENTS(p->constraints); i++)
    p->constraints[i] = (guint8) mg_bit_reader_u(b, 8);
  p->level = (guint8) mg_bit_reader_u(b, 8);
}

static void
skip_sub_layers(MgBitReader *b, guint n)
{
  guint bits = 0;
  for (guint i = 0; i < n; i++) {
    bits += mg_bit_reader_flag(b) ? 88 : 0;
    bits += mg_bit_reader_flag(b) ? 8 : 0;
  }
  if (n > 0)
    mg_bit_reader_skip(b, 2 * (8 - n));
  mg_bit_reader_skip(b, bits);
}

/* FALSE when cropping leaves nothing. */
static gboolean
read_cropping(MgBitReader *b, MgHevcSps *sps)
{
  guint unit_x = sps->chroma_format == 1 || sps->chroma_format == 2 ? 2 : 1;
  guint unit_y = sps->chroma_format == 1 ? 2 : 1;
  guint64 x = mg_bit_reader_ue(b);
  x += mg_bit_reader_ue(b);
  guint64 y = mg_bit_reader_ue(b);
  y += mg_bit_reader_ue(b);
  if (x * unit_x >= sps->width || y * unit_y >= sps->height)
    return FALSE;
  sps->width -= (guint) x * unit_x;
  sps->height -= (guint) y * unit_y;
  return TRUE;
}

static gboolean
read_size(MgBitReader *b, MgHevcSps *sps)
{
  sps->width = mg_bit_reader_ue(b);
  sps->height = mg_bit_reader_ue(b);
  return sps->width >= 1 && sps->height >= 1 && sps->width <= MOST_SIDE &&
         sps->height <= MOST_SIDE && (guint64) sps->width * sps->height <= MOST_LUMA_PS;
}

static gboolean
read_depths(MgBitReader *b, MgHevcSps *sps)
{
  guint32 luma = mg_bit_reader_ue(b);
  guint32 chroma = mg_bit_reader_ue(b);
  if (luma > 8 || chroma > 8)
    return FALSE;
  sps->bit_depth_luma = (guint8) (8 + luma);
  sps->bit_depth_chroma = (guint8) (8 + chroma);
  return TRUE;
}

/* The last sub-layer's reordering holds for all of the stream. */
static void
read_ordering(MgBitReader *b, MgHevcSps *sps)
{
  gboolean has_each = mg_bit_reader_flag(b); /* sps_sub_layer_ordering_info_present_flag */
  guint n = has_each ? sps->n_layers : 1;
  for (guint i = 0; i < n; i++) {
    mg_bit_reader_ue(b);
    guint32 reorder = mg_bit_reader_ue(b);
    sps->max_reorder = MIN(reorder, MOST_REORDER);
    mg_bit_reader_ue(b);
  }
}

static void
skip_scaling_list(MgBitReader *b, guint size_id)
{
  if (!mg_bit_reader_flag(b)) { /* scaling_list_pred_mode_flag */
    mg_bit_reader_ue(b);
    return;
  }
  guint n = MIN(64u, 1u << (4 + 2 * size_id));
  if (size_id > 1)
    mg_bit_reader_se(b);
  for (guint i = 0; i < n && !mg_bit_reader_failed(b); i++)
    mg_bit_reader_se(b);
}

static void
skip_scaling_lists(MgBitReader *b)
{
  if (!mg_bit_reader_flag(b) || !mg_bit_reader_flag(b)) /* enabled; data present */
    return;
  for (guint size_id = 0; size_id < 4; size_id++)
    for (guint matrix = 0; matrix < 6; matrix += size_id == 3 ? 3 : 1)
      skip_scaling_list(b, size_id);
}

/* A set predicted from the one before, which has N pictures; returns how many this one has. */
static guint
skip_predicted_set(MgBitReader *b, guint n)
{
  guint kept = 0;
  mg_bit_reader_skip(b, 1);
  mg_bit_reader_ue(b);
  for (guint i = 0; i <= n; i++)
    kept += mg_bit_reader_flag(b) || mg_bit_reader_flag(b); /* used_by_curr_pic, use_delta */
  return kept;
}

/* Returns the pictures of the set, or fails B. */
static guint
skip_short_term_set(MgBitReader *b, guint index, guint n_before)
{
  guint32 n;
  if (index > 0 && mg_bit_reader_flag(b)) { /* inter_ref_pic_set_prediction_flag */
    n = skip_predicted_set(b, n_before);
  } else {
    n = mg_bit_reader_ue(b);
    guint32 positive = mg_bit_reader_ue(b);
    n = n > MOST_PICS || positive > MOST_PICS ? G_MAXUINT32 : n + positive;
    for (guint i = 0; n <= MOST_PICS && i < n; i++) {
      mg_bit_reader_ue(b);
      mg_bit_reader_skip(b, 1);
    }
  }
  if (n > MOST_PICS)
    b->has_failed = TRUE;
  return n;
}

static void
skip_reference_sets(MgBitReader *b, guint poc_bits)
{
  guint32 n = mg_bit_reader_ue(b);
  guint pictures = 0;
  if (n > MOST_RPS)
    b->has_failed = TRUE;
  for (guint i = 0; i < n && !mg_bit_reader_failed(b); i++)
    pictures = skip_short_term_set(b, i, pictures);
  if (mg_bit_reader_failed(b) || !mg_bit_reader_flag(b)) /* long_term_ref_pics_present_flag */
    return;
  guint32 long_term = mg_bit_reader_ue(b);
  if (long_term > MOST_LONG_TERM)
    b->has_failed = TRUE;
  for (guint i = 0; i < long_term && !mg_bit_reader_failed(b); i++)
    mg_bit_reader_skip(b, poc_bits + 1);
}

/* Coding tools, from the block sizes to the last flag before the VUI. */
static void
skip_tools(MgBitReader *b, guint poc_bits)
{
  for (guint i = 0; i < 6; i++)
    mg_bit_reader_ue(b); /* block sizes and hierarchy depths */
  skip_scaling_lists(b);
  mg_bit_reader_skip(b, 2);    /* amp, sample adaptive offset */
  if (mg_bit_reader_flag(b)) { /* pcm_enabled_flag */
    mg_bit_reader_skip(b, 8);
    mg_bit_reader_ue(b);
    mg_bit_reader_ue(b);
    mg_bit_reader_skip(b, 1);
  }
  skip_reference_sets(b, poc_bits);
  mg_bit_reader_skip(b, 2); /* temporal mvp, strong intra smoothing */
}

static MgCodecRational
read_sar(MgBitReader *b)
{
  guint idc = mg_bit_reader_u(b, 8);
  if (idc != SAR_EXTENDED)
    return mg_codec_sar(idc);
  guint32 width = mg_bit_reader_u(b, 16);
  return mg_codec_rational(width, mg_bit_reader_u(b, 16));
}

static void
read_video_signal(MgBitReader *b, MgCodecColour *colour)
{
  mg_bit_reader_skip(b, 3); /* video_format */
  colour->is_full_range = mg_bit_reader_flag(b);
  if (!mg_bit_reader_flag(b))
    return;
  colour->primaries = (guint8) mg_bit_reader_u(b, 8);
  colour->transfer = (guint8) mg_bit_reader_u(b, 8);
  colour->matrix = (guint8) mg_bit_reader_u(b, 8);
}

static void
skip_chroma_location(MgBitReader *b)
{
  mg_bit_reader_ue(b);
  mg_bit_reader_ue(b);
}

/* As far as the timing; what follows nobody asks for. */
static void
read_vui(MgBitReader *b, MgHevcSps *sps)
{
  if (mg_bit_reader_flag(b))
    sps->sar = read_sar(b);
  if (mg_bit_reader_flag(b)) /* overscan_info_present_flag */
    mg_bit_reader_skip(b, 1);
  if (mg_bit_reader_flag(b))
    read_video_signal(b, &sps->colour);
  if (mg_bit_reader_flag(b))
    skip_chroma_location(b);
  mg_bit_reader_skip(b, 1); /* neutral_chroma_indication_flag */
  sps->is_interlaced = mg_bit_reader_flag(b);
  mg_bit_reader_skip(b, 1);    /* frame_field_info_present_flag */
  if (mg_bit_reader_flag(b)) { /* default_display_window_flag: players do not crop to it */
    skip_chroma_location(b);
    skip_chroma_location(b);
  }
  if (mg_bit_reader_flag(b)) {
    guint32 units = mg_bit_reader_u(b, 32);
    sps->frame_rate = mg_codec_rational(mg_bit_reader_u(b, 32), units);
  }
}

/* The VUI is advice: one that ends too early is as if it were not there. */
static void
read_optional_vui(MgBitReader *b, guint poc_bits, MgHevcSps *sps)
{
  MgHevcSps with_vui = *sps;
  skip_tools(b, poc_bits);
  if (mg_bit_reader_failed(b) || !mg_bit_reader_flag(b))
    return;
  read_vui(b, &with_vui);
  if (!mg_bit_reader_failed(b))
    *sps = with_vui;
}

static gboolean
read_format(MgBitReader *b, MgHevcSps *sps, GError **error)
{
  if (mg_bit_reader_ue(b) > 15)
    return mg_codec_malformed(error, "HEVC parameter set: its id is beyond 15");
  guint32 chroma = mg_bit_reader_ue(b);
  if (chroma > 3)
    return mg_codec_malformed(error, "HEVC parameter set: chroma format out of range");
  sps->chroma_format = (guint8) chroma;
  if (chroma == 3)
    mg_bit_reader_skip(b, 1); /* separate_colour_plane_flag */
  if (!read_size(b, sps)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "HEVC parameter set: pictures of a size that no level allows");
    return FALSE;
  }
  if (mg_bit_reader_flag(b) && !read_cropping(b, sps))
    return mg_codec_malformed(error, "HEVC parameter set: cropping leaves nothing");
  if (!read_depths(b, sps))
    return mg_codec_malformed(error, "HEVC parameter set: bit depth out of range");
  return TRUE;
}

static gboolean
read_sps(MgBitReader *b, MgHevcSps *sps, GError **error)
{
  mg_bit_reader_skip(b, 4); /* sps_video_parameter_set_id */
  sps->n_layers = (guint8) (mg_bit_reader_u(b, 3) + 1);
  sps->is_nested = mg_bit_reader_flag(b);
  read_profile(b, &sps->profile);
  skip_sub_layers(b, sps->n_layers - 1u);
  if (sps->n_layers > 7)
    return mg_codec_malformed(error, "HEVC parameter set: eight sub-layers");
  if (!read_format(b, sps, error))
    return FALSE;
  guint32 poc_bits = mg_bit_reader_ue(b) + 4;
  read_ordering(b, sps);
  if (mg_bit_reader_failed(b) || poc_bits > 16)
    return mg_codec_malformed(error, "HEVC parameter set: ends too early");
  read_optional_vui(b, poc_bits, sps);
  return TRUE;
}

gboolean
mg_hevc_sps_parse(const MgNal *nal, MgHevcSps *sps, GError **error)
{
  guint8 rbsp[MOST_SPS_BYTES];
  gsize n = mg_nal_unescape(nal, rbsp, sizeof rbsp);
  if (n < 4 || mg_nal_type(nal, FALSE) != MG_HEVC_NAL_SPS)
    return mg_codec_malformed(error, "HEVC parameter set: not a sequence parameter set");
  MgBitReader b = MG_BIT_READER(rbsp, n);
  mg_bit_reader_skip(&b, 16);
  *sps = (MgHevcSps){
    .colour = { MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, FALSE },
  };
  return read_sps(&b, sps, error);
}
