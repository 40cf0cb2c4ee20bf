/* The PROXY protocol: its header, and connections that begin with one. */
#include "peer.h"
#include "tls-client.h"

#include "loop/lane.h"
#include "net/proxy.h"

#include <string.h>
#include <unistd.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static const char v2[] = SIGNATURE "\x21\x11\0\x0c"
                                   "\xc0\0\2\7"
                                   "\xc0\0\2\1"
                                   "\x12\x34"
                                   "\0\x50";
static const char v2_six[] = SIGNATURE "\x21\x21\0\x26"
                                       "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
                                       "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
                                       "\x12\x34\0\120ab";
static const char v2_local[] = SIGNATURE "\x20\0\0\0";
static const char v2_unix[] = SIGNATURE "\x21\x31\0\2ab";

/* --- the header ------------------------------------------------------------------------------------ */

static void
check_size(const char *header, gsize size, MgProxyResult expected, const char *peer)
{
  MgAddress address = { 0 };
  gsize used = 0;
  g_assert_true(mg_address_parse("127.0.0.1:9", &address, NULL));
  for (gsize n = 1; n < size; n++) {
    MgProxyResult result = mg_proxy_parse((const guint8 *) header, n, &used, &address);
    g_assert_true(result == MG_PROXY_MORE || (expected == MG_PROXY_BAD && result == expected));
  }
  g_assert_cmpint(mg_proxy_parse((const guint8 *) header, size, &used, &address), ==, expected);
  g_autofree char *text = mg_address_format(&address);
  g_assert_cmpstr(text, ==, peer);
  g_assert_true(expected != MG_PROXY_DONE || used == size);
}

static void
check(const char *header, MgProxyResult expected, const char *peer)
{
  check_size(header, strlen(header), expected, peer);
}

static void
test_version_1(void)
{
  check("PROXY TCP4 192.0.2.7 192.0.2.1 4660 80\r\n", MG_PROXY_DONE, "192.0.2.7:4660");
  check("PROXY TCP6 2001:db8::7 2001:db8::1 4660 80\r\n", MG_PROXY_DONE, "[2001:db8::7]:4660");
  check("PROXY UNKNOWN\r\n", MG_PROXY_DONE, "127.0.0.1:9");
  check("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", MG_PROXY_DONE, "127.0.0.1:9");
}

static void
test_version_2(void)
{
  check_size(v2, sizeof v2 - 1, MG_PROXY_DONE, "192.0.2.7:4660");
  check_size(v2_six, sizeof v2_six - 1, MG_PROXY_DONE, "[2001:db8::7]:4660");
  check_size(v2_local, sizeof v2_local - 1, MG_PROXY_DONE, "127.0.0.1:9");
  check_size(v2_unix, sizeof v2_unix - 1, MG_PROXY_DONE, "127.0.0.1:9");
}

static void
test_bad(void)
{
  static const char *const lines[] = {
    "PROXY \r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.1 4660\r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.1 4660 80 1\r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.1 4660 65536\r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.1 -1 80\r\n",
    "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
    "PROXY TCP4 192.0.2 192.0.2.1 1 2\r\n",
    "PROXY TCP5 192.0.2.7 192.0.2.1 1 2\r\n",
    "PROXY TCP4  192.0.2.7 192.0.2.1 1 2\r\n",
    "PROXY TCP4 192.0.2.7 192.0.2.1 4660 80\n",
  };
  static const char no_version[] = SIGNATURE "\x11\x11\0\x0c";
  static const char no_command[] = SIGNATURE "\x22\x11\0\x0c";
  static const char too_long[] = SIGNATURE "\x21\x11\xff\xff";
  static const char too_short[] = SIGNATURE "\x21\x11\0\4abcd";
  g_autofree char *endless = g_strnfill(200, 'x');
  g_autofree char *long_line = g_strconcat("PROXY UNKNOWN ", endless, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
    check(lines[i], MG_PROXY_BAD, "127.0.0.1:9");
  check(long_line, MG_PROXY_BAD, "127.0.0.1:9");
  check_size(no_version, sizeof no_version - 1, MG_PROXY_BAD, "127.0.0.1:9");
  check_size(no_command, sizeof no_command - 1, MG_PROXY_BAD, "127.0.0.1:9");
  check_size(too_long, sizeof too_long - 1, MG_PROXY_BAD, "127.0.0.1:9");
  check_size(too_short, sizeof too_short - 1, MG_PROXY_BAD, "127.0.0.1:9");
}

static void
test_none(void)
{
  static const char *const others[] = { "GET / HTTP/1.1\r\n", "PRI * HTTP/2.0", "PROXIMATE",
                                        "\r\nGET", "\x16\3\1" };
  MgAddress address = { 0 };
  gsize used = 0;
  for (guint i = 0; i < G_N_ELEMENTS(others); i++)
    g_assert_cmpint(mg_proxy_parse((const guint8 *) others[i], strlen(others[i]), &used, &address),
                    ==, MG_PROXY_NONE);
}

/* --- connections ------------------------------------------------------------------------------------ */

static void
say_peer(Peer *peer, const guint8 *bytes, gsize size)
{
  g_autofree char *text = g_strdup_printf("%.*s from %s\n", (int) size, (const char *) bytes,
                                          mg_connection_peer(peer->connection));
  mg_connection_write(peer->connection, text, strlen(text));
}

static void
start(Server *s, const char *proxies, MgTlsContext *tls, guint max_per_address)
{
  g_autoptr(MgNetworks) networks = mg_networks_new(proxies, NULL);
  MgListenOptions options = {
    .size = sizeof options, .proxies = networks, .tls = tls, .max_per_address = max_per_address
  };
  s->received = say_peer;
  server_start(s, &options);
}

static void
assert_line(int fd, const char *expected)
{
  g_autofree char *line = mg_client_receive_until(fd, "\n");
  g_assert_cmpstr(line, ==, expected);
}

static void
test_believed(void)
{
  Server s = { 0 };
  start(&s, "127.0.0.0/8", NULL, 0);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "PROXY TCP4 192.0.2.7 192.0.2.1 4660 80\r\nhello");
  assert_line(fd, "hello from 192.0.2.7:4660\n");
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
assert_reason(Server *s, const char *expected)
{
  g_mutex_lock(&s->lock);
  g_assert_cmpstr(s->reason, ==, expected);
  g_mutex_unlock(&s->lock);
}

/* In single bytes, each with a packet of its own. */
static void
test_in_bytes(void)
{
  Server s = { 0 };
  start(&s, "127.0.0.0/8", NULL, 0);
  int fd = mg_client_connect(s.port);
  for (gsize i = 0; i < sizeof v2 - 1; i++)
    mg_client_send(fd, v2 + i, 1);
  mg_client_send_text(fd, "x");
  assert_line(fd, "x from 192.0.2.7:4660\n");
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
test_without_a_header(void)
{
  Server s = { 0 };
  start(&s, "127.0.0.1", NULL, 0);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "PRI");
  g_autofree char *line = mg_client_receive_until(fd, "\n");
  g_assert_true(g_str_has_prefix(line, "PRI from 127.0.0.1:"));
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

/* To who is no proxy it means nothing. */
static void
test_not_believed(void)
{
  Server s = { 0 };
  start(&s, "127.0.0.1 10.0.0.0/8", NULL, 0);
  int fd = mg_client_connect_from("127.0.0.2", s.port);
  mg_client_send_text(fd, "PROXY UNKNOWN\r\n");
  g_autofree char *line = mg_client_receive_until(fd, "2:");
  g_assert_cmpstr(line, ==, "PROXY UNKNOWN\r\n from 127.0.0.2:");
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
test_refused(void)
{
  Server s = { 0 };
  start(&s, "127.0.0.1", NULL, 0);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "PROXY NONSENSE\r\n");
  server_wait_closed(&s, 1);
  assert_reason(&s, "what it says by the PROXY protocol breaks its rules");
  close(fd);
  fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "PROXY UNK");
  mg_client_end(fd);
  server_wait_closed(&s, 2);
  assert_reason(&s, "closed by peer within the PROXY protocol's header");
  close(fd);
  server_stop(&s);
}

/* The limit is of those for whom a proxy calls, and not of the proxy. */
static void
test_limits(void)
{
  Server s = { 0 };
  int fds[3];
  start(&s, "127.0.0.1", NULL, 1);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *text = g_strdup_printf("PROXY TCP4 192.0.2.%u 192.0.2.1 1 2\r\nx", MIN(i, 1));
    fds[i] = mg_client_connect(s.port);
    mg_client_send_text(fds[i], text);
    if (i < 2)
      g_free(mg_client_receive_until(fds[i], "\n"));
  }
  server_wait_closed(&s, 1);
  assert_reason(&s, "too many connections of whom it calls for");
  for (guint i = 0; i < 3; i++)
    close(fds[i]);
  server_wait_closed(&s, 3);
  server_stop(&s);
}

static void
test_before_tls(void)
{
  Server s = { 0 };
  Pair pair;
  TlsClient c;
  pair_init(&pair, 1);
  g_autoptr(MgTlsContext) tls = mg_tls_context_new(pair.certificate, pair.key, NULL);
  start(&s, "127.0.0.1", tls, 0);
  tls_client_init(&c, s.port);
  mg_client_send(c.fd, v2, sizeof v2 - 1);
  tls_client_send_text(&c, "secret");
  static const char expected[] = "secret from 192.0.2.7:4660\n";
  g_autofree char *line = tls_client_receive(&c, sizeof expected - 1);
  g_assert_cmpstr(line, ==, expected);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
  pair_clear(&pair);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/net/proxy/version-1", test_version_1);
  g_test_add_func("/net/proxy/version-2", test_version_2);
  g_test_add_func("/net/proxy/bad-headers-are-refused", test_bad);
  g_test_add_func("/net/proxy/other-bytes-are-none", test_none);
  g_test_add_func("/net/proxy/caller-takes-the-place-of-its-proxy", test_believed);
  g_test_add_func("/net/proxy/header-may-come-byte-by-byte", test_in_bytes);
  g_test_add_func("/net/proxy/header-may-be-missing", test_without_a_header);
  g_test_add_func("/net/proxy/only-proxies-are-believed", test_not_believed);
  g_test_add_func("/net/proxy/what-breaks-the-rules-is-closed", test_refused);
  g_test_add_func("/net/proxy/limits-are-of-the-callers", test_limits);
  g_test_add_func("/net/proxy/stands-before-tls", test_before_tls);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
