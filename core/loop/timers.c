#include "loop/timers.h"

/* A running timer's place is kept in `slot`, from 1; 0 means that it is in no heap. */

void
mg_timers_init(MgTimers *timers)
{
  timers->heap = g_ptr_array_new();
}

void
mg_timers_clear(MgTimers *timers)
{
  g_clear_pointer(&timers->heap, g_ptr_array_unref);
}

static MgTimer *
at(const MgTimers *timers, guint slot)
{
  return g_ptr_array_index(timers->heap, slot - 1);
}

static void
place(MgTimers *timers, MgTimer *timer, guint slot)
{
  timers->heap->pdata[slot - 1] = timer;
  timer->slot = slot;
}

static void
sift_up(MgTimers *timers, MgTimer *timer, guint slot)
{
  while (slot > 1 && at(timers, slot / 2)->deadline > timer->deadline) {
    place(timers, at(timers, slot / 2), slot);
    slot /= 2;
  }
  place(timers, timer, slot);
}

static void
sift_down(MgTimers *timers, MgTimer *timer, guint slot)
{
  guint n = timers->heap->len;
  for (guint child = slot * 2; child <= n; child = slot * 2) {
    if (child < n && at(timers, child + 1)->deadline < at(timers, child)->deadline)
      child++;
    if (timer->deadline <= at(timers, child)->deadline)
      break;
    place(timers, at(timers, child), slot);
    slot = child;
  }
  place(timers, timer, slot);
}

void
mg_timers_put(MgTimers *timers, MgTimer *timer)
{
  if (timer->slot == 0) {
    g_ptr_array_add(timers->heap, timer);
    timer->slot = timers->heap->len;
  }
  sift_up(timers, timer, timer->slot);
  sift_down(timers, timer, timer->slot);
}

void
mg_timers_remove(MgTimers *timers, MgTimer *timer)
{
  guint slot = timer->slot;
  if (slot == 0)
    return;
  MgTimer *last = at(timers, timers->heap->len);
  g_ptr_array_set_size(timers->heap, (gint) timers->heap->len - 1);
  timer->slot = 0;
  if (last == timer)
    return;
  sift_up(timers, last, slot);
  sift_down(timers, last, last->slot);
}

MgTime
mg_timers_next(const MgTimers *timers)
{
  return timers->heap->len > 0 ? at(timers, 1)->deadline : G_MAXINT64;
}

MgTimer *
mg_timers_pop_due(MgTimers *timers, MgTime now)
{
  if (mg_timers_next(timers) > now)
    return NULL;
  MgTimer *timer = at(timers, 1);
  mg_timers_remove(timers, timer);
  return timer;
}
