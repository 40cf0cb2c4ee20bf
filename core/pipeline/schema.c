#include "pipeline/schema.h"

#include "host/props-check.h"
#include "host/registry.h"
#include "pipeline/engine-props.h"

#define NUMBER "-?[0-9]+(\\.[0-9]+)?"

/* Types of values; integers and words are described where they are used. */
static const struct {
  const char *name;
  const char *pattern;
  const char *help;
} value_types[] = {
  { "time", NUMBER "(ns|us|ms|s|m|h|d)", "a time with its unit: 500ms, 4s, 10m, 2h, 7d" },
  { "size", NUMBER "(B|[kKMGT]B|[KMGT]iB)?", "a size in bytes: 64KiB, 500MB, 2GiB" },
  { "bitrate", NUMBER "[kKMG]?", "bits per second: 128k, 5M" },
  { "yes-or-no", "yes|no|true|false", "yes or no" },
  { "address", ".+:[0-9]{1,5}", "host and port: 0.0.0.0:1935, [::]:1935" },
  { "name", "[A-Za-z0-9_\\-][A-Za-z0-9._\\-]{0,127}", "letters, digits, '.', '_' and '-'" },
};

static const char *
type_name(MgPropType type)
{
  switch (type) {
  case MG_PROP_TYPE_TIME: return "time";
  case MG_PROP_TYPE_SIZE: return "size";
  case MG_PROP_TYPE_BITRATE: return "bitrate";
  case MG_PROP_TYPE_BOOL: return "yes-or-no";
  case MG_PROP_TYPE_ADDRESS: return "address";
  case MG_PROP_TYPE_NAME: return "name";
  default: return "xs:string";
  }
}

/* Output. FORMAT is a whole line without its end; what is put in is escaped. */
static void line(GString *out, guint depth, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
line(GString *out, guint depth, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *text = g_markup_vprintf_escaped(format, args);
  va_end(args);
  g_string_append_printf(out, "%*s%s\n", (int) depth * 2, "", text);
}

static void
write_help(GString *out, guint depth, const char *help)
{
  line(out, depth, "<xs:annotation><xs:documentation>%s</xs:documentation></xs:annotation>", help);
}

/* Attributes. */

static void
write_integer(GString *out, guint depth, const MgProp *prop)
{
  line(out, depth, "<xs:simpleType><xs:restriction base=\"xs:integer\">");
  if (prop->lowest)
    line(out, depth + 1, "<xs:minInclusive value=\"%s\"/>", prop->lowest);
  if (prop->highest)
    line(out, depth + 1, "<xs:maxInclusive value=\"%s\"/>", prop->highest);
  line(out, depth, "</xs:restriction></xs:simpleType>");
}

static void
write_choices(GString *out, guint depth, const MgProp *prop)
{
  line(out, depth, "<xs:simpleType><xs:restriction base=\"xs:string\">");
  for (const MgChoice *choice = prop->choices; choice->word != NULL; choice++) {
    line(out, depth + 1, "<xs:enumeration value=\"%s\">", choice->word);
    if (choice->help)
      write_help(out, depth + 2, choice->help);
    line(out, depth + 1, "</xs:enumeration>");
  }
  line(out, depth, "</xs:restriction></xs:simpleType>");
}

/* One or more of its words. */
static void
write_flags(GString *out, guint depth, const MgProp *prop)
{
  line(out, depth, "<xs:simpleType><xs:restriction>");
  line(out, depth + 1, "<xs:simpleType><xs:list>");
  write_choices(out, depth + 2, prop);
  line(out, depth + 1, "</xs:list></xs:simpleType>");
  line(out, depth + 1, "<xs:minLength value=\"1\"/>");
  line(out, depth, "</xs:restriction></xs:simpleType>");
}

/* Returned-owned: the help with default, range and whether it is required. */
static char *
full_help(const MgProp *prop)
{
  GString *text = g_string_new(prop->help);
  if (prop->flags & MG_PROP_REQUIRED)
    g_string_append(text, "; required");
  if (prop->initial && (prop->flags & MG_PROP_SECRET) == 0)
    g_string_append_printf(text, "; default %s", prop->initial);
  if (prop->lowest)
    g_string_append_printf(text, "; at least %s", prop->lowest);
  if (prop->highest)
    g_string_append_printf(text, "; at most %s", prop->highest);
  return g_string_free(text, FALSE);
}

static void
write_attribute(GString *out, guint depth, const MgProp *prop)
{
  g_autofree char *name = mg_prop_attribute(prop);
  g_autofree char *help = full_help(prop);
  gboolean is_inline = prop->type == MG_PROP_TYPE_INT || prop->type == MG_PROP_TYPE_ENUM ||
                       prop->type == MG_PROP_TYPE_FLAGS;
  if (is_inline)
    line(out, depth, "<xs:attribute name=\"%s\">", name);
  else
    line(out, depth, "<xs:attribute name=\"%s\" type=\"%s\">", name, type_name(prop->type));
  write_help(out, depth + 1, help);
  if (prop->type == MG_PROP_TYPE_INT)
    write_integer(out, depth + 1, prop);
  else if (prop->type == MG_PROP_TYPE_ENUM)
    write_choices(out, depth + 1, prop);
  else if (prop->type == MG_PROP_TYPE_FLAGS)
    write_flags(out, depth + 1, prop);
  line(out, depth, "</xs:attribute>");
}

static void
write_attributes(GString *out, guint depth, const MgProp *props)
{
  for (; props && props->name; props++)
    write_attribute(out, depth, props);
}

/* Node types. */

static void
write_children(GString *out, const MgNodeClass *class)
{
  line(out, 3, "<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
  line(out, 4, "<xs:element ref=\"include\"/>");
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++) {
    line(out, 4, "<xs:element name=\"%s\">", kind->name);
    write_help(out, 5, kind->help);
    line(out, 5, "<xs:complexType>");
    write_attributes(out, 6, kind->props);
    line(out, 5, "</xs:complexType>");
    line(out, 4, "</xs:element>");
  }
  line(out, 3, "</xs:choice>");
}

static gboolean
has_prop(const MgNodeClass *class, const char *name)
{
  for (const MgProp *prop = class->props; prop && prop->name; prop++)
    if (g_str_equal(prop->name, name))
      return TRUE;
  return FALSE;
}

/* Of variant I, what neither the class nor an earlier variant has. */
static void
write_variant(GString *out, const MgNodeClass *class, guint i)
{
  for (const MgProp *prop = class->variants[i]->props; prop && prop->name; prop++) {
    gboolean is_known = has_prop(class, prop->name);
    for (guint k = 0; k < i; k++)
      is_known |= has_prop(class->variants[k], prop->name);
    if (!is_known)
      write_attribute(out, 3, prop);
  }
}

static gboolean
engine_prop_applies(const MgNodeClass *class, const char *name)
{
  gboolean applies = mg_engine_props_apply_to(class, name);
  for (guint i = 0; class->variants && class->variants[i]; i++)
    applies |= mg_engine_props_apply_to(class->variants[i], name);
  return applies;
}

static void
write_node(GString *out, const MgNodeClass *class)
{
  line(out, 1, "<xs:element name=\"%s\">", class->name);
  write_help(out, 2, class->help);
  line(out, 2, "<xs:complexType>");
  write_children(out, class);
  for (const MgProp *prop = mg_engine_props; prop->name != NULL; prop++) {
    g_autofree char *name = mg_prop_attribute(prop);
    if (engine_prop_applies(class, name))
      write_attribute(out, 3, prop);
  }
  write_attributes(out, 3, class->props);
  for (guint i = 0; class->variants && class->variants[i]; i++)
    write_variant(out, class, i);
  line(out, 2, "</xs:complexType>");
  line(out, 1, "</xs:element>");
}

/* References to all types: which of services and nodes. */
static void
write_references(GString *out, GPtrArray *classes, gboolean services, gboolean nodes)
{
  for (guint i = 0; i < classes->len; i++) {
    const MgNodeClass *class = g_ptr_array_index(classes, i);
    if (class->role == MG_ROLE_SERVICE ? services : nodes)
      line(out, 4, "<xs:element ref=\"%s\"/>", class->name);
  }
}

/* The words of the file itself. */

static void
write_include(GString *out)
{
  line(out, 1, "<xs:element name=\"include\">");
  write_help(out, 2, mg_file_element("include")->help);
  line(out, 2, "<xs:complexType>");
  line(out, 3, "<xs:attribute name=\"file\" type=\"xs:string\" use=\"required\"/>");
  line(out, 2, "</xs:complexType>");
  line(out, 1, "</xs:element>");
}

static void
begin_container(GString *out, const char *name)
{
  line(out, 1, "<xs:element name=\"%s\">", name);
  write_help(out, 2, mg_file_element(name)->help);
  line(out, 2, "<xs:complexType>");
  line(out, 3, "<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
}

static void
end_container(GString *out, const MgProp *props)
{
  line(out, 3, "</xs:choice>");
  write_attributes(out, 3, props);
  line(out, 2, "</xs:complexType>");
  line(out, 1, "</xs:element>");
}

static void
write_containers(GString *out, GPtrArray *classes)
{
  begin_container(out, "mediagraph");
  line(out, 4, "<xs:element ref=\"include\"/>");
  line(out, 4, "<xs:element ref=\"defaults\"/>");
  line(out, 4, "<xs:element ref=\"pipeline\"/>");
  write_references(out, classes, TRUE, FALSE);
  end_container(out, mg_root_props);
  begin_container(out, "pipeline");
  line(out, 4, "<xs:element ref=\"include\"/>");
  line(out, 4, "<xs:element ref=\"defaults\"/>");
  write_references(out, classes, FALSE, TRUE);
  end_container(out, mg_pipeline_props);
  begin_container(out, "defaults");
  line(out, 4, "<xs:element ref=\"include\"/>");
  write_references(out, classes, TRUE, TRUE);
  end_container(out, NULL);
}

static void
write_value_types(GString *out)
{
  for (gsize i = 0; i < G_N_ELEMENTS(value_types); i++) {
    line(out, 1, "<xs:simpleType name=\"%s\">", value_types[i].name);
    write_help(out, 2, value_types[i].help);
    line(out, 2, "<xs:restriction base=\"xs:string\"><xs:pattern value=\"%s\"/></xs:restriction>",
         value_types[i].pattern);
    line(out, 1, "</xs:simpleType>");
  }
}

/* Returned-owned: all classes that can be loaded, sorted by name. */
static GPtrArray *
load_classes(void)
{
  GPtrArray *classes = g_ptr_array_new();
  g_auto(GStrv) names = mg_registry_list();
  for (gsize i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class)
      g_ptr_array_add(classes, g_memdup2(class, sizeof *class));
  }
  g_ptr_array_set_free_func(classes, g_free);
  return classes;
}

char *
mg_schema_write(void)
{
  GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n");
  g_autoptr(GPtrArray) classes = load_classes();
  write_containers(out, classes);
  write_include(out);
  for (guint i = 0; i < classes->len; i++)
    write_node(out, g_ptr_array_index(classes, i));
  write_value_types(out);
  g_string_append(out, "</xs:schema>\n");
  return g_string_free(out, FALSE);
}
