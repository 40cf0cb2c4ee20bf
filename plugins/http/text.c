#include "http/text.h"

#include <string.h>

MgHttpText
mg_http_text_strip(MgHttpText text)
{
  while (text.size > 0 && (text.at[0] == ' ' || text.at[0] == '\t'))
    text = (MgHttpText){ text.at + 1, text.size - 1 };
  while (text.size > 0 && (text.at[text.size - 1] == ' ' || text.at[text.size - 1] == '\t'))
    text.size--;
  return text;
}

gboolean
mg_http_text_is(MgHttpText text, const char *word)
{
  return text.size == strlen(word) && g_ascii_strncasecmp(text.at, word, text.size) == 0;
}

MgHttpText
mg_http_text_take_item(MgHttpText *text, char separator)
{
  const char *end = text->size > 0 ? memchr(text->at, separator, text->size) : NULL;
  gsize size = end != NULL ? (gsize) (end - text->at) : text->size;
  gsize used = end != NULL ? size + 1 : size;
  MgHttpText item = { text->at, size };
  *text = (MgHttpText){ text->at + used, text->size - used };
  return mg_http_text_strip(item);
}
