/*
 * From a class and its attributes to the graph that the node runs in: source → node → sink.
 */
#include "harness/private.h"
#include "host/class.h"
#include "host/props-check.h"
#include "pipeline/reader.h"

#include <string.h>

static const MgNodeClass source_class = {
  .size = sizeof(MgNodeClass),
  .name = "harness-source",
  .role = MG_ROLE_SOURCE,
  .run = MG_RUN_INLINE,
};

static MgElement *
parse(const char *name, const char *attributes, GError **error)
{
  g_autofree char *text = attributes != NULL && *attributes == '<'
                              ? g_strdup(attributes)
                              : g_strdup_printf("<%s %s/>", name, attributes ? attributes : "");
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  guint elements_left = 1000;
  MgElement *element =
      mg_xml_read(g_intern_static_string("test"), text, strlen(text), &elements_left, diagnostics);
  if (element != NULL && !mg_diagnostics_has_errors(diagnostics))
    return element;
  mg_element_free(element);
  g_autofree char *list = mg_diagnostics_to_text(diagnostics);
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s", g_strchomp(list));
  return NULL;
}

static void
keep_first(MgSeverity severity, const MgPlace *place, const char *sentence, gpointer data)
{
  GError **first = data;
  if (*first == NULL && severity == MG_SEVERITY_ERROR)
    g_set_error_literal(first, MG_ERROR, MG_ERROR_INVALID, sentence);
}

gboolean
mg_harness_has_session(const MgHarness *h)
{
  return h->real->role != MG_ROLE_LISTENER && h->real->role != MG_ROLE_SERVICE;
}

static gboolean
check_element(MgHarness *h, const MgElement *element, GError **error)
{
  MgVariables variables = { "live", "test", "session", mg_utc_now_us() };
  GError *first = NULL;
  if (mg_props_check(h->real, element, MG_PROPS_WHOLE,
                     mg_harness_has_session(h) ? &variables : NULL, keep_first, &first))
    return TRUE;
  g_propagate_error(error, first);
  return FALSE;
}

/* Adds a node that takes everything from the N before it. ELEMENT is borrowed. */
static void
add_node(MgPipelineSpec *pipeline, const MgNodeClass *class, const char *id, guint n,
         MgElement *element)
{
  MgNodeSpec *spec = mg_node_spec_new(class, id, element);
  for (guint i = n; i > 0; i--) {
    MgLink link = { .producer = pipeline->nodes->len - i, .media = MG_MEDIA_ANY };
    g_array_append_val(spec->links, link);
  }
  g_ptr_array_add(pipeline->nodes, spec);
}

static void
add_bare_node(MgPipelineSpec *pipeline, const MgNodeClass *class, const char *id, guint n,
              MgElement *root)
{
  MgElement *element = mg_element_new(class->name, root->place);
  g_ptr_array_add(root->children, element);
  add_node(pipeline, class, id, n, element);
}

static void
add_source(MgPipelineSpec *pipeline, guint index, MgElement *root)
{
  g_autofree char *id = g_strdup_printf("input%u", index);
  add_bare_node(pipeline, &source_class, id, 0, root);
}

static MgPipelineSpec *
make_pipeline(MgHarness *h, MgElement *root, MgElement *element)
{
  MgPipelineSpec *pipeline = mg_pipeline_spec_new(element->place);
  pipeline->name = g_strdup("test");
  pipeline->linger = 10 * MG_SECOND;
  pipeline->max_sessions = G_MAXUINT;
  gboolean takes = h->real->role == MG_ROLE_FILTER || h->real->role == MG_ROLE_SINK;
  for (guint i = 0; takes && i < h->n_inputs; i++)
    add_source(pipeline, i, root);
  add_node(pipeline, &h->watched.class, h->real->name, takes ? h->n_inputs : 0, element);
  add_bare_node(pipeline, &h->sink.class, h->sink.class.name, 1, root);
  return pipeline;
}

MgGraphSpec *
mg_harness_make_spec(MgHarness *h, MgElement *element)
{
  MgGraphSpec *spec = mg_graph_spec_new();
  spec->root = mg_element_new("mediagraph", element->place);
  g_ptr_array_add(spec->root->children, element);
  if (h->real->role == MG_ROLE_SERVICE)
    g_ptr_array_add(spec->services, mg_node_spec_new(&h->watched.class, h->real->name, element));
  else
    g_ptr_array_add(spec->pipelines, make_pipeline(h, spec->root, element));
  return spec;
}

MgElement *
mg_harness_read_element(MgHarness *h, const char *attributes, GError **error)
{
  if (!mg_class_check(h->real, error))
    return NULL;
  g_autoptr(MgElement) element = parse(h->real->name, attributes, error);
  if (element == NULL || !check_element(h, element, error))
    return NULL;
  return g_steal_pointer(&element);
}
