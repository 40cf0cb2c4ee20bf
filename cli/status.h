/*
 * What the operator sees while a graph runs: the URLs that nodes announce, and, on a terminal, a live
 * line for each published stream below the log. Main thread.
 */
#pragma once

#include "graph/graph.h"

typedef struct StatusView StatusView;

/* Returned-owned. GRAPH is borrowed and outlives it. */
StatusView *status_view_new(MgGraph *graph);

/* Removes the live lines. NULL is fine. */
void status_view_free(StatusView *view);

/* Logs URLs announced since the last call, and renews the live lines. Called about once a second. */
void status_view_update(StatusView *view);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(StatusView, status_view_free)
