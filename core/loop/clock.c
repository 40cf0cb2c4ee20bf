#include "loop/clock.h"

#include <time.h>

static MgTime (*fake_now)(void);
static gint64 (*fake_utc_now_us)(void);

void
mg_clock_set(MgTime (*now)(void), gint64 (*utc_now_us)(void))
{
  fake_now = now;
  fake_utc_now_us = utc_now_us;
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
