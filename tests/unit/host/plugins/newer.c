/* A plugin for an interface that does not exist. */
#include <mediagraph/plugin.h>

MG_EXPORT extern const MgPluginDesc mg_plugin;

const MgPluginDesc mg_plugin = { .abi = MG_ABI + 1, .size = sizeof(MgPluginDesc) };
