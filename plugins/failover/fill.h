/*
 * What outputs get while no input gives media: a slate in a loop, or the last key frame again and again, and
 * silence.
 *
 * It goes on with the outputs' timelines at the speed of the clock. On the node's lane.
 */
#pragma once

#include "output.h"
#include "slate.h"

typedef struct {
  GPtrArray *outputs; /* borrowed: of Output * */
  const Slate *slate; /* borrowed; NULL: none is played */
  MgTime clock;       /* outputs' time minus mg_now() */
  MgTimer tick;       /* runs while it fills */
  MgTime slate_base;  /* outputs' time where this loop of the slate begins */
  guint slate_at;     /* its next sample */
} Fill;

/* OUTPUTS is borrowed. */
void fill_init(Fill *fill, GPtrArray *outputs);

/* Begins with SLATE (borrowed until fill_stop(); NULL: none), or goes on with it. */
void fill_start(Fill *fill, MgTime clock, const Slate *slate);

/* Fine when it does not fill. */
void fill_stop(Fill *fill);

gboolean fill_is_running(const Fill *fill);
