/* Services that nodes of one graph offer each other (see <mediagraph/service.h>). */
#pragma once

#include <mediagraph/service.h>

/* Returned-owned: an empty table of offers, for the graph to keep under its lock. */
GHashTable *mg_offers_new(void);
