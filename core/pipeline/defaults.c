#include "pipeline/defaults.h"

#include "host/props-check.h"
#include "pipeline/class-of.h"
#include "pipeline/engine-props.h"

/* One child of a <defaults>. */
typedef struct {
  const MgElement *element;
  gboolean is_used;
} Default;

static gboolean
cannot_have_default(const char *attribute)
{
  return g_str_equal(attribute, "id") || g_str_equal(attribute, "from");
}

static void
check_attributes(const MgElement *element, MgDiagnostics *diagnostics)
{
  for (guint i = 0; i < element->attributes->len; i++) {
    const MgAttribute *attribute = &g_array_index(element->attributes, MgAttribute, i);
    if (cannot_have_default(attribute->name))
      mg_diagnostics_error(diagnostics, &attribute->place, "'%s' cannot have a default",
                           attribute->name);
  }
}

/* Returns whether there are nodes of that type. */
static gboolean
check_default(const MgElement *element, MgDiagnostics *diagnostics)
{
  g_autoptr(GError) error = NULL;
  const MgNodeClass *class = mg_class_of_element(element, &error);
  if (class == NULL) {
    mg_diagnostics_error(diagnostics, &element->place, "%s", error->message);
    return FALSE;
  }
  if (element->children->len > 0) {
    const MgElement *first = g_ptr_array_index(element->children, 0);
    mg_diagnostics_error(diagnostics, &first->place, "defaults are attributes, not child elements");
    return TRUE;
  }
  MgEngineProps engine;
  check_attributes(element, diagnostics);
  mg_engine_props_read(element, &engine, diagnostics);
  mg_engine_props_clear(&engine);
  mg_props_check(class, element, MG_PROPS_PARTIAL, NULL, mg_diagnostics_report, diagnostics);
  return TRUE;
}

static void
add_defaults(GArray *scope, const MgElement *element, MgDiagnostics *diagnostics)
{
  for (guint i = 0; i < element->attributes->len; i++) {
    const MgAttribute *attribute = &g_array_index(element->attributes, MgAttribute, i);
    mg_diagnostics_error(diagnostics, &attribute->place, "unknown attribute '%s' on defaults",
                         attribute->name);
  }
  for (guint i = 0; i < element->children->len; i++) {
    Default entry = { g_ptr_array_index(element->children, i), FALSE };
    entry.is_used = !check_default(entry.element, diagnostics); /* one complaint is enough */
    g_array_append_val(scope, entry);
  }
}

static void
copy_missing(MgElement *element, const MgElement *from)
{
  for (guint i = 0; i < from->attributes->len; i++) {
    const MgAttribute *attribute = &g_array_index(from->attributes, MgAttribute, i);
    if (cannot_have_default(attribute->name) || mg_element_attribute(element, attribute->name))
      continue;
    MgAttribute copy = *attribute;
    copy.name = g_strdup(attribute->name);
    copy.value = g_strdup(attribute->value);
    g_array_append_val(element->attributes, copy);
  }
}

static void
apply_to(GArray *scope, MgElement *element)
{
  for (guint i = scope->len; i-- > 0;) {
    Default *entry = &g_array_index(scope, Default, i);
    if (g_str_equal(entry->element->name, element->name)) {
      copy_missing(element, entry->element);
      entry->is_used = TRUE;
    }
  }
}

/* Ends a scope, with all its elements when IS_COMPLETE: what was added to it since it had N entries. */
static void
leave(GArray *scope, guint n, gboolean is_complete, MgDiagnostics *diagnostics)
{
  for (guint i = n; is_complete && i < scope->len; i++) {
    const Default *entry = &g_array_index(scope, Default, i);
    if (!entry->is_used)
      mg_diagnostics_warning(diagnostics, &entry->element->place, "no <%s> follows these defaults",
                             entry->element->name);
  }
  g_array_set_size(scope, n);
}

/* Returns whether all elements of PARENT are there. */
static gboolean
apply(GArray *scope, MgElement *parent, MgDiagnostics *diagnostics)
{
  guint n = scope->len;
  gboolean is_complete = !parent->lacks_children;
  for (guint i = 0; i < parent->children->len; i++) {
    MgElement *child = g_ptr_array_index(parent->children, i);
    if (g_str_equal(child->name, "defaults"))
      add_defaults(scope, child, diagnostics);
    else if (g_str_equal(child->name, "pipeline"))
      is_complete &= apply(scope, child, diagnostics);
    else
      apply_to(scope, child);
  }
  leave(scope, n, is_complete, diagnostics);
  return is_complete;
}

void
mg_defaults_apply(MgElement *root, MgDiagnostics *diagnostics)
{
  g_autoptr(GArray) scope = g_array_new(FALSE, FALSE, sizeof(Default));
  apply(scope, root, diagnostics);
}
