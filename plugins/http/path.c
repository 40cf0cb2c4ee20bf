/* Paths of requests (request.h), from what was sent to what is looked up. */
#include "bytes/reader.h"
#include "http/kinds.h"
#include "http/request.h"

#include <string.h>

static gboolean
decode_percent(MgReader *r, guint8 *c)
{
  const guint8 *hex = mg_reader_take(r, 2);
  if (hex == NULL || !g_ascii_isxdigit((char) hex[0]) || !g_ascii_isxdigit((char) hex[1]))
    return FALSE;
  *c = (guint8) (g_ascii_xdigit_value((char) hex[0]) << 4 | g_ascii_xdigit_value((char) hex[1]));
  return *c >= ' ' && *c != 0x7f && *c != '/';
}

/* No empty segment but the last, and none that moves about. */
static gboolean
has_clean_segments(const char *path)
{
  for (const char *p = path; p != NULL; p = strchr(p + 1, '/')) {
    gsize n = strcspn(p + 1, "/");
    gboolean is_last = p[1 + n] == '\0';
    if (n == 0 && !is_last)
      return FALSE;
    if ((n == 1 && p[1] == '.') || (n == 2 && p[1] == '.' && p[2] == '.'))
      return FALSE;
  }
  return TRUE;
}

gboolean
mg_http_path_decode(MgHttpText path, char *out)
{
  const guint8 *table = mg_http_kinds();
  MgReader r = MG_READER((const guint8 *) path.at, path.size);
  gboolean has_high = FALSE;
  char *o = out;
  while (mg_reader_left(&r) > 0) {
    guint8 c = mg_reader_u8(&r);
    if (c == '%' ? !decode_percent(&r, &c) : !(table[c] & MG_HTTP_KIND_PATH))
      return FALSE;
    has_high |= c >= 0x80;
    *o++ = (char) c;
  }
  *o = '\0';
  return out[0] == '/' && has_clean_segments(out) &&
         (!has_high || g_utf8_validate(out, o - out, NULL));
}
