/*
 * H.264: the decoder configuration record (avcC, ISO/IEC 14496-15 clause 5.3.3), the sequence
 * parameter set in it (H.264 clause 7.3.2.1.1), and the few things a packager asks of a picture.
 *
 * A stream's configuration is its avcC. Encoders that send Annex B have none: one is made from the
 * parameter sets in front of a key frame (mg_h264_config_from_units). Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>
#include <codec/nal.h>

/* NAL unit types (H.264 table 7-1) that mean something here. */
enum {
  MG_H264_NAL_SLICE = 1,
  MG_H264_NAL_PARTITION_A = 2,
  MG_H264_NAL_IDR = 5,
  MG_H264_NAL_SEI = 6,
  MG_H264_NAL_SPS = 7,
  MG_H264_NAL_PPS = 8,
  MG_H264_NAL_DELIMITER = 9,
  MG_H264_NAL_SPS_EXTENSION = 13,
};

/* The type of a unit of at least one byte, as mg_nal_next() gives them. */
static inline guint
mg_h264_nal_type(const MgNal *nal)
{
  return nal->data[0] & 31;
}

/* What a sequence parameter set says. */
typedef struct {
  guint8 profile;     /* profile_idc */
  guint8 constraints; /* the constraint_set flags and two zero bits, as in the unit */
  guint8 level;       /* level_idc: ten times the level */
  guint8 id;
  guint8 chroma_format; /* 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
  guint8 bit_depth_luma;
  guint8 bit_depth_chroma;
  guint width; /* in luma samples, cropped */
  guint height;
  MgCodecRational sar;        /* of a sample; unknown: num 0 */
  MgCodecRational frame_rate; /* from the VUI's timing; unknown: num 0 */
  gboolean has_fixed_frame_rate;
  gboolean is_interlaced; /* fields or field pairs may occur */
  guint max_reorder;      /* frames that may precede one in decoding and follow it in output */
  MgCodecColour colour;
} MgH264Sps;

/* Parameter sets as they lie in an avcC: walk them with mg_nal_iter(data, size, 2). */
typedef struct {
  const guint8 *data; /* borrowed */
  gsize size;
  guint n;
} MgH264Sets;

/* A parsed avcC. Its slices are borrowed from the bytes that were parsed. */
typedef struct {
  guint nal_length_size; /* 1, 2 or 4 */
  MgH264Sets sps;        /* at least one */
  MgH264Sets pps;        /* at least one */
  MgH264Sps video;       /* of the first SPS */
} MgH264Config;

/*
 * Parses a sequence parameter set. max_reorder comes from the bitstream restriction when there is
 * one, is 0 where profile or picture order type forbid reordering, and otherwise the most the level
 * allows. Errors: MALFORMED, or UNSUPPORTED for a size beyond level 6.2.
 */
gboolean mg_h264_sps_parse(const MgNal *nal, MgH264Sps *sps, GError **error);

/*
 * Parses an avcC. CONFIG is undefined on failure. Errors: MALFORMED; UNSUPPORTED, also for one of more
 * than 64 KiB; MISSING.
 */
gboolean mg_h264_config_parse(const guint8 *avcc, gsize size, MgH264Config *config, GError **error);

/*
 * Appends the configuration as a canonical avcC: four-byte lengths, every parameter set once, the
 * trailer of the high profiles. Samples must have four-byte lengths to go with it.
 */
void mg_h264_config_write(const MgH264Config *config, MgWriter *avcc);

/*
 * Appends a canonical avcC made of the parameter sets among the units of DATA (see nal.h for
 * LENGTH_SIZE). Appends nothing on failure. Errors: MISSING when there is no SPS or no PPS; and those of
 * mg_h264_config_parse().
 */
gboolean mg_h264_config_from_units(const guint8 *data, gsize size, guint length_size,
                                   MgWriter *avcc, GError **error);

/* Whether both hold the same parameter sets, in whatever order and with whatever length size. */
gboolean mg_h264_config_equal(const MgH264Config *a, const MgH264Config *b);

/* Returned-owned: "avc1.64001F" (RFC 6381 clause 3.3, ISO/IEC 14496-15 annex E). */
char *mg_h264_codec_string(const MgH264Config *config);

/* What an access unit is, for flags and cuts. */
typedef struct {
  gboolean has_slice;          /* FALSE: no picture at all, as in SEI alone */
  gboolean is_idr;             /* decoding can begin here */
  gboolean is_reference;       /* FALSE: other pictures do without it */
  gboolean has_parameter_sets; /* SPS or PPS in band */
} MgH264Picture;

/* Looks at the unit headers only. FALSE when the units do not add up. */
gboolean mg_h264_picture_inspect(const guint8 *data, gsize size, guint length_size,
                                 MgH264Picture *picture);

/*
 * An MgNalKeep that drops SPS, SPS extension and PPS: an 'avc1' sample entry has them out of band
 * (ISO/IEC 14496-15 clause 5.3.2).
 */
gboolean mg_h264_is_not_parameter_set(const MgNal *nal);
