/*
 * Names nodes whose call takes too long, and says when it has returned.
 *
 * A thread of its own looks once a second at what the lane of each node is calling: the same call as
 * five seconds ago is a stall. That is one warning, one line when it is over, and the node's counter
 * "stalls". A timer's callback counts as a call of the node that started the timer.
 */
#pragma once

#include "graph/node.h"

/* From its making to its freeing a node is looked at. Any thread. */
void mg_watchdog_add(MgNode *node);
void mg_watchdog_remove(MgNode *node);

/* Counted: the thread runs from the first start to the last stop. Main thread. */
void mg_watchdog_start(void);
void mg_watchdog_stop(void);

/* For tests: how often it looks, and how long a call may take. 0, 0: as above. While it does not run. */
void mg_watchdog_set_limits(MgTime interval, MgTime limit);

/* One look, at NOW of any steady clock. */
void mg_watchdog_look(MgTime now);
