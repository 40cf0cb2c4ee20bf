/* Parameter sets as the picture's and slices' parameters, and a few bits of the slices, say they were. */
#include "va-driver/h264-slices.h"

#include <codec/nal.h>
#include "va-driver/h264.h"

enum { LEVEL = 52, HEADER_ROOM = 64, NAL_IDR = 5 };

/* What VA-API does not carry, and the first bits of each slice do. */
typedef struct {
  guint pps_id;
  guint n_l0, n_l1; /* active references when a slice does not say; 0: no slice needs them */
} Defaults;

static gboolean
check_picture(MgVaCall *call, const VAPictureParameterBufferH264 *p)
{
  if (p->seq_fields.bits.chroma_format_idc != 1 || p->bit_depth_luma_minus8 > 0 ||
      p->bit_depth_chroma_minus8 > 0)
    return mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "not 4:2:0 of 8 bits");
  if (p->seq_fields.bits.pic_order_cnt_type == 1)
    return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED,
                      "pic_order_cnt_type 1, whose offsets VA-API does not carry");
  for (guint i = 0; i < G_N_ELEMENTS(p->ReferenceFrames); i++)
    if (p->ReferenceFrames[i].picture_id != VA_INVALID_SURFACE &&
        (p->ReferenceFrames[i].flags & VA_PICTURE_H264_INVALID) == 0)
      mg_va_get(call, MG_VA_SURFACE, p->ReferenceFrames[i].picture_id);
  return !mg_va_failed(call);
}

static MgVaH264Sps
sps_of(const VAPictureParameterBufferH264 *p, VAProfile profile)
{
  return (MgVaH264Sps){
    .profile_idc = profile == VAProfileH264High   ? 100
                   : profile == VAProfileH264Main ? 77
                                                  : 66,
    .level_idc = LEVEL,
    .chroma_format_idc = p->seq_fields.bits.chroma_format_idc,
    .log2_max_frame_num = p->seq_fields.bits.log2_max_frame_num_minus4 + 4u,
    .poc_type = p->seq_fields.bits.pic_order_cnt_type,
    .log2_max_poc_lsb = p->seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4 + 4u,
    .n_ref_frames = p->num_ref_frames,
    .has_gaps = p->seq_fields.bits.gaps_in_frame_num_value_allowed_flag,
    .width_mbs = p->picture_width_in_mbs_minus1 + 1u,
    .height_mbs = p->picture_height_in_mbs_minus1 + 1u,
    .is_frames_only = p->seq_fields.bits.frame_mbs_only_flag,
    .is_mbaff = p->seq_fields.bits.mb_adaptive_frame_field_flag,
    .is_direct_8x8 = p->seq_fields.bits.direct_8x8_inference_flag,
  };
}

static gboolean
is_flat(const VAIQMatrixBufferH264 *matrix)
{
  const guint8 *weights = matrix->ScalingList4x4[0];
  guint n = sizeof matrix->ScalingList4x4 + sizeof matrix->ScalingList8x8;
  for (guint i = 0; i < n; i++)
    if (weights[i] != 16)
      return FALSE;
  return TRUE;
}

static MgVaH264Pps
pps_of(const VAPictureParameterBufferH264 *p, const VAIQMatrixBufferH264 *matrix,
       const Defaults *defaults)
{
  gboolean has_lists = matrix != NULL && !is_flat(matrix);
  return (MgVaH264Pps){
    .id = defaults->pps_id,
    .is_cabac = p->pic_fields.bits.entropy_coding_mode_flag,
    .has_pic_order = p->pic_fields.bits.pic_order_present_flag,
    .has_weights = p->pic_fields.bits.weighted_pred_flag,
    .weighted_bipred_idc = p->pic_fields.bits.weighted_bipred_idc,
    .n_l0 = defaults->n_l0,
    .n_l1 = defaults->n_l1,
    .init_qp = p->pic_init_qp_minus26 + 26,
    .init_qs = p->pic_init_qs_minus26 + 26,
    .chroma_qp_offset = p->chroma_qp_index_offset,
    .second_chroma_qp_offset = p->second_chroma_qp_index_offset,
    .has_deblocking_control = p->pic_fields.bits.deblocking_filter_control_present_flag,
    .is_constrained_intra = p->pic_fields.bits.constrained_intra_pred_flag,
    .has_redundant_count = p->pic_fields.bits.redundant_pic_cnt_present_flag,
    .has_8x8 = p->pic_fields.bits.transform_8x8_mode_flag,
    .lists4 = has_lists ? matrix->ScalingList4x4 : NULL,
    .lists8 = has_lists ? matrix->ScalingList8x8 : NULL,
  };
}

/* Reads a slice header as far as num_ref_idx_active_override_flag. FALSE: the slice has none, as I slices. */
static gboolean
read_slice_header(MgBitReader *r, const VAPictureParameterBufferH264 *p, guint *pps_id)
{
  guint nal_type = mg_bit_reader_u(r, 8) & 0x1f;
  gboolean is_field = FALSE;
  mg_bit_reader_ue(r); /* first macroblock */
  guint type = mg_bit_reader_ue(r) % 5;
  *pps_id = mg_bit_reader_ue(r);
  mg_bit_reader_skip(r, p->seq_fields.bits.log2_max_frame_num_minus4 + 4u);
  if (!p->seq_fields.bits.frame_mbs_only_flag && (is_field = mg_bit_reader_flag(r)))
    mg_bit_reader_skip(r, 1);
  if (nal_type == NAL_IDR)
    mg_bit_reader_ue(r);
  if (p->seq_fields.bits.pic_order_cnt_type == 0) {
    mg_bit_reader_skip(r, p->seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4 + 4u);
    if (p->pic_fields.bits.pic_order_present_flag && !is_field)
      mg_bit_reader_se(r);
  }
  if (p->pic_fields.bits.redundant_pic_cnt_present_flag)
    mg_bit_reader_ue(r);
  if (type == MG_VA_SLICE_B)
    mg_bit_reader_skip(r, 1);
  return type == MG_VA_SLICE_P || type == MG_VA_SLICE_B;
}

static gboolean
learn(MgVaCall *call, const VAPictureParameterBufferH264 *p,
      const VASliceParameterBufferH264 *slice, const MgNal *nal, Defaults *defaults)
{
  guint8 plain[HEADER_ROOM];
  MgBitReader r = MG_BIT_READER(plain, mg_nal_unescape(nal, plain, sizeof plain));
  gboolean has_flag = read_slice_header(&r, p, &defaults->pps_id);
  if (has_flag && !mg_bit_reader_flag(&r)) {
    defaults->n_l0 = slice->num_ref_idx_l0_active_minus1 + 1u;
    if (slice->slice_type % 5 == MG_VA_SLICE_B)
      defaults->n_l1 = slice->num_ref_idx_l1_active_minus1 + 1u;
  }
  if (mg_bit_reader_failed(&r) || defaults->pps_id > 255)
    return mg_va_fail(call, VA_STATUS_ERROR_DECODING_ERROR, "a slice header is cut or broken");
  return TRUE;
}

/* The slices of one parameter buffer lie in the data buffer behind it. */
static gboolean
add_slices(MgVaCall *call, const VAPictureParameterBufferH264 *p, const MgVaBuffer *parameters,
           const MgVaBuffer *data, Defaults *defaults, MgWriter *out)
{
  const VASliceParameterBufferH264 *slices = (gconstpointer) parameters->data;
  for (guint i = 0; i < parameters->n_elements; i++) {
    guint64 end = (guint64) slices[i].slice_data_offset + slices[i].slice_data_size;
    if (slices[i].slice_data_size == 0 || end > mg_va_buffer_size(data))
      return mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "a slice leaves its data buffer");
    MgNal nal = { data->data + slices[i].slice_data_offset, slices[i].slice_data_size };
    if (!learn(call, p, &slices[i], &nal, defaults))
      return FALSE;
    mg_writer_be32(out, 1);
    mg_writer_bytes(out, nal.data, nal.size);
  }
  return TRUE;
}

static gboolean
gather_slices(MgVaCall *call, const MgVaContext *context, const VAPictureParameterBufferH264 *p,
              Defaults *defaults, MgWriter *out)
{
  const GPtrArray *rendered = context->rendered;
  for (guint i = 0; i < rendered->len; i++) {
    const MgVaBuffer *parameters = g_ptr_array_index(rendered, i);
    const MgVaBuffer *data = i + 1 < rendered->len ? g_ptr_array_index(rendered, i + 1) : NULL;
    if (parameters->type != VASliceParameterBufferType)
      continue;
    if (parameters->element_size < sizeof(VASliceParameterBufferH264) || data == NULL ||
        data->type != VASliceDataBufferType)
      return mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "a slice without its data");
    if (!add_slices(call, p, parameters, data, defaults, out))
      return FALSE;
  }
  if (out->size == 0)
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "no slice was rendered");
  return TRUE;
}

static const VAIQMatrixBufferH264 *
find_matrix(const MgVaContext *context)
{
  for (guint i = 0; i < context->rendered->len; i++) {
    const MgVaBuffer *buffer = g_ptr_array_index(context->rendered, i);
    if (buffer->type == VAIQMatrixBufferType &&
        mg_va_buffer_size(buffer) >= sizeof(VAIQMatrixBufferH264))
      return (gconstpointer) buffer->data;
  }
  return NULL;
}

gboolean
mg_va_h264_stream(MgVaCall *call, const MgVaContext *context, MgWriter *out)
{
  g_auto(MgWriter) slices = MG_WRITER_INIT, unit = MG_WRITER_INIT;
  MgBitWriter b = { .out = &unit };
  Defaults defaults = { 0 };
  const VAPictureParameterBufferH264 *p =
      mg_va_rendered(call, context, VAPictureParameterBufferType, sizeof *p);
  if (p == NULL || !check_picture(call, p) || !gather_slices(call, context, p, &defaults, &slices))
    return FALSE;
  MgVaH264Sps sps = sps_of(p, context->config.ability->profile);
  MgVaH264Pps pps = pps_of(p, find_matrix(context), &defaults);
  mg_va_h264_write_sps(&b, &sps);
  mg_va_h264_wrap(out, unit.data, unit.size);
  mg_writer_reset(&unit);
  mg_va_h264_write_pps(&b, &pps);
  mg_va_h264_wrap(out, unit.data, unit.size);
  mg_writer_bytes(out, slices.data, slices.size);
  return TRUE;
}
