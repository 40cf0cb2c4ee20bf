/*
 * Unwrapping: a counter of N bits that starts over becomes a gint64 that goes on.
 *
 * Each value is read as the one nearest to the value before it, that is within half the counter's
 * range. The first value stands for itself.
 *
 * One unwrapper serves all tracks that share a counter, because two that start on either side of a
 * wrap would be a whole range apart for ever: one per publication for RTMP, one per program for
 * MPEG-TS.
 *
 *   MgUnwrap u = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
 *   gint64 ms = mg_unwrap_next(&u, timestamp);
 *
 * No failure. Any thread, one at a time.
 */
#pragma once

#include <glib.h>

/*
 * RTMP's milliseconds are 32 bits wide, but some encoders count in 31. Taken modulo 2^31, both pass
 * 2^31 and 2^32 without a step. That leaves a window of 12 days on either side. 24 bits are never
 * a wrap: the extended timestamp carries the rest.
 */
enum { MG_UNWRAP_RTMP_BITS = 31 };

/* PTS and DTS of MPEG-TS, 90 kHz (ISO 13818-1, 2.4.3.7). */
enum { MG_UNWRAP_TS_BITS = 33 };

typedef struct {
  guint bits; /* 1 to 62 */
  gboolean has_last;
  gint64 last; /* unwrapped */
} MgUnwrap;

#define MG_UNWRAP(n) ((MgUnwrap){ .bits = (n) })

/* RAW, of which only the low bits count, on the unwrapped scale. */
gint64 mg_unwrap_next(MgUnwrap *u, guint64 raw);
