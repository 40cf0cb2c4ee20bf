#include "timeline/unwrap.h"

gint64
mg_unwrap_next(MgUnwrap *u, guint64 raw)
{
  g_assert(u->bits >= 1 && u->bits <= 62);
  guint64 range = G_GUINT64_CONSTANT(1) << u->bits;
  if (!u->has_last) {
    u->has_last = TRUE;
    u->last = (gint64) (raw & (range - 1));
    return u->last;
  }
  /* Unsigned, so that a peer that always jumps forward wraps our 64 bits at worst. */
  guint64 step = (raw - (guint64) u->last) & (range - 1);
  if (step >= range / 2)
    step -= range;
  u->last = (gint64) ((guint64) u->last + step);
  return u->last;
}
