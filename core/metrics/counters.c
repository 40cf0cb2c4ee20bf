#include "metrics/counters.h"

#include "loop/lane.h"

struct MgCounter {
  const char *name, *help; /* interned */
  guint64 value;           /* relaxed atomic */
};

/* --- a set ------------------------------------------------------------------------------------- */

void
mg_counters_init(MgCounters *counters)
{
  g_mutex_init(&counters->lock);
  counters->all = g_ptr_array_new_with_free_func(g_free);
}

void
mg_counters_clear(MgCounters *counters)
{
  g_clear_pointer(&counters->all, g_ptr_array_unref);
  g_mutex_clear(&counters->lock);
}

/* Under lock. */
static MgCounter *
find(MgCounters *counters, const char *name)
{
  for (guint i = 0; i < counters->all->len; i++) {
    MgCounter *counter = g_ptr_array_index(counters->all, i);
    if (g_str_equal(counter->name, name))
      return counter;
  }
  return NULL;
}

MgCounter *
mg_counters_get(MgCounters *counters, const char *name, const char *help)
{
  mg_lock(&counters->lock);
  MgCounter *counter = find(counters, name);
  if (counter == NULL) {
    counter = g_new0(MgCounter, 1);
    counter->name = g_intern_string(name);
    counter->help = g_intern_string(help);
    g_ptr_array_add(counters->all, counter);
  }
  mg_unlock(&counters->lock);
  return counter;
}

guint64
mg_counters_value(MgCounters *counters, const char *name)
{
  mg_lock(&counters->lock);
  MgCounter *counter = find(counters, name);
  mg_unlock(&counters->lock);
  return counter ? mg_counter_value(counter) : 0;
}

/* --- one of them ------------------------------------------------------------------------------- */

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
