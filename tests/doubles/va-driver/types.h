/*
 * What the ids of an application stand for. Each is freed by its own function when it is destroyed, or with
 * the driver.
 */
#pragma once

#include "va-driver/driver.h"

typedef struct {
  const MgVaAbility *ability;
  guint32 rt_format, rate_control, packed_headers;
} MgVaConfig;

typedef struct {
  MgVaPicture *picture; /* a reference; images of the surface hold more */
  gboolean has_content; /* something was put, decoded or scaled into it */
} MgVaSurface;

/* Counted: a picture that is being gathered holds its buffers, whatever becomes of their ids. */
typedef struct {
  VABufferType type;
  guint element_size, n_elements;
  guint8 *data;         /* owned, or the picture's */
  MgVaPicture *picture; /* of an image's buffer: a reference */
  guint n_maps;
  VACodedBufferSegment coded; /* what mapping a coded buffer gives */
} MgVaBuffer;

/* Of what an image of NO bytes of its own is made. The bytes of DATA are copied; NULL: zeros. */
MgVaBuffer *mg_va_buffer_new(VABufferType type, guint element_size, guint n_elements,
                             const void *data);
MgVaBuffer *mg_va_buffer_new_of_picture(MgVaPicture *picture);
void mg_va_buffer_unref(gpointer buffer);

static inline gsize
mg_va_buffer_size(const MgVaBuffer *buffer)
{
  return (gsize) buffer->element_size * buffer->n_elements;
}

typedef struct MgVaContext MgVaContext;

/*
 * What a context does with a picture. open() makes the state, or fails the call; picture() works on what has
 * been rendered into TARGET; close() frees the state, and takes NULL.
 */
typedef struct {
  gpointer (*open)(MgVaCall *call, const MgVaContext *context);
  gboolean (*picture)(MgVaCall *call, MgVaContext *context, MgVaSurface *target);
  void (*close)(gpointer state);
} MgVaWork;

struct MgVaContext {
  MgVaConfig config; /* as it was when the context was made */
  guint width, height;
  VASurfaceID target;  /* of the picture that is begun, or VA_INVALID_SURFACE */
  GPtrArray *rendered; /* of MgVaBuffer: those of the picture, in order */
  const MgVaWork *work;
  gpointer state; /* the work's */
};

/* Borrowed: the first buffer of TYPE, at least SIZE long, that was rendered. NULL fails the call. */
const void *mg_va_rendered(MgVaCall *call, const MgVaContext *context, VABufferType type,
                           gsize size);

extern const MgVaWork mg_va_scale_work;
extern const MgVaWork mg_va_h264_decode_work;
extern const MgVaWork mg_va_h264_encode_work;
