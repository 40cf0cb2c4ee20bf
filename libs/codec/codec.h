/*
 * What the codec parsers share: their errors and a few plain types.
 *
 * A codec is one header and one or two files beside this one. Each parses its decoder configuration
 * from bytes that a peer sent, names itself after RFC 6381, and compares configurations. Nothing here
 * keeps state, and nothing allocates more than the size of its input. Any thread.
 */
#pragma once

#include <glib.h>

#define MG_CODEC_ERROR (mg_codec_error_quark())

typedef enum {
  MG_CODEC_ERROR_MALFORMED,   /* the bytes break the format's rules */
  MG_CODEC_ERROR_UNSUPPORTED, /* lawful, but nothing here can carry it */
  MG_CODEC_ERROR_MISSING,     /* no parameter sets, no picture: nothing to work with */
  MG_CODEC_ERROR_NO_MEMORY,
} MgCodecError;

GQuark mg_codec_error_quark(void);

/* A positive rational in lowest terms; num is 0 when it is not known. */
typedef struct {
  guint32 num;
  guint32 den;
} MgCodecRational;

/* Sets MALFORMED with this sentence. Returns FALSE, to return. */
gboolean mg_codec_malformed(GError **error, const char *what);

/* NUM / DEN in lowest terms, or unknown when one is 0 or does not fit 32 bits. */
MgCodecRational mg_codec_rational(guint64 num, guint64 den);

/* Code points of ISO/IEC 23091-2 (H.273); 2 is "unspecified". */
typedef struct {
  guint8 primaries;
  guint8 transfer;
  guint8 matrix;
  gboolean is_full_range;
} MgCodecColour;

enum { MG_CODEC_UNSPECIFIED = 2 };

/* Whether it says nothing: all three unspecified, and limited range. */
static inline gboolean
mg_codec_colour_is_unspecified(const MgCodecColour *c)
{
  return c->primaries == MG_CODEC_UNSPECIFIED && c->transfer == MG_CODEC_UNSPECIFIED &&
         c->matrix == MG_CODEC_UNSPECIFIED && !c->is_full_range;
}

/* The sample aspect ratio of an aspect_ratio_idc (H.273 clause 8.6); unknown beyond its table. */
MgCodecRational mg_codec_sar(guint idc);

/* The mastering display (SMPTE ST 2086). max_luminance 0: not known. */
typedef struct {
  guint16 red[2], green[2], blue[2], white[2]; /* x and y, in steps of 0.00002 */
  guint32 max_luminance, min_luminance;        /* in steps of 0.0001 cd/m² */
} MgCodecMastering;

/* Light levels (CTA-861.3) in cd/m². max_content 0: not known. */
typedef struct {
  guint16 max_content;
  guint16 max_frame_average;
} MgCodecLight;

typedef struct {
  MgCodecMastering mastering;
  MgCodecLight light;
} MgCodecHdr;
