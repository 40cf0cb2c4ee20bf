/*
 * The engine's own view of counters: the set that a node holds.
 *
 * It has a lock of its own: counters are made, found and read on any thread. A counter lives as long as
 * its set.
 */
#pragma once

#include <mediagraph/counter.h>

typedef struct {
  GMutex lock;
  GPtrArray *all; /* of MgCounter * */
} MgCounters;

void mg_counters_init(MgCounters *counters);
void mg_counters_clear(MgCounters *counters);

/* The counter NAME, made when there is none; borrowed. */
MgCounter *mg_counters_get(MgCounters *counters, const char *name, const char *help);

/* The value of the counter NAME; 0 when there is none. */
guint64 mg_counters_value(MgCounters *counters, const char *name);
