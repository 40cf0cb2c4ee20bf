#include "http/accept.h"

enum { REFUSED = 0, FULL = 1000 };

/* qvalue (RFC 9110 §12.4.2): 0 to 1 with up to three digits, in thousandths. */
static int
parse_qvalue(MgHttpText text)
{
  if (text.size == 0 || text.size > 5 || (text.size > 1 && text.at[1] != '.'))
    return REFUSED;
  int value = 0;
  for (gsize i = 0, unit = FULL; i < text.size; i++) {
    if (i == 1)
      continue;
    if (!g_ascii_isdigit(text.at[i]))
      return REFUSED;
    value += (text.at[i] - '0') * (int) unit;
    unit /= 10;
  }
  return value <= FULL ? value : REFUSED;
}

/* The weight in what follows a coding's name; without one it is 1. */
static int
parse_weight(MgHttpText parameters)
{
  parameters = mg_http_text_strip(parameters);
  if (parameters.size == 0)
    return FULL;
  if (parameters.size < 2 || g_ascii_strncasecmp(parameters.at, "q=", 2) != 0)
    return REFUSED;
  return parse_qvalue((MgHttpText){ parameters.at + 2, parameters.size - 2 });
}

void
mg_http_accept_read(MgHttpAccept *accept, MgHttpText field)
{
  while (field.size > 0) {
    MgHttpText rest = mg_http_text_take_item(&field, ',');
    MgHttpText coding = mg_http_text_take_item(&rest, ';');
    if (mg_http_text_is(coding, "gzip") ||
        mg_http_text_is(coding, "x-gzip")) /* RFC 9110 §8.4.1.3 */
      accept->gzip = parse_weight(rest);
    else if (mg_http_text_is(coding, "identity"))
      accept->identity = parse_weight(rest);
    else if (mg_http_text_is(coding, "*"))
      accept->any = parse_weight(rest);
  }
}

gboolean
mg_http_accept_wants_gzip(const MgHttpAccept *accept)
{
  int gzip = accept->gzip >= 0 ? accept->gzip : accept->any;
  return gzip > REFUSED && gzip >= accept->identity;
}
