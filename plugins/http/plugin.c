#include "http/node.h"

static const MgNodeClass *const classes[] = { &mg_http_class, NULL };

MG_EXPORT const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "http",
  .version = "0.1",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
};
