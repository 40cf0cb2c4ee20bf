#include "tls-client.h"

#include "loop/clock.h"
#include "loop/private.h"
#include "net/tls-context.h"

#include <mediagraph/log.h>

#include <glib/gstdio.h>
#include <string.h>

static MgTime now = 1000 * MG_SECOND;
static MgLane *lane;

static MgTime
fake_now(void)
{
  return now;
}

static void
run_all(void)
{
  do {
    mg_lane_enter(lane);
    mg_lane_run_manual(lane);
  } while (mg_pool_run_rest());
}

/* Time passes, second by second. */
static void
pass(guint seconds)
{
  run_all();
  for (guint i = 0; i < seconds; i++) {
    now += MG_SECOND;
    run_all();
  }
}

static MgTlsContext *
open_pair(const Pair *pair)
{
  g_autoptr(GError) error = NULL;
  MgTlsContext *context = mg_tls_context_new(pair->certificate, pair->key, &error);
  g_assert_no_error(error);
  return context;
}

static void
assert_serial_of(SSL *ssl, guint serial)
{
  const X509 *x = SSL_get_certificate(ssl);
  g_assert_cmpuint((guint) ASN1_INTEGER_get(X509_get0_serialNumber(x)), ==, serial);
}

/* Of the certificate that new connections get. */
static void
assert_serial(MgTlsContext *context, guint serial)
{
  SSL *ssl = mg_tls_context_make(context);
  assert_serial_of(ssl, serial);
  SSL_free(ssl);
}

static void
assert_refused(const char *certificate, const char *key, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_tls_context_new(certificate, key, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_autofree char *pattern = g_strdup_printf("*%s*", message);
  if (!g_pattern_match_simple(pattern, error->message))
    g_error("\"%s\" is not like \"%s\"", error->message, message);
  run_all();
}

static void
test_bad_files(void)
{
  Pair pair, other;
  pair_init(&pair, 1);
  pair_init(&other, 7);
  assert_refused("/nonexistent", NULL, "/nonexistent: No such file or directory");
  assert_refused(pair.key, NULL, "no certificate that can be used is in *key.pem");
  assert_refused(pair.certificate, NULL, "no private key that can be used is in *certificate.pem");
  assert_refused(pair.certificate, other.key, "the private key in *key.pem is not that of *");
  pair_write_locked_key(&pair);
  assert_refused(pair.certificate, pair.key, "no private key that can be used is in *key.pem");
  pair_clear(&other);
  pair_clear(&pair);
}

static void
test_key_in_the_same_file(void)
{
  Pair pair;
  pair_init(&pair, 3);
  pair_join(&pair);
  g_autoptr(MgTlsContext) context = mg_tls_context_new(pair.certificate, NULL, NULL);
  g_assert_nonnull(context);
  assert_serial(context, 3);
  pair_clear(&pair);
}

static void
test_new_pair(void)
{
  Pair pair;
  pair_init(&pair, 1);
  g_autoptr(MgTlsContext) context = open_pair(&pair);
  SSL *open = mg_tls_context_make(context);
  pass(5);
  pair_replace(&pair, 2);
  pass(1);
  assert_serial(context, 1); /* it may be being written still */
  pass(1);
  assert_serial(context, 2);
  assert_serial_of(open, 1);
  SSL_free(open);
  pair_clear(&pair);
}

static void
test_bad_pair(void)
{
  Pair pair;
  pair_init(&pair, 1);
  g_autoptr(MgTlsContext) context = open_pair(&pair);
  pair_replace_key(&pair);
  pass(5);
  assert_serial(context, 1);
  g_assert_cmpint(g_unlink(pair.certificate), ==, 0);
  pass(5);
  assert_serial(context, 1);
  pair_replace(&pair, 2);
  pass(5);
  assert_serial(context, 2);
  pair_clear(&pair);
}

/* Half of a new pair, which is all there is when the files are looked at first. */
static void
test_one_file_after_the_other(void)
{
  Pair pair, next;
  pair_init(&pair, 1);
  pair_init(&next, 2);
  g_autoptr(MgTlsContext) context = open_pair(&pair);
  g_assert_cmpint(g_rename(next.certificate, pair.certificate), ==, 0);
  pass(1);
  g_assert_cmpint(g_rename(next.key, pair.key), ==, 0);
  pass(1);
  assert_serial(context, 1);
  pass(1);
  assert_serial(context, 2);
  pair_clear(&next);
  pair_clear(&pair);
}

/* Shakes hands in memory with a client that names PROTOCOLS. Returned-owned: what was agreed on, or NULL. */
static char *
agree(MgTlsContext *context, const char *protocols)
{
  SSL_CTX *clients = SSL_CTX_new(TLS_client_method());
  SSL *client = SSL_new(clients), *server = mg_tls_context_make(context);
  BIO *ours, *theirs;
  const guint8 *name = NULL;
  guint size = 0;
  BIO_new_bio_pair(&ours, 0, &theirs, 0);
  SSL_set_bio(server, ours, ours);
  SSL_set_bio(client, theirs, theirs);
  SSL_set_connect_state(client);
  if (protocols != NULL)
    SSL_set_alpn_protos(client, (const guint8 *) protocols, (guint) strlen(protocols));
  for (guint i = 0; i < 4; i++) {
    SSL_do_handshake(client);
    SSL_do_handshake(server);
  }
  gboolean is_done = SSL_is_init_finished(client) && SSL_is_init_finished(server);
  SSL_get0_alpn_selected(server, &name, &size);
  char *agreed = is_done ? g_strndup(size > 0 ? (const char *) name : "", size) : NULL;
  SSL_free(client);
  SSL_free(server);
  SSL_CTX_free(clients);
  return agreed;
}

static void
assert_agrees(MgTlsContext *context, const char *protocols, const char *expected)
{
  g_autofree char *agreed = agree(context, protocols);
  g_assert_cmpstr(agreed, ==, expected);
}

static void
test_protocols(void)
{
  Pair pair;
  pair_init(&pair, 1);
  g_autoptr(MgTlsContext) context = open_pair(&pair);
  assert_agrees(context, "\x02h2", "");
  mg_tls_context_offer(context, "h2 http/1.1");
  assert_agrees(context, "\x08http/1.1\x02h2", "h2");
  assert_agrees(context, "\x08http/1.1", "http/1.1");
  assert_agrees(context,
                "\x03"
                "foo\x02h3",
                NULL);
  assert_agrees(context, NULL, "");
  pass(5);
  pair_replace(&pair, 2);
  pass(2);
  assert_serial(context, 2);
  assert_agrees(context, "\x08http/1.1\x02h2", "h2");
  pair_clear(&pair);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_clock_set(fake_now, NULL);
  lane = mg_lanes_start_manual();
  mg_lane_enter(lane);
  g_test_add_func("/net/tls-context/bad-files-are-named", test_bad_files);
  g_test_add_func("/net/tls-context/key-may-be-in-the-same-file", test_key_in_the_same_file);
  g_test_add_func("/net/tls-context/new-pair-is-for-new-connections", test_new_pair);
  g_test_add_func("/net/tls-context/bad-pair-is-not-used", test_bad_pair);
  g_test_add_func("/net/tls-context/waits-for-the-second-file", test_one_file_after_the_other);
  g_test_add_func("/net/tls-context/agrees-on-a-protocol-also-with-a-new-pair", test_protocols);
  int failed = g_test_run();
  run_all();
  mg_lane_enter(NULL);
  mg_lanes_stop();
  return failed;
}
