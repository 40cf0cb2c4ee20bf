/* The checks that need the whole file, and the making of the specification. */
#include "pipeline/pipeline.h"

#include "host/props-check.h"
#include "host/registry.h"
#include "pipeline/defaults.h"
#include "pipeline/draft.h"
#include "pipeline/include.h"
#include "pipeline/reader.h"
#include "util/suggest.h"

#include <string.h>

typedef struct {
  MgElement *element;
  MgPipelineProps props;
  GPtrArray *drafts; /* of MgDraft * */
} Pipeline;

typedef struct {
  const MgElement *root;
  MgDiagnostics *diagnostics;
  GPtrArray *services;  /* of MgDraft * */
  GPtrArray *pipelines; /* of Pipeline * */
} Check;

static void
free_pipeline(gpointer data)
{
  Pipeline *pipeline = data;
  mg_props_clear_struct(mg_pipeline_props, &pipeline->props);
  g_ptr_array_unref(pipeline->drafts);
  g_free(pipeline);
}

/* Ids. */

static void
check_ids(Check *check, GPtrArray *drafts)
{
  g_autoptr(GHashTable) by_id = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = g_ptr_array_index(drafts, i);
    const MgDraft *first = g_hash_table_lookup(by_id, draft->id);
    if (first == NULL) {
      g_hash_table_insert(by_id, draft->id, g_ptr_array_index(drafts, i));
      continue;
    }
    g_autofree char *place = mg_place_to_text(&first->id_place);
    mg_diagnostics_error(check->diagnostics, &draft->id_place, "the id '%s' is used already (%s)%s",
                         draft->id, place,
                         draft->engine.id ? "" : "; give this one an id of its own");
  }
}

/* Services. */

static MgDraft *
find_draft(GPtrArray *drafts, const char *name)
{
  for (guint i = 0; i < drafts->len; i++) {
    MgDraft *draft = g_ptr_array_index(drafts, i);
    if (g_str_equal(draft->element->name, name))
      return draft;
  }
  return NULL;
}

/* Whether NAME has been said to be missing in other words: of an include, misspelt, or elsewhere. */
static gboolean
is_told(const Check *check, const char *name)
{
  const char *const names[] = { name, NULL };
  for (guint i = 0; i < check->services->len; i++) {
    const MgDraft *draft = g_ptr_array_index(check->services, i);
    if (draft->class == NULL && mg_suggest(draft->element->name, names))
      return TRUE;
  }
  for (guint i = 0; i < check->pipelines->len; i++) {
    const Pipeline *pipeline = g_ptr_array_index(check->pipelines, i);
    if (find_draft(pipeline->drafts, name))
      return TRUE;
  }
  return check->root->lacks_children;
}

static void
check_needs(Check *check, const MgDraft *draft)
{
  const char *const *needs = draft->class ? draft->class->needs : NULL;
  for (; needs && *needs; needs++) {
    if (find_draft(check->services, *needs) == NULL && !is_told(check, *needs))
      mg_diagnostics_error(check->diagnostics, &draft->element->place,
                           "%s needs <%s>; add it to the top of the file, inside <mediagraph>",
                           draft->element->name, *needs);
  }
}

static void
add_service(Check *check, MgElement *element)
{
  MgDraft *draft = mg_draft_new(element, check->diagnostics);
  MgDraft *first = find_draft(check->services, element->name);
  g_ptr_array_add(check->services, draft);
  if (draft->class && draft->class->role != MG_ROLE_SERVICE) {
    mg_diagnostics_error(check->diagnostics, &element->place,
                         "%s is not a service; it stands in a <pipeline>", element->name);
  } else if (draft->class && first) {
    g_autofree char *place = mg_place_to_text(&first->element->place);
    mg_diagnostics_error(check->diagnostics, &element->place, "there is a <%s> already (%s)",
                         element->name, place);
  }
}

/* A service is opened after those it needs, in reading order. */
static void
check_service_order(Check *check)
{
  for (guint i = 0; i < check->services->len; i++) {
    const MgDraft *draft = g_ptr_array_index(check->services, i);
    const char *const *needs = draft->class ? draft->class->needs : NULL;
    for (; needs && *needs; needs++) {
      MgDraft *needed = find_draft(check->services, *needs);
      guint index;
      if (needed && g_ptr_array_find(check->services, needed, &index) && index >= i)
        mg_diagnostics_error(check->diagnostics, &draft->element->place,
                             "%s needs <%s>, which must stand before it", draft->element->name,
                             *needs);
    }
  }
}

/* Pipelines. */

/* Returned-owned: the names of all node types that are sources. */
static char *
join_sources(void)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  g_auto(GStrv) names = mg_registry_list();
  for (gsize i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class && (class->role == MG_ROLE_LISTENER || class->role == MG_ROLE_SOURCE))
      g_strv_builder_add(builder, names[i]);
  }
  g_auto(GStrv) sources = g_strv_builder_end(builder);
  return mg_join_words((const char *const *) sources, "and");
}

/* Whether a node whose inputs stand in for each other takes from node INDEX: then the session has other sources. */
static gboolean
stands_in(const Pipeline *pipeline, guint index)
{
  const MgDraft *source = g_ptr_array_index(pipeline->drafts, index);
  for (guint i = index + 1; i < pipeline->drafts->len; i++) {
    const MgDraft *draft = g_ptr_array_index(pipeline->drafts, i);
    for (guint k = 0; draft->class && draft->class->input_paused && k < draft->words->len; k++)
      if (g_str_equal(g_array_index(draft->words, MgWord, k).id, source->id))
        return TRUE;
  }
  return FALSE;
}

static void
check_sources(Check *check, const Pipeline *pipeline)
{
  const MgDraft *first = NULL;
  gboolean may_have_one = pipeline->element->lacks_children;
  for (guint i = 0; i < pipeline->drafts->len; i++) {
    const MgDraft *draft = g_ptr_array_index(pipeline->drafts, i);
    may_have_one = may_have_one || draft->class == NULL;
    if (!mg_draft_has_role(draft, MG_ROLE_SOURCE) && !mg_draft_has_role(draft, MG_ROLE_LISTENER))
      continue;
    if (first && first->class->role != draft->class->role && !stands_in(pipeline, i)) {
      g_autofree char *place = mg_place_to_text(&first->element->place);
      gboolean listens = draft->class->role == MG_ROLE_LISTENER;
      mg_diagnostics_error(check->diagnostics, &draft->element->place,
                           "%s %s and %s (%s) %s; put them into two pipelines", draft->class->name,
                           listens ? "waits for publishers" : "starts by itself",
                           first->class->name, place,
                           listens ? "starts by itself" : "waits for publishers");
    }
    first = first ? first : draft;
  }
  if (first || may_have_one)
    return;
  g_autofree char *sources = join_sources();
  mg_diagnostics_error(check->diagnostics, &pipeline->element->place,
                       "pipeline '%s' has no source%s%s", pipeline->props.name,
                       sources[0] ? "; known are " : "", sources);
}

static void
add_node(Check *check, Pipeline *pipeline, MgElement *element)
{
  MgDraft *draft = mg_draft_new(element, check->diagnostics);
  g_ptr_array_add(pipeline->drafts, draft);
  if (mg_draft_has_role(draft, MG_ROLE_SERVICE))
    mg_diagnostics_error(check->diagnostics, &element->place,
                         "%s is a service; it stands at the top of the file, inside <mediagraph>",
                         element->name);
}

static void
check_pipeline_name(Check *check, const Pipeline *pipeline)
{
  const MgAttribute *name = mg_element_attribute(pipeline->element, "name");
  const MgPlace *place = name ? &name->value_place : &pipeline->element->place;
  for (guint i = 0; i < check->pipelines->len; i++) {
    const Pipeline *other = g_ptr_array_index(check->pipelines, i);
    if (g_strcmp0(other->props.name, pipeline->props.name) == 0 && other->props.name) {
      g_autofree char *first = mg_place_to_text(&other->element->place);
      mg_diagnostics_error(check->diagnostics, place, "there is a pipeline named '%s' already (%s)",
                           other->props.name, first);
      return;
    }
  }
}

static void
add_pipeline(Check *check, MgElement *element)
{
  Pipeline *pipeline = g_new0(Pipeline, 1);
  pipeline->element = element;
  pipeline->drafts = g_ptr_array_new_with_free_func((GDestroyNotify) mg_draft_free);
  mg_props_fill_struct(mg_pipeline_props, element, "pipeline", NULL, &pipeline->props,
                       mg_diagnostics_report, check->diagnostics);
  check_pipeline_name(check, pipeline);
  g_ptr_array_add(check->pipelines, pipeline);
  for (guint i = 0; i < element->children->len; i++) {
    MgElement *child = g_ptr_array_index(element->children, i);
    if (!g_str_equal(child->name, "defaults"))
      add_node(check, pipeline, child);
  }
  check_ids(check, pipeline->drafts);
  check_sources(check, pipeline);
  mg_links_resolve(pipeline->drafts, !element->lacks_children, check->diagnostics);
  mg_kinds_check(pipeline->drafts, check->diagnostics);
  mg_outputs_check(pipeline->drafts, check->diagnostics);
}

/* The file. */

static void
check_all_needs(Check *check)
{
  for (guint i = 0; i < check->services->len; i++)
    check_needs(check, g_ptr_array_index(check->services, i));
  for (guint i = 0; i < check->pipelines->len; i++) {
    const Pipeline *pipeline = g_ptr_array_index(check->pipelines, i);
    for (guint k = 0; k < pipeline->drafts->len; k++)
      check_needs(check, g_ptr_array_index(pipeline->drafts, k));
  }
}

static void
check_listens(Check *check)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  g_ptr_array_extend(all, check->services, NULL, NULL);
  for (guint i = 0; i < check->pipelines->len; i++) {
    const Pipeline *pipeline = g_ptr_array_index(check->pipelines, i);
    g_ptr_array_extend(all, pipeline->drafts, NULL, NULL);
  }
  mg_listens_check(all, check->diagnostics);
}

static void
check_children(Check *check, MgElement *root)
{
  for (guint i = 0; i < root->children->len; i++) {
    MgElement *child = g_ptr_array_index(root->children, i);
    if (g_str_equal(child->name, "pipeline"))
      add_pipeline(check, child);
    else if (!g_str_equal(child->name, "defaults"))
      add_service(check, child);
  }
  check_ids(check, check->services);
  check_service_order(check);
  check_all_needs(check);
  check_listens(check);
  if (check->pipelines->len == 0 && !is_told(check, "pipeline"))
    mg_diagnostics_error(check->diagnostics, &root->place, "there is no <pipeline>");
}

/* The specification: only of what has no errors. */

static void
add_link(MgNodeSpec *spec, const MgWord *word)
{
  MgLink link = { .producer = (guint) word->producer, .media = mg_word_media(word) };
  if (word->track && link.media == MG_MEDIA_ANY)
    link.stream_id = g_strdup(word->track);
  g_array_append_val(spec->links, link);
}

static MgNodeSpec *
make_node(const MgDraft *draft)
{
  MgNodeSpec *spec = mg_node_spec_new(draft->class, draft->id, draft->element);
  spec->alias = g_strdup(draft->engine.as);
  spec->on_error = (MgOnError) draft->engine.on_error;
  spec->queue_time = draft->engine.queue;
  spec->queue_bytes = draft->engine.queue_bytes;
  for (guint i = 0; i < draft->words->len; i++)
    add_link(spec, &g_array_index(draft->words, MgWord, i));
  return spec;
}

static MgPipelineSpec *
make_pipeline(const Pipeline *pipeline)
{
  MgPipelineSpec *spec = mg_pipeline_spec_new(pipeline->element->place);
  spec->name = g_strdup(pipeline->props.name);
  spec->linger = pipeline->props.linger;
  spec->on_duplicate = (MgOnDuplicate) pipeline->props.on_duplicate;
  spec->max_sessions = (guint) pipeline->props.max_sessions;
  for (guint i = 0; i < pipeline->drafts->len; i++)
    g_ptr_array_add(spec->nodes, make_node(g_ptr_array_index(pipeline->drafts, i)));
  return spec;
}

/* ROOT is taken. */
static MgGraphSpec *
make_spec(const Check *check, const MgRootProps *props, MgElement *root)
{
  MgGraphSpec *spec = mg_graph_spec_new();
  spec->state_dir = g_strdup(props->state_dir);
  spec->root = root;
  for (guint i = 0; i < check->services->len; i++)
    g_ptr_array_add(spec->services, make_node(g_ptr_array_index(check->services, i)));
  for (guint i = 0; i < check->pipelines->len; i++)
    g_ptr_array_add(spec->pipelines, make_pipeline(g_ptr_array_index(check->pipelines, i)));
  return spec;
}

/* ROOT is taken. */
static MgGraphSpec *
check_root(MgElement *root, MgDiagnostics *diagnostics)
{
  MgRootProps props = { 0 };
  MgGraphSpec *spec = NULL;
  Check check = {
    .root = root,
    .diagnostics = diagnostics,
    .services = g_ptr_array_new_with_free_func((GDestroyNotify) mg_draft_free),
    .pipelines = g_ptr_array_new_with_free_func(free_pipeline),
  };
  mg_props_fill_struct(mg_root_props, root, "mediagraph", NULL, &props, mg_diagnostics_report,
                       diagnostics);
  mg_defaults_apply(root, diagnostics);
  check_children(&check, root);
  if (!mg_diagnostics_has_errors(diagnostics))
    spec = make_spec(&check, &props, g_steal_pointer(&root));
  mg_props_clear_struct(mg_root_props, &props);
  g_ptr_array_unref(check.services);
  g_ptr_array_unref(check.pipelines);
  mg_element_free(root);
  return spec;
}

/* ROOT is taken; NULL when there was none to be had. */
static MgGraphSpec *
check_tree(MgElement *root, MgDiagnostics *diagnostics)
{
  MgGraphSpec *spec = NULL;
  if (root && g_str_equal(root->name, "mediagraph")) {
    spec = check_root(root, diagnostics);
  } else if (root) {
    mg_diagnostics_error(diagnostics, &root->place,
                         "the root element must be <mediagraph>, not <%s>", root->name);
    mg_element_free(root);
  }
  mg_diagnostics_sort(diagnostics);
  return spec;
}

MgGraphSpec *
mg_pipeline_load(const char *path, MgDiagnostics *diagnostics)
{
  return check_tree(mg_include_read_file(path, diagnostics), diagnostics);
}

MgGraphSpec *
mg_pipeline_parse(const char *path, const char *text, gsize size, MgDiagnostics *diagnostics)
{
  return check_tree(mg_include_read_text(path, text, size, diagnostics), diagnostics);
}

MgElement *
mg_pipeline_parse_element(const char *text, GError **error)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  guint elements_left = 1000;
  MgElement *element = mg_xml_read(g_intern_static_string("element"), text, strlen(text),
                                   &elements_left, diagnostics);
  if (element && !mg_diagnostics_has_errors(diagnostics))
    return element;
  mg_element_free(element);
  g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID,
                      g_array_index(diagnostics->items, MgDiagnostic, 0).text);
  return NULL;
}
