#include "harness/world.h"

#include "graph/leaks.h"
#include "loop/clock.h"

/* 2026-01-01 00:00:00 UTC, and a host that has been up for a while. */
#define FIRST_UTC_US (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC)
#define FIRST_NOW    (1000 * MG_SECOND)

static struct {
  guint n_users;
  MgLane *lane;
  MgTime now;         /* atomic: a node may have threads of its own */
  gint64 utc_step_us; /* atomic */
  gint alive[MG_LEAKS_KINDS];
} world;

static MgTime
fake_now(void)
{
  return __atomic_load_n(&world.now, __ATOMIC_RELAXED);
}

static gint64
fake_utc_now_us(void)
{
  gint64 step_us = __atomic_load_n(&world.utc_step_us, __ATOMIC_RELAXED);
  return FIRST_UTC_US + step_us + (fake_now() - FIRST_NOW) / MG_MICROSECOND;
}

static void
set_now(MgTime now)
{
  __atomic_store_n(&world.now, now, __ATOMIC_RELAXED);
}

static void
start(void)
{
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++)
    world.alive[kind] = mg_leaks_get(kind);
  world.now = FIRST_NOW;
  world.utc_step_us = 0;
  mg_clock_set(fake_now, fake_utc_now_us);
  world.lane = mg_lanes_start_manual();
  mg_lane_enter(world.lane);
}

MgLane *
mg_world_enter(void)
{
  if (world.n_users++ == 0)
    start();
  return world.lane;
}

static void
check_leaks(void)
{
  static const char *const words[MG_LEAKS_KINDS] = { "data blocks", "buffers", "streams" };
  GString *list = g_string_new(NULL);
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++) {
    gint n = mg_leaks_get(kind) - world.alive[kind];
    if (n != 0)
      g_string_append_printf(list, "%s%d %s", list->len > 0 ? ", " : "", n, words[kind]);
  }
  if (list->len > 0)
    g_error("leaked by the node or its test: %s", list->str);
  g_string_free(list, TRUE);
}

void
mg_world_leave(void)
{
  mg_world_run();
  if (--world.n_users > 0)
    return;
  mg_lane_enter(NULL);
  mg_lanes_stop();
  mg_clock_set(NULL, NULL);
  check_leaks();
}

void
mg_world_run(void)
{
  mg_lane_run_manual(world.lane);
}

void
mg_world_advance(MgTime duration)
{
  MgTime end = world.now + duration;
  mg_world_run();
  for (MgTime next; (next = mg_lane_next_deadline(world.lane)) <= end;) {
    set_now(MAX(next, world.now));
    mg_world_run();
  }
  set_now(end);
}

void
mg_world_begin_anew(void)
{
  mg_clock_begin_anew();
}

void
mg_world_step_utc(gint64 by_us)
{
  __atomic_store_n(&world.utc_step_us, world.utc_step_us + by_us, __ATOMIC_RELAXED);
}
