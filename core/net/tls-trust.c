/*
 * Which servers are believed. The names that a certificate is for are checked by OpenSSL, as part of the
 * handshake.
 */
#include "net/tls-context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

struct MgTlsTrust {
  gint ref_count;
  gboolean is_checking;
  SSL_CTX *ssl;
};

static gboolean
complain(GError **error, const char *what)
{
  g_autofree char *why = mg_tls_explain();
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s: %s", what, why);
  return FALSE;
}

static MgTlsTrust *
trust_new(gboolean is_checking, GError **error)
{
  ERR_clear_error();
  SSL_CTX *ssl = SSL_CTX_new(TLS_client_method());
  if (ssl == NULL) {
    complain(error, "there is no TLS");
    return NULL;
  }
  mg_tls_configure(ssl);
  MgTlsTrust *trust = g_new0(MgTlsTrust, 1);
  trust->ref_count = 1;
  trust->is_checking = is_checking;
  trust->ssl = ssl;
  SSL_CTX_set_verify(ssl, is_checking ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
  return trust;
}

/* Returned-owned. AUTHORITIES NULL: the system's. */
static MgTlsTrust *
read_authorities(const char *authorities, GError **error)
{
  g_autoptr(MgTlsTrust) trust = trust_new(TRUE, error);
  if (trust == NULL)
    return NULL;
  gboolean is_read = authorities != NULL ? SSL_CTX_load_verify_file(trust->ssl, authorities) == 1
                                         : SSL_CTX_set_default_verify_paths(trust->ssl) == 1;
  if (is_read)
    return g_steal_pointer(&trust);
  g_autofree char *what = g_strdup_printf("no certificate of an authority is in %s",
                                          authorities != NULL ? authorities : "the system");
  complain(error, what);
  return NULL;
}

/* The system's are many: they are read once, and kept. */
MgTlsTrust *
mg_tls_trust_new(const char *authorities, GError **error)
{
  static GMutex lock;
  static MgTlsTrust *systems;
  if (authorities != NULL)
    return read_authorities(authorities, error);
  g_mutex_lock(&lock);
  if (systems == NULL)
    systems = read_authorities(NULL, error);
  MgTlsTrust *trust = systems != NULL ? mg_tls_trust_ref(systems) : NULL;
  g_mutex_unlock(&lock);
  return trust;
}

MgTlsTrust *
mg_tls_trust_new_any(GError **error)
{
  return trust_new(FALSE, error);
}

MgTlsTrust *
mg_tls_trust_new_for(gboolean verifies, const char *authorities, GError **error)
{
  return verifies ? mg_tls_trust_new(authorities, error) : mg_tls_trust_new_any(error);
}

MgTlsTrust *
mg_tls_trust_ref(MgTlsTrust *trust)
{
  g_atomic_int_inc(&trust->ref_count);
  return trust;
}

void
mg_tls_trust_unref(MgTlsTrust *trust)
{
  if (trust == NULL || !g_atomic_int_dec_and_test(&trust->ref_count))
    return;
  SSL_CTX_free(trust->ssl);
  g_free(trust);
}

/* Numbers are no names: they are not asked for, and stand in certificates in another place. */
static gboolean
expect(SSL *ssl, const char *host, gboolean is_checking)
{
  g_autofree char *name = g_strdup(host);
  gboolean is_number = g_hostname_is_ip_address(host);
  long is_named = 1;
  if (!is_number) /* what the macro SSL_set_tlsext_host_name() does, less a cast */
    is_named = SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
  if (is_named != 1)
    return FALSE;
  if (!is_checking)
    return TRUE;
  X509_VERIFY_PARAM *expected = SSL_get0_param(ssl);
  return is_number ? X509_VERIFY_PARAM_set1_ip_asc(expected, host) == 1
                   : X509_VERIFY_PARAM_set1_host(expected, host, 0) == 1;
}

SSL *
mg_tls_trust_make(MgTlsTrust *trust, const char *host)
{
  SSL *ssl = SSL_new(trust->ssl);
  if (ssl == NULL)
    return NULL;
  if (!expect(ssl, host, trust->is_checking)) {
    SSL_free(ssl);
    return NULL;
  }
  SSL_set_connect_state(ssl);
  return ssl;
}
