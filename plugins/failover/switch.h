/*
 * The switch: which input is active, and how its times become those of the outputs.
 *
 * When an input takes over, what is kept of it since its last key frame has come before now, but the outputs
 * have got no further than to where the one before was lost: these frames get the time in between, and go by
 * faster, without those that no other frame needs. The newest of them, and all that follows, is where the clock is. Audio is not made faster: what
 * would come before the output's end is left out. On the node's lane.
 */
#pragma once

#include "fill.h"
#include "input.h"

#include <mediagraph/counter.h>

typedef enum { ON_LOSS_PAUSE, ON_LOSS_REPEAT, ON_LOSS_SLATE } OnLoss;

typedef struct {
  MgNode *node;
  OnLoss on_loss;
  MgTime timeout, return_after;
  GPtrArray *inputs;  /* of Input * */
  GPtrArray *outputs; /* of Output * */
  Fill fill;
  Slate *slate;       /* NULL: none, or not yet */
  Input *active;      /* NULL: none */
  const Input *last;  /* the one that was active last */
  gboolean is_silent; /* the active one gives nothing, and nobody can stand in */
  gboolean has_begun; /* some input has been active */
  MgTime clock;       /* outputs' time minus mg_now() */
  MgTime
      ahead; /* of the clock: frames that had to come later than they should, until the next gap */
  MgTimer watch; /* of the active input's silence; at first, of the wait for the first input */
  MgTimer tidy;  /* ends outputs that the active input has no tracks for */

  /* Times of the active input from `from` to `until` become `start` and on; later ones are moved by `offset`. */
  MgTime from, until, start, offset;

  MgCounter *active_input, *switches, *returns, *losses, *dropped;
} Switch;

/* Opens with the inputs of NODE. TIMES and ON_LOSS have been set. */
void switch_open(Switch *s, MgNode *node);
void switch_close(Switch *s);

/* Nothing is pushed any more: the outputs are about to end. */
void switch_stop(Switch *s);

/* A new track of input INDEX, or TRACK with other parameters. Borrowed, and valid until switch_end_track(). */
Track *switch_add_track(Switch *s, guint index, MgStream *stream);
void switch_change_track(Switch *s, Track *track, MgStream *stream);
void switch_end_track(Switch *s, Track *track);

/* BUFFER (taken) of TRACK. */
void switch_take(Switch *s, Track *track, MgBuffer *buffer);

/* The publisher of that input has left. */
void switch_pause(Switch *s, guint index);

/* The slate has been read (taken). */
void switch_set_slate(Switch *s, Slate *slate);
