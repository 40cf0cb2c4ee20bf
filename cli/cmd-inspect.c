#include "command.h"
#include "inspect.h"
#include "words.h"

#include "host/registry.h"

#include <string.h>

static Status
list_as_text(char **names)
{
  int width = 0;
  for (gsize i = 0; names[i] != NULL; i++)
    width = MAX(width, (int) strlen(names[i]));
  for (gsize i = 0; names[i] != NULL; i++) {
    g_autoptr(GError) error = NULL;
    const MgNodeClass *class = mg_registry_find(names[i], &error);
    if (class)
      printf("%-*s  %-8s  %s\n", width, names[i], word_of_role(class->role), class->help);
    else
      printf("%-*s  (%s)\n", width, names[i], error->message);
  }
  return STATUS_OK;
}

static Status
list_as_json(char **names)
{
  Json json = { .out = stdout };
  json_begin(&json, NULL, '[');
  for (gsize i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class)
      inspect_json(&json, class, mg_registry_plugin_of(class));
  }
  json_end(&json, ']');
  return STATUS_OK;
}

static Status
list(gboolean as_json)
{
  g_auto(GStrv) names = mg_registry_list();
  if (names[0] == NULL && !as_json) {
    fprintf(stderr, "There is no plugin in %s or in the folders of MEDIAGRAPH_PLUGIN_PATH.\n",
            MG_PLUGIN_DIR);
    return STATUS_FAILED;
  }
  return as_json ? list_as_json(names) : list_as_text(names);
}

static Status
refuse(const char *name, const GError *error)
{
  g_auto(GStrv) names = mg_registry_list();
  gboolean is_unknown = error->code == MG_ERROR_INVALID && names[0] != NULL;
  const char *near = is_unknown ? mg_file_element_suggest(name) : NULL;
  g_autofree char *hint = near ? g_strdup_printf("; did you mean '%s'?", near) : NULL;
  fprintf(stderr, "mediagraph inspect: %s%s%s\n", error->message, hint ? hint : "",
          is_unknown ? " (mediagraph inspect lists all)" : "");
  return STATUS_FAILED;
}

static Status
inspect_element(const MgFileElement *element, gboolean as_json)
{
  Json json = { .out = stdout };
  if (as_json)
    inspect_element_json(&json, element);
  else
    inspect_element_page(element);
  return STATUS_OK;
}

static Status
inspect(const char *name, gboolean as_json)
{
  g_autoptr(GError) error = NULL;
  const MgFileElement *element = mg_file_element(name);
  if (element != NULL)
    return inspect_element(element, as_json);
  const MgNodeClass *class = mg_registry_find(name, &error);
  if (class == NULL)
    return refuse(name, error);
  Json json = { .out = stdout };
  if (as_json)
    inspect_json(&json, class, mg_registry_plugin_of(class));
  else
    inspect_page(class, mg_registry_plugin_of(class));
  return STATUS_OK;
}

Status
cmd_inspect(int argc, char **argv)
{
  gboolean as_json = FALSE;
  Status status = STATUS_OK;
  const GOptionEntry entries[] = {
    { "json", 'j', 0, G_OPTION_ARG_NONE, &as_json, "Write JSON, for programs", NULL },
    { NULL },
  };
  const CommandHelp help = {
    .name = "inspect",
    .arguments = "[TYPE]",
    .summary = "Lists all node types, or tells about one: what it takes and gives, and its "
               "attributes.\nTYPE may be an element of the file itself, too: mediagraph, pipeline, "
               "include, defaults.",
    .most = 1,
  };
  if (!command_parse(&help, entries, &argc, &argv, &status))
    return status;
  return argc == 1 ? list(as_json) : inspect(argv[1], as_json);
}
