/*
 * HEVC: the decoder configuration record (hvcC, ISO/IEC 14496-15 clause 8.3.3.1), the sequence parameter
 * set in it (H.265 clause 7.3.2.2), and the few things a packager asks of a picture.
 *
 * A stream's configuration is its hvcC. Encoders that send Annex B have none: one is made from the
 * parameter sets in front of a key frame (mg_hevc_config_from_units). Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>
#include <codec/nal-arrays.h>

/* NAL unit types (H.265 table 7-1) that mean something here. */
enum {
  MG_HEVC_NAL_LAST_SUBLAYER =
      14, /* up to here, the even ones are no reference in their sub-layer */
  MG_HEVC_NAL_FIRST_IRAP = 16,
  MG_HEVC_NAL_IDR_W_RADL = 19,
  MG_HEVC_NAL_IDR_N_LP = 20,
  MG_HEVC_NAL_CRA = 21,
  MG_HEVC_NAL_LAST_VCL = 31,
  MG_HEVC_NAL_VPS = 32,
  MG_HEVC_NAL_SPS = 33,
  MG_HEVC_NAL_PPS = 34,
  MG_HEVC_NAL_PREFIX_SEI = 39,
};

/* The general part of profile_tier_level(). */
typedef struct {
  guint8 space; /* general_profile_space */
  gboolean is_high_tier;
  guint8 profile; /* general_profile_idc: 1 Main, 2 Main 10 */
  guint32 compatibility;
  guint8 constraints[6];
  guint8 level; /* general_level_idc: thirty times the level */
} MgHevcProfile;

/* What a sequence parameter set says. */
typedef struct {
  MgHevcProfile profile;
  guint8 n_layers; /* temporal sub-layers, 1 to 7 */
  gboolean is_nested;
  guint8 chroma_format; /* 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
  guint8 bit_depth_luma;
  guint8 bit_depth_chroma;
  guint width; /* in luma samples, cropped */
  guint height;
  MgCodecRational sar;        /* of a sample; unknown: num 0 */
  MgCodecRational frame_rate; /* from the VUI's timing; unknown: num 0 */
  gboolean is_interlaced;     /* pictures are fields */
  guint max_reorder; /* pictures that may precede one in decoding and follow it in output */
  MgCodecColour colour;
} MgHevcSps;

/* A parsed hvcC. Its arrays are borrowed from the bytes that were parsed. */
typedef struct {
  guint nal_length_size;      /* 1, 2 or 4 */
  guint16 min_segmentation;   /* min_spatial_segmentation_idc */
  guint8 parallelism;         /* parallelismType */
  guint16 average_frame_rate; /* in units of 1/256 per second; 0: not said */
  guint8 constant_frame_rate; /* 0: not said */
  MgNalArrays sets;           /* VPS, SPS and PPS, at least one of each */
  MgHevcSps video;            /* of the first SPS */
  MgCodecHdr hdr;             /* of SEI units among the sets */
} MgHevcConfig;

/* Parses a sequence parameter set. Errors: MALFORMED; UNSUPPORTED for a size beyond level 7.2. */
gboolean mg_hevc_sps_parse(const MgNal *nal, MgHevcSps *sps, GError **error);

/*
 * Parses an hvcC. CONFIG is undefined on failure. Errors: MALFORMED; UNSUPPORTED, also for one of more
 * than 64 KiB; MISSING when a kind of parameter set is.
 */
gboolean mg_hevc_config_parse(const guint8 *hvcc, gsize size, MgHevcConfig *config, GError **error);

/*
 * Appends the configuration as a canonical hvcC: four-byte lengths, profile and format as the SPS has
 * them, VPS, SPS, PPS and SEI in this order and each unit once. Samples must have four-byte lengths
 * and no parameter sets to go with it.
 */
void mg_hevc_config_write(const MgHevcConfig *config, MgWriter *hvcc);

/*
 * Appends a canonical hvcC made of the parameter sets among the units of DATA (see nal.h for
 * LENGTH_SIZE). Appends nothing on failure. Errors: those of mg_hevc_config_parse().
 */
gboolean mg_hevc_config_from_units(const guint8 *data, gsize size, guint length_size,
                                   MgWriter *hvcc, GError **error);

/* Whether both hold the same parameter sets, in whatever order and with whatever length size. */
gboolean mg_hevc_config_equal(const MgHevcConfig *a, const MgHevcConfig *b);

/* Returned-owned: "hvc1.1.6.L93.B0" (ISO/IEC 14496-15 annex E.3). */
char *mg_hevc_codec_string(const MgHevcConfig *config);

/* What an access unit is, for flags and cuts. */
typedef struct {
  gboolean has_slice;          /* FALSE: no picture at all, as in SEI alone */
  gboolean is_irap;            /* decoding can begin here: IDR, BLA or CRA */
  gboolean is_idr;             /* … and nothing that follows refers to what is before */
  gboolean is_reference;       /* FALSE: other pictures do without it */
  gboolean has_parameter_sets; /* in band */
  MgCodecHdr hdr;              /* of its SEI */
} MgHevcPicture;

/*
 * Looks at the unit headers, and at the SEI of a unit before the slices. N_LAYERS is the SPS's number of
 * temporal sub-layers: only in the highest one can a picture be no reference. FALSE when the units do not
 * add up.
 */
gboolean mg_hevc_picture_inspect(const guint8 *data, gsize size, guint length_size, guint n_layers,
                                 MgHevcPicture *picture);

/*
 * An MgNalKeep that drops VPS, SPS and PPS: an 'hvc1' sample entry has them out of band (ISO/IEC 14496-15
 * clause 8.4.1).
 */
gboolean mg_hevc_is_not_parameter_set(const MgNal *nal);
