/*
 * Viewers who wait for a part, for bench/http.
 *
 *   http-waiters PORT COUNT [STREAMS]
 *
 * COUNT requests for /part of an http-origin at 127.0.0.1:PORT: each on a connection of its own, or
 * STREAMS of them on each, by HTTP/2. Prints "waiting" and reads a line; then asks for /wake, and prints how many answers came,
 * and how many microseconds after the asking half of them, 99 of 100, and all of them had begun to arrive.
 */
#include <glib.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_HEAD = 9, DATA = 0, GIVE_UP_MS = 20000 };

typedef struct {
  int fd;
  gboolean is_h2;
  guint8 head[FRAME_HEAD]; /* of the frame that is coming */
  gsize n_head, left;      /* bytes that have come of it, and that its payload lacks */
} Viewer;

static gint64 *times; /* of the answers so far */
static guint n_times, n_wanted;
static gint64 asked_at;

static void
fail(const char *what)
{
  perror(what);
  exit(1);
}

static int
connect_to(guint port)
{
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((guint16) port) };
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *) &a, sizeof a) != 0)
    fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
  return fd;
}

static void
send_all(int fd, gconstpointer bytes, gsize size)
{
  if (send(fd, bytes, size, MSG_NOSIGNAL) != (gssize) size)
    fail("send");
}

/* The preface, no settings, a large window, and requests from RFC 7541's static table. */
static void
ask_h2(int fd, guint n)
{
  static const char start[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                              "\0\0\0\4\0\0\0\0\0"
                              "\0\0\4\10\0\0\0\0\0\0\377\0\0";
  static const guint8 block[] = { 0x82, 0x86, 1, 1, 'x', 4, 5, '/', 'p', 'a', 'r', 't' };
  g_autoptr(GByteArray) out = g_byte_array_new();
  g_byte_array_append(out, (const guint8 *) start, sizeof start - 1);
  for (guint i = 0; i < n; i++) {
    guint stream = 1 + 2 * i;
    guint8 head[] = { 0, 0, sizeof block, 1, 5, 0, 0, (guint8) (stream >> 8), (guint8) stream };
    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, block, sizeof block);
  }
  send_all(fd, out->data, out->len);
}

static void
note(void)
{
  if (n_times < n_wanted)
    times[n_times++] = g_get_monotonic_time() - asked_at;
}

/* Counts the frames of data; each answer is one. */
static void
read_frames(Viewer *v, const guint8 *bytes, gsize size)
{
  while (size > 0) {
    gsize n = MIN(v->left, size);
    v->left -= n;
    bytes += n;
    size -= n;
    while (v->left == 0 && v->n_head < FRAME_HEAD && size > 0) {
      v->head[v->n_head++] = *bytes++;
      size--;
    }
    if (v->left > 0 || v->n_head < FRAME_HEAD)
      return;
    v->left = (gsize) v->head[0] << 16 | (gsize) v->head[1] << 8 | v->head[2];
    v->n_head = 0;
    if (v->head[3] == DATA)
      note();
  }
}

static void
on_readable(int epoll, Viewer *v)
{
  guint8 bytes[16384];
  gssize n = recv(v->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n <= 0 || !v->is_h2) {
    epoll_ctl(epoll, EPOLL_CTL_DEL, v->fd, NULL);
    if (n > 0)
      note();
  } else {
    read_frames(v, bytes, (gsize) n);
  }
}

static void
collect(int epoll)
{
  struct epoll_event events[256];
  while (n_times < n_wanted) {
    int n = epoll_wait(epoll, events, G_N_ELEMENTS(events), GIVE_UP_MS);
    if (n <= 0)
      return;
    for (int i = 0; i < n; i++)
      on_readable(epoll, events[i].data.ptr);
  }
}

static void
start_viewers(int epoll, guint port, guint n_streams)
{
  static const char request[] = "GET /part HTTP/1.1\r\nHost: x\r\n\r\n";
  guint per_viewer = MAX(n_streams, 1);
  for (guint i = 0; i < n_wanted; i += per_viewer) {
    Viewer *v = g_new0(Viewer, 1); /* until the end */
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = v };
    v->fd = connect_to(port);
    v->is_h2 = n_streams > 0;
    if (v->is_h2)
      ask_h2(v->fd, MIN(per_viewer, n_wanted - i));
    else
      send_all(v->fd, request, sizeof request - 1);
    epoll_ctl(epoll, EPOLL_CTL_ADD, v->fd, &event);
  }
}

static void
wake(guint port)
{
  static const char request[] = "GET /wake HTTP/1.1\r\nHost: x\r\n\r\n";
  int fd = connect_to(port);
  asked_at = g_get_monotonic_time();
  send_all(fd, request, sizeof request - 1);
}

int
main(int argc, char **argv)
{
  if (argc < 3 || argc > 4) {
    fprintf(stderr, "usage: http-waiters PORT COUNT [STREAMS]\n");
    return 2;
  }
  guint port = (guint) atoi(argv[1]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  n_wanted = (guint) atoi(argv[2]);
  times = g_new0(gint64, n_wanted + 1);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  start_viewers(epoll, port, argc == 4 ? (guint) atoi(argv[3]) : 0);
  printf("waiting\n");
  fflush(stdout);
  getchar();
  wake(port);
  collect(epoll);
  printf("%u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", n_times,
         times[n_times / 2], times[n_times * 99 / 100], times[MAX(n_times, 1) - 1]);
  return n_times == n_wanted ? 0 : 1;
}
