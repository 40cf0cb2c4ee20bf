/* What strangers can take of an ingest-rtmp, and what is left for encoders then. */
#include "doubles/client.h"
#include "doubles/rtmp-socket.h"
#include "doubles/wait.h"
#include "ingest-rig.h"

#include <string.h>
#include <unistd.h>

#define SAMPLE(name) mg_sample_##name, sizeof mg_sample_##name

static MgRtmpSocket *
publish(Rig *rig, const char *stream)
{
  MgRtmpSocket *s = mg_rtmp_socket_new(ingest_rig_port(rig, "rtmp://"));
  mg_rtmp_socket_publish(s, "live", stream);
  return s;
}

/* A key frame, which has to come out of the pipeline as the Nth buffer. */
static void
check_publishes(Rig *rig, MgRtmpSocket *s, guint n)
{
  mg_rtmp_client_avc_config(s->client, SAMPLE(avcc_720p30));
  mg_rtmp_client_avc(s->client, 0, TRUE, 0, SAMPLE(idr));
  mg_rtmp_socket_send(s);
  mg_wait_until(rig_n_got(rig, "sink") >= n);
  g_assert_false(s->is_closed);
}

/* --- guests ------------------------------------------------------------------------------------ */

/* Connections that say HELLO (bytes of it may be few) and nothing else. */
static void
connect_all(guint port, int *sockets, guint n, const char *hello)
{
  for (guint i = 0; i < n; i++) {
    sockets[i] = mg_client_connect(port);
    mg_client_send_text(sockets[i], hello);
  }
}

static guint
count_open(const int *sockets, guint n)
{
  guint n_open = 0;
  for (guint i = 0; i < n; i++)
    n_open += !mg_client_has_input(sockets[i], 0);
  return n_open;
}

static void
close_all(const int *sockets, guint n)
{
  for (guint i = 0; i < n; i++)
    close(sockets[i]);
}

/* Whoever publishes stays, whoever comes gets in, and of the others the last ones are left. */
static void
check_crowds_out(const char *hello)
{
  enum { N = 30, MOST = 4 };
  int sockets[N];
  g_autofree char *attributes = g_strdup_printf("max-waiting=%u max-connections=10", MOST);
  Rig *rig = ingest_rig_new(attributes);
  rig_start(rig);
  g_autoptr(MgRtmpSocket) early = publish(rig, "early");
  for (guint i = 0; i < N; i++) { /* each is known before the next one comes */
    connect_all(ingest_rig_port(rig, "rtmp://"), &sockets[i], 1, hello);
    mg_wait_until(ingest_rig_counter(rig, "crowded-out") >= (i < MOST ? 0 : i + 1 - MOST));
  }
  g_autoptr(MgRtmpSocket) late = publish(rig, "late");
  mg_wait_until(ingest_rig_counter(rig, "crowded-out") == N + 1 - MOST);
  mg_wait_until(count_open(sockets, N) == MOST - 1);
  g_assert_cmpuint(count_open(sockets + N - MOST, MOST), ==, MOST - 1);
  check_publishes(rig, early, 1);
  check_publishes(rig, late, 2);
  close_all(sockets, N);
  rig_stop(rig);
}

static void
test_crowds_out_the_oldest(void)
{
  check_crowds_out("\3");
}

/* The node says nothing to who has sent nothing. */
static void
test_crowds_out_the_silent(void)
{
  check_crowds_out("");
}

/* Half of all places are for those who publish. */
static void
test_default(void)
{
  enum { N = 20 };
  int sockets[N];
  Rig *rig = ingest_rig_new("max-connections=10");
  rig_start(rig);
  for (guint i = 0; i < N; i++) {
    connect_all(ingest_rig_port(rig, "rtmp://"), &sockets[i], 1, "");
    mg_wait_until(ingest_rig_counter(rig, "crowded-out") >= (i < 5 ? 0 : i - 4));
  }
  g_autoptr(MgRtmpSocket) s = publish(rig, "studio");
  check_publishes(rig, s, 1);
  mg_wait_until(ingest_rig_counter(rig, "crowded-out") == N + 1 - 5);
  close_all(sockets, N);
  rig_stop(rig);
}

/* An encoder that has ended its stream is a guest again. */
static void
test_unpublished(void)
{
  int sockets[3];
  Rig *rig = ingest_rig_new("max-waiting=2");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = publish(rig, "studio");
  mg_rtmp_client_unpublish(s->client, "studio");
  mg_rtmp_socket_hear(s, "NetStream.Unpublish.Success");
  connect_all(ingest_rig_port(rig, "rtmp://"), sockets, 2, "\3");
  mg_rtmp_socket_hear_close(s, NULL);
  g_assert_cmpuint(ingest_rig_counter(rig, "crowded-out"), ==, 1);
  close_all(sockets, 2);
  rig_stop(rig);
}

/* --- memory ------------------------------------------------------------------------------------ */

enum { KIB = 1024, PICTURE_BYTES = 900 * KIB };

/* Most of a picture, which is all that comes of it for now. */
static void
begin_picture(MgRtmpSocket *s, guint32 time_ms)
{
  g_autofree guint8 *filler = g_malloc0(PICTURE_BYTES);
  const guint32 nal_size = GUINT32_TO_BE(PICTURE_BYTES - 4);
  memcpy(filler, &nal_size, 4);
  filler[4] = 0x41;
  mg_rtmp_socket_send(s);
  mg_rtmp_client_avc(s->client, time_ms, FALSE, 0, filler, PICTURE_BYTES);
  MgWriter *out = mg_rtmp_client_output(s->client);
  mg_client_send(s->fd, out->data, out->size - 100);
  memmove(out->data, out->data + out->size - 100, 100);
  out->size = 100;
}

/* Who asks for too much goes, and what was there before is finished. */
static void
test_unfinished(void)
{
  Rig *rig = ingest_rig_new("max-message=1MiB max-unfinished=1MiB max-memory=2750KiB");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) first = publish(rig, "first");
  check_publishes(rig, first, 1);
  begin_picture(first, 40);
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") >= PICTURE_BYTES);
  g_autoptr(MgRtmpSocket) second = publish(rig, "second");
  g_autoptr(MgRtmpSocket) third = publish(rig, "third");
  check_publishes(rig, third, 2);
  begin_picture(second, 40);
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") >= 2 * PICTURE_BYTES);
  begin_picture(third, 40);
  mg_rtmp_socket_hear_close(third, NULL);
  g_assert_cmpuint(ingest_rig_counter(rig, "starved"), ==, 1);
  mg_rtmp_socket_send(first);
  mg_wait_until(rig_n_got(rig, "sink") == 3);
  g_assert_false(second->is_closed);
  mg_rtmp_socket_free(g_steal_pointer(&first));
  mg_rtmp_socket_free(g_steal_pointer(&second));
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") == 0);
  rig_stop(rig);
}

/* Commands are small: who has not published yet may not fill the memory. */
static void
test_guest(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = mg_rtmp_socket_new(ingest_rig_port(rig, "rtmp://"));
  mg_rtmp_client_connect(s->client, "live", NULL);
  mg_rtmp_socket_hear(s, "onBWDone\n");
  begin_picture(s, 0);
  mg_rtmp_socket_hear_close(s, NULL);
  g_assert_cmpuint(ingest_rig_counter(rig, "starved"), ==, 0);
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") == 0);
  rig_stop(rig);
}

static MgRtmpSocket *
play(Rig *rig, const char *stream)
{
  MgRtmpSocket *s = mg_rtmp_socket_new(ingest_rig_port(rig, "rtmp://"));
  mg_rtmp_client_connect(s->client, "live", NULL);
  mg_rtmp_client_create_stream(s->client);
  mg_rtmp_client_play(s->client, stream);
  mg_rtmp_socket_hear(s, "NetStream.Play.Start\n");
  return s;
}

/* A player that reads nothing goes when memory is short; the publisher and a player that reads stay. */
static void
test_player(void)
{
  static const guint8 big[400 * KIB] = { 0, 6, 0x3f, 0xfc, 0x65, 0x88 };
  Rig *rig = ingest_rig_new(
      "play=yes play-linger=0s max-message=1MiB max-unfinished=1MiB max-memory=8MiB");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = publish(rig, "studio");
  check_publishes(rig, s, 1);
  g_autoptr(MgRtmpSocket) reads = play(rig, "studio");
  g_autoptr(MgRtmpSocket) sleeps = play(rig, "studio");
  for (guint i = 1; ingest_rig_counter(rig, "starved") == 0; i++) {
    mg_rtmp_client_avc(s->client, i * 40, TRUE, 0, big, sizeof big);
    mg_rtmp_socket_send(s);
    mg_rtmp_socket_hear(reads, "type 9\n");
    mg_rtmp_client_forget(reads->client);
    g_assert_cmpuint(i, <, 100);
  }
  mg_rtmp_client_metadata(s->client, 1280, 720, 30, 2500, 128);
  mg_rtmp_socket_send(s);
  mg_rtmp_socket_hear(reads, "type 18\n");
  g_assert_cmpuint(ingest_rig_counter(rig, "starved"), ==, 1);
  mg_rtmp_socket_free(g_steal_pointer(&sleeps));
  mg_rtmp_socket_free(g_steal_pointer(&reads));
  mg_rtmp_socket_free(g_steal_pointer(&s));
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") == 0);
  rig_stop(rig);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/limits/" path, func)
  ADD("crowds-out-the-oldest", test_crowds_out_the_oldest);
  ADD("crowds-out-the-silent", test_crowds_out_the_silent);
  ADD("keeps-half-of-all-places-for-publishers", test_default);
  ADD("counts-who-has-ended-its-stream", test_unpublished);
  ADD("closes-who-asks-for-too-much-memory", test_unfinished);
  ADD("gives-guests-little-memory", test_guest);
  ADD("closes-the-player-that-is-behind", test_player);
#undef ADD
  return g_test_run();
}
