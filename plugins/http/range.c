#include "http/range.h"

#include "bytes/reader.h"

#include <string.h>

static const MgHttpRange everything = { .kind = MG_HTTP_RANGE_NONE };
static const MgHttpRange outside = { .kind = MG_HTTP_RANGE_OUTSIDE };

static gboolean
next_is_digit(const MgReader *r)
{
  const guint8 *c = mg_reader_peek(r, 1);
  return c != NULL && g_ascii_isdigit((char) *c);
}

/* A number; what does not fit is the largest one. FALSE when no digit stands there. */
static gboolean
take_number(MgReader *r, guint64 *value)
{
  *value = 0;
  if (!next_is_digit(r))
    return FALSE;
  while (next_is_digit(r)) {
    guint digit = (guint) mg_reader_u8(r) - '0';
    *value = *value > (G_MAXUINT64 - digit) / 10 ? G_MAXUINT64 : *value * 10 + digit;
  }
  return TRUE;
}

static gboolean
take_char(MgReader *r, char c)
{
  const guint8 *next = mg_reader_peek(r, 1);
  if (next == NULL || *next != (guint8) c)
    return FALSE;
  mg_reader_skip(r, 1);
  return TRUE;
}

/* The last N bytes. */
static MgHttpRange
suffix(guint64 n, guint64 size)
{
  if (n == 0)
    return outside;
  if (size == 0)
    return everything; /* satisfiable, but no Content-Range could say so */
  n = MIN(n, size);
  return (MgHttpRange){ MG_HTTP_RANGE_PART, size - n, n };
}

static MgHttpRange
from_to(guint64 first, guint64 last, guint64 size)
{
  if (first > last)
    return everything; /* invalid, therefore ignored */
  if (first >= size)
    return outside;
  return (MgHttpRange){ MG_HTTP_RANGE_PART, first, MIN(last, size - 1) - first + 1 };
}

MgHttpRange
mg_http_range_parse(MgHttpText field, guint64 size)
{
  static const char unit[] = "bytes=";
  gsize n = sizeof unit - 1;
  if (field.at == NULL || field.size <= n || g_ascii_strncasecmp(field.at, unit, n) != 0)
    return everything;
  MgReader r = MG_READER((const guint8 *) field.at + n, field.size - n);
  guint64 first, last = G_MAXUINT64;
  gboolean has_first = take_number(&r, &first);
  if (!take_char(&r, '-'))
    return everything;
  gboolean has_last = take_number(&r, &last);
  if (!has_last)
    last = G_MAXUINT64;
  if (mg_reader_left(&r) > 0 || (!has_first && !has_last))
    return everything; /* several ranges, or nonsense */
  return has_first ? from_to(first, last, size) : suffix(last, size);
}

static MgHttpText
trim(MgHttpText text)
{
  while (text.size > 0 && strchr(" \t,", text.at[0]) != NULL)
    text = (MgHttpText){ text.at + 1, text.size - 1 };
  while (text.size > 0 && strchr(" \t,", text.at[text.size - 1]) != NULL)
    text.size--;
  return text;
}

static gboolean
is_quoted(MgHttpText text, const char *etag)
{
  gsize n = strlen(etag);
  return text.size == n + 2 && text.at[0] == '"' && text.at[n + 1] == '"' &&
         memcmp(text.at + 1, etag, n) == 0;
}

/* The tag that TEXT starts with, "W/" left out; TEXT becomes what follows. Absent: no tag there. */
static MgHttpText
take_tag(MgHttpText *text)
{
  if (text->size > 2 && memcmp(text->at, "W/", 2) == 0)
    *text = (MgHttpText){ text->at + 2, text->size - 2 };
  const char *end =
      text->size > 1 && text->at[0] == '"' ? memchr(text->at + 1, '"', text->size - 1) : NULL;
  if (end == NULL)
    return (MgHttpText){ NULL };
  MgHttpText tag = { text->at, (gsize) (end - text->at) + 1 };
  *text = (MgHttpText){ end + 1, text->size - tag.size };
  return tag;
}

gboolean
mg_http_etag_is_listed(MgHttpText field, const char *etag)
{
  if (field.at == NULL)
    return FALSE;
  for (MgHttpText left = trim(field); left.size > 0; left = trim(left)) {
    if (left.size == 1 && left.at[0] == '*')
      return TRUE;
    MgHttpText tag = take_tag(&left);
    if (tag.at == NULL)
      return FALSE;
    if (etag != NULL && is_quoted(tag, etag))
      return TRUE;
  }
  return FALSE;
}

gboolean
mg_http_etag_is_exactly(MgHttpText field, const char *etag)
{
  return field.at != NULL && etag != NULL && is_quoted(field, etag);
}
