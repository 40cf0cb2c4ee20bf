/*
 * rtmp-load: N encoders in one light process.
 *
 *   rtmp-load --port 1935 --streams 100 --seconds 30 clip.flv
 *
 * Connects N publishers to 127.0.0.1, all at once or in turn, waits until all of them may publish, says
 * "publishing", and then sends each tag of the clip at its time, in a loop, or nothing, for as long as asked or
 * until SIGTERM. The publishers' phases are spread so that no two of them send in step. The last line is a JSON object of
 * what happened; `late` counts tags that went out more than 5 ms after their time: if there are many,
 * the figures of the run are worth little. Exits with 1 if a publisher was lost.
 *
 * When tags are due is the same in every period, so it is worked out once: a table of (time,
 * publisher, tag), walked round after round.
 */
#include "publisher.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define SECOND_NS      G_GINT64_CONSTANT(1000000000)
#define MILLISECOND_NS G_GINT64_CONSTANT(1000000)
#define LATE_NS        (5 * MILLISECOND_NS)

/* Publishers begin within this time of each other, in golden-ratio steps: near to none of a frame's. */
#define SPREAD_US 2000000.0
#define GOLDEN    0.6180339887498949

enum { MOST_EVENTS = 64, CONNECT_PATIENCE_S = 15, MOST_STREAMS = 1000 };

typedef struct {
  guint32 at_us; /* from the beginning of the period */
  guint16 publisher, tag;
} Slot;

typedef struct {
  LoadSetup setup;
  guint n, n_open;
  gboolean is_in_turn; /* each connects when the one before it may publish */
  gboolean is_silent;  /* they send no media */
  Publisher *publishers;
  Slot *slots;
  gsize n_slots, next_slot;
  gint64 round_ns; /* when this period began */
  guint64 late;
  gint64 worst_ns;
} Load;

static volatile sig_atomic_t is_told_to_stop;

static void
on_signal(int number)
{
  is_told_to_stop = TRUE;
}

static gint64
now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * SECOND_NS + t.tv_nsec;
}

/* --- the table --------------------------------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
  const Slot *one = a, *other = b;
  if (one->at_us != other->at_us)
    return one->at_us < other->at_us ? -1 : 1;
  if (one->publisher != other->publisher)
    return (int) one->publisher - (int) other->publisher;
  return (int) one->tag - (int) other->tag;
}

static void
make_slots(Load *load)
{
  const Clip *clip = load->setup.clip;
  guint32 period_us = clip->period_ms * 1000;
  load->n_slots = (gsize) load->n * clip->tags->len;
  load->slots = g_new(Slot, load->n_slots);
  Slot *slot = load->slots;
  for (guint i = 0; i < load->n; i++) {
    gdouble turns = i * GOLDEN;
    guint32 phase_us = (guint32) ((turns - (guint) turns) * SPREAD_US);
    for (guint t = 0; t < clip->tags->len; t++) {
      guint32 at_us = phase_us + g_array_index(clip->tags, ClipTag, t).at_ms * 1000;
      *slot++ = (Slot){ at_us % period_us, (guint16) i, (guint16) t };
    }
  }
  qsort(load->slots, load->n_slots, sizeof *load->slots, compare);
}

static gint64
next_due(const Load *load)
{
  return load->round_ns + load->slots[load->next_slot].at_us * G_GINT64_CONSTANT(1000);
}

static void
send_due(Load *load)
{
  gint64 now = now_ns(), due;
  while ((due = next_due(load)) <= now) {
    const Slot *slot = &load->slots[load->next_slot];
    Publisher *p = &load->publishers[slot->publisher];
    if (p->state == PUBLISHER_READY)
      publisher_send_tag(p, slot->tag);
    load->late += now - due > LATE_NS;
    load->worst_ns = MAX(load->worst_ns, now - due);
    now = now_ns();
    if (++load->next_slot < load->n_slots)
      continue;
    load->next_slot = 0;
    load->round_ns += load->setup.clip->period_ms * MILLISECOND_NS;
  }
}

/* --- the loop ---------------------------------------------------------------------------------- */

static guint
count(const Load *load, PublisherState state)
{
  guint n = 0;
  for (guint i = 0; i < load->n_open; i++)
    n += load->publishers[i].state == state;
  return n;
}

static void
wait_until(Load *load, gint64 deadline)
{
  struct epoll_event events[MOST_EVENTS];
  gint64 left = MAX(deadline - now_ns(), 0);
  struct timespec timeout = { left / SECOND_NS, left % SECOND_NS };
  int n = epoll_pwait2(load->setup.epoll_fd, events, MOST_EVENTS, &timeout, NULL);
  for (int i = 0; i < n; i++)
    publisher_on_events(events[i].data.ptr, events[i].events);
}

/* Opens N more, until all that are open may publish. */
static gboolean
connect_more(Load *load, guint n)
{
  gint64 deadline = now_ns() + CONNECT_PATIENCE_S * SECOND_NS;
  for (guint end = load->n_open + n; load->n_open < end; load->n_open++)
    publisher_open(&load->publishers[load->n_open], &load->setup, load->n_open);
  while (count(load, PUBLISHER_READY) < load->n_open) {
    if (now_ns() >= deadline || is_told_to_stop || count(load, PUBLISHER_LOST) > 0)
      return FALSE;
    wait_until(load, deadline);
  }
  return TRUE;
}

static gboolean
connect_all(Load *load)
{
  guint step = load->is_in_turn ? 1 : load->n;
  while (load->n_open < load->n)
    if (!connect_more(load, step))
      return FALSE;
  return TRUE;
}

static void
play(Load *load, gint64 duration_ns)
{
  load->round_ns = now_ns();
  gint64 end = duration_ns > 0 ? load->round_ns + duration_ns : G_MAXINT64;
  while (now_ns() < end && !is_told_to_stop && count(load, PUBLISHER_LOST) < load->n) {
    if (!load->is_silent)
      send_due(load);
    wait_until(load, load->is_silent ? end : MIN(next_due(load), end));
  }
  for (guint i = 0; i < load->n_open; i++)
    publisher_say_goodbye(&load->publishers[i]);
}

/* --- the report -------------------------------------------------------------------------------- */

static int
compare_times(const void *a, const void *b)
{
  const gdouble *one = a, *other = b;
  return (*one > *other) - (*one < *other);
}

static void
report(const Load *load, gdouble seconds)
{
  guint64 tags = 0, bytes = 0, blocked = 0;
  gdouble *ready_ms = g_newa(gdouble, load->n);
  for (guint i = 0; i < load->n; i++) {
    const Publisher *p = &load->publishers[i];
    tags += p->n_tags;
    bytes += p->n_bytes;
    blocked += p->n_blocked;
    ready_ms[i] = (gdouble) (p->ready_ns - p->begun_ns) / MILLISECOND_NS;
    if (p->error != NULL)
      g_printerr("rtmp-load: %s\n", p->error->message);
  }
  qsort(ready_ms, load->n, sizeof *ready_ms, compare_times);
  g_print("{\"streams\": %u, \"lost\": %u, \"seconds\": %.3f, \"tags\": %" G_GUINT64_FORMAT
          ", \"bytes\": %" G_GUINT64_FORMAT ", \"blocked\": %" G_GUINT64_FORMAT
          ", \"late\": %" G_GUINT64_FORMAT ", \"worst_late_ms\": %.3f, \"ready_ms\": %.3f, "
          "\"p99_ready_ms\": %.3f, \"worst_ready_ms\": %.3f}\n",
          load->n, count(load, PUBLISHER_LOST), seconds, tags, bytes, blocked, load->late,
          (gdouble) load->worst_ns / MILLISECOND_NS, ready_ms[load->n / 2],
          ready_ms[load->n * 99 / 100], ready_ms[load->n - 1]);
}

static gboolean
run(Load *load, gdouble seconds)
{
  load->setup.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  load->publishers = g_new0(Publisher, load->n);
  make_slots(load);
  gint64 begun = now_ns();
  gboolean is_connected = connect_all(load);
  if (is_connected) {
    g_print("publishing\n");
    fflush(stdout);
    begun = now_ns();
    play(load, (gint64) (seconds * (gdouble) SECOND_NS));
  } else {
    g_printerr("rtmp-load: only %u of %u publishers came through\n", count(load, PUBLISHER_READY),
               load->n);
  }
  report(load, (gdouble) (now_ns() - begun) / SECOND_NS);
  gboolean is_good = is_connected && count(load, PUBLISHER_LOST) == 0;
  for (guint i = 0; i < load->n_open; i++)
    publisher_clear(&load->publishers[i]);
  g_free(load->publishers);
  g_free(load->slots);
  close(load->setup.epoll_fd);
  return is_good;
}

int
main(int argc, char **argv)
{
  int port = 1935, streams = 100, chunk_size = 4096, period_ms = 8000, write_bytes = G_MAXINT;
  gdouble seconds = 0;
  gboolean is_raw = FALSE, is_tls = FALSE, is_in_turn = FALSE, is_silent = FALSE, is_idle = FALSE;
  g_autofree char *app = g_strdup("live"), *prefix = g_strdup("bench-");
  GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &port, "port on 127.0.0.1 (1935)", "N" },
    { "streams", 'n', 0, G_OPTION_ARG_INT, &streams, "how many publishers (100)", "N" },
    { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &seconds, "how long (0: until a signal)", "S" },
    { "chunk-size", 'c', 0, G_OPTION_ARG_INT, &chunk_size, "as OBS: 4096, ffmpeg: 60000", "BYTES" },
    { "period", 0, 0, G_OPTION_ARG_INT, &period_ms, "how much of the clip is looped (8000)", "MS" },
    { "app", 0, 0, G_OPTION_ARG_STRING, &app, "application (live)", "NAME" },
    { "prefix", 0, 0, G_OPTION_ARG_STRING, &prefix, "of stream names (bench-)", "TEXT" },
    { "raw", 0, 0, G_OPTION_ARG_NONE, &is_raw, "send the same bytes, expect no answer", NULL },
    { "write", 'w', 0, G_OPTION_ARG_INT, &write_bytes,
      "most bytes in one write, or record of TLS (a tag)", "BYTES" },
    { "in-turn", 0, 0, G_OPTION_ARG_NONE, &is_in_turn, "connect one after the other", NULL },
    { "silent", 0, 0, G_OPTION_ARG_NONE, &is_silent, "publish, but send no media", NULL },
    { "idle", 0, 0, G_OPTION_ARG_NONE, &is_idle, "connect, but do not even publish", NULL },
    { "tls", 0, 0, G_OPTION_ARG_NONE, &is_tls, "RTMPS; any certificate will do", NULL },
    { 0 },
  };
  g_autoptr(GOptionContext) context = g_option_context_new("CLIP - publish a clip many times");
  g_autoptr(GError) error = NULL;
  g_option_context_add_main_entries(context, entries, NULL);
  if (!g_option_context_parse(context, &argc, &argv, &error) || argc != 2 || streams < 1 ||
      streams > MOST_STREAMS || chunk_size < 1 || period_ms < 1 || write_bytes < 1) {
    g_printerr("rtmp-load: %s\n", error ? error->message : "see --help");
    return 2;
  }
  g_autoptr(Clip) clip = clip_load(argv[1], (guint32) period_ms, &error);
  if (clip == NULL) {
    g_printerr("rtmp-load: %s\n", error->message);
    return 2;
  }
  g_autofree char *tc_url = g_strdup_printf("rtmp://127.0.0.1:%d/%s", port, app);
  Load load = { .n = (guint) streams, .is_in_turn = is_in_turn, .is_silent = is_silent || is_idle };
  load.setup = (LoadSetup){
    .address = { .sin_family = AF_INET,
                 .sin_port = htons((guint16) port),
                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
    .clip = clip,
    .app = app,
    .tc_url = tc_url,
    .prefix = prefix,
    .chunk_size = (guint32) chunk_size,
    .write_bytes = (gsize) write_bytes,
    .is_raw = is_raw,
    .is_idle = is_idle,
    .tls = is_tls ? wire_context_new() : NULL,
  };
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  signal(SIGPIPE, SIG_IGN);
  gboolean is_good = run(&load, seconds);
  SSL_CTX_free(load.setup.tls);
  return is_good ? 0 : 1;
}
