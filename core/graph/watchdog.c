#include "graph/watchdog.h"

#define INTERVAL    MG_SECOND
#define STALL_LIMIT (5 * MG_SECOND)

static struct {
  GMutex lock; /* all below, and what nodes keep for the watchdog */
  GCond stops;
  GHashTable *nodes; /* a set of MgNode *; NULL: none */
  guint n_users;
  GThread *thread;
  MgTime interval, limit;
} dog = { .interval = INTERVAL, .limit = STALL_LIMIT };

void
mg_watchdog_add(MgNode *node)
{
  g_mutex_lock(&dog.lock);
  if (dog.nodes == NULL)
    dog.nodes = g_hash_table_new(NULL, NULL);
  g_hash_table_add(dog.nodes, node);
  g_mutex_unlock(&dog.lock);
}

void
mg_watchdog_remove(MgNode *node)
{
  g_mutex_lock(&dog.lock);
  g_hash_table_remove(dog.nodes, node);
  if (g_hash_table_size(dog.nodes) == 0)
    g_clear_pointer(&dog.nodes, g_hash_table_unref);
  g_mutex_unlock(&dog.lock);
}

/* --- looking, under the lock: a node that is in the set stays, and so does its lane ----------------- */

static double
seconds(MgTime time)
{
  return (double) time / MG_SECOND;
}

static void
report_stall(MgNode *node, MgTime lasted)
{
  node->is_stalled = TRUE;
  mg_counter_add(mg_counter(node, "stalls", "calls that took longer than five seconds"), 1);
  mg_warning(node, "has been busy with one call for %.1f s, and holds up its lane",
             seconds(lasted));
}

static void
report_return(MgNode *node, MgTime lasted)
{
  node->is_stalled = FALSE;
  mg_info(node, "is back from a call that took about %.1f s", seconds(lasted));
}

static void
look_at(MgNode *node, MgTime now)
{
  guint n_calls;
  gboolean is_called = mg_lane_peek_call(node->lane, &n_calls) == node;
  MgTime lasted = now - node->call_seen;
  if (is_called && node->is_call_seen && node->call_number == n_calls) {
    if (!node->is_stalled && lasted >= dog.limit)
      report_stall(node, lasted);
    return;
  }
  if (node->is_stalled)
    report_return(node, lasted);
  node->is_call_seen = is_called;
  node->call_number = n_calls;
  node->call_seen = now;
}

void
mg_watchdog_look(MgTime now)
{
  GHashTableIter iter;
  g_mutex_lock(&dog.lock);
  if (dog.nodes != NULL) {
    g_hash_table_iter_init(&iter, dog.nodes);
    for (gpointer node; g_hash_table_iter_next(&iter, &node, NULL);)
      look_at(node, now);
  }
  g_mutex_unlock(&dog.lock);
}

/* --- the thread ------------------------------------------------------------------------------------ */

static gboolean
sleep_once(void)
{
  g_mutex_lock(&dog.lock);
  gint64 end_us = g_get_monotonic_time() + dog.interval / MG_MICROSECOND;
  while (dog.n_users > 0 && g_cond_wait_until(&dog.stops, &dog.lock, end_us))
    continue;
  gboolean goes_on = dog.n_users > 0;
  g_mutex_unlock(&dog.lock);
  return goes_on;
}

static gpointer
run(gpointer unused)
{
  while (sleep_once())
    mg_watchdog_look(g_get_monotonic_time() * MG_MICROSECOND);
  return NULL;
}

void
mg_watchdog_start(void)
{
  g_mutex_lock(&dog.lock);
  if (dog.n_users++ == 0)
    dog.thread = g_thread_new("watchdog", run, NULL);
  g_mutex_unlock(&dog.lock);
}

void
mg_watchdog_stop(void)
{
  g_mutex_lock(&dog.lock);
  gboolean is_last = --dog.n_users == 0;
  g_cond_broadcast(&dog.stops);
  g_mutex_unlock(&dog.lock);
  if (is_last)
    g_thread_join(g_steal_pointer(&dog.thread));
}

void
mg_watchdog_set_limits(MgTime interval, MgTime limit)
{
  g_mutex_lock(&dog.lock);
  dog.interval = interval > 0 ? interval : INTERVAL;
  dog.limit = limit > 0 ? limit : STALL_LIMIT;
  g_mutex_unlock(&dog.lock);
}
