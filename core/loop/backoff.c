#include <mediagraph/lane.h>

MgTime
mg_back_off(guint n_failures, MgTime first, MgTime last)
{
  guint n_doublings = MIN(MAX(n_failures, 1) - 1, 20);
  MgTime delay = MIN(first << n_doublings, last);
  return delay * 3 / 4 + g_random_int_range(0, 1000) * (delay / 2000);
}
