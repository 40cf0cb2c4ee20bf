/* Encoders on real sockets, a graph around them: from connecting to the packets of a session. */
#include "doubles/client.h"
#include "doubles/rtmp-socket.h"
#include "doubles/wait.h"
#include "ingest-rig.h"

#include <rtmp/command.h>

#include <string.h>
#include <sys/socket.h>

#define SAMPLE(name) mg_sample_##name, sizeof mg_sample_##name

static MgRtmpSocket *
join(Rig *rig)
{
  return mg_rtmp_socket_new(ingest_rig_port(rig, "rtmp://"));
}

static void
send_configs(MgRtmpSocket *s)
{
  mg_rtmp_client_avc_config(s->client, SAMPLE(avcc_720p30));
  mg_rtmp_client_aac_config(s->client, SAMPLE(asc));
}

/* N pictures and audio packets, a key frame first. */
static void
send_media(MgRtmpSocket *s, guint n)
{
  for (guint i = 0; i < n; i++) {
    if (i == 0)
      mg_rtmp_client_avc(s->client, 0, TRUE, 0, SAMPLE(idr));
    else
      mg_rtmp_client_avc(s->client, i * 40, FALSE, 0, SAMPLE(inter));
    mg_rtmp_client_aac(s->client, i * 40, SAMPLE(aac));
  }
  mg_rtmp_socket_send(s);
}

static void
wait_got(Rig *rig, guint n)
{
  mg_wait_until(rig_n_got(rig, "sink") >= n);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, n);
}

/* --- publishing -------------------------------------------------------------------------------- */

static void
check_status(Rig *rig)
{
  g_autoptr(GPtrArray) sessions = mg_graph_status(rig_graph(rig));
  g_assert_cmpuint(sessions->len, ==, 1);
  const MgSessionStatus *status = g_ptr_array_index(sessions, 0);
  g_assert_cmpstr(status->app, ==, "live");
  g_assert_cmpstr(status->stream, ==, "studio");
  g_assert_cmpuint(status->tracks->len, ==, 2);
}

static void
test_publishes(void)
{
  Rig *rig = ingest_rig_new("app=live");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "studio");
  send_configs(s);
  send_media(s, 100);
  wait_got(rig, 200);
  check_status(rig);
  g_assert_cmpint(rig_got(rig, "sink", 199)->buffer->dts, ==, 3960 * MG_MILLISECOND);
  mg_wait_until(ingest_rig_counter(rig, "media-bytes") == 100 * (9 + 6));
  mg_rtmp_client_avc(s->client, 4000, FALSE, 0, SAMPLE(inter));
  mg_rtmp_client_aac(s->client, 4000, SAMPLE(aac));
  mg_rtmp_socket_send(s);
  wait_got(rig, 202);
  mg_wait_until(ingest_rig_counter(rig, "media-bytes") == 101 * (9 + 6));
  rig_stop(rig);
}

/* All in one go, for enough sessions to have some on the lane of their connection and some not. */
static void
test_media_behind_publish(void)
{
  enum { N = 8 };
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  MgRtmpSocket *sockets[N];
  for (guint i = 0; i < N; i++) {
    g_autofree char *name = g_strdup_printf("cam%u", i);
    MgRtmpSocket *s = sockets[i] = join(rig);
    mg_rtmp_client_begin(s->client, "live", name);
    send_configs(s);
    send_media(s, 50);
    mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Publish.Start\n");
  }
  wait_got(rig, N * 100);
  for (guint i = 0; i < N; i++)
    mg_rtmp_socket_free(sockets[i]);
  rig_stop(rig);
}

static void
test_publishes_again(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "a");
  send_configs(s);
  send_media(s, 1);
  mg_rtmp_client_unpublish(s->client, "a");
  mg_rtmp_client_publish(s->client, "b");
  send_configs(s);
  send_media(s, 1);
  mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Publish.Start\n");
  wait_got(rig, 4);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 2);
  rig_stop(rig);
}

/* Time goes on in the same session, marked, when an encoder comes back. */
static void
test_reconnects(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  MgRtmpSocket *first = join(rig);
  mg_rtmp_socket_publish(first, "live", "studio");
  send_configs(first);
  send_media(first, 2);
  wait_got(rig, 4);
  mg_rtmp_socket_free(first);
  mg_wait_until(rig_count(rig, "sink pause") == 1);

  g_autoptr(MgRtmpSocket) second = join(rig);
  mg_rtmp_socket_publish(second, "live", "studio");
  send_configs(second);
  send_media(second, 2);
  wait_got(rig, 8);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 1);
  const MgBuffer *last = rig_got(rig, "sink", 3)->buffer;
  const MgBuffer *next = rig_got(rig, "sink", 4)->buffer;
  g_assert_cmpint(next->dts, >, last->dts);
  g_assert_cmphex(next->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  rig_stop(rig);
}

/* --- admission --------------------------------------------------------------------------------- */

static void
test_replaces(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) first = join(rig);
  mg_rtmp_socket_publish(first, "live", "studio");
  send_configs(first);
  send_media(first, 1);
  wait_got(rig, 2);
  g_autoptr(MgRtmpSocket) second = join(rig);
  mg_rtmp_socket_publish(second, "live", "studio");
  mg_rtmp_socket_hear(first, "onStatus 1 NetStream.Unpublish.Success\n");
  g_assert_true(g_str_has_prefix(mg_rtmp_client_description(first->client), "replaced by 127."));
  send_configs(second);
  send_media(second, 1);
  wait_got(rig, 4);
  rig_stop(rig);
}

static void
test_rejects(void)
{
  Rig *rig = ingest_rig_new("");
  rig_pipeline(rig)->on_duplicate = MG_ON_DUPLICATE_REJECT;
  rig_start(rig);
  g_autoptr(MgRtmpSocket) first = join(rig);
  mg_rtmp_socket_publish(first, "live", "studio");
  g_autoptr(MgRtmpSocket) second = join(rig);
  mg_rtmp_client_begin(second->client, "live", "studio");
  mg_rtmp_socket_hear(second, "onStatus 1 NetStream.Publish.BadName\n");
  g_assert_cmpstr(mg_rtmp_client_description(second->client), ==,
                  "Somebody publishes this stream already.");
  mg_client_end(second->fd);
  gboolean is_reset = FALSE;
  mg_rtmp_socket_hear_close(second, &is_reset);
  g_assert_false(is_reset);
  send_configs(first);
  send_media(first, 1);
  wait_got(rig, 2);
  g_assert_cmpuint(ingest_rig_counter(rig, "refused"), ==, 1);
  rig_stop(rig);
}

static void
test_too_many_sessions(void)
{
  Rig *rig = ingest_rig_new("");
  rig_pipeline(rig)->max_sessions = 1;
  rig_start(rig);
  g_autoptr(MgRtmpSocket) first = join(rig);
  mg_rtmp_socket_publish(first, "live", "a");
  g_autoptr(MgRtmpSocket) second = join(rig);
  mg_rtmp_client_begin(second->client, "live", "b");
  mg_rtmp_socket_hear(second, "onStatus 1 NetStream.Publish.Denied\n");
  g_assert_cmpstr(mg_rtmp_client_description(second->client), ==,
                  "The server takes no more streams now.");
  rig_stop(rig);
}

/* The session of that name is ending, held up by a node: the encoder waits until it is gone. */
static void
test_waits_for_an_ending_session(void)
{
  Rig *rig = ingest_rig_new("");
  rig_add(rig, &rig_sink[MG_RUN_OWN], "slow", "rtmp");
  rig_pipeline(rig)->linger = 1;
  rig_start(rig);
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, TRUE);
  MgRtmpSocket *first = join(rig);
  mg_rtmp_socket_publish(first, "live", "studio");
  send_configs(first);
  send_media(first, 1);
  mg_wait_until(rig_count(rig, "slow blocks") == 1);
  mg_rtmp_socket_free(first);
  mg_wait_until(rig_count(rig, "sink close") == 1);

  g_autoptr(MgRtmpSocket) second = join(rig);
  mg_rtmp_client_begin(second->client, "live", "studio");
  mg_rtmp_socket_hear(second, "_result 3\n");
  g_assert_null(strstr(mg_rtmp_client_heard(second->client), "Publish"));
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, FALSE);
  mg_rtmp_socket_hear(second, "onStatus 1 NetStream.Publish.Start\n");
  send_configs(second);
  send_media(second, 1);
  wait_got(rig, 4);
  rig_stop(rig);
}

static void
test_refuses_names(void)
{
  Rig *rig = ingest_rig_new("app=live");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_client_begin(s->client, "live", "../../etc/passwd");
  mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Publish.BadName\n");
  g_autoptr(MgRtmpSocket) other = join(rig);
  mg_rtmp_client_begin(other->client, "film", "studio");
  mg_rtmp_socket_hear(other, "_error 1 NetConnection.Connect.InvalidApp\n");
  mg_client_end(other->fd);
  mg_rtmp_socket_hear_close(other, NULL);
  mg_wait_until(ingest_rig_counter(rig, "refused") == 2);
  g_assert_cmpuint(rig_n_sessions(rig), ==, 0);
  rig_stop(rig);
}

/* --- deadlines --------------------------------------------------------------------------------- */

static void
test_handshake_deadline(void)
{
  Rig *rig = ingest_rig_new("handshake-timeout=100ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_client_send(s->fd, "\3", 1);
  mg_writer_reset(mg_rtmp_client_output(s->client));
  mg_rtmp_socket_hear_close(s, NULL);
  rig_stop(rig);
}

static void
test_publish_deadline(void)
{
  Rig *rig = ingest_rig_new("publish-timeout=100ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_client_connect(s->client, "live", NULL);
  mg_rtmp_socket_hear_close(s, NULL);
  rig_stop(rig);
}

static void
test_media_deadline(void)
{
  Rig *rig = ingest_rig_new("media-timeout=100ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "studio");
  mg_rtmp_client_metadata(s->client, 1280, 720, 30, 2500, 128);
  mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Unpublish.Success\n");
  g_assert_cmpstr(mg_rtmp_client_description(s->client), ==, "published, and no media for 0.1 s");
  mg_rtmp_socket_hear_close(s, NULL);
  rig_stop(rig);
}

/* Pings and metadata are no media. */
static void
test_input_deadline(void)
{
  Rig *rig = ingest_rig_new("input-timeout=100ms ping-interval=100ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "studio");
  send_configs(s);
  send_media(s, 1);
  wait_got(rig, 2);
  mg_rtmp_client_metadata(s->client, 1280, 720, 30, 2500, 128);
  mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Unpublish.Success\n");
  g_assert_cmpstr(mg_rtmp_client_description(s->client), ==, "no media for 0.1 s");
  mg_wait_until(rig_count(rig, "sink pause") == 1);
  rig_stop(rig);
}

/* A picture that comes in slowly is media all the while. */
static void
test_slow_media(void)
{
  Rig *rig = ingest_rig_new("input-timeout=200ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "studio");
  send_configs(s);
  send_media(s, 1);
  static const guint8 filler[2000] = { 0, 0, 7, 204, 0x41, 0x9a };
  mg_rtmp_client_avc(s->client, 40, FALSE, 0, filler, sizeof filler);
  MgWriter *out = mg_rtmp_client_output(s->client);
  gsize piece = out->size / 8 + 1;
  for (gsize at = 0; at < out->size; at += piece) {
    mg_client_send(s->fd, out->data + at, MIN(piece, out->size - at));
    g_assert_false(mg_client_has_input(s->fd, 50));
  }
  wait_got(rig, 3);
  rig_stop(rig);
}

static void
test_pings(void)
{
  Rig *rig = ingest_rig_new("ping-interval=100ms");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = join(rig);
  mg_rtmp_socket_publish(s, "live", "studio");
  mg_rtmp_socket_hear(s, "ping ");
  mg_rtmp_socket_hear_close(s, NULL);
  g_assert_cmpstr(mg_rtmp_client_description(s->client), ==, "no sign of life");
  rig_stop(rig);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
test_drain(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  guint port = ingest_rig_port(rig, "rtmp://");
  g_autoptr(MgRtmpSocket) idle = join(rig);
  g_autoptr(MgRtmpSocket) asking = join(rig);
  mg_rtmp_client_connect(asking->client, "live", NULL);
  mg_rtmp_socket_hear(asking, "onBWDone\n");
  g_autoptr(MgRtmpSocket) s = mg_rtmp_socket_new(port);
  mg_rtmp_socket_publish(s, "live", "studio");
  send_configs(s);
  send_media(s, 1);
  wait_got(rig, 2);
  rig_drain(rig);
  mg_rtmp_socket_hear(s, "onStatus 1 NetStream.Unpublish.Success\n");
  g_assert_cmpstr(mg_rtmp_client_description(s->client), ==, "the server is shutting down");
  mg_rtmp_socket_hear_close(s, NULL);
  mg_rtmp_socket_hear_close(asking, NULL);
  mg_rtmp_socket_hear_close(idle, NULL);
  rig_stop(rig);
}

/* Encoders that know how are asked to come back. */
static void
test_drain_asks_to_reconnect(void)
{
  Rig *rig = ingest_rig_new("");
  rig_start(rig);
  g_autoptr(MgRtmpSocket) s = mg_rtmp_socket_new(ingest_rig_port(rig, "rtmp://"));
  mg_rtmp_client_connect_enhanced(s->client, "live", MG_RTMP_CAN_RECONNECT);
  mg_rtmp_client_create_stream(s->client);
  mg_rtmp_client_publish(s->client, "studio");
  mg_rtmp_socket_hear(s, "NetStream.Publish.Start\n");
  mg_rtmp_client_forget(s->client);
  rig_begin_drain(rig);
  mg_rtmp_socket_hear(s, "ReconnectRequest\n");
  send_configs(s);
  send_media(s, 3);
  wait_got(rig, 6); /* as if nothing had happened */
  mg_rtmp_socket_hear_close(s, NULL);
  mg_wait_until(rig_is_drained(rig));
  g_assert_cmpstr(mg_rtmp_client_heard(s->client), ==,
                  "onStatus 0 NetConnection.Connect.ReconnectRequest\n"
                  "onStatus 1 NetStream.Unpublish.Success\n");
  rig_stop(rig);
}

/* Encoders that die, in every phase, while the server goes down. */
static void
test_storm(void)
{
  enum { ROUNDS = 5, N = 20 };
  for (guint round = 0; round < ROUNDS; round++) {
    Rig *rig = ingest_rig_new("");
    rig_start(rig);
    GPtrArray *sockets = g_ptr_array_new_with_free_func((GDestroyNotify) mg_rtmp_socket_free);
    for (guint i = 0; i < N; i++) {
      g_autofree char *name = g_strdup_printf("cam%u", i % 5);
      MgRtmpSocket *s = join(rig);
      g_ptr_array_add(sockets, s);
      mg_rtmp_client_begin(s->client, "live", name);
      if (i % 4 > 0)
        mg_rtmp_socket_hear(s, i % 4 == 1 ? "onBWDone" : "Publish.Start");
      if (i % 4 < 3)
        continue;
      setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
      g_ptr_array_set_size(sockets, (gint) sockets->len - 1);
    }
    rig_stop(rig);
    g_ptr_array_unref(sockets);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/node/" path, func)
  ADD("publishes", test_publishes);
  ADD("takes-media-behind-publish", test_media_behind_publish);
  ADD("publishes-again-on-one-connection", test_publishes_again);
  ADD("goes-on-when-an-encoder-comes-back", test_reconnects);
  ADD("replaces-a-publisher", test_replaces);
  ADD("rejects-a-second-publisher", test_rejects);
  ADD("says-that-there-are-too-many-streams", test_too_many_sessions);
  ADD("waits-for-an-ending-session", test_waits_for_an_ending_session);
  ADD("refuses-names", test_refuses_names);
  ADD("closes-without-a-handshake", test_handshake_deadline);
  ADD("closes-without-publish", test_publish_deadline);
  ADD("closes-without-media", test_media_deadline);
  ADD("closes-when-media-stops", test_input_deadline);
  ADD("keeps-slow-media", test_slow_media);
  ADD("pings", test_pings);
  ADD("tells-publishers-of-the-end", test_drain);
  ADD("asks-publishers-to-reconnect", test_drain_asks_to_reconnect);
  ADD("survives-a-storm", test_storm);
#undef ADD
  return g_test_run();
}
