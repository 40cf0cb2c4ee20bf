#include "lister.h"

#include <string.h>

typedef struct {
  char *path, *dir;
  MgTime window;

  MgWindow *list;
} Self;

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  const MgWindowOptions options = {
    .size = sizeof options,
    .path = self->path,
    .name = "list",
    .dir = self->dir,
    .length = self->window,
  };
  self->list = mg_window_new(node, &options, error);
  return self->list != NULL;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_window_free(self->list, 5 * MG_SECOND);
}

static void
publish(Self *self)
{
  mg_window_publish(self->list, "list", "text/plain", 2000, "rows", 4);
}

static gboolean
on_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  return mg_window_accepts(self->list, stream, error);
}

static gboolean
on_chunk(MgNode *node, MgPort *in, MgBuffer *chunk, GError **error)
{
  Self *self = mg_node_self(node);
  if (mg_window_push(self->list, chunk))
    publish(self);
  return TRUE;
}

static void
on_ended(MgNode *node, MgPort *in)
{
  Self *self = mg_node_self(node);
  if (mg_window_end_track(self->list, mg_port_stream(in)))
    publish(self);
}

static void
on_pause(MgNode *node)
{
  Self *self = mg_node_self(node);
  if (mg_window_flush(self->list))
    publish(self);
}

static const MgProp props[] = {
  MG_PROP_STRING(Self, path, "/live/test", 0, "path"),
  MG_PROP_STRING(Self, dir, NULL, 0, "folder for files"),
  MG_PROP_TIME(Self, window, "12s", NULL, NULL, 0, "length"),
  { 0 },
};

static const char *const needs[] = { MG_HTTP_SERVICE, NULL };

const MgNodeClass lister_class = {
  .size = sizeof(MgNodeClass),
  .name = "lister",
  .help = "keeps a window",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SINK,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_ANY, MG_FORM_CHUNK, NULL },
  .needs = needs,
  .open = open_node,
  .stream = on_stream,
  .process = on_chunk,
  .ended = on_ended,
  .pause = on_pause,
  .close = close_node,
};

/* --- for tests --------------------------------------------------------------------------------- */

MgWindow *
lister_window(MgStage *stage)
{
  Self *self = mg_node_self(mg_harness_node(stage->harness));
  return self->list;
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
