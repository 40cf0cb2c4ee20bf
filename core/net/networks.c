#include "net/networks.h"

#include <arpa/inet.h>
#include <string.h>

/* All are of IPv6; those of IPv4 are behind its prefix for them (RFC 4291 2.5.5.2). */
enum { BYTES = 16, V4_AT = 12, V4_BITS = 8 * V4_AT };

typedef struct {
  guint8 bytes[BYTES];
  guint bits; /* that count */
} Network;

struct MgNetworks {
  gint ref_count;
  GArray *list; /* of Network */
};

static void
set_v4(guint8 *bytes, gconstpointer v4)
{
  memset(bytes, 0, BYTES);
  bytes[10] = bytes[11] = 0xff;
  memcpy(bytes + V4_AT, v4, 4);
}

/* The number of an address, and no more. */
static gboolean
parse_number(const char *text, guint8 *bytes)
{
  struct in_addr v4;
  if (inet_pton(AF_INET, text, &v4) != 1)
    return inet_pton(AF_INET6, text, bytes) == 1;
  set_v4(bytes, &v4);
  return TRUE;
}

/* The same; brackets and a port are left out. */
static gboolean
parse_address(const char *text, guint8 *bytes)
{
  char number[INET6_ADDRSTRLEN] = "";
  gboolean has_brackets = text[0] == '[';
  const char *colon = strchr(text, ':');
  gboolean has_port = colon != NULL && strchr(colon + 1, ':') == NULL;
  const char *from = has_brackets ? text + 1 : text;
  gsize n = has_brackets ? strcspn(from, "]") : has_port ? (gsize) (colon - text) : strlen(text);
  if (n >= sizeof number || (has_brackets && from[n] != ']'))
    return FALSE;
  memcpy(number, from, n);
  return parse_number(number, bytes);
}

static gboolean
parse_network(const char *text, Network *network)
{
  g_auto(GStrv) parts = g_strsplit(text, "/", 2);
  guint64 bits = 0;
  if (parts[0] == NULL || !parse_number(parts[0], network->bytes))
    return FALSE;
  guint shift = strchr(parts[0], ':') == NULL ? V4_BITS : 0;
  network->bits = 8 * BYTES;
  if (parts[1] == NULL)
    return TRUE;
  if (!g_ascii_string_to_unsigned(parts[1], 10, 0, 8 * BYTES - shift, &bits, NULL))
    return FALSE;
  network->bits = (guint) bits + shift;
  return TRUE;
}

MgNetworks *
mg_networks_new(const char *text, GError **error)
{
  g_autoptr(MgNetworks) networks = g_new0(MgNetworks, 1);
  g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
  networks->ref_count = 1;
  networks->list = g_array_new(FALSE, FALSE, sizeof(Network));
  for (char **word = words; *word != NULL; word++) {
    Network network;
    if ((*word)[0] == '\0')
      continue;
    if (!parse_network(*word, &network)) {
      g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
                  "'%s' is no address and no network; write it like 192.0.2.7 or 2001:db8::/32",
                  *word);
      return NULL;
    }
    g_array_append_val(networks->list, network);
  }
  return g_steal_pointer(&networks);
}

MgNetworks *
mg_networks_ref(MgNetworks *networks)
{
  g_atomic_int_inc(&networks->ref_count);
  return networks;
}

void
mg_networks_unref(MgNetworks *networks)
{
  if (networks == NULL || !g_atomic_int_dec_and_test(&networks->ref_count))
    return;
  g_array_unref(networks->list);
  g_free(networks);
}

static gboolean
is_in(const Network *network, const guint8 *bytes)
{
  guint whole = network->bits / 8, rest = network->bits % 8;
  guint8 mask = (guint8) (0xff << (8 - rest));
  if (memcmp(network->bytes, bytes, whole) != 0)
    return FALSE;
  return rest == 0 || ((network->bytes[whole] ^ bytes[whole]) & mask) == 0;
}

static gboolean
have(const MgNetworks *networks, const guint8 *bytes)
{
  for (guint i = 0; i < networks->list->len; i++)
    if (is_in(&g_array_index(networks->list, Network, i), bytes))
      return TRUE;
  return FALSE;
}

gboolean
mg_networks_have(const MgNetworks *networks, const char *address)
{
  guint8 bytes[BYTES];
  return networks != NULL && parse_address(address, bytes) && have(networks, bytes);
}

gboolean
mg_networks_have_address(const MgNetworks *networks, const MgAddress *address)
{
  guint8 bytes[BYTES];
  if (networks == NULL)
    return FALSE;
  if (address->any.sa_family == AF_INET6)
    memcpy(bytes, &address->v6.sin6_addr, BYTES);
  else
    set_v4(bytes, &address->v4.sin_addr);
  return have(networks, bytes);
}

gboolean
mg_networks_is_address(const char *address)
{
  guint8 bytes[BYTES];
  return parse_address(address, bytes);
}
