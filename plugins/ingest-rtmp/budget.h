/*
 * The memory that a node's connections share: their unfinished messages, what waits to be sent to them, what was
 * read and not yet handled, and what players are behind by. Each of them has limits of its own; this is the one
 * that holds for all of them together. Who asks for more than there is goes, and nobody else does.
 *
 * Counted is what a peer has a say in, when it is allocated and when it is freed. What has become a packet of
 * the pipeline is no longer the connection's.
 *
 * Any thread.
 */
#pragma once

#include <mediagraph/counter.h>
#include <mediagraph/data.h>

typedef struct {
  gsize most;
  gsize used;         /* atomic */
  MgCounter *gauge;   /* of `used` */
  MgCounter *starved; /* connections that were closed for want of it */
} Budget;

/* FALSE: there is not so much left; nothing has changed. */
gboolean budget_take(Budget *budget, gsize size);

/* Takes what players are to have, if need be more than there is: see that it becomes less while it is short. */
void budget_owe(Budget *budget, gsize size);

/* Whether less than a quarter is left, which players that are behind may not have: it is for who publishes. */
gboolean budget_is_short(const Budget *budget);

void budget_give(Budget *budget, gsize size);

/* *CHARGED becomes TO: takes, or gives, the difference. FALSE: there is not so much left; it is as it was. */
gboolean budget_set(Budget *budget, gsize *charged, gsize to);

/*
 * Returned-owned: SIZE bytes of DATA (borrowed) from OFFSET on, which are owed until the last reference to them
 * goes. BUDGET has to be there then.
 */
MgData *budget_wrap(Budget *budget, MgData *data, gsize offset, gsize size);

/* Counts PEER, which asked for too much and is to be closed, and logs it. Returned-owned: why. */
char *budget_complain(Budget *budget, MgNode *node, const char *peer);
