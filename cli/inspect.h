/* What `inspect` writes about one element: the page in inspect-page.c, JSON in inspect-json.c. */
#pragma once

#include "json.h"

#include "pipeline/engine-props.h"

#include <mediagraph/plugin.h>

/* An element of the file itself. */
void inspect_element_page(const MgFileElement *element);
void inspect_element_json(Json *json, const MgFileElement *element);

/* PLUGIN is NULL for classes that come from none. */
void inspect_page(const MgNodeClass *class, const MgPluginDesc *plugin);
void inspect_json(Json *json, const MgNodeClass *class, const MgPluginDesc *plugin);
