/*
 * A peer on a real loopback socket, for tests of what serves one. All calls block, for a minute at
 * most; what takes longer fails the test.
 */
#pragma once

#include <glib.h>

/* A connected TCP socket to 127.0.0.1:PORT; close() it. */
int mg_client_connect(guint port);

/* The same, from an address of its own: any in 127.0.0.0/8. */
int mg_client_connect_from(const char *address, guint port);

/* A socket that is not connected yet, and connecting it. */
int mg_client_socket(void);
void mg_client_connect_socket(int fd, guint port);

void mg_client_send(int fd, gconstpointer bytes, gsize size);
void mg_client_send_text(int fd, const char *text);

/* Returned-owned: exactly SIZE bytes, with a NUL behind them. */
char *mg_client_receive(int fd, gsize size);

/* Returned-owned: everything up to and with END, with a NUL behind it. */
char *mg_client_receive_until(int fd, const char *end);

/* Returned-owned: everything until the server closes. IS_RESET (may be NULL): it did with a reset. */
char *mg_client_receive_all(int fd, gsize *size, gboolean *is_reset);

/* No more will be sent. */
void mg_client_end(int fd);

/* Whether something can be read, a close included, within TIMEOUT_MS. */
gboolean mg_client_has_input(int fd, guint timeout_ms);

/* Waits until IS_TRUE(DATA), looking again and again; FALSE when it is not within a minute. */
gboolean mg_client_wait(gboolean (*is_true)(gpointer data), gpointer data);
