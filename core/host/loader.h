/*
 * Opens a plugin: a .so with the one symbol `mg_plugin` (<mediagraph/plugin.h>).
 *
 * A plugin may be older or newer than this engine as long as the abi is the same: structs that carry
 * their size are copied into ours, where what is missing reads as zeros and what is beyond is left out.
 * MgProp, MgChildKind and MgChoice stand in arrays and carry no size: they change with the abi only.
 */
#pragma once

#include <mediagraph/plugin.h>

/*
 * The plugin in the file PATH, its classes checked; it stays loaded, and the description lives, for
 * ever. NULL and MG_ERROR_FAILED, with what dlopen or the check said, if not. Any thread.
 */
const MgPluginDesc *mg_loader_open(const char *path, GError **error);

/*
 * The same for a description that is here already: a full-size copy that is never freed. NULL and
 * MG_ERROR_FAILED when it is not right.
 */
const MgPluginDesc *mg_loader_adopt(const MgPluginDesc *desc, GError **error);
