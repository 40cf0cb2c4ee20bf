/*
 * When recording goes on after the disk has refused something.
 *
 * A disk that is full takes a chunk now and then, if only because a file was cut back: recording tries again
 * where there is room for what is to come, at the next segment first, and then less and less often. It is
 * over when it has gone on for a while; until then a failure is the same one, and not told again.
 *
 * A zeroed struct has no failure. Pure: NOW is mg_now().
 */
#pragma once

#include <mediagraph/types.h>

typedef struct {
  gboolean is_known;  /* the operator has been told of a failure that is not over */
  gboolean is_paused; /* the last write failed */
  MgTime wait;        /* after the next failure */
  MgTime retry_at;    /* while paused */
  MgTime resumed_at;  /* while known and not paused */
} Pause;

/* Something was not written. TRUE: that is news. */
gboolean pause_begin(Pause *pause, MgTime now);

/* Whether to write, or to try, when WANTED bytes are to come and ROOM are free. */
gboolean pause_lets_write(const Pause *pause, MgTime now, guint64 room, guint64 wanted);

/* Something was written. */
void pause_note_write(Pause *pause, MgTime now);

/* A segment was written to its end. TRUE: it works again, which is news. */
gboolean pause_note_segment(Pause *pause, MgTime now);
