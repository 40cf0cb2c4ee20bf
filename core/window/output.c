#include <mediagraph/output.h>

#include "window/window.h"

#include <string.h>

/* What a cache may hold back at most, however long segments are. */
enum { MOST_MAX_AGE_MS = 2000 };

static gboolean
check_path(const char *path, GError **error)
{
  if (path[0] == '/' && mg_path_is_plain(path + 1))
    return TRUE;
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
              "\"%s\" must be '/' and names with one '/' between each two, as in \"/live/studio\"",
              path);
  return FALSE;
}

static gboolean
check_name(const char *name, GError **error)
{
  if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL)
    return TRUE;
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "\"%s\" must be a file name, as in \"index.m3u8\"",
              name);
  return FALSE;
}

void
mg_output_check(gconstpointer self, MgCheck *check)
{
  const MgOutput *output = self;
  g_autoptr(GError) path = NULL;
  g_autoptr(GError) name = NULL;
  if (!check_path(output->path, &path))
    mg_check_refuse(check, "path", "%s", path->message);
  if (!check_name(output->name, &name))
    mg_check_refuse(check, "name", "%s", name->message);
}

gboolean
mg_output_open(MgNode *node, void (*publish)(MgNode *node), GError **error)
{
  MgOutput *output = mg_node_self(node);
  if (!check_path(output->path, error) || !check_name(output->name, error))
    return FALSE;
  const MgWindowOptions options = {
    .path = output->path,
    .name = output->name,
    .dir = output->dir,
    .length = output->window,
    .asks = output->asks,
    .view = output->view,
  };
  output->publish = publish;
  output->list = mg_window_new(node, &options, error);
  return output->list != NULL;
}

void
mg_output_close(MgNode *node)
{
  MgOutput *output = mg_node_self(node);
  mg_window_free(output->list, output->keep_after_end);
}

void
mg_output_put(MgOutput *output, const char *name, const char *content_type, const char *text,
              gsize size)
{
  guint target_ms = mg_window_row_segment(output->list, 0)->target_ms;
  gboolean is_urgent = (output->asks & MG_OUTPUT_GROWING) != 0 && !output->has_ended;
  guint max_age_ms = is_urgent ? 0 : MIN(target_ms / 2, MOST_MAX_AGE_MS);
  mg_window_put(output->list, name, content_type, max_age_ms, text, size);
}

static void
publish(MgNode *node, MgOutput *output)
{
  output->publish(node);
  mg_window_forget_changes(output->list);
}

gboolean
mg_output_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  if (info->init != NULL && info->timescale > 0 && info->codecs != NULL)
    return TRUE;
  g_set_error(
      error, MG_ERROR, MG_ERROR_INVALID,
      "track '%s' has no init segment, timescale or codec string: put a segmenter before it",
      info->id);
  return FALSE;
}

gboolean
mg_output_process(MgNode *node, MgPort *in, MgBuffer *chunk, GError **error)
{
  MgOutput *output = mg_node_self(node);
  gboolean ok = mg_buffer_check_chunk(chunk, error);
  if (!ok || output->has_ended)
    mg_buffer_unref(chunk);
  else if (mg_window_push(output->list, chunk))
    publish(node, output);
  return ok;
}

void
mg_output_ended(MgNode *node, MgPort *in)
{
  MgOutput *output = mg_node_self(node);
  if (!output->has_ended && mg_window_end_track(output->list, mg_port_stream(in)))
    publish(node, output);
}

void
mg_output_pause(MgNode *node)
{
  MgOutput *output = mg_node_self(node);
  if (!output->has_ended && mg_window_flush(output->list))
    publish(node, output);
}

void
mg_output_drain(MgNode *node)
{
  MgOutput *output = mg_node_self(node);
  if (output->has_ended)
    return;
  mg_window_flush(output->list);
  output->has_ended = TRUE;
  if (mg_window_n_rows(output->list) > 0)
    publish(node, output);
}
