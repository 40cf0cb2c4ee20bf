#include "protocols.h"

static const struct {
  guint8 first;
  Protocol plain, secure; /* 0: there is no such thing */
} recognisers[] = {
  { 0x03, PROTOCOL_RTMP, PROTOCOL_RTMPS },
  { 0x06, PROTOCOL_RTMPE, 0 },
};

Protocol
protocol_of(guint8 first, gboolean is_secure)
{
  for (guint i = 0; i < G_N_ELEMENTS(recognisers); i++)
    if (recognisers[i].first == first)
      return is_secure ? recognisers[i].secure : recognisers[i].plain;
  return 0;
}

const char *
protocol_name(Protocol protocol)
{
  switch (protocol) {
  case PROTOCOL_RTMP: return "RTMP";
  case PROTOCOL_RTMPS: return "RTMPS";
  case PROTOCOL_RTMPE: return "RTMPE";
  }
  g_assert_not_reached();
}
