#include "host/loader.h"
#include "host/registry.h"

#include <string.h>

static const MgNodeClass by_hand = {
  .size = sizeof(MgNodeClass),
  .name = "by-hand",
  .help = "was registered by a test",
  .role = MG_ROLE_SERVICE,
};

static void
assert_not_found(const char *name, int code, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_registry_find(name, &error));
  g_assert_error(error, MG_ERROR, code);
  g_assert_cmpstr(error->message, ==, message);
}

static void
test_by_hand(void)
{
  mg_registry_add(&by_hand);
  g_assert_true(mg_registry_find("by-hand", NULL) == &by_hand);
  g_assert_null(mg_registry_plugin_of(&by_hand));
}

static void
test_plugin(void)
{
  g_autoptr(GError) error = NULL;
  const MgNodeClass *class = mg_registry_find("double-good", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(class->help, ==, "is right");
  g_assert_cmpstr(mg_registry_plugin_of(class)->version, ==, "1.2");
  g_assert_true(mg_registry_find("double-good", NULL) == class);
}

static void
test_second_class(void)
{
  const MgNodeClass *class = mg_registry_find("double-second", NULL);
  g_assert_cmpstr(mg_registry_plugin_of(class)->name, ==, "double-good");
}

static void
test_unknown(void)
{
  assert_not_found("double-god", MG_ERROR_INVALID,
                   "unknown element 'double-god'; did you mean 'double-good'?");
  assert_not_found("what", MG_ERROR_INVALID, "unknown element 'what'");
  assert_not_found("..", MG_ERROR_INVALID, "unknown element '..'");
}

static void
test_failures(void)
{
  assert_not_found("double-newer", MG_ERROR_FAILED,
                   "double-newer cannot be loaded: " PLUGINS
                   "/double-newer.so: it was built for plugin interface 2, this engine has 1; "
                   "build it again against this version");
  assert_not_found("double-without-symbol", MG_ERROR_FAILED,
                   "double-without-symbol cannot be loaded: " PLUGINS
                   "/double-without-symbol.so: it is not a plugin: it has no symbol mg_plugin");
  assert_not_found("double-other-name", MG_ERROR_FAILED,
                   "double-other-name cannot be loaded: " PLUGINS
                   "/double-other-name.so: it has no node class named like its file");
}

static void
test_dlopen_error(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_registry_find("double-unresolved", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_FAILED);
  g_assert_nonnull(strstr(error->message, PLUGINS "/double-unresolved.so"));
  g_assert_nonnull(strstr(error->message, "double_class_of_nobody"));
}

static void
test_list(void)
{
  mg_registry_add(&by_hand);
  g_auto(GStrv) names = mg_registry_list();
  g_autofree char *all = g_strjoinv(" ", names);
  g_assert_cmpstr(all, ==,
                  "by-hand double-good double-newer double-other-name double-second "
                  "double-unresolved double-without-symbol");
}

/* A description as a plugin of a later minor version has it: larger structs, in which the first part
 * is what this engine knows. */
static void
test_larger_structs(void)
{
  struct {
    MgNodeClass known;
    gpointer more;
  } class = { .known = by_hand };
  class.known.size = sizeof class;
  const MgNodeClass *classes[] = { &class.known, NULL };
  struct {
    MgPluginDesc known;
    gpointer more;
  } desc = {
    .known = { MG_ABI, sizeof desc, "p", "1", "MIT", classes },
    .more = &desc,
  };
  const MgPluginDesc *adopted = mg_loader_adopt(&desc.known, NULL);
  g_assert_cmpuint(adopted->size, ==, sizeof(MgPluginDesc));
  g_assert_cmpuint(adopted->classes[0]->size, ==, sizeof(MgNodeClass));
  g_assert_cmpstr(adopted->classes[0]->name, ==, "by-hand");
  g_assert_null(adopted->classes[1]);
}

static void
refuse_all(gconstpointer self, MgCheck *check)
{
  g_assert_not_reached();
}

static void
test_older_structs(void)
{
  MgNodeClass class = by_hand;
  class.size = offsetof(MgNodeClass, check);
  class.check = refuse_all; /* behind the older one's end */
  const MgNodeClass *classes[] = { &class, NULL };
  MgPluginDesc desc = { MG_ABI, sizeof desc, "p", "1", "MIT", classes };
  const MgPluginDesc *adopted = mg_loader_adopt(&desc, NULL);
  g_assert_cmpuint(adopted->classes[0]->size, ==, sizeof(MgNodeClass));
  g_assert_null(adopted->classes[0]->check);
}

static void
test_smaller_structs(void)
{
  MgNodeClass class = by_hand;
  class.size = offsetof(MgNodeClass, check) - 1;
  const MgNodeClass *classes[] = { &class, NULL };
  MgPluginDesc desc = { MG_ABI, sizeof desc, "p", "1", "MIT", classes };
  g_autoptr(GError) class_error = NULL;
  g_autoptr(GError) desc_error = NULL;
  g_assert_null(mg_loader_adopt(&desc, &class_error));
  g_assert_cmpstr(class_error->message, ==, "a node class is incomplete");
  desc.size = offsetof(MgPluginDesc, tool) - 1;
  g_assert_null(mg_loader_adopt(&desc, &desc_error));
  g_assert_cmpstr(desc_error->message, ==, "its description is incomplete");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_setenv("MEDIAGRAPH_PLUGIN_PATH", "/nowhere::" PLUGINS, TRUE);
  g_test_add_func("/host/registry/finds-what-was-registered", test_by_hand);
  g_test_add_func("/host/registry/finds-a-plugin-by-name", test_plugin);
  g_test_add_func("/host/registry/finds-a-plugin's-second-class", test_second_class);
  g_test_add_func("/host/registry/suggests-for-unknown-names", test_unknown);
  g_test_add_func("/host/registry/says-why-a-plugin-cannot-be-loaded", test_failures);
  g_test_add_func("/host/registry/keeps-what-dlopen-said", test_dlopen_error);
  g_test_add_func("/host/registry/lists-all-that-is-found", test_list);
  g_test_add_func("/host/loader/larger-structs-are-cut", test_larger_structs);
  g_test_add_func("/host/registry/older-structs-read-as-zeros", test_older_structs);
  g_test_add_func("/host/loader/smaller-structs-are-refused", test_smaller_structs);
  return g_test_run();
}
