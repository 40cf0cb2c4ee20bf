#include "protocols.h"

enum { HTTP = PROTOCOL_RTMPT | PROTOCOL_RTMPTE };

static const struct {
  guint8 first;
  guint protocols[N_CARRIERS];
} recognisers[] = {
  { 0x03, { PROTOCOL_RTMP, PROTOCOL_RTMPS, PROTOCOL_RTMPT, PROTOCOL_RTMPTS } },
  { 0x06, { PROTOCOL_RTMPE, 0, PROTOCOL_RTMPTE, 0 } },
  { 0x08, { PROTOCOL_RTMPE, 0, PROTOCOL_RTMPTE, 0 } },
  { 0x09, { PROTOCOL_RTMPE, 0, PROTOCOL_RTMPTE, 0 } },
  { 'P', { HTTP, PROTOCOL_RTMPTS, 0, 0 } }, /* POST */
  { 'G', { HTTP, PROTOCOL_RTMPTS, 0, 0 } }, /* GET, which some ask at first */
};

guint
protocols_of_byte(guint8 first, Carrier carrier)
{
  for (guint i = 0; i < G_N_ELEMENTS(recognisers); i++)
    if (recognisers[i].first == first)
      return recognisers[i].protocols[carrier];
  return 0;
}

gboolean
protocol_is_http(guint8 first)
{
  return first == 'P' || first == 'G';
}

static guint
first_of(guint protocols)
{
  gint bit = g_bit_nth_lsf(protocols, -1);
  g_assert(bit >= 0 && bit < N_PROTOCOLS);
  return (guint) bit;
}

const char *
protocol_word(guint protocols)
{
  static const char *const words[N_PROTOCOLS] = { "rtmp",  "rtmp",  "rtmpe",
                                                  "rtmpt", "rtmpt", "rtmpte" };
  return words[first_of(protocols)];
}

const char *
protocol_name(guint protocols)
{
  static const char *const names[N_PROTOCOLS] = { "RTMP",  "RTMPS",  "RTMPE",
                                                  "RTMPT", "RTMPTS", "RTMPTE" };
  return names[first_of(protocols)];
}
