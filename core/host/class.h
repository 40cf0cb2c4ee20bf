/*
 * Whether a node class can be used: the promises that its tables make to the engine.
 *
 * Checked once, when a class is registered or its plugin is loaded, so that nobody else has to doubt them.
 */
#pragma once

#include "util/internal.h"

#include <mediagraph/node.h>

/*
 * FALSE and MG_ERROR_INVALID when CLASS breaks a promise; the message is for the plugin's author:
 * "property 'segment': default \"4\" is not a time; …". Any thread.
 */
gboolean mg_class_check(const MgNodeClass *class, GError **error);

/* CLASS, or its variant for elements whose attribute "mode" is MODE (NULL: they have none). Any thread. */
MG_INTERNAL_API const MgNodeClass *mg_class_for_mode(const MgNodeClass *class, const char *mode);

/*
 * Whether NAME may be a node type: it begins with a lower-case letter, has lower-case letters, digits and
 * '-', 128 at most, and is no word of the pipeline file.
 */
MG_INTERNAL_API gboolean mg_class_name_is_valid(const char *name);
