#include "host/services.h"

#include "graph/graph.h"
#include "graph/node.h"

typedef struct {
  gconstpointer table;
  gpointer impl;
  MgNode *node; /* to compare only */
} Offer;

GHashTable *
mg_offers_new(void)
{
  return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

gboolean
mg_offers_add(GHashTable *offers, const char *name, gconstpointer table, gpointer impl,
              MgNode *node)
{
  if (g_hash_table_contains(offers, name))
    return FALSE;
  Offer offer = { table, impl, node };
  g_hash_table_insert(offers, g_strdup(name), g_memdup2(&offer, sizeof offer));
  return TRUE;
}

static gboolean
is_of(gpointer name, gpointer offer, gpointer node)
{
  return ((Offer *) offer)->node == node;
}

void
mg_services_withdraw(MgNode *node)
{
  mg_lock(&node->graph->lock);
  g_hash_table_foreach_remove(node->graph->offers, is_of, node);
  mg_unlock(&node->graph->lock);
}

gboolean
mg_service_offer(MgNode *node, const char *name, gconstpointer table, gpointer impl, GError **error)
{
  MgGraph *graph = node->graph;
  mg_lock(&graph->lock);
  gboolean is_free = mg_offers_add(graph->offers, name, table, impl, node);
  mg_unlock(&graph->lock);
  if (!is_free)
    g_set_error(error, MG_ERROR, MG_ERROR_BUSY,
                "another element offers the service '%s' already; keep one of them", name);
  return is_free;
}

gconstpointer
mg_service_find(MgNode *node, const char *name, gpointer *impl, GError **error)
{
  MgGraph *graph = node->graph;
  mg_lock(&graph->lock);
  const Offer *offer = g_hash_table_lookup(graph->offers, name);
  gconstpointer table = offer ? offer->table : NULL;
  *impl = offer ? offer->impl : NULL;
  mg_unlock(&graph->lock);
  if (table == NULL)
    g_set_error(error, MG_ERROR, MG_ERROR_UNSUPPORTED,
                "needs the service '%s': add a <%s/> element at the top of the file", name, name);
  return table;
}
