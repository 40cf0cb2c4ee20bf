/* What the files of this room share. */
#pragma once

#include "loop/lane.h"
#include "loop/timers.h"

#include <sys/types.h>

typedef struct {
  MgLaneFunc func;
  gpointer data;
} MgPost;

struct epoll_event;

/* How late a patient watch may be called. */
#define MG_PATIENCE_PACE (10 * MG_MILLISECOND)

/* The patient watches of a lane (patience.c). */
typedef struct {
  int epoll_fd; /* -1: there was none yet */
  gboolean is_paced;
  MgTime looked_at;
  MgTimer timer; /* runs while it is paced */
} MgPatience;

struct MgLane {
  MgLaneCalls calls; /* comes first; written on the lane, read by any thread */
  MgLaneKind kind;
  gint ref_count;
  char *name;

  GMutex lock; /* guards posts, is_scheduled */
  GArray *posts;
  gboolean is_scheduled; /* strands: queued on the pool, or running there */
  gint n_wakers; /* atomic, raised under the lock: who is about to wake it. It stays until then */

  /* On the lane only. */
  GArray *running; /* the batch of posts being run */
  MgTimers timers;
  int epoll_fd;
  int event_fd;
  struct epoll_event *ready; /* the events being dispatched; a removed watch is blanked in them */
  int n_ready;
  gboolean is_stopping;
  MgPatience patience;

  /* Strands: what wakes them for their timers. */
  MgTime alarm_deadline; /* atomic, set on the strand; G_MAXINT64: not needed */
  MgTimer alarm;         /* on the first I/O lane, as is the link */
  GList alarm_link;

  /* Any thread. */
  gint n_sessions;

  /* I/O lanes: how busy the thread is. All but has_cpu_clock: under the lock of placing.c. */
  gint has_cpu_clock; /* atomic: cpu_clock is set */
  clockid_t cpu_clock;
  MgTime seen_at, seen_cpu;
  guint busy_permille;
};

extern __thread MgLane *mg_lane_here;

MgLane *mg_lane_alloc(MgLaneKind kind, const char *name);
void mg_lane_free(MgLane *lane);

/* Runs the posts there are now; those that they post run next time. TRUE if there were any. */
gboolean mg_lane_run_posts(MgLane *lane);

/* Runs the timers due now. TRUE if there were any. */
gboolean mg_lane_run_timers(MgLane *lane);

/* As a lane ends: a post that posts itself again must not keep the process. */
enum { MG_LAST_ROUNDS = 1000 };

/* epoll.c: threads with an epoll loop. */
void mg_epoll_open(MgLane *lane);
void mg_epoll_close(MgLane *lane);
void mg_epoll_wake(MgLane *lane);
void mg_epoll_poll(MgLane *lane, int timeout_ms);

/* Waits on one of LANE's epoll sets and calls the watches; returns how many events there were. */
enum { MG_EPOLL_EVENTS = 128 }; /* at most */
guint mg_epoll_dispatch(MgLane *lane, int epoll_fd, int timeout_ms);

/* The set that WATCH is in. */
int mg_epoll_of(const MgWatch *watch);

/* patience.c: calls the patient watches that have something. */
void mg_patience_look(MgLane *lane);
void mg_patience_close(MgLane *lane);

void mg_epoll_run(MgLane *lane);

/* placing.c: for an I/O lane's thread to say which clock counts its CPU time. */
void mg_lane_offer_clock(MgLane *lane);

/* At NOW its thread has used CPU so far. */
void mg_lane_see_cpu(MgLane *lane, MgTime now, MgTime cpu);

/* pool.c: strands and their workers. */
void mg_pool_start(guint n_workers);
void mg_pool_stop(void);
void mg_pool_schedule(MgLane *strand); /* takes a reference */
void mg_pool_set_alarm(MgLane *strand);

/* After the workers have ended: runs what is scheduled meanwhile. TRUE if there was anything. */
gboolean mg_pool_run_rest(void);

/* Forgets the alarms that will not ring any more, after the I/O lanes have ended. */
void mg_pool_drop_alarms(void);
