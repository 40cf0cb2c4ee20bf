/*
 * Lanes: where code runs.
 *
 * A lane runs one thing at a time, so whatever belongs to one lane needs no lock. Three kinds exist:
 * I/O lanes (one epoll loop per core), strands on the worker pool, and threads of their own. Three
 * rules make deadlocks impossible; debug builds assert them: a node is called on its own lane only; the
 * engine holds no lock while it calls a node; nobody waits for another lane.
 *
 * Work for another lane is posted: a function and a pointer in that lane's mailbox. Posts from one
 * thread arrive in order. A mailbox is never full; media crosses lanes through bounded edges instead.
 */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

typedef void (*MgLaneFunc)(gpointer data);

/* The lane this thread is running for, or NULL outside any lane. */
MG_API MgLane *mg_lane_current(void);

/* Runs FUNC(DATA) on LANE (borrowed), soon. Any thread. DATA's ownership is between the two of you. */
MG_API void mg_lane_post(MgLane *lane, MgLaneFunc func, gpointer data);

/* How many I/O lanes there are, and the one with that index. Any thread. */
MG_API guint mg_lane_n_io(void);
MG_API MgLane *mg_lane_io(guint index);

/*
 * A timer belongs to the lane it is started on; FUNC runs there, once per start. It lives inside its
 * owner's struct: init once, start as often as wanted (a running timer is moved), stop before the
 * memory goes. All but init: on that lane.
 */
typedef struct {
  MgLaneFunc func;
  gpointer data;
  MgTime deadline;
  MgLane *lane; /* NULL while it is not running */
  guint slot;
  gpointer caller; /* the engine's */
} MgTimer;

MG_API void mg_timer_init(MgTimer *timer, MgLaneFunc func, gpointer data);

/* Calls FUNC at DEADLINE (mg_now()'s clock), never early. */
MG_API void mg_timer_start_at(MgTimer *timer, MgTime deadline);

/* Calls FUNC once DELAY nanoseconds have passed. */
MG_API void mg_timer_start_in(MgTimer *timer, MgTime delay);

/* After it returns FUNC is not called. Fine on a stopped or zeroed timer. */
MG_API void mg_timer_stop(MgTimer *timer);

/*
 * How long to wait before the attempt that follows N_FAILURES (from 1) in a row: FIRST, doubling up to
 * LAST, give or take a quarter, so that not all come back at once. Any thread.
 */
MG_API MgTime mg_back_off(guint n_failures, MgTime first, MgTime last);

/*
 * Watches a file descriptor on the current lane, which is an I/O lane or a thread of its own. FUNC gets
 * the EPOLL* bits that happened; level-triggered. FD stays the caller's; remove the watch before closing
 * it. The watch lives inside its owner's struct.
 */
typedef struct MgWatch MgWatch;
struct MgWatch {
  void (*func)(guint events, gpointer data);
  gpointer data;
  int fd;
  guint events;
  MgLane *lane; /* NULL while it watches nothing */
  gboolean is_patient;
};

/* Returns FALSE and sets ERROR when the kernel refuses. */
MG_API gboolean mg_watch_add(MgWatch *watch, int fd, guint events,
                             void (*func)(guint events, gpointer data), gpointer data,
                             GError **error);
MG_API void mg_watch_set(MgWatch *watch, guint events);
MG_API void mg_watch_remove(MgWatch *watch);

/*
 * A patient watch may be called up to 10 ms late: on a busy lane many of them share one wake-up. For
 * paced media of which nobody waits for the next byte. A watch begins impatient.
 */
MG_API void mg_watch_set_patient(MgWatch *watch, gboolean is_patient);

G_END_DECLS
