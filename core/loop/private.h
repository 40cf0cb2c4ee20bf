/* What the files of this room share. */
#pragma once

#include "loop/lane.h"
#include "loop/timers.h"

typedef struct {
  MgLaneFunc func;
  gpointer data;
} MgPost;

struct epoll_event;

struct MgLane {
  MgLaneKind kind;
  gint ref_count;
  char *name;

  GMutex lock; /* guards posts, is_scheduled */
  GArray *posts;
  gboolean is_scheduled; /* strands: queued on the pool, or running there */

  /* On the lane only. */
  GArray *running; /* the batch of posts being run */
  MgTimers timers;
  MgTime alarm_deadline; /* strands: when an I/O lane will wake it for its timers */
  int epoll_fd;
  int event_fd;
  struct epoll_event *ready; /* the events being dispatched; a removed watch is blanked in them */
  int n_ready;
  gboolean is_stopping;

  /* Any thread. */
  gpointer calling;
  guint n_calls;
  gint load;
};

extern __thread MgLane *mg_lane_here;

MgLane *mg_lane_alloc(MgLaneKind kind, const char *name);
void mg_lane_free(MgLane *lane);

/* Runs the posts there are now; those that they post run next time. TRUE if there were any. */
gboolean mg_lane_run_posts(MgLane *lane);

/* Runs the timers due now. TRUE if there were any. */
gboolean mg_lane_run_timers(MgLane *lane);

/* epoll.c: threads with an epoll loop. */
void mg_epoll_open(MgLane *lane);
void mg_epoll_close(MgLane *lane);
void mg_epoll_wake(MgLane *lane);
void mg_epoll_run(MgLane *lane);

/* pool.c: strands and their workers. */
void mg_pool_start(guint n_workers);
void mg_pool_stop(void);
void mg_pool_schedule(MgLane *strand);
void mg_pool_set_alarm(MgLane *strand);

/* Frees the alarms that will not ring any more, as LANE ends. */
void mg_pool_drop_alarms(MgLane *lane);
