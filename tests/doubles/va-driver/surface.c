/* Surfaces: made, asked about, synchronised and destroyed. */
#include "va-driver/types.h"

static void
surface_free(gpointer data)
{
  MgVaSurface *surface = data;
  g_clear_pointer(&surface->picture, mg_va_picture_unref);
  g_free(surface);
}

/* The fourcc an application asks for, else the one that goes with the format. */
static guint32
fourcc_of(MgVaCall *call, guint format, const VASurfaceAttrib *attributes, guint n)
{
  guint32 fourcc = format == VA_RT_FORMAT_YUV420_10 ? VA_FOURCC_P010 : VA_FOURCC_NV12;
  if (format != VA_RT_FORMAT_YUV420 && format != VA_RT_FORMAT_YUV420_10)
    mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT, "format 0x%x", format);
  for (guint i = 0; i < n; i++) {
    gboolean is_set = (attributes[i].flags & VA_SURFACE_ATTRIB_SETTABLE) != 0;
    if (is_set && attributes[i].type == VASurfaceAttribPixelFormat)
      fourcc = (guint32) attributes[i].value.value.i;
    if (is_set && attributes[i].type == VASurfaceAttribMemoryType &&
        attributes[i].value.value.i != VA_SURFACE_ATTRIB_MEM_TYPE_VA)
      mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_MEMORY_TYPE, "memory type 0x%x",
                 attributes[i].value.value.i);
  }
  return fourcc;
}

static VASurfaceID
add_surface(MgVaCall *call, guint32 fourcc, guint width, guint height)
{
  MgVaPicture *picture = mg_va_failed(call) ? NULL : mg_va_picture_new(fourcc, width, height);
  if (picture == NULL) {
    mg_va_fail(call, VA_STATUS_ERROR_ALLOCATION_FAILED, "%.4s %ux%u", (const char *) &fourcc, width,
               height);
    return VA_INVALID_SURFACE;
  }
  MgVaSurface *surface = g_new0(MgVaSurface, 1);
  surface->picture = picture;
  return mg_va_add(call, MG_VA_SURFACE, surface, surface_free);
}

/* All N of them or none. */
static VAStatus
create_surfaces2(VADriverContextP ctx, unsigned format, unsigned width, unsigned height,
                 VASurfaceID *ids, unsigned n, VASurfaceAttrib *attributes, unsigned n_attributes)
{
  MgVaCall call = mg_va_enter(ctx, "vaCreateSurfaces");
  guint32 fourcc = fourcc_of(&call, format, attributes, n_attributes);
  guint n_made = 0;
  while (n_made < n && !mg_va_failed(&call)) {
    ids[n_made] = add_surface(&call, fourcc, width, height);
    n_made += ids[n_made] != VA_INVALID_SURFACE;
  }
  for (guint i = 0; i < n && mg_va_failed(&call); i++) {
    if (i < n_made)
      mg_va_objects_remove(&call.va->objects, ids[i]);
    ids[i] = VA_INVALID_SURFACE;
  }
  mg_va_note(&call, "%u of %.4s %ux%u", n, (const char *) &fourcc, width, height);
  return mg_va_leave(&call);
}

static VAStatus
create_surfaces(VADriverContextP ctx, int width, int height, int format, int n, VASurfaceID *ids)
{
  return create_surfaces2(ctx, (unsigned) format, (unsigned) width, (unsigned) height, ids,
                          (unsigned) n, NULL, 0);
}

static VAStatus
destroy_surfaces(VADriverContextP ctx, VASurfaceID *ids, int n)
{
  MgVaCall call = mg_va_enter(ctx, "vaDestroySurfaces");
  for (int i = 0; i < n; i++)
    mg_va_remove(&call, MG_VA_SURFACE, ids[i]);
  return mg_va_leave(&call);
}

static VASurfaceAttrib
integer(VASurfaceAttribType type, guint32 flags, gint value)
{
  return (VASurfaceAttrib){ .type = type,
                            .flags = flags,
                            .value = { VAGenericValueTypeInteger, { .i = value } } };
}

/* Without a list the number of attributes; with one, the attributes. */
static VAStatus
query_surface_attributes(VADriverContextP ctx, VAConfigID id, VASurfaceAttrib *list, unsigned *n)
{
  enum { READ = VA_SURFACE_ATTRIB_GETTABLE, WRITE = READ | VA_SURFACE_ATTRIB_SETTABLE, MOST = 8 };
  MgVaCall call = mg_va_enter(ctx, "vaQuerySurfaceAttributes");
  const MgVaConfig *config = mg_va_get(&call, MG_VA_CONFIG, id);
  if (config == NULL)
    return mg_va_leave(&call);
  VASurfaceAttrib all[MOST];
  guint n_all = 0;
  gboolean has_10 = (config->rt_format & VA_RT_FORMAT_YUV420_10) != 0;
  all[n_all++] = integer(VASurfaceAttribPixelFormat, WRITE, VA_FOURCC_NV12);
  if (has_10)
    all[n_all++] = integer(VASurfaceAttribPixelFormat, WRITE, VA_FOURCC_P010);
  all[n_all++] = integer(VASurfaceAttribMemoryType, WRITE, VA_SURFACE_ATTRIB_MEM_TYPE_VA);
  all[n_all++] = integer(VASurfaceAttribMinWidth, READ, 16);
  all[n_all++] = integer(VASurfaceAttribMinHeight, READ, 16);
  all[n_all++] = integer(VASurfaceAttribMaxWidth, READ, (gint) config->ability->max_width);
  all[n_all++] = integer(VASurfaceAttribMaxHeight, READ, (gint) config->ability->max_height);
  if (list != NULL && *n < n_all)
    mg_va_fail(&call, VA_STATUS_ERROR_MAX_NUM_EXCEEDED, "%u of %u", *n, n_all);
  for (guint i = 0; list != NULL && !mg_va_failed(&call) && i < n_all; i++)
    list[i] = all[i];
  *n = n_all;
  return mg_va_leave(&call);
}

/* All work is done when EndPicture returns. */
static VAStatus
sync_surface(VADriverContextP ctx, VASurfaceID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaSyncSurface");
  mg_va_get(&call, MG_VA_SURFACE, id);
  return mg_va_leave(&call);
}

static VAStatus
sync_surface2(VADriverContextP ctx, VASurfaceID id, uint64_t timeout_ns)
{
  return sync_surface(ctx, id);
}

static VAStatus
query_status(VADriverContextP ctx, VASurfaceID id, VASurfaceStatus *status)
{
  MgVaCall call = mg_va_enter(ctx, "vaQuerySurfaceStatus");
  if (mg_va_get(&call, MG_VA_SURFACE, id) != NULL)
    *status = VASurfaceReady;
  return mg_va_leave(&call);
}

void
mg_va_surface_functions(struct VADriverVTable *table)
{
  table->vaCreateSurfaces = create_surfaces;
  table->vaCreateSurfaces2 = create_surfaces2;
  table->vaDestroySurfaces = destroy_surfaces;
  table->vaQuerySurfaceAttributes = query_surface_attributes;
  table->vaSyncSurface = sync_surface;
  table->vaSyncSurface2 = sync_surface2;
  table->vaQuerySurfaceStatus = query_status;
}
