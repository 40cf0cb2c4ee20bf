/*
 * What the thirds of a window share: tracks, whose chunks become segments (window.c), the list of rows, where
 * finished segments go (list.c), and what low latency asks for besides (ahead.c).
 */
#pragma once

#include "window/estimate.h"
#include "window/rows.h"
#include "window/shelf.h"

#include <mediagraph/output.h>

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

  /* Promised; NULL: nothing is. */
  char *next_part;
  char *next_uri, *next_number_uri; /* of a segment */
  GQueue old_parts;                 /* of OldPart *: not listed, still to be had; oldest first */
} MgWindowTrack;

struct MgWindow {
  MgNode *node;
  MgTime length;
  MgTime longest; /* media that was listed at once */
  MgShelf *shelf;
  MgWindowTrack tracks[MG_WINDOW_TRACKS];
  guint n_tracks;
  gboolean has_warned;
  GPtrArray *coming;        /* of MgSegmentRow *: begun, not all tracks have finished */
  GPtrArray *listed;        /* of MgSegmentRow * */
  gsize bytes;              /* of all in it */
  guint flags;              /* of all that ever was in it */
  GPtrArray *gone;          /* of MgSegmentRow *: not listed, still to be had */
  guint asks;               /* MgOutputAsks */
  const MgOutputView *view; /* NULL: chunks are put as they are */
  guint changed;            /* tracks, one bit each */
  guint part_target_us;
};

/* list.c. Borrowed: the row that a finished segment belongs to; rows are kept in the order of their numbers. */
MgSegmentRow *mg_window_row_for(MgWindow *window, const MgSegment *segment);

/* Lists the rows that wait for nothing more, or all. TRUE: there were any. */
gboolean mg_window_list_rows(MgWindow *window, gboolean is_final);

/* A finished segment is listed before its row, which is yet to take the oldest one's place: that list is longer. */
void mg_window_note_ahead(MgWindow *window);

/* The init segment goes, unless TRACK or a segment of it still needs it. */
void mg_window_withdraw_init(MgWindow *window, guint track, const char *init_uri);

/*
 * ahead.c. The open segment of TRACK has begun with a chunk, gets each of its chunks, and has ended: then all of
 * it is put. What is promised of a track is withdrawn. What is too old for parts is not listed as such.
 */
void mg_window_begin_ahead(MgWindow *window, MgWindowTrack *track, const MgChunk *chunk);
void mg_window_add_ahead(MgWindow *window, MgWindowTrack *track, MgBuffer *buffer);
void mg_window_end_ahead(MgWindow *window, MgWindowTrack *track, const MgSegment *segment);
void mg_window_withdraw_promises(MgWindow *window, MgWindowTrack *track);
void mg_window_trim_parts(MgWindow *window);

/* Takes away what was published of SEGMENT, whole or open. */
void mg_window_withdraw_segment(MgWindow *window, MgWindowTrack *track, MgSegment *segment);
void mg_window_withdraw_open(MgWindow *window, MgWindowTrack *track, MgSegment *segment);

/* Frees what TRACK remembers for it; nothing is withdrawn. */
void mg_window_clear_ahead(MgWindowTrack *track);
