/*
 * Strands on the worker pool. A strand with something in its mailbox is in the queue once, or being
 * run by one worker: so it never runs twice at a time. Its timers are woken by an alarm, an ordinary
 * timer on the first I/O lane.
 */
#include "loop/private.h"

static struct {
  GMutex lock;
  GCond has_work;
  GQueue strands; /* of MgLane *, each with a reference */
  gboolean is_stopping;
  GThread **workers;
  guint n_workers;
} pool;

static void
run_strand(MgLane *strand)
{
  mg_lane_here = strand;
  mg_lane_run_posts(strand);
  mg_lane_run_timers(strand);
  mg_pool_set_alarm(strand);
  mg_lane_here = NULL;
  mg_lock(&strand->lock);
  strand->is_scheduled = strand->posts->len > 0;
  gboolean again = strand->is_scheduled;
  mg_unlock(&strand->lock);
  if (again)
    mg_pool_schedule(strand);
}

static gpointer
work(gpointer unused)
{
  for (;;) {
    g_mutex_lock(&pool.lock);
    while (g_queue_is_empty(&pool.strands) && !pool.is_stopping)
      g_cond_wait(&pool.has_work, &pool.lock);
    MgLane *strand = g_queue_pop_head(&pool.strands);
    g_mutex_unlock(&pool.lock);
    if (strand == NULL)
      return NULL;
    run_strand(strand);
    mg_lane_unref(strand);
  }
}

void
mg_pool_start(guint n_workers)
{
  pool.is_stopping = FALSE;
  pool.n_workers = n_workers;
  pool.workers = g_new0(GThread *, n_workers);
  for (guint i = 0; i < n_workers; i++)
    pool.workers[i] = g_thread_new("worker", work, NULL);
}

void
mg_pool_stop(void)
{
  g_mutex_lock(&pool.lock);
  pool.is_stopping = TRUE;
  g_cond_broadcast(&pool.has_work);
  g_mutex_unlock(&pool.lock);
  for (guint i = 0; i < pool.n_workers; i++)
    g_thread_join(pool.workers[i]);
  g_clear_pointer(&pool.workers, g_free);
  pool.n_workers = 0;
}

void
mg_pool_schedule(MgLane *strand)
{
  g_mutex_lock(&pool.lock);
  g_queue_push_tail(&pool.strands, mg_lane_ref(strand));
  g_cond_signal(&pool.has_work);
  g_mutex_unlock(&pool.lock);
}

MgLane *
mg_lane_new_strand(const char *name)
{
  return mg_lane_alloc(MG_LANE_STRAND, name);
}

/* An alarm on its way: made by the strand, owned by the I/O lane, gone when it has rung. */
typedef struct {
  MgTimer timer;
  MgLane *strand;
  MgTime deadline;
} Alarm;

static void
ring_in_strand(gpointer data)
{
  /* Running the strand runs its due timers; there is nothing more to do. */
  MgLane *strand = data;
  strand->alarm_deadline = G_MAXINT64;
  mg_lane_unref(strand);
}

static void
ring(gpointer data)
{
  Alarm *alarm = data;
  mg_lane_post(alarm->strand, ring_in_strand, alarm->strand);
  g_free(alarm);
}

static void
set_on_io(gpointer data)
{
  Alarm *alarm = data;
  mg_timer_start_at(&alarm->timer, alarm->deadline);
}

void
mg_pool_set_alarm(MgLane *strand)
{
  MgTime next = mg_timers_next(&strand->timers);
  if (next >= strand->alarm_deadline)
    return;
  strand->alarm_deadline = next;
  Alarm *alarm = g_new0(Alarm, 1);
  alarm->strand = mg_lane_ref(strand);
  alarm->deadline = next;
  mg_timer_init(&alarm->timer, ring, alarm);
  mg_lane_post(mg_lane_io(0), set_on_io, alarm);
}

void
mg_pool_drop_alarms(MgLane *lane)
{
  for (MgTimer *t; (t = mg_timers_pop_due(&lane->timers, G_MAXINT64 - 1)) != NULL;) {
    if (t->func != ring)
      continue;
    Alarm *alarm = t->data;
    mg_lane_unref(alarm->strand);
    g_free(alarm);
  }
}
