#include "wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

SSL_CTX *
wire_context_new(void)
{
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

void
wire_init(Wire *wire, int fd, SSL_CTX *context)
{
  *wire = (Wire){ .fd = fd };
  if (context == NULL)
    return;
  wire->ssl = SSL_new(context);
  SSL_set_fd(wire->ssl, fd);
  SSL_set_connect_state(wire->ssl);
}

void
wire_clear(Wire *wire)
{
  g_clear_pointer(&wire->ssl, SSL_free);
  if (wire->fd >= 0)
    close(wire->fd);
  wire->fd = -1;
}

static gssize
result_of(Wire *wire, int n)
{
  switch (SSL_get_error(wire->ssl, n)) {
  case SSL_ERROR_NONE: return n;
  case SSL_ERROR_ZERO_RETURN: return 0;
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
  default: errno = EPROTO; return -1;
  }
}

gssize
wire_send(Wire *wire, gconstpointer bytes, gsize size)
{
  if (wire->ssl == NULL)
    return send(wire->fd, bytes, size, MSG_NOSIGNAL);
  ERR_clear_error();
  return result_of(wire, SSL_write(wire->ssl, bytes, (int) size));
}

gssize
wire_receive(Wire *wire, gpointer bytes, gsize size)
{
  if (wire->ssl == NULL)
    return recv(wire->fd, bytes, size, 0);
  ERR_clear_error();
  return result_of(wire, SSL_read(wire->ssl, bytes, (int) size));
}
