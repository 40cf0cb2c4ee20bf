/*
 * Waiting for what other threads do: looks again and again, for a minute at most.
 */
#pragma once

#include <glib.h>

/* Returns when CONDITION holds; fails the test, naming it, when it does not within a minute. */
#define mg_wait_until(condition)                                                                   \
  for (gint64 wait_end = mg_wait_begin(); !(condition);)                                           \
  mg_wait_again(wait_end, G_STRLOC, #condition)

gint64 mg_wait_begin(void);
void mg_wait_again(gint64 end, const char *place, const char *condition);
