/*
 * The state folder, STATE-DIR/PIPELINE/APP/STREAM/NAME.journal: journals that nobody needs any more go.
 *
 * Every name that was ever published leaves a journal. One that nobody has touched for eight days is
 * removed, with the folders that are empty then: a weekly programme still goes on where it was. Whoever
 * uses a journal holds a lock on it (flock(2)), and it stays; as writing into mapped memory need not
 * show in its time, it counts as touched then. Nothing else in the state folder is ever touched.
 */
#pragma once

#include <mediagraph/types.h>

/*
 * Looks through folder ROOT now and then, on a thread of its own, from the start to the stop. NULL is no
 * folder. The sweeper is returned-owned; stopping takes it, and NULL is fine. Any thread.
 */
typedef struct MgStateSweeper MgStateSweeper;
MgStateSweeper *mg_state_sweeper_start(const char *root);
void mg_state_sweeper_stop(MgStateSweeper *sweeper);

/* One look. Returns how many journals were removed. Blocks. */
guint mg_state_sweep(const char *root, gint64 now_utc_us);
