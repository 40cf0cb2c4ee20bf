/*
 * The epoll loop: what an I/O lane and a thread lane run. One turn: wait, dispatch descriptors, run
 * posts, run timers. It sleeps only when its mailbox is empty; another lane's post wakes it through
 * an eventfd, registered edge-triggered so that it is never read.
 */
#include "loop/private.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

void
mg_epoll_open(MgLane *lane)
{
  lane->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  lane->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event wake = { .events = EPOLLIN | EPOLLET, .data.ptr = NULL };
  if (lane->epoll_fd < 0 || lane->event_fd < 0 ||
      epoll_ctl(lane->epoll_fd, EPOLL_CTL_ADD, lane->event_fd, &wake) < 0)
    g_error("cannot start lane %s: %s; raise the limit of open files", lane->name,
            g_strerror(errno));
}

void
mg_epoll_close(MgLane *lane)
{
  mg_patience_close(lane);
  close(lane->epoll_fd);
  close(lane->event_fd);
}

void
mg_epoll_wake(MgLane *lane)
{
  guint64 one = 1;
  G_GNUC_UNUSED gssize n = write(lane->event_fd, &one, sizeof one);
}

static gboolean
has_posts(MgLane *lane)
{
  mg_lock(&lane->lock);
  gboolean has = lane->posts->len > 0;
  mg_unlock(&lane->lock);
  return has;
}

/* Rounded up to the millisecond: a timer is never early. */
static int
wait_ms(MgLane *lane)
{
  if (has_posts(lane))
    return 0;
  MgTime next = mg_timers_next(&lane->timers);
  if (next == G_MAXINT64)
    return -1;
  MgTime left = next - mg_now();
  return (int) CLAMP((left + MG_MILLISECOND - 1) / MG_MILLISECOND, 0, 60000);
}

guint
mg_epoll_dispatch(MgLane *lane, int epoll_fd, int timeout_ms)
{
  struct epoll_event events[MG_EPOLL_EVENTS];
  int n = epoll_wait(epoll_fd, events, MG_EPOLL_EVENTS, timeout_ms);
  gboolean has_patient = FALSE;
  lane->ready = events;
  lane->n_ready = MAX(n, 0);
  for (int i = 0; i < lane->n_ready; i++) {
    MgWatch *watch = events[i].data.ptr;
    if (events[i].data.ptr == &lane->patience)
      has_patient = TRUE;
    else if (watch != NULL)
      watch->func(events[i].events, watch->data);
  }
  lane->n_ready = 0;
  if (has_patient)
    mg_patience_look(lane);
  return (guint) MAX(n, 0);
}

void
mg_epoll_poll(MgLane *lane, int timeout_ms)
{
  mg_epoll_dispatch(lane, lane->epoll_fd, timeout_ms);
}

int
mg_epoll_of(const MgWatch *watch)
{
  return watch->is_patient ? watch->lane->patience.epoll_fd : watch->lane->epoll_fd;
}

void
mg_epoll_run(MgLane *lane)
{
  mg_lane_here = lane;
  while (!lane->is_stopping) {
    mg_epoll_poll(lane, wait_ms(lane));
    mg_lane_run_posts(lane);
    mg_lane_run_timers(lane);
  }
  for (guint round = 0; round < MG_LAST_ROUNDS && mg_lane_run_posts(lane); round++)
    continue;
  mg_lane_here = NULL;
}

gboolean
mg_watch_add(MgWatch *watch, int fd, guint events, void (*func)(guint events, gpointer data),
             gpointer data, GError **error)
{
  MgLane *lane = mg_lane_here;
  g_assert(lane != NULL && lane->epoll_fd >= 0);
  *watch = (MgWatch){ .func = func, .data = data, .fd = fd, .events = events, .lane = lane };
  struct epoll_event event = { .events = events, .data.ptr = watch };
  if (epoll_ctl(lane->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
    return TRUE;
  watch->lane = NULL;
  g_set_error(error, MG_ERROR, MG_ERROR_LIMIT, "cannot watch a descriptor: %s", g_strerror(errno));
  return FALSE;
}

void
mg_watch_set(MgWatch *watch, guint events)
{
  g_assert(watch->lane == mg_lane_here);
  if (watch->events == events)
    return;
  watch->events = events;
  struct epoll_event event = { .events = events, .data.ptr = watch };
  epoll_ctl(mg_epoll_of(watch), EPOLL_CTL_MOD, watch->fd, &event);
}

void
mg_watch_remove(MgWatch *watch)
{
  MgLane *lane = watch->lane;
  if (lane == NULL)
    return;
  g_assert(lane == mg_lane_here);
  epoll_ctl(mg_epoll_of(watch), EPOLL_CTL_DEL, watch->fd, NULL);
  watch->lane = NULL;
  watch->is_patient = FALSE;
  for (int i = 0; i < lane->n_ready; i++)
    if (lane->ready[i].data.ptr == watch)
      lane->ready[i].data.ptr = NULL;
}
