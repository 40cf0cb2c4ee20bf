/*
 * The table of services that nodes of one graph offer each other (see <mediagraph/service.h>).
 *
 * The graph makes it and frees it behind its last node. It has a lock of its own: any thread. Whoever
 * offers is known by a pointer that is compared only.
 */
#pragma once

#include <mediagraph/types.h>

typedef struct MgOffers MgOffers;

/* Returned-owned: an empty table. */
MgOffers *mg_offers_new(void);
void mg_offers_free(MgOffers *offers); /* NULL is fine */

/* FALSE and ERROR when NAME is offered already. TABLE and IMPL are borrowed until they are removed. */
gboolean mg_offers_add(MgOffers *offers, const char *name, gconstpointer table, gpointer impl,
                       gpointer owner, GError **error);

/* The table offered as NAME, borrowed, and *IMPL; NULL and ERROR when there is none. */
gconstpointer mg_offers_find(MgOffers *offers, const char *name, gpointer *impl, GError **error);

/* Takes back what OWNER has offered. */
void mg_offers_remove(MgOffers *offers, gpointer owner);
