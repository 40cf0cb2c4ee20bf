/*
 * A scripted RTMP client on a real loopback socket. All calls block, for a minute at most; what takes
 * longer fails the test.
 */
#pragma once

#include "doubles/rtmp-client.h"

typedef struct {
  MgRtmpClient *client;
  int fd;
  gboolean is_closed; /* by the server */
} MgRtmpSocket;

/* Connects to 127.0.0.1:PORT. What its client says is sent by the functions below. */
MgRtmpSocket *mg_rtmp_socket_new(guint port);

/* Closes it, if it is open. NULL is fine. */
void mg_rtmp_socket_free(MgRtmpSocket *socket);

/* Sends what the client has said, in one write. */
void mg_rtmp_socket_send(MgRtmpSocket *socket);

/* Sends, and receives until the client has heard TEXT, which must come before the server closes. */
void mg_rtmp_socket_hear(MgRtmpSocket *socket, const char *text);

/* Sends, and receives until the server closes; IS_RESET (may be NULL): with a reset. */
void mg_rtmp_socket_hear_close(MgRtmpSocket *socket, gboolean *is_reset);

/* Publishes /APP/STREAM, hears that it may, and forgets all that. */
void mg_rtmp_socket_publish(MgRtmpSocket *socket, const char *app, const char *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgRtmpSocket, mg_rtmp_socket_free)
