/*
 * Scaling, in plain C: the area a pixel covers where the picture shrinks, bilinear where it grows, each
 * direction for itself. What keeps its size is copied exactly.
 */
#pragma once

#include "va-driver/picture.h"

typedef struct {
  guint x, y, width, height;
} MgVaRect;

/*
 * Scales SOURCE of FROM into TARGET of TO. FALSE, with nothing done, when a rectangle leaves its picture or
 * is empty, or the depths differ. The edges are rounded down to even numbers.
 */
gboolean mg_va_scale(MgVaPicture *to, const MgVaRect *target, const MgVaPicture *from,
                     const MgVaRect *source);
