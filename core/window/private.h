/*
 * What the two halves of a window share: tracks, whose chunks become segments (window.c), and the list of
 * rows, where finished segments go (list.c).
 */
#pragma once

#include "window/estimate.h"
#include "window/rows.h"
#include "window/shelf.h"

typedef struct {
  MgStream *stream; /* as last declared */
  char *init_uri;
  MgSegment *open; /* being collected */

  guint64 finished; /* number of the newest finished segment, when */
  gboolean has_finished;
  guint64 first_listed; /* number of the first row with a segment of it, when */
  gboolean has_listed;
  gboolean is_away; /* ended, or missed the row listed last: nobody waits for it */

  /* Where it is: the end of its newest chunk. */
  guint64 discontinuity;
  MgTime period_start, end;

  MgEstimate estimate;
  gboolean is_measured; /* with the parameters that it has now */
} MgWindowTrack;

struct MgWindow {
  MgNode *node;
  MgTime length;
  MgTime longest; /* media that was listed at once */
  MgShelf *shelf;
  MgWindowTrack tracks[MG_WINDOW_TRACKS];
  guint n_tracks;
  gboolean has_warned;
  GPtrArray *coming; /* of MgSegmentRow *: begun, not all tracks have finished */
  GPtrArray *listed; /* of MgSegmentRow * */
  gsize bytes;       /* of all in it */
  guint flags;       /* of all that ever was in it */
  GPtrArray *gone;   /* of MgSegmentRow *: not listed, still to be had */
};

/* list.c. Borrowed: the row that a finished segment belongs to; rows are kept in the order of their numbers. */
MgSegmentRow *mg_window_row_for(MgWindow *window, const MgSegment *segment);

/* Lists the rows that wait for nothing more, or all. TRUE: there were any. */
gboolean mg_window_list_rows(MgWindow *window, gboolean is_final);

/* The init segment goes, unless TRACK or a segment of it still needs it. */
void mg_window_withdraw_init(MgWindow *window, guint track, const char *init_uri);
