#include "graph/spec.h"

/* How long nodes may take to finish what they hold; a disk that hangs takes for ever. */
#define END_LIMIT (10 * MG_SECOND)

static void
clear_link(gpointer data)
{
  MgLink *link = data;
  g_free(link->stream_id);
}

MgNodeSpec *
mg_node_spec_new(const MgNodeClass *class, const char *id, MgElement *element)
{
  MgNodeSpec *spec = g_new0(MgNodeSpec, 1);
  spec->class = class;
  spec->id = g_strdup(id);
  spec->element = element;
  spec->links = g_array_new(FALSE, FALSE, sizeof(MgLink));
  g_array_set_clear_func(spec->links, clear_link);
  return spec;
}

void
mg_node_spec_free(MgNodeSpec *spec)
{
  if (spec == NULL)
    return;
  g_array_unref(spec->links);
  g_free(spec->alias);
  g_free(spec->id);
  g_free(spec);
}

MgPipelineSpec *
mg_pipeline_spec_new(MgPlace place)
{
  MgPipelineSpec *spec = g_new0(MgPipelineSpec, 1);
  spec->end_limit = END_LIMIT;
  spec->place = place;
  spec->nodes = g_ptr_array_new_with_free_func((GDestroyNotify) mg_node_spec_free);
  return spec;
}

void
mg_pipeline_spec_free(MgPipelineSpec *spec)
{
  if (spec == NULL)
    return;
  g_ptr_array_unref(spec->nodes);
  g_free(spec->name);
  g_free(spec);
}

MgGraphSpec *
mg_graph_spec_new(void)
{
  MgGraphSpec *spec = g_new0(MgGraphSpec, 1);
  spec->services = g_ptr_array_new_with_free_func((GDestroyNotify) mg_node_spec_free);
  spec->pipelines = g_ptr_array_new_with_free_func((GDestroyNotify) mg_pipeline_spec_free);
  return spec;
}

void
mg_graph_spec_free(MgGraphSpec *spec)
{
  if (spec == NULL)
    return;
  g_ptr_array_unref(spec->pipelines);
  g_ptr_array_unref(spec->services);
  mg_element_free(spec->root);
  g_free(spec->state_dir);
  g_free(spec);
}
