/*
 * A VA-API driver in software, for tests. libva finds it as mgtest_drv_video.so in LIBVA_DRIVERS_PATH; see
 * README.md for what it can do. Three variables of the environment say how it behaves, and are read when a
 * display is initialised:
 *
 *   MG_VA_MODEL    "intel-like" (the default) or "mesa-like": see model.h
 *   MG_VA_FAULTS   what fails: see faults.h
 *   MG_VA_LOG      a file that every call appends a line to: "vaEndPicture HW_BUSY: as planned"
 *
 * The last line of a display says what the application has forgotten: "leaked 2 surfaces" or "nothing leaked".
 */
#include "va-driver/driver.h"

#include <gmodule.h>

G_MODULE_EXPORT VAStatus __vaDriverInit_1_0(VADriverContextP ctx);

static void
driver_free(MgVa *va)
{
  mg_va_objects_clear(&va->objects);
  g_clear_pointer(&va->faults, mg_va_faults_free);
  g_clear_pointer(&va->log, fclose);
  g_mutex_clear(&va->lock);
  g_free(va);
}

static VAStatus
terminate(VADriverContextP ctx)
{
  MgVaCall call = mg_va_enter(ctx, "vaTerminate");
  MgVa *va = call.va;
  g_autofree char *left = mg_va_objects_left(&va->objects);
  VAStatus status = mg_va_leave(&call);
  if (va->log != NULL)
    fprintf(va->log, "%s %s\n", left == NULL ? "nothing" : "leaked",
            left == NULL ? "leaked" : left);
  driver_free(va);
  ctx->pDriverData = NULL;
  return status;
}

static gboolean
read_environment(MgVa *va, GError **error)
{
  const char *model = g_getenv("MG_VA_MODEL"), *log = g_getenv("MG_VA_LOG");
  va->model = mg_va_model_find(model == NULL ? "intel-like" : model);
  va->faults = mg_va_faults_new(g_getenv("MG_VA_FAULTS"), error);
  va->log = log == NULL ? NULL : fopen(log, "ae");
  if (va->log != NULL)
    setvbuf(va->log, NULL, _IOLBF, 0);
  return va->model != NULL && va->faults != NULL && (log == NULL || va->log != NULL);
}

/* libva refuses a driver that leaves one of these at zero. */
static void
describe(VADriverContextP ctx, const MgVaModel *model)
{
  ctx->version_major = 1;
  ctx->version_minor = 0;
  ctx->max_profiles = 16;
  ctx->max_entrypoints = 8;
  ctx->max_attributes = 32;
  ctx->max_image_formats = 8;
  ctx->max_subpic_formats = 1;
  ctx->max_display_attributes = 1;
  ctx->str_vendor = model->vendor;
}

VAStatus
__vaDriverInit_1_0(VADriverContextP ctx)
{
  g_autoptr(GError) error = NULL;
  MgVa *va = g_new0(MgVa, 1);
  g_mutex_init(&va->lock);
  mg_va_objects_init(&va->objects);
  if (!read_environment(va, &error)) {
    fprintf(stderr, "va-driver: %s\n", error == NULL ? "no such model or log" : error->message);
    driver_free(va);
    return VA_STATUS_ERROR_UNKNOWN;
  }
  ctx->pDriverData = va;
  MgVaCall call = mg_va_enter(ctx, "vaInitialize");
  mg_va_note(&call, "%s", va->model->name);
  if (mg_va_leave(&call) != VA_STATUS_SUCCESS) {
    VAStatus status = call.status;
    driver_free(va);
    ctx->pDriverData = NULL;
    return status;
  }
  describe(ctx, va->model);
  ctx->vtable->vaTerminate = terminate;
  mg_va_config_functions(ctx->vtable);
  mg_va_surface_functions(ctx->vtable);
  mg_va_buffer_functions(ctx->vtable);
  mg_va_image_functions(ctx->vtable);
  mg_va_context_functions(ctx->vtable);
  mg_va_absent_functions(ctx->vtable);
  mg_va_process_functions(ctx->vtable_vpp);
  return VA_STATUS_SUCCESS;
}
