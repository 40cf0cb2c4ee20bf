/*
 * AV1: the configuration record (av1C), the sequence header in it (AV1 specification clause 5.5), and
 * temporal units of OBUs (clause 5.3), as the AV1 codec's ISO media file format binding carries them.
 *
 * All slices are borrowed from the input. Any thread, one at a time per iterator.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>
#include <codec/nal.h>

/* OBU types (clause 6.2.2) that mean something here. */
enum {
  MG_AV1_OBU_SEQUENCE = 1,
  MG_AV1_OBU_DELIMITER = 2,
  MG_AV1_OBU_FRAME_HEADER = 3,
  MG_AV1_OBU_TILE_GROUP = 4,
  MG_AV1_OBU_METADATA = 5,
  MG_AV1_OBU_FRAME = 6,
  MG_AV1_OBU_REDUNDANT_HEADER = 7,
  MG_AV1_OBU_TILE_LIST = 8,
  MG_AV1_OBU_PADDING = 15,
};

typedef struct {
  guint type;
  const guint8 *data; /* borrowed: from its header on */
  gsize size;
  MgReader payload;
} MgAv1Obu;

/*
 * Reads the next OBU and moves R past it; one without a size field reaches to the end. FALSE at the
 * end, and, with R failed, when it does not fit.
 */
gboolean mg_av1_obu_next(MgReader *r, MgAv1Obu *obu);

/* What of the sequence header one must know to read the head of a frame (clause 5.9.2). */
typedef struct {
  gboolean is_known;          /* FALSE: nothing below is */
  gboolean has_decoder_model; /* frames have times in front, which are not read here */
  guint8 frame_id_bits;
  guint8 order_hint_bits;
  guint8 screen_content; /* 0 never, 1 always, 2 each frame says */
  guint8 integer_mv;     /* likewise */
} MgAv1Head;

/* What a sequence header says. */
typedef struct {
  MgAv1Head head;
  guint8 profile; /* 0 Main, 1 High, 2 Professional */
  guint8 level;   /* seq_level_idx of operating point 0 */
  gboolean is_high_tier;
  gboolean is_still; /* reduced_still_picture_header */
  gboolean is_monochrome;
  guint8 bit_depth;     /* 8, 10 or 12 */
  guint8 subsampling_x; /* 0 or 1 */
  guint8 subsampling_y;
  guint8 chroma_position; /* chroma_sample_position: 0 unknown, 1 vertical, 2 colocated */
  guint width;            /* max_frame_width: the largest of the sequence */
  guint height;
  MgCodecRational frame_rate; /* when pictures are equally far apart; unknown: num 0 */
  MgCodecColour colour;
} MgAv1Sequence;

/* A parsed av1C. */
typedef struct {
  MgAv1Sequence video;
  const guint8 *sequence_obu; /* borrowed: the sequence header, from its OBU header on */
  gsize sequence_size;
  const guint8 *obus; /* borrowed: all configOBUs */
  gsize obus_size;
  guint8 delay; /* initial_presentation_delay byte */
  MgCodecHdr hdr;
} MgAv1Config;

/* Parses the payload of a sequence header OBU. Errors: MALFORMED. */
gboolean mg_av1_sequence_parse(const MgReader *payload, MgAv1Sequence *sequence, GError **error);

/*
 * Parses an av1C. CONFIG is undefined on failure. Errors: MALFORMED; MISSING without a sequence header;
 * UNSUPPORTED for one of more than 64 KiB.
 */
gboolean mg_av1_config_parse(const guint8 *av1c, gsize size, MgAv1Config *config, GError **error);

/* Appends the configuration as an av1C whose fields are the sequence header's. */
void mg_av1_config_write(const MgAv1Config *config, MgWriter *av1c);

/* Appends an av1C made of the sequence header in a temporal unit. Errors: MISSING, MALFORMED. */
gboolean mg_av1_config_from_unit(const guint8 *data, gsize size, MgWriter *av1c, GError **error);

/* Whether both have the same sequence header. */
gboolean mg_av1_config_equal(const MgAv1Config *a, const MgAv1Config *b);

/*
 * Returned-owned: "av01.0.04M.08", or with all fields, "av01.0.12M.10.0.110.09.16.09.0", when one of the
 * optional ones is not its default; unspecified colour counts as default (the binding's clause 5).
 */
char *mg_av1_codec_string(const MgAv1Config *config);

/* What a temporal unit is, for flags and cuts. */
typedef struct {
  gboolean has_frame;
  gboolean is_key;        /* begins with a key frame that is shown */
  gboolean is_disposable; /* its frames update no reference; FALSE where that is not known */
  gboolean has_sequence;  /* a sequence header in band */
  MgCodecHdr hdr;
} MgAv1Unit;

/* HEAD is that of the stream's sequence header; NULL: not known. FALSE when the OBUs do not add up. */
gboolean mg_av1_unit_inspect(const guint8 *data, gsize size, const MgAv1Head *head,
                             MgAv1Unit *unit);

/*
 * Brings a temporal unit into the form of a sample: without temporal delimiters, padding and tile lists,
 * every OBU with a size field (the binding's clause 2.4). Results as in nal.h. Errors: MALFORMED;
 * MISSING when nothing is left; NO_MEMORY.
 */
MgNalResult mg_av1_unit_to_sample(const guint8 *data, gsize size, guint8 **out, gsize *out_size,
                                  GError **error);
