/* Contexts, and the pictures that are begun, rendered and ended in them. */
#include "va-driver/types.h"

static const MgVaWork *
work_of(const MgVaConfig *config)
{
  switch (config->ability->entrypoint) {
  case VAEntrypointVLD: return &mg_va_h264_decode_work;
  case VAEntrypointVideoProc: return &mg_va_scale_work;
  default: return &mg_va_h264_encode_work;
  }
}

static void
context_free(gpointer data)
{
  MgVaContext *context = data;
  context->work->close(context->state);
  g_ptr_array_unref(context->rendered);
  g_free(context);
}

static VAContextID
add_context(MgVaCall *call, const MgVaConfig *config, int width, int height)
{
  const MgVaAbility *ability = config->ability;
  if (width < 0 || height < 0 || (guint) width > ability->max_width ||
      (guint) height > ability->max_height) {
    mg_va_fail(call, VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED, "%dx%d", width, height);
    return VA_INVALID_ID;
  }
  MgVaContext *context = g_new0(MgVaContext, 1);
  *context = (MgVaContext){ .config = *config,
                            .width = (guint) width,
                            .height = (guint) height,
                            .target = VA_INVALID_SURFACE,
                            .rendered = g_ptr_array_new_with_free_func(mg_va_buffer_unref),
                            .work = work_of(config) };
  context->state = context->work->open(call, context);
  if (mg_va_failed(call)) {
    context_free(context);
    return VA_INVALID_ID;
  }
  return mg_va_add(call, MG_VA_CONTEXT, context, context_free);
}

static VAStatus
create_context(VADriverContextP ctx, VAConfigID config_id, int width, int height, int flag,
               VASurfaceID *targets, int n_targets, VAContextID *id)
{
  MgVaCall call = mg_va_enter(ctx, "vaCreateContext");
  *id = VA_INVALID_ID;
  const MgVaConfig *config = mg_va_get(&call, MG_VA_CONFIG, config_id);
  for (int i = 0; i < n_targets; i++)
    mg_va_get(&call, MG_VA_SURFACE, targets[i]);
  if (!mg_va_failed(&call))
    *id = add_context(&call, config, width, height);
  mg_va_note(&call, "0x%08x %dx%d", *id, width, height);
  return mg_va_leave(&call);
}

static VAStatus
destroy_context(VADriverContextP ctx, VAContextID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaDestroyContext");
  mg_va_remove(&call, MG_VA_CONTEXT, id);
  return mg_va_leave(&call);
}

static VAStatus
begin_picture(VADriverContextP ctx, VAContextID id, VASurfaceID target)
{
  MgVaCall call = mg_va_enter(ctx, "vaBeginPicture");
  MgVaContext *context = mg_va_get(&call, MG_VA_CONTEXT, id);
  mg_va_get(&call, MG_VA_SURFACE, target);
  if (!mg_va_failed(&call) && context->target != VA_INVALID_SURFACE)
    mg_va_fail(&call, VA_STATUS_ERROR_OPERATION_FAILED, "0x%08x has not ended", context->target);
  if (!mg_va_failed(&call))
    context->target = target;
  mg_va_note(&call, "0x%08x in 0x%08x", target, id);
  return mg_va_leave(&call);
}

static MgVaContext *
get_begun(MgVaCall *call, VAContextID id)
{
  MgVaContext *context = mg_va_get(call, MG_VA_CONTEXT, id);
  if (context != NULL && context->target == VA_INVALID_SURFACE)
    mg_va_fail(call, VA_STATUS_ERROR_OPERATION_FAILED, "no picture is begun in 0x%08x", id);
  return mg_va_failed(call) ? NULL : context;
}

static VAStatus
render_picture(VADriverContextP ctx, VAContextID id, VABufferID *buffers, int n)
{
  MgVaCall call = mg_va_enter(ctx, "vaRenderPicture");
  MgVaContext *context = get_begun(&call, id);
  for (int i = 0; i < n && !mg_va_failed(&call); i++) {
    MgVaBuffer *buffer = mg_va_get(&call, MG_VA_BUFFER, buffers[i]);
    if (buffer != NULL)
      g_ptr_array_add(context->rendered, g_rc_box_acquire(buffer));
  }
  mg_va_note(&call, "%d buffers", n);
  return mg_va_leave(&call);
}

/* Whatever comes of it, the picture is over. */
static VAStatus
end_picture(VADriverContextP ctx, VAContextID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaEndPicture");
  MgVaContext *context = mg_va_objects_get(&call.va->objects, MG_VA_CONTEXT, id);
  if (get_begun(&call, id) != NULL) {
    MgVaSurface *target = mg_va_get(&call, MG_VA_SURFACE, context->target);
    if (target != NULL)
      context->work->picture(&call, context, target);
  }
  if (context != NULL) {
    context->target = VA_INVALID_SURFACE;
    g_ptr_array_set_size(context->rendered, 0);
  }
  return mg_va_leave(&call);
}

const void *
mg_va_rendered(MgVaCall *call, const MgVaContext *context, VABufferType type, gsize size)
{
  for (guint i = 0; i < context->rendered->len && !mg_va_failed(call); i++) {
    const MgVaBuffer *buffer = g_ptr_array_index(context->rendered, i);
    if (buffer->type == type && mg_va_buffer_size(buffer) >= size)
      return buffer->data;
  }
  mg_va_fail(call, VA_STATUS_ERROR_INVALID_BUFFER, "no buffer of type %d was rendered", type);
  return NULL;
}

void
mg_va_context_functions(struct VADriverVTable *table)
{
  table->vaCreateContext = create_context;
  table->vaDestroyContext = destroy_context;
  table->vaBeginPicture = begin_picture;
  table->vaRenderPicture = render_picture;
  table->vaEndPicture = end_picture;
}
