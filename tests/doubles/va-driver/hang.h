/*
 * Calls that do not return, as those into a hung device do not.
 *
 * mg_va_resume() is exported by the driver, for a test in the same process to find with dlsym(): it lets all
 * calls go on that hang, on all displays. A process that is killed needs none.
 */
#pragma once

#include <gmodule.h>

/* Blocks until the next mg_va_resume(). The driver's lock is not held. */
void mg_va_hang(void);

/* How many calls hang, and lets them go on. Any thread. */
G_MODULE_EXPORT guint mg_va_resume(void);
