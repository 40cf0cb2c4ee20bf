#include "host/class.h"

#include "host/props-check.h"
#include "host/values.h"
#include "host/variables.h"
#include "util/name.h"
#include "util/refuse.h"

#include <string.h>

gboolean
mg_class_name_is_valid(const char *name)
{
  static const char *const words[] = { "mediagraph", "pipeline", "include", "defaults", NULL };
  if (!mg_name_is_valid(name) || !g_ascii_islower(name[0]) || g_strv_contains(words, name))
    return FALSE;
  for (const char *p = name; *p != '\0'; p++) {
    if (!g_ascii_islower(*p) && !g_ascii_isdigit(*p) && *p != '-')
      return FALSE;
  }
  return TRUE;
}

/* A property's name is its field's, which is a C identifier. */
static gboolean
is_field_name(const char *name)
{
  if (!g_ascii_isalpha(name[0]))
    return FALSE;
  for (const char *p = name; *p != '\0'; p++) {
    if (!g_ascii_isalnum(*p) && *p != '_')
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_default(const MgProp *prop, GError **error)
{
  gint64 field = 0; /* as large and as aligned as any */
  if (prop->initial == NULL)
    return TRUE;
  if (prop->flags & MG_PROP_TEMPLATE) {
    g_autofree char *checked = mg_variables_expand(prop->initial, NULL, error);
    return checked != NULL;
  }
  if (!mg_value_store(prop, prop->initial, &field, error))
    return FALSE;
  if (mg_value_is_text(prop->type))
    g_free(*(char **) (gpointer) &field);
  return TRUE;
}

static gboolean
check_bounds(const MgProp *prop, GError **error)
{
  gint64 lowest = G_MININT64, highest = G_MAXINT64;
  if (prop->lowest == NULL && prop->highest == NULL)
    return TRUE;
  if (mg_value_field_size(prop->type) != sizeof(gint64) || mg_value_is_text(prop->type))
    return mg_refuse(error, MG_ERROR_INVALID, "only numbers have a range");
  if (prop->lowest && !mg_value_parse_number(prop->type, prop->lowest, &lowest, error))
    return FALSE;
  if (prop->highest && !mg_value_parse_number(prop->type, prop->highest, &highest, error))
    return FALSE;
  return lowest <= highest || mg_refuse(error, MG_ERROR_INVALID, "the range %s to %s is empty",
                                        prop->lowest, prop->highest);
}

static gboolean
check_prop(const MgProp *prop, gsize struct_size, GError **error)
{
  gsize size = mg_value_field_size(prop->type);
  if (size == 0)
    return mg_refuse(error, MG_ERROR_INVALID, "this engine has no type %d", (int) prop->type);
  if (prop->offset % size != 0 || prop->offset > struct_size || size > struct_size - prop->offset)
    return mg_refuse(error, MG_ERROR_INVALID, "its field is not inside the struct");
  gboolean has_choices = prop->choices != NULL && prop->choices[0].word != NULL;
  if ((prop->type == MG_PROP_TYPE_ENUM || prop->type == MG_PROP_TYPE_FLAGS) && !has_choices)
    return mg_refuse(error, MG_ERROR_INVALID, "it has no choices");
  if (prop->help == NULL)
    return mg_refuse(error, MG_ERROR_INVALID, "it has no help text");
  if ((prop->flags & MG_PROP_REQUIRED) && prop->initial)
    return mg_refuse(error, MG_ERROR_INVALID, "it is required and has a default");
  if ((prop->flags & MG_PROP_TEMPLATE) && prop->type != MG_PROP_TYPE_STRING)
    return mg_refuse(error, MG_ERROR_INVALID, "only strings are templates");
  if ((prop->flags & (MG_PROP_LISTEN_TCP | MG_PROP_LISTEN_UDP)) &&
      prop->type != MG_PROP_TYPE_ADDRESS)
    return mg_refuse(error, MG_ERROR_INVALID, "only addresses are listened on");
  if ((prop->flags & MG_PROP_READ_FILE) && prop->flags & (MG_PROP_TEMPLATE | MG_PROP_SECRET))
    return mg_refuse(error, MG_ERROR_INVALID, "a file to read is no template and no secret");
  return check_bounds(prop, error) && check_default(prop, error);
}

static gboolean
check_prop_names(const MgProp *props, gboolean is_node, GError **error)
{
  for (const MgProp *prop = props; prop && prop->name; prop++) {
    g_autofree char *attribute = mg_prop_attribute(prop);
    if (!is_field_name(prop->name))
      return mg_refuse(error, MG_ERROR_INVALID, "property '%s' has no proper name", prop->name);
    if (is_node && mg_props_is_engine_attribute(attribute))
      return mg_refuse(error, MG_ERROR_INVALID, "property '%s' is an attribute of the engine",
                       attribute);
    for (const MgProp *other = props; other < prop; other++) {
      if (g_str_equal(other->name, prop->name))
        return mg_refuse(error, MG_ERROR_INVALID, "property '%s' is there twice", attribute);
    }
  }
  return TRUE;
}

static gboolean
check_props(const MgProp *props, gsize struct_size, gboolean is_node, GError **error)
{
  if (!check_prop_names(props, is_node, error))
    return FALSE;
  for (const MgProp *prop = props; prop && prop->name; prop++) {
    if (!check_prop(prop, struct_size, error)) {
      g_prefix_error(error, "property '%s': ", prop->name);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_child(const MgNodeClass *class, const MgChildKind *kind, GError **error)
{
  if (!mg_class_name_is_valid(kind->name))
    return mg_refuse(error, MG_ERROR_INVALID, "it has no proper name");
  if (kind->item_size == 0 || kind->help == NULL)
    return mg_refuse(error, MG_ERROR_INVALID, "it has no size or no help text");
  if (kind->items_offset + sizeof(gpointer) > class->instance_size ||
      kind->count_offset + sizeof(guint) > class->instance_size)
    return mg_refuse(error, MG_ERROR_INVALID, "its fields are not inside the struct");
  if (kind->most > 0 && kind->most < kind->least)
    return mg_refuse(error, MG_ERROR_INVALID, "at least %u and at most %u is impossible",
                     kind->least, kind->most);
  return check_props(kind->props, kind->item_size, FALSE, error);
}

static gboolean
check_children(const MgNodeClass *class, GError **error)
{
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++) {
    if (!check_child(class, kind, error)) {
      g_prefix_error(error, "child element '%s': ", kind->name);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
is_told(const MgAccepts *accepts)
{
  return accepts->media != 0 && accepts->forms != 0;
}

static gboolean
check_role(const MgNodeClass *class, GError **error)
{
  MgRole role = class->role;
  if (role > MG_ROLE_SERVICE || class->run > MG_RUN_OWN)
    return mg_refuse(error, MG_ERROR_INVALID, "this engine does not know its role or how it runs");
  if ((role == MG_ROLE_FILTER || role == MG_ROLE_SINK) && !is_told(&class->takes))
    return mg_refuse(error, MG_ERROR_INVALID, "it does not say what it takes");
  if ((role == MG_ROLE_FILTER || role == MG_ROLE_SOURCE || role == MG_ROLE_LISTENER) &&
      !is_told(&class->gives))
    return mg_refuse(error, MG_ERROR_INVALID, "it does not say what it gives");
  return TRUE;
}

/* Variants are found by their mode, under the name they share. */
static gboolean
check_variants(const MgNodeClass *class, GError **error)
{
  for (guint i = 0; class->variants != NULL && class->variants[i] != NULL; i++) {
    const MgNodeClass *variant = class->variants[i];
    if (class->mode != NULL || variant->size < offsetof(MgNodeClass, mode) + sizeof(char *) ||
        variant->mode == NULL || g_strcmp0(variant->name, class->name) != 0 ||
        variant->role == MG_ROLE_SERVICE)
      return mg_refuse(error, MG_ERROR_INVALID,
                       "a variant needs a mode, its class's name, and no variants");
  }
  return TRUE;
}

const MgNodeClass *
mg_class_for_mode(const MgNodeClass *class, const char *mode)
{
  for (guint i = 0; mode != NULL && class->variants != NULL && class->variants[i] != NULL; i++)
    if (g_str_equal(class->variants[i]->mode, mode))
      return class->variants[i];
  return class;
}

gboolean
mg_class_check(const MgNodeClass *class, GError **error)
{
  enum { LARGEST_INSTANCE = 64 << 20 };
  if (!mg_class_name_is_valid(class->name))
    return mg_refuse(error, MG_ERROR_INVALID, "it has no proper name");
  if (class->help == NULL)
    return mg_refuse(error, MG_ERROR_INVALID, "it has no help text");
  if (class->instance_size > LARGEST_INSTANCE)
    return mg_refuse(error, MG_ERROR_INVALID, "its private struct is too large");
  if (class->patience < 0 || (class->patience > 0 && class->has_mailbox))
    return mg_refuse(error, MG_ERROR_INVALID, "its patience is negative, or it has a mailbox, too");
  return check_role(class, error) && check_variants(class, error) &&
         check_props(class->props, class->instance_size, TRUE, error) &&
         check_children(class, error);
}
