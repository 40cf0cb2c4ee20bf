#include "doubles/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

static struct sockaddr_in
loopback(const char *address, guint port)
{
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((guint16) port) };
  g_assert_cmpint(inet_pton(AF_INET, address, &a.sin_addr), ==, 1);
  return a;
}

int
mg_client_socket(void)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(fd, >=, 0);
  struct timeval patience = { .tv_sec = PATIENCE_S };
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

void
mg_client_connect_socket(int fd, guint port)
{
  struct sockaddr_in a = loopback("127.0.0.1", port);
  g_assert_cmpint(connect(fd, (struct sockaddr *) &a, sizeof a), ==, 0);
}

int
mg_client_connect(guint port)
{
  int fd = mg_client_socket();
  mg_client_connect_socket(fd, port);
  return fd;
}

int
mg_client_connect_from(const char *address, guint port)
{
  int fd = mg_client_socket();
  struct sockaddr_in own = loopback(address, 0);
  g_assert_cmpint(bind(fd, (struct sockaddr *) &own, sizeof own), ==, 0);
  mg_client_connect_socket(fd, port);
  return fd;
}

void
mg_client_send(int fd, gconstpointer bytes, gsize size)
{
  const guint8 *p = bytes;
  while (size > 0) {
    gssize n = send(fd, p, size, MSG_NOSIGNAL);
    g_assert_cmpint(n, >, 0);
    p += n;
    size -= (gsize) n;
  }
}

void
mg_client_send_text(int fd, const char *text)
{
  mg_client_send(fd, text, strlen(text));
}

char *
mg_client_receive(int fd, gsize size)
{
  char *bytes = g_malloc(size + 1);
  for (gsize have = 0; have < size;) {
    gssize n = recv(fd, bytes + have, size - have, 0);
    g_assert_cmpint(n, >, 0);
    have += (gsize) n;
  }
  bytes[size] = '\0';
  return bytes;
}

char *
mg_client_receive_until(int fd, const char *end)
{
  GString *text = g_string_new(NULL);
  while (!g_str_has_suffix(text->str, end)) {
    char c;
    g_assert_cmpint(recv(fd, &c, 1, 0), ==, 1);
    g_string_append_c(text, c);
  }
  return g_string_free(text, FALSE);
}

char *
mg_client_receive_all(int fd, gsize *size, gboolean *is_reset)
{
  GString *text = g_string_new(NULL);
  char block[65536];
  gssize n;
  while ((n = recv(fd, block, sizeof block, 0)) > 0)
    g_string_append_len(text, block, n);
  gboolean was_reset = n < 0 && errno == ECONNRESET;
  g_assert_true(n == 0 || was_reset);
  g_assert_true(is_reset != NULL || !was_reset);
  if (is_reset != NULL)
    *is_reset = was_reset;
  if (size != NULL)
    *size = text->len;
  return g_string_free(text, FALSE);
}

void
mg_client_end(int fd)
{
  g_assert_cmpint(shutdown(fd, SHUT_WR), ==, 0);
}

gboolean
mg_client_has_input(int fd, guint timeout_ms)
{
  struct pollfd p = { .fd = fd, .events = POLLIN };
  return poll(&p, 1, (int) timeout_ms) == 1;
}

gboolean
mg_client_wait(gboolean (*is_true)(gpointer data), gpointer data)
{
  gint64 deadline = g_get_monotonic_time() + PATIENCE_S * G_TIME_SPAN_SECOND;
  while (!is_true(data)) {
    if (g_get_monotonic_time() > deadline)
      return FALSE;
    g_usleep(1000);
  }
  return TRUE;
}
