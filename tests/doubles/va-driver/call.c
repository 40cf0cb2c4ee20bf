/* One call from beginning to end, and its line in the log. */
#include "va-driver/driver.h"
#include "va-driver/hang.h"

static const VAStatus NO_SUCH[] = {
  [MG_VA_CONFIG] = VA_STATUS_ERROR_INVALID_CONFIG,
  [MG_VA_CONTEXT] = VA_STATUS_ERROR_INVALID_CONTEXT,
  [MG_VA_SURFACE] = VA_STATUS_ERROR_INVALID_SURFACE,
  [MG_VA_BUFFER] = VA_STATUS_ERROR_INVALID_BUFFER,
  [MG_VA_IMAGE] = VA_STATUS_ERROR_INVALID_IMAGE,
};

MgVaCall
mg_va_enter(VADriverContextP ctx, const char *name)
{
  MgVaCall call = { .va = ctx->pDriverData, .name = name };
  g_mutex_lock(&call.va->lock);
  VAStatus fault = mg_va_faults_next(call.va->faults, name);
  if (fault == MG_VA_HANG) {
    if (call.va->log != NULL)
      fprintf(call.va->log, "%s hangs\n", name);
    g_mutex_unlock(&call.va->lock);
    mg_va_hang();
    g_mutex_lock(&call.va->lock);
  } else if (fault != VA_STATUS_SUCCESS) {
    mg_va_fail(&call, fault, "as planned");
  }
  return call;
}

VAStatus
mg_va_leave(MgVaCall *call)
{
  MgVa *va = call->va;
  if (va->log != NULL)
    fprintf(va->log, "%s %s%s%s\n", call->name, mg_va_status_name(call->status),
            call->reason == NULL ? "" : ": ", call->reason == NULL ? "" : call->reason);
  g_clear_pointer(&call->reason, g_free);
  g_mutex_unlock(&va->lock);
  return call->status;
}

gboolean
mg_va_fail(MgVaCall *call, VAStatus status, const char *format, ...)
{
  if (mg_va_failed(call))
    return FALSE;
  va_list args;
  va_start(args, format);
  g_free(call->reason);
  call->reason = g_strdup_vprintf(format, args);
  call->status = status;
  va_end(args);
  return FALSE;
}

void
mg_va_note(MgVaCall *call, const char *format, ...)
{
  if (mg_va_failed(call))
    return;
  va_list args;
  va_start(args, format);
  g_free(call->reason);
  call->reason = g_strdup_vprintf(format, args);
  va_end(args);
}

gpointer
mg_va_get(MgVaCall *call, MgVaKind kind, VAGenericID id)
{
  if (mg_va_failed(call))
    return NULL;
  gpointer object = mg_va_objects_get(&call->va->objects, kind, id);
  if (object == NULL) {
    g_autofree char *why = mg_va_objects_explain(&call->va->objects, kind, id);
    mg_va_fail(call, NO_SUCH[kind], "%s", why);
  }
  return object;
}

VAGenericID
mg_va_add(MgVaCall *call, MgVaKind kind, gpointer object, GDestroyNotify free)
{
  return mg_va_objects_add(&call->va->objects, kind, object, free);
}

void
mg_va_remove(MgVaCall *call, MgVaKind kind, VAGenericID id)
{
  if (mg_va_get(call, kind, id) == NULL)
    return;
  mg_va_note(call, "0x%08x", id);
  mg_va_objects_remove(&call->va->objects, id);
}
