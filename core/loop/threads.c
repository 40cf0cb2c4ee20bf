/*
 * The process's lanes: starting and ending the threads behind them.
 */
#include "loop/private.h"

#include <glib/gstdio.h>
#include <malloc.h>
#include <unistd.h>

static struct {
  MgLane **lanes;
  GThread **threads; /* NULL: the lanes are run by hand */
  guint n;
} io;

/* Thread lanes that have not ended: mg_lanes_stop() waits for them. */
static GMutex thread_lock;
static GCond thread_ended;
static guint n_threads;

/*
 * Payload blocks of key frames are larger than malloc's threshold for mapping, and would be mapped and
 * unmapped, with a page fault per 4 KiB, all day long. Kept on the heap they are reused.
 */
enum { MMAP_THRESHOLD = 32 << 20, TRIM_THRESHOLD = 64 << 20 };

static gpointer
run_io(gpointer data)
{
  mg_lane_offer_clock(data);
  mg_epoll_run(data);
  return NULL;
}

static void
open_lanes(guint n, MgLaneKind kind)
{
  io.n = n;
  io.lanes = g_new0(MgLane *, n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf("io-%u", i);
    io.lanes[i] = mg_lane_alloc(kind, name);
    mg_epoll_open(io.lanes[i]);
  }
}

MgLane *
mg_lanes_start_manual(void)
{
  open_lanes(1, MG_LANE_MANUAL);
  return io.lanes[0];
}

void
mg_lanes_start(guint n)
{
  mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
  mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
  open_lanes(n > 0 ? n : MAX(g_get_num_processors(), 1), MG_LANE_IO);
  io.threads = g_new0(GThread *, io.n);
  for (guint i = 0; i < io.n; i++)
    io.threads[i] = g_thread_new(io.lanes[i]->name, run_io, io.lanes[i]);
  mg_pool_start(io.n);
}

static void
stop_here(gpointer data)
{
  MgLane *lane = data;
  lane->is_stopping = TRUE;
}

static void
stop_io(void)
{
  for (guint i = 0; i < io.n; i++)
    mg_lane_post(io.lanes[i], stop_here, io.lanes[i]);
  for (guint i = 0; i < io.n; i++)
    g_thread_join(io.threads[i]);
}

/* Runs, on the calling thread, what lanes that run no more posted to each other. TRUE if there was any. */
static gboolean
run_rest(void)
{
  gboolean had_any = mg_pool_run_rest();
  for (guint i = 0; i < io.n; i++) {
    mg_lane_here = io.lanes[i];
    had_any |= mg_lane_run_posts(io.lanes[i]);
  }
  mg_lane_here = NULL;
  return had_any;
}

static void
run_all_rest(void)
{
  for (guint round = 0; round < MG_LAST_ROUNDS && run_rest(); round++)
    continue;
}

/* Nobody else runs the manual lanes, whose posts a thread lane may be waiting for. */
static void
wait_for_threads(void)
{
  g_mutex_lock(&thread_lock);
  while (n_threads > 0 && io.threads != NULL)
    g_cond_wait(&thread_ended, &thread_lock);
  while (n_threads > 0) {
    g_mutex_unlock(&thread_lock);
    run_rest();
    g_mutex_lock(&thread_lock);
    g_cond_wait_until(&thread_ended, &thread_lock,
                      g_get_monotonic_time() + G_TIME_SPAN_MILLISECOND);
  }
  g_mutex_unlock(&thread_lock);
}

/* Whoever has posted the last thing may still be about to wake the lane. */
static void
end_lane(MgLane *lane)
{
  while (g_atomic_int_get(&lane->n_wakers) > 0)
    g_thread_yield();
  mg_epoll_close(lane);
  mg_lane_free(lane);
}

void
mg_lanes_stop(void)
{
  g_assert(mg_lane_here == NULL);
  wait_for_threads();
  mg_pool_stop();
  if (io.threads != NULL)
    stop_io();
  g_clear_pointer(&io.threads, g_free);
  run_all_rest();
  wait_for_threads();
  mg_pool_drop_alarms();
  for (guint i = 0; i < io.n; i++)
    end_lane(io.lanes[i]);
  g_clear_pointer(&io.lanes, g_free);
  io.n = 0;
}

guint
mg_lane_n_io(void)
{
  return io.n;
}

MgLane *
mg_lane_io(guint index)
{
  return io.lanes[index];
}

static gpointer
run_thread(gpointer data)
{
  MgLane *lane = data;
  mg_epoll_run(lane);
  end_lane(lane);
  g_mutex_lock(&thread_lock);
  n_threads--;
  g_cond_signal(&thread_ended);
  g_mutex_unlock(&thread_lock);
  return NULL;
}

MgLane *
mg_lane_new_thread(const char *name)
{
  MgLane *lane = mg_lane_alloc(MG_LANE_THREAD, name);
  mg_epoll_open(lane);
  g_mutex_lock(&thread_lock);
  n_threads++;
  g_mutex_unlock(&thread_lock);
  g_thread_unref(g_thread_new(name, run_thread, lane));
  return lane;
}

/* The thread frees its lane once it has seen the post, so the lane is touched under its lock only. */
static void
stop_thread(MgLane *lane)
{
  MgPost post = { stop_here, lane };
  mg_lock(&lane->lock);
  g_array_append_val(lane->posts, post);
  mg_epoll_wake(lane);
  mg_unlock(&lane->lock);
}

void
mg_lane_unref(MgLane *lane)
{
  if (lane == NULL || !g_atomic_int_dec_and_test(&lane->ref_count))
    return;
  g_assert(lane->kind == MG_LANE_STRAND || lane->kind == MG_LANE_THREAD);
  if (lane->kind == MG_LANE_THREAD)
    stop_thread(lane);
  else
    mg_lane_free(lane);
}
