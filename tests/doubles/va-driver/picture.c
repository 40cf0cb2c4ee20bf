/* Pixels: where they lie in each format, and copying them. */
#include "va-driver/picture.h"

#include <string.h>

enum { PITCH_ALIGN = 64, ROW_ALIGN = 16 };

static const VAImageFormat FORMATS[] = {
  { .fourcc = VA_FOURCC_NV12, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12 },
  { .fourcc = VA_FOURCC_I420, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12 },
  { .fourcc = VA_FOURCC_YV12, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 12 },
  { .fourcc = VA_FOURCC_P010, .byte_order = VA_LSB_FIRST, .bits_per_pixel = 24 },
};

const VAImageFormat *
mg_va_picture_format(guint i)
{
  return i < G_N_ELEMENTS(FORMATS) ? &FORMATS[i] : NULL;
}

const VAImageFormat *
mg_va_picture_format_of(guint32 fourcc)
{
  for (gsize i = 0; i < G_N_ELEMENTS(FORMATS); i++)
    if (FORMATS[i].fourcc == fourcc)
      return &FORMATS[i];
  return NULL;
}

guint
mg_va_picture_depth(const MgVaPicture *picture)
{
  return picture->sample_bytes == 2 ? 10 : 8;
}

static guint
align(guint n, guint to)
{
  return (n + to - 1) / to * to;
}

/* Says how many planes there are and where they begin. */
static void
lay_planes(MgVaPicture *p)
{
  guint pitch = align(p->width * p->sample_bytes, PITCH_ALIGN);
  guint rows = align(p->height, ROW_ALIGN);
  gboolean is_planar = p->fourcc == VA_FOURCC_I420 || p->fourcc == VA_FOURCC_YV12;
  p->n_planes = is_planar ? 3 : 2;
  p->pitches[0] = pitch;
  p->pitches[1] = is_planar ? pitch / 2 : pitch;
  p->pitches[2] = is_planar ? pitch / 2 : 0;
  p->offsets[1] = pitch * rows;
  p->offsets[2] = is_planar ? pitch * rows / 4 * 5 : 0;
  p->size = (gsize) pitch * rows / 2 * 3;
}

static void
lay_components(MgVaPicture *p)
{
  guint bytes = p->sample_bytes;
  p->component[0] = (MgVaComponent){ p->data, p->pitches[0], bytes, p->width, p->height };
  for (guint i = 1; i < 3; i++) {
    guint plane = p->n_planes == 2 ? 1 : p->fourcc == VA_FOURCC_YV12 ? 3 - i : i;
    guint8 *data = p->data + p->offsets[plane] + (p->n_planes == 2 ? (i - 1) * bytes : 0);
    guint step = p->n_planes == 2 ? 2 * bytes : bytes;
    p->component[i] =
        (MgVaComponent){ data, p->pitches[plane], step, (p->width + 1) / 2, (p->height + 1) / 2 };
  }
}

static void
blacken(MgVaPicture *p)
{
  memset(p->data, 0, p->offsets[1]);
  gsize n = p->size - p->offsets[1];
  memset(p->data + p->offsets[1], p->sample_bytes == 1 ? 0x80 : 0, n);
  for (gsize i = 1; p->sample_bytes == 2 && i < n; i += 2)
    p->data[p->offsets[1] + i] = 0x80;
}

MgVaPicture *
mg_va_picture_new(guint32 fourcc, guint width, guint height)
{
  if (mg_va_picture_format_of(fourcc) == NULL || width == 0 || height == 0 || width > 16384 ||
      height > 16384)
    return NULL;
  MgVaPicture picture = { .fourcc = fourcc, .width = width, .height = height };
  picture.sample_bytes = fourcc == VA_FOURCC_P010 ? 2 : 1;
  lay_planes(&picture);
  picture.data = g_try_malloc(picture.size);
  if (picture.data == NULL)
    return NULL;
  lay_components(&picture);
  blacken(&picture);
  return g_atomic_rc_box_dup(sizeof picture, &picture);
}

MgVaPicture *
mg_va_picture_ref(MgVaPicture *picture)
{
  return g_atomic_rc_box_acquire(picture);
}

static void
picture_clear(gpointer data)
{
  MgVaPicture *picture = data;
  g_free(picture->data);
}

void
mg_va_picture_unref(MgVaPicture *picture)
{
  g_atomic_rc_box_release_full(picture, picture_clear);
}

static void
copy_row(guint8 *to, guint to_step, const guint8 *from, guint from_step, guint n, guint bytes)
{
  if (to_step == bytes && from_step == bytes) {
    memmove(to, from, (gsize) n * bytes);
    return;
  }
  for (guint x = 0; x < n; x++)
    memcpy(to + (gsize) x * to_step, from + (gsize) x * from_step, bytes);
}

static gboolean
is_inside(const MgVaPicture *p, guint x, guint y, const MgVaCopyArea *area)
{
  return (guint64) x + area->width <= p->width && (guint64) y + area->height <= p->height;
}

gboolean
mg_va_picture_copy(MgVaPicture *to, const MgVaPicture *from, const MgVaCopyArea *area)
{
  if (to->sample_bytes != from->sample_bytes || !is_inside(from, area->sx, area->sy, area) ||
      !is_inside(to, area->dx, area->dy, area))
    return FALSE;
  for (guint i = 0; i < 3; i++) {
    const MgVaComponent *d = &to->component[i], *s = &from->component[i];
    guint half = i > 0;
    guint width = (area->width + half) >> half, height = (area->height + half) >> half;
    for (guint y = 0; y < height; y++) {
      gsize sy = (area->sy >> half) + y, dy = (area->dy >> half) + y;
      copy_row(d->data + dy * d->pitch + (gsize) (area->dx >> half) * d->step, d->step,
               s->data + sy * s->pitch + (gsize) (area->sx >> half) * s->step, s->step, width,
               to->sample_bytes);
    }
  }
  return TRUE;
}

gboolean
mg_va_picture_copy_all(MgVaPicture *to, const MgVaPicture *from)
{
  MgVaCopyArea area = { .width = MIN(to->width, from->width),
                        .height = MIN(to->height, from->height) };
  return mg_va_picture_copy(to, from, &area);
}
