/*
 * The table of services that nodes of one graph offer each other (see <mediagraph/service.h>).
 *
 * The graph makes it and frees it behind its last node. It has a lock of its own: any thread. Whoever
 * offers, and who has found what is offered, is known by a pointer that is compared only.
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

/*
 * The table offered as NAME, borrowed, and *IMPL; NULL and ERROR when there is none. USER uses it from now on,
 * until it leaves.
 */
gconstpointer mg_offers_find(MgOffers *offers, const char *name, gpointer user, gpointer *impl,
                             GError **error);

/* USER uses nothing any more. */
void mg_offers_leave(MgOffers *offers, gpointer user);

/* Takes back what OWNER has offered, in use or not. */
void mg_offers_remove(MgOffers *offers, gpointer owner);

/* The same if nobody uses it. FALSE: somebody does, and nothing has changed. */
gboolean mg_offers_withdraw(MgOffers *offers, gpointer owner);
