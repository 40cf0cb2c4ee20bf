/*
 * rtmp-player: N players of one stream in one light process.
 *
 *   rtmp-player --port 1935 --players 500 --seconds 20 live/load0
 *
 * Connects N players to 127.0.0.1, says "playing" when media has come to all of them, and then reads and drops
 * what comes for as long as asked. The first one reads its messages, for how evenly they come: `late_ms` is how
 * much later than at the best of times the median and the latest message of a picture came, which is what
 * a server adds by gathering. The last line is a JSON object. Exits with 1 if a player was lost.
 */
#include <rtmp/call.h>
#include <rtmp/chunk.h>
#include <rtmp/flv.h>
#include <rtmp/handshake.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HANDSHAKE_BYTES = 1 + 2 * MG_RTMP_HANDSHAKE_BYTES, MOST_EVENTS = 64, ROOM = 256 << 10 };

/* What comes before media, in bytes: answers are fewer. */
enum { MEDIA_BYTES = 8192 };

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct {
  int fd;
  guint index;
  guint64 received;
  gboolean has_asked;
} Player;

typedef struct {
  guint port, n;
  char *app, *stream;
  Player *players;
  guint n_playing, n_lost;
  int epoll;
  guint8 *room;
  MgRtmpChunkReader *reader; /* of the first one's messages */
  GArray *delays;            /* of gint64: µs of arrival less those of the stamp */
  gboolean is_measuring;
  guint64 bytes;
} Load;

/* --- asking ------------------------------------------------------------------------------------ */

static gboolean
begin(Load *l, Player *p)
{
  static const guint8 hello[1 + MG_RTMP_HANDSHAKE_BYTES] = { 3 };
  struct sockaddr_in to = { .sin_family = AF_INET,
                            .sin_port = htons((guint16) l->port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return p->fd >= 0 && connect(p->fd, (struct sockaddr *) &to, sizeof to) == 0 &&
         setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int)) == 0 &&
         send(p->fd, hello, sizeof hello, MSG_NOSIGNAL) == sizeof hello &&
         epoll_ctl(l->epoll, EPOLL_CTL_ADD, p->fd, &event) == 0;
}

/* The rest of the handshake, and all commands at once. */
static void
ask(Load *l, Player *p)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autofree char *url = g_strdup_printf("rtmp://127.0.0.1:%u/%s", l->port, l->app);
  MgRtmpChunkWriter writer = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpConnectCall connect = { .app = l->app, .tc_url = url, .flash_version = "LNX 9,0,124,2" };
  mg_writer_zeros(&out, MG_RTMP_HANDSHAKE_BYTES);
  mg_rtmp_call_connect(&writer, &out, 1, &connect);
  mg_rtmp_call(&writer, &out, "createStream", 2, NULL);
  mg_rtmp_call_play(&writer, &out, 3, 1, l->stream, 1000);
  p->has_asked = TRUE;
  if (send(p->fd, out.data, out.size, MSG_NOSIGNAL) != (gssize) out.size)
    l->n_lost++;
}

/* --- what comes -------------------------------------------------------------------------------- */

static void
look(Load *l, MgReader *in)
{
  MgRtmpMessage m;
  gint64 now = g_get_monotonic_time();
  while (mg_rtmp_chunk_reader_next(l->reader, in, &m, NULL) == MG_RTMP_CHUNK_MESSAGE) {
    gint64 delay = now - m.timestamp * G_GINT64_CONSTANT(1000);
    if (l->is_measuring && m.type == MG_RTMP_VIDEO)
      g_array_append_val(l->delays, delay);
    mg_rtmp_chunk_reader_release(l->reader, &m);
  }
}

static void
receive(Load *l, Player *p)
{
  gboolean had_media = p->received >= MEDIA_BYTES;
  gssize n = recv(p->fd, l->room, ROOM, 0);
  if (n <= 0) {
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, p->fd, NULL);
    l->n_lost++;
    return;
  }
  gsize skipped = MIN((gsize) n, HANDSHAKE_BYTES - MIN(p->received, HANDSHAKE_BYTES));
  MgReader in = MG_READER(l->room + skipped, (gsize) n - skipped);
  p->received += (guint64) n;
  if (!p->has_asked && p->received >= HANDSHAKE_BYTES)
    ask(l, p);
  if (p->index == 0)
    look(l, &in);
  l->n_playing += !had_media && p->received >= MEDIA_BYTES;
  if (l->is_measuring)
    l->bytes += (guint64) n;
}

static void
turn(Load *l)
{
  struct epoll_event events[MOST_EVENTS];
  int n = epoll_wait(l->epoll, events, MOST_EVENTS, 100);
  for (int i = 0; i < n; i++)
    receive(l, events[i].data.ptr);
}

/* --- the report -------------------------------------------------------------------------------- */

static gint
compare(gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

static double
delay_ms(const Load *l, double share)
{
  if (l->delays->len == 0)
    return -1;
  guint at = (guint) (share * (l->delays->len - 1));
  gint64 best = g_array_index(l->delays, gint64, 0);
  return (double) (g_array_index(l->delays, gint64, at) - best) / 1000;
}

static void
report(Load *l, double seconds)
{
  g_array_sort(l->delays, compare);
  g_print("{\"players\": %u, \"lost\": %u, \"seconds\": %.3f, \"bytes\": %" G_GUINT64_FORMAT
          ", \"pictures\": %u, \"late_ms\": [%.1f, %.1f]}\n",
          l->n, l->n_lost, seconds, l->bytes, l->delays->len, delay_ms(l, 0.5), delay_ms(l, 1));
}

static void
run(Load *l, double seconds)
{
  gint64 patience = g_get_monotonic_time() + PATIENCE_US;
  for (guint i = 0; i < l->n; i++) {
    l->players[i].index = i;
    if (!begin(l, &l->players[i]))
      l->n_lost++;
    turn(l);
  }
  while (l->n_playing + l->n_lost < l->n && g_get_monotonic_time() < patience)
    turn(l);
  g_print("playing\n");
  fflush(stdout);
  gint64 begun = g_get_monotonic_time();
  l->is_measuring = TRUE;
  while (g_get_monotonic_time() - begun < (gint64) (seconds * G_USEC_PER_SEC))
    turn(l);
  l->n_lost = MAX(l->n_lost, l->n - l->n_playing);
  report(l, seconds);
}

int
main(int argc, char **argv)
{
  int port = 1935, players = 500;
  double seconds = 20;
  GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "of 127.0.0.1 (1935)", "PORT" },
    { "players", 'n', 0, G_OPTION_ARG_INT, &players, "how many (500)", "N" },
    { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "how long (20)", "S" },
    { 0 },
  };
  g_autoptr(GOptionContext) context = g_option_context_new("APP/STREAM");
  g_autoptr(GError) error = NULL;
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2 || players < 1 ||
      strchr(argv[1], '/') == NULL) {
    g_printerr("rtmp-player: %s\n", error != NULL ? error->message : "which APP/STREAM?");
    return 2;
  }
  g_auto(GStrv) name = g_strsplit(argv[1], "/", 2);
  Load load = {
    .port = (guint) port,
    .n = (guint) players,
    .app = name[0],
    .stream = name[1],
    .players = g_new0(Player, (guint) players),
    .epoll = epoll_create1(EPOLL_CLOEXEC),
    .room = g_malloc(ROOM),
    .reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL),
    .delays = g_array_new(FALSE, FALSE, sizeof(gint64)),
  };
  run(&load, seconds);
  mg_rtmp_chunk_reader_free(load.reader);
  g_array_unref(load.delays);
  g_free(load.players);
  g_free(load.room);
  return load.n_lost > 0;
}
