/*
 * mediagraph: runs and examines pipeline files. See docs/mediagraph.1.
 */
#include "command.h"

#include "util/suggest.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  Status (*run)(int argc, char **argv);
  const char *help;
} commands[] = {
  { "run", cmd_run, "run a pipeline file" },
  { "check", cmd_check, "tell all that is wrong with pipeline files" },
  { "inspect", cmd_inspect, "tell about node types and their attributes" },
  { "graph", cmd_graph, "draw the graph of a pipeline file" },
  { "schema", cmd_schema, "write an XML schema for editors" },
  { "key", cmd_key, "make and revoke the keys of publishers" },
  { "new-plugin", cmd_new_plugin, "write a plugin to start from" },
};

static Status
print_help(FILE *out)
{
  fputs("Usage: mediagraph COMMAND [ARGUMENT…]\n\nCommands:\n", out);
  for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
    fprintf(out, "  %-12s%s\n", commands[i].name, commands[i].help);
  fputs("\nOptions:\n"
        "  -h, --help     Show this help; after a command, what it does\n"
        "  --version      Show the version\n"
        "\nPlugins are searched for in the folders of MEDIAGRAPH_PLUGIN_PATH (separated by ':'),\n"
        "then in " MG_PLUGIN_DIR ".\n",
        out);
  return out == stdout ? STATUS_OK : STATUS_USAGE;
}

static Status
refuse(const char *name)
{
  const char *names[G_N_ELEMENTS(commands) + 1] = { NULL };
  for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
    names[i] = commands[i].name;
  g_autofree char *hint = mg_suggest_hint(name, names);
  return command_usage(NULL, "there is no command '%s'%s", name, hint);
}

int
main(int argc, char **argv)
{
  signal(SIGPIPE, SIG_IGN);
  if (argc < 2)
    return print_help(stderr);
  if (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h") || g_str_equal(argv[1], "help"))
    return print_help(stdout);
  if (g_str_equal(argv[1], "--version")) {
    puts("mediagraph " MG_VERSION);
    return STATUS_OK;
  }
  for (gsize i = 0; i < G_N_ELEMENTS(commands); i++) {
    if (g_str_equal(argv[1], commands[i].name))
      return commands[i].run(argc - 1, argv + 1);
  }
  return refuse(argv[1]);
}
