#include "loop/clock.h"

#include <time.h>

static MgTime (*fake_now)(void);
static gint64 (*fake_utc_now_us)(void);

/* UTC when mg_now() was 0, in microseconds. */
static gint64 steady_base_us;
static gint has_base; /* atomic */

void
mg_clock_set(MgTime (*now)(void), gint64 (*utc_now_us)(void))
{
  fake_now = now;
  fake_utc_now_us = utc_now_us;
  mg_clock_begin_anew();
}

void
mg_clock_begin_anew(void)
{
  g_atomic_int_set(&has_base, FALSE);
}

MgTime
mg_now(void)
{
  if (G_UNLIKELY(fake_now != NULL))
    return fake_now();
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * MG_SECOND + t.tv_nsec;
}

gint64
mg_utc_now_us(void)
{
  return G_UNLIKELY(fake_utc_now_us != NULL) ? fake_utc_now_us() : g_get_real_time();
}

static void
take_base(void)
{
  static GMutex lock;
  g_mutex_lock(&lock);
  if (!has_base)
    steady_base_us = mg_utc_now_us() - mg_now() / MG_MICROSECOND;
  g_atomic_int_set(&has_base, TRUE);
  g_mutex_unlock(&lock);
}

gint64
mg_utc_steady_us(void)
{
  if (G_UNLIKELY(!g_atomic_int_get(&has_base)))
    take_base();
  return steady_base_us + mg_now() / MG_MICROSECOND;
}
