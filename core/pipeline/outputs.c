/* Two outputs of one pipeline that would publish or write in one place: the second could not open. */
#include "pipeline/draft.h"

#include "host/props-check.h"
#include "window/claims.h"

/* One output, as far as it has such properties; NULL where not. */
typedef struct {
  const MgDraft *draft;
  const MgAttribute *path_attribute, *dir_attribute;
  MgOffer offer;
  char *dir; /* owned: "a" and "./a/" are one */
} Output;

static void
clear_output(gpointer data)
{
  g_free(((Output *) data)->dir);
}

static const char *
text_of(const MgElement *element, const MgProp *prop, const MgAttribute **attribute)
{
  g_autofree char *name = mg_prop_attribute(prop);
  *attribute = mg_element_attribute(element, name);
  return *attribute ? (*attribute)->value : prop->initial;
}

static char *
dir_of(const MgElement *element, const MgProp *prop, const MgAttribute **attribute)
{
  const char *text = text_of(element, prop, attribute);
  return text && text[0] != '\0' ? g_canonicalize_filename(text, NULL) : NULL;
}

static Output
output_of(const MgDraft *draft)
{
  const MgAttribute *unused;
  Output output = { .draft = draft, .offer.class = draft->element->name };
  const MgProp *prop = draft->class ? draft->class->props : NULL;
  for (; prop && prop->name; prop++) {
    if (prop->flags & MG_PROP_URL_PATH)
      output.offer.path = text_of(draft->element, prop, &output.path_attribute);
    if (prop->flags & MG_PROP_URL_NAME)
      output.offer.name = text_of(draft->element, prop, &unused);
    if (prop->flags & MG_PROP_OWN_DIR)
      output.dir = dir_of(draft->element, prop, &output.dir_attribute);
  }
  return output;
}

/* Two nodes may have an attribute of one <defaults>: then the element tells more. */
static const MgPlace *
place_of(const Output *output, const MgAttribute *attribute, const MgAttribute *other)
{
  gboolean is_shared = attribute && other &&
                       attribute->value_place.line == other->value_place.line &&
                       attribute->value_place.column == other->value_place.column &&
                       attribute->value_place.file == other->value_place.file;
  return attribute && !is_shared ? &attribute->value_place : &output->draft->element->place;
}

static gboolean
have_one_place(const Output *a, const Output *b)
{
  return a->offer.path && a->offer.name && b->offer.path && b->offer.name &&
         mg_offers_collide(&a->offer, &b->offer);
}

static gboolean
have_one_dir(const Output *a, const Output *b)
{
  return a->dir && b->dir && g_str_equal(a->dir, b->dir);
}

static void
refuse_path(const Output *output, const Output *first, MgDiagnostics *diagnostics)
{
  g_autofree char *what = mg_draft_describe(output->draft);
  g_autofree char *other = mg_draft_describe(first->draft);
  g_autofree char *place = mg_place_to_text(&first->draft->element->place);
  mg_diagnostics_error(
      diagnostics, place_of(output, output->path_attribute, first->path_attribute),
      "%s: %s (%s) publishes under %s already; give each a `path` of its own, as in "
      "\"/${app}/${stream}/low\"",
      what, other, place, output->offer.path);
}

static void
refuse_dir(const Output *output, const Output *first, MgDiagnostics *diagnostics)
{
  g_autofree char *what = mg_draft_describe(output->draft);
  g_autofree char *other = mg_draft_describe(first->draft);
  g_autofree char *place = mg_place_to_text(&first->draft->element->place);
  mg_diagnostics_error(diagnostics, place_of(output, output->dir_attribute, first->dir_attribute),
                       "%s: %s (%s) writes into this folder already; give each a `dir` of its own",
                       what, other, place);
}

typedef gboolean (*IsInTheWay)(const Output *a, const Output *b);

static const Output *
find_in_the_way(const GArray *outputs, const Output *output, IsInTheWay is_in_the_way)
{
  for (guint i = 0; i < outputs->len; i++) {
    const Output *first = &g_array_index(outputs, Output, i);
    if (is_in_the_way(first, output))
      return first;
  }
  return NULL;
}

void
mg_outputs_check(GPtrArray *drafts, MgDiagnostics *diagnostics)
{
  g_autoptr(GArray) outputs = g_array_new(FALSE, FALSE, sizeof(Output));
  g_array_set_clear_func(outputs, clear_output);
  for (guint i = 0; i < drafts->len && !mg_diagnostics_is_full(diagnostics); i++) {
    Output output = output_of(g_ptr_array_index(drafts, i));
    const Output *first;
    if ((first = find_in_the_way(outputs, &output, have_one_place)) != NULL)
      refuse_path(&output, first, diagnostics);
    if ((first = find_in_the_way(outputs, &output, have_one_dir)) != NULL)
      refuse_dir(&output, first, diagnostics);
    g_array_append_val(outputs, output);
  }
}
