/* A plugin that needs a variable which no library has. */
#include <mediagraph/plugin.h>

extern const MgNodeClass *const double_class_of_nobody[];

MG_EXPORT extern const MgPluginDesc mg_plugin;

const MgPluginDesc mg_plugin = { .abi = MG_ABI, .classes = double_class_of_nobody };
