/*
 * Lossless slice data: every macroblock is I_PCM, its samples as they are. A picture of one slice.
 */
#pragma once

#include "va-driver/h264.h"
#include "va-driver/picture.h"

typedef struct {
  const MgVaPicture *picture; /* borrowed, eight bits; repeated beyond its edges */
  guint width_mbs, height_mbs;
  guint slice_type; /* MG_VA_SLICE_… */
  gboolean is_cabac;
  gint qp; /* of the slice */
} MgVaPcm;

/* Goes on behind a slice header, up to the end of the RBSP. */
void mg_va_pcm_write(MgBitWriter *b, const MgVaPcm *pcm);
