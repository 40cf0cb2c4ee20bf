/*
 * Runs a pipeline file until a signal, or until everything in it has ended.
 *
 * SIGTERM and SIGINT drain: no publisher is accepted any more, outputs are finished, recordings closed. A
 * second signal, or five seconds, end the process at once. SIGHUP drains when its terminal has gone; from
 * anybody else it asks for a reload, which there is not.
 */
#include "command.h"
#include "load.h"
#include "status.h"

#include "loop/lane.h"
#include "util/heap.h"
#include "util/log.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DRAIN_SECONDS = 5, TIDY_SECONDS = 30 };

typedef struct {
  GMainLoop *loop;
  MgGraph *graph;
  StatusView *view; /* NULL: not shown yet, or not any more */
  GThread *ending;
  gboolean is_draining;
  gboolean has_terminal; /* it was started on one */
  Status status;
} Run;

/* The end. */

static gboolean
on_ended(gpointer data)
{
  Run *run = data;
  g_main_loop_quit(run->loop);
  return G_SOURCE_REMOVE;
}

/* What is left may have to wait for a disk; signals and the deadline go on meanwhile. */
static gpointer
end(gpointer data)
{
  Run *run = data;
  mg_graph_free(run->graph);
  mg_lanes_stop();
  g_idle_add(on_ended, run);
  return NULL;
}

static gboolean
on_drained(gpointer data)
{
  Run *run = data;
  g_clear_pointer(&run->view, status_view_free);
  run->ending = g_thread_new("end", end, run);
  return G_SOURCE_REMOVE;
}

/* On a lane. */
static void
drained(gpointer data)
{
  g_idle_add(on_drained, data);
}

static gboolean
on_too_late(gpointer data)
{
  mg_error(NULL, "not everything could be finished within %d seconds; ending now", DRAIN_SECONDS);
  mg_log_set_footer(NULL);
  _exit(STATUS_FAILED);
}

static void
drain(Run *run)
{
  run->is_draining = TRUE;
  g_timeout_add_seconds(DRAIN_SECONDS, on_too_late, run);
  mg_graph_drain(run->graph, drained, run);
}

static gboolean
on_signal(gpointer data)
{
  Run *run = data;
  if (run->is_draining) {
    mg_warning(NULL, "ending at once");
    mg_log_set_footer(NULL);
    _exit(STATUS_FAILED);
  }
  mg_info(NULL, "finishing; a second signal ends at once");
  drain(run);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_hang_up(gpointer data)
{
  Run *run = data;
  if (run->has_terminal && !isatty(STDIN_FILENO))
    return on_signal(run);
  mg_warning(NULL, "SIGHUP is ignored: there is no reload; restart to read the file again");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_idle_graph(gpointer data)
{
  Run *run = data;
  if (!run->is_draining)
    drain(run);
  return G_SOURCE_REMOVE;
}

/* On a lane. */
static void
graph_is_idle(gpointer data)
{
  g_idle_add(on_idle_graph, data);
}

/* Running. */

static gboolean
on_second(gpointer data)
{
  Run *run = data;
  if (run->view != NULL)
    status_view_update(run->view);
  return G_SOURCE_CONTINUE;
}

/* A connection is a descriptor: the soft limit of most systems is for other programs. */
static void
raise_descriptor_limit(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

static void
start(Run *run, const char *path)
{
  g_autoptr(GError) error = NULL;
  if (mg_graph_start(run->graph, &error)) {
    mg_info(NULL, "running %s", path);
    run->view = status_view_new(run->graph);
    status_view_update(run->view);
    mg_graph_on_idle(run->graph, graph_is_idle, run);
  } else {
    mg_error(NULL, "%s", error->message);
    run->status = STATUS_FAILED;
    drain(run);
  }
}

static gboolean
on_tidy(gpointer unused)
{
  mg_heap_tidy();
  return G_SOURCE_CONTINUE;
}

static Status
run_graph(MgGraphSpec *spec, const char *path)
{
  Run run = { .loop = g_main_loop_new(NULL, FALSE),
              .has_terminal = isatty(STDIN_FILENO),
              .status = STATUS_OK };
  raise_descriptor_limit();
  mg_lanes_start(0);
  run.graph = mg_graph_new(spec);
  g_unix_signal_add(SIGINT, on_signal, &run);
  g_unix_signal_add(SIGTERM, on_signal, &run);
  g_unix_signal_add(SIGHUP, on_hang_up, &run);
  start(&run, path);
  if (run.view)
    g_timeout_add_seconds(1, on_second, &run);
  g_timeout_add_seconds(TIDY_SECONDS, on_tidy, NULL);
  g_main_loop_run(run.loop);
  g_thread_join(run.ending);
  g_main_loop_unref(run.loop);
  if (run.status == STATUS_OK)
    mg_info(NULL, "finished");
  return run.status;
}

/* Options. */

static const char *const level_words[] = { "error", "warning", "info", "debug", NULL };

static gboolean
set_level(const char *word)
{
  for (guint i = 0; level_words[i] != NULL; i++) {
    if (g_str_equal(level_words[i], word)) {
      mg_log_set_level((MgLogLevel) i);
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
set_format(const char *word)
{
  gboolean is_json = g_str_equal(word, "json");
  mg_log_set_format(is_json ? MG_LOG_JSON : MG_LOG_TEXT);
  return is_json || g_str_equal(word, "text");
}

/* What GLib and other libraries say goes the same way as our own lines. */
static GLogWriterOutput
write_glib_line(GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  MgLogLevel ours = MG_LOG_DEBUG;
  const char *message = "";
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    ours = MG_LOG_ERROR;
  else if (level & G_LOG_LEVEL_WARNING)
    ours = MG_LOG_WARNING;
  for (gsize i = 0; i < n_fields; i++) {
    if (g_str_equal(fields[i].key, "MESSAGE"))
      message = fields[i].value;
  }
  mg_log(NULL, ours, "%s", message);
  return G_LOG_WRITER_HANDLED;
}

Status
cmd_run(int argc, char **argv)
{
  g_autofree char *format = NULL;
  g_autofree char *level = NULL;
  Status status = STATUS_OK;
  const GOptionEntry entries[] = {
    { "log-format", 0, 0, G_OPTION_ARG_STRING, &format, "text (the default) or json", "FORMAT" },
    { "log-level", 0, 0, G_OPTION_ARG_STRING, &level, "error, warning, info (the default) or debug",
      "LEVEL" },
    { NULL },
  };
  const CommandHelp help = {
    .name = "run",
    .arguments = "FILE",
    .summary =
        "Runs a pipeline file until SIGTERM or Ctrl-C, which finish all outputs properly, "
        "within\n5 seconds. A second signal ends at once. There is no reload: SIGHUP is ignored.",
    .least = 1,
    .most = 1,
  };
  if (!command_parse(&help, entries, &argc, &argv, &status))
    return status;
  if (format && !set_format(format))
    return command_usage("run", "--log-format is text or json, not '%s'", format);
  if (level && !set_level(level))
    return command_usage("run", "--log-level is error, warning, info or debug, not '%s'", level);
  gboolean is_json = g_strcmp0(format, "json") == 0;
  MgGraphSpec *spec =
      load_pipeline_as(argv[1], is_json ? mg_diagnostics_to_json : mg_diagnostics_to_text);
  if (spec == NULL)
    return STATUS_FAILED;
  g_log_set_writer_func(write_glib_line, NULL, NULL);
  return run_graph(spec, argv[1]);
}
