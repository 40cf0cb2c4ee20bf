/*
 * FLAC: STREAMINFO and the metadata blocks around it (RFC 9639 clause 8), and how long a frame lasts
 * (clause 9.1). Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

typedef struct {
  guint16 min_block; /* samples of a frame; equal: all but the last have as many */
  guint16 max_block;
  guint32 sample_rate; /* in Hz */
  guint8 channels;     /* 1 to 8 */
  guint8 bit_depth;    /* 4 to 32 */
  const guint8 *info;  /* borrowed: STREAMINFO without its block header, MG_FLAC_INFO_BYTES of it */
} MgFlacConfig;

enum { MG_FLAC_INFO_BYTES = 34 };

/*
 * Parses "fLaC" and metadata blocks, or the blocks alone as in a dfLa box, or STREAMINFO alone without
 * a block header. What is behind STREAMINFO is ignored. CONFIG is undefined on failure. Errors:
 * MALFORMED.
 */
gboolean mg_flac_config_parse(const guint8 *head, gsize size, MgFlacConfig *config, GError **error);

/* Appends "fLaC" and STREAMINFO as the only metadata block. */
void mg_flac_config_write(const MgFlacConfig *config, MgWriter *head);

/* Appends STREAMINFO as the only metadata block: the body of a dfLa box behind version and flags. */
void mg_flac_box_write(const MgFlacConfig *config, MgWriter *dfla);

/* Whether a decoder set up for A decodes B: format and block sizes; not length and MD5 of the whole. */
gboolean mg_flac_config_equal(const MgFlacConfig *a, const MgFlacConfig *b);

/* Samples of a frame, per channel; 0 when it is not one. */
guint mg_flac_frame_samples(const guint8 *data, gsize size);
