/* A plugin that is right. */
#include <mediagraph/plugin.h>

static const MgNodeClass node_class = {
  .size = sizeof(MgNodeClass),
  .name = "double-good",
  .help = "is right",
  .role = MG_ROLE_FILTER,
  .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
  .gives = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
};

static const MgNodeClass second_class = {
  .size = sizeof(MgNodeClass),
  .name = "double-second",
  .help = "comes with double-good",
  .role = MG_ROLE_SINK,
  .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
};

static const MgNodeClass *const classes[] = { &node_class, &second_class, NULL };

MG_EXPORT extern const MgPluginDesc mg_plugin;

const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "double-good",
  .version = "1.2",
  .licence = "LGPL-2.1-or-later",
  .classes = classes,
};
