#include "auth/throttle.h"

#include <string.h>

#define FIRST_DELAY (250 * MG_MILLISECOND)
#define LAST_DELAY  (8 * MG_SECOND)
#define FORGIVEN    (600 * MG_SECOND)

enum { MOST_DOUBLINGS = 10 };

typedef struct {
  AuthNet net;
  guint n_failures;
  MgTime failed;
  GList link; /* in `by_age`, its data being the entry */
} Entry;

struct AuthThrottle {
  GHashTable *entries; /* AuthNet, inside its Entry → Entry * */
  GQueue by_age;       /* the one that failed longest ago first */
};

static guint
hash(gconstpointer data)
{
  const AuthNet *net = data;
  guint value = net->prefix;
  for (gsize i = 0; i < sizeof net->address.bytes; i++)
    value = value * 31 + net->address.bytes[i];
  return value;
}

static gboolean
equal(gconstpointer a, gconstpointer b)
{
  const AuthNet *x = a, *y = b;
  return x->prefix == y->prefix &&
         memcmp(x->address.bytes, y->address.bytes, sizeof x->address.bytes) == 0;
}

AuthThrottle *
auth_throttle_new(void)
{
  AuthThrottle *t = g_new0(AuthThrottle, 1);
  t->entries = g_hash_table_new_full(hash, equal, NULL, g_free);
  return t;
}

void
auth_throttle_free(AuthThrottle *t)
{
  g_hash_table_unref(t->entries);
  g_free(t);
}

guint
auth_throttle_size(const AuthThrottle *t)
{
  return g_hash_table_size(t->entries);
}

static void
forget(AuthThrottle *t, Entry *entry)
{
  g_queue_unlink(&t->by_age, &entry->link);
  g_hash_table_remove(t->entries, &entry->net);
}

static void
forget_old(AuthThrottle *t, MgTime now)
{
  for (GList *link; (link = t->by_age.head) != NULL;) {
    Entry *entry = link->data;
    if (entry->failed + FORGIVEN > now && auth_throttle_size(t) <= AUTH_THROTTLE_MOST)
      return;
    forget(t, entry);
  }
}

static Entry *
find_or_make(AuthThrottle *t, const AuthNet *net)
{
  Entry *entry = g_hash_table_lookup(t->entries, net);
  if (entry != NULL) {
    g_queue_unlink(&t->by_age, &entry->link);
    return entry;
  }
  entry = g_new0(Entry, 1);
  entry->net = *net;
  entry->link.data = entry;
  g_hash_table_insert(t->entries, &entry->net, entry);
  return entry;
}

MgTime
auth_throttle_fail(AuthThrottle *t, const AuthAddress *address, MgTime now)
{
  AuthNet net;
  auth_address_to_peer_net(address, &net);
  forget_old(t, now);
  Entry *entry = find_or_make(t, &net);
  entry->failed = now;
  entry->n_failures++;
  g_queue_push_tail_link(&t->by_age, &entry->link);
  guint n_failures = entry->n_failures;
  forget_old(t, now);
  return MIN(FIRST_DELAY << MIN(n_failures - 1, MOST_DOUBLINGS), LAST_DELAY);
}
