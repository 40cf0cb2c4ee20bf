/*
 * From the name of a host to its addresses. The system's resolver blocks, so it is asked on a
 * thread of the question's own.
 */
#pragma once

#include "net/address.h"

#include <mediagraph/lane.h>

/*
 * ADDRESSES (of MgAddress, taken) in the order in which to try them; WHY there are none, a sentence,
 * if there are none (borrowed).
 */
typedef void (*MgResolved)(GArray *addresses, const char *why, gpointer data);

typedef struct MgQuestion MgQuestion;

/*
 * Calls RESOLVED(…, DATA) on the current lane, once, however long it takes; the question is gone then.
 * HOST is copied. A question must be answered or abandoned before its lane ends.
 */
MgQuestion *mg_resolve(const char *host, guint port, MgResolved resolved, gpointer data);

/* Nobody waits for the answer any more: RESOLVED is not called, QUESTION is gone. On its lane. */
void mg_resolve_abandon(MgQuestion *question);

/* For tests: what is asked in place of the system; NULL: the system. Appends to ADDRESSES or says WHY. */
typedef void (*MgLookup)(const char *host, guint port, GArray *addresses, char **why);
void mg_resolve_use(MgLookup lookup);
