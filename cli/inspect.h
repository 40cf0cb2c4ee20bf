/* What `inspect` writes about one node type: the page in inspect-page.c, JSON in inspect-json.c. */
#pragma once

#include "json.h"

#include <mediagraph/plugin.h>

/* PLUGIN is NULL for classes that come from none. */
void inspect_page(const MgNodeClass *class, const MgPluginDesc *plugin);
void inspect_json(Json *json, const MgNodeClass *class, const MgPluginDesc *plugin);
