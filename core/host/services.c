#include "host/services.h"

#include "loop/lane.h"

struct MgOffers {
  GMutex lock;
  GHashTable *table; /* service name -> Offer * */
};

typedef struct {
  gconstpointer table;
  gpointer impl;
  gpointer owner;
  GHashTable *users; /* who has found it: a set, to compare only */
} Offer;

static void
offer_free(gpointer data)
{
  Offer *offer = data;
  g_hash_table_unref(offer->users);
  g_free(offer);
}

MgOffers *
mg_offers_new(void)
{
  MgOffers *offers = g_new0(MgOffers, 1);
  g_mutex_init(&offers->lock);
  offers->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, offer_free);
  return offers;
}

void
mg_offers_free(MgOffers *offers)
{
  if (offers == NULL)
    return;
  g_hash_table_unref(offers->table);
  g_mutex_clear(&offers->lock);
  g_free(offers);
}

gboolean
mg_offers_add(MgOffers *offers, const char *name, gconstpointer table, gpointer impl,
              gpointer owner, GError **error)
{
  Offer offer = { table, impl, owner, NULL };
  mg_lock(&offers->lock);
  gboolean is_free = !g_hash_table_contains(offers->table, name);
  if (is_free) {
    offer.users = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(offers->table, g_strdup(name), g_memdup2(&offer, sizeof offer));
  }
  mg_unlock(&offers->lock);
  if (!is_free)
    g_set_error(error, MG_ERROR, MG_ERROR_BUSY,
                "another element offers the service '%s' already; keep one of them", name);
  return is_free;
}

gconstpointer
mg_offers_find(MgOffers *offers, const char *name, gpointer user, gpointer *impl, GError **error)
{
  mg_lock(&offers->lock);
  const Offer *offer = g_hash_table_lookup(offers->table, name);
  gconstpointer table = offer ? offer->table : NULL;
  *impl = offer ? offer->impl : NULL;
  if (offer != NULL && offer->owner != user)
    g_hash_table_add(offer->users, user);
  mg_unlock(&offers->lock);
  if (table == NULL)
    g_set_error(error, MG_ERROR, MG_ERROR_UNSUPPORTED,
                "needs the service '%s': add a <%s/> element at the top of the file", name, name);
  return table;
}

static gboolean
is_of(gpointer name, gpointer offer, gpointer owner)
{
  return ((Offer *) offer)->owner == owner;
}

void
mg_offers_remove(MgOffers *offers, gpointer owner)
{
  mg_lock(&offers->lock);
  g_hash_table_foreach_remove(offers->table, is_of, owner);
  mg_unlock(&offers->lock);
}

void
mg_offers_leave(MgOffers *offers, gpointer user)
{
  GHashTableIter iter;
  mg_lock(&offers->lock);
  g_hash_table_iter_init(&iter, offers->table);
  for (gpointer offer; g_hash_table_iter_next(&iter, NULL, &offer);)
    g_hash_table_remove(((Offer *) offer)->users, user);
  mg_unlock(&offers->lock);
}

static gboolean
is_in_use(gpointer name, gpointer data, gpointer owner)
{
  const Offer *offer = data;
  return offer->owner == owner && g_hash_table_size(offer->users) > 0;
}

gboolean
mg_offers_withdraw(MgOffers *offers, gpointer owner)
{
  mg_lock(&offers->lock);
  gboolean is_free = g_hash_table_find(offers->table, is_in_use, owner) == NULL;
  if (is_free)
    g_hash_table_foreach_remove(offers->table, is_of, owner);
  mg_unlock(&offers->lock);
  return is_free;
}
