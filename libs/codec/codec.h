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

/* NUM / DEN in lowest terms, or unknown when one is 0 or does not fit 32 bits. */
MgCodecRational mg_codec_rational(guint64 num, guint64 den);

/* Code points of ISO/IEC 23091-2 (H.273); 2 is "unspecified". */
typedef struct {
  guint8 primaries;
  guint8 transfer;
  guint8 matrix;
  gboolean is_full_range;
} MgCodecColour;
