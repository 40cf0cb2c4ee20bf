#include "command.h"

#include "pipeline/schema.h"

#include <stdio.h>

Status
cmd_schema(int argc, char **argv)
{
  Status status = STATUS_OK;
  const CommandHelp help = {
    .name = "schema",
    .arguments = "> mediagraph.xsd",
    .summary = "Writes an XML schema of pipeline files, made from all plugins that are there. An\n"
               "editor that has it completes elements and attributes, and shows their help.",
  };
  if (!command_parse(&help, NULL, &argc, &argv, &status))
    return status;
  if (argc > 1)
    return command_usage("schema", "it takes no arguments");
  g_autofree char *schema = mg_schema_write();
  fputs(schema, stdout);
  return STATUS_OK;
}
