/* A lane's timers: a binary heap of pointers to MgTimer, earliest first. Not thread-safe. */
#pragma once

#include <mediagraph/lane.h>

typedef struct {
  GPtrArray *heap;
} MgTimers;

void mg_timers_init(MgTimers *timers);
void mg_timers_clear(MgTimers *timers);

/* Adds TIMER, or moves it when its deadline changed. */
void mg_timers_put(MgTimers *timers, MgTimer *timer);
void mg_timers_remove(MgTimers *timers, MgTimer *timer);

/* The earliest deadline; G_MAXINT64: none. */
MgTime mg_timers_next(const MgTimers *timers);

/* Removes and returns the earliest timer due at NOW, or NULL. */
MgTimer *mg_timers_pop_due(MgTimers *timers, MgTime now);
