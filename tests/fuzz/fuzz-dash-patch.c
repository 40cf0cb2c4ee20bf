/* Two MPDs with a zero byte between them, and the patch from one to the other. */
#include "manifest/dash-patch.h"

#include <string.h>

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  const guint8 *zero = size > 0 ? memchr(data, 0, size) : NULL;
  gsize first = zero != NULL ? (gsize) (zero - data) : size;
  gsize rest = zero != NULL ? first + 1 : size;
  g_autoptr(MgDashEdition) from = mg_dash_edition_new((const char *) data, first);
  g_autoptr(MgDashEdition) to = mg_dash_edition_new((const char *) data + rest, size - rest);
  g_auto(MgWriter) w = MG_WRITER_INIT;
  if (from != NULL && to != NULL)
    mg_dash_patch_write(from, to, &w);
  return 0;
}
