#include "doubles/wait.h"

enum { STEP_US = 200, LONGEST_US = 60 * G_USEC_PER_SEC };

gint64
mg_wait_begin(void)
{
  return g_get_monotonic_time() + LONGEST_US;
}

void
mg_wait_again(gint64 end, const char *place, const char *condition)
{
  if (g_get_monotonic_time() > end)
    g_error("%s: not within a minute: %s", place, condition);
  g_usleep(STEP_US);
}
