/*
 * Strands on the worker pool. A strand with something in its mailbox is in the queue once, or being
 * run by one worker: so it never runs twice at a time. Its timers are woken by its alarm, an ordinary
 * timer on the first I/O lane.
 */
#include "loop/private.h"

static struct {
  GMutex lock;
  GCond has_work;
  GQueue strands; /* of MgLane *, each with a reference */
  GQueue armed;   /* of MgLane * with an alarm set, each with a reference; on the first I/O lane */
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
    mg_pool_schedule(mg_lane_ref(strand));
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

gboolean
mg_pool_run_rest(void)
{
  g_mutex_lock(&pool.lock);
  MgLane *strand = g_queue_pop_head(&pool.strands);
  g_mutex_unlock(&pool.lock);
  if (strand == NULL)
    return FALSE;
  run_strand(strand);
  mg_lane_unref(strand);
  return TRUE;
}

void
mg_pool_schedule(MgLane *strand)
{
  g_mutex_lock(&pool.lock);
  g_queue_push_tail(&pool.strands, strand);
  g_cond_signal(&pool.has_work);
  g_mutex_unlock(&pool.lock);
}

/* --- alarms ------------------------------------------------------------------------------------ */

/* Running the strand runs its due timers, and sets the alarm for the next. */
static void
ring_in_strand(gpointer data)
{
  MgLane *strand = data;
  __atomic_store_n(&strand->alarm_deadline, G_MAXINT64, __ATOMIC_RELAXED);
  mg_lane_unref(strand);
}

static void
ring(gpointer data)
{
  MgLane *strand = data;
  g_queue_unlink(&pool.armed, &strand->alarm_link);
  mg_lane_post(strand, ring_in_strand, strand);
}

/* A strand with an alarm set has a reference; one alarm is enough: it is moved. */
static void
set_on_io(gpointer data)
{
  MgLane *strand = data;
  MgTime deadline = __atomic_load_n(&strand->alarm_deadline, __ATOMIC_RELAXED);
  gboolean was_set = strand->alarm.lane != NULL;
  if (deadline != G_MAXINT64)
    mg_timer_start_at(&strand->alarm, deadline);
  if (!was_set && deadline != G_MAXINT64)
    g_queue_push_tail_link(&pool.armed, &strand->alarm_link);
  else
    mg_lane_unref(strand);
}

void
mg_pool_set_alarm(MgLane *strand)
{
  MgTime next = mg_timers_next(&strand->timers);
  if (next >= strand->alarm_deadline)
    return;
  __atomic_store_n(&strand->alarm_deadline, next, __ATOMIC_RELAXED);
  mg_lane_post(mg_lane_io(0), set_on_io, mg_lane_ref(strand));
}

void
mg_pool_drop_alarms(void)
{
  for (GList *link; (link = g_queue_pop_head_link(&pool.armed)) != NULL;)
    mg_lane_unref(link->data);
}

MgLane *
mg_lane_new_strand(const char *name)
{
  MgLane *strand = mg_lane_alloc(MG_LANE_STRAND, name);
  strand->alarm_deadline = G_MAXINT64;
  strand->alarm_link.data = strand;
  mg_timer_init(&strand->alarm, ring, strand);
  return strand;
}
