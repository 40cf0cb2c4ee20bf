/*
 * What PES packets of H.264 and HEVC hold, as access units; private to this folder. A PES packet
 * holds one, as a rule; where there are more, they begin where H.264 clause 7.4.1.2.3 and H.265
 * clause 7.4.2.4.4 say.
 */
#pragma once

#include "mpegts/told.h"

/* Begins as zeros. */
typedef struct {
  MgAnyFacts facts; /* of the configuration that has been told; else zeros */
  gboolean is_reordered;
  gboolean is_interlaced; /* two fields of a frame stay together */
} MgTsPictures;

/* Takes the payload of a PES packet, and what is known of the first picture in it. */
void mg_ts_pictures_take(MgTsPictures *pictures, MgTsTold *told, const guint8 *data, gsize size,
                         const MgTsReceived *first);

/* Whether DATA begins with an access unit delimiter. */
gboolean mg_ts_pictures_begin(guint32 codec, const guint8 *data, gsize size);
