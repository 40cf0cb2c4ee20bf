/*
 * Between nanoseconds and ticks of a timescale.
 *
 * A tick is made by rounding a stamp, never by summing durations: the rounding error of one stamp is
 * at most half a tick and does not grow with the length of a stream. Whoever wants a duration
 * subtracts two converted stamps.
 *
 * Both ways round half away from zero, are computed exactly in 128 bits, and stop at the limits of
 * gint64 instead of wrapping. TIMESCALE is in ticks per second and not 0. With up to 10^9 ticks
 * per second, ticks that go to nanoseconds and back come back the same. Any thread.
 */
#pragma once

#include <glib.h>

gint64 mg_time_to_ticks(gint64 ns, guint32 timescale);
gint64 mg_time_from_ticks(gint64 ticks, guint32 timescale);
