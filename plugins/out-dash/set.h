/* The adaptation sets of one period. */
#pragma once

#include <manifest/dash.h>
#include <mediagraph/window.h>

/* A period's rows: those with index FIRST to END - 1 of the window. */
typedef struct {
  MgWindow *window;
  guint first, end;
  GPtrArray *arena; /* owns what is made, with g_free() */
} SetRows;

/* All sets of the period, in the arena; they borrow from the window until its next change. */
const MgDashAdaptationSet *sets_list(const SetRows *rows, gsize *n);
