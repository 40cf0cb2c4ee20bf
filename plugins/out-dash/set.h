/* The adaptation sets of one period. */
#pragma once

#include "period.h"

#include <manifest/dash.h>

/* What holds for the whole MPD. */
typedef struct {
  GPtrArray *arena; /* owns what is made, with g_free() */
  guint32
      early_ms; /* low latency: so long before they are whole segments can be had; 0: it is off */
  MgTime part;  /* of low latency: the longest chunk */
} SetOptions;

/* All sets of the period, in the arena; they borrow from the window until its next change. */
const MgDashAdaptationSet *sets_list(const Period *period, const SetOptions *options, gsize *n);
