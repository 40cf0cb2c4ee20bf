#include "peer.h"
#include "tls-client.h"

#include "loop/lane.h"
#include "net/private.h"

#include <malloc.h>
#include <openssl/err.h>
#include <string.h>
#include <unistd.h>

enum { LARGE = 6 << 20, RECORD = 16 << 10 };

static Pair pair;

/* A server with TLS, which is optional when IS_OPTIONAL. */
static void
start(Server *s, gboolean is_optional)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgTlsContext) tls = mg_tls_context_new(pair.certificate, pair.key, &error);
  g_assert_no_error(error);
  MgListenOptions options = {
    .size = sizeof options,
    .tls = tls,
    .tls_is_optional = is_optional,
  };
  server_start(s, &options);
}

static void
echo(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, bytes, size);
}

static void
assert_echo(TlsClient *c, const char *text)
{
  tls_client_send_text(c, text);
  g_autofree char *back = tls_client_receive(c, strlen(text));
  g_assert_cmpstr(back, ==, text);
}

static void
test_echo(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  assert_echo(&c, "hello");
  assert_echo(&c, "world");
  g_assert_cmpstr(SSL_get_version(c.ssl), ==, "TLSv1.3");
  tls_client_end(&c);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "closed by peer");
  tls_client_clear(&c);
  server_stop(&s);
}

static void
say_whether_secure(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, mg_connection_is_secure(peer->connection) ? "yes" : "no ",
                      3);
}

static void
test_both_on_one_port(void)
{
  Server s = { .received = say_whether_secure };
  TlsClient c;
  start(&s, TRUE);
  tls_client_init(&c, s.port);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  tls_client_send_text(&c, "x");
  g_autofree char *plain = mg_client_receive(fd, 3), *secure = tls_client_receive(&c, 3);
  g_assert_cmpstr(plain, ==, "no ");
  g_assert_cmpstr(secure, ==, "yes");
  close(fd);
  tls_client_clear(&c);
  server_wait_closed(&s, 2);
  server_stop(&s);
}

static void
say_protocol(Peer *peer, const guint8 *bytes, gsize size)
{
  gboolean is_h2 = mg_connection_speaks(peer->connection, "h2");
  gboolean is_h1 = mg_connection_speaks(peer->connection, "http/1.1");
  mg_connection_write(peer->connection, is_h2 ? "2" : is_h1 ? "1" : "-", 1);
}

static void
assert_speaks(guint port, const char *protocols, const char *answer)
{
  TlsClient c;
  tls_client_init(&c, port);
  SSL_set_alpn_protos(c.ssl, (const guint8 *) protocols, (guint) strlen(protocols));
  tls_client_send_text(&c, "x");
  g_autofree char *said = tls_client_receive(&c, 1);
  g_assert_cmpstr(said, ==, answer);
  tls_client_clear(&c);
}

static void
test_protocol(void)
{
  Server s = { .received = say_protocol };
  g_autoptr(MgTlsContext) tls = mg_tls_context_new(pair.certificate, pair.key, NULL);
  MgListenOptions options = { .size = sizeof options, .tls = tls };
  mg_tls_context_offer(tls, "h2 http/1.1");
  server_start(&s, &options);
  assert_speaks(s.port, "\x02h2\x08http/1.1", "2");
  assert_speaks(s.port, "\x08http/1.1", "1");
  assert_speaks(s.port, "", "-");
  server_wait_closed(&s, 3);
  server_stop(&s);
}

/* Sends what the client has to say byte by byte, and lets it read what comes, until the handshake is over. */
static void
shake_hands_in_bytes(TlsClient *c, BIO *from_client, BIO *to_client)
{
  char byte, block[4096];
  while (!SSL_is_init_finished(c->ssl)) {
    SSL_do_handshake(c->ssl);
    while (BIO_read(from_client, &byte, 1) == 1)
      mg_client_send(c->fd, &byte, 1);
    if (SSL_is_init_finished(c->ssl))
      return;
    gssize n = read(c->fd, block, sizeof block);
    g_assert_cmpint(n, >, 0);
    BIO_write(to_client, block, (int) n);
  }
}

static void
test_handshake_in_bytes(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, TRUE);
  tls_client_init(&c, s.port);
  BIO *out = BIO_new(BIO_s_mem()), *in = BIO_new(BIO_s_mem());
  SSL_set_bio(c.ssl, in, out);
  shake_hands_in_bytes(&c, out, in);
  SSL_set_fd(c.ssl, c.fd);
  assert_echo(&c, "still here");
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

/* As a library might whose calls fail, and that does not mind. */
static void
echo_and_leave_error(Peer *peer, const guint8 *bytes, gsize size)
{
  ERR_raise(ERR_LIB_NONE, ERR_R_INTERNAL_ERROR);
  echo(peer, bytes, size);
}

/* A record that has not come whole makes the server ask for the last error. */
static void
test_others_errors(void)
{
  Server s = { .received = echo_and_leave_error };
  TlsClient c;
  char byte;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  assert_echo(&c, "hello");
  BIO *out = BIO_new(BIO_s_mem());
  SSL_set0_wbio(c.ssl, out);
  g_assert_cmpint(SSL_write(c.ssl, "world", 5), ==, 5);
  while (BIO_read(out, &byte, 1) == 1)
    mg_client_send(c.fd, &byte, 1);
  g_autofree char *back = tls_client_receive(&c, 5);
  g_assert_cmpstr(back, ==, "world");
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static MgData *
large_data(void)
{
  MgData *data = mg_data_new(LARGE);
  for (gsize i = 0; i < LARGE; i++)
    data->bytes[i] = (guint8) (i * 31 >> 3);
  return data;
}

static void
assert_large(const char *bytes, gsize size)
{
  g_autoptr(MgData) expected = large_data();
  g_assert_cmpuint(size, ==, LARGE);
  g_assert_cmpint(memcmp(bytes, expected->bytes, LARGE), ==, 0);
}

/* In slices that are no divisors of a record. */
static void
write_large(Peer *peer, const guint8 *bytes, gsize size)
{
  enum { SLICE = 1000 };
  g_autoptr(MgData) data = large_data();
  for (gsize at = 0; at < LARGE; at += SLICE)
    mg_connection_write_data(peer->connection, mg_data_ref(data), at, MIN(SLICE, LARGE - at));
}

static void
test_large_write(void)
{
  Server s = { .received = write_large };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  tls_client_shake_hands(&c);
  guint before = c.n_records;
  tls_client_send_text(&c, "x");
  g_autofree char *bytes = tls_client_receive(&c, LARGE);
  assert_large(bytes, LARGE);
  server_wait_drained(&s, 1);
  g_assert_cmpuint(s.n_drained, ==, 1);
  /* A hundred peeks of 64 slices each end in a record that is not full, and there are session tickets. */
  g_assert_cmpuint(c.n_records - before, <=, LARGE / RECORD + 100 + 2);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
test_half_closed_peer_gets_its_answer(void)
{
  Server s = { .received = write_large };
  TlsClient c;
  gsize size;
  int error;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  tls_client_send_text(&c, "x");
  g_assert_cmpint(SSL_shutdown(c.ssl), >=, 0); /* and no FIN */
  g_autofree char *bytes = tls_client_receive_all(&c, &size, &error);
  assert_large(bytes, size);
  g_assert_cmpint(error, ==, SSL_ERROR_ZERO_RETURN);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "closed by peer");
  tls_client_clear(&c);
  server_stop(&s);
}

static void
write_large_and_close(Peer *peer, const guint8 *bytes, gsize size)
{
  write_large(peer, bytes, size);
  mg_connection_close(peer->connection, "that was all", 10 * MG_SECOND);
}

static void
test_close_ends_with_a_goodbye(void)
{
  Server s = { .received = write_large_and_close };
  TlsClient c;
  gsize size;
  int error;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  tls_client_send_text(&c, "x");
  g_autofree char *bytes = tls_client_receive_all(&c, &size, &error);
  assert_large(bytes, size);
  g_assert_cmpint(error, ==, SSL_ERROR_ZERO_RETURN);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "that was all");
  server_stop(&s);
}

static void
write_large_and_abort(Peer *peer, const guint8 *bytes, gsize size)
{
  write_large(peer, bytes, size);
  mg_connection_abort(peer->connection, "enough");
}

static void
test_abort_looks_cut(void)
{
  Server s = { .received = write_large_and_abort };
  TlsClient c;
  int error;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  tls_client_send_text(&c, "x");
  g_free(tls_client_receive_all(&c, NULL, &error));
  g_assert_cmpint(error, !=, SSL_ERROR_ZERO_RETURN);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
test_cut_peer_is_told_apart(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  assert_echo(&c, "hello");
  mg_client_end(c.fd);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "closed by peer, without TLS's close_notify");
  tls_client_clear(&c);
  server_stop(&s);
}

static void
assert_closed_by_server(int fd)
{
  gboolean is_reset;
  g_free(mg_client_receive_all(fd, NULL, &is_reset));
  close(fd);
}

static void
test_what_is_no_tls(void)
{
  Server s = { .received = echo };
  start(&s, FALSE);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "GET / HTTP/1.1\r\n\r\n");
  assert_closed_by_server(fd);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "TLS: http request");
  fd = mg_client_connect(s.port);
  mg_client_send(fd, "\x16\x03\x01\xff\xff", 5); /* a record of more than there may be */
  assert_closed_by_server(fd);
  server_wait_closed(&s, 2);
  g_assert_true(g_str_has_prefix(s.reason, "TLS: "));
  g_assert_cmpuint(s.input->len, ==, 0);
  server_stop(&s);
}

static void
test_old_versions(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  SSL_set_security_level(c.ssl, 0);
  SSL_set_min_proto_version(c.ssl, TLS1_VERSION);
  SSL_set_max_proto_version(c.ssl, TLS1_1_VERSION);
  g_assert_false(tls_client_can_shake_hands(&c));
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "TLS: unsupported protocol");
  server_stop(&s);
}

static void
test_no_renegotiation(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  SSL_set_max_proto_version(c.ssl, TLS1_2_VERSION);
  assert_echo(&c, "hello");
  g_assert_cmpstr(SSL_get_version(c.ssl), ==, "TLSv1.2");
  SSL_renegotiate(c.ssl);
  ERR_clear_error();
  g_assert_cmpint(SSL_do_handshake(c.ssl), !=, 1);
  g_assert_cmpint(ERR_GET_REASON(ERR_peek_error()), ==, SSL_R_NO_RENEGOTIATION);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static SSL_SESSION *kept;

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
  SSL_SESSION_free(kept);
  kept = session;
  return 1;
}

/* Whether the second of two connections goes on in the session of the first. */
static void
assert_resumes(guint port, int version)
{
  TlsClient first, second;
  tls_client_init(&first, port);
  SSL_CTX_set_session_cache_mode(first.context, SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(first.context, keep_session);
  SSL_set_max_proto_version(first.ssl, version);
  assert_echo(&first, "hello");
  g_assert_false(SSL_session_reused(first.ssl));
  g_assert_nonnull(kept);
  tls_client_init(&second, port);
  SSL_set_max_proto_version(second.ssl, version);
  SSL_set_session(second.ssl, kept);
  assert_echo(&second, "again");
  g_assert_true(SSL_session_reused(second.ssl));
  g_clear_pointer(&kept, SSL_SESSION_free);
  tls_client_clear(&first);
  tls_client_clear(&second);
}

static void
test_tickets(void)
{
  Server s = { .received = echo };
  start(&s, FALSE);
  assert_resumes(s.port, TLS1_2_VERSION);
  assert_resumes(s.port, TLS1_3_VERSION);
  server_wait_closed(&s, 4);
  server_stop(&s);
}

static void
test_distrust_is_named(void)
{
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  SSL_set_verify(c.ssl, SSL_VERIFY_PEER, NULL);
  g_assert_false(tls_client_can_shake_hands(&c));
  server_wait_closed(&s, 1);
  g_assert_nonnull(strstr(s.reason, "the peer does not accept the certificate"));
  tls_client_clear(&c);
  server_stop(&s);
}

/* Each with a record of its own. */
static void
test_many_small_records(void)
{
  enum { N = 5000 };
  Server s = { .received = echo };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  g_autofree char *expected = g_malloc(N);
  for (guint i = 0; i < N; i++) {
    expected[i] = (char) ('a' + i % 26);
    tls_client_send(&c, expected + i, 1);
  }
  g_autofree char *back = tls_client_receive(&c, N);
  g_assert_cmpmem(back, N, expected, N);
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static MgLane *
other_lane(void)
{
  return mg_lane_io(mg_lane_current() == mg_lane_io(0) ? 1 : 0);
}

static void
do_nothing(gpointer data)
{
}

static void
echo_and_move(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, bytes, size);
  mg_connection_move(peer->connection, other_lane(), do_nothing);
}

static void
test_move(void)
{
  enum { N = 200 };
  Server s = { .received = echo_and_move };
  TlsClient c;
  start(&s, FALSE);
  tls_client_init(&c, s.port);
  g_autofree char *block = g_strnfill(RECORD + 100, 'x'); /* a record and a piece of another */
  for (guint i = 0; i < N; i++)
    tls_client_send(&c, block, RECORD + 100);
  for (guint i = 0; i < N; i++) {
    g_autofree char *back = tls_client_receive(&c, RECORD + 100);
    g_assert_cmpstr(back, ==, block);
  }
  tls_client_clear(&c);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static gsize
memory_in_use(void)
{
  struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

/* Of the server's side: the clients keep their sockets only. */
static void
test_idle_is_small(void)
{
  enum { N = 100, MOST_BYTES = 20 << 10 };
  Server s = { .received = echo };
  g_autofree TlsClient *clients = g_new(TlsClient, N);
  start(&s, FALSE);
  gsize before = memory_in_use();
  for (guint i = 0; i < N; i++) {
    tls_client_init(&clients[i], s.port);
    assert_echo(&clients[i], "hello");
    tls_client_forget(&clients[i]);
  }
  gsize each = (memory_in_use() - before) / N;
  g_test_message("%" G_GSIZE_FORMAT " bytes", each);
  for (guint i = 0; i < N; i++)
    tls_client_clear(&clients[i]);
  server_wait_closed(&s, N);
  server_stop(&s);
  g_assert_cmpuint(each, <, MOST_BYTES);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  pair_init(&pair, 1);
  g_test_add_func("/net/tls/echo-comes-back", test_echo);
  g_test_add_func("/net/tls/first-byte-tells-plain-and-tls-apart", test_both_on_one_port);
  g_test_add_func("/net/tls/protocol-that-was-agreed-on-is-told", test_protocol);
  g_test_add_func("/net/tls/handshake-comes-in-single-bytes", test_handshake_in_bytes);
  g_test_add_func("/net/tls/errors-that-others-left-do-not-count", test_others_errors);
  g_test_add_func("/net/tls/large-write-arrives-whole-in-full-records", test_large_write);
  g_test_add_func("/net/tls/half-closed-peer-gets-its-answer",
                  test_half_closed_peer_gets_its_answer);
  g_test_add_func("/net/tls/close-ends-with-a-goodbye", test_close_ends_with_a_goodbye);
  g_test_add_func("/net/tls/abort-looks-cut", test_abort_looks_cut);
  g_test_add_func("/net/tls/peer-that-is-cut-off-is-told-apart", test_cut_peer_is_told_apart);
  g_test_add_func("/net/tls/what-is-no-tls-is-closed", test_what_is_no_tls);
  g_test_add_func("/net/tls/old-versions-are-refused", test_old_versions);
  g_test_add_func("/net/tls/renegotiation-is-refused", test_no_renegotiation);
  g_test_add_func("/net/tls/tickets-save-handshakes", test_tickets);
  g_test_add_func("/net/tls/distrust-of-the-certificate-is-named", test_distrust_is_named);
  g_test_add_func("/net/tls/many-small-records-arrive", test_many_small_records);
  g_test_add_func("/net/tls/moves-between-lanes-without-losing-bytes", test_move);
  g_test_add_func("/net/tls/idle-one-is-small", test_idle_is_small);
  int failed = g_test_run();
  pair_clear(&pair);
  mg_lanes_stop();
  return failed;
}
