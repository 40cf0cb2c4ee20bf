/*
 * Patient watches: what happens to their descriptors may be told a few milliseconds late.
 *
 * A publisher sends a frame every 10 to 30 ms. A hundred of them would wake their lane thousands of times
 * a second to read one frame each time, and most of what a stream costs would be falling asleep and waking
 * up. So patient watches have an epoll set of their own, which is one descriptor of the lane's set. As
 * long as little happens it wakes the lane like any other. When it does so twice within MG_PATIENCE_PACE
 * it is *paced*: it wakes nobody any more and is looked at once in that time, until a look finds one or
 * none.
 */
#include "loop/private.h"

#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_ROUNDS = 8 };

/* Whether the set, as a descriptor of the lane's, wakes the lane. */
static void
set_paced(MgLane *lane, gboolean is_paced)
{
  MgPatience *p = &lane->patience;
  if (p->is_paced == is_paced)
    return;
  p->is_paced = is_paced;
  struct epoll_event event = { .events = is_paced ? 0 : EPOLLIN, .data.ptr = p };
  epoll_ctl(lane->epoll_fd, EPOLL_CTL_MOD, p->epoll_fd, &event);
}

void
mg_patience_look(MgLane *lane)
{
  MgPatience *p = &lane->patience;
  MgTime now = mg_now();
  guint n = 0, found = MG_EPOLL_EVENTS;
  for (guint round = 0; round < MOST_ROUNDS && found == MG_EPOLL_EVENTS; round++)
    n += found = mg_epoll_dispatch(lane, p->epoll_fd, 0);
  gboolean is_frequent = p->is_paced ? n > 1 : now - p->looked_at < MG_PATIENCE_PACE;
  p->looked_at = now;
  set_paced(lane, is_frequent);
  if (p->is_paced)
    mg_timer_start_at(&p->timer, now + MG_PATIENCE_PACE);
}

static void
on_timer(gpointer data)
{
  mg_patience_look(data);
}

static gboolean
open_set(MgLane *lane)
{
  MgPatience *p = &lane->patience;
  if (p->epoll_fd >= 0)
    return TRUE;
  int fd = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };
  if (fd < 0 || epoll_ctl(lane->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
    if (fd >= 0)
      close(fd);
    return FALSE;
  }
  mg_timer_init(&p->timer, on_timer, lane);
  p->epoll_fd = fd;
  return TRUE;
}

void
mg_patience_close(MgLane *lane)
{
  if (lane->patience.epoll_fd >= 0)
    close(lane->patience.epoll_fd);
  lane->patience.epoll_fd = -1;
}

void
mg_watch_set_patient(MgWatch *watch, gboolean is_patient)
{
  MgLane *lane = watch->lane;
  g_assert(lane == mg_lane_here);
  if (watch->is_patient == is_patient || (is_patient && !open_set(lane)))
    return;
  int from = mg_epoll_of(watch);
  int to = is_patient ? lane->patience.epoll_fd : lane->epoll_fd;
  struct epoll_event event = { .events = watch->events, .data.ptr = watch };
  if (epoll_ctl(to, EPOLL_CTL_ADD, watch->fd, &event) < 0)
    return;
  epoll_ctl(from, EPOLL_CTL_DEL, watch->fd, NULL);
  watch->is_patient = is_patient;
}
