/*
 * Numbers: which segment and discontinuity comes next, and where it lies on the published timeline.
 *
 * The journal remembers them, so that they go on after a restart, however the process ended. Without a
 * state folder they are taken from the clock instead: segments and discontinuities count from the
 * seconds since 1970, which is also when the timeline begins, so that a number and a name never mean
 * two things as long as the clock is not set back. On the node's lane.
 */
#pragma once

#include "cuts.h"
#include "journal.h"

#include <mediagraph/node.h>

typedef struct {
  Journal *journal; /* NULL: no state folder */
  JournalRecord now;
  MgTime wall_base; /* published time = mg_now() + wall_base */
} Numbers;

/* Never fails: what is wrong with the state folder is logged. */
void numbers_open(Numbers *numbers, MgNode *node);
void numbers_close(Numbers *numbers);

typedef struct {
  MgTime at;        /* engine time */
  MgTime arrival;   /* mg_now() when that media came */
  MgTime end;       /* published time up to which the tracks have media, sent or not */
  gboolean is_live; /* more of what comes before it may come */
  gboolean is_discont;
  gboolean is_forced;
} CutWish;

/*
 * The cut that begins the next segment, behind LAST (NULL: the first since the node was opened). A
 * discontinuity begins at a whole millisecond of published time: where it would be anyway, or at the
 * wall clock if media has fallen behind that, and never before what was published. Between
 * discontinuities media is kept near the wall clock, by less than a thousandth of its speed.
 */
Cut numbers_take(Numbers *numbers, const Cut *last, const CutWish *wish);

/* Media has been sent up to published time END: nothing may ever be published before that again. */
void numbers_note_end(Numbers *numbers, MgTime end);
