/*
 * Cuts: where one segment ends and the next begins, decided once for all tracks.
 *
 * The reference track (video where there is any) decides; the others follow by time. A cut is kept until
 * every track has passed it, or for a few more segments. Times are engine time (ns); a cut's `offset` maps
 * them to published media time, which counts from the stream's epoch and never goes back. On the node's
 * lane.
 */
#pragma once

#include <mediagraph/types.h>

typedef struct {
  MgTime at;           /* samples from here on belong to the new segment */
  MgTime offset;       /* published time = engine time + offset */
  MgTime period_start; /* published time where the discontinuity number begins */
  guint64 segment;
  guint64 discontinuity;
  gboolean is_discont;
  gboolean is_forced; /* no key frame came in time */
} Cut;

typedef struct {
  MgTime target;  /* wanted length of a segment */
  MgTime longest; /* beyond this a playlist would break its promise */
  GArray *list;   /* of Cut: those that some track has not passed */
  guint64 n_gone; /* cuts that are no longer in the list */
  MgTime gop;     /* distance of the last two key frames since the discontinuity; 0: not known */
  MgTime last_key;
} Cuts;

/* A track that is silent for longer begins again with the next cut. */
enum { CUTS_KEPT = 16 };

void cuts_init(Cuts *cuts, MgTime target);
void cuts_clear(Cuts *cuts);

/* The longest a segment may be, in whole seconds: HLS's target duration, fixed by configuration. */
guint cuts_target_s(const Cuts *cuts);

/* The cut with that number, counted from the first ever; NULL: it has not been made. */
const Cut *cuts_get(const Cuts *cuts, guint64 number);
const Cut *cuts_last(const Cuts *cuts);
void cuts_add(Cuts *cuts, Cut cut);

/* How many have been made: the number that the next one will have. */
guint64 cuts_made(const Cuts *cuts);

/* Forgets all cuts before NUMBER, and all but CUTS_KEPT; the last one stays. */
void cuts_forget(Cuts *cuts, guint64 number);

/* The deciding track's next sample. */
typedef struct {
  MgTime time;
  MgTime frame; /* nominal length */
  gboolean is_key;
  gboolean is_video; /* else every sample is a key */
} CutSample;

typedef enum { CUT_NOT, CUT_HERE, CUT_FORCED } CutVerdict;

/* Whether the segment that began at the last cut ends where the sample begins. */
CutVerdict cuts_decide(Cuts *cuts, const CutSample *sample);
