/*
 * What proxies say about who calls: the PROXY protocol's header, X-Forwarded-For and Forwarded. A header is
 * judged alike however its bytes come, and who is told is an address.
 */
#include "http/forwarded.h"
#include "net/proxy.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_header(const guint8 *data, gsize size)
{
  MgAddress peer = { .v4.sin_family = AF_INET, .size = sizeof peer.v4 };
  gsize used = 0;
  MgProxyResult result = mg_proxy_parse(data, size, &used, &peer);
  if (result == MG_PROXY_DONE) {
    g_assert(used > 0 && used <= size && used <= MG_PROXY_MOST);
    g_autofree char *text = mg_address_format(&peer);
    g_assert(mg_networks_is_address(text));
  }
  if (size > 1 && result == MG_PROXY_MORE) /* so it was with fewer bytes */
    g_assert(mg_proxy_parse(data, size - 1, &used, &peer) == MG_PROXY_MORE);
}

static void
check_fields(const char *text, gsize size)
{
  g_autoptr(MgNetworks) proxies = mg_networks_new("10.0.0.0/8 ::/16", NULL);
  const MgHttpText none = { NULL, 0 }, field = { text, size };
  g_autofree char *plain = mg_http_forwarded_peer(proxies, "10.0.0.1:80", field, none);
  g_autofree char *forwarded = mg_http_forwarded_peer(proxies, "10.0.0.1:80", none, field);
  g_assert(plain == NULL || mg_networks_is_address(plain));
  g_assert(forwarded == NULL || mg_networks_is_address(forwarded));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  if (size == 0)
    return 0;
  check_header(data, size);
  check_fields((const char *) data, size);
  return 0;
}
