/*
 * One input: its tracks, whether it is well, and its media since the last key frame, so that another input can
 * be replaced by it at once. Audio is kept from a little before: it can begin anywhere.
 *
 * An input is judged by its first video track; by its first track when it has no video. On the node's lane.
 */
#pragma once

#include <mediagraph/node.h>

typedef struct {
  guint index;
  const char *name;  /* borrowed: the id of the node it takes from */
  GPtrArray *tracks; /* of Track * */
  GQueue kept;       /* of MgBuffer *: of all tracks, in the order they came */
  gsize kept_bytes;
  gboolean
      has_key;  /* a key frame of the judged track is kept, and all video since: it can take over */
  MgTime heard; /* mg_now() when the judged track came last; MG_TIME_NONE: not since it was lost */
  MgTime well_since; /* mg_now() when it came again after a silence */
} Input;

typedef struct {
  Input *input;
  MgStream *stream; /* a reference: as last declared */
} Track;

/* Returned-owned. */
Input *input_new(guint index, const char *name);
void input_free(gpointer input);

/* Borrowed: a new track of STREAM (borrowed), or NULL. */
Track *input_add(Input *input, MgStream *stream);

/* A track with other parameters: what was kept of the input is of no use any more. */
void input_change(Track *track, MgStream *stream);

/* TRACK is gone. */
void input_remove(Track *track);

/* The track called ID, or NULL. */
Track *input_find(const Input *input, const char *id);

/* The track by which it is judged; NULL: it has none. */
Track *input_judged(const Input *input);

/* A buffer of TRACK has come. A silence is longer than TIMEOUT. */
void input_hear(Track *track, MgTime timeout);

/* Keeps BUFFER (taken) as far as it may be wanted. */
void input_keep(Track *track, MgBuffer *buffer);

/* It has been lost, or is used: nothing is kept. */
void input_forget(Input *input);

/* Whether media came within TIMEOUT. */
gboolean input_is_well(const Input *input, MgTime timeout);
