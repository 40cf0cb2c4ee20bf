#include "http/forwarded.h"

#include <string.h>

static MgHttpText
text_of(const char *text)
{
  return (MgHttpText){ text, text != NULL ? strlen(text) : 0 };
}

/* What a peer of 10.0.0.0/8, where all proxies are, says; EXPECTED NULL: itself counts. */
static void
check(const char *x_forwarded_for, const char *forwarded, const char *expected)
{
  g_autoptr(MgNetworks) proxies = mg_networks_new("10.0.0.0/8 2001:db8:1::/48", NULL);
  g_autofree char *told = mg_http_forwarded_peer(proxies, "10.0.0.1:5000", text_of(x_forwarded_for),
                                                 text_of(forwarded));
  g_assert_cmpstr(told, ==, expected);
}

static void
test_x_forwarded_for(void)
{
  check("192.0.2.7", NULL, "192.0.2.7");
  check("192.0.2.7:1234", NULL, "192.0.2.7:1234");
  check(" 192.0.2.7 ,\t10.0.0.2", NULL, "192.0.2.7");
  check("6.6.6.6, 192.0.2.7, 10.0.0.3, 10.0.0.2", NULL, "192.0.2.7");
  check("6.6.6.6, 2001:db8::7, 2001:db8:1::2", NULL, "2001:db8::7");
  check("[2001:db8::7]:80", NULL, "[2001:db8::7]:80");
  check("10.0.0.3, 10.0.0.2", NULL, "10.0.0.3");
  check(NULL, NULL, NULL);
}

static void
test_what_is_no_address(void)
{
  check("", NULL, NULL);
  check("unknown", NULL, NULL);
  check("192.0.2.7, unknown", NULL, NULL);
  check("192.0.2.7, unknown, 10.0.0.2", NULL, "10.0.0.2");
  check("192.0.2.7,,10.0.0.2", NULL, "10.0.0.2");
  check("192.0.2.7, 10.0.0.2 x", NULL, NULL);
}

static void
test_forwarded(void)
{
  check(NULL, "for=192.0.2.7", "192.0.2.7");
  check(NULL, "proto=https;For=\"[2001:db8::7]:4711\" ; by=10.0.0.1", "[2001:db8::7]:4711");
  check(NULL, "for=6.6.6.6, for=192.0.2.7, for=10.0.0.2;proto=http", "192.0.2.7");
  check(NULL, "for=_hidden", NULL);
  check(NULL, "proto=https", NULL);
  check(NULL, "for=\"192.0.2.7", NULL);
  check("192.0.2.8", "for=192.0.2.7", "192.0.2.8");
}

static void
test_others(void)
{
  g_autoptr(MgNetworks) proxies = mg_networks_new("10.0.0.0/8", NULL);
  MgHttpText field = text_of("192.0.2.7");
  g_assert_null(mg_http_forwarded_peer(proxies, "192.0.2.1:5000", field, (MgHttpText){ NULL }));
  g_assert_null(mg_http_forwarded_peer(NULL, "10.0.0.1:5000", field, (MgHttpText){ NULL }));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/forwarded/last-who-is-no-proxy-asks", test_x_forwarded_for);
  g_test_add_func("/http/forwarded/what-is-no-address-ends-the-list", test_what_is_no_address);
  g_test_add_func("/http/forwarded/rfc-7239-where-there-is-no-other", test_forwarded);
  g_test_add_func("/http/forwarded/only-proxies-are-believed", test_others);
  return g_test_run();
}
