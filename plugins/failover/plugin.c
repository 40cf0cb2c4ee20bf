#include "node.h"

#include <mediagraph/plugin.h>

static const MgNodeClass *const classes[] = { &failover_class, NULL };

MG_EXPORT const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "failover",
  .version = "0.1",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
};
