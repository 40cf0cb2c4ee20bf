/*
 * A plugin is one .so with one exported symbol:
 *
 *   MG_EXPORT const MgPluginDesc mg_plugin = {
 *     .abi = MG_ABI, .size = sizeof(MgPluginDesc), .name = "example-filter", .version = "1.0",
 *     .licence = "LGPL-2.1-or-later", .classes = classes,
 *   };
 *
 * The loader refuses another abi with a sentence. Structs of the SDK only ever grow at their end, and
 * carry their size: a table compiled against an older SDK reads as zeros in what it does not know.
 * A plugin stays loaded until the process ends.
 */
#pragma once

#include <mediagraph/node.h>

G_BEGIN_DECLS

#define MG_ABI    1u

#define MG_EXPORT __attribute__((visibility("default")))

typedef struct {
  guint abi;  /* MG_ABI */
  guint size; /* sizeof (MgPluginDesc) */
  const char *name;
  const char *version;
  const char *licence;               /* SPDX */
  const MgNodeClass *const *classes; /* ends with NULL */
  /*
   * What the plugin offers the command line, by the name that an SDK header gives it (auth.h is an example):
   * a table of functions on the plugin's own files. Returns NULL for other names; may be NULL.
   */
  gconstpointer (*tool)(const char *name);
} MgPluginDesc;

G_END_DECLS
