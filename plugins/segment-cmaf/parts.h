/*
 * Parts: how long a chunk may be, for all tracks of the session together.
 *
 * Low latency promises players that no part is longer than a target, and none but the last of a segment is
 * shorter than 85 % of it (RFC 8216bis, 4.4.3.7 and 4.4.4.9). Parts are whole samples, of which video and audio have
 * different lengths, so the target cannot simply be what was asked for: it is the longest up to that which
 * all tracks fit, and a little more, as no encoder's stamps are exact. It is chosen when the first chunk is about to be
 * full, and then again only with a discontinuity whose tracks do not fit it. On the node's lane.
 */
#pragma once

#include <mediagraph/types.h>

typedef struct Track Track;

typedef struct {
  MgTime longest;        /* as asked for */
  MgTime target;         /* 0: not chosen yet */
  guint64 discontinuity; /* in which it was looked at last */
} Parts;

/*
 * The target for tracks with samples of those lengths (0: not known): at most LONGEST and the allowance for
 * inexact stamps, if there is one that all fit; else the shortest longer one. In whole milliseconds.
 */
MgTime parts_fit(MgTime longest, const MgTime *frames, guint n_frames);

/* What holds for the chunk that TRACK collects: it is chosen now at the latest. */
MgTime parts_target(Track *track);

/* Whether that chunk is full, another sample being on its way. */
gboolean parts_is_full(Track *track);

/*
 * How many of its samples, from the first on, fit into the target; at least one. All, but where a sample has
 * become longer than was to be expected.
 */
guint parts_n_fitting(Track *track);
