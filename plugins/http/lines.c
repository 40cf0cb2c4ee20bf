#include "http/lines.h"

#include <string.h>

/* Of a head whose lines end with CRLF, all but the first. */
static guint
count(const char *head)
{
  guint n = 0;
  for (const char *end = strchr(head, '\n'); end != NULL; end = strchr(end + 1, '\n'))
    n++;
  return MAX(n, 1) - 1;
}

/* Copies LINE to AT as a name in lower case and a value; returns what follows them there. */
static char *
add_line(MgHttpLines *lines, MgHttpText line, char *at)
{
  MgHttpText name = mg_http_text_take_item(&line, ':');
  MgHttpText value = mg_http_text_strip(line);
  for (gsize i = 0; i < name.size; i++)
    at[i] = g_ascii_tolower(name.at[i]);
  memcpy(at + name.size, value.at, value.size);
  lines->lines[lines->n].name = (MgHttpText){ at, name.size };
  lines->lines[lines->n++].value = (MgHttpText){ at + name.size, value.size };
  return at + name.size + value.size;
}

MgHttpLines *
mg_http_lines_new(const char *head)
{
  MgHttpText left = { head, strlen(head) };
  gsize entries = count(head) * sizeof(((MgHttpLines *) NULL)->lines[0]);
  MgHttpLines *lines = g_malloc(sizeof *lines + entries + left.size);
  char *at = (char *) lines->lines + entries;
  lines->ref_count = 1;
  lines->n = 0;
  mg_http_text_take_item(&left, '\n');
  while (left.size > 0) {
    MgHttpText line = mg_http_text_take_item(&left, '\n');
    line.size -= line.size > 0 && line.at[line.size - 1] == '\r' ? 1 : 0;
    at = add_line(lines, line, at);
  }
  return lines;
}

MgHttpLines *
mg_http_lines_ref(MgHttpLines *lines)
{
  g_atomic_int_inc(&lines->ref_count);
  return lines;
}

void
mg_http_lines_unref(MgHttpLines *lines)
{
  if (lines != NULL && g_atomic_int_dec_and_test(&lines->ref_count))
    g_free(lines);
}
