/*
 * The fault plan: which call of the driver fails, and how.
 *
 * A plan is text, parts separated by commas, each CALL@N=HOW:
 *
 *   vaEndPicture@3=HW_BUSY         the third vaEndPicture() fails with VA_STATUS_ERROR_HW_BUSY
 *   vaSyncBuffer@1+=TIMEDOUT       each one does, from the first on
 *   *@120+=OPERATION_FAILED        the device is lost at the 120th call of all
 *   vaSyncSurface@2=hang           the second does not return before mg_va_resume()
 *
 * CALL is a function of libva; N counts from 1, from vaInitialize() on. Whoever has one holds the driver's
 * lock while calling in here.
 */
#pragma once

#include <glib.h>
#include <va/va.h>

typedef struct MgVaFaults MgVaFaults;

/* What a plan says of a call besides a status. */
#define MG_VA_HANG ((VAStatus) 0x7fffffff)

/* Returned-owned; NULL and ERROR when PLAN cannot be read. A NULL plan is one without faults. */
MgVaFaults *mg_va_faults_new(const char *plan, GError **error);

/* NULL is fine. */
void mg_va_faults_free(MgVaFaults *faults);

/* Counts a call of NAME: VA_STATUS_SUCCESS when nothing is planned for it, else what is. */
VAStatus mg_va_faults_next(MgVaFaults *faults, const char *name);

/* "HW_BUSY" for VA_STATUS_ERROR_HW_BUSY, "SUCCESS"; "UNKNOWN" for what has no name. Static. */
const char *mg_va_status_name(VAStatus status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgVaFaults, mg_va_faults_free)
