/* A plugin whose class is not named like its file. */
#include <mediagraph/plugin.h>

static const MgNodeClass node_class = {
  .size = sizeof(MgNodeClass),
  .name = "double-elsewhere",
  .help = "is found by nobody",
  .role = MG_ROLE_SERVICE,
};

static const MgNodeClass *const classes[] = { &node_class, NULL };

MG_EXPORT extern const MgPluginDesc mg_plugin;

const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "double-other-name",
  .version = "1",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
};
