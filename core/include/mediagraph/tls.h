/*
 * TLS. For listeners: a certificate with its key, and what is shared by all connections that use them. For
 * those who call: whom they believe.
 *
 * A context is made when a node opens, given to the listener in MgListenOptions, and then let go: the
 * listener refers to it for as long as it has connections. Counted; any thread. There is nothing to do for
 * a connection: it is read and written as any other, and mg_connection_is_secure() tells.
 *
 * Both files are looked at every second. When they have changed, and are not being written any more, they
 * are read again: new connections get the new certificate, those that are open go on. A pair that is
 * broken or does not match is named in the log, and the old one stays in use.
 *
 * TLS 1.2 and 1.3, with forward secrecy and authenticated encryption only; session tickets; neither
 * renegotiation nor compression. Peers are not asked for certificates.
 */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

typedef struct MgTlsContext MgTlsContext;

/*
 * Returned-owned: reads CERTIFICATE, a PEM file with the certificate and what it is signed with, in this
 * order, and KEY, its private key without a passphrase; NULL: the key is in the same file. NULL and ERROR
 * name the file and say what is wrong with it. Reads files: any thread that may wait a moment.
 */
MG_API MgTlsContext *mg_tls_context_new(const char *certificate, const char *key, GError **error);

/*
 * Agrees with peers on one of PROTOCOLS ("h2 http/1.1", most wanted first) before the first byte, if they
 * name any (ALPN, RFC 7301); refuses those that name others only. mg_connection_speaks() tells. Before the
 * context is given to a listener.
 */
MG_API void mg_tls_context_offer(MgTlsContext *context, const char *protocols);

/* What it says in the log later is said of LABEL (copied), as in "rtmp". Before the context is given to a listener. */
MG_API void mg_tls_context_name(MgTlsContext *context, const char *label);

MG_API MgTlsContext *mg_tls_context_ref(MgTlsContext *context);

/* NULL is fine. */
MG_API void mg_tls_context_unref(MgTlsContext *context);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTlsContext, mg_tls_context_unref)

/*
 * The other side: which servers are believed that are called by TLS (connect.h). Counted; any thread.
 */
typedef struct MgTlsTrust MgTlsTrust;

/*
 * Returned-owned: believes servers whose certificates are signed by one of AUTHORITIES, a PEM file (NULL:
 * the system's), and that name the host that is called. NULL and ERROR name the file. Reads files: any
 * thread that may wait a moment.
 */
MG_API MgTlsTrust *mg_tls_trust_new(const char *authorities, GError **error);

/* Returned-owned: believes everybody, so that a connection is encrypted, to whomever. */
MG_API MgTlsTrust *mg_tls_trust_new_any(GError **error);

/*
 * Returned-owned: one of the two, as the attributes tls-verify and tls-ca of whoever calls say. AUTHORITIES are for
 * mg_tls_trust_new(), and not read where nothing is verified.
 */
MG_API MgTlsTrust *mg_tls_trust_new_for(gboolean verifies, const char *authorities, GError **error);

MG_API MgTlsTrust *mg_tls_trust_ref(MgTlsTrust *trust);

/* NULL is fine. */
MG_API void mg_tls_trust_unref(MgTlsTrust *trust);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTlsTrust, mg_tls_trust_unref)

G_END_DECLS
