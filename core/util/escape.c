#include "util/escape.h"

#include <string.h>

/* Controls, and what changes the order or number of lines: U+2028-2029, and the bidi controls. */
static gboolean
is_unsafe(gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* The character at *P, moving past it; (gunichar) -1 for a byte that is no UTF-8. */
static gunichar
next_char(const char **p)
{
  gunichar c = g_utf8_get_char_validated(*p, (gssize) strnlen(*p, 6));
  gboolean is_char = c != (gunichar) -1 && c != (gunichar) -2;
  *p += is_char ? g_utf8_skip[(guchar) * *p] : 1;
  return is_char ? c : (gunichar) -1;
}

void
mg_escape_text(GString *out, const char *text)
{
  for (const char *p = text; *p != '\0';) {
    guchar byte = (guchar) *p;
    gunichar c = next_char(&p);
    if (c == (gunichar) -1 || (c < 0x80 && is_unsafe(c)))
      g_string_append_printf(out, c == '\n' ? "\\n" : "\\x%02x", byte);
    else if (is_unsafe(c))
      g_string_append_printf(out, "\\u{%04X}", c);
    else
      g_string_append_unichar(out, c);
  }
}

static void
append_json_char(GString *out, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf(out, "\\%c", (char) c);
  else if (c == '\n')
    g_string_append(out, "\\n");
  else if (is_unsafe(c)) /* all of them are below U+10000 */
    g_string_append_printf(out, "\\u%04x", c);
  else
    g_string_append_unichar(out, c);
}

void
mg_escape_json(GString *out, const char *text)
{
  g_string_append_c(out, '"');
  for (const char *p = text; *p != '\0';) {
    gunichar c = next_char(&p);
    append_json_char(out, c == (gunichar) -1 ? 0xfffd : c);
  }
  g_string_append_c(out, '"');
}
