/*
 * How many data blocks, buffers and streams are alive: the harness compares before and after a test.
 * Counted in debug builds only; a release build compiles it to nothing.
 */
#pragma once

#include <glib.h>

typedef enum { MG_LEAKS_DATA, MG_LEAKS_BUFFERS, MG_LEAKS_STREAMS, MG_LEAKS_KINDS } MgLeaksKind;

#ifndef NDEBUG
extern gint mg_leaks_alive[MG_LEAKS_KINDS];

static inline void
mg_leaks_count(MgLeaksKind kind, gint n)
{
  g_atomic_int_add(&mg_leaks_alive[kind], n);
}

static inline gint
mg_leaks_get(MgLeaksKind kind)
{
  return g_atomic_int_get(&mg_leaks_alive[kind]);
}
#else
static inline void
mg_leaks_count(MgLeaksKind kind, gint n)
{
}

static inline gint
mg_leaks_get(MgLeaksKind kind)
{
  return 0;
}
#endif
