#include "peer.h"

#include "loop/lane.h"
#include "net/private.h"
#include "util/log.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void
assert_turned_away(int fd)
{
  gsize size;
  gboolean is_reset;
  g_free(mg_client_receive_all(fd, &size, &is_reset));
  g_assert_cmpuint(size, ==, 0);
  close(fd);
}

static guint64
refused(Server *s)
{
  MgListenerStats stats;
  mg_listener_stats(s->listener, &stats);
  return stats.refused;
}

static void
test_max_connections(void)
{
  MgListenOptions options = { .size = sizeof options, .max_connections = 2 };
  Server s = { 0 };
  server_start(&s, &options);
  int a = mg_client_connect(s.port), b = mg_client_connect(s.port);
  server_wait_accepted(&s, 2);
  assert_turned_away(mg_client_connect(s.port));
  g_assert_cmpuint(refused(&s), ==, 1);
  close(a);
  server_wait_closed(&s, 1);
  int c = mg_client_connect(s.port);
  server_wait_accepted(&s, 3);
  close(b);
  close(c);
  server_stop(&s);
}

static void
test_max_per_address(void)
{
  MgListenOptions options = { .size = sizeof options, .max_per_address = 1 };
  Server s = { 0 };
  server_start(&s, &options);
  int a = mg_client_connect_from("127.0.0.2", s.port);
  server_wait_accepted(&s, 1);
  assert_turned_away(mg_client_connect_from("127.0.0.2", s.port));
  int b = mg_client_connect_from("127.0.0.3", s.port);
  server_wait_accepted(&s, 2);
  close(a);
  server_wait_closed(&s, 1);
  int c = mg_client_connect_from("127.0.0.2", s.port);
  server_wait_accepted(&s, 3);
  close(b);
  close(c);
  server_stop(&s);
}

static char *
read_log(int fd)
{
  char text[4096] = "";
  g_assert_cmpint(pread(fd, text, sizeof text - 1, 0), >=, 0);
  return g_strdup(text);
}

/* Who is turned away names the limit for the operator; who comes right behind it is only counted. */
static void
test_turning_away_is_said_once(void)
{
  MgListenOptions options = { .size = sizeof options, .max_per_address = 1 };
  Server s = { 0 };
  int log = memfd_create("log", MFD_CLOEXEC);
  mg_log_set_fd(log);
  server_start(&s, &options);
  int a = mg_client_connect_from("127.0.0.2", s.port);
  server_wait_accepted(&s, 1);
  assert_turned_away(mg_client_connect_from("127.0.0.2", s.port));
  assert_turned_away(mg_client_connect_from("127.0.0.2", s.port));
  close(a);
  server_stop(&s);
  mg_log_set_fd(STDERR_FILENO);
  g_autofree char *text = read_log(log);
  g_auto(GStrv) lines = g_strsplit(text, "max-per-address", -1);
  g_assert_cmpuint(g_strv_length(lines), ==, 2);
  g_assert_nonnull(strstr(lines[0], "127.0.0.2:"));
  close(log);
}

static gboolean
refuse(Peer *peer)
{
  mg_connection_write(peer->connection, "never seen", 10);
  return FALSE;
}

static void
test_refusal(void)
{
  Server s = { .accepted = refuse };
  server_start(&s, NULL);
  assert_turned_away(mg_client_connect(s.port));
  server_stop(&s);
  g_assert_cmpuint(s.n_closed, ==, 0);
}

static void
assert_url_host(const char *address, const char *host)
{
  static const MgConnectionEvents none = { .size = sizeof none };
  g_autoptr(GError) error = NULL;
  MgListener *listener = mg_listener_new(address, &none, NULL, NULL, &error);
  g_assert_no_error(error);
  g_autofree char *expected = g_strdup_printf("%s:%u", host, mg_listener_port(listener));
  g_autofree char *shown = mg_listener_url_host(listener);
  g_assert_cmpstr(shown, ==, expected);
  mg_listener_close(listener, NULL, NULL);
}

static void
test_url_host(void)
{
  assert_url_host("0.0.0.0:0", "localhost");
  assert_url_host("[::]:0", "localhost");
  assert_url_host("127.0.0.1:0", "127.0.0.1");
  assert_url_host("[::1]:0", "[::1]");
}

static void
test_address_in_use(void)
{
  static const MgConnectionEvents none = { .size = sizeof none };
  Server s = { 0 };
  server_start(&s, NULL);
  g_autofree char *address = g_strdup_printf("127.0.0.1:%u", s.port);
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_listener_new(address, &none, NULL, NULL, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
  g_assert_nonnull(strstr(error->message, address));
  server_stop(&s);
}

static void
test_bad_address(void)
{
  static const MgConnectionEvents none = { .size = sizeof none };
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_listener_new("example.org:80", &none, NULL, NULL, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_clear_error(&error);
  g_assert_null(mg_listener_new("192.0.2.1:8080", &none, NULL, NULL, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_FAILED);
}

static void
test_close_frees_the_port(void)
{
  Server s = { 0 };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  server_wait_accepted(&s, 1);
  g_autofree char *address = g_strdup_printf("127.0.0.1:%u", s.port);
  server_stop(&s);
  g_assert_cmpuint(s.n_closed, ==, 1);
  static const MgConnectionEvents none = { .size = sizeof none };
  g_autoptr(GError) error = NULL;
  MgListener *again = mg_listener_new(address, &none, NULL, NULL, &error);
  g_assert_no_error(error);
  mg_listener_close(again, NULL, NULL);
  close(fd);
}

static void
write_options(Peer *peer, const guint8 *bytes, gsize size)
{
  int no_delay = 0;
  guint timeout_ms = 0;
  int fd = peer->connection->fd;
  getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, &(socklen_t){ sizeof no_delay });
  getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, &(socklen_t){ sizeof timeout_ms });
  g_autofree char *text = g_strdup_printf("%d %u %d\n", no_delay != 0, timeout_ms,
                                          fcntl(fd, F_GETFL) & O_NONBLOCK ? 1 : 0);
  mg_connection_write(peer->connection, text, strlen(text));
}

static void
test_socket_options(void)
{
  MgListenOptions options = { .size = sizeof options, .user_timeout_ms = 12345, .quick_ack = TRUE };
  Server s = { .received = write_options };
  server_start(&s, &options);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  g_autofree char *text = mg_client_receive_until(fd, "\n");
  g_assert_cmpstr(text, ==, "1 12345 1\n");
  close(fd);
  server_stop(&s);
}

/* Segments that FD got without data: pure acknowledgements, and the one that opened the connection. */
static guint
bare_segments(int fd)
{
  struct tcp_info info = { 0 };
  g_assert_cmpint(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &(socklen_t){ sizeof info }), ==, 0);
  return info.tcpi_segs_in - info.tcpi_data_segs_in;
}

static void
test_answer_carries_acknowledgement(void)
{
  enum { N = 16 };
  MgListenOptions options = { .size = sizeof options, .quick_ack = TRUE };
  Server s = { .received = write_options };
  server_start(&s, &options);
  int fd = mg_client_connect(s.port);
  for (guint i = 0; i < N; i++) {
    mg_client_send_text(fd, "x");
    g_free(mg_client_receive_until(fd, "\n"));
  }
  g_assert_cmpuint(bare_segments(fd), <=, N / 2);
  close(fd);
  server_stop(&s);
}

static void
test_balance(void)
{
  enum { N = 64 };
  Server s = { 0 };
  server_start(&s, NULL);
  int fds[N];
  for (guint i = 0; i < N; i++)
    fds[i] = mg_client_connect(s.port);
  server_wait_accepted(&s, N);
  for (guint i = 0; i < s.listener->n_acceptors; i++)
    g_assert_cmpint(g_atomic_int_get(&s.listener->acceptors[i].n_connections), >=, N / 4);
  for (guint i = 0; i < N; i++)
    close(fds[i]);
  server_stop(&s);
}

static void
echo(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, bytes, size);
}

static void
test_stats(void)
{
  Server s = { .received = echo };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "hello");
  g_free(mg_client_receive(fd, 5));
  server_wait_drained(&s, 1);
  MgListenerStats stats;
  mg_listener_stats(s.listener, &stats);
  g_assert_cmpuint(stats.connections, ==, 1);
  g_assert_cmpuint(stats.accepted, ==, 1);
  g_assert_cmpuint(stats.received_bytes, ==, 5);
  g_assert_cmpuint(stats.sent_bytes, ==, 5);
  close(fd);
  server_stop(&s);
}

static gboolean
has_refused(gpointer data)
{
  return refused(data) > 0;
}

/* The lowest number that a new descriptor could get. */
static rlim_t
next_fd(void)
{
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(fd);
  return (rlim_t) fd;
}

/* Whether a new connection is served; one that comes too early is turned away. */
static gboolean
is_served(gpointer data)
{
  Server *s = data;
  char back[5];
  int fd = mg_client_connect(s->port);
  gboolean is_echoed = send(fd, "hello", 5, MSG_NOSIGNAL) == 5 &&
                       recv(fd, back, 5, MSG_WAITALL) == 5 && memcmp(back, "hello", 5) == 0;
  close(fd);
  return is_echoed;
}

static void
test_out_of_descriptors(void)
{
  Server s = { .received = echo };
  server_start(&s, NULL);
  int one = mg_client_socket();
  struct rlimit before, low;
  getrlimit(RLIMIT_NOFILE, &before);
  low = (struct rlimit){ next_fd(), before.rlim_max };
  setrlimit(RLIMIT_NOFILE, &low);
  mg_client_connect_socket(one, s.port);
  assert_turned_away(one);
  setrlimit(RLIMIT_NOFILE, &before);
  g_assert_true(mg_client_wait(has_refused, &s));
  g_assert_true(mg_client_wait(is_served, &s));
  server_stop(&s);
}

static gpointer
echo_accepted(MgConnection *connection, gpointer data)
{
  return connection;
}

static void
echo_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  mg_connection_write(connection, bytes, size);
}

static void
echo_closed(MgConnection *connection, const char *reason, gpointer data)
{
}

static void
test_ipv6(void)
{
  static const MgConnectionEvents events = { .size = sizeof events,
                                             .accepted = echo_accepted,
                                             .received = echo_received,
                                             .closed = echo_closed };
  g_autoptr(GError) error = NULL;
  MgListener *listener = mg_listener_new("[::]:0", &events, NULL, NULL, &error);
  if (listener == NULL) {
    g_test_skip(error->message);
    return;
  }
  int fd = mg_client_connect(mg_listener_port(listener));
  mg_client_send_text(fd, "both");
  g_autofree char *back = mg_client_receive(fd, 4);
  g_assert_cmpstr(back, ==, "both");
  close(fd);
  mg_listener_close(listener, NULL, NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/net/listener/turns-away-beyond-max-connections", test_max_connections);
  g_test_add_func("/net/listener/turns-away-beyond-max-per-address", test_max_per_address);
  g_test_add_func("/net/listener/turning-away-is-said-once", test_turning_away_is_said_once);
  g_test_add_func("/net/listener/refused-connection-never-closes-twice", test_refusal);
  g_test_add_func("/net/listener/url-shows-localhost-for-all-addresses", test_url_host);
  g_test_add_func("/net/listener/address-in-use-is-named", test_address_in_use);
  g_test_add_func("/net/listener/bad-address-is-an-error", test_bad_address);
  g_test_add_func("/net/listener/close-ends-connections-and-frees-the-port",
                  test_close_frees_the_port);
  g_test_add_func("/net/listener/accepted-sockets-have-its-options", test_socket_options);
  g_test_add_func("/net/listener/answer-carries-acknowledgement",
                  test_answer_carries_acknowledgement);
  g_test_add_func("/net/listener/lanes-share-the-connections", test_balance);
  g_test_add_func("/net/listener/counts-bytes", test_stats);
  g_test_add_func("/net/listener/out-of-descriptors-turns-away-and-recovers",
                  test_out_of_descriptors);
  g_test_add_func("/net/listener/ipv6-any-serves-ipv4-too", test_ipv6);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
