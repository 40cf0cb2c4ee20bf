/* A socket, in TLS or not: send() and recv() with the same results and errno for both. */
#pragma once

#include <glib.h>
#include <openssl/ssl.h>

typedef struct {
  int fd;
  SSL *ssl; /* NULL: plain */
} Wire;

/* For all wires of a program that are TLS; the server may have any certificate. */
SSL_CTX *wire_context_new(void);

/* Takes over FD, which is connected; CONTEXT NULL: plain. */
void wire_init(Wire *wire, int fd, SSL_CTX *context);
/* Closes the socket. */
void wire_clear(Wire *wire);

gssize wire_send(Wire *wire, gconstpointer bytes, gsize size);
gssize wire_receive(Wire *wire, gpointer bytes, gsize size);
