#include "host/props-check.h"

#include "host/values.h"
#include "host/variables.h"
#include "util/suggest.h"

#include <mediagraph/inputs.h>
#include <mediagraph/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One pass over an element and its children. */
typedef struct {
  const MgVariables *variables;
  MgPropsScope scope;
  MgPropsReport report;
  gpointer data;
  gboolean reads_files; /* to see whether they can be */
  gboolean is_right;
  gboolean lacks_values; /* some value is missing or wrong */
} Walk;

/* What a struct is filled from. */
typedef struct {
  const MgProp *props; /* may be NULL */
  const MgElement *element;
  const char *name;   /* of the element, in messages */
  const char *prefix; /* before what is said about a value: "xcode-vaapi: video '720p': " */
  gboolean (*is_other)(const char *attribute); /* may be NULL */
} Source;

static void report(Walk *walk, const MgPlace *place, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
report(Walk *walk, const MgPlace *place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *sentence = g_strdup_vprintf(format, args);
  va_end(args);
  walk->is_right = FALSE;
  walk->report(MG_SEVERITY_ERROR, place, sentence, walk->data);
}

/* Names. */

static const char *const engine_attributes[] = {
  "id", "from", "as", "on-error", "queue", "queue-bytes", NULL,
};

struct MgCheck {
  Walk *walk;
  const Source *source;
};

/* "rtmp.video rtmp.audio backup" are two. */
guint
mg_check_n_inputs(MgCheck *check)
{
  const MgAttribute *from = mg_element_attribute(check->source->element, "from");
  g_auto(GStrv) words = g_strsplit_set(from ? from->value : "", " \t\r\n", -1);
  g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; words[i] != NULL; i++) {
    words[i][strcspn(words[i], ".")] = '\0';
    if (words[i][0] != '\0')
      g_hash_table_add(ids, words[i]);
  }
  return g_hash_table_size(ids);
}

/* What is not written is refused at the element. */
static void
refuse(Walk *walk, const MgElement *element, const char *prefix, const char *property,
       const char *sentence)
{
  g_autofree char *name = g_strdelimit(g_strdup(property), "_", '-');
  const MgAttribute *attribute = mg_element_attribute(element, name);
  report(walk, attribute ? &attribute->value_place : &element->place, "%s%s: %s", prefix, name,
         sentence);
}

void
mg_check_refuse(MgCheck *check, const char *property, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *sentence = g_strdup_vprintf(format, args);
  va_end(args);
  refuse(check->walk, check->source->element, check->source->prefix, property, sentence);
}

/* Borrowed: the child that item INDEX of those named KIND is made of. */
static const MgElement *
find_child(const MgElement *parent, const char *kind, guint index)
{
  for (guint i = 0; i < parent->children->len; i++) {
    const MgElement *child = g_ptr_array_index(parent->children, i);
    if (g_str_equal(child->name, kind) && index-- == 0)
      return child;
  }
  g_assert_not_reached();
}

/* Returned-owned: "xcode-vaapi: video '720p': ". */
static char *
child_prefix(const MgElement *parent, const MgElement *child)
{
  const MgAttribute *id = mg_element_attribute(child, "id");
  if (id == NULL)
    return g_strdup_printf("%s: %s: ", parent->name, child->name);
  return g_strdup_printf("%s: %s '%s': ", parent->name, child->name, id->value);
}

void
mg_check_refuse_child(MgCheck *check, const char *kind, guint index, const char *property,
                      const char *format, ...)
{
  const MgElement *parent = check->source->element;
  const MgElement *child = find_child(parent, kind, index);
  g_autofree char *prefix = child_prefix(parent, child);
  va_list args;
  va_start(args, format);
  g_autofree char *sentence = g_strdup_vprintf(format, args);
  va_end(args);
  refuse(check->walk, child, prefix, property, sentence);
}

static gboolean
has_props(const MgProp *props)
{
  return props != NULL && props->name != NULL;
}

gboolean
mg_prop_is_named(const MgProp *prop, const char *attribute)
{
  const char *p = prop->name;
  for (; *p != '\0' && *attribute == (*p == '_' ? '-' : *p); p++)
    attribute++;
  return *p == '\0' && *attribute == '\0';
}

char *
mg_prop_attribute(const MgProp *prop)
{
  return g_strdelimit(g_strdup(prop->name), "_", '-');
}

gboolean
mg_props_is_engine_attribute(const char *name)
{
  return g_strv_contains(engine_attributes, name);
}

const MgAttribute *
mg_element_attribute(const MgElement *element, const char *name)
{
  for (guint i = 0; i < element->attributes->len; i++) {
    const MgAttribute *attribute = &g_array_index(element->attributes, MgAttribute, i);
    if (g_str_equal(attribute->name, name))
      return attribute;
  }
  return NULL;
}

/* Returned-owned: the attributes that the element may have. */
static char **
attribute_names(const Source *source)
{
  GPtrArray *names = g_ptr_array_new();
  for (const MgProp *prop = source->props; has_props(prop); prop++)
    g_ptr_array_add(names, mg_prop_attribute(prop));
  for (guint i = 0; source->is_other && engine_attributes[i] != NULL; i++) {
    if (source->is_other(engine_attributes[i]))
      g_ptr_array_add(names, g_strdup(engine_attributes[i]));
  }
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, FALSE);
}

/* One struct. */

static gboolean
store_template(Walk *walk, const MgProp *prop, const char *text, gpointer field, GError **error)
{
  g_autofree char *expanded = mg_variables_expand(text, walk->variables, error);
  return expanded && mg_value_store(prop, expanded, field, error);
}

static gboolean
store(Walk *walk, const MgProp *prop, const char *text, gpointer field, GError **error)
{
  if (prop->flags & MG_PROP_TEMPLATE)
    return store_template(walk, prop, text, field, error);
  if (mg_value_is_text(prop->type) && mg_variables_are_in(text)) {
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "\"%s\": no variables are replaced here", text);
    return FALSE;
  }
  return mg_value_store(prop, text, field, error);
}

/* In place of a wrong text, its default lets the other values be judged; numbers depend on each other. */
static gboolean
stand_in(Walk *walk, const MgProp *prop, gpointer field)
{
  if (!mg_value_is_text(prop->type))
    return FALSE;
  if (prop->initial == NULL)
    return (prop->flags & MG_PROP_REQUIRED) == 0;
  return store(walk, prop, prop->initial, field, NULL);
}

char *
mg_props_file(const MgAttribute *attribute)
{
  const char *written_in = attribute->value_place.file;
  if (written_in == NULL || g_path_is_absolute(attribute->value) || *attribute->value == '\0')
    return g_strdup(attribute->value);
  g_autofree char *folder = g_path_get_dirname(written_in);
  if (g_str_equal(folder, "."))
    return g_strdup(attribute->value);
  return g_build_filename(folder, attribute->value, NULL);
}

/* NULL: PATH can be read. It does not wait for who writes into a pipe. */
static const char *
file_problem(const char *path, gboolean is_private, const char **complaint)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;
  if (fd < 0)
    return g_strerror(errno);
  gboolean is_folder = fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
  *complaint = is_private && !is_folder ? mg_secret_file_complaint(fd) : NULL;
  close(fd);
  return is_folder ? g_strerror(EISDIR) : NULL;
}

/* It may be made before the node is opened; but who opens it to others has made it already. */
static void
look_for_file(Walk *walk, const Source *source, const MgAttribute *attribute, const MgProp *prop,
              const char *path)
{
  const char *complaint = NULL;
  const char *problem = file_problem(path, (prop->flags & MG_PROP_PRIVATE_FILE) != 0, &complaint);
  if (complaint != NULL)
    report(walk, &attribute->value_place, "%s%s: %s: %s", source->prefix, attribute->name, path,
           complaint);
  if (problem == NULL)
    return;
  g_autofree char *sentence = g_strdup_printf("%s%s: %s cannot be read: %s", source->prefix,
                                              attribute->name, path, problem);
  walk->report(MG_SEVERITY_WARNING, &attribute->value_place, sentence, walk->data);
}

static void
fill_prop(Walk *walk, const Source *source, const MgProp *prop, gpointer self)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *name = mg_prop_attribute(prop);
  const MgAttribute *attribute = mg_element_attribute(source->element, name);
  gboolean is_file = attribute && (prop->flags & MG_PROP_READ_FILE);
  g_autofree char *path = is_file ? mg_props_file(attribute) : NULL;
  const char *text = path ? path : attribute ? attribute->value : prop->initial;
  const MgPlace *place = attribute ? &attribute->value_place : &source->element->place;
  if (text == NULL) {
    if ((prop->flags & MG_PROP_REQUIRED) && walk->scope == MG_PROPS_WHOLE)
      report(walk, place, "%sattribute '%s' is missing (%s)", source->prefix, name, prop->help);
    walk->lacks_values |= (prop->flags & MG_PROP_REQUIRED) != 0;
    return;
  }
  if (store(walk, prop, text, (char *) self + prop->offset, &error)) {
    if (walk->reads_files && is_file)
      look_for_file(walk, source, attribute, prop, path);
    return;
  }
  walk->lacks_values |= !stand_in(walk, prop, (char *) self + prop->offset);
  if (prop->flags & MG_PROP_SECRET)
    report(walk, place, "%s%s: the value cannot be used (it is a secret, so it is not shown)",
           source->prefix, name);
  else
    report(walk, place, "%s%s: %s", source->prefix, name, error->message);
}

static gboolean
is_known(const Source *source, const char *name)
{
  if (source->is_other && source->is_other(name))
    return TRUE;
  for (const MgProp *prop = source->props; has_props(prop); prop++) {
    if (mg_prop_is_named(prop, name))
      return TRUE;
  }
  return FALSE;
}

static void
check_unknown(Walk *walk, const Source *source)
{
  const GArray *attributes = source->element->attributes;
  for (guint i = 0; i < attributes->len; i++) {
    const MgAttribute *attribute = &g_array_index(attributes, MgAttribute, i);
    if (is_known(source, attribute->name))
      continue;
    g_auto(GStrv) names = attribute_names(source);
    g_autofree char *hint = mg_suggest_hint(attribute->name, (const char *const *) names);
    report(walk, &attribute->place, "unknown attribute '%s' on %s%s", attribute->name, source->name,
           hint);
  }
}

static void
fill_struct(Walk *walk, const Source *source, gpointer self)
{
  check_unknown(walk, source);
  for (const MgProp *prop = source->props; has_props(prop); prop++)
    fill_prop(walk, source, prop, self);
}

static void
clear_value(const MgProp *prop, gpointer self)
{
  if (!mg_value_is_text(prop->type))
    return;
  char **field = (char **) ((char *) self + prop->offset);
  if (*field && (prop->flags & MG_PROP_SECRET))
    explicit_bzero(*field, strlen(*field));
  g_clear_pointer(field, g_free);
}

void
mg_props_clear_struct(const MgProp *props, gpointer self)
{
  for (const MgProp *prop = props; has_props(prop); prop++)
    clear_value(prop, self);
}

/* Children. */

static const MgChildKind *
find_kind(const MgNodeClass *class, const char *name)
{
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++) {
    if (g_str_equal(kind->name, name))
      return kind;
  }
  return NULL;
}

static void
report_unknown_child(Walk *walk, const MgNodeClass *class, const MgElement *child)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++)
    g_strv_builder_add(builder, kind->name);
  g_auto(GStrv) names = g_strv_builder_end(builder);
  const char *const *list = (const char *const *) names;
  if (list[0] == NULL) {
    report(walk, &child->place, "unknown element '%s' in %s, which has no child elements",
           child->name, class->name);
    return;
  }
  g_autofree char *hint = mg_suggest_hint(child->name, list);
  g_autofree char *all = hint[0] ? g_strdup("") : mg_join_words(list, "and");
  report(walk, &child->place, "unknown element '%s' in %s%s%s", child->name, class->name,
         hint[0] ? hint : "; known are ", all);
}

static void
check_children(Walk *walk, const MgNodeClass *class, const MgElement *element)
{
  for (guint i = 0; i < element->children->len; i++) {
    const MgElement *child = g_ptr_array_index(element->children, i);
    if (find_kind(class, child->name) == NULL) {
      report_unknown_child(walk, class, child);
    } else if (child->children->len > 0) {
      const MgElement *inner = g_ptr_array_index(child->children, 0);
      report(walk, &inner->place, "unknown element '%s' in %s, which has no child elements",
             inner->name, child->name);
    }
  }
}

static guint
count_children(Walk *walk, const MgChildKind *kind, const MgElement *element)
{
  guint n = 0;
  for (guint i = 0; i < element->children->len; i++) {
    const MgElement *child = g_ptr_array_index(element->children, i);
    if (g_str_equal(child->name, kind->name) && ++n == kind->most + 1 && kind->most > 0)
      report(walk, &child->place, "%s takes at most %u <%s>", element->name, kind->most,
             kind->name);
  }
  if (n < kind->least && walk->scope == MG_PROPS_WHOLE && !element->lacks_children)
    report(walk, &element->place, "%s needs at least %u <%s> (%s)", element->name, kind->least,
           kind->name, kind->help);
  walk->lacks_values |= n < kind->least;
  return n;
}

static void
fill_child(Walk *walk, const MgChildKind *kind, const MgElement *parent, const MgElement *child,
           gpointer item)
{
  g_autofree char *prefix = child_prefix(parent, child);
  Source source = { .props = kind->props, .element = child, .name = child->name, .prefix = prefix };
  fill_struct(walk, &source, item);
}

static char **
items_of(const MgChildKind *kind, gpointer self)
{
  return (char **) ((char *) self + kind->items_offset);
}

static guint *
count_of(const MgChildKind *kind, gpointer self)
{
  return (guint *) ((char *) self + kind->count_offset);
}

static void
fill_children(Walk *walk, const MgChildKind *kind, const MgElement *element, gpointer self)
{
  guint n = count_children(walk, kind, element);
  char *items = g_malloc0_n(n, kind->item_size);
  *items_of(kind, self) = items;
  *count_of(kind, self) = n;
  guint filled = 0;
  for (guint i = 0; i < element->children->len; i++) {
    const MgElement *child = g_ptr_array_index(element->children, i);
    if (g_str_equal(child->name, kind->name))
      fill_child(walk, kind, element, child, items + kind->item_size * filled++);
  }
}

static void
clear_children(const MgChildKind *kind, gpointer self)
{
  char **items = items_of(kind, self);
  for (guint i = 0; i < *count_of(kind, self); i++)
    mg_props_clear_struct(kind->props, *items + kind->item_size * i);
  g_clear_pointer(items, g_free);
  *count_of(kind, self) = 0;
}

/* The whole. */

static void
fill_node(Walk *walk, const MgNodeClass *class, const MgElement *element, gpointer self)
{
  g_autofree char *prefix = g_strdup_printf("%s: ", class->name);
  Source source = {
    .props = class->props,
    .element = element,
    .name = class->name,
    .prefix = prefix,
    .is_other = mg_props_is_engine_attribute,
  };
  fill_struct(walk, &source, self);
  walk->lacks_values |= element->lacks_children;
  check_children(walk, class, element);
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++)
    fill_children(walk, kind, element, self);
  MgCheck check = { walk, &source };
  if (class->check != NULL && walk->scope == MG_PROPS_WHOLE && !walk->lacks_values)
    class->check(self, &check);
}

/* Keeps the first sentence as a GError. */
static void
keep_first(MgSeverity severity, const MgPlace *place, const char *sentence, gpointer data)
{
  GError **error = data;
  if (*error == NULL)
    *error = g_error_new_literal(MG_ERROR, MG_ERROR_INVALID, sentence);
}

gboolean
mg_props_fill(const MgNodeClass *class, const MgElement *element, const MgVariables *variables,
              gpointer self, GError **error)
{
  GError *first = NULL;
  Walk walk = { .variables = variables, .report = keep_first, .data = &first, .is_right = TRUE };
  fill_node(&walk, class, element, self);
  if (first)
    g_propagate_error(error, first);
  return walk.is_right;
}

void
mg_props_clear(const MgNodeClass *class, gpointer self)
{
  mg_props_clear_struct(class->props, self);
  for (const MgChildKind *kind = class->children; kind && kind->name; kind++)
    clear_children(kind, self);
}

gboolean
mg_props_check(const MgNodeClass *class, const MgElement *element, MgPropsScope scope,
               const MgVariables *variables, MgPropsReport report_func, gpointer data)
{
  Walk walk = {
    .variables = variables,
    .scope = scope,
    .report = report_func,
    .data = data,
    .reads_files = TRUE,
    .is_right = TRUE,
  };
  g_autofree gpointer self = g_malloc0(class->instance_size);
  fill_node(&walk, class, element, self);
  mg_props_clear(class, self);
  return walk.is_right;
}

gboolean
mg_props_fill_struct(const MgProp *props, const MgElement *element, const char *name,
                     gboolean (*is_other)(const char *attribute), gpointer self,
                     MgPropsReport report_func, gpointer data)
{
  Walk walk = { .report = report_func, .data = data, .is_right = TRUE };
  g_autofree char *prefix = g_strdup_printf("%s: ", name);
  Source source = {
    .props = props, .element = element, .name = name, .prefix = prefix, .is_other = is_other
  };
  fill_struct(&walk, &source, self);
  return walk.is_right;
}
