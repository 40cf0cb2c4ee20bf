/* H.264 clauses 7.3.2.1, 7.3.2.2 and 7.3.3, the other way round. */
#include "va-driver/h264.h"

enum { NAL_SLICE = 1, NAL_IDR = 5, NAL_SPS = 7, NAL_PPS = 8 };

void
mg_va_put_ue(MgBitWriter *b, guint32 value)
{
  guint n = g_bit_storage((gulong) value + 1);
  mg_bit_writer_u(b, 0, n - 1);
  mg_bit_writer_u(b, value + 1, n);
}

void
mg_va_put_se(MgBitWriter *b, gint32 value)
{
  mg_va_put_ue(b, value > 0 ? 2 * (guint32) value - 1 : 2 * (guint32) -value);
}

void
mg_va_h264_end(MgBitWriter *b)
{
  mg_bit_writer_u(b, 1, 1);
  mg_bit_writer_align(b);
}

static gboolean
is_high(const MgVaH264Sps *sps)
{
  return sps->profile_idc >= 100;
}

/* VUI that says nothing but the time of a tick. */
static void
write_timing(MgBitWriter *b, const MgVaH264Sps *sps)
{
  gboolean has_timing = sps->units_in_tick > 0 && sps->time_scale > 0;
  mg_bit_writer_u(b, has_timing, 1);
  if (!has_timing)
    return;
  mg_bit_writer_u(b, 0, 4); /* no aspect ratio, overscan, video signal, chroma place */
  mg_bit_writer_u(b, 1, 1);
  mg_bit_writer_u(b, sps->units_in_tick, 32);
  mg_bit_writer_u(b, sps->time_scale, 32);
  mg_bit_writer_u(b, 1, 1); /* fixed frame rate */
  mg_bit_writer_u(b, 0, 4); /* no HRD, no pic_struct, no restriction */
}

static void
write_size(MgBitWriter *b, const MgVaH264Sps *sps)
{
  gboolean has_crop = sps->crop_right > 0 || sps->crop_bottom > 0;
  mg_va_put_ue(b, sps->width_mbs - 1);
  mg_va_put_ue(b, sps->height_mbs / (sps->is_frames_only ? 1 : 2) - 1);
  mg_bit_writer_u(b, sps->is_frames_only, 1);
  if (!sps->is_frames_only)
    mg_bit_writer_u(b, sps->is_mbaff, 1);
  mg_bit_writer_u(b, sps->is_direct_8x8, 1);
  mg_bit_writer_u(b, has_crop, 1);
  if (!has_crop)
    return;
  mg_va_put_ue(b, 0);
  mg_va_put_ue(b, sps->crop_right);
  mg_va_put_ue(b, 0);
  mg_va_put_ue(b, sps->crop_bottom / (sps->is_frames_only ? 1 : 2));
}

void
mg_va_h264_write_sps(MgBitWriter *b, const MgVaH264Sps *sps)
{
  mg_bit_writer_u(b, 3 << 5 | NAL_SPS, 8);
  mg_bit_writer_u(b, sps->profile_idc, 8);
  mg_bit_writer_u(b, sps->constraints, 8);
  mg_bit_writer_u(b, sps->level_idc, 8);
  mg_va_put_ue(b, sps->id);
  if (is_high(sps)) {
    mg_va_put_ue(b, sps->chroma_format_idc);
    mg_va_put_ue(b, 0); /* eight bits */
    mg_va_put_ue(b, 0);
    mg_bit_writer_u(b, 0, 2); /* no bypass, no matrices: they stand in the PPS */
  }
  mg_va_put_ue(b, sps->log2_max_frame_num - 4);
  mg_va_put_ue(b, sps->poc_type);
  if (sps->poc_type == 0)
    mg_va_put_ue(b, sps->log2_max_poc_lsb - 4);
  mg_va_put_ue(b, sps->n_ref_frames);
  mg_bit_writer_u(b, sps->has_gaps, 1);
  write_size(b, sps);
  write_timing(b, sps);
  mg_va_h264_end(b);
}

/* In zigzag order, each as its distance from the one before (7.3.2.1.1.1). */
static void
write_list(MgBitWriter *b, const guint8 *list, guint side)
{
  gint last = 8, x = 0, y = 0, n = (gint) side;
  gboolean goes_up = TRUE;
  mg_bit_writer_u(b, 1, 1);
  for (gint i = 0; i < n * n; i++) {
    gint value = list[y * n + x];
    mg_va_put_se(b, (gint8) (value - last));
    last = value;
    gboolean at_far_side = goes_up ? x == n - 1 : y == n - 1;
    gboolean at_near_side = goes_up ? y == 0 : x == 0;
    x += at_far_side ? !goes_up : goes_up ? 1 : at_near_side ? 0 : -1;
    y += at_far_side ? goes_up : !goes_up ? 1 : at_near_side ? 0 : -1;
    goes_up ^= at_far_side || at_near_side;
  }
}

static void
write_high_part(MgBitWriter *b, const MgVaH264Pps *pps)
{
  mg_bit_writer_u(b, pps->has_8x8, 1);
  mg_bit_writer_u(b, pps->lists4 != NULL, 1);
  for (guint i = 0; pps->lists4 != NULL && i < 6; i++)
    write_list(b, pps->lists4[i], 4);
  for (guint i = 0; pps->lists4 != NULL && pps->has_8x8 && i < 2; i++)
    write_list(b, pps->lists8[i], 8);
  mg_va_put_se(b, pps->second_chroma_qp_offset);
}

void
mg_va_h264_write_pps(MgBitWriter *b, const MgVaH264Pps *pps)
{
  mg_bit_writer_u(b, 3 << 5 | NAL_PPS, 8);
  mg_va_put_ue(b, pps->id);
  mg_va_put_ue(b, pps->sps_id);
  mg_bit_writer_u(b, pps->is_cabac, 1);
  mg_bit_writer_u(b, pps->has_pic_order, 1);
  mg_va_put_ue(b, 0); /* one slice group */
  mg_va_put_ue(b, MAX(pps->n_l0, 1) - 1);
  mg_va_put_ue(b, MAX(pps->n_l1, 1) - 1);
  mg_bit_writer_u(b, pps->has_weights, 1);
  mg_bit_writer_u(b, pps->weighted_bipred_idc, 2);
  mg_va_put_se(b, pps->init_qp - 26);
  mg_va_put_se(b, pps->init_qs - 26);
  mg_va_put_se(b, pps->chroma_qp_offset);
  mg_bit_writer_u(b, pps->has_deblocking_control, 1);
  mg_bit_writer_u(b, pps->is_constrained_intra, 1);
  mg_bit_writer_u(b, pps->has_redundant_count, 1);
  if (pps->has_8x8 || pps->lists4 != NULL || pps->second_chroma_qp_offset != pps->chroma_qp_offset)
    write_high_part(b, pps);
  mg_va_h264_end(b);
}

static void
write_references(MgBitWriter *b, const MgVaH264Slice *slice)
{
  gboolean is_b = slice->type == MG_VA_SLICE_B;
  if (is_b)
    mg_bit_writer_u(b, slice->is_spatial, 1);
  mg_bit_writer_u(b, slice->n_l0 > 0, 1);
  if (slice->n_l0 > 0) {
    mg_va_put_ue(b, slice->n_l0 - 1);
    if (is_b)
      mg_va_put_ue(b, slice->n_l1 - 1);
  }
  mg_bit_writer_u(b, 0, is_b ? 2 : 1); /* lists as they come */
}

void
mg_va_h264_write_slice_header(MgBitWriter *b, const MgVaH264Slice *slice, const MgVaH264Sps *sps,
                              const MgVaH264Pps *pps)
{
  mg_bit_writer_u(b, slice->ref_idc << 5 | (slice->is_idr ? NAL_IDR : NAL_SLICE), 8);
  mg_va_put_ue(b, 0);               /* first macroblock */
  mg_va_put_ue(b, slice->type + 5); /* and so are all slices of the picture */
  mg_va_put_ue(b, pps->id);
  mg_bit_writer_u(b, slice->frame_num, sps->log2_max_frame_num);
  if (slice->is_idr)
    mg_va_put_ue(b, slice->idr_pic_id);
  if (sps->poc_type == 0)
    mg_bit_writer_u(b, slice->poc_lsb, sps->log2_max_poc_lsb);
  if (sps->poc_type == 0 && pps->has_pic_order)
    mg_va_put_se(b, slice->poc_bottom_delta);
  if (slice->type != MG_VA_SLICE_I)
    write_references(b, slice);
  if (slice->ref_idc > 0)
    mg_bit_writer_u(b, 0, slice->is_idr ? 2 : 1); /* references slide */
  if (pps->is_cabac && slice->type != MG_VA_SLICE_I)
    mg_va_put_ue(b, slice->cabac_init_idc);
  mg_va_put_se(b, slice->qp_delta);
  if (!pps->has_deblocking_control)
    return;
  mg_va_put_ue(b, slice->deblocking_idc);
  if (slice->deblocking_idc != 1) {
    mg_va_put_se(b, slice->alpha_offset);
    mg_va_put_se(b, slice->beta_offset);
  }
}

/* No three bytes of a unit look like a start code: a 3 stands behind each two zeros (7.4.1.1). */
void
mg_va_h264_wrap(MgWriter *out, const guint8 *data, gsize size)
{
  guint n_zeros = 0;
  mg_writer_be32(out, 1);
  for (gsize i = 0; i < size; i++) {
    if (n_zeros == 2 && data[i] <= 3) {
      mg_writer_u8(out, 3);
      n_zeros = 0;
    }
    mg_writer_u8(out, data[i]);
    n_zeros = data[i] == 0 ? n_zeros + 1 : 0;
  }
}
