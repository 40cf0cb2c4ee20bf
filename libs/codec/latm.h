/*
 * LATM: AAC as DVB carries it, in frames of LOAS that hold an AudioMuxElement each (ISO/IEC 14496-3
 * clause 1.7). The configuration comes with the frames, and payload begins at any bit, so it is
 * copied.
 *
 * Understood is what broadcasts use: one programme, one layer, one frame of sound in each element.
 * Any thread, one at a time.
 */
#pragma once

#include <codec/aac.h>

enum { MG_LATM_HEAD_BYTES = 3, MG_LATM_MOST_FRAME = 3 + 8191 };

/* Begins as zeros. */
typedef struct {
  gboolean has_config;
  MgAacConfig config;
  guint other_bits; /* behind each payload */
} MgLatm;

/* The size of the LOAS frame that the MG_LATM_HEAD_BYTES at DATA begin; 0 when they do not. */
gsize mg_latm_frame_size(const guint8 *data);

/*
 * Takes a whole LOAS frame apart: appends its frame of sound to OUT, and remembers a configuration
 * that is in it. FALSE, and nothing appended, for what is not understood, and as long as there is
 * no configuration.
 */
gboolean mg_latm_read(MgLatm *latm, const guint8 *frame, gsize size, MgWriter *out);
