/*
 * A TLS client for tests, on a socket of doubles/client.h, and certificates for the server it talks to. All
 * calls block, for as long as the socket's do.
 */
#pragma once

#include <glib.h>
#include <openssl/ssl.h>

/* A folder with a certificate and its key; more may be put in their place. */
typedef struct {
  char *dir, *certificate, *key;
} Pair;

/* Makes both, with SERIAL in the certificate; removes all. */
void pair_init(Pair *pair, guint serial);
void pair_clear(Pair *pair);

/* Another certificate, and the key that belongs to it, by renaming. */
void pair_replace(Pair *pair, guint serial);
/* The key alone: it does not belong to the certificate any more. The same, with a passphrase. */
void pair_replace_key(Pair *pair);
void pair_write_locked_key(Pair *pair);
/* Puts the key into the certificate's file, too. */
void pair_join(Pair *pair);

typedef struct {
  SSL_CTX *context;
  SSL *ssl;
  int fd;
  guint n_records; /* of data that have come */
} TlsClient;

/* Connects; the handshake is done with the first of the other calls, or by tls_client_shake_hands(). */
void tls_client_init(TlsClient *client, guint port);
/* Frees all but the socket. */
void tls_client_forget(TlsClient *client);
/* Closes without a goodbye. */
void tls_client_clear(TlsClient *client);

void tls_client_shake_hands(TlsClient *client);
/* Whether it can; FALSE: the server did not agree. */
gboolean tls_client_can_shake_hands(TlsClient *client);

void tls_client_send(TlsClient *client, gconstpointer bytes, gsize size);
void tls_client_send_text(TlsClient *client, const char *text);
/* Returned-owned: exactly SIZE bytes, with a NUL behind them. */
char *tls_client_receive(TlsClient *client, gsize size);
/* Returned-owned: all until the end; ERROR: SSL_get_error()'s, ZERO_RETURN after a goodbye. */
char *tls_client_receive_all(TlsClient *client, gsize *size, int *error);
/* Sends close_notify, and FIN. */
void tls_client_end(TlsClient *client);
