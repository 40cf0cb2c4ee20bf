/*
 * Counters and gauges of a node, for `run`'s status, logs and monitoring.
 *
 * Made in open(), found by name by whoever shows them. Adding is one relaxed atomic operation, any
 * thread. A counter lives as long as its node's place in the graph: it survives a restart of the node
 * and goes on counting.
 */
#pragma once

#include <mediagraph/node.h>

G_BEGIN_DECLS

typedef struct MgCounter MgCounter;

/* The counter NAME ("dropped-frames") of NODE; the same one when it exists. HELP: one line. Borrowed. */
MG_API MgCounter *mg_counter(MgNode *node, const char *name, const char *help);

MG_API void mg_counter_add(MgCounter *counter, guint64 n);

/* For gauges: sets the value. */
MG_API void mg_counter_set(MgCounter *counter, guint64 value);

MG_API guint64 mg_counter_value(MgCounter *counter);

G_END_DECLS
