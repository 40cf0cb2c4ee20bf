/* The node: its properties, its service, its limits; by a clock of the harness's own. */
#include "doubles/client.h"
#include "http/node.h"

#include <mediagraph/harness.h>
#include <mediagraph/http.h>

#include <string.h>
#include <unistd.h>

static MgHarness *
open_node(const char *attributes)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *all = g_strdup_printf("listen='127.0.0.1:0' %s", attributes);
  MgHarness *h = mg_harness_new(&mg_http_class, all, &error);
  g_assert_no_error(error);
  return h;
}

static const MgHttpInterface *
find_service(MgHarness *h, MgHttp **http)
{
  g_autoptr(GError) error = NULL;
  gpointer impl;
  const MgHttpInterface *table =
      mg_service_find(mg_harness_node(h), MG_HTTP_SERVICE, &impl, &error);
  g_assert_no_error(error);
  *http = impl;
  return table;
}

static int
connect_to(MgHarness *h)
{
  MgHttp *http;
  const char *colon = strrchr(find_service(h, &http)->base_url(http), ':');
  return mg_client_connect((guint) g_ascii_strtoull(colon + 1, NULL, 10));
}

/* Lets the node work until FD has something to read. */
static void
run_until_input(MgHarness *h, int fd)
{
  for (guint i = 0; i < 1000 && !mg_client_has_input(fd, 1); i++)
    mg_harness_run(h);
}

static char *
ask(MgHarness *h, int fd, const char *request)
{
  mg_client_send_text(fd, request);
  run_until_input(h, fd);
  return mg_client_receive_until(fd, "\r\n\r\n");
}

static void
test_serves(void)
{
  MgHarness *h = open_node("cors='https://a.example'");
  int fd = connect_to(h);
  g_autofree char *head = ask(h, fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 200 OK\r\n"));
  g_assert_nonnull(strstr(head, "\r\nAccess-Control-Allow-Origin: https://a.example\r\n"));
  g_assert_cmpuint(mg_harness_counter(h, "requests"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(h, "errors"), ==, 0);
  mg_harness_advance(h, 2 * MG_SECOND);
  g_assert_cmpuint(mg_harness_counter(h, "connections"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(h, "sent-bytes"), >, strlen(head));
  close(fd);
  mg_harness_free(h);
}

static void
test_slow_request(void)
{
  MgHarness *h = open_node("header-timeout='10s'");
  int fd = connect_to(h);
  mg_client_send_text(fd, "GET /healthz HTTP/1.1\r\n");
  for (guint i = 0; i < 9; i++) {
    mg_harness_run(h);
    mg_client_send_text(fd, "X: y\r\n");
    mg_harness_advance(h, MG_SECOND);
  }
  g_assert_false(mg_client_has_input(fd, 0));
  mg_harness_advance(h, 2 * MG_SECOND);
  run_until_input(h, fd);
  g_autofree char *head = mg_client_receive_until(fd, "\r\n\r\n");
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 408 "));
  g_assert_cmpuint(mg_harness_counter(h, "slow-peers"), ==, 1);
  close(fd);
  mg_harness_free(h);
}

static void
test_opens_again(void)
{
  MgHarness *h = open_node("");
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_harness_reopen(h, &error));
  g_assert_no_error(error);
  int fd = connect_to(h);
  g_autofree char *head = ask(h, fd, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 200 OK\r\n"));
  close(fd);
  mg_harness_free(h);
}

static void
assert_refused(const char *attributes, const char *word)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_new(&mg_http_class, attributes, &error));
  g_assert_nonnull(error);
  g_assert_nonnull(strstr(error->message, word));
}

static void
test_origins(void)
{
  mg_harness_free(open_node("cors=''"));
  mg_harness_free(open_node("cors='*'"));
  mg_harness_free(open_node("cors='http://[::1]:8080'"));
  mg_harness_free(open_node("cors='capacitor://localhost'"));
}

static void
test_refuses(void)
{
  assert_refused("listen='127.0.0.1:0' cors='a b'", "cors");
  assert_refused("listen='127.0.0.1:0' cors='example.org'", "cors");
  assert_refused("listen='127.0.0.1:0' cors='https://example.org/'", "cors");
  assert_refused("listen='127.0.0.1:0' cors='https://'", "cors");
  assert_refused("listen='127.0.0.1:0' cors='https://a.example https://b.example'", "cors");
  assert_refused("listen='127.0.0.1:0' url='http://\xc3\xa9'", "url");
  assert_refused("listen='127.0.0.1:0' url='localhost:80'", "url");
  assert_refused("listen='127.0.0.1:0' url='https:///x'", "url");
  assert_refused("listen='127.0.0.1:0' url='http://a/?b'", "url");
  assert_refused("tls-listen='127.0.0.1:0'", "tls-certificate");
  assert_refused("tls-certificate='/dev/null'", "tls-listen");
  assert_refused("tls-key='/dev/null'", "tls-certificate");
  assert_refused("tls-listen='127.0.0.1:0' tls-certificate='/dev/null'", "/dev/null");
  assert_refused("listen='127.0.0.1:0' proxies='10.0.0.0/8 example.org'", "example.org");
  assert_refused("listen='192.0.2.1:8080'", "192.0.2.1:8080");
  assert_refused("listen='127.0.0.1:0' max-connections='0'", "max-connections");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/node/serves-what-it-is-asked-for", test_serves);
  g_test_add_func("/http/node/slow-request-is-408-ten-seconds-after-its-first-byte",
                  test_slow_request);
  g_test_add_func("/http/node/closes-and-opens-again", test_opens_again);
  g_test_add_func("/http/node/refuses-bad-values", test_refuses);
  g_test_add_func("/http/node/origins-have-a-scheme", test_origins);
  return g_test_run();
}
