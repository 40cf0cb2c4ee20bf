/* Images: how an application reaches the pixels of surfaces. */
#include "va-driver/types.h"

typedef struct {
  MgVaPicture *picture; /* a reference: the image's own, or the surface's it shows */
  VABufferID buffer;
} Image;

static void
image_free(gpointer data)
{
  Image *image = data;
  mg_va_picture_unref(image->picture);
  g_free(image);
}

static VAStatus
query_formats(VADriverContextP ctx, VAImageFormat *list, int *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryImageFormats");
  *n = 0;
  for (guint i = 0; !mg_va_failed(&call) && mg_va_picture_format(i) != NULL; i++)
    list[(*n)++] = *mg_va_picture_format(i);
  return mg_va_leave(&call);
}

/* Takes the picture and describes it. */
static void
add_image(MgVaCall *call, MgVaPicture *picture, VAImage *out)
{
  Image *image = g_new0(Image, 1);
  image->picture = picture;
  image->buffer =
      mg_va_add(call, MG_VA_BUFFER, mg_va_buffer_new_of_picture(picture), mg_va_buffer_unref);
  out->image_id = mg_va_add(call, MG_VA_IMAGE, image, image_free);
  out->format = *mg_va_picture_format_of(picture->fourcc);
  out->buf = image->buffer;
  out->width = (guint16) picture->width;
  out->height = (guint16) picture->height;
  out->data_size = (guint32) picture->size;
  out->num_planes = picture->n_planes;
  for (guint i = 0; i < 3; i++) {
    out->pitches[i] = picture->pitches[i];
    out->offsets[i] = picture->offsets[i];
  }
  mg_va_note(call, "0x%08x %.4s %ux%u", out->image_id, (const char *) &picture->fourcc,
             picture->width, picture->height);
}

static VAStatus
create_image(VADriverContextP ctx, VAImageFormat *format, int width, int height, VAImage *out)
{
  MgVaCall call = mg_va_enter(ctx, "vaCreateImage");
  *out = (VAImage){ .image_id = VA_INVALID_ID, .buf = VA_INVALID_ID };
  if (mg_va_picture_format_of(format->fourcc) == NULL)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_IMAGE_FORMAT, "%.4s", (const char *) &format->fourcc);
  MgVaPicture *picture =
      mg_va_failed(&call) ? NULL : mg_va_picture_new(format->fourcc, (guint) width, (guint) height);
  if (picture != NULL)
    add_image(&call, picture, out);
  else
    mg_va_fail(&call, VA_STATUS_ERROR_ALLOCATION_FAILED, "%dx%d", width, height);
  return mg_va_leave(&call);
}

static VAStatus
derive_image(VADriverContextP ctx, VASurfaceID id, VAImage *out)
{
  MgVaCall call = mg_va_enter(ctx, "vaDeriveImage");
  *out = (VAImage){ .image_id = VA_INVALID_ID, .buf = VA_INVALID_ID };
  MgVaSurface *surface = mg_va_get(&call, MG_VA_SURFACE, id);
  if (surface != NULL) {
    add_image(&call, mg_va_picture_ref(surface->picture), out);
    surface->has_content =
        TRUE; /* or will have: the application writes where the driver cannot see it */
  }
  return mg_va_leave(&call);
}

static VAStatus
destroy_image(VADriverContextP ctx, VAImageID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaDestroyImage");
  const Image *image = mg_va_get(&call, MG_VA_IMAGE, id);
  if (image != NULL) {
    const MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, image->buffer);
    if (buffer != NULL && buffer->n_maps > 0)
      mg_va_fail(&call, VA_STATUS_ERROR_INVALID_IMAGE, "0x%08x is mapped", id);
    mg_va_remove(&call, MG_VA_BUFFER, image->buffer);
  }
  mg_va_remove(&call, MG_VA_IMAGE, id);
  return mg_va_leave(&call);
}

static VAStatus
get_image(VADriverContextP ctx, VASurfaceID surface_id, int x, int y, unsigned width,
          unsigned height, VAImageID image_id)
{
  MgVaCall call = mg_va_enter(ctx, "vaGetImage");
  MgVaSurface *surface = mg_va_get(&call, MG_VA_SURFACE, surface_id);
  Image *image = mg_va_get(&call, MG_VA_IMAGE, image_id);
  MgVaCopyArea area = { .sx = (guint) x, .sy = (guint) y, .width = width, .height = height };
  if (image != NULL && !surface->has_content)
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_SURFACE, "0x%08x holds nothing yet", surface_id);
  else if (image != NULL && !mg_va_picture_copy(image->picture, surface->picture, &area))
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_PARAMETER, "%ux%u at %d,%d does not fit", width,
               height, x, y);
  return mg_va_leave(&call);
}

static VAStatus
put_image(VADriverContextP ctx, VASurfaceID surface_id, VAImageID image_id, int sx, int sy,
          unsigned sw, unsigned sh, int dx, int dy, unsigned dw, unsigned dh)
{
  MgVaCall call = mg_va_enter(ctx, "vaPutImage");
  MgVaSurface *surface = mg_va_get(&call, MG_VA_SURFACE, surface_id);
  Image *image = mg_va_get(&call, MG_VA_IMAGE, image_id);
  MgVaCopyArea area = { (guint) sx, (guint) sy, (guint) dx, (guint) dy, sw, sh };
  if (sw != dw || sh != dh)
    mg_va_fail(&call, VA_STATUS_ERROR_UNIMPLEMENTED, "scaling %ux%u to %ux%u", sw, sh, dw, dh);
  else if (image != NULL && !mg_va_picture_copy(surface->picture, image->picture, &area))
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_PARAMETER, "%ux%u does not fit", sw, sh);
  else if (image != NULL)
    surface->has_content = TRUE;
  return mg_va_leave(&call);
}

static VAStatus
copy(VADriverContextP ctx, VACopyObject *to, VACopyObject *from, VACopyOption option)
{
  MgVaCall call = mg_va_enter(ctx, "vaCopy");
  if (to->obj_type != VACopyObjectSurface || from->obj_type != VACopyObjectSurface)
    mg_va_fail(&call, VA_STATUS_ERROR_UNIMPLEMENTED, "copying buffers");
  MgVaSurface *source = mg_va_get(&call, MG_VA_SURFACE, from->object.surface_id);
  MgVaSurface *target = mg_va_get(&call, MG_VA_SURFACE, to->object.surface_id);
  if (target != NULL && !mg_va_picture_copy_all(target->picture, source->picture))
    mg_va_fail(&call, VA_STATUS_ERROR_INVALID_PARAMETER, "8 and 10 bits");
  else if (target != NULL)
    target->has_content = TRUE;
  return mg_va_leave(&call);
}

void
mg_va_image_functions(struct VADriverVTable *table)
{
  table->vaQueryImageFormats = query_formats;
  table->vaCreateImage = create_image;
  table->vaDeriveImage = derive_image;
  table->vaDestroyImage = destroy_image;
  table->vaGetImage = get_image;
  table->vaPutImage = put_image;
  table->vaCopy = copy;
}
