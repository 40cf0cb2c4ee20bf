/* Buffers: parameters and bytes from the application, coded pictures for it, and what images map. */
#include "va-driver/types.h"

MgVaBuffer *
mg_va_buffer_new(VABufferType type, guint element_size, guint n_elements, const void *data)
{
  gsize size = (gsize) element_size * n_elements;
  guint8 *own = g_try_malloc0(MAX(size, 1));
  if (own == NULL)
    return NULL;
  if (data != NULL)
    memcpy(own, data, size);
  MgVaBuffer *buffer = g_rc_box_new0(MgVaBuffer);
  buffer->type = type;
  buffer->element_size = element_size;
  buffer->n_elements = n_elements;
  buffer->data = own;
  buffer->coded.buf = own;
  return buffer;
}

MgVaBuffer *
mg_va_buffer_new_of_picture(MgVaPicture *picture)
{
  MgVaBuffer *buffer = g_rc_box_new0(MgVaBuffer);
  buffer->type = VAImageBufferType;
  buffer->element_size = (guint) picture->size;
  buffer->n_elements = 1;
  buffer->data = picture->data;
  buffer->picture = mg_va_picture_ref(picture);
  return buffer;
}

static void
buffer_clear(gpointer data)
{
  MgVaBuffer *buffer = data;
  if (buffer->picture == NULL)
    g_free(buffer->data);
  else
    mg_va_picture_unref(buffer->picture);
}

void
mg_va_buffer_unref(gpointer buffer)
{
  g_rc_box_release_full(buffer, buffer_clear);
}

static VAStatus
create_buffer(VADriverContextP ctx, VAContextID context, VABufferType type, unsigned size,
              unsigned n, void *data, VABufferID *id)
{
  MgVaCall call = mg_va_enter(ctx, "vaCreateBuffer");
  *id = VA_INVALID_ID;
  mg_va_get(&call, MG_VA_CONTEXT, context);
  MgVaBuffer *buffer = mg_va_failed(&call) ? NULL : mg_va_buffer_new(type, size, n, data);
  if (buffer != NULL)
    *id = mg_va_add(&call, MG_VA_BUFFER, buffer, mg_va_buffer_unref);
  else
    mg_va_fail(&call, VA_STATUS_ERROR_ALLOCATION_FAILED, "%u x %u bytes", n, size);
  mg_va_note(&call, "0x%08x type %d, %u x %u bytes", *id, type, n, size);
  return mg_va_leave(&call);
}

static VAStatus
set_num_elements(VADriverContextP ctx, VABufferID id, unsigned n)
{
  MgVaCall call = mg_va_enter(ctx, "vaBufferSetNumElements");
  MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, id);
  if (buffer != NULL && n > buffer->n_elements)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_PARAMETER, "%u of %u", n, buffer->n_elements);
  else if (buffer != NULL)
    buffer->n_elements = n;
  return mg_va_leave(&call);
}

/* A coded buffer maps to the list of its segments: one. */
static VAStatus
map_buffer(VADriverContextP ctx, VABufferID id, void **data)
{
  MgVaCall call = mg_va_enter(ctx, "vaMapBuffer");
  MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, id);
  *data = NULL;
  if (buffer != NULL) {
    buffer->n_maps++;
    *data = buffer->type == VAEncCodedBufferType ? (void *) &buffer->coded : buffer->data;
  }
  mg_va_note(&call, "0x%08x", id);
  return mg_va_leave(&call);
}

static VAStatus
unmap_buffer(VADriverContextP ctx, VABufferID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaUnmapBuffer");
  MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, id);
  if (buffer != NULL && buffer->n_maps == 0)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_BUFFER, "0x%08x is not mapped", id);
  else if (buffer != NULL)
    buffer->n_maps--;
  mg_va_note(&call, "0x%08x", id);
  return mg_va_leave(&call);
}

static VAStatus
destroy_buffer(VADriverContextP ctx, VABufferID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaDestroyBuffer");
  MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, id);
  if (buffer != NULL && buffer->n_maps > 0)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_BUFFER, "0x%08x is mapped", id);
  else if (buffer != NULL && buffer->picture != NULL)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_BUFFER, "0x%08x is an image's", id);
  mg_va_remove(&call, MG_VA_BUFFER, id);
  return mg_va_leave(&call);
}

static VAStatus
buffer_info(VADriverContextP ctx, VABufferID id, VABufferType *type, unsigned *size, unsigned *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaBufferInfo");
  const MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, id);
  if (buffer != NULL) {
    *type = buffer->type;
    *size = buffer->element_size;
    *n = buffer->n_elements;
  }
  return mg_va_leave(&call);
}

/* FFmpeg asks with VA_INVALID_ID whether there is this function at all. */
static VAStatus
sync_buffer(VADriverContextP ctx, VABufferID id, uint64_t timeout_ns)
{
  MgVaCall call = mg_va_enter(ctx, "vaSyncBuffer");
  mg_va_get(&call, MG_VA_BUFFER, id);
  return mg_va_leave(&call);
}

void
mg_va_buffer_functions(struct VADriverVTable *table)
{
  table->vaCreateBuffer = create_buffer;
  table->vaBufferSetNumElements = set_num_elements;
  table->vaMapBuffer = map_buffer;
  table->vaUnmapBuffer = unmap_buffer;
  table->vaDestroyBuffer = destroy_buffer;
  table->vaBufferInfo = buffer_info;
  table->vaSyncBuffer = sync_buffer;
}
