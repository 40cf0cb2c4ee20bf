#include "lister.h"

#include <string.h>

guint lister_asks, lister_changed;
const MgOutputView *lister_view;

static void
publish(MgNode *node)
{
  lister_changed = mg_window_changed(((MgOutput *) mg_node_self(node))->list);
  mg_output_put(mg_node_self(node), "list", "text/plain", "rows", 4);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  MgOutput *output = mg_node_self(node);
  output->asks = lister_asks;
  output->view = lister_view;
  return mg_output_open(node, publish, error);
}

static const MgProp props[] = {
  MG_PROP_STRING(MgOutput, path, "/live/test", 0, "path"),
  MG_PROP_STRING(MgOutput, name, "list", 0, "name of the list"),
  MG_PROP_STRING(MgOutput, dir, NULL, 0, "folder for files"),
  MG_PROP_TIME(MgOutput, window, "12s", NULL, NULL, 0, "length"),
  MG_PROP_TIME(MgOutput, keep_after_end, "5s", NULL, NULL, 0, "how long it stays"),
  { 0 },
};

static const char *const needs[] = { MG_HTTP_SERVICE, NULL };

const MgNodeClass lister_class = {
  .size = sizeof(MgNodeClass),
  .name = "lister",
  .help = "keeps a window",
  .instance_size = sizeof(MgOutput),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_ANY, MG_FORM_CHUNK, NULL },
  .needs = needs,
  .open = open_node,
  .stream = mg_output_stream,
  .process = mg_output_process,
  .ended = mg_output_ended,
  .drain = mg_output_drain,
  .pause = mg_output_pause,
  .close = mg_output_close,
  .check = mg_output_check,
};

/* --- for tests --------------------------------------------------------------------------------- */

MgWindow *
lister_window(MgStage *stage)
{
  const MgOutput *output = mg_node_self(mg_harness_node(stage->harness));
  return output->list;
}

static void
append_segment(GString *text, const MgSegment *segment)
{
  if (segment == NULL)
    g_string_append(text, " -");
  else
    g_string_append_printf(text, " %.*s", (int) strcspn(segment->uri, "."), segment->uri);
}

char *
lister_rows(MgStage *stage)
{
  MgWindow *window = lister_window(stage);
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < mg_window_n_rows(window); i++) {
    const MgSegmentRow *row = mg_window_row(window, i);
    g_string_append_printf(text, "%s%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT "%s",
                           i > 0 ? ", " : "", row->number, row->discontinuity,
                           row->is_discont ? "!" : "");
    for (guint t = 0; t < mg_window_n_tracks(window); t++)
      append_segment(text, row->segments[t]);
  }
  return g_string_free(text, FALSE);
}
