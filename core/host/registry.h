/*
 * Node classes by name.
 *
 * A name is looked up first among the classes registered in this process (tests, the harness), then as
 * a plugin: NAME.so in the folders of MEDIAGRAPH_PLUGIN_PATH (colon separated), then in the built-in
 * plugin folder. There is no cache on disk: opening 40 plugins takes 1.5 ms.
 */
#pragma once

#include "util/internal.h"

#include <mediagraph/plugin.h>

/* The class NAME, loaded if need be, for ever valid; NULL and ERROR (with what dlopen said) if not. */
MG_INTERNAL_API const MgNodeClass *mg_registry_find(const char *name, GError **error);

/* The plugin that CLASS came from, or NULL when it was registered by hand. */
MG_INTERNAL_API const MgPluginDesc *mg_registry_plugin_of(const MgNodeClass *class);

/* Registers a class by hand. Borrowed for ever. */
MG_INTERNAL_API void mg_registry_add(const MgNodeClass *class);

/* Returned-owned: names of all that can be found, sorted; g_strfreev(). */
MG_INTERNAL_API char **mg_registry_list(void);
