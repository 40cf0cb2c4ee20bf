#include "util/refuse.h"

G_DEFINE_QUARK(mg - error - quark, mg_error)

gboolean
mg_refuse(GError **error, MgError code, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  if (error)
    *error = g_error_new_valist(MG_ERROR, (gint) code, format, args);
  va_end(args);
  return FALSE;
}
