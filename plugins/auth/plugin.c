#include "auth/node.h"
#include "auth/tool.h"

#include <string.h>

static const MgNodeClass *const classes[] = { &auth_class, NULL };

static gconstpointer
find_tool(const char *name)
{
  return strcmp(name, MG_AUTH_KEYS_TOOL) == 0 ? &auth_keys_tool : NULL;
}

MG_EXPORT const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "auth",
  .version = "0.1",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
  .tool = find_tool,
};
