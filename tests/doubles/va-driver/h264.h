/*
 * H.264's headers, written: parameter sets and slice headers, for the encoder that writes its own and for the
 * decoder that has to tell libavcodec what VA-API's structs say.
 *
 * A unit is written into a bit writer as an RBSP, header byte first, and then wrapped for a byte stream.
 */
#pragma once

#include <bytes/bits.h>

enum { MG_VA_SLICE_P, MG_VA_SLICE_B, MG_VA_SLICE_I };

typedef struct {
  guint id, profile_idc, constraints, level_idc;
  guint chroma_format_idc;
  guint log2_max_frame_num, poc_type, log2_max_poc_lsb;
  guint n_ref_frames;
  gboolean has_gaps;
  guint width_mbs, height_mbs; /* of the frame */
  gboolean is_frames_only, is_mbaff, is_direct_8x8;
  guint crop_right, crop_bottom;   /* in units of two pixels */
  guint units_in_tick, time_scale; /* 0: not said */
} MgVaH264Sps;

typedef struct {
  guint id, sps_id;
  gboolean is_cabac, has_pic_order, has_weights, has_deblocking_control, is_constrained_intra;
  gboolean has_redundant_count, has_8x8;
  guint weighted_bipred_idc;
  guint n_l0, n_l1; /* active references when a slice does not say */
  gint init_qp, init_qs, chroma_qp_offset, second_chroma_qp_offset;
  const guint8 (*lists4)[16]; /* six, in raster order; NULL: flat */
  const guint8 (*lists8)[64]; /* two */
} MgVaH264Pps;

typedef struct {
  guint type; /* MG_VA_SLICE_… */
  guint ref_idc;
  gboolean is_idr;
  guint frame_num, idr_pic_id, poc_lsb;
  gint poc_bottom_delta;
  guint n_l0, n_l1; /* 0: as in the PPS */
  gboolean is_spatial;
  guint cabac_init_idc;
  gint qp_delta;
  guint deblocking_idc;
  gint alpha_offset, beta_offset; /* halved */
} MgVaH264Slice;

void mg_va_put_ue(MgBitWriter *b, guint32 value);
void mg_va_put_se(MgBitWriter *b, gint32 value);

/* With their trailing bits. */
void mg_va_h264_write_sps(MgBitWriter *b, const MgVaH264Sps *sps);
void mg_va_h264_write_pps(MgBitWriter *b, const MgVaH264Pps *pps);

/* Up to where slice_data() begins. */
void mg_va_h264_write_slice_header(MgBitWriter *b, const MgVaH264Slice *slice,
                                   const MgVaH264Sps *sps, const MgVaH264Pps *pps);

/* The bit that ends an RBSP, and zeros up to the next byte. */
void mg_va_h264_end(MgBitWriter *b);

/* Appends a start code and a unit whose RBSP, header included, is SIZE bytes of DATA. */
void mg_va_h264_wrap(MgWriter *out, const guint8 *data, gsize size);
