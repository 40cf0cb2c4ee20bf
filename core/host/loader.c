#include "host/loader.h"

#include "host/class.h"
#include "util/refuse.h"

#include <gmodule.h>
#include <string.h>

/* The smallest structs of this abi: the members they were born with. */
#define SMALLEST_DESC  (offsetof(MgPluginDesc, classes) + sizeof(gpointer))
#define SMALLEST_CLASS (offsetof(MgNodeClass, pause) + sizeof(gpointer))

enum { MOST_CLASSES = 64 };

/* Returned-owned: SIZE bytes of which the first ones come from the struct FROM of FROM_SIZE. */
static gpointer
widen(gconstpointer from, gsize from_size, gsize size)
{
  gpointer copy = g_malloc0(size);
  memcpy(copy, from, MIN(from_size, size));
  return copy;
}

static gboolean
check_desc(const MgPluginDesc *desc, GError **error)
{
  if (desc->abi != MG_ABI)
    return mg_refuse(error, MG_ERROR_FAILED,
                     "it was built for plugin interface %u, this engine has %u; build it again "
                     "against this version",
                     desc->abi, MG_ABI);
  if (desc->size < SMALLEST_DESC || desc->name == NULL || desc->version == NULL ||
      desc->licence == NULL || desc->classes == NULL || desc->classes[0] == NULL)
    return mg_refuse(error, MG_ERROR_FAILED, "its description is incomplete");
  return TRUE;
}

static MgNodeClass **adopt_classes(const MgNodeClass *const *classes, GError **error);

/* Variants have none of their own. */
static gboolean
adopt_variants(MgNodeClass *class, GError **error)
{
  if (class->mode != NULL || class->variants == NULL)
    return TRUE;
  class->variants = (const MgNodeClass *const *) adopt_classes(class->variants, error);
  return class->variants != NULL;
}

static MgNodeClass *
adopt_class(const MgNodeClass *class, GError **error)
{
  if (class->size < SMALLEST_CLASS) {
    mg_refuse(error, MG_ERROR_FAILED, "a node class is incomplete");
    return NULL;
  }
  MgNodeClass *copy = widen(class, class->size, sizeof *copy);
  copy->size = sizeof *copy;
  if (mg_class_check(copy, error) && adopt_variants(copy, error))
    return copy;
  g_prefix_error(error, "node class '%s': ", copy->name ? copy->name : "");
  g_free(copy);
  return NULL;
}

static MgNodeClass **
adopt_classes(const MgNodeClass *const *classes, GError **error)
{
  MgNodeClass **copies = g_new0(MgNodeClass *, MOST_CLASSES + 1);
  for (guint i = 0; classes[i] != NULL; i++) {
    if (i < MOST_CLASSES && (copies[i] = adopt_class(classes[i], error)) != NULL)
      continue;
    if (i == MOST_CLASSES)
      mg_refuse(error, MG_ERROR_FAILED, "it has more than %d node classes", MOST_CLASSES);
    for (guint k = 0; k < i; k++)
      g_free(copies[k]);
    g_free(copies);
    return NULL;
  }
  return copies;
}

/* Descriptions live for ever, even those that nobody wants afterwards: leak checkers see it here. */
static void
keep(MgPluginDesc *desc)
{
  static GMutex lock;
  static GSList *kept;
  g_mutex_lock(&lock);
  kept = g_slist_prepend(kept, desc);
  g_mutex_unlock(&lock);
}

const MgPluginDesc *
mg_loader_adopt(const MgPluginDesc *desc, GError **error)
{
  if (!check_desc(desc, error))
    return NULL;
  MgNodeClass **classes = adopt_classes(desc->classes, error);
  if (classes == NULL)
    return NULL;
  MgPluginDesc *copy = widen(desc, desc->size, sizeof *copy);
  copy->size = sizeof *copy;
  copy->classes = (const MgNodeClass *const *) classes;
  keep(copy);
  return copy;
}

const MgPluginDesc *
mg_loader_open(const char *path, GError **error)
{
  GModule *module = g_module_open(path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  gpointer symbol = NULL;
  const MgPluginDesc *desc = NULL;
  if (module == NULL) {
    mg_refuse(error, MG_ERROR_FAILED, "%s", g_module_error()); /* dlopen names the file itself */
    return NULL;
  }
  if (g_module_symbol(module, "mg_plugin", &symbol) && symbol)
    desc = mg_loader_adopt(symbol, error);
  else
    mg_refuse(error, MG_ERROR_FAILED, "it is not a plugin: it has no symbol mg_plugin");
  if (desc == NULL) {
    g_prefix_error(error, "%s: ", path);
    g_module_close(module);
    return NULL;
  }
  g_module_make_resident(module);
  return desc;
}
