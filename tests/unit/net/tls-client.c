#include "tls-client.h"

#include "doubles/client.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <unistd.h>

/* --- certificates ------------------------------------------------------------------------------ */

static X509 *
make_certificate(EVP_PKEY *key, guint serial)
{
  X509 *x = X509_new();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), (long) serial);
  X509_gmtime_adj(X509_getm_notBefore(x), -60);
  X509_gmtime_adj(X509_getm_notAfter(x), 3600);
  X509_set_pubkey(x, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             (const guint8 *) "localhost", -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(x));
  g_assert_cmpint(X509_sign(x, key, EVP_sha256()), >, 0);
  return x;
}

/* Beside PATH, and then in its place. */
static FILE *
open_beside(const char *path)
{
  g_autofree char *other = g_strconcat(path, ".new", NULL);
  FILE *file = g_fopen(other, "w");
  g_assert_nonnull(file);
  return file;
}

static void
put_in_place(FILE *file, const char *path)
{
  g_autofree char *other = g_strconcat(path, ".new", NULL);
  g_assert_cmpint(fclose(file), ==, 0);
  g_assert_cmpint(g_rename(other, path), ==, 0);
}

static void
write_key(Pair *pair, EVP_PKEY *key)
{
  FILE *file = open_beside(pair->key);
  g_assert_cmpint(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), ==, 1);
  put_in_place(file, pair->key);
}

void
pair_replace(Pair *pair, guint serial)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = make_certificate(key, serial);
  FILE *file = open_beside(pair->certificate);
  g_assert_cmpint(PEM_write_X509(file, certificate), ==, 1);
  put_in_place(file, pair->certificate);
  write_key(pair, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

void
pair_replace_key(Pair *pair)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  write_key(pair, key);
  EVP_PKEY_free(key);
}

void
pair_write_locked_key(Pair *pair)
{
  EVP_PKEY *key = EVP_EC_gen("P-256");
  FILE *file = open_beside(pair->key);
  PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), (const guint8 *) "secret", 6, NULL, NULL);
  put_in_place(file, pair->key);
  EVP_PKEY_free(key);
}

void
pair_join(Pair *pair)
{
  g_autofree char *certificate = NULL, *key = NULL;
  g_assert_true(g_file_get_contents(pair->certificate, &certificate, NULL, NULL));
  g_assert_true(g_file_get_contents(pair->key, &key, NULL, NULL));
  g_autofree char *both = g_strconcat(key, certificate, NULL);
  g_assert_true(g_file_set_contents(pair->certificate, both, -1, NULL));
}

void
pair_init(Pair *pair, guint serial)
{
  g_autoptr(GError) error = NULL;
  pair->dir = g_dir_make_tmp("mediagraph-tls-XXXXXX", &error);
  g_assert_no_error(error);
  pair->certificate = g_build_filename(pair->dir, "certificate.pem", NULL);
  pair->key = g_build_filename(pair->dir, "key.pem", NULL);
  pair_replace(pair, serial);
}

void
pair_clear(Pair *pair)
{
  g_unlink(pair->certificate); /* they may have been moved */
  g_unlink(pair->key);
  g_assert_cmpint(g_rmdir(pair->dir), ==, 0);
  g_free(pair->dir);
  g_free(pair->certificate);
  g_free(pair->key);
}

/* --- the client -------------------------------------------------------------------------------- */

static void
count_record(int is_write, int version, int type, const void *bytes, size_t size, SSL *ssl,
             void *data)
{
  TlsClient *c = data;
  if (type == SSL3_RT_HEADER && !is_write && *(const guint8 *) bytes == SSL3_RT_APPLICATION_DATA)
    c->n_records++;
}

void
tls_client_init(TlsClient *c, guint port)
{
  *c = (TlsClient){ .context = SSL_CTX_new(TLS_client_method()), .fd = mg_client_connect(port) };
  c->ssl = SSL_new(c->context);
  SSL_set_msg_callback(c->ssl, count_record);
  SSL_set_msg_callback_arg(c->ssl, c);
  SSL_set_connect_state(c->ssl);
  SSL_set_fd(c->ssl, c->fd);
}

void
tls_client_forget(TlsClient *c)
{
  g_clear_pointer(&c->ssl, SSL_free);
  g_clear_pointer(&c->context, SSL_CTX_free);
}

void
tls_client_clear(TlsClient *c)
{
  tls_client_forget(c);
  close(c->fd);
}

gboolean
tls_client_can_shake_hands(TlsClient *c)
{
  return SSL_do_handshake(c->ssl) == 1;
}

void
tls_client_shake_hands(TlsClient *c)
{
  g_assert_true(tls_client_can_shake_hands(c));
}

void
tls_client_send(TlsClient *c, gconstpointer bytes, gsize size)
{
  gsize done;
  g_assert_cmpint(SSL_write_ex(c->ssl, bytes, size, &done), ==, 1);
}

void
tls_client_send_text(TlsClient *c, const char *text)
{
  tls_client_send(c, text, strlen(text));
}

char *
tls_client_receive(TlsClient *c, gsize size)
{
  char *bytes = g_malloc(size + 1);
  gsize done;
  for (gsize have = 0; have < size; have += done)
    g_assert_cmpint(SSL_read_ex(c->ssl, bytes + have, size - have, &done), ==, 1);
  bytes[size] = '\0';
  return bytes;
}

char *
tls_client_receive_all(TlsClient *c, gsize *size, int *error)
{
  GString *all = g_string_new(NULL);
  char block[65536];
  int n;
  while ((n = SSL_read(c->ssl, block, sizeof block)) > 0)
    g_string_append_len(all, block, n);
  *error = SSL_get_error(c->ssl, n);
  if (size != NULL)
    *size = all->len;
  return g_string_free(all, FALSE);
}

void
tls_client_end(TlsClient *c)
{
  g_assert_cmpint(SSL_shutdown(c->ssl), >=, 0);
  mg_client_end(c->fd);
}
