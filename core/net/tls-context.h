/* The part of a TLS context that connections see. */
#pragma once

#include <mediagraph/tls.h>

#include <openssl/ssl.h>

/* A new connection's server side, with the certificate of now; returned-owned, NULL: no memory. */
SSL *mg_tls_context_make(MgTlsContext *context);

/*
 * A new connection's client side, to the server HOST, a name or the number of an address; returned-owned,
 * NULL: no memory.
 */
SSL *mg_tls_trust_make(MgTlsTrust *trust, const char *host);

/* What both sides have in common: versions, ciphers, how memory is used. */
void mg_tls_configure(SSL_CTX *ssl);

/* Returned-owned: what OpenSSL has complained about first on this thread, as a phrase. */
char *mg_tls_explain(void);
