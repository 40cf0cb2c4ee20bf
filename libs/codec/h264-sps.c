/* The sequence parameter set: H.264 clauses 7.3.2.1.1 and E.1.1. Names of fields are the standard's. */
#include "bytes/bits.h"
#include "codec/h264.h"

enum {
  MOST_SPS_BYTES = 8192, /* more than the largest lawful one, with all lists and both HRDs */
  MOST_SIDE_MBS = 1055,  /* of level 6.2: the square root of eight times MaxFS */
  MOST_FRAME_MBS = 139264,
  MOST_DPB_FRAMES = 16,
  SAR_EXTENDED = 255,
};

/* What only the derivations below need. */
typedef struct {
  guint width_mbs;
  guint height_mbs;
  guint poc_type;
} Frame;

static gboolean
has_chroma_fields(guint profile)
{
  static const guint8 high[] = { 44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244 };
  for (guint i = 0; i < G_N_ELEMENTS(high); i++)
    if (high[i] == profile)
      return TRUE;
  return FALSE;
}

static void
skip_scaling_list(MgBitReader *b, guint n)
{
  gint32 next = 8;
  for (guint i = 0; i < n && next != 0 && !mg_bit_reader_failed(b); i++)
    next = (next + (mg_bit_reader_se(b) & 255)) & 255;
}

static void
skip_scaling_matrix(MgBitReader *b, guint n_lists)
{
  for (guint i = 0; i < n_lists; i++)
    if (mg_bit_reader_flag(b))
      skip_scaling_list(b, i < 6 ? 16 : 64);
}

static gboolean
read_chroma_fields(MgBitReader *b, MgH264Sps *sps)
{
  guint32 format = mg_bit_reader_ue(b);
  if (format == 3)
    mg_bit_reader_skip(b, 1); /* separate_colour_plane_flag */
  guint32 luma = mg_bit_reader_ue(b);
  guint32 chroma = mg_bit_reader_ue(b);
  if (format > 3 || luma > 6 || chroma > 6)
    return FALSE;
  sps->chroma_format = (guint8) format;
  sps->bit_depth_luma = (guint8) (8 + luma);
  sps->bit_depth_chroma = (guint8) (8 + chroma);
  mg_bit_reader_skip(b, 1);  /* qpprime_y_zero_transform_bypass_flag */
  if (mg_bit_reader_flag(b)) /* seq_scaling_matrix_present_flag */
    skip_scaling_matrix(b, format == 3 ? 12 : 8);
  return TRUE;
}

static gboolean
read_picture_order(MgBitReader *b, guint *poc_type)
{
  if (mg_bit_reader_ue(b) > 12) /* log2_max_frame_num_minus4 */
    return FALSE;
  *poc_type = mg_bit_reader_ue(b);
  if (*poc_type == 0)
    return mg_bit_reader_ue(b) <= 12; /* log2_max_pic_order_cnt_lsb_minus4 */
  if (*poc_type == 1) {
    mg_bit_reader_skip(b, 1);
    mg_bit_reader_se(b);
    mg_bit_reader_se(b);
    guint32 cycle = mg_bit_reader_ue(b);
    if (cycle > 255)
      return FALSE;
    for (guint i = 0; i < cycle; i++)
      mg_bit_reader_se(b);
  }
  return *poc_type <= 2;
}

/* Crops in units of 7.4.2.1.1: a chroma sample, twice as high with fields. FALSE if nothing is left. */
static gboolean
read_cropping(MgBitReader *b, MgH264Sps *sps)
{
  guint unit_x = sps->chroma_format == 1 || sps->chroma_format == 2 ? 2 : 1;
  guint unit_y = (sps->chroma_format == 1 ? 2 : 1) * (sps->is_interlaced ? 2 : 1);
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
read_frame_size(MgBitReader *b, MgH264Sps *sps, Frame *frame)
{
  guint64 width_mbs = (guint64) mg_bit_reader_ue(b) + 1;
  guint64 map_units = (guint64) mg_bit_reader_ue(b) + 1;
  sps->is_interlaced = !mg_bit_reader_flag(b); /* frame_mbs_only_flag */
  if (sps->is_interlaced)
    mg_bit_reader_skip(b, 1); /* mb_adaptive_frame_field_flag */
  guint64 height_mbs = map_units * (sps->is_interlaced ? 2 : 1);
  if (width_mbs > MOST_SIDE_MBS || height_mbs > MOST_SIDE_MBS ||
      width_mbs * height_mbs > MOST_FRAME_MBS)
    return FALSE;
  frame->width_mbs = (guint) width_mbs;
  frame->height_mbs = (guint) height_mbs;
  sps->width = frame->width_mbs * 16;
  sps->height = frame->height_mbs * 16;
  return TRUE;
}

static MgCodecRational
read_sar(MgBitReader *b)
{
  guint idc = mg_bit_reader_u(b, 8);
  if (idc == SAR_EXTENDED) {
    guint32 width = mg_bit_reader_u(b, 16);
    return mg_codec_rational(width, mg_bit_reader_u(b, 16));
  }
  return mg_codec_sar(idc);
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
skip_hrd(MgBitReader *b)
{
  guint32 n = mg_bit_reader_ue(b); /* cpb_cnt_minus1 */
  mg_bit_reader_skip(b, 8);
  for (guint64 i = 0; i <= n && !mg_bit_reader_failed(b); i++) {
    mg_bit_reader_ue(b);
    mg_bit_reader_ue(b);
    mg_bit_reader_skip(b, 1);
  }
  mg_bit_reader_skip(b, 20);
}

static void
skip_hrds(MgBitReader *b)
{
  gboolean has_nal = mg_bit_reader_flag(b);
  if (has_nal)
    skip_hrd(b);
  gboolean has_vcl = mg_bit_reader_flag(b);
  if (has_vcl)
    skip_hrd(b);
  if (has_nal || has_vcl)
    mg_bit_reader_skip(b, 1); /* low_delay_hrd_flag */
}

static void
read_timing(MgBitReader *b, MgH264Sps *sps)
{
  guint64 units = mg_bit_reader_u(b, 32);
  guint64 scale = mg_bit_reader_u(b, 32);
  sps->frame_rate = mg_codec_rational(scale, 2 * units); /* a tick is a field's (E.2.1) */
  sps->has_fixed_frame_rate = mg_bit_reader_flag(b);
}

static void
read_restriction(MgBitReader *b, MgH264Sps *sps)
{
  mg_bit_reader_skip(b, 1);
  for (guint i = 0; i < 4; i++)
    mg_bit_reader_ue(b);
  guint32 reorder = mg_bit_reader_ue(b);
  guint32 buffering = mg_bit_reader_ue(b);
  if (reorder <= buffering && buffering <= MOST_DPB_FRAMES)
    sps->max_reorder = reorder;
}

static void
read_vui(MgBitReader *b, MgH264Sps *sps)
{
  if (mg_bit_reader_flag(b))
    sps->sar = read_sar(b);
  if (mg_bit_reader_flag(b)) /* overscan_info_present_flag */
    mg_bit_reader_skip(b, 1);
  if (mg_bit_reader_flag(b))
    read_video_signal(b, &sps->colour);
  if (mg_bit_reader_flag(b)) { /* chroma_loc_info_present_flag */
    mg_bit_reader_ue(b);
    mg_bit_reader_ue(b);
  }
  if (mg_bit_reader_flag(b))
    read_timing(b, sps);
  skip_hrds(b);
  mg_bit_reader_skip(b, 1); /* pic_struct_present_flag */
  if (mg_bit_reader_flag(b))
    read_restriction(b, sps);
}

/* MaxDpbMbs of table A-1, or that of level 6.2 for a level that is not in it. */
static guint
level_dpb_mbs(const MgH264Sps *sps)
{
  static const struct {
    guint8 level;
    guint mbs;
  } table[] = {
    { 10, 396 },    { 11, 900 },    { 12, 2376 },   { 13, 2376 },   { 20, 2376 },
    { 21, 4752 },   { 22, 8100 },   { 30, 8100 },   { 31, 18000 },  { 32, 20480 },
    { 40, 32768 },  { 41, 32768 },  { 42, 34816 },  { 50, 110400 }, { 51, 184320 },
    { 52, 184320 }, { 60, 696320 }, { 61, 696320 }, { 62, 696320 },
  };
  gboolean is_1b = sps->level == 9 || (sps->level == 11 && sps->constraints & 0x10 &&
                                       !has_chroma_fields(sps->profile));
  for (guint i = 0; i < G_N_ELEMENTS(table) && !is_1b; i++)
    if (table[i].level == sps->level)
      return table[i].mbs;
  return is_1b ? 396 : 696320;
}

/* What max_num_reorder_frames is inferred to be (E.2.1), and 0 where B pictures are ruled out. */
static guint
default_reorder(const MgH264Sps *sps, const Frame *frame)
{
  gboolean is_intra = sps->constraints & 0x10 && has_chroma_fields(sps->profile);
  if (frame->poc_type == 2 || sps->profile == 66 || is_intra)
    return 0;
  return MIN(level_dpb_mbs(sps) / (frame->width_mbs * frame->height_mbs), MOST_DPB_FRAMES);
}

/* The VUI is advice: one that ends too early, as some encoders write, is as if it were not there. */
static void
read_optional_vui(MgBitReader *b, MgH264Sps *sps)
{
  MgH264Sps with_vui = *sps;
  if (!mg_bit_reader_flag(b))
    return;
  read_vui(b, &with_vui);
  if (!mg_bit_reader_failed(b))
    *sps = with_vui;
}

static gboolean
malformed(const char *what, GError **error)
{
  g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED, "H.264 parameter set: %s", what);
  return FALSE;
}

static gboolean
read_sps(MgBitReader *b, MgH264Sps *sps, GError **error)
{
  Frame frame = { 0 };
  guint32 id = mg_bit_reader_ue(b);
  if (id > 31)
    return malformed("its id is beyond 31", error);
  sps->id = (guint8) id;
  if (has_chroma_fields(sps->profile) && !read_chroma_fields(b, sps))
    return malformed("chroma format or bit depth out of range", error);
  if (!read_picture_order(b, &frame.poc_type))
    return malformed("picture order out of range", error);
  mg_bit_reader_ue(b);      /* max_num_ref_frames */
  mg_bit_reader_skip(b, 1); /* gaps_in_frame_num_value_allowed_flag */
  if (!read_frame_size(b, sps, &frame)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "H.264 parameter set: pictures larger than level 6.2 allows");
    return FALSE;
  }
  mg_bit_reader_skip(b, 1); /* direct_8x8_inference_flag */
  if (mg_bit_reader_flag(b) && !read_cropping(b, sps))
    return malformed("cropping leaves nothing", error);
  if (mg_bit_reader_failed(b))
    return malformed("ends too early", error);
  sps->max_reorder = default_reorder(sps, &frame);
  read_optional_vui(b, sps);
  return TRUE;
}

gboolean
mg_h264_sps_parse(const MgNal *nal, MgH264Sps *sps, GError **error)
{
  guint8 rbsp[MOST_SPS_BYTES];
  gsize n = mg_nal_unescape(nal, rbsp, sizeof rbsp);
  if (n < 4 || mg_h264_nal_type(nal) != MG_H264_NAL_SPS)
    return malformed("not a sequence parameter set", error);
  MgBitReader b = MG_BIT_READER(rbsp, n);
  mg_bit_reader_skip(&b, 8);
  *sps = (MgH264Sps){
    .chroma_format = 1,
    .bit_depth_luma = 8,
    .bit_depth_chroma = 8,
    .colour = { MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, FALSE },
  };
  sps->profile = (guint8) mg_bit_reader_u(&b, 8);
  sps->constraints = (guint8) mg_bit_reader_u(&b, 8);
  sps->level = (guint8) mg_bit_reader_u(&b, 8);
  return read_sps(&b, sps, error);
}
