/*
 * The http plugin's server with a playlist and a segment in it, for bench/http.
 *
 *   http-origin PORT [LANES]
 *
 * Serves /playlist.m3u8 (1 KiB) and /segment.m4s (1 MiB in eight chunks of a head and fifteen frames) until
 * SIGTERM. They are bytes of no meaning.
 */
#include "http/server.h"
#include "loop/lane.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  PLAYLIST_BYTES = 1 << 10,
  SEGMENT_BYTES = 1 << 20,
  CHUNKS = 8,
  FRAMES = 15,
  HEAD_BYTES = 512,
};

static MgData *
noise(gsize size)
{
  MgData *data = mg_data_new(size);
  memset(data->bytes, 'x', size);
  return data;
}

static void
put_playlist(MgHttpFolder *folder)
{
  g_autoptr(MgData) data = noise(PLAYLIST_BYTES);
  MgHttpContent content = { .size = sizeof content,
                            .content_type = "application/vnd.apple.mpegurl",
                            .cache = MG_HTTP_CACHE_SHORT,
                            .max_age_ms = 2000,
                            .etag = "17",
                            .data = data };
  mg_http_interface.folder_put(folder, "playlist.m3u8", &content);
}

static MgBuffer *
chunk(MgStream *stream)
{
  MgBuffer *buffer = mg_buffer_new(stream, FRAMES + 1);
  gsize left = SEGMENT_BYTES / CHUNKS - HEAD_BYTES;
  mg_buffer_append(buffer, noise(HEAD_BYTES), 0, HEAD_BYTES);
  for (guint i = FRAMES; i > 0; i--) {
    gsize size = left / i;
    mg_buffer_append(buffer, noise(size), 0, size);
    left -= size;
  }
  return buffer;
}

static void
put_segment(MgHttpFolder *folder)
{
  g_autoptr(MgStream) stream = mg_stream_new(&(MgStreamInfo){ .size = sizeof(MgStreamInfo),
                                                              .id = "video",
                                                              .media = MG_MEDIA_VIDEO,
                                                              .form = MG_FORM_CHUNK });
  MgBuffer *chunks[CHUNKS];
  for (guint i = 0; i < CHUNKS; i++)
    chunks[i] = chunk(stream);
  MgHttpContent content = { .size = sizeof content,
                            .content_type = "video/mp4",
                            .cache = MG_HTTP_CACHE_IMMUTABLE,
                            .etag = "18",
                            .buffers = chunks,
                            .n_buffers = CHUNKS };
  mg_http_interface.folder_put(folder, "segment.m4s", &content);
  for (guint i = 0; i < CHUNKS; i++)
    mg_buffer_unref(chunks[i]);
}

static MgHttp *
start(const char *port)
{
  g_autofree char *address = g_strdup_printf("127.0.0.1:%s", port);
  MgHttpConfig config = { .listen = address,
                          .cors = "*",
                          .max_connections = 10000,
                          .max_header = 16 << 10,
                          .header_timeout = 10 * MG_SECOND,
                          .idle_timeout = 60 * MG_SECOND,
                          .min_rate = 1024,
                          .rate_window = 15 * MG_SECOND };
  g_autoptr(GError) error = NULL;
  MgHttp *http = mg_http_start(&config, &error);
  if (http == NULL)
    fprintf(stderr, "http-origin: %s\n", error->message);
  return http;
}

int
main(int argc, char **argv)
{
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: http-origin PORT [LANES]\n");
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  mg_lanes_start(argc == 3 ? (guint) atoi(argv[2]) : 0);
  MgHttp *http = start(argv[1]);
  if (http == NULL)
    return 1;
  MgHttpFolder *folder = mg_http_interface.folder_new(http, "");
  put_playlist(folder);
  put_segment(folder);
  int signal;
  sigwait(&ends, &signal);
  return 0; /* the kernel ends the rest */
}
