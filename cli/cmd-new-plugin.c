#include "command.h"

Status
cmd_new_plugin(int argc, char **argv)
{
  return command_usage("new-plugin", "it is not there");
}
