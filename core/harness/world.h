/*
 * What all harnesses of a process share: the one lane, which is the calling thread's, the fake clock,
 * and the count of what was alive before.
 */
#pragma once

#include "loop/lane.h"

/* The first user starts it; the last one's leave checks for leaks and aborts when there are any. */
MgLane *mg_world_enter(void);
void mg_world_leave(void);

/* Runs what is posted and due. */
void mg_world_run(void);

/* Moves the clock by DURATION, from timer to timer. */
void mg_world_advance(MgTime duration);
void mg_world_step_utc(gint64 by_us);

/* What a process knows of the clock, it forgets: it begins anew. */
void mg_world_begin_anew(void);
