#include "graph/private.h"

#include "doubles/wait.h"

Rig *the_rig;

/* --- building ------------------------------------------------------------------------------------ */

Rig *
rig_new(void)
{
  g_assert_null(the_rig);
  Rig *rig = the_rig = g_new0(Rig, 1);
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++)
    rig->alive[kind] = mg_leaks_get(kind);
  g_mutex_init(&rig->lock);
  rig->journal = g_ptr_array_new_with_free_func(g_free);
  rig->fakes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, fake_free);
  MgPlace place = { g_intern_static_string("test.xml"), 1, 1 };
  rig->spec = mg_graph_spec_new();
  rig->spec->root = mg_element_new("mediagraph", place);
  rig->pipeline = mg_pipeline_spec_new(place);
  rig->pipeline->name = g_strdup("live");
  rig->pipeline->linger = 60 * MG_SECOND;
  rig->pipeline->max_sessions = 100;
  g_ptr_array_add(rig->spec->pipelines, rig->pipeline);
  return rig;
}

static MgNodeSpec *
make_spec(Rig *rig, const MgNodeClass *node_class, const char *id)
{
  MgElement *element = mg_element_new(node_class->name, rig->spec->root->place);
  g_ptr_array_add(rig->spec->root->children, element);
  MgNodeSpec *spec = mg_node_spec_new(node_class, id, element);
  spec->queue_time = 10 * MG_SECOND;
  spec->queue_bytes = 1 << 20;
  g_hash_table_insert(rig->fakes, g_strdup(id), fake_new());
  return spec;
}

static guint
index_of(Rig *rig, const char *id)
{
  for (guint i = 0; i < rig->pipeline->nodes->len; i++)
    if (g_str_equal(((MgNodeSpec *) g_ptr_array_index(rig->pipeline->nodes, i))->id, id))
      return i;
  g_error("no node '%s' was added before", id);
}

static void
add_link(Rig *rig, MgNodeSpec *spec, const char *word)
{
  g_auto(GStrv) parts = g_strsplit(word, ".", 2);
  MgLink link = { .producer = index_of(rig, parts[0]), .media = MG_MEDIA_ANY };
  if (parts[1] != NULL)
    link.media = g_str_equal(parts[1], "audio") ? MG_MEDIA_AUDIO : MG_MEDIA_VIDEO;
  g_array_append_val(spec->links, link);
}

MgNodeSpec *
rig_add(Rig *rig, const MgNodeClass *node_class, const char *id, const char *from)
{
  MgNodeSpec *spec = make_spec(rig, node_class, id);
  g_auto(GStrv) words = g_strsplit(from ? from : "", " ", 0);
  for (guint i = 0; words[i] != NULL; i++)
    add_link(rig, spec, words[i]);
  g_ptr_array_add(rig->pipeline->nodes, spec);
  return spec;
}

MgNodeSpec *
rig_add_service(Rig *rig, const MgNodeClass *node_class, const char *id)
{
  MgNodeSpec *spec = make_spec(rig, node_class, id);
  g_ptr_array_add(rig->spec->services, spec);
  return spec;
}

MgPipelineSpec *
rig_pipeline(Rig *rig)
{
  return rig->pipeline;
}

/* --- running ------------------------------------------------------------------------------------- */

gboolean
rig_try_start(Rig *rig, GError **error)
{
  mg_lanes_start(2);
  rig->graph = mg_graph_new(rig->spec);
  return mg_graph_start(rig->graph, error);
}

void
rig_start(Rig *rig)
{
  GError *error = NULL;
  rig_try_start(rig, &error);
  g_assert_no_error(error);
}

static void
count_done(gpointer data)
{
  Rig *rig = data;
  g_atomic_int_inc(&rig->n_done);
}

void
rig_begin_drain(Rig *rig)
{
  rig->is_draining = TRUE;
  mg_graph_drain(rig->graph, count_done, rig);
}

gboolean
rig_is_drained(Rig *rig)
{
  return g_atomic_int_get(&rig->n_done) > 0;
}

void
rig_drain(Rig *rig)
{
  if (!rig->is_draining)
    rig_begin_drain(rig);
  mg_wait_until(rig_is_drained(rig));
}

static void
check_leaks(Rig *rig)
{
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++)
    g_assert_cmpint(mg_leaks_get(kind), ==, rig->alive[kind]);
}

void
rig_free_graph(Rig *rig)
{
  g_clear_pointer(&rig->graph, mg_graph_free);
}

void
rig_stop(Rig *rig)
{
  rig_drain(rig);
  rig_free_graph(rig);
  mg_lanes_stop();
  g_assert_cmpint(rig->n_done, ==, 1);
  g_hash_table_unref(rig->fakes);
  g_ptr_array_unref(rig->journal);
  g_mutex_clear(&rig->lock);
  check_leaks(rig);
  g_free(rig);
  the_rig = NULL;
}

MgGraph *
rig_graph(Rig *rig)
{
  return rig->graph;
}

MgNode *
rig_listener(Rig *rig, guint index)
{
  MgPipeline *pipeline = g_ptr_array_index(rig->graph->pipelines, 0);
  return g_ptr_array_index(pipeline->listeners, index);
}

guint
rig_n_sessions(Rig *rig)
{
  mg_lock(&rig->graph->lock);
  guint n = g_hash_table_size(rig->graph->sessions);
  mg_unlock(&rig->graph->lock);
  return n;
}
