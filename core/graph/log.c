/* What nodes log: the room of lines (util/) knows labels only. */
#include "graph/node.h"
#include "util/log.h"

void
mg_log(MgNode *node, MgLogLevel level, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  mg_log_as_va(node ? mg_node_label(node) : NULL, level, format, args);
  va_end(args);
}
