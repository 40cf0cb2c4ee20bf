/* Finds where the head of a request ends (request.h). */
#include "http/request.h"

#include <string.h>

static gboolean
is_line_end(const MgHttpScan *scan, const guint8 *bytes)
{
  return scan->pos > scan->line && bytes[scan->pos - 1] == '\r';
}

/* One empty line may stand before a request (RFC 9112 §2.2); anything else starts with a letter. */
static gboolean
may_start(const guint8 *bytes, gsize size)
{
  if (size == 0 || g_ascii_isalpha((char) bytes[0]))
    return TRUE;
  return bytes[0] == '\r' && (size < 2 || bytes[1] == '\n') &&
         (size < 3 || g_ascii_isalpha((char) bytes[2]));
}

MgHttpScanned
mg_http_scan(MgHttpScan *scan, const guint8 *bytes, gsize size)
{
  if (!may_start(bytes, size))
    return MG_HTTP_SCAN_BAD;
  while (scan->pos < size) {
    const guint8 *end = memchr(bytes + scan->pos, '\n', size - scan->pos);
    if (end == NULL)
      break;
    scan->pos = (gsize) (end - bytes);
    if (!is_line_end(scan, bytes))
      return MG_HTTP_SCAN_BAD;
    gboolean is_empty = scan->pos == scan->line + 1;
    gboolean is_first = scan->line == 0;
    scan->line = ++scan->pos;
    if (is_empty && !is_first)
      return MG_HTTP_SCAN_DONE;
  }
  scan->pos = size;
  return MG_HTTP_SCAN_MORE;
}
