#include "command.h"
#include "load.h"

#include <stdio.h>

static guint
count_nodes(const MgGraphSpec *spec)
{
  guint n = 0;
  for (guint i = 0; i < spec->pipelines->len; i++)
    n += ((const MgPipelineSpec *) g_ptr_array_index(spec->pipelines, i))->nodes->len;
  return n;
}

static const char *
plural(guint n)
{
  return n == 1 ? "" : "s";
}

static gboolean
check(const char *path, gboolean is_quiet)
{
  g_autoptr(MgGraphSpec) spec = load_pipeline(path);
  if (spec == NULL)
    return FALSE;
  guint n_nodes = count_nodes(spec);
  if (!is_quiet)
    printf("%s: ok: %u pipeline%s, %u node%s, %u service%s\n", path, spec->pipelines->len,
           plural(spec->pipelines->len), n_nodes, plural(n_nodes), spec->services->len,
           plural(spec->services->len));
  return TRUE;
}

Status
cmd_check(int argc, char **argv)
{
  gboolean is_quiet = FALSE;
  Status status = STATUS_OK;
  const GOptionEntry entries[] = {
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &is_quiet, "Say nothing when there are no errors", NULL },
    { NULL },
  };
  const CommandHelp help = {
    .name = "check",
    .arguments = "FILE…",
    .summary =
        "Tells all that is wrong with pipeline files, as FILE:LINE:COLUMN: error: SENTENCE.\n"
        "Ends with 1 when there are errors; warnings are no errors.",
    .least = 1,
  };
  if (!command_parse(&help, entries, &argc, &argv, &status))
    return status;
  for (int i = 1; i < argc; i++) {
    if (!check(argv[i], is_quiet))
      status = STATUS_FAILED;
  }
  return status;
}
