/* Bytes written as hexadecimal text in tests: "03 0001ff", and 'text' for itself. */
#pragma once

#include "bytes/writer.h"

#include <glib.h>

/* Appends what TEXT says. */
static inline void
put_hex(MgWriter *w, const char *text)
{
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '\'') {
      for (c++; *c != '\''; c++)
        mg_writer_u8(w, (guint8) *c);
    } else if (g_ascii_isxdigit(*c)) {
      g_assert_true(g_ascii_isxdigit(c[1]));
      mg_writer_u8(w, (guint8) (g_ascii_xdigit_value(c[0]) << 4 | g_ascii_xdigit_value(c[1])));
      c++;
    }
  }
}

/* Asserts that SIZE bytes are what TEXT says. */
static inline void
assert_hex(const guint8 *data, gsize size, const char *text)
{
  g_auto(MgWriter) expected = MG_WRITER_INIT;
  put_hex(&expected, text);
  g_assert_cmpmem(data, size, expected.data, expected.size);
}
