#include "net/peers.h"

#include "loop/lane.h"

#include <string.h>

struct MgPeers {
  GMutex lock;
  GHashTable *counts; /* MgPeerKey → number of connections; none with 0 */
  guint most;
};

static guint
key_hash(gconstpointer key)
{
  guint64 half[2];
  memcpy(half, key, sizeof half);
  guint64 mixed = (half[0] ^ half[1]) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
  return (guint) (mixed >> 32);
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(MgPeerKey)) == 0;
}

MgPeers *
mg_peers_new(guint most)
{
  MgPeers *peers = g_new0(MgPeers, 1);
  g_mutex_init(&peers->lock);
  peers->counts = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
  peers->most = most;
  return peers;
}

void
mg_peers_free(MgPeers *peers)
{
  if (peers == NULL)
    return;
  g_hash_table_unref(peers->counts);
  g_mutex_clear(&peers->lock);
  g_free(peers);
}

static void
set_count(MgPeers *peers, MgPeerKey key, guint n)
{
  if (n == 0)
    g_hash_table_remove(peers->counts, &key);
  else
    g_hash_table_replace(peers->counts, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(n));
}

gboolean
mg_peers_take(MgPeers *peers, MgPeerKey key)
{
  mg_lock(&peers->lock);
  guint n = GPOINTER_TO_UINT(g_hash_table_lookup(peers->counts, &key));
  gboolean fits = n < peers->most;
  if (fits)
    set_count(peers, key, n + 1);
  mg_unlock(&peers->lock);
  return fits;
}

void
mg_peers_give(MgPeers *peers, MgPeerKey key)
{
  mg_lock(&peers->lock);
  guint n = GPOINTER_TO_UINT(g_hash_table_lookup(peers->counts, &key));
  g_assert(n > 0);
  set_count(peers, key, n - 1);
  mg_unlock(&peers->lock);
}
