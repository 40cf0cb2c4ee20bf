/* A ratio of two integers, for frame rates and aspect ratios. A numerator of 0 means: not known. */
#pragma once

#include <glib.h>

typedef struct {
  guint32 num;
  guint32 den;
} MgRatio;
