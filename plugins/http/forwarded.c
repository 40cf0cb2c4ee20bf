#include "http/forwarded.h"

#include <string.h>

enum { MOST_ADDRESS = 64 };

/* What stands behind the last SEPARATOR, or all of it, stripped. TEXT becomes what is before; then it is absent. */
static MgHttpText
take_last(MgHttpText *text, char separator)
{
  gsize at = text->size;
  while (at > 0 && text->at[at - 1] != separator)
    at--;
  MgHttpText item = { text->at + at, text->size - at };
  *text = at > 0 ? (MgHttpText){ text->at, at - 1 } : (MgHttpText){ NULL };
  return mg_http_text_strip(item);
}

static MgHttpText
unquote(MgHttpText text)
{
  if (text.size >= 2 && text.at[0] == '"' && text.at[text.size - 1] == '"')
    return (MgHttpText){ text.at + 1, text.size - 2 };
  return text;
}

/* The node in "for=192.0.2.7;proto=https"; nothing when it does not say. */
static MgHttpText
find_for(MgHttpText element)
{
  while (element.size > 0) {
    MgHttpText value = mg_http_text_take_item(&element, ';');
    MgHttpText name = mg_http_text_take_item(&value, '=');
    if (mg_http_text_is(name, "for"))
      return unquote(mg_http_text_strip(value));
  }
  return (MgHttpText){ "", 0 };
}

char *
mg_http_forwarded_peer(const MgNetworks *proxies, const char *peer, MgHttpText x_forwarded_for,
                       MgHttpText forwarded)
{
  gboolean is_plain = x_forwarded_for.at != NULL;
  MgHttpText list = is_plain ? x_forwarded_for : forwarded;
  g_autofree char *told = NULL;
  while (list.at != NULL && mg_networks_have(proxies, told != NULL ? told : peer)) {
    MgHttpText item = take_last(&list, ',');
    MgHttpText node = is_plain ? item : find_for(item);
    g_autofree char *text = g_strndup(node.at, MIN(node.size, MOST_ADDRESS));
    if (!mg_networks_is_address(text))
      break; /* "unknown", or a name that only the proxy understands */
    g_free(told);
    told = g_steal_pointer(&text);
  }
  return g_steal_pointer(&told);
}
