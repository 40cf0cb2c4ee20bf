#include "auth/net.h"

#include <arpa/inet.h>
#include <string.h>

static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

gboolean
auth_address_parse(const char *text, AuthAddress *address)
{
  *address = (AuthAddress){ .n_bits = 32 };
  if (inet_pton(AF_INET, text, address->bytes) == 1)
    return TRUE;
  guint8 bytes[16];
  if (inet_pton(AF_INET6, text, bytes) != 1)
    return FALSE;
  gboolean is_mapped = memcmp(bytes, mapped, sizeof mapped) == 0;
  address->n_bits = is_mapped ? 32 : 128;
  memcpy(address->bytes, bytes + (is_mapped ? sizeof mapped : 0), address->n_bits / 8);
  return TRUE;
}

gboolean
auth_address_parse_peer(const char *peer, AuthAddress *address)
{
  const char *colon = strrchr(peer, ':');
  if (colon == NULL || colon == peer)
    return FALSE;
  gboolean has_brackets = *peer == '[' && colon[-1] == ']';
  const char *start = peer + (has_brackets ? 1 : 0);
  const char *end = colon - (has_brackets ? 1 : 0);
  if (end <= start)
    return FALSE;
  g_autofree char *host = g_strndup(start, (gsize) (end - start));
  return auth_address_parse(host, address);
}

static gboolean
bit(const AuthAddress *address, guint i)
{
  return address->bytes[i / 8] >> (7 - i % 8) & 1;
}

gboolean
auth_net_parse(const char *text, AuthNet *net)
{
  const char *slash = strchr(text, '/');
  g_autofree char *host = g_strndup(text, slash ? (gsize) (slash - text) : strlen(text));
  if (!auth_address_parse(host, &net->address))
    return FALSE;
  guint64 prefix = net->address.n_bits;
  if (slash != NULL && !g_ascii_string_to_unsigned(slash + 1, 10, 0, prefix, &prefix, NULL))
    return FALSE;
  net->prefix = (guint) prefix;
  for (guint i = net->prefix; i < net->address.n_bits; i++)
    if (bit(&net->address, i))
      return FALSE;
  return TRUE;
}

char *
auth_net_write(const AuthNet *net)
{
  char text[INET6_ADDRSTRLEN];
  gboolean is_v4 = net->address.n_bits == 32;
  inet_ntop(is_v4 ? AF_INET : AF_INET6, net->address.bytes, text, sizeof text);
  return g_strdup_printf("%s/%u", text, net->prefix);
}

gboolean
auth_net_has(const AuthNet *net, const AuthAddress *address)
{
  if (net->address.n_bits != address->n_bits)
    return FALSE;
  for (guint i = 0; i < net->prefix; i++)
    if (bit(&net->address, i) != bit(address, i))
      return FALSE;
  return TRUE;
}

void
auth_address_to_peer_net(const AuthAddress *address, AuthNet *net)
{
  *net = (AuthNet){ *address, address->n_bits == 32 ? 32 : 64 };
  memset(net->address.bytes + net->prefix / 8, 0, sizeof net->address.bytes - net->prefix / 8);
}
