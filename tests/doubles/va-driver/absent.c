/*
 * What libva wants to be in the table, and no transcoder calls: windows, palettes, subpictures, display
 * attributes, locking and exporting.
 */
#include "va-driver/driver.h"

static VAStatus
say(VADriverContextP ctx, const char *name)
{
  MgVaCall call = mg_va_enter(ctx, name);
  mg_va_fail(&call, VA_STATUS_ERROR_UNIMPLEMENTED, "the double has none");
  return mg_va_leave(&call);
}

static VAStatus
surface_error(VADriverContextP ctx, VASurfaceID id, VAStatus status, void **info)
{
  return say(ctx, "vaQuerySurfaceError");
}

static VAStatus
put_surface(VADriverContextP ctx, VASurfaceID id, void *draw, short sx, short sy, unsigned short sw,
            unsigned short sh, short dx, short dy, unsigned short dw, unsigned short dh,
            VARectangle *clips, unsigned n, unsigned flags)
{
  return say(ctx, "vaPutSurface");
}

static VAStatus
set_palette(VADriverContextP ctx, VAImageID id, unsigned char *palette)
{
  return say(ctx, "vaSetImagePalette");
}

static VAStatus
query_subpicture_formats(VADriverContextP ctx, VAImageFormat *list, unsigned *flags, unsigned *n)
{
  *n = 0;
  return say(ctx, "vaQuerySubpictureFormats");
}

static VAStatus
create_subpicture(VADriverContextP ctx, VAImageID image, VASubpictureID *id)
{
  return say(ctx, "vaCreateSubpicture");
}

static VAStatus
destroy_subpicture(VADriverContextP ctx, VASubpictureID id)
{
  return say(ctx, "vaDestroySubpicture");
}

static VAStatus
set_subpicture_image(VADriverContextP ctx, VASubpictureID id, VAImageID image)
{
  return say(ctx, "vaSetSubpictureImage");
}

static VAStatus
set_chromakey(VADriverContextP ctx, VASubpictureID id, unsigned min, unsigned max, unsigned mask)
{
  return say(ctx, "vaSetSubpictureChromakey");
}

static VAStatus
set_alpha(VADriverContextP ctx, VASubpictureID id, float alpha)
{
  return say(ctx, "vaSetSubpictureGlobalAlpha");
}

static VAStatus
associate(VADriverContextP ctx, VASubpictureID id, VASurfaceID *surfaces, int n, short sx, short sy,
          unsigned short sw, unsigned short sh, short dx, short dy, unsigned short dw,
          unsigned short dh, unsigned flags)
{
  return say(ctx, "vaAssociateSubpicture");
}

static VAStatus
deassociate(VADriverContextP ctx, VASubpictureID id, VASurfaceID *surfaces, int n)
{
  return say(ctx, "vaDeassociateSubpicture");
}

static VAStatus
query_display(VADriverContextP ctx, VADisplayAttribute *list, int *n)
{
  *n = 0;
  return say(ctx, "vaQueryDisplayAttributes");
}

static VAStatus
get_display(VADriverContextP ctx, VADisplayAttribute *list, int n)
{
  return say(ctx, "vaGetDisplayAttributes");
}

static VAStatus
set_display(VADriverContextP ctx, VADisplayAttribute *list, int n)
{
  return say(ctx, "vaSetDisplayAttributes");
}

static VAStatus
lock_surface(VADriverContextP ctx, VASurfaceID id, unsigned *fourcc, unsigned *y_stride,
             unsigned *u_stride, unsigned *v_stride, unsigned *y_offset, unsigned *u_offset,
             unsigned *v_offset, unsigned *name, void **data)
{
  return say(ctx, "vaLockSurface");
}

static VAStatus
unlock_surface(VADriverContextP ctx, VASurfaceID id)
{
  return say(ctx, "vaUnlockSurface");
}

static VAStatus
export_surface(VADriverContextP ctx, VASurfaceID id, uint32_t type, uint32_t flags, void *out)
{
  return say(ctx, "vaExportSurfaceHandle");
}

void
mg_va_absent_functions(struct VADriverVTable *table)
{
  table->vaQuerySurfaceError = surface_error;
  table->vaPutSurface = put_surface;
  table->vaSetImagePalette = set_palette;
  table->vaQuerySubpictureFormats = query_subpicture_formats;
  table->vaCreateSubpicture = create_subpicture;
  table->vaDestroySubpicture = destroy_subpicture;
  table->vaSetSubpictureImage = set_subpicture_image;
  table->vaSetSubpictureChromakey = set_chromakey;
  table->vaSetSubpictureGlobalAlpha = set_alpha;
  table->vaAssociateSubpicture = associate;
  table->vaDeassociateSubpicture = deassociate;
  table->vaQueryDisplayAttributes = query_display;
  table->vaGetDisplayAttributes = get_display;
  table->vaSetDisplayAttributes = set_display;
  table->vaLockSurface = lock_surface;
  table->vaUnlockSurface = unlock_surface;
  table->vaExportSurfaceHandle = export_surface;
}
