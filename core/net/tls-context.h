/* The part of a TLS context that connections see. */
#pragma once

#include <mediagraph/tls.h>

#include <openssl/ssl.h>

/* A new connection's server side, with the certificate of now; returned-owned, NULL: no memory. */
SSL *mg_tls_context_make(MgTlsContext *context);

/* Returned-owned: what OpenSSL has complained about first on this thread, as a phrase. */
char *mg_tls_explain(void);
