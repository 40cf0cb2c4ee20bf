#include "manifest/dash-patch.h"

#include "manifest/xml.h"

#include <string.h>

/* An MPD has eight levels. */
enum { MOST_DEPTH = 16 };

/* --- editions ---------------------------------------------------------------------------------- */

typedef struct {
  char *name, *value;
} Attribute;

typedef struct {
  char *name;
  GArray *attributes;  /* of Attribute, in order */
  GPtrArray *children; /* of Element * */
  char *text;          /* NULL: none */
} Element;

struct MgDashEdition {
  Element *root;
};

static void
clear_attribute(gpointer data)
{
  Attribute *attribute = data;
  g_free(attribute->name);
  g_free(attribute->value);
}

static void
element_free(gpointer data)
{
  Element *element = data;
  if (element == NULL)
    return;
  g_array_unref(element->attributes);
  g_ptr_array_unref(element->children);
  g_free(element->name);
  g_free(element->text);
  g_free(element);
}

static Element *
element_new(const char *name)
{
  Element *element = g_new0(Element, 1);
  element->name = g_strdup(name);
  element->attributes = g_array_new(FALSE, FALSE, sizeof(Attribute));
  g_array_set_clear_func(element->attributes, clear_attribute);
  element->children = g_ptr_array_new_with_free_func(element_free);
  return element;
}

/* The elements that are open, the root first. */
typedef struct {
  GPtrArray *open; /* of Element * (borrowed) */
  Element *root;
} Reading;

static gboolean
has_room(const Reading *reading, GError **error)
{
  if (reading->open->len < MOST_DEPTH && (reading->root == NULL || reading->open->len > 0))
    return TRUE;
  g_set_error_literal(error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "this is no MPD");
  return FALSE;
}

static void
on_start(GMarkupParseContext *context, const char *name, const char **names, const char **values,
         gpointer data, GError **error)
{
  Reading *reading = data;
  if (!has_room(reading, error))
    return;
  Element *element = element_new(name);
  for (guint i = 0; names[i] != NULL; i++) {
    const Attribute one = { g_strdup(names[i]), g_strdup(values[i]) };
    g_array_append_val(element->attributes, one);
  }
  if (reading->root == NULL)
    reading->root = element;
  else
    g_ptr_array_add(((Element *) reading->open->pdata[reading->open->len - 1])->children, element);
  g_ptr_array_add(reading->open, element);
}

static void
on_end(GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reading *reading = data;
  g_ptr_array_set_size(reading->open, (gint) reading->open->len - 1);
}

/* What is between elements is indentation. */
static void
on_text(GMarkupParseContext *context, const char *text, gsize size, gpointer data, GError **error)
{
  Reading *reading = data;
  if (reading->open->len == 0 || strspn(text, " \n") == size)
    return;
  Element *element = reading->open->pdata[reading->open->len - 1];
  g_free(element->text);
  element->text = g_strndup(text, size);
}

static const char *
value_of(const Element *element, const char *name)
{
  for (guint i = 0; i < element->attributes->len; i++) {
    const Attribute *one = &g_array_index(element->attributes, Attribute, i);
    if (g_str_equal(one->name, name))
      return one->value;
  }
  return NULL;
}

MgDashEdition *
mg_dash_edition_new(const char *text, gsize size)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
  g_autoptr(GPtrArray) open = g_ptr_array_new();
  Reading reading = { .open = open };
  g_autoptr(GMarkupParseContext) context = g_markup_parse_context_new(&parser, 0, &reading, NULL);
  gboolean is_read = g_markup_parse_context_parse(context, text, (gssize) size, NULL) &&
                     g_markup_parse_context_end_parse(context, NULL);
  if (!is_read || reading.root == NULL || value_of(reading.root, "id") == NULL ||
      value_of(reading.root, "publishTime") == NULL) {
    element_free(reading.root);
    return NULL;
  }
  MgDashEdition *edition = g_new(MgDashEdition, 1);
  edition->root = reading.root;
  return edition;
}

void
mg_dash_edition_free(MgDashEdition *edition)
{
  if (edition == NULL)
    return;
  element_free(edition->root);
  g_free(edition);
}

/* --- who is who -------------------------------------------------------------------------------- */

/* The attribute that tells ELEMENT from others of its name; NULL: there are no others. */
static const char *
key_of(const Element *element)
{
  static const char *const keys[] = { "id", "t", "schemeIdUri" };
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
    if (value_of(element, keys[i]) != NULL)
      return keys[i];
  return NULL;
}

static gboolean
are_one(const Element *a, const Element *b)
{
  const char *key = key_of(a);
  if (!g_str_equal(a->name, b->name) || g_strcmp0(key, key_of(b)) != 0)
    return FALSE;
  return key == NULL || g_str_equal(value_of(a, key), value_of(b, key));
}

/* Its index among the children of PARENT; their number: it is not there. */
static guint
find_in(const Element *parent, const Element *wanted)
{
  guint i = 0;
  while (i < parent->children->len && !are_one(g_ptr_array_index(parent->children, i), wanted))
    i++;
  return i;
}

static Element *
child_at(const Element *parent, guint index)
{
  return index < parent->children->len ? g_ptr_array_index(parent->children, index) : NULL;
}

/* Returned-owned: how to select CHILD, from PATH on. */
static char *
select_child(const char *path, const Element *child)
{
  const char *key = key_of(child);
  if (key == NULL)
    return g_strdup_printf("%s/%s", path, child->name);
  const char *value = value_of(child, key);
  char quote = strchr(value, '\'') != NULL ? '"' : '\'';
  return g_strdup_printf("%s/%s[@%s=%c%s%c]", path, child->name, key, quote, value, quote);
}

/* --- the operations ---------------------------------------------------------------------------- */

static void
put_element(MgXml *x, const Element *element)
{
  mg_xml_open(x, element->name);
  for (guint i = 0; i < element->attributes->len; i++) {
    const Attribute *one = &g_array_index(element->attributes, Attribute, i);
    mg_xml_text(x, one->name, one->value);
  }
  if (element->text != NULL) {
    mg_xml_content(x, element->name, element->text);
    return;
  }
  if (element->children->len == 0) {
    mg_xml_empty(x);
    return;
  }
  mg_xml_children(x);
  for (guint i = 0; i < element->children->len; i++)
    put_element(x, child_at(element, i));
  mg_xml_close(x, element->name);
}

static void
begin_operation(MgXml *x, const char *what, const char *path)
{
  mg_xml_open(x, what);
  mg_xml_text(x, "sel", path);
}

static void
remove_at(MgXml *x, const char *path)
{
  begin_operation(x, "remove", path);
  mg_xml_empty(x);
}

static void
put_attribute(MgXml *x, const Element *from, const char *path, const Attribute *wanted)
{
  const char *old = value_of(from, wanted->name);
  if (g_strcmp0(old, wanted->value) == 0)
    return;
  g_autofree char *at = g_strdup_printf("%s/@%s", path, wanted->name);
  g_autofree char *type = g_strconcat("@", wanted->name, NULL);
  begin_operation(x, old != NULL ? "replace" : "add", old != NULL ? at : path);
  mg_xml_text(x, "type", old != NULL ? NULL : type);
  mg_xml_content(x, old != NULL ? "replace" : "add", wanted->value);
}

static void
compare_attributes(MgXml *x, const Element *from, const Element *to, const char *path)
{
  for (guint i = 0; i < from->attributes->len; i++) {
    const char *name = g_array_index(from->attributes, Attribute, i).name;
    g_autofree char *at = g_strdup_printf("%s/@%s", path, name);
    if (value_of(to, name) == NULL)
      remove_at(x, at);
  }
  for (guint i = 0; i < to->attributes->len; i++)
    put_attribute(x, from, path, &g_array_index(to->attributes, Attribute, i));
}

/* CHILD is new: it is put behind what is before it, which is there already. */
static void
add_child(MgXml *x, const Element *to, guint index, const char *path)
{
  const Element *before = index > 0 ? child_at(to, index - 1) : NULL;
  gboolean is_last = index + 1 == to->children->len;
  g_autofree char *sibling = before != NULL && !is_last ? select_child(path, before) : NULL;
  begin_operation(x, "add", sibling != NULL ? sibling : path);
  if (before == NULL)
    mg_xml_text(x, "pos", "prepend");
  else if (sibling != NULL)
    mg_xml_text(x, "pos", "after");
  mg_xml_children(x);
  put_element(x, child_at(to, index));
  mg_xml_close(x, "add");
}

/* Players want to be told that it is the first of its name, when there are no others. */
static void
replace_element(MgXml *x, const Element *to, const char *path)
{
  g_autofree char *first = g_strconcat(path, "[1]", NULL);
  begin_operation(x, "replace", key_of(to) == NULL ? first : path);
  mg_xml_children(x);
  put_element(x, to);
  mg_xml_close(x, "replace");
}

static void compare(MgXml *x, const Element *from, const Element *to, const char *path);

/* New ones first: a new one's neighbour may be about to leave, with all others of its name. */
static void
compare_children(MgXml *x, const Element *from, const Element *to, const char *path)
{
  for (guint i = 0; i < to->children->len; i++) {
    const Element *child = child_at(to, i);
    const Element *old = child_at(from, find_in(from, child));
    g_autofree char *at = select_child(path, child);
    if (old != NULL)
      compare(x, old, child, at);
    else
      add_child(x, to, i, path);
  }
  for (guint i = 0; i < from->children->len; i++) {
    g_autofree char *at = select_child(path, child_at(from, i));
    if (find_in(to, child_at(from, i)) == to->children->len)
      remove_at(x, at);
  }
}

static gboolean
is_leaf(const Element *element)
{
  return element->children->len == 0;
}

static gboolean
are_equal_leaves(const Element *a, const Element *b)
{
  gboolean are_equal = g_strcmp0(a->text, b->text) == 0 && a->attributes->len == b->attributes->len;
  for (guint i = 0; are_equal && i < a->attributes->len; i++) {
    const Attribute *one = &g_array_index(a->attributes, Attribute, i);
    are_equal = g_strcmp0(value_of(b, one->name), one->value) == 0;
  }
  return are_equal;
}

/* What has no children is replaced as a whole: players know then that the S@d of a patch is a number. */
static void
compare(MgXml *x, const Element *from, const Element *to, const char *path)
{
  if (is_leaf(from) && is_leaf(to)) {
    if (!are_equal_leaves(from, to))
      replace_element(x, to, path);
    return;
  }
  compare_attributes(x, from, to, path);
  compare_children(x, from, to, path);
}

gboolean
mg_dash_patch_write(const MgDashEdition *from, const MgDashEdition *to, MgWriter *w)
{
  const char *id = value_of(from->root, "id");
  if (!g_str_equal(id, value_of(to->root, "id")))
    return FALSE;
  MgXml xml = { .w = w };
  mg_writer_text(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  mg_xml_open(&xml, "Patch");
  mg_xml_text(&xml, "xmlns", "urn:mpeg:dash:schema:mpd-patch:2020");
  mg_xml_text(&xml, "mpdId", id);
  mg_xml_text(&xml, "originalPublishTime", value_of(from->root, "publishTime"));
  mg_xml_text(&xml, "publishTime", value_of(to->root, "publishTime"));
  mg_xml_children(&xml);
  compare(&xml, from->root, to->root, "/MPD");
  mg_xml_close(&xml, "Patch");
  return TRUE;
}
