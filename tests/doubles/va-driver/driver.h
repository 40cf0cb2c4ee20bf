/*
 * The driver, and a call of it.
 *
 * libva opens one driver per display; the application may call it on any thread. Each function of the table
 * begins with mg_va_enter(), which counts the call, asks the fault plan and takes the driver's lock, and ends
 * with mg_va_leave(), which writes the call's line to the log and gives the lock back. In between a failure
 * sticks: mg_va_get() and the others return NULL once the call has failed, and what has failed first is what
 * the application is told:
 *
 *   MgVaCall call = mg_va_enter(ctx, "vaDestroyConfig");
 *   if (mg_va_get(&call, MG_VA_CONFIG, id) != NULL)
 *     mg_va_objects_remove(&call.va->objects, id);
 *   return mg_va_leave(&call);
 */
#pragma once

#include <stdio.h>
#include <va/va_backend.h>
#include <va/va_backend_vpp.h>
#include "va-driver/faults.h"
#include "va-driver/model.h"
#include "va-driver/objects.h"
#include "va-driver/picture.h"

typedef struct {
  GMutex lock;
  const MgVaModel *model;
  MgVaObjects objects;
  MgVaFaults *faults;
  FILE *log; /* NULL: none is asked for */
} MgVa;

typedef struct {
  MgVa *va;
  const char *name;
  VAStatus status; /* of the first failure */
  char *reason;    /* owned; what the log says of it, or what was asked for */
} MgVaCall;

MgVaCall mg_va_enter(VADriverContextP ctx, const char *name);
VAStatus mg_va_leave(MgVaCall *call);

static inline gboolean
mg_va_failed(const MgVaCall *call)
{
  return call->status != VA_STATUS_SUCCESS;
}

/* Fails the call, unless it has failed before. Returns FALSE, to return. */
gboolean mg_va_fail(MgVaCall *call, VAStatus status, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* What stands behind a call's name in the log when it succeeds: ids and sizes. */
void mg_va_note(MgVaCall *call, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Borrowed; NULL fails the call with the kind's own status. */
gpointer mg_va_get(MgVaCall *call, MgVaKind kind, VAGenericID id);

/* Adds an object to those of the application, which destroys it. */
VAGenericID mg_va_add(MgVaCall *call, MgVaKind kind, gpointer object, GDestroyNotify free);

/* Removes an object and frees it; fails the call when there is none. */
void mg_va_remove(MgVaCall *call, MgVaKind kind, VAGenericID id);

/* Every part of the table puts its functions in. */
void mg_va_config_functions(struct VADriverVTable *table);
void mg_va_surface_functions(struct VADriverVTable *table);
void mg_va_buffer_functions(struct VADriverVTable *table);
void mg_va_image_functions(struct VADriverVTable *table);
void mg_va_context_functions(struct VADriverVTable *table);
void mg_va_process_functions(struct VADriverVTableVPP *table);

/* What no driver of ours has: each says that it is not implemented. */
void mg_va_absent_functions(struct VADriverVTable *table);
