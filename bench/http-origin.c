/*
 * The http plugin's server with a playlist and a segment in it, for bench/http.
 *
 *   http-origin PORT [LANES [CERTIFICATE KEY]]
 *
 * Serves /playlist.m3u8 (1 KiB) and /segment.m4s (1 MiB in eight chunks of a head and fifteen frames) until
 * SIGTERM; they are bytes of no meaning. /part waits until /wake is asked for, and is answered with the
 * playlist then. With a certificate all of it is by TLS.
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

static MgHttpFolder *folder;

static MgData *
noise(gsize size)
{
  MgData *data = mg_data_new(size);
  memset(data->bytes, 'x', size);
  return data;
}

static void
put_playlist(void)
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
put_segment(void)
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

/* --- what waits ------------------------------------------------------------------------------- */

static GMutex lock;
static GQueue waiters; /* of MgHttpRequest * */

static void
on_cancelled(MgHttpRequest *request, gpointer data)
{
  g_mutex_lock(&lock);
  gboolean is_ours = g_queue_remove(&waiters, request);
  g_mutex_unlock(&lock);
  if (is_ours)
    mg_http_interface.respond(request, NULL);
}

static void
wait_for_part(MgHttpRequest *request, gpointer data)
{
  mg_http_interface.park(request, mg_now() + 600 * MG_SECOND, on_cancelled, NULL);
  g_mutex_lock(&lock);
  g_queue_push_tail(&waiters, request);
  g_mutex_unlock(&lock);
}

/* As a node with a new part does it. */
static void
wake(MgHttpRequest *request, gpointer data)
{
  g_mutex_lock(&lock);
  GQueue all = waiters;
  g_queue_init(&waiters);
  g_mutex_unlock(&lock);
  g_autofree char *text = g_strdup_printf("%u\n", all.length);
  g_autoptr(MgData) said = mg_data_new_copy(text, strlen(text));
  MgHttpContent content = { .size = sizeof content, .content_type = "text/plain", .data = said };
  for (MgHttpRequest *r = g_queue_pop_head(&all); r != NULL; r = g_queue_pop_head(&all))
    mg_http_interface.respond_with(r, folder, "playlist.m3u8");
  mg_http_interface.respond(request, &content);
}

/* --- the server ------------------------------------------------------------------------------- */

static MgHttp *
start(const char *port, MgTlsContext *tls)
{
  g_autofree char *address = g_strdup_printf("127.0.0.1:%s", port);
  MgHttpConfig config = { .listen = tls == NULL ? address : NULL,
                          .tls_listen = tls != NULL ? address : NULL,
                          .tls = tls,
                          .cors = "*",
                          .max_connections = 20000,
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

/* Borrowed; NULL: none is wanted. */
static MgTlsContext *
read_certificate(int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  if (argc < 5)
    return NULL;
  MgTlsContext *tls = mg_tls_context_new(argv[3], argv[4], &error);
  if (tls == NULL) {
    fprintf(stderr, "http-origin: %s\n", error->message);
    exit(1);
  }
  mg_tls_context_offer(tls, "h2 http/1.1");
  return tls;
}

int
main(int argc, char **argv)
{
  if (argc < 2 || argc > 5 || argc == 4) {
    fprintf(stderr, "usage: http-origin PORT [LANES [CERTIFICATE KEY]]\n");
    return 2;
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  sigprocmask(SIG_BLOCK, &ends, NULL);
  mg_lanes_start(argc >= 3 ? (guint) atoi(argv[2]) : 0);
  MgHttp *http = start(argv[1], read_certificate(argc, argv));
  if (http == NULL)
    return 1;
  folder = mg_http_interface.folder_new(http, "");
  mg_http_interface.route_new(http, "/part", wait_for_part, NULL);
  mg_http_interface.route_new(http, "/wake", wake, NULL);
  put_playlist();
  put_segment();
  int signal;
  sigwait(&ends, &signal);
  return 0; /* the kernel ends the rest */
}
