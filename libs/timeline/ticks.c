#include "timeline/ticks.h"

#define NS_PER_S 1000000000u

/* V * NUM / DEN, half away from zero; NUM and DEN below 2^32. */
static gint64
scale(gint64 v, guint32 num, guint32 den)
{
  __int128 product = (__int128) v * num;
  __int128 half = product < 0 ? -(__int128) (den / 2) : den / 2;
  __int128 result = (product + half) / den;
  return (gint64) CLAMP(result, (__int128) G_MININT64, (__int128) G_MAXINT64);
}

gint64
mg_time_to_ticks(gint64 ns, guint32 timescale)
{
  g_assert(timescale > 0);
  return scale(ns, timescale, NS_PER_S);
}

gint64
mg_time_from_ticks(gint64 ticks, guint32 timescale)
{
  g_assert(timescale > 0);
  return scale(ticks, NS_PER_S, timescale);
}
