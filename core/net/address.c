#include "net/address.h"

#include <mediagraph/net.h>

#include <arpa/inet.h>
#include <string.h>

enum { MOST_HOST = 64 };

static gboolean
refuse(const char *text, GError **error)
{
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
              "'%s' is not an address: write a number and a port, as in 0.0.0.0:8080 or [::]:8080",
              text);
  return FALSE;
}

static gboolean
parse_port(const char *text, in_port_t *port)
{
  guint64 value;
  if (!g_ascii_isdigit(text[0]) || !g_ascii_string_to_unsigned(text, 10, 0, 65535, &value, NULL))
    return FALSE;
  *port = htons((guint16) value);
  return TRUE;
}

static gboolean
parse_v6(const char *host, const char *port, MgAddress *address)
{
  *address = (MgAddress){ .v6.sin6_family = AF_INET6, .size = sizeof(struct sockaddr_in6) };
  return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1 &&
         parse_port(port, &address->v6.sin6_port);
}

static gboolean
parse_v4(const char *host, const char *port, MgAddress *address)
{
  *address = (MgAddress){ .v4.sin_family = AF_INET, .size = sizeof(struct sockaddr_in) };
  if (g_str_equal(host, "localhost"))
    host = "127.0.0.1";
  return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1 &&
         parse_port(port, &address->v4.sin_port);
}

gboolean
mg_address_parse(const char *text, MgAddress *address, GError **error)
{
  const char *colon = strrchr(text, ':');
  if (colon == NULL || colon - text >= MOST_HOST)
    return refuse(text, error);
  gboolean is_v6 = text[0] == '[' && colon[-1] == ']';
  g_autofree char *host =
      is_v6 ? g_strndup(text + 1, colon - text - 2) : g_strndup(text, colon - text);
  gboolean fits = is_v6 ? parse_v6(host, colon + 1, address) : parse_v4(host, colon + 1, address);
  return fits || refuse(text, error);
}

static gboolean
is_v6(const MgAddress *address)
{
  return address->any.sa_family == AF_INET6;
}

static gboolean
is_mapped(const MgAddress *address)
{
  return is_v6(address) && IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr);
}

char *
mg_address_format(const MgAddress *address)
{
  char host[INET6_ADDRSTRLEN] = "";
  guint port = mg_address_port(address);
  if (is_v6(address) && !is_mapped(address)) {
    inet_ntop(AF_INET6, &address->v6.sin6_addr, host, sizeof host);
    return g_strdup_printf("[%s]:%u", host, port);
  }
  const guint8 *v4 =
      is_v6(address) ? address->v6.sin6_addr.s6_addr + 12 : (const guint8 *) &address->v4.sin_addr;
  inet_ntop(AF_INET, v4, host, sizeof host);
  return g_strdup_printf("%s:%u", host, port);
}

guint
mg_address_port(const MgAddress *address)
{
  return ntohs(is_v6(address) ? address->v6.sin6_port : address->v4.sin_port);
}

gboolean
mg_address_is_any(const MgAddress *address)
{
  return is_v6(address) ? IN6_IS_ADDR_UNSPECIFIED(&address->v6.sin6_addr)
                        : address->v4.sin_addr.s_addr == htonl(INADDR_ANY);
}

MgPeerKey
mg_address_peer_key(const MgAddress *address)
{
  MgPeerKey key = { 0 };
  if (is_mapped(address))
    memcpy(key.bytes + 12, address->v6.sin6_addr.s6_addr + 12, 4);
  else if (is_v6(address))
    memcpy(key.bytes, address->v6.sin6_addr.s6_addr, 8);
  else
    memcpy(key.bytes + 12, &address->v4.sin_addr, 4);
  return key;
}

/* By the key, so that both count alike. */
char *
mg_peer_network(const char *peer)
{
  MgAddress address;
  char host[INET6_ADDRSTRLEN] = "";
  if (!mg_address_parse(peer, &address, NULL))
    return g_strdup(peer);
  MgPeerKey key = mg_address_peer_key(&address);
  if (!is_v6(&address) || is_mapped(&address)) {
    inet_ntop(AF_INET, key.bytes + 12, host, sizeof host);
    return g_strdup(host);
  }
  inet_ntop(AF_INET6, key.bytes, host, sizeof host);
  return g_strdup_printf("%s/64", host);
}
