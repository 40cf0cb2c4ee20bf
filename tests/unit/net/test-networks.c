#include <mediagraph/networks.h>

static void
check(const char *text, const char *address, gboolean is_in)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgNetworks) networks = mg_networks_new(text, &error);
  g_assert_no_error(error);
  g_assert_cmpint(mg_networks_have(networks, address), ==, is_in);
}

static void
test_v4(void)
{
  check("192.0.2.7", "192.0.2.7", TRUE);
  check("192.0.2.7", "192.0.2.7:80", TRUE);
  check("192.0.2.7", "192.0.2.8", FALSE);
  check("10.0.0.0/8 192.0.2.128/25", "10.255.1.2", TRUE);
  check("10.0.0.0/8 192.0.2.128/25", "11.0.0.0", FALSE);
  check("10.0.0.0/8 192.0.2.128/25", "192.0.2.129", TRUE);
  check("10.0.0.0/8 192.0.2.128/25", "192.0.2.127", FALSE);
  check("0.0.0.0/0", "203.0.113.1", TRUE);
  check("0.0.0.0/0", "2001:db8::1", FALSE);
  check("192.0.2.7", "::ffff:192.0.2.7", TRUE);
  check("", "192.0.2.7", FALSE);
}

static void
test_v6(void)
{
  check("2001:db8::/32", "2001:db8:1::7", TRUE);
  check("2001:db8::/32", "[2001:db8:1::7]:8080", TRUE);
  check("2001:db8::/32", "[2001:db8:1::7]", TRUE);
  check("2001:db8::/32", "2001:db9::7", FALSE);
  check("2001:db8::/33", "2001:db8:8000::", FALSE);
  check("::1", "::1", TRUE);
  check("::/0", "::2", TRUE);
}

static void
test_no_addresses(void)
{
  static const char *const texts[] = {
    "",     "unknown", "_hidden",
    "[::1", "1.2.3",   "1.2.3.4.5",
    "a:b",  ":80",     "[1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0]"
  };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    check("0.0.0.0/0 ::/0", texts[i], FALSE);
    g_assert_false(mg_networks_is_address(texts[i]));
  }
  g_assert_true(mg_networks_is_address("192.0.2.7"));
  g_assert_false(mg_networks_have(NULL, "192.0.2.7"));
}

static void
test_refused(void)
{
  static const char *const texts[] = { "192.0.2.7/33", "10.0.0.0/-1", "10.0.0.0/", "::/129",
                                       "example.org",  "10.0.0/8",    "1.2.3.4/8x" };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf("127.0.0.1 %s", texts[i]);
    g_assert_null(mg_networks_new(text, &error));
    g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
    g_assert_true(g_strrstr(error->message, texts[i]) != NULL);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/networks/ipv4", test_v4);
  g_test_add_func("/net/networks/ipv6", test_v6);
  g_test_add_func("/net/networks/what-is-no-address-is-in-none", test_no_addresses);
  g_test_add_func("/net/networks/what-is-no-network-is-named", test_refused);
  return g_test_run();
}
