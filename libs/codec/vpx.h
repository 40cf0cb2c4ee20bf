/*
 * VP8 and VP9: the configuration record of the VP codec's ISO media file format binding (vpcC without
 * version and flags), and the heads of frames (RFC 6386 clause 9.1; VP9 bitstream clauses 6.2, 7.2 and
 * annex B). The record has no picture size: the key frames do. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

typedef struct {
  guint8 profile;     /* 0 to 3 */
  guint8 level;       /* ten times the level; 0: undefined */
  guint8 bit_depth;   /* 8, 10 or 12 */
  guint8 subsampling; /* 0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4 */
  MgCodecColour colour;
} MgVpxConfig;

/*
 * Parses a VPCodecConfigurationRecord, or the body of a vpcC box, which has version and flags in front.
 * CONFIG is undefined on failure. Errors: MALFORMED.
 */
gboolean mg_vpx_config_parse(const guint8 *vpcc, gsize size, MgVpxConfig *config, GError **error);

/* Appends the record. */
void mg_vpx_config_write(const MgVpxConfig *config, MgWriter *record);

gboolean mg_vpx_config_equal(const MgVpxConfig *a, const MgVpxConfig *b);

/*
 * Returned-owned: "vp09.00.10.08", or with all fields, "vp09.02.51.10.01.09.16.09.00", when one of the
 * optional ones is not its default; unspecified colour counts as default (the binding's clause on the
 * codecs parameter).
 */
char *mg_vpx_codec_string(const MgVpxConfig *config, gboolean is_vp8);

/* A frame, or for VP9 a superframe. */
typedef struct {
  gboolean is_key;        /* decoding can begin here */
  gboolean is_disposable; /* VP9: updates no reference; VP8 does not say */
  guint width, height;    /* of a key frame, as coded; else 0 */
} MgVpxFrame;

/* FALSE when it is no frame. */
gboolean mg_vp8_frame_inspect(const guint8 *data, gsize size, MgVpxFrame *frame);
gboolean mg_vp9_frame_inspect(const guint8 *data, gsize size, MgVpxFrame *frame);
