#include "http/kinds.h"

static guint8 kinds[256];

static void
add_kind(const char *chars, guint8 kind)
{
  for (const char *c = chars; *c != '\0'; c++)
    kinds[(guint8) *c] |= kind;
}

static void
fill_kinds(void)
{
  for (guint c = 0; c < 256; c++) {
    if (g_ascii_isalnum((char) c))
      kinds[c] = MG_HTTP_KIND_TOKEN | MG_HTTP_KIND_PATH | MG_HTTP_KIND_HOST;
    if (c == '\t' || (c >= ' ' && c != 0x7f))
      kinds[c] |= MG_HTTP_KIND_VALUE;
    if (c > ' ' && c < 0x7f && c != '#')
      kinds[c] |= MG_HTTP_KIND_TARGET;
  }
  add_kind("!#$%&'*+-.^_`|~", MG_HTTP_KIND_TOKEN);
  add_kind("-._~!$&'()*+,;=:@/", MG_HTTP_KIND_PATH);
  add_kind("-._~!$&'()*+,;=:[]%", MG_HTTP_KIND_HOST);
}

const guint8 *
mg_http_kinds(void)
{
  static gsize is_filled;
  if (g_once_init_enter(&is_filled)) {
    fill_kinds();
    g_once_init_leave(&is_filled, 1);
  }
  return kinds;
}
