/*
 * VVC: the decoder configuration record (vvcC, ISO/IEC 14496-15 clause 11.2.4.2) and the few things a
 * packager asks of a picture (H.266 clause 7.3).
 *
 * Size, depth and profile come from the record, which must have them (ptl_present_flag); its parameter
 * sets are carried and not read. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>
#include <codec/nal-arrays.h>

/* NAL unit types (H.266 table 5) that mean something here. */
enum {
  MG_VVC_NAL_IDR_W_RADL = 7,
  MG_VVC_NAL_IDR_N_LP = 8,
  MG_VVC_NAL_CRA = 9,
  MG_VVC_NAL_GDR = 10,
  MG_VVC_NAL_LAST_VCL = 11,
  MG_VVC_NAL_OPI = 12,
  MG_VVC_NAL_DCI = 13,
  MG_VVC_NAL_VPS = 14,
  MG_VVC_NAL_SPS = 15,
  MG_VVC_NAL_PPS = 16,
  MG_VVC_NAL_PREFIX_APS = 17,
  MG_VVC_NAL_PICTURE_HEADER = 19,
  MG_VVC_NAL_PREFIX_SEI = 23,
};

/* A parsed vvcC. Its slices are borrowed from the bytes that were parsed. */
typedef struct {
  guint nal_length_size; /* 1, 2 or 4 */
  guint8 profile;        /* general_profile_idc: 1 Main 10 */
  gboolean is_high_tier;
  guint8 level; /* general_level_idc: sixteen times the major and three times the minor */
  const guint8 *constraints; /* the two ptl flags and general_constraint_info */
  guint n_constraints;       /* bytes */
  guint8 chroma_format;      /* 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
  guint8 bit_depth;
  guint width, height; /* max_picture_width and height */
  const guint8
      *head; /* borrowed: from ols_idx to the frame rate, all that is between flags and sets */
  gsize head_size;
  MgNalArrays sets; /* SPS and PPS, at least one of each */
  MgCodecHdr hdr;
} MgVvcConfig;

/*
 * Parses a vvcC. CONFIG is undefined on failure. Errors: MALFORMED; UNSUPPORTED, for one of more than
 * 64 KiB or without profile and level; MISSING when SPS or PPS are.
 */
gboolean mg_vvc_config_parse(const guint8 *vvcc, gsize size, MgVvcConfig *config, GError **error);

/* Appends the configuration as a vvcC with four-byte lengths, every unit once. */
void mg_vvc_config_write(const MgVvcConfig *config, MgWriter *vvcc);

/* Whether both hold the same parameter sets, in whatever order and with whatever length size. */
gboolean mg_vvc_config_equal(const MgVvcConfig *a, const MgVvcConfig *b);

/* Returned-owned: "vvc1.1.L51.CQA" (ISO/IEC 14496-15 annex E.6). */
char *mg_vvc_codec_string(const MgVvcConfig *config);

/* What an access unit is, for flags and cuts. */
typedef struct {
  gboolean has_slice;          /* FALSE: no picture at all, as in SEI alone */
  gboolean is_irap;            /* decoding can begin here: IDR or CRA */
  gboolean is_reference;       /* FALSE: other pictures do without it */
  gboolean has_parameter_sets; /* in band */
  MgCodecHdr hdr;              /* of its SEI */
} MgVvcPicture;

/* Looks at unit and picture headers, and at SEI. FALSE when the units do not add up. */
gboolean mg_vvc_picture_inspect(const guint8 *data, gsize size, guint length_size,
                                MgVvcPicture *picture);

/*
 * An MgNalKeep that drops DCI, VPS, SPS and PPS: a 'vvc1' sample entry has them out of band. Adaptation
 * parameter sets stay: they change from picture to picture.
 */
gboolean mg_vvc_is_not_parameter_set(const MgNal *nal);
