#include "net/address.h"

#include <mediagraph/net.h>
#include <mediagraph/types.h>

static void
check_round_trip(const char *text)
{
  MgAddress address;
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_address_parse(text, &address, &error));
  g_assert_no_error(error);
  g_autofree char *again = mg_address_format(&address);
  g_assert_cmpstr(again, ==, text);
}

static void
test_round_trip(void)
{
  check_round_trip("0.0.0.0:8080");
  check_round_trip("192.0.2.7:65535");
  check_round_trip("[::]:1935");
  check_round_trip("[2001:db8::7]:0");
}

static void
test_localhost(void)
{
  MgAddress address;
  g_assert_true(mg_address_parse("localhost:80", &address, NULL));
  g_autofree char *text = mg_address_format(&address);
  g_assert_cmpstr(text, ==, "127.0.0.1:80");
}

static void
test_refused(void)
{
  static const char *const wrong[] = {
    "",           ":",           "8080",        ":8080",      "0.0.0.0",    "0.0.0.0:",
    "1.2.3:80",   "1.2.3.4.5:1", "1.2.3.4:-1",  "1.2.3.4:+1", "1.2.3.4: 1", "1.2.3.4:65536",
    "[::1:80",    "::1:80",      "[1.2.3.4]:1", "[]:80",      "]:80",       "example.org:80",
    "1.2.3.4:8x",
  };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    MgAddress address;
    g_autoptr(GError) error = NULL;
    g_assert_false(mg_address_parse(wrong[i], &address, &error));
    g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  }
}

static void
test_mapped(void)
{
  MgAddress address;
  g_assert_true(mg_address_parse("[::ffff:192.0.2.7]:99", &address, NULL));
  g_autofree char *text = mg_address_format(&address);
  g_assert_cmpstr(text, ==, "192.0.2.7:99");
}

static MgPeerKey
key_of(const char *text)
{
  MgAddress address;
  g_assert_true(mg_address_parse(text, &address, NULL));
  return mg_address_peer_key(&address);
}

#define assert_key(a, b)                                                                           \
  do {                                                                                             \
    MgPeerKey x_ = key_of(a), y_ = key_of(b);                                                      \
    g_assert_cmpmem(&x_, sizeof x_, &y_, sizeof y_);                                               \
  } while (0)

static void
test_peer_key(void)
{
  assert_key("192.0.2.7:1", "192.0.2.7:2");
  assert_key("192.0.2.7:1", "[::ffff:192.0.2.7]:2");
  assert_key("[2001:db8:0:1::7]:1", "[2001:db8:0:1:ffff::9]:2");
  MgPeerKey a = key_of("[2001:db8:0:1::7]:1"), b = key_of("[2001:db8:0:2::7]:1");
  g_assert_cmpint(memcmp(&a, &b, sizeof a), !=, 0);
}

static void
test_network(void)
{
  static const char *const networks[][2] = {
    { "192.0.2.7:50311", "192.0.2.7" },
    { "[::ffff:192.0.2.7]:50311", "192.0.2.7" },
    { "[2001:db8:0:1::7]:1", "2001:db8:0:1::/64" },
    { "[2001:db8:0:1:ffff::9]:2", "2001:db8:0:1::/64" },
    { "[2001:db8:0:2::7]:1", "2001:db8:0:2::/64" },
    { "[::1]:1", "::/64" },
    { "somebody", "somebody" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(networks); i++) {
    g_autofree char *network = mg_peer_network(networks[i][0]);
    g_assert_cmpstr(network, ==, networks[i][1]);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/address/what-was-parsed-is-formatted-alike", test_round_trip);
  g_test_add_func("/net/address/localhost-is-127.0.0.1", test_localhost);
  g_test_add_func("/net/address/anything-but-number-and-port-is-refused", test_refused);
  g_test_add_func("/net/address/mapped-ipv4-is-shown-as-ipv4", test_mapped);
  g_test_add_func("/net/address/a-peer-is-an-ipv4-address-or-an-ipv6-64", test_peer_key);
  g_test_add_func("/net/address/a-peer-has-a-network", test_network);
  return g_test_run();
}
