/*
 * A picture in memory: what a surface holds, and an image shows.
 *
 * Its three components (Y, U, V) are reached alike whether their samples lie apart or in pairs: the sample at
 * (x, y) begins at component[i].data + y * pitch + x * step. Counted; the pixels may be written by whoever
 * holds the driver's lock, or has mapped them.
 */
#pragma once

#include <glib.h>
#include <va/va.h>

typedef struct {
  guint8 *data; /* borrowed from the picture */
  guint pitch;  /* bytes from row to row */
  guint step;   /* bytes from sample to sample */
  guint width, height;
} MgVaComponent;

typedef struct {
  guint32 fourcc;
  guint width, height;
  guint sample_bytes; /* 1, or 2: P010 has its ten bits at the top of a little-endian word */
  guint n_planes;
  guint32 offsets[3], pitches[3];
  MgVaComponent component[3];
  gsize size;
  guint8 *data; /* owned */
} MgVaPicture;

/* A reference. NULL when the fourcc is unknown or there is no memory: sizes are the application's. Black. */
MgVaPicture *mg_va_picture_new(guint32 fourcc, guint width, guint height);
MgVaPicture *mg_va_picture_ref(MgVaPicture *picture);
void mg_va_picture_unref(MgVaPicture *picture);

/* The formats there are: format I, or NULL behind the last. Static. */
const VAImageFormat *mg_va_picture_format(guint i);
const VAImageFormat *mg_va_picture_format_of(guint32 fourcc);

/* Bits of a sample: 8 or 10. */
guint mg_va_picture_depth(const MgVaPicture *picture);

/*
 * Copies WIDTH x HEIGHT pixels from (SX, SY) of FROM to (DX, DY) of TO, which may be of another fourcc of the
 * same depth. FALSE, with nothing copied, when the depths differ or a rectangle leaves its picture.
 */
typedef struct {
  guint sx, sy, dx, dy, width, height;
} MgVaCopyArea;
gboolean mg_va_picture_copy(MgVaPicture *to, const MgVaPicture *from, const MgVaCopyArea *area);

/* All of FROM into the upper left of TO, cut at either's edges. FALSE when the depths differ. */
gboolean mg_va_picture_copy_all(MgVaPicture *to, const MgVaPicture *from);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgVaPicture, mg_va_picture_unref)
