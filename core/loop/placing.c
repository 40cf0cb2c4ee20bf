/*
 * Which I/O lane a new session goes to.
 *
 * Not the one with the fewest: paced media wakes its lane for every frame, and a wake-up costs more
 * than what is then done. Many sessions on one lane share wake-ups and warm caches: measured with 100
 * publishers, spreading them over two lanes costs half as much again. So the first lane is filled
 * before the next one is begun, up to a third of what its core can do.
 */
#include "loop/private.h"

#include <pthread.h>
#include <time.h>

/* A lane with room is less busy than this, and carries fewer sessions: what new ones need shows late. */
enum { MOST_BUSY_PERMILLE = 300, MOST_SESSIONS = 150 };

/* How long a look at a lane's clock holds, at least. */
#define LOOK_AGAIN MG_SECOND

static GMutex lock; /* guards what was seen of the lanes */

void
mg_lane_offer_clock(MgLane *lane)
{
  if (pthread_getcpuclockid(pthread_self(), &lane->cpu_clock) == 0)
    g_atomic_int_set(&lane->has_cpu_clock, TRUE);
}

void
mg_lane_see_cpu(MgLane *lane, MgTime now, MgTime cpu)
{
  if (now - lane->seen_at < LOOK_AGAIN)
    return;
  lane->busy_permille = (guint) ((cpu - lane->seen_cpu) * 1000 / (now - lane->seen_at));
  lane->seen_at = now;
  lane->seen_cpu = cpu;
}

static void
look(MgLane *lane, MgTime now)
{
  struct timespec t;
  if (g_atomic_int_get(&lane->has_cpu_clock) && clock_gettime(lane->cpu_clock, &t) == 0)
    mg_lane_see_cpu(lane, now, t.tv_sec * MG_SECOND + t.tv_nsec);
}

static gboolean
has_room(MgLane *lane)
{
  return g_atomic_int_get(&lane->n_sessions) < MOST_SESSIONS &&
         lane->busy_permille < MOST_BUSY_PERMILLE;
}

static MgLane *
choose(MgTime now)
{
  MgLane *fewest = mg_lane_io(0);
  for (guint i = 0; i < mg_lane_n_io(); i++) {
    MgLane *lane = mg_lane_io(i);
    look(lane, now);
    if (has_room(lane))
      return lane;
    if (g_atomic_int_get(&lane->n_sessions) < g_atomic_int_get(&fewest->n_sessions))
      fewest = lane;
  }
  return fewest;
}

MgLane *
mg_lane_for_session(void)
{
  mg_lock(&lock);
  MgLane *lane = choose(mg_now());
  mg_unlock(&lock);
  return lane;
}

void
mg_lane_count_session(MgLane *lane, gint n)
{
  g_atomic_int_add(&lane->n_sessions, n);
}
