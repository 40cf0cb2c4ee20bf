/*
 * H.264 encoding, lossless: all macroblocks are I_PCM, in I, P and B slices, CAVLC or CABAC, behind headers
 * that are the application's where it packs them, and else the driver's.
 */
#include "va-driver/h264.h"
#include "va-driver/packed.h"
#include "va-driver/pcm.h"
#include "va-driver/types.h"

/* The sequence that goes on: it is rendered with its first picture only. */
typedef struct {
  gboolean has_sequence;
  VAEncSequenceParameterBufferH264 sequence;
} Encoder;

/* One picture on its way. */
typedef struct {
  const VAEncPictureParameterBufferH264 *picture;
  const VAEncSliceParameterBufferH264 *slice;
  MgVaH264Sps sps;
  MgVaH264Pps pps;
} Task;

static gpointer
open_encoder(MgVaCall *call, const MgVaContext *context)
{
  return g_new0(Encoder, 1);
}

static void
close_encoder(gpointer state)
{
  g_free(state);
}

static guint
profile_idc(VAProfile profile)
{
  return profile == VAProfileH264High ? 100 : profile == VAProfileH264Main ? 77 : 66;
}

static MgVaH264Sps
sps_of(const VAEncSequenceParameterBufferH264 *s, VAProfile profile)
{
  guint idc = profile_idc(profile);
  return (MgVaH264Sps){
    .id = s->seq_parameter_set_id,
    .profile_idc = idc,
    .constraints = idc == 66   ? 0xc0
                   : idc == 77 ? 0x40
                               : 0,
    .level_idc = s->level_idc,
    .chroma_format_idc = s->seq_fields.bits.chroma_format_idc,
    .log2_max_frame_num = s->seq_fields.bits.log2_max_frame_num_minus4 + 4u,
    .poc_type = s->seq_fields.bits.pic_order_cnt_type,
    .log2_max_poc_lsb = s->seq_fields.bits.log2_max_pic_order_cnt_lsb_minus4 + 4u,
    .n_ref_frames = s->max_num_ref_frames,
    .width_mbs = s->picture_width_in_mbs,
    .height_mbs = s->picture_height_in_mbs,
    .is_frames_only = s->seq_fields.bits.frame_mbs_only_flag,
    .is_direct_8x8 = s->seq_fields.bits.direct_8x8_inference_flag,
    .crop_right = s->frame_cropping_flag ? s->frame_crop_right_offset : 0,
    .crop_bottom = s->frame_cropping_flag ? s->frame_crop_bottom_offset : 0,
    .units_in_tick = s->vui_fields.bits.timing_info_present_flag ? s->num_units_in_tick : 0,
    .time_scale = s->vui_fields.bits.timing_info_present_flag ? s->time_scale : 0,
  };
}

static MgVaH264Pps
pps_of(const VAEncPictureParameterBufferH264 *p)
{
  return (MgVaH264Pps){
    .id = p->pic_parameter_set_id,
    .sps_id = p->seq_parameter_set_id,
    .is_cabac = p->pic_fields.bits.entropy_coding_mode_flag,
    .has_pic_order = p->pic_fields.bits.pic_order_present_flag,
    .has_weights = p->pic_fields.bits.weighted_pred_flag,
    .weighted_bipred_idc = p->pic_fields.bits.weighted_bipred_idc,
    .n_l0 = p->num_ref_idx_l0_active_minus1 + 1u,
    .n_l1 = p->num_ref_idx_l1_active_minus1 + 1u,
    .init_qp = p->pic_init_qp,
    .init_qs = 26,
    .chroma_qp_offset = p->chroma_qp_index_offset,
    .second_chroma_qp_offset = p->second_chroma_qp_index_offset,
    .has_deblocking_control = p->pic_fields.bits.deblocking_filter_control_present_flag,
    .is_constrained_intra = p->pic_fields.bits.constrained_intra_pred_flag,
    .has_8x8 = p->pic_fields.bits.transform_8x8_mode_flag,
  };
}

static MgVaH264Slice
slice_of(const Task *task)
{
  const VAEncSliceParameterBufferH264 *s = task->slice;
  gboolean is_idr = task->picture->pic_fields.bits.idr_pic_flag;
  gboolean is_reference = task->picture->pic_fields.bits.reference_pic_flag != 0;
  return (MgVaH264Slice){
    .type = s->slice_type % 5,
    .ref_idc = is_idr ? 3 : is_reference,
    .is_idr = is_idr,
    .frame_num = task->picture->frame_num,
    .idr_pic_id = s->idr_pic_id,
    .poc_lsb = s->pic_order_cnt_lsb,
    .poc_bottom_delta = s->delta_pic_order_cnt_bottom,
    .n_l0 = s->num_ref_idx_active_override_flag ? s->num_ref_idx_l0_active_minus1 + 1u : 0,
    .n_l1 = s->num_ref_idx_active_override_flag ? s->num_ref_idx_l1_active_minus1 + 1u : 0,
    .is_spatial = s->direct_spatial_mv_pred_flag,
    .cabac_init_idc = s->cabac_init_idc,
    .qp_delta = s->slice_qp_delta,
    .deblocking_idc = s->disable_deblocking_filter_idc,
    .alpha_offset = s->slice_alpha_c0_offset_div2,
    .beta_offset = s->slice_beta_offset_div2,
  };
}

/* Every reference must be a surface that something was encoded into. */
static gboolean
check_references(MgVaCall *call, const VAPictureH264 *pictures, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (pictures[i].picture_id == VA_INVALID_SURFACE ||
        (pictures[i].flags & VA_PICTURE_H264_INVALID) != 0)
      continue;
    const MgVaSurface *surface = mg_va_get(call, MG_VA_SURFACE, pictures[i].picture_id);
    if (surface != NULL && !surface->has_content)
      mg_va_fail(call, VA_STATUS_ERROR_INVALID_SURFACE, "reference 0x%08x holds nothing",
                 pictures[i].picture_id);
  }
  return !mg_va_failed(call);
}

static gboolean
check_task(MgVaCall *call, const Task *task)
{
  const VAEncSliceParameterBufferH264 *slice = task->slice;
  guint n_mbs = task->sps.width_mbs * task->sps.height_mbs;
  if (slice->macroblock_address != 0 || slice->num_macroblocks != n_mbs)
    return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED, "more than one slice");
  if (slice->slice_type % 5 > MG_VA_SLICE_I || slice->cabac_init_idc != 0)
    return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED, "slice type %u, cabac_init_idc %u",
                      slice->slice_type, slice->cabac_init_idc);
  if (!task->sps.is_frames_only || task->sps.poc_type == 1)
    return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED, "fields, or pic_order_cnt_type 1");
  return check_references(call, task->picture->ReferenceFrames, 16);
}

/* Gathers the parameters; a sequence is remembered. */
static gboolean
prepare(MgVaCall *call, MgVaContext *context, Task *task)
{
  Encoder *encoder = context->state;
  for (guint i = 0; i < context->rendered->len; i++) {
    const MgVaBuffer *buffer = g_ptr_array_index(context->rendered, i);
    encoder->has_sequence |= buffer->type == VAEncSequenceParameterBufferType;
    if (buffer->type == VAEncSequenceParameterBufferType)
      memcpy(&encoder->sequence, buffer->data,
             MIN(sizeof encoder->sequence, mg_va_buffer_size(buffer)));
  }
  if (!encoder->has_sequence)
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "no sequence has been rendered");
  task->picture =
      mg_va_rendered(call, context, VAEncPictureParameterBufferType, sizeof *task->picture);
  task->slice = mg_va_rendered(call, context, VAEncSliceParameterBufferType, sizeof *task->slice);
  if (mg_va_failed(call))
    return FALSE;
  task->sps = sps_of(&encoder->sequence, context->config.ability->profile);
  task->pps = pps_of(task->picture);
  return check_task(call, task);
}

static void
write_own_parameters(MgWriter *out, const Task *task)
{
  g_auto(MgWriter) unit = MG_WRITER_INIT;
  MgBitWriter b = { .out = &unit };
  mg_va_h264_write_sps(&b, &task->sps);
  mg_va_h264_wrap(out, unit.data, unit.size);
  mg_writer_reset(&unit);
  mg_va_h264_write_pps(&b, &task->pps);
  mg_va_h264_wrap(out, unit.data, unit.size);
}

static gboolean
write_picture(MgVaCall *call, MgVaContext *context, const Task *task, const MgVaPicture *picture,
              MgWriter *out)
{
  gboolean has_parameters;
  if (!mg_va_packed_units(call, context, out, &has_parameters))
    return FALSE;
  if (!has_parameters && task->picture->pic_fields.bits.idr_pic_flag)
    write_own_parameters(out, task);
  g_auto(MgWriter) unit = MG_WRITER_INIT;
  MgBitWriter b = { .out = &unit };
  MgVaH264Slice slice = slice_of(task);
  if (!mg_va_packed_slice_header(call, context, &b))
    mg_va_h264_write_slice_header(&b, &slice, &task->sps, &task->pps);
  if (mg_va_failed(call))
    return FALSE;
  MgVaPcm pcm = { picture,    task->sps.width_mbs, task->sps.height_mbs,
                  slice.type, task->pps.is_cabac,  task->pps.init_qp + slice.qp_delta };
  mg_va_pcm_write(&b, &pcm);
  mg_va_h264_wrap(out, unit.data, unit.size);
  return TRUE;
}

/* Into the application's coded buffer, and the picture into the surface of what was reconstructed. */
static gboolean
deliver(MgVaCall *call, const Task *task, const MgVaPicture *picture, const MgWriter *bytes)
{
  MgVaBuffer *coded = mg_va_get(call, MG_VA_BUFFER, task->picture->coded_buf);
  MgVaSurface *kept = mg_va_get(call, MG_VA_SURFACE, task->picture->CurrPic.picture_id);
  if (mg_va_failed(call))
    return FALSE;
  if (coded->type != VAEncCodedBufferType || mg_va_buffer_size(coded) < bytes->size)
    return mg_va_fail(call, VA_STATUS_ERROR_NOT_ENOUGH_BUFFER, "%" G_GSIZE_FORMAT " bytes",
                      bytes->size);
  memcpy(coded->data, bytes->data, bytes->size);
  coded->coded = (VACodedBufferSegment){ .size = (guint) bytes->size, .buf = coded->data };
  kept->has_content = mg_va_picture_copy_all(kept->picture, picture);
  return TRUE;
}

static gboolean
encode_picture(MgVaCall *call, MgVaContext *context, MgVaSurface *source)
{
  static const char *const types[] = { "P", "B", "I" };
  Task task = { NULL };
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  if (!source->has_content)
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_SURFACE, "there is nothing to encode");
  if (source->picture->sample_bytes != 1)
    return mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "10 bits");
  if (!prepare(call, context, &task) ||
      !write_picture(call, context, &task, source->picture, &bytes) ||
      !deliver(call, &task, source->picture, &bytes))
    return FALSE;
  mg_va_note(call, "encoded %s%s", task.picture->pic_fields.bits.idr_pic_flag ? "IDR " : "",
             types[task.slice->slice_type % 5]);
  return TRUE;
}

const MgVaWork mg_va_h264_encode_work = {
  .open = open_encoder,
  .picture = encode_picture,
  .close = close_encoder,
};
