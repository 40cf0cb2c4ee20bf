/* What a publisher says and hears, from the handshake to the end of its stream. */
#include "pair.h"

#include <rtmp/call.h>
#include <rtmp/command.h>
#include <rtmp/control.h>
#include <rtmp/error.h>

#include <string.h>

#define CONNECTED                                                                                  \
  "window 2500000\nbandwidth 2500000\nbegin 0\n_result 1 NetConnection.Connect.Success\nonBWDone\n"

static void
test_fmle_order(void)
{
  g_auto(Pair) p;
  pair_init(&p, "live");
  mg_rtmp_client_begin(p.client, "live", "cam1");
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "publish live/cam1\n");
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  CONNECTED "_result 2\n_result 3\n_result 4 1\n"
                            "onFCPublish NetStream.Publish.Start\n"
                            "begin 1\nonStatus 1 NetStream.Publish.Start\n");
}

/* The whole answer to one batch is one write: S0S1S2 is the first, all else the second. */
static void
test_one_write(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_begin(p.client, "live", "cam1");
  pair_talk(&p);
  g_assert_cmpuint(p.n_writes, ==, 2);
}

static void
test_flash_order(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  mg_rtmp_client_create_stream(p.client);
  mg_rtmp_client_publish(p.client, "cam1");
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  CONNECTED "_result 4 1\nbegin 1\nonStatus 1 NetStream.Publish.Start\n");
}

static void
test_host_decides_who_connects(void)
{
  g_auto(Pair) p;
  pair_init(&p, "live");
  p.config.tells_connect = TRUE;
  mg_rtmp_client_begin(p.client, "live?authmod=adobe", "cam1");
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==,
                  "connect live?authmod=adobe\npublish live/cam1?authmod=adobe\n");
  g_assert_true(g_str_has_prefix(mg_rtmp_client_heard(p.client), CONNECTED "_result 2\n"));
}

static void
test_host_rejects_who_connects(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  p.config.tells_connect = TRUE;
  p.answer = PAIR_REFUSES;
  mg_rtmp_client_begin(p.client, "live", "cam1");
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "connect live?\n");
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "_error 1 NetConnection.Connect.Rejected\n");
  g_assert_cmpstr(mg_rtmp_client_description(p.client), ==, "Not today.");
}

/* Who says anything of Enhanced RTMP hears what is taken of it; who does not, does not. */
static void
test_capabilities(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect_enhanced(p.client, "live", 0);
  pair_talk(&p);
  g_assert_nonnull(strstr(mg_rtmp_client_heard(p.client),
                          "_result 1 capsEx 15 NetConnection.Connect.Success\n"));
}

/* Only clients that said they can are asked to connect again. */
static void
test_reconnect_request(void)
{
  for (guint caps = 0; caps <= MG_RTMP_CAN_RECONNECT; caps++) {
    g_auto(Pair) p;
    pair_init(&p, NULL);
    mg_rtmp_client_connect_enhanced(p.client, "live", caps);
    mg_rtmp_client_create_stream(p.client);
    mg_rtmp_client_publish(p.client, "cam1");
    pair_talk(&p);
    mg_rtmp_client_forget(p.client);
    rtmp_server_ask_to_reconnect(p.server, "bye");
    MgWriter *out = rtmp_server_output(p.server);
    mg_rtmp_client_receive(p.client, out->data, out->size);
    g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                    caps ? "onStatus 0 NetConnection.Connect.ReconnectRequest\n" : "");
  }
}

static void
test_haivision_order(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  mg_rtmp_client_create_stream(p.client);
  mg_rtmp_client_call(p.client, "FCPublish", 5, "cam1");
  mg_rtmp_client_publish(p.client, "cam1");
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  CONNECTED "_result 4 1\n_result 5\nonFCPublish NetStream.Publish.Start\n"
                            "begin 1\nonStatus 1 NetStream.Publish.Start\n");
}

static void
test_byte_by_byte(void)
{
  g_auto(Pair) p;
  pair_init(&p, "live");
  p.step = 1;
  mg_rtmp_client_begin(p.client, "live", "cam1");
  mg_rtmp_client_avc(p.client, 40, TRUE, 0, mg_sample_idr, sizeof mg_sample_idr);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "publish live/cam1\nvideo 40 14\n");
}

static void
test_media(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_metadata(p.client, 1280, 720, 30, 2500, 128);
  mg_rtmp_client_aac(p.client, 21, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  g_assert_true(g_str_has_prefix(p.events->str, "data 0 "));
  g_assert_true(g_str_has_suffix(p.events->str, "\naudio 21 8\n"));
  g_assert_cmpmem(p.raw->data + 2, p.raw->len - 2, mg_sample_aac, sizeof mg_sample_aac);
}

/* --- calls ------------------------------------------------------------------------------------- */

static void
test_check_bandwidth(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_call(p.client, "_checkbw", 8, NULL);
  mg_rtmp_client_call(p.client, "getStreamLength", 9, "cam1");
  mg_rtmp_client_call(p.client, "somethingElse", 10, NULL);
  mg_rtmp_client_call(p.client, "somethingElse", 0, NULL);
  mg_rtmp_client_call(p.client, "_result", 11, NULL);
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "_result 8\n_result 9 0\n_result 10\n");
}

static void
test_several_streams(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  for (guint i = 0; i < 3; i++)
    mg_rtmp_client_create_stream(p.client);
  mg_rtmp_call_publish(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client), 5, 2,
                       "a", "live");
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  CONNECTED "_result 4 1\n_result 4 2\n_result 4 3\n"
                            "begin 2\nonStatus 2 NetStream.Publish.Start\n");
}

/* Media for another stream of the connection is not the publisher's. */
static void
test_other_stream(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  pair_talk(&p);
  MgRtmpChunkWriter *w = mg_rtmp_client_writer(p.client);
  MgWriter *out = mg_rtmp_client_messages(p.client);
  mg_rtmp_client_create_stream(p.client);
  mg_rtmp_client_create_stream(p.client);
  mg_rtmp_call_publish(w, out, 5, 2, "a", "live");
  for (guint32 id = 0; id < 4; id++) {
    MgRtmpMessage m = { .csid = 10 + id, .timestamp = id, .stream_id = id, .type = MG_RTMP_AUDIO };
    m.data = mg_sample_aac;
    m.size = 1 + id;
    mg_rtmp_chunk_write(w, out, &m);
  }
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "publish live/a\naudio 0 1\naudio 2 3\naudio 3 4\n");
}

static void
test_second_publish(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_publish(p.client, "cam2");
  mg_rtmp_client_aac(p.client, 21, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "onStatus 1 NetStream.Publish.BadName\n");
  g_assert_cmpstr(p.events->str, ==, "audio 21 8\n");
}

static void
test_play(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  mg_rtmp_client_create_stream(p.client);
  pair_talk(&p);
  mg_rtmp_client_forget(p.client);
  mg_rtmp_client_call(p.client, "play", 0, "cam1");
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "onStatus 0 NetStream.Play.StreamNotFound\n");
  g_assert_no_error(p.error);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
test_fc_unpublish(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_unpublish(p.client, "cam1");
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "unpublish\n");
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  "onFCUnpublish NetStream.Unpublish.Success\n_result 6\n"
                  "onStatus 1 NetStream.Unpublish.Success\n");
}

static void
test_delete_and_close_stream(void)
{
  static const char *const calls[] = { "deleteStream", "closeStream" };
  for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
    g_auto(Pair) p;
    pair_init(&p, NULL);
    pair_publish(&p);
    mg_rtmp_client_call(p.client, calls[i], 0, NULL);
    pair_talk(&p);
    g_assert_cmpstr(p.events->str, ==, "unpublish\n");
    g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "onStatus 1 NetStream.Unpublish.Success\n");
  }
}

static void
test_publishes_again(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_unpublish(p.client, "cam1");
  mg_rtmp_client_aac(p.client, 21, mg_sample_aac, sizeof mg_sample_aac);
  mg_rtmp_client_publish(p.client, "cam2");
  mg_rtmp_client_aac(p.client, 42, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "unpublish\npublish live/cam2\naudio 42 8\n");
}

static void
test_evict(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  rtmp_server_evict(p.server, "replaced by 192.0.2.7:50311");
  MgWriter *out = rtmp_server_output(p.server);
  mg_rtmp_client_receive(p.client, out->data, out->size);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  "onFCUnpublish NetStream.Unpublish.Success\n"
                  "onStatus 1 NetStream.Unpublish.Success\n");
  g_assert_cmpstr(mg_rtmp_client_description(p.client), ==, "replaced by 192.0.2.7:50311");
}

/* --- refusals ---------------------------------------------------------------------------------- */

static void
test_refused(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  p.answer = PAIR_REFUSES;
  mg_rtmp_client_begin(p.client, "live", "cam1");
  pair_talk(&p);
  g_assert_true(g_str_has_suffix(mg_rtmp_client_heard(p.client),
                                 "_result 4 1\nonStatus 1 NetStream.Publish.Denied\n"));
  g_assert_cmpstr(mg_rtmp_client_description(p.client), ==, "Not today.");
}

static void
test_wrong_app(void)
{
  g_auto(Pair) p;
  pair_init(&p, "live");
  mg_rtmp_client_begin(p.client, "other", "cam1");
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  "_error 1 NetConnection.Connect.InvalidApp\n");
  g_assert_nonnull(strstr(mg_rtmp_client_description(p.client), "/live/STREAM"));
}

/* Connect did not say which app; publish does. */
static void
test_wrong_app_in_publish(void)
{
  g_auto(Pair) p;
  pair_init(&p, "live");
  mg_rtmp_client_begin(p.client, "", "other/cam1");
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
  g_assert_true(
      g_str_has_suffix(mg_rtmp_client_heard(p.client), "onStatus 1 NetStream.Publish.BadName\n"));
}

static void
test_bad_names(void)
{
  static const char *const bad[] = { "", ".hidden", "a b", "../etc", "a/b", "caf\xc3\xa9", "x\n" };
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_auto(Pair) p;
    pair_init(&p, "live");
    mg_rtmp_client_begin(p.client, "live", bad[i]);
    pair_talk(&p);
    g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
    g_assert_cmpstr(p.events->str, ==, "failed\n");
    g_assert_true(
        g_str_has_suffix(mg_rtmp_client_heard(p.client), "onStatus 1 NetStream.Publish.BadName\n"));
  }
}

/* --- names ------------------------------------------------------------------------------------- */

static void
test_where_names_stand(void)
{
  static const struct {
    const char *wanted, *app, *tc_url, *stream, *event;
  } cases[] = {
    { NULL, "live", "rtmp://h/live", "cam1?key=1", "publish live/cam1?key=1\n" },
    { NULL, "live?key=1", "rtmp://h/live?key=1", "cam1", "publish live/cam1?key=1\n" },
    { NULL, "", "rtmp://h/live/cam1", "", "publish live/cam1\n" },
    { NULL, "live", "'rtmp://h/live/cam1'", "", "publish live/cam1\n" },
    { NULL, "", "rtmp://h/", "cam1", "publish live/cam1\n" },
    { "tv", "", "rtmp://h/", "cam1", "publish tv/cam1\n" },
    { NULL, "live/_definst_", "rtmp://h/live/_definst_", "cam1", "publish live/cam1\n" },
    { "live", "live?k/cam1", "rtmp://h/live?k/cam1", "", "publish live/cam1?k\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(Pair) p;
    pair_init(&p, cases[i].wanted);
    mg_rtmp_client_connect(p.client, cases[i].app, cases[i].tc_url);
    mg_rtmp_client_create_stream(p.client);
    mg_rtmp_client_publish(p.client, cases[i].stream);
    pair_talk(&p);
    g_assert_no_error(p.error);
    g_assert_cmpstr(p.events->str, ==, cases[i].event);
  }
}

/* --- control ----------------------------------------------------------------------------------- */

static void
test_ping(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  rtmp_server_ping(p.server, 77);
  mg_rtmp_write_user_control(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                             MG_RTMP_PING_REQUEST, 99);
  mg_rtmp_write_user_control(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                             MG_RTMP_PING_RESPONSE, 77);
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "ping 77\npong 99\n");
}

static void
test_acknowledges_twice_per_window(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_write_window_ack_size(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                                4000);
  pair_talk(&p);
  mg_rtmp_client_forget(p.client);
  guint n = 0;
  for (guint i = 0; i < 10; i++) {
    static const guint8 zeros[1000];
    mg_rtmp_client_message(p.client, MG_RTMP_AUDIO, i, zeros, sizeof zeros);
    pair_talk(&p);
  }
  g_auto(GStrv) lines = g_strsplit(mg_rtmp_client_heard(p.client), "\n", -1);
  guint64 last = 0;
  for (; lines[n] != NULL && *lines[n] != '\0'; n++) {
    guint64 sequence;
    g_assert_true(g_str_has_prefix(lines[n], "ack "));
    g_assert_true(g_ascii_string_to_unsigned(lines[n] + 4, 10, 0, G_MAXUINT32, &sequence, NULL));
    g_assert_true(last == 0 || sequence - last >= 2000);
    last = sequence;
  }
  g_assert_cmpuint(n, ==, 5);
}

static void
test_media_bytes_grow_with_media_only(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  guint64 before = rtmp_server_media_bytes(p.server);
  mg_rtmp_client_call(p.client, "_checkbw", 8, NULL);
  mg_rtmp_client_metadata(p.client, 1280, 720, 30, 2500, 128);
  for (guint i = 0; i < 50; i++)
    mg_rtmp_write_user_control(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                               MG_RTMP_PING_RESPONSE, i);
  pair_talk(&p);
  g_assert_cmpuint(rtmp_server_media_bytes(p.server), <=, before);

  guint8 big[5000] = { 0x17, 1 };
  mg_rtmp_client_message(p.client, MG_RTMP_VIDEO, 0, big, sizeof big);
  MgWriter *out = mg_rtmp_client_output(p.client);
  pair_feed(&p, out->data, out->size / 2);
  g_assert_cmpuint(rtmp_server_media_bytes(p.server), >, before);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ingest-rtmp/server/fmle-order", test_fmle_order);
  g_test_add_func("/ingest-rtmp/server/answers-a-batch-in-one-write", test_one_write);
  g_test_add_func("/ingest-rtmp/server/host-decides-who-connects", test_host_decides_who_connects);
  g_test_add_func("/ingest-rtmp/server/host-rejects-who-connects", test_host_rejects_who_connects);
  g_test_add_func("/ingest-rtmp/server/flash-order", test_flash_order);
  g_test_add_func("/ingest-rtmp/server/haivision-order", test_haivision_order);
  g_test_add_func("/ingest-rtmp/server/says-what-it-can", test_capabilities);
  g_test_add_func("/ingest-rtmp/server/asks-to-reconnect", test_reconnect_request);
  g_test_add_func("/ingest-rtmp/server/byte-by-byte", test_byte_by_byte);
  g_test_add_func("/ingest-rtmp/server/passes-media", test_media);
  g_test_add_func("/ingest-rtmp/server/answers-side-calls", test_check_bandwidth);
  g_test_add_func("/ingest-rtmp/server/makes-several-streams", test_several_streams);
  g_test_add_func("/ingest-rtmp/server/ignores-media-of-another-stream", test_other_stream);
  g_test_add_func("/ingest-rtmp/server/refuses-a-second-publish", test_second_publish);
  g_test_add_func("/ingest-rtmp/server/answers-play-with-not-found", test_play);
  g_test_add_func("/ingest-rtmp/server/fc-unpublish", test_fc_unpublish);
  g_test_add_func("/ingest-rtmp/server/delete-and-close-stream", test_delete_and_close_stream);
  g_test_add_func("/ingest-rtmp/server/publishes-again", test_publishes_again);
  g_test_add_func("/ingest-rtmp/server/evicts-with-a-reason", test_evict);
  g_test_add_func("/ingest-rtmp/server/refuses-with-a-reason", test_refused);
  g_test_add_func("/ingest-rtmp/server/wrong-app", test_wrong_app);
  g_test_add_func("/ingest-rtmp/server/wrong-app-in-publish", test_wrong_app_in_publish);
  g_test_add_func("/ingest-rtmp/server/bad-names", test_bad_names);
  g_test_add_func("/ingest-rtmp/server/finds-the-name-wherever-it-stands", test_where_names_stand);
  g_test_add_func("/ingest-rtmp/server/pings", test_ping);
  g_test_add_func("/ingest-rtmp/server/acknowledges-twice-per-window",
                  test_acknowledges_twice_per_window);
  g_test_add_func("/ingest-rtmp/server/media-bytes-grow-with-media-only",
                  test_media_bytes_grow_with_media_only);
  return g_test_run();
}
