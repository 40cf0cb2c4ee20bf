#include "pipeline/source.h"

#include <string.h>

static const char bom[] = "\xef\xbb\xbf";

void
mg_source_init(MgSource *source, const char *file, const char *text, gsize size)
{
  *source = (MgSource){ .file = file, .text = text, .size = size, .line = 1, .column = 1 };
  if (size >= strlen(bom) && memcmp(text, bom, strlen(bom)) == 0)
    source->offset = strlen(bom);
}

static gboolean
starts_character(char c)
{
  return ((guchar) c & 0xc0) != 0x80;
}

MgPlace
mg_source_place(MgSource *source, gsize offset)
{
  offset = MIN(offset, source->size);
  if (offset < source->offset)
    mg_source_init(source, source->file, source->text, source->size);
  for (; source->offset < offset; source->offset++) {
    char c = source->text[source->offset];
    if (c == '\n') {
      source->line++;
      source->column = 1;
    } else if (starts_character(c)) {
      source->column++;
    }
  }
  return (MgPlace){ source->file, source->line, source->column };
}

gsize
mg_source_tag_start(const MgSource *source, gsize offset)
{
  /* '<' cannot stand inside a well-formed tag, not even in quotes. */
  offset = MIN(offset, source->size);
  while (offset > 0 && source->text[--offset] != '<')
    ;
  return offset;
}

/* Looks over one tag. */
typedef struct {
  const MgSource *source;
  gsize offset;
} Scanner;

static gboolean
has_more(const Scanner *s)
{
  return s->offset < s->source->size;
}

static gboolean
is_space(char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_spaces(Scanner *s)
{
  while (has_more(s) && is_space(s->source->text[s->offset]))
    s->offset++;
}

/* Moves past a name, or whatever else stands there. Returns its size. */
static gsize
skip_name(Scanner *s)
{
  gsize start = s->offset;
  for (; has_more(s); s->offset++) {
    char c = s->source->text[s->offset];
    if (is_space(c) || c == '\0' || strchr("=/>?\"'<", c))
      break;
  }
  return s->offset - start;
}

static gboolean
skip_char(Scanner *s, char c)
{
  gboolean is_there = has_more(s) && s->source->text[s->offset] == c;
  s->offset += is_there;
  return is_there;
}

static gboolean
scan_value(Scanner *s, MgTagAttribute *attribute)
{
  if (!has_more(s))
    return FALSE;
  const char *text = s->source->text;
  char quote = text[s->offset++];
  if (quote != '"' && quote != '\'')
    return FALSE;
  attribute->value = s->offset;
  while (has_more(s) && text[s->offset] != quote)
    s->offset++;
  attribute->value_size = s->offset - attribute->value;
  return skip_char(s, quote);
}

static gboolean
scan_attribute(Scanner *s, MgTagAttribute *attribute)
{
  skip_spaces(s);
  attribute->name = s->offset;
  attribute->name_size = skip_name(s);
  if (attribute->name_size == 0)
    return FALSE;
  skip_spaces(s);
  if (!skip_char(s, '='))
    return FALSE;
  skip_spaces(s);
  return scan_value(s, attribute);
}

GArray *
mg_source_attributes(const MgSource *source, gsize start)
{
  GArray *attributes = g_array_new(FALSE, FALSE, sizeof(MgTagAttribute));
  Scanner s = { source, start };
  MgTagAttribute attribute = { 0 };
  skip_char(&s, '<');
  skip_char(&s, '?'); /* the XML declaration reads like a tag */
  skip_name(&s);
  while (scan_attribute(&s, &attribute))
    g_array_append_val(attributes, attribute);
  return attributes;
}
