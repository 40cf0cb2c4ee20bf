/* Each row and column of the result is a weighted sum of some of the source's: its taps. */
#include "va-driver/scale.h"

#include <string.h>

enum { ONE = 1 << 14 };

/* Which samples go into one of the result. */
typedef struct {
  guint first, n;
  guint weight; /* index of the first weight; all of a tap sum up to ONE */
} Tap;

typedef struct {
  Tap *taps;
  GArray *weights; /* of guint */
} Taps;

static void
taps_clear(Taps *taps)
{
  g_clear_pointer(&taps->taps, g_free);
  g_clear_pointer(&taps->weights, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Taps, taps_clear)

/* How much of the source sample I lies between FROM and TO, in samples. */
static double
covered(guint i, double from, double to)
{
  return MAX(0, MIN(to, i + 1.0) - MAX(from, (double) i));
}

/* The weights of what lies between FROM and TO: the last makes up for rounding. */
static void
add_area(Taps *taps, Tap *tap, double from, double to, guint n_source)
{
  tap->first = MIN((guint) from, n_source - 1);
  guint last = MIN((guint) to, n_source - 1);
  tap->weight = taps->weights->len;
  guint left = ONE;
  for (guint i = tap->first; i <= last; i++) {
    guint weight = MIN(left, (guint) (covered(i, from, to) / (to - from) * ONE + 0.5));
    if (i == last)
      weight = left;
    g_array_append_val(taps->weights, weight);
    left -= weight;
  }
  tap->n = last - tap->first + 1;
}

static void
add_bilinear(Taps *taps, Tap *tap, double centre, guint n_source)
{
  double at = CLAMP(centre - 0.5, 0, n_source - 1.0);
  tap->first = MIN((guint) at, n_source - 1);
  tap->n = tap->first + 1 < n_source ? 2 : 1;
  tap->weight = taps->weights->len;
  guint second = tap->n == 2 ? (guint) ((at - tap->first) * ONE + 0.5) : 0;
  guint first = ONE - second;
  g_array_append_val(taps->weights, first);
  if (tap->n == 2)
    g_array_append_val(taps->weights, second);
}

static void
taps_init(Taps *taps, guint n_source, guint n_target)
{
  *taps = (Taps){ g_new0(Tap, n_target), g_array_new(FALSE, FALSE, sizeof(guint)) };
  double ratio = (double) n_source / n_target;
  for (guint i = 0; i < n_target; i++) {
    if (ratio > 1)
      add_area(taps, &taps->taps[i], i * ratio, (i + 1) * ratio, n_source);
    else
      add_bilinear(taps, &taps->taps[i], (i + 0.5) * ratio, n_source);
  }
}

static inline guint
load(const guint8 *p, guint bytes)
{
  guint16 word;
  if (bytes == 1)
    return *p;
  memcpy(&word, p, 2);
  return GUINT16_FROM_LE(word);
}

static inline void
store(guint8 *p, guint bytes, guint value)
{
  guint16 word = GUINT16_TO_LE((guint16) value);
  if (bytes == 1)
    *p = (guint8) value;
  else
    memcpy(p, &word, 2);
}

/* P points at the first sample of a row or column, whose samples lie STEP bytes apart. */
static guint
weigh(const Taps *taps, const Tap *tap, const guint8 *p, gsize step, guint bytes)
{
  const guint *weights = (const guint *) (void *) taps->weights->data + tap->weight;
  guint64 sum = ONE / 2;
  for (guint i = 0; i < tap->n; i++)
    sum += (guint64) weights[i] * load(p + (tap->first + i) * step, bytes);
  return (guint) (sum / ONE);
}

/* First each row of the source to the new width, then each column of that to the new height. */
static void
scale_component(const MgVaComponent *to, const MgVaRect *target, const MgVaComponent *from,
                const MgVaRect *source, guint bytes)
{
  g_auto(Taps) across = { NULL }, down = { NULL };
  taps_init(&across, source->width, target->width);
  taps_init(&down, source->height, target->height);
  gsize row_bytes = (gsize) target->width * bytes;
  g_autofree guint8 *rows = g_malloc(row_bytes * source->height);
  for (guint y = 0; y < source->height; y++) {
    const guint8 *row =
        from->data + (gsize) (source->y + y) * from->pitch + (gsize) source->x * from->step;
    for (guint x = 0; x < target->width; x++)
      store(rows + y * row_bytes + (gsize) x * bytes, bytes,
            weigh(&across, &across.taps[x], row, from->step, bytes));
  }
  for (guint y = 0; y < target->height; y++) {
    guint8 *row = to->data + (gsize) (target->y + y) * to->pitch + (gsize) target->x * to->step;
    for (guint x = 0; x < target->width; x++)
      store(row + (gsize) x * to->step, bytes,
            weigh(&down, &down.taps[y], rows + (gsize) x * bytes, row_bytes, bytes));
  }
}

static gboolean
is_inside(const MgVaPicture *picture, const MgVaRect *rect)
{
  return rect->width > 0 && rect->height > 0 && (guint64) rect->x + rect->width <= picture->width &&
         (guint64) rect->y + rect->height <= picture->height;
}

static MgVaRect
halved(const MgVaRect *rect)
{
  return (MgVaRect){ rect->x / 2, rect->y / 2, (rect->width + 1) / 2, (rect->height + 1) / 2 };
}

gboolean
mg_va_scale(MgVaPicture *to, const MgVaRect *target, const MgVaPicture *from,
            const MgVaRect *source)
{
  if (to->sample_bytes != from->sample_bytes || !is_inside(to, target) || !is_inside(from, source))
    return FALSE;
  MgVaRect half_target = halved(target), half_source = halved(source);
  guint bytes = to->sample_bytes;
  scale_component(&to->component[0], target, &from->component[0], source, bytes);
  scale_component(&to->component[1], &half_target, &from->component[1], &half_source, bytes);
  scale_component(&to->component[2], &half_target, &from->component[2], &half_source, bytes);
  return TRUE;
}
