#include "metrics/counters.h"

#include "graph/node.h"

struct MgCounter {
  const char *name, *help; /* interned */
  guint64 value;           /* relaxed atomic */
};

static MgCounter *
find(MgNode *node, const char *name)
{
  for (guint i = 0; i < node->counters->len; i++) {
    MgCounter *counter = g_ptr_array_index(node->counters, i);
    if (g_str_equal(counter->name, name))
      return counter;
  }
  return NULL;
}

MgCounter *
mg_counter(MgNode *node, const char *name, const char *help)
{
  mg_lock(&node->counters_lock);
  MgCounter *counter = find(node, name);
  if (counter == NULL) {
    counter = g_new0(MgCounter, 1);
    counter->name = g_intern_string(name);
    counter->help = g_intern_string(help);
    g_ptr_array_add(node->counters, counter);
  }
  mg_unlock(&node->counters_lock);
  return counter;
}

void
mg_counter_add(MgCounter *counter, guint64 n)
{
  __atomic_fetch_add(&counter->value, n, __ATOMIC_RELAXED);
}

void
mg_counter_set(MgCounter *counter, guint64 value)
{
  __atomic_store_n(&counter->value, value, __ATOMIC_RELAXED);
}

guint64
mg_counter_value(MgCounter *counter)
{
  return __atomic_load_n(&counter->value, __ATOMIC_RELAXED);
}

guint64
mg_counter_value_of(MgNode *node, const char *name)
{
  mg_lock(&node->counters_lock);
  MgCounter *counter = find(node, name);
  mg_unlock(&node->counters_lock);
  return counter ? mg_counter_value(counter) : 0;
}
