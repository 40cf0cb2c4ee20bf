/*
 * Writes a plugin to start from: plugins/example-filter under another name, with what it takes to build
 * it outside of this project.
 */
#include "command.h"
#include "embedded.h"

#include "host/class.h"
#include "host/registry.h"
#include "pipeline/engine-props.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>

static const char example_type[] = "example-filter";
static const char example_symbol[] = "example_filter";

static void
replace_all(GString *text, const char *find, const char *replacement)
{
  g_string_replace(text, find, replacement, 0);
}

/* Returned-owned: TEXT about the node type NAME. */
static char *
rename_type(const char *text, const char *name)
{
  GString *renamed = g_string_new(text);
  g_autofree char *symbol = g_strdelimit(g_strdup(name), "-", '_');
  replace_all(renamed, "#include \"example-filter/node.h\"", "#include \"node.h\"");
  replace_all(renamed, example_type, name);
  replace_all(renamed, example_symbol, symbol);
  return g_string_free(renamed, FALSE);
}

static gboolean
write_files(const char *name, GError **error)
{
  for (const EmbeddedFile *file = embedded_files; file->name != NULL; file++) {
    g_autofree char *text = rename_type(file->text, name);
    g_autofree char *path = g_build_filename(name, file->name, NULL);
    if (!g_file_set_contents(path, text, -1, error))
      return FALSE;
  }
  return TRUE;
}

/* Of two with one name only the first in the search path would ever be loaded. */
static gboolean
is_taken(const char *name)
{
  g_auto(GStrv) names = mg_registry_list();
  return g_strv_contains((const char *const *) names, name);
}

static Status
refuse_name(const char *name)
{
  if (mg_file_element(name) != NULL)
    return command_usage("new-plugin",
                         "<%s> is an element of the pipeline file itself; choose "
                         "another name",
                         name);
  return command_usage("new-plugin",
                       "'%s' cannot be a node type: names begin with a lower-case letter, and have "
                       "lower-case letters, digits and '-'",
                       name);
}

static Status
write_plugin(const char *name)
{
  g_autoptr(GError) error = NULL;
  if (g_mkdir(name, 0777) != 0) {
    fprintf(stderr, "mediagraph new-plugin: the folder %s cannot be made: %s\n", name,
            g_strerror(errno));
    return STATUS_FAILED;
  }
  if (!write_files(name, &error)) {
    fprintf(stderr, "mediagraph new-plugin: %s\n", error->message);
    return STATUS_FAILED;
  }
  printf("Wrote %s/. To build and look at it:\n\n"
         "  cd %s\n"
         "  meson setup build && ninja -C build test\n"
         "  MEDIAGRAPH_PLUGIN_PATH=build mediagraph inspect %s\n"
         "  MEDIAGRAPH_PLUGIN_PATH=build mediagraph run pipeline.xml\n\n"
         "node.c is where it begins.\n",
         name, name, name);
  return STATUS_OK;
}

Status
cmd_new_plugin(int argc, char **argv)
{
  Status status = STATUS_OK;
  const CommandHelp help = {
    .name = "new-plugin",
    .arguments = "NAME",
    .summary =
        "Writes a plugin to start from into the folder NAME: a filter that passes everything "
        "on, its\ntest, and a build against the installed mediagraph. NAME begins with a lower-case "
        "letter, and has\nlower-case letters, digits and '-'.",
    .least = 1,
    .most = 1,
  };
  if (!command_parse(&help, NULL, &argc, &argv, &status))
    return status;
  if (!mg_class_name_is_valid(argv[1]))
    return refuse_name(argv[1]);
  if (is_taken(argv[1])) {
    fprintf(
        stderr,
        "mediagraph new-plugin: there is a node type '%s' already (mediagraph inspect %s shows it); "
        "choose another name\n",
        argv[1], argv[1]);
    return STATUS_FAILED;
  }
  return write_plugin(argv[1]);
}
