#include "auth/node.h"

static const MgNodeClass *const classes[] = { &auth_class, NULL };

MG_EXPORT const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "auth",
  .version = "0.1.0",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
};
