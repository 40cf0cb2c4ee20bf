/*
 * The words that every other header uses.
 *
 * Time. MgTime is engine time: signed 64-bit nanoseconds. Media stamps (pts, dts) are relative to a
 * session's own origin; mg_now() and `arrival` are CLOCK_MONOTONIC. A tick of another clock is
 * converted by rounding each stamp, never by summing durations. UTC is microseconds since 1970 and
 * always carries `utc_us` in its name.
 *
 * Ownership. "Borrowed" (the default for const arguments): valid during the call. "Taken": the callee
 * owns it from the call on, whatever it returns, unless its comment says otherwise. "Returned-owned":
 * the caller releases it.
 *
 * Threads. "On its lane" means on the lane that the object belongs to (lane.h); "any thread" means
 * just that.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Marks what the engine exports; everything else is hidden. */
#define MG_API __attribute__((visibility("default"))) extern

typedef gint64 MgTime;

#define MG_TIME_NONE   G_MININT64
#define MG_MICROSECOND ((MgTime) 1000)
#define MG_MILLISECOND ((MgTime) 1000000)
#define MG_SECOND      ((MgTime) 1000000000)

typedef struct MgBuffer MgBuffer;           /* buffer.h */
typedef struct MgData MgData;               /* data.h */
typedef struct MgLane MgLane;               /* lane.h */
typedef struct MgNode MgNode;               /* node.h */
typedef struct MgPort MgPort;               /* node.h */
typedef struct MgPublication MgPublication; /* session.h */
typedef struct MgSession MgSession;         /* session.h */
typedef struct MgStream MgStream;           /* stream.h */

/* The engine's error domain. A message is one sentence for an operator: what failed, and what to try. */
#define MG_ERROR (mg_error_quark())

typedef enum {
  MG_ERROR_FAILED,      /* none of the others */
  MG_ERROR_INVALID,     /* input that breaks a rule */
  MG_ERROR_UNSUPPORTED, /* well formed, but nothing here can do it */
  MG_ERROR_DENIED,      /* the peer may not do that */
  MG_ERROR_BUSY,        /* the name is in use */
  MG_ERROR_LIMIT,       /* a configured or built-in limit is reached */
  MG_ERROR_GONE,        /* it ended meanwhile */
} MgError;

MG_API GQuark mg_error_quark(void);

/* CLOCK_MONOTONIC, or the test harness's fake clock. Any thread. */
MG_API MgTime mg_now(void);

/* Wall-clock time in microseconds since 1970. Steps when the host's clock is set. Any thread. */
MG_API gint64 mg_utc_now_us(void);

/*
 * The same, but it never steps: what the wall clock said when this process first asked, and mg_now() since. Whatever
 * is told to players about when media was and will be goes by this clock, so that it stays true to
 * itself when the host's clock is set. Any thread.
 */
MG_API gint64 mg_utc_steady_us(void);

G_END_DECLS
