/*
 * The engine's own view of lanes (see <mediagraph/lane.h> for what plugins see).
 *
 * Lanes are counted. The I/O lanes are made by mg_lanes_start() and live until mg_lanes_stop(). A
 * strand is memory only: it is scheduled on the worker pool while its mailbox holds something. A thread
 * lane is a thread with an epoll loop like an I/O lane's, on which a node may block. A manual lane
 * is an I/O lane without a thread: the test harness runs it by hand.
 */
#pragma once

#include "util/internal.h"

#include <mediagraph/lane.h>

typedef enum { MG_LANE_IO, MG_LANE_STRAND, MG_LANE_THREAD, MG_LANE_MANUAL } MgLaneKind;

/* Starts N I/O lanes and N pool workers; 0: one per core. Main thread. */
MG_INTERNAL_API void mg_lanes_start(guint n);

/* The same with one manual I/O lane, borrowed, and no worker. The caller runs it: mg_lane_run_manual(). */
MgLane *mg_lanes_start_manual(void);

/*
 * Ends the workers and I/O lanes, after every thread lane has ended and what was posted has run. On a
 * thread that is no lane, and may wait: for as long as a disk takes.
 */
MG_INTERNAL_API void mg_lanes_stop(void);

/* Returned-owned. NAME is for thread names and the watchdog; copied. Any thread. */
MgLane *mg_lane_new_strand(const char *name);
MgLane *mg_lane_new_thread(const char *name);

MgLaneKind mg_lane_kind(const MgLane *lane);

MgLane *mg_lane_ref(MgLane *lane);

/* NULL is fine. A thread lane ends, by itself, when its last reference goes. Any thread. */
void mg_lane_unref(MgLane *lane);

/* Looks at the manual lane's descriptors once, then runs what is posted and due, until nothing is. */
void mg_lane_run_manual(MgLane *lane);

/* When the manual lane's next timer is due; G_MAXINT64: none. */
MgTime mg_lane_next_deadline(MgLane *lane);

/* Sets the calling thread's current lane, for manual lanes. */
void mg_lane_enter(MgLane *lane);

/* The head of every lane. */
typedef struct {
  gpointer tag; /* being called now, or NULL */
  guint n;      /* calls so far */
} MgLaneCalls;

/*
 * For the watchdog: what the lane is calling now. TAG is a pointer the watchdog can name (a node); a
 * timer's callback has the tag of whoever started the timer. begin_call() returns what was being called
 * before, which end_call() restores. Two plain stores: this is on the path of every buffer.
 */
static inline gpointer
mg_lane_begin_call(MgLane *lane, gpointer tag)
{
  MgLaneCalls *calls = (MgLaneCalls *) lane;
  gpointer previous = calls->tag;
  __atomic_store_n(&calls->tag, tag, __ATOMIC_RELAXED);
  __atomic_store_n(&calls->n, calls->n + 1, __ATOMIC_RELAXED);
  return previous;
}

static inline void
mg_lane_end_call(MgLane *lane, gpointer previous)
{
  __atomic_store_n(&((MgLaneCalls *) lane)->tag, previous, __ATOMIC_RELAXED);
}

/* The tag and a count of calls: the same twice means one call has lasted all the while. Any thread. */
gpointer mg_lane_peek_call(MgLane *lane, guint *n_calls);

/*
 * Where the next session goes: the first I/O lane that has room for it, in CPU time and in number, else
 * the one with the fewest. It counts once the session has said so. Any thread.
 */
MgLane *mg_lane_for_session(void);
void mg_lane_count_session(MgLane *lane, gint n);

/* Rule 2 and 3 of the house: the engine's locks count themselves, so that a node's call can assert. */
void mg_lock(GMutex *mutex);
void mg_unlock(GMutex *mutex);
gboolean mg_holds_no_lock(void);
