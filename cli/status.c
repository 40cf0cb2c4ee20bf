#include "status.h"

#include "util/log.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* What a track had carried at the last update: rates are differences. */
typedef struct {
  guint64 n_bytes;
  MgTime time;
} Sample;

struct StatusView {
  MgGraph *graph;
  guint64 last_told;       /* number of a URL */
  GHashTable *samples;     /* "pipeline/app/stream/track" → Sample: of the last update */
  GHashTable *new_samples; /* of this one, so that streams that ended are forgotten */
};

static GHashTable *
new_samples(void)
{
  return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

StatusView *
status_view_new(MgGraph *graph)
{
  StatusView *view = g_new0(StatusView, 1);
  view->graph = graph;
  view->samples = new_samples();
  return view;
}

void
status_view_free(StatusView *view)
{
  if (view == NULL)
    return;
  mg_log_set_footer(NULL);
  g_hash_table_unref(view->samples);
  g_free(view);
}

/* URLs. */

static void
tell_urls(StatusView *view)
{
  g_autoptr(GPtrArray) urls = mg_graph_urls(view->graph);
  for (guint i = 0; i < urls->len; i++) {
    const MgGraphUrl *url = g_ptr_array_index(urls, i);
    if (url->number <= view->last_told)
      continue;
    view->last_told = url->number;
    mg_log_as(url->node, MG_LOG_INFO, "%s %s", url->kind == MG_URL_PUSH ? "publish to" : "open",
              url->url);
  }
}

/* Live lines. */

static void
append_duration(GString *line, MgTime duration)
{
  guint seconds = (guint) (duration / MG_SECOND);
  g_string_append_printf(line, "%u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* " 5.1 Mbit/s": over the time since the sample before. */
static void
append_rate(GString *line, const Sample *before, const Sample *now)
{
  if (before == NULL || now->time <= before->time || now->n_bytes < before->n_bytes)
    return;
  double seconds = (double) (now->time - before->time) / (double) MG_SECOND;
  double kilobits = (double) (now->n_bytes - before->n_bytes) * 0.008 / seconds;
  if (kilobits < 1000)
    g_string_append_printf(line, " %.0f kbit/s", kilobits);
  else
    g_string_append_printf(line, " %.1f Mbit/s", kilobits / 1000);
}

static void
append_track(StatusView *view, GString *line, const MgSessionStatus *session,
             const MgTrackStatus *track)
{
  Sample now = { track->n_bytes, mg_now() };
  g_autofree char *what = mg_stream_describe(track->stream);
  char *key = g_strdup_printf("%s/%s/%s/%s", session->pipeline, session->app, session->stream,
                              mg_stream_info(track->stream)->id);
  g_string_append_printf(line, "  %s", what);
  append_rate(line, g_hash_table_lookup(view->samples, key), &now);
  g_hash_table_insert(view->new_samples, key, g_memdup2(&now, sizeof now));
}

static void
append_session(StatusView *view, GString *line, const MgSessionStatus *session)
{
  g_string_append_printf(line, "%s/%s", session->app, session->stream);
  if (session->is_lingering) {
    g_string_append(line, "  waits for its publisher ");
    append_duration(line, session->uptime);
  } else {
    g_string_append_printf(line, "  %s ", session->peer ? session->peer : "");
    append_duration(line, session->uptime);
    for (guint i = 0; i < session->tracks->len; i++)
      append_track(view, line, session, &g_array_index(session->tracks, MgTrackStatus, i));
  }
  if (session->n_dropped > 0)
    g_string_append_printf(line, "  dropped %" G_GUINT64_FORMAT, session->n_dropped);
}

/* Appends LINE, made safe and as wide as the terminal at most: a wrapped line could not be erased. */
static void
append_line(GString *text, const GString *line, guint columns)
{
  g_autofree char *safe = mg_log_escape(line->str);
  g_autofree char *fitting = g_utf8_substring(safe, 0, MIN(columns - 1, g_utf8_strlen(safe, -1)));
  g_string_append(text, fitting);
  g_string_append_c(text, '\n');
}

static void
show_sessions(StatusView *view, const struct winsize *size)
{
  g_autoptr(GPtrArray) sessions = mg_graph_status(view->graph);
  g_autoptr(GString) text = g_string_new(NULL);
  view->new_samples = new_samples();
  guint room = MAX(size->ws_row / 2u, 1u);
  for (guint i = 0; i < sessions->len; i++) {
    g_autoptr(GString) line = g_string_new(NULL);
    append_session(view, line, g_ptr_array_index(sessions, i));
    if (i < room)
      append_line(text, line, size->ws_col);
  }
  if (sessions->len > room)
    g_string_append_printf(text, "and %u more\n", sessions->len - room);
  g_hash_table_unref(view->samples);
  view->samples = g_steal_pointer(&view->new_samples);
  mg_log_set_footer(text->str);
}

void
status_view_update(StatusView *view)
{
  struct winsize size = { 0 };
  tell_urls(view);
  if (mg_log_has_footer() && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
    show_sessions(view, &size);
}
