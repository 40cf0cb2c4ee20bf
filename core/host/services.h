/*
 * Services that nodes of one graph offer each other (see <mediagraph/service.h>). The graph keeps the
 * table of offers under its lock.
 */
#pragma once

#include <mediagraph/service.h>

/* Returned-owned: an empty table of offers. */
GHashTable *mg_offers_new(void);

/* FALSE when NAME is offered already. NODE is compared only; TABLE and IMPL are borrowed. */
gboolean mg_offers_add(GHashTable *offers, const char *name, gconstpointer table, gpointer impl,
                       MgNode *node);

/* Takes back what NODE has offered. On its lane. */
void mg_services_withdraw(MgNode *node);
