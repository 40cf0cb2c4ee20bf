/* What strangers can take of an ingest-rtmp, and what is left for encoders then. */
#include "doubles/client.h"
#include "doubles/rtmp-socket.h"
#include "doubles/wait.h"
#include "ingest-rig.h"

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

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/limits/" path, func)
  ADD("crowds-out-the-oldest", test_crowds_out_the_oldest);
  ADD("crowds-out-the-silent", test_crowds_out_the_silent);
  ADD("keeps-half-of-all-places-for-publishers", test_default);
  ADD("counts-who-has-ended-its-stream", test_unpublished);
#undef ADD
  return g_test_run();
}
