/* Video processing: scaling from one surface into another. */
#include "va-driver/scale.h"
#include "va-driver/types.h"

static gpointer
open_nothing(MgVaCall *call, const MgVaContext *context)
{
  return NULL;
}

static void
close_nothing(gpointer state)
{
}

static MgVaRect
rect_of(const VARectangle *given, const MgVaPicture *picture)
{
  if (given == NULL)
    return (MgVaRect){ 0, 0, picture->width, picture->height };
  return (MgVaRect){ (guint) given->x, (guint) given->y, given->width, given->height };
}

static gboolean
check_simple(MgVaCall *call, const VAProcPipelineParameterBuffer *pipeline)
{
  if (pipeline->num_filters > 0)
    return mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_FILTER, "%u filters",
                      pipeline->num_filters);
  if (pipeline->rotation_state != VA_ROTATION_NONE || pipeline->mirror_state != VA_MIRROR_NONE ||
      pipeline->blend_state != NULL)
    return mg_va_fail(call, VA_STATUS_ERROR_UNIMPLEMENTED, "rotation, mirroring or blending");
  return !mg_va_failed(call);
}

static gboolean
process_picture(MgVaCall *call, MgVaContext *context, MgVaSurface *target)
{
  const VAProcPipelineParameterBuffer *pipeline =
      mg_va_rendered(call, context, VAProcPipelineParameterBufferType, sizeof *pipeline);
  if (pipeline == NULL || !check_simple(call, pipeline))
    return FALSE;
  const MgVaSurface *source = mg_va_get(call, MG_VA_SURFACE, pipeline->surface);
  if (source == NULL)
    return FALSE;
  if (!source->has_content)
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_SURFACE, "0x%08x holds nothing yet",
                      pipeline->surface);
  MgVaRect from = rect_of(pipeline->surface_region, source->picture);
  MgVaRect to = rect_of(pipeline->output_region, target->picture);
  if (!mg_va_scale(target->picture, &to, source->picture, &from))
    return mg_va_fail(call, VA_STATUS_ERROR_INVALID_PARAMETER,
                      "a region leaves its surface, or one surface has 10 bits");
  target->has_content = TRUE;
  mg_va_note(call, "scaled %ux%u to %ux%u", from.width, from.height, to.width, to.height);
  return TRUE;
}

const MgVaWork mg_va_scale_work = {
  .open = open_nothing,
  .picture = process_picture,
  .close = close_nothing,
};

static VAStatus
query_filters(VADriverContextP ctx, VAContextID id, VAProcFilterType *filters, unsigned *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryVideoProcFilters");
  mg_va_get(&call, MG_VA_CONTEXT, id);
  *n = 0;
  return mg_va_leave(&call);
}

static VAStatus
query_filter_caps(VADriverContextP ctx, VAContextID id, VAProcFilterType type, void *caps,
                  unsigned *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryVideoProcFilterCaps");
  mg_va_get(&call, MG_VA_CONTEXT, id);
  mg_va_fail(&call, VA_STATUS_ERROR_UNSUPPORTED_FILTER, "filter %d", type);
  *n = 0;
  return mg_va_leave(&call);
}

static VAStatus
query_pipeline_caps(VADriverContextP ctx, VAContextID id, VABufferID *filters, unsigned n_filters,
                    VAProcPipelineCaps *caps)
{
  static VAProcColorStandardType standards[] = { VAProcColorStandardBT601,
                                                 VAProcColorStandardBT709 };
  MgVaCall call = mg_va_enter(ctx, "vaQueryVideoProcPipelineCaps");
  const MgVaContext *context = mg_va_get(&call, MG_VA_CONTEXT, id);
  if (context != NULL) {
    const MgVaAbility *ability = context->config.ability;
    *caps = (VAProcPipelineCaps){ .input_color_standards = standards,
                                  .num_input_color_standards = G_N_ELEMENTS(standards),
                                  .output_color_standards = standards,
                                  .num_output_color_standards = G_N_ELEMENTS(standards),
                                  .max_input_width = ability->max_width,
                                  .max_input_height = ability->max_height,
                                  .min_input_width = 16,
                                  .min_input_height = 16,
                                  .max_output_width = ability->max_width,
                                  .max_output_height = ability->max_height,
                                  .min_output_width = 16,
                                  .min_output_height = 16 };
  }
  return mg_va_leave(&call);
}

void
mg_va_process_functions(struct VADriverVTableVPP *table)
{
  table->version = VA_DRIVER_VTABLE_VPP_VERSION;
  table->vaQueryVideoProcFilters = query_filters;
  table->vaQueryVideoProcFilterCaps = query_filter_caps;
  table->vaQueryVideoProcPipelineCaps = query_pipeline_caps;
}
