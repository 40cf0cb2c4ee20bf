#include "loop/private.h"

#include "loop/clock.h"

#include <unistd.h>

__thread MgLane *mg_lane_here;

MgLane *
mg_lane_alloc(MgLaneKind kind, const char *name)
{
  MgLane *lane = g_new0(MgLane, 1);
  lane->kind = kind;
  lane->ref_count = 1;
  lane->name = g_strdup(name);
  lane->posts = g_array_new(FALSE, FALSE, sizeof(MgPost));
  lane->running = g_array_new(FALSE, FALSE, sizeof(MgPost));
  lane->epoll_fd = lane->event_fd = lane->patience.epoll_fd = -1;
  g_mutex_init(&lane->lock);
  mg_timers_init(&lane->timers);
  return lane;
}

void
mg_lane_free(MgLane *lane)
{
  mg_timers_clear(&lane->timers);
  g_array_unref(lane->posts);
  g_array_unref(lane->running);
  g_mutex_clear(&lane->lock);
  g_free(lane->name);
  g_free(lane);
}

MgLane *
mg_lane_current(void)
{
  return mg_lane_here;
}

MgLaneKind
mg_lane_kind(const MgLane *lane)
{
  return lane->kind;
}

void
mg_lane_enter(MgLane *lane)
{
  mg_lane_here = lane;
}

MgLane *
mg_lane_ref(MgLane *lane)
{
  g_atomic_int_inc(&lane->ref_count);
  return lane;
}

/* Not under the lock, which is the first thing that whoever wakes up needs. */
static void
wake(MgLane *lane)
{
  mg_epoll_wake(lane);
  g_atomic_int_add(&lane->n_wakers, -1);
}

/*
 * FUNC may drop the last reference to its lane. So once the lock is released a strand is not touched any
 * more, and other lanes by wakers only, whom their end waits for.
 */
void
mg_lane_post(MgLane *lane, MgLaneFunc func, gpointer data)
{
  MgPost post = { func, data };
  mg_lock(&lane->lock);
  gboolean wakes = lane->posts->len == 0 && lane->event_fd >= 0 && lane != mg_lane_here;
  g_array_append_val(lane->posts, post);
  gboolean schedules = lane->kind == MG_LANE_STRAND && !lane->is_scheduled;
  if (schedules) {
    lane->is_scheduled = TRUE;
    mg_lane_ref(lane);
  }
  if (wakes)
    g_atomic_int_inc(&lane->n_wakers);
  mg_unlock(&lane->lock);
  if (schedules)
    mg_pool_schedule(lane);
  else if (wakes)
    wake(lane);
}

gboolean
mg_lane_run_posts(MgLane *lane)
{
  mg_lock(&lane->lock);
  GArray *batch = lane->posts;
  lane->posts = lane->running;
  lane->running = batch;
  mg_unlock(&lane->lock);
  for (guint i = 0; i < batch->len; i++) {
    MgPost *post = &g_array_index(batch, MgPost, i);
    post->func(post->data);
  }
  gboolean had_any = batch->len > 0;
  g_array_set_size(batch, 0);
  return had_any;
}

gboolean
mg_lane_run_timers(MgLane *lane)
{
  if (lane->timers.heap->len == 0)
    return FALSE;
  MgTime now = mg_now();
  gboolean had_any = FALSE;
  for (MgTimer *t; (t = mg_timers_pop_due(&lane->timers, now)) != NULL; had_any = TRUE) {
    t->lane = NULL;
    gpointer previous = mg_lane_begin_call(lane, t->caller);
    t->func(t->data);
    mg_lane_end_call(lane, previous);
  }
  return had_any;
}

void
mg_timer_init(MgTimer *timer, MgLaneFunc func, gpointer data)
{
  *timer = (MgTimer){ .func = func, .data = data };
}

void
mg_timer_start_at(MgTimer *timer, MgTime deadline)
{
  MgLane *lane = mg_lane_here;
  g_assert(lane != NULL && (timer->lane == NULL || timer->lane == lane));
  timer->lane = lane;
  timer->caller = lane->calls.tag;
  timer->deadline = deadline;
  mg_timers_put(&lane->timers, timer);
  if (lane->kind == MG_LANE_STRAND)
    mg_pool_set_alarm(lane);
}

void
mg_timer_start_in(MgTimer *timer, MgTime delay)
{
  mg_timer_start_at(timer, mg_now() + delay);
}

void
mg_timer_stop(MgTimer *timer)
{
  if (timer->lane == NULL)
    return;
  g_assert(timer->lane == mg_lane_here);
  mg_timers_remove(&timer->lane->timers, timer);
  timer->lane = NULL;
}

void
mg_lane_run_manual(MgLane *lane)
{
  g_assert(lane->kind == MG_LANE_MANUAL && lane == mg_lane_here);
  mg_epoll_poll(lane, 0);
  if (lane->patience.is_paced)
    mg_patience_look(lane);
  while (mg_lane_run_posts(lane) || mg_lane_run_timers(lane))
    continue;
}

MgTime
mg_lane_next_deadline(MgLane *lane)
{
  return mg_timers_next(&lane->timers);
}

gpointer
mg_lane_peek_call(MgLane *lane, guint *n_calls)
{
  *n_calls = __atomic_load_n(&lane->calls.n, __ATOMIC_RELAXED);
  return __atomic_load_n(&lane->calls.tag, __ATOMIC_RELAXED);
}

static __thread gint locks_held;

void
mg_lock(GMutex *mutex)
{
  g_mutex_lock(mutex);
  locks_held++;
}

void
mg_unlock(GMutex *mutex)
{
  locks_held--;
  g_mutex_unlock(mutex);
}

gboolean
mg_holds_no_lock(void)
{
  return locks_held == 0;
}
