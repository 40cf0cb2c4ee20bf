/*
 * From attributes in XML to fields of a private struct, by the property table.
 *
 * All functions are pure but for the memory they fill in, and may run on any thread.
 */
#pragma once

#include "host/element.h"

#include <mediagraph/node.h>

/* What ${…} stands for in one session. NULL pointers: the variable is not known here. */
typedef struct {
  const char *app;
  const char *stream;
  const char *session;
  gint64 start_utc_us;
} MgVariables;

/*
 * Fills SELF (zeroed, class->instance_size bytes) with the defaults and the attributes and children of
 * ELEMENT. Engine attributes (id, from, on-error, queue…) are skipped. VARIABLES replace ${…} in
 * templates; NULL leaves them as written. FALSE and ERROR on the first bad value; then SELF must still
 * be cleared.
 */
gboolean mg_props_fill(const MgNodeClass *class, const MgElement *element,
                       const MgVariables *variables, gpointer self, GError **error);

/* Frees what mg_props_fill() allocated inside SELF. */
void mg_props_clear(const MgNodeClass *class, gpointer self);

/* Whether ATTRIBUTE of a node element belongs to the engine and not to the class. */
gboolean mg_props_is_engine_attribute(const char *name);
