/* Outgoing connections, against sockets of this process. */
#include "peer.h"
#include "tls-client.h"

#include "doubles/wait.h"
#include "loop/lane.h"
#include "net/resolve.h"

#include <mediagraph/connect.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A caller of one connection: what happened to it. The atomics are for the test's thread. */
typedef struct {
  MgConnect connect;
  MgConnection *connection;
  const char *says; /* when connected */
  gboolean aborts;  /* as soon as it is opened */
  MgTlsTrust *tls;
  gint is_connected, is_closed;
  GMutex lock;
  GString *input;
  char *reason, *peer;
} Caller;

static void
on_connected(MgConnection *connection, gpointer data)
{
  Caller *caller = data;
  g_assert_true(caller->connection == connection);
  caller->peer = g_strdup(mg_connection_peer(connection));
  if (caller->says != NULL)
    mg_connection_write(connection, caller->says, strlen(caller->says));
  g_atomic_int_set(&caller->is_connected, TRUE);
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  Caller *caller = data;
  g_mutex_lock(&caller->lock);
  g_string_append_len(caller->input, (const char *) bytes, (gssize) size);
  g_mutex_unlock(&caller->lock);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Caller *caller = data;
  g_assert_false(g_atomic_int_get(&caller->is_closed));
  caller->reason = g_strdup(reason);
  g_atomic_int_set(&caller->is_closed, TRUE);
}

static const MgConnectionEvents events = {
  .size = sizeof events,
  .received = on_received,
  .closed = on_closed,
};

static void
open_here(gpointer data)
{
  Caller *caller = data;
  caller->connection = mg_connection_open(&caller->connect);
  mg_connection_write(caller->connection, "too early", 9);
  if (caller->aborts)
    mg_connection_close(caller->connection, "changed its mind", MG_SECOND);
}

static void
caller_start(Caller *caller, const char *host, guint port, MgTime patience)
{
  caller->connect = (MgConnect){
    .size = sizeof(MgConnect),
    .host = host,
    .port = port,
    .events = &events,
    .connected = on_connected,
    .data = caller,
    .deadline = mg_now() + patience,
    .tls = caller->tls,
  };
  caller->input = g_string_new(NULL);
  g_mutex_init(&caller->lock);
  mg_lane_post(mg_lane_io(0), open_here, caller);
}

static void
caller_clear(Caller *caller)
{
  mg_wait_until(g_atomic_int_get(&caller->is_closed));
  g_string_free(caller->input, TRUE);
  g_mutex_clear(&caller->lock);
  g_free(caller->reason);
  g_free(caller->peer);
}

/* A socket that listens on ADDRESS, with as little room for who waits as there is. */
static int
listen_on(const char *address, guint *port)
{
  struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons((guint16) *port) };
  socklen_t size = sizeof name;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  inet_pton(AF_INET, address, &name.sin_addr);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
  g_assert_cmpint(bind(fd, (struct sockaddr *) &name, size), ==, 0);
  g_assert_cmpint(listen(fd, 0), ==, 0);
  getsockname(fd, (struct sockaddr *) &name, &size);
  *port = ntohs(name.sin_port);
  return fd;
}

static gboolean
has_input(Caller *caller, const char *text)
{
  g_mutex_lock(&caller->lock);
  gboolean has = g_str_equal(caller->input->str, text);
  g_mutex_unlock(&caller->lock);
  return has;
}

/* --- tests ------------------------------------------------------------------------------------- */

static void
test_numbers_are_connected_to(void)
{
  guint port = 0;
  int listening = listen_on("127.0.0.1", &port);
  Caller caller = { .says = "hello" };
  caller_start(&caller, "127.0.0.1", port, 10 * MG_SECOND);
  int fd = accept(listening, NULL, NULL);
  g_autofree char *heard = mg_client_receive(fd, 5);
  g_assert_cmpstr(heard, ==, "hello");
  mg_client_send_text(fd, "welcome");
  mg_wait_until(has_input(&caller, "welcome"));
  close(fd);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_autofree char *address = g_strdup_printf("127.0.0.1:%u", port);
  g_assert_cmpstr(caller.peer, ==, address);
  g_assert_cmpstr(caller.reason, ==, "closed by peer");
  caller_clear(&caller);
  close(listening);
}

static void
test_a_refusal_is_said(void)
{
  guint port = 0;
  close(listen_on("127.0.0.1", &port));
  Caller caller = { 0 };
  caller_start(&caller, "127.0.0.1", port, 10 * MG_SECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_autofree char *expected =
      g_strdup_printf("cannot connect to 127.0.0.1:%u: Connection refused", port);
  g_assert_cmpstr(caller.reason, ==, expected);
  g_assert_false(caller.is_connected);
  caller_clear(&caller);
}

static void
find_three(const char *host, guint port, GArray *addresses, char **why)
{
  static const char *const all[] = { "127.0.0.2", "127.0.0.3", "127.0.0.4" };
  g_assert_cmpstr(host, ==, "origin.test");
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autofree char *text = g_strdup_printf("%s:%u", all[i], port);
    MgAddress address;
    g_assert_true(mg_address_parse(text, &address, NULL));
    g_array_append_val(addresses, address);
  }
}

static void
test_addresses_are_tried_in_order(void)
{
  guint port = 0;
  int listening = listen_on("127.0.0.3", &port);
  Caller caller = { .says = "hello" };
  mg_resolve_use(find_three);
  caller_start(&caller, "origin.test", port, 10 * MG_SECOND);
  int fd = accept(listening, NULL, NULL);
  g_autofree char *heard = mg_client_receive(fd, 5);
  g_assert_cmpstr(heard, ==, "hello");
  g_autofree char *address = g_strdup_printf("127.0.0.3:%u", port);
  g_assert_cmpstr(caller.peer, ==, address);
  close(fd);
  caller_clear(&caller);
  close(listening);
}

static void
find_nothing(const char *host, guint port, GArray *addresses, char **why)
{
  *why = g_strdup("Name or service not known");
}

static void
test_a_name_nobody_knows_is_said(void)
{
  Caller caller = { 0 };
  mg_resolve_use(find_nothing);
  caller_start(&caller, "origin.test", 1935, 10 * MG_SECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_assert_cmpstr(caller.reason, ==,
                  "cannot connect to origin.test:1935: Name or service not known");
  caller_clear(&caller);
}

static gint may_answer;

static void
find_late(const char *host, guint port, GArray *addresses, char **why)
{
  while (!g_atomic_int_get(&may_answer))
    g_usleep(1000);
  find_three("origin.test", port, addresses, why);
}

/* And what it finds in the end is nobody's business any more. */
static void
test_a_resolver_that_hangs_holds_nobody(void)
{
  Caller caller = { 0 }, other = { .aborts = TRUE };
  g_atomic_int_set(&may_answer, FALSE);
  mg_resolve_use(find_late);
  caller_start(&caller, "origin.test", 1935, 20 * MG_MILLISECOND);
  caller_start(&other, "origin.test", 1935, 60 * MG_SECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed) && g_atomic_int_get(&other.is_closed));
  g_assert_cmpstr(caller.reason, ==,
                  "cannot connect to origin.test:1935: its name could not be resolved in time");
  g_assert_cmpstr(other.reason, ==, "changed its mind");
  g_atomic_int_set(&may_answer, TRUE);
  caller_clear(&caller);
  caller_clear(&other);
}

/* A full queue of a listening socket drops what knocks: there is no answer at all. */
static void
test_the_deadline_holds_for_peers_that_are_silent(void)
{
  guint port = 0;
  int listening = listen_on("127.0.0.1", &port);
  int first = mg_client_connect(port);
  Caller caller = { 0 };
  caller_start(&caller, "127.0.0.1", port, 50 * MG_MILLISECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_autofree char *expected =
      g_strdup_printf("cannot connect to 127.0.0.1:%u: no answer in time", port);
  g_assert_cmpstr(caller.reason, ==, expected);
  caller_clear(&caller);
  close(first);
  close(listening);
}

/* --- TLS --------------------------------------------------------------------------------------- */

static Pair pair;

static void
welcome(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, "welcome", 7);
}

/* A server with a certificate for localhost, signed by itself. */
static void
start_server(Server *s)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgTlsContext) tls = mg_tls_context_new(pair.certificate, pair.key, &error);
  g_assert_no_error(error);
  MgListenOptions options = { .size = sizeof options, .tls = tls };
  server_start(s, &options);
}

static void
assert_welcome(const char *host, MgTlsTrust *trust)
{
  Server s = { .received = welcome };
  Caller caller = { .says = "hello", .tls = trust };
  start_server(&s);
  caller_start(&caller, host, s.port, 60 * MG_SECOND);
  server_wait_input(&s, "hello");
  mg_wait_until(has_input(&caller, "welcome"));
  g_assert_true(g_atomic_int_get(&caller.is_connected));
  server_stop(&s);
  caller_clear(&caller);
}

static void
assert_distrust(const char *host, MgTlsTrust *trust, const char *reason)
{
  Server s = { .received = welcome };
  Caller caller = { .says = "hello", .tls = trust };
  start_server(&s);
  caller_start(&caller, host, s.port, 60 * MG_SECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_assert_cmpstr(caller.reason, ==, reason);
  g_assert_false(g_atomic_int_get(&caller.is_connected));
  caller_clear(&caller);
  server_stop(&s);
}

static void
test_a_server_that_is_vouched_for_is_believed(void)
{
  g_autoptr(MgTlsTrust) trust = mg_tls_trust_new(pair.certificate, NULL);
  assert_welcome("localhost", trust);
}

static void
test_other_servers_are_not(void)
{
  g_autoptr(MgTlsTrust) ours = mg_tls_trust_new(pair.certificate, NULL);
  g_autoptr(MgTlsTrust) systems = mg_tls_trust_new(NULL, NULL);
  assert_distrust("127.0.0.1", ours,
                  "TLS: the server's certificate is not accepted: IP address mismatch");
  assert_distrust("localhost", systems,
                  "TLS: the server's certificate is not accepted: self-signed certificate");
}

static void
test_everybody_is_believed_when_asked_for(void)
{
  g_autoptr(MgTlsTrust) trust = mg_tls_trust_new_any(NULL);
  assert_welcome("127.0.0.1", trust);
}

static void
test_the_deadline_holds_for_the_handshake(void)
{
  guint port = 0;
  int listening = listen_on("127.0.0.1", &port);
  g_autoptr(MgTlsTrust) trust = mg_tls_trust_new_any(NULL);
  Caller caller = { .tls = trust };
  caller_start(&caller, "127.0.0.1", port, 50 * MG_MILLISECOND);
  mg_wait_until(g_atomic_int_get(&caller.is_closed));
  g_autofree char *expected =
      g_strdup_printf("cannot connect to 127.0.0.1:%u: no answer to TLS in time", port);
  g_assert_cmpstr(caller.reason, ==, expected);
  caller_clear(&caller);
  close(listening);
}

static void
test_a_file_without_authorities_is_refused(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_tls_trust_new(pair.key, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_nonnull(strstr(error->message, pair.key));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(1);
  g_test_add_func("/net/dial/numbers-are-connected-to", test_numbers_are_connected_to);
  g_test_add_func("/net/dial/a-refusal-is-said", test_a_refusal_is_said);
  g_test_add_func("/net/dial/addresses-are-tried-in-order", test_addresses_are_tried_in_order);
  g_test_add_func("/net/dial/a-name-nobody-knows-is-said", test_a_name_nobody_knows_is_said);
  g_test_add_func("/net/dial/a-resolver-that-hangs-holds-nobody",
                  test_a_resolver_that_hangs_holds_nobody);
  g_test_add_func("/net/dial/the-deadline-holds-for-peers-that-are-silent",
                  test_the_deadline_holds_for_peers_that_are_silent);
  g_test_add_func("/net/dial/tls/a-server-that-is-vouched-for-is-believed",
                  test_a_server_that_is_vouched_for_is_believed);
  g_test_add_func("/net/dial/tls/other-servers-are-not", test_other_servers_are_not);
  g_test_add_func("/net/dial/tls/everybody-is-believed-when-asked-for",
                  test_everybody_is_believed_when_asked_for);
  g_test_add_func("/net/dial/tls/the-deadline-holds-for-the-handshake",
                  test_the_deadline_holds_for_the_handshake);
  g_test_add_func("/net/dial/tls/a-file-without-authorities-is-refused",
                  test_a_file_without_authorities_is_refused);
  pair_init(&pair, 1);
  int result = g_test_run();
  pair_clear(&pair);
  mg_lanes_stop();
  return result;
}
