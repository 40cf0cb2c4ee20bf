/*
 * AC-3 and E-AC-3 (ETSI TS 102 366): the sync frame, and the boxes dac3 and dec3 of MP4 (annex F).
 *
 * Neither has a configuration on the wire; it is made of the first frames. An access unit is one sync
 * frame of AC-3; of E-AC-3 it is an independent substream's frame of six blocks and those of the
 * substreams that depend on it, and of further independent ones. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

enum { MG_AC3_FRAME_SAMPLES = 1536, MG_EAC3_MOST_SUBSTREAMS = 8 };

/* What the box says of one (independent) substream. */
typedef struct {
  guint8 rate_code; /* fscod */
  guint8 bsid;
  guint8 bsmod;
  guint8 mode; /* acmod: which full channels */
  gboolean has_lfe;
  guint8 n_dependent; /* E-AC-3: how many substreams depend on it … */
  guint16 locations;  /* … and which channels they add (chan_loc) */
} MgAc3Substream;

typedef struct {
  gboolean is_eac3;
  guint32 sample_rate;
  guint channels;      /* of the first independent substream, with those that depend on it */
  guint16 bitrate;     /* in kbit/s */
  guint8 bitrate_code; /* AC-3: of table F.4.1 */
  guint n_substreams;  /* independent ones; AC-3: 1 */
  MgAc3Substream substreams[MG_EAC3_MOST_SUBSTREAMS];
} MgAc3Config;

/* Parses the body of dac3 or dec3. CONFIG is undefined on failure. Errors: MALFORMED. */
gboolean mg_ac3_config_parse(const guint8 *dac3, gsize size, MgAc3Config *config, GError **error);
gboolean mg_eac3_config_parse(const guint8 *dec3, gsize size, MgAc3Config *config, GError **error);

/*
 * What an access unit says. CONFIG is undefined on failure. Errors: MALFORMED when it does not consist
 * of sync frames; UNSUPPORTED for the other of the two, for E-AC-3 frames of less than six blocks (MP4
 * has six in a sample), and for its reduced sample rates (dec3 cannot tell them).
 */
gboolean mg_ac3_config_from_frame(const guint8 *data, gsize size, MgAc3Config *config,
                                  GError **error);
gboolean mg_eac3_config_from_unit(const guint8 *data, gsize size, MgAc3Config *config,
                                  GError **error);

/* Appends the body of dac3 or dec3. */
void mg_ac3_config_write(const MgAc3Config *config, MgWriter *box);

/* Whether a decoder set up for A decodes B: all but the bit rate. */
gboolean mg_ac3_config_equal(const MgAc3Config *a, const MgAc3Config *b);

/* What the head of one sync frame tells who cuts a stream of them up. */
typedef struct {
  gboolean is_eac3;
  gboolean begins_unit; /* FALSE: a substream of E-AC-3 that belongs to the access unit before */
  gsize size;           /* in bytes */
  guint32 sample_rate;
  guint8 mode; /* acmod, and … */
  gboolean has_lfe;
} MgAc3Frame;

enum { MG_AC3_FRAME_HEAD = 16 };

/* Parses the first MG_AC3_FRAME_HEAD bytes of a frame. FALSE when they are none that MP4 can carry. */
gboolean mg_ac3_frame_parse(const guint8 *data, MgAc3Frame *frame);
