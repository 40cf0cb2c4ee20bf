#include "doubles/rtmp-socket.h"

#include "doubles/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

MgRtmpSocket *
mg_rtmp_socket_new(guint port)
{
  MgRtmpSocket *s = g_new0(MgRtmpSocket, 1);
  s->client = mg_rtmp_client_new();
  s->fd = mg_client_connect(port);
  return s;
}

void
mg_rtmp_socket_free(MgRtmpSocket *s)
{
  if (s == NULL)
    return;
  close(s->fd);
  mg_rtmp_client_free(s->client);
  g_free(s);
}

void
mg_rtmp_socket_send(MgRtmpSocket *s)
{
  MgWriter *out = mg_rtmp_client_output(s->client);
  if (out->size > 0)
    mg_client_send(s->fd, out->data, out->size);
  mg_writer_reset(out);
}

/* What has come, or that nothing more will: then errno says how. */
static void
receive(MgRtmpSocket *s)
{
  guint8 block[65536];
  gssize n = recv(s->fd, block, sizeof block, 0);
  g_assert_true(n >= 0 || errno == ECONNRESET);
  if (n > 0)
    mg_rtmp_client_receive(s->client, block, (gsize) n);
  s->is_closed = n <= 0;
  errno = n < 0 ? ECONNRESET : 0;
}

void
mg_rtmp_socket_hear(MgRtmpSocket *s, const char *text)
{
  mg_rtmp_socket_send(s);
  while (strstr(mg_rtmp_client_heard(s->client), text) == NULL) {
    receive(s);
    if (s->is_closed)
      g_error("closed after \"%s\", without \"%s\"", mg_rtmp_client_heard(s->client), text);
    mg_rtmp_socket_send(s);
  }
}

void
mg_rtmp_socket_hear_close(MgRtmpSocket *s, gboolean *is_reset)
{
  mg_rtmp_socket_send(s);
  while (!s->is_closed) {
    receive(s);
    if (is_reset != NULL)
      *is_reset = errno == ECONNRESET;
    if (!s->is_closed)
      mg_rtmp_socket_send(s);
  }
}

void
mg_rtmp_socket_publish(MgRtmpSocket *s, const char *app, const char *stream)
{
  mg_rtmp_client_begin(s->client, app, stream);
  mg_rtmp_socket_hear(s, "NetStream.Publish.Start\nbegin 1\nonStatus 1 NetStream.Publish.Start\n");
  mg_rtmp_client_forget(s->client);
}
