/* Where mg_now() and mg_utc_now_us() come from: the host, or a clock of a test's own. */
#pragma once

#include <mediagraph/types.h>

/* Both NULL: the host's clocks again. Before any lane runs. */
void mg_clock_set(MgTime (*now)(void), gint64 (*utc_now_us)(void));

/* mg_utc_steady_us() takes its bearings anew, as in a process that has just begun. */
void mg_clock_begin_anew(void);
