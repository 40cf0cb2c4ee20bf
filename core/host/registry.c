#include "host/registry.h"

#include "host/class.h"
#include "host/loader.h"
#include "util/suggest.h"

#include <string.h>

#ifndef MG_PLUGIN_DIR
#error "MG_PLUGIN_DIR must be defined by the build"
#endif

typedef struct {
  const MgNodeClass *class;
  const MgPluginDesc *plugin; /* NULL: registered by hand */
} Entry;

/* Everything in here lives until the process ends. */
static struct {
  GMutex lock;
  GHashTable *entries;  /* class name → Entry */
  GHashTable *failures; /* plugin name → what loading it said */
  GHashTable *tried;    /* plugin names that are in one of the two */
} registry;

/* All below: under the lock. */

static void
prepare(void)
{
  if (registry.entries)
    return;
  registry.entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  registry.failures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  registry.tried = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* The first class of a name wins. */
static void
enter(const MgNodeClass *class, const MgPluginDesc *plugin)
{
  if (g_hash_table_contains(registry.entries, class->name))
    return;
  Entry *entry = g_new(Entry, 1);
  *entry = (Entry){ class, plugin };
  g_hash_table_insert(registry.entries, g_strdup(class->name), entry);
}

static gboolean
has_class(const MgPluginDesc *plugin, const char *name)
{
  for (guint i = 0; plugin->classes[i] != NULL; i++) {
    if (g_str_equal(plugin->classes[i]->name, name))
      return TRUE;
  }
  return FALSE;
}

/* Loads the plugin NAME from PATH, or keeps why it could not be. */
static void
load(const char *name, const char *path)
{
  g_autoptr(GError) error = NULL;
  if (!g_hash_table_add(registry.tried, g_strdup(name)))
    return;
  const MgPluginDesc *plugin = mg_loader_open(path, &error);
  if (plugin && !has_class(plugin, name))
    g_set_error(&error, MG_ERROR, MG_ERROR_FAILED, "%s: it has no node class named like its file",
                path);
  if (error) {
    g_hash_table_insert(registry.failures, g_strdup(name), g_strdup(error->message));
    return;
  }
  for (guint i = 0; plugin->classes[i] != NULL; i++)
    enter(plugin->classes[i], plugin);
}

/* Returned-owned: the folders to search, in order. */
static char **
search_path(void)
{
  const char *from_environment = g_getenv("MEDIAGRAPH_PLUGIN_PATH");
  g_autofree char *all =
      g_strdup_printf("%s:%s", from_environment ? from_environment : "", MG_PLUGIN_DIR);
  return g_strsplit(all, ":", -1);
}

static void
load_by_name(const char *name)
{
  g_auto(GStrv) folders = search_path();
  g_autofree char *file = g_strconcat(name, ".so", NULL);
  for (guint i = 0; folders[i] != NULL; i++) {
    g_autofree char *path = g_build_filename(folders[i], file, NULL);
    if (folders[i][0] != '\0' && g_file_test(path, G_FILE_TEST_EXISTS)) {
      load(name, path);
      return;
    }
  }
}

static void
load_folder(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  for (const char *file; dir && (file = g_dir_read_name(dir)) != NULL;) {
    g_autofree char *name = g_strndup(file, strcspn(file, "."));
    g_autofree char *path = g_build_filename(folder, file, NULL);
    if (g_str_equal(file + strlen(name), ".so") && mg_class_name_is_valid(name))
      load(name, path);
  }
}

static void
load_all(void)
{
  g_auto(GStrv) folders = search_path();
  for (guint i = 0; folders[i] != NULL; i++) {
    if (folders[i][0] != '\0')
      load_folder(folders[i]);
  }
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Returned-owned: names of all classes and of what failed to load, sorted. */
static char **
list(void)
{
  GPtrArray *names = g_ptr_array_new();
  GHashTableIter iter;
  gpointer name;
  load_all();
  g_hash_table_iter_init(&iter, registry.entries);
  while (g_hash_table_iter_next(&iter, &name, NULL))
    g_ptr_array_add(names, g_strdup(name));
  g_hash_table_iter_init(&iter, registry.failures);
  while (g_hash_table_iter_next(&iter, &name, NULL)) {
    if (!g_hash_table_contains(registry.entries, name))
      g_ptr_array_add(names, g_strdup(name));
  }
  g_ptr_array_sort(names, compare_names);
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, FALSE);
}

static const MgNodeClass *
refuse_unknown(const char *name, GError **error)
{
  g_auto(GStrv) names = list();
  g_autofree char *hint = mg_suggest_hint(name, (const char *const *) names);
  if (names[0] == NULL)
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
                "unknown element '%s'; there is no plugin at all in %s, and MEDIAGRAPH_PLUGIN_PATH "
                "names no folder that has one",
                name, MG_PLUGIN_DIR);
  else
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "unknown element '%s'%s", name, hint);
  return NULL;
}

static const MgNodeClass *
find(const char *name, GError **error)
{
  Entry *entry = g_hash_table_lookup(registry.entries, name);
  if (entry == NULL && mg_class_name_is_valid(name)) {
    load_by_name(name);
    if (!g_hash_table_contains(registry.tried, name))
      load_all(); /* a plugin of another name may have the class */
    entry = g_hash_table_lookup(registry.entries, name);
  }
  if (entry)
    return entry->class;
  const char *failure = g_hash_table_lookup(registry.failures, name);
  if (failure == NULL)
    return refuse_unknown(name, error);
  g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "%s cannot be loaded: %s", name, failure);
  return NULL;
}

/* The public functions. */

const MgNodeClass *
mg_registry_find(const char *name, GError **error)
{
  g_mutex_lock(&registry.lock);
  prepare();
  const MgNodeClass *class = find(name, error);
  g_mutex_unlock(&registry.lock);
  return class;
}

const MgPluginDesc *
mg_registry_plugin_of(const MgNodeClass *class)
{
  g_mutex_lock(&registry.lock);
  prepare();
  Entry *entry = g_hash_table_lookup(registry.entries, class->name);
  const MgPluginDesc *plugin = entry && entry->class == class ? entry->plugin : NULL;
  g_mutex_unlock(&registry.lock);
  return plugin;
}

void
mg_registry_add(const MgNodeClass *class)
{
  g_autoptr(GError) error = NULL;
  if (!mg_class_check(class, &error))
    g_error("node class '%s': %s", class->name, error->message);
  g_mutex_lock(&registry.lock);
  prepare();
  enter(class, NULL);
  g_mutex_unlock(&registry.lock);
}

char **
mg_registry_list(void)
{
  g_mutex_lock(&registry.lock);
  prepare();
  char **names = list();
  g_mutex_unlock(&registry.lock);
  return names;
}
