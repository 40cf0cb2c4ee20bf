/* The engine's own view of counters. */
#pragma once

#include <mediagraph/counter.h>

/* The value of NODE's counter NAME; 0 when it has none. Any thread. */
guint64 mg_counter_value_of(MgNode *node, const char *name);
