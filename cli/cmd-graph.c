/*
 * Draws the graph of a pipeline file: as a tree for people, or for Graphviz.
 *
 * A node with several producers stands under the first of them in full, and is only named under the
 * others.
 */
#include "command.h"
#include "load.h"

#include <stdio.h>

typedef struct {
  const MgPipelineSpec *pipeline;
  gboolean *is_shown; /* per node: it has been drawn in full */
} Tree;

static const MgNodeSpec *
node_at(const MgPipelineSpec *pipeline, guint index)
{
  return g_ptr_array_index(pipeline->nodes, index);
}

/* Returned-owned: "cmaf (segment-cmaf)", or the id alone when it is the type. */
static char *
describe(const MgNodeSpec *node)
{
  if (g_str_equal(node->id, node->class->name))
    return g_strdup(node->id);
  return g_strdup_printf("%s (%s)", node->id, node->class->name);
}

/* What a link is restricted to, or NULL. */
static const char *
restriction(const MgLink *link)
{
  if (link->stream_id)
    return link->stream_id;
  if (link->media == MG_MEDIA_VIDEO)
    return "video";
  return link->media == MG_MEDIA_AUDIO ? "audio" : NULL;
}

/* Returned-owned, of MgLink with the consumer in place of the producer: who takes from node INDEX. */
static GArray *
find_consumers(const MgPipelineSpec *pipeline, guint index)
{
  GArray *links = g_array_new(FALSE, FALSE, sizeof(MgLink));
  for (guint i = index + 1; i < pipeline->nodes->len; i++) {
    const MgNodeSpec *node = node_at(pipeline, i);
    for (guint k = 0; k < node->links->len; k++) {
      MgLink link = g_array_index(node->links, MgLink, k);
      if (link.producer == index) {
        link.producer = i;
        g_array_append_val(links, link);
      }
    }
  }
  return links;
}

static void draw_consumers(Tree *tree, guint index, const char *indent);

static void
draw_link(Tree *tree, const MgLink *link, const char *indent, gboolean is_last)
{
  guint index = link->producer;
  const char *track = restriction(link);
  g_autofree char *what = describe(node_at(tree->pipeline, index));
  printf("%s%s %s%s%s%s\n", indent, is_last ? "└─" : "├─", track ? track : "", track ? " → " : "",
         what, tree->is_shown[index] ? " (above)" : "");
  g_autofree char *deeper = g_strconcat(indent, is_last ? "   " : "│  ", NULL);
  draw_consumers(tree, index, deeper);
}

static void
draw_consumers(Tree *tree, guint index, const char *indent)
{
  if (tree->is_shown[index])
    return;
  tree->is_shown[index] = TRUE;
  g_autoptr(GArray) links = find_consumers(tree->pipeline, index);
  for (guint i = 0; i < links->len; i++)
    draw_link(tree, &g_array_index(links, MgLink, i), indent, i + 1 == links->len);
}

static gboolean
listens(const MgPipelineSpec *pipeline)
{
  for (guint i = 0; i < pipeline->nodes->len; i++) {
    if (node_at(pipeline, i)->class->role == MG_ROLE_LISTENER)
      return TRUE;
  }
  return FALSE;
}

static void
draw_pipeline(const MgPipelineSpec *pipeline)
{
  g_autofree gboolean *is_shown = g_new0(gboolean, pipeline->nodes->len);
  Tree tree = { pipeline, is_shown };
  printf("pipeline %s%s\n", pipeline->name,
         listens(pipeline) ? " (a session for each published stream)" : "");
  for (guint i = 0; i < pipeline->nodes->len; i++) {
    const MgNodeSpec *node = node_at(pipeline, i);
    if (node->links->len > 0)
      continue;
    g_autofree char *what = describe(node);
    printf("  %s\n", what);
    draw_consumers(&tree, i, "  ");
  }
}

static void
draw_tree(const MgGraphSpec *spec)
{
  if (spec->services->len > 0)
    puts("services");
  for (guint i = 0; i < spec->services->len; i++) {
    g_autofree char *what = describe(g_ptr_array_index(spec->services, i));
    printf("  %s\n", what);
  }
  for (guint i = 0; i < spec->pipelines->len; i++)
    draw_pipeline(g_ptr_array_index(spec->pipelines, i));
}

/* Graphviz. Names come from the name grammar, so that they need no escaping inside quotes. */

static void
write_dot_node(const MgPipelineSpec *pipeline, const MgNodeSpec *node)
{
  gboolean is_type = g_str_equal(node->id, node->class->name);
  printf("    \"%s/%s\" [label=\"%s%s%s\"];\n", pipeline->name, node->id, node->id,
         is_type ? "" : "\\n", is_type ? "" : node->class->name);
}

static void
write_dot_links(const MgPipelineSpec *pipeline, const MgNodeSpec *node)
{
  for (guint i = 0; i < node->links->len; i++) {
    const MgLink *link = &g_array_index(node->links, MgLink, i);
    const char *track = restriction(link);
    printf("    \"%s/%s\" -> \"%s/%s\"", pipeline->name, node_at(pipeline, link->producer)->id,
           pipeline->name, node->id);
    if (track)
      printf(" [label=\"%s\"]", track);
    puts(";");
  }
}

static void
write_dot(const MgGraphSpec *spec)
{
  puts("digraph mediagraph {\n  rankdir=LR;\n  node [shape=box];");
  for (guint i = 0; i < spec->services->len; i++)
    printf("  \"%s\" [style=dashed];\n",
           ((const MgNodeSpec *) g_ptr_array_index(spec->services, i))->id);
  for (guint i = 0; i < spec->pipelines->len; i++) {
    const MgPipelineSpec *pipeline = g_ptr_array_index(spec->pipelines, i);
    printf("  subgraph \"cluster_%s\" {\n    label=\"%s\";\n", pipeline->name, pipeline->name);
    for (guint k = 0; k < pipeline->nodes->len; k++)
      write_dot_node(pipeline, node_at(pipeline, k));
    for (guint k = 0; k < pipeline->nodes->len; k++)
      write_dot_links(pipeline, node_at(pipeline, k));
    puts("  }");
  }
  puts("}");
}

Status
cmd_graph(int argc, char **argv)
{
  g_autofree char *format = NULL;
  Status status = STATUS_OK;
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format, "tree (the default) or dot, for Graphviz",
      "FORMAT" },
    { NULL },
  };
  const CommandHelp help = {
    .name = "graph",
    .arguments = "FILE",
    .summary = "Draws the graph of a pipeline file.",
    .least = 1,
    .most = 1,
  };
  if (!command_parse(&help, entries, &argc, &argv, &status))
    return status;
  gboolean is_dot = g_strcmp0(format, "dot") == 0;
  if (format && !is_dot && !g_str_equal(format, "tree"))
    return command_usage("graph", "--format is tree or dot, not '%s'", format);
  g_autoptr(MgGraphSpec) spec = load_pipeline(argv[1]);
  if (spec == NULL)
    return STATUS_FAILED;
  if (is_dot)
    write_dot(spec);
  else
    draw_tree(spec);
  return STATUS_OK;
}
