/* What encoders do that the specification does not say, and what peers do that nobody should. */
#include "pair.h"

#include <rtmp/control.h>
#include <rtmp/error.h>

#include <string.h>

/* Bytes of the peer's own making, behind what its client has said. */
static void
say(Pair *p, gconstpointer bytes, gsize size)
{
  mg_writer_bytes(mg_rtmp_client_messages(p->client), bytes, size);
}

/* --- encoders ---------------------------------------------------------------------------------- */

/* DJI: what follows has a header without a message stream, on a chunk stream nobody has used. */
static void
test_fmt_2_on_a_fresh_chunk_stream(void)
{
  static const guint8 chunk[] = { 0x80 | 9, 0, 0, 5 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  say(&p, chunk, sizeof chunk);
  mg_rtmp_client_aac(p.client, 21, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "audio 21 8\n");
}

/* librtmp answers pings with fmt 1 on chunk stream 2, which it has not used before. */
static void
test_ping_with_fmt_1(void)
{
  static const guint8 pong[] = { 0x40 | 2, 0, 0, 0, 0, 0, 6, 4, 0, 7, 0, 0, 0, 77 };
  static const guint8 ping[] = { 0x40 | 2, 0, 0, 0, 0, 0, 6, 4, 0, 6, 0, 0, 0, 78 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  pair_talk(&p);
  mg_rtmp_client_forget(p.client);
  say(&p, pong, sizeof pong);
  say(&p, ping, sizeof ping);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "pong 78\n");
}

static void
test_chunk_size_after_publish(void)
{
  guint8 big[3000] = { 0xaf, 1 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_aac(p.client, 0, big, sizeof big);
  mg_rtmp_write_set_chunk_size(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                               60000);
  mg_rtmp_client_aac(p.client, 21, big, sizeof big);
  mg_rtmp_write_set_chunk_size(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                               1);
  mg_rtmp_client_aac(p.client, 42, big, sizeof big);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "audio 0 3002\naudio 21 3002\naudio 42 3002\n");
}

static void
test_large_message(void)
{
  gsize size = 4 << 20;
  g_autofree guint8 *big = g_malloc0(size);
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_message(p.client, MG_RTMP_VIDEO, 40, big, size);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "video 40 4194304\n");
}

static void
test_sixty_four_chunk_streams(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  for (guint32 csid = 70; csid < 70 + 60; csid++) {
    MgRtmpMessage m = { .csid = csid, .stream_id = 1, .type = MG_RTMP_AUDIO, .timestamp = csid };
    mg_rtmp_chunk_write(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client), &m);
  }
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_true(g_str_has_suffix(p.events->str, "audio 129 0\n"));
}

/* A timecode track in FLV makes data messages that begin with a number; others hold odd values. */
static void
test_odd_data(void)
{
  static const guint8 number[] = { 0, 0x40, 0, 0, 0, 0, 0, 0, 0 };
  static const guint8 odd[] = { 0x02, 0, 1, 'x', 0x0a, 0,    0,    0, 1, 0x0b, 0, 0,    0, 0,
                                0,    0, 0, 0,   0,    0x0d, 0x0f, 0, 0, 0,    0, 0x7e, 1, 2 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_message(p.client, MG_RTMP_DATA, 0, number, sizeof number);
  mg_rtmp_client_message(p.client, MG_RTMP_DATA, 0, odd, sizeof odd);
  mg_rtmp_client_message(p.client, MG_RTMP_DATA_AMF3, 0, odd, sizeof odd);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "data 0 9\ndata 0 28\ndata 0 28\n");
}

static void
test_command_in_amf3(void)
{
  static const guint8 call[] = { 0, 0x02, 0, 1, 'x', 0, 0x40, 0x22, 0, 0, 0, 0, 0, 0, 5 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_message(p.client, MG_RTMP_COMMAND_AMF3, 0, call, sizeof call);
  pair_talk(&p);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "_result 9\n");
}

/* Tags at 100 and 121 in a message at 5000, a script tag between them, and one cut short. */
static void
test_aggregate(void)
{
  static const guint8 aggregate[] = {
    9, 0, 0, 2, 0, 0, 100, 0, 0, 0, 0, 0x17, 2, 0, 0, 0,  13, /* video */
    8, 0, 0, 1, 0, 0, 121, 0, 0, 0, 0, 0xaf, 0, 0, 0, 12,     /* audio */
    8, 0, 0, 9, 0, 0, 142, 0, 0, 0, 0, 0xaf,                  /* cut short */
  };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_client_message(p.client, MG_RTMP_AGGREGATE, 5000, aggregate, sizeof aggregate);
  mg_rtmp_client_aac(p.client, 6000, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "video 5000 2\naudio 5021 1\naudio 6000 8\n");
}

/* What nobody has a use for, at any time after connect. */
static void
test_other_types(void)
{
  static const guint8 types[] = { 3, 6, 16, 19, 99 };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  for (guint i = 0; i < G_N_ELEMENTS(types); i++)
    mg_rtmp_client_message(p.client, types[i], 0, "\0\0\0\7\2", 5);
  pair_talk(&p);
  g_assert_no_error(p.error);
  g_assert_cmpstr(p.events->str, ==, "");
}

/* --- peers that nobody should be ---------------------------------------------------------------- */

static void
test_before_connect(void)
{
  static const guint8 types[] = { MG_RTMP_AUDIO, MG_RTMP_VIDEO, MG_RTMP_DATA, MG_RTMP_AGGREGATE,
                                  99 };
  for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
    g_auto(Pair) p;
    pair_init(&p, NULL);
    mg_rtmp_client_message(p.client, types[i], 0, "\0", 1);
    pair_talk(&p);
    g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
    g_assert_cmpstr(p.events->str, ==, "failed\n");
  }
}

static void
test_commands_before_connect(void)
{
  static const char *const calls[] = { "createStream", "publish", "FCPublish", "anything" };
  for (guint i = 0; i < G_N_ELEMENTS(calls); i++) {
    g_auto(Pair) p;
    pair_init(&p, NULL);
    mg_rtmp_client_call(p.client, calls[i], 2, "x");
    pair_talk(&p);
    g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
    g_assert_nonnull(strstr(p.error->message, calls[i]));
  }
}

static void
test_connects_twice(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
}

static void
test_broken_command(void)
{
  static const guint8 broken[] = { 0x02, 0xff, 0xff, 'x' };
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_message(p.client, MG_RTMP_COMMAND, 0, broken, sizeof broken);
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
}

static void
test_other_protocols(void)
{
  static const guint8 first[] = { 0x16, 'G', 6, 0, 0xff };
  for (guint i = 0; i < G_N_ELEMENTS(first); i++) {
    g_auto(Pair) p;
    pair_init(&p, NULL);
    pair_feed(&p, &first[i], 1);
    g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NOT_RTMP);
    g_assert_cmpuint(p.n_writes, ==, 0);
  }
}

static void
test_stays_failed(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_feed(&p, (const guint8 *) "GET", 3);
  pair_feed(&p, (const guint8 *) "\3", 1);
  g_assert_cmpstr(p.events->str, ==, "failed\nfailed\n");
}

static void
test_too_many_streams(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  for (guint i = 0; i < 33; i++)
    mg_rtmp_client_create_stream(p.client);
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
}

static void
test_too_many_publishes(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, "live", NULL);
  for (guint i = 0; i < 101; i++) {
    mg_rtmp_client_publish(p.client, "cam1");
    mg_rtmp_client_unpublish(p.client, "cam1");
  }
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
}

static void
test_endless_names(void)
{
  g_autofree char *endless = g_strnfill(5000, 'a');
  g_auto(Pair) p;
  pair_init(&p, NULL);
  mg_rtmp_client_connect(p.client, endless, "rtmp://h/x");
  pair_talk(&p);
  g_assert_error(p.error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);

  g_auto(Pair) q;
  pair_init(&q, NULL);
  mg_rtmp_client_begin(q.client, "live", endless);
  pair_talk(&q);
  g_assert_error(q.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME);
}

/* The output to one batch is bounded by what was asked: nobody gets megabytes for a few bytes. */
static void
test_tiny_window(void)
{
  g_auto(Pair) p;
  pair_init(&p, NULL);
  pair_publish(&p);
  mg_rtmp_write_window_ack_size(mg_rtmp_client_writer(p.client), mg_rtmp_client_messages(p.client),
                                1);
  for (guint i = 0; i < 100; i++)
    mg_rtmp_client_aac(p.client, i, mg_sample_aac, sizeof mg_sample_aac);
  pair_talk(&p);
  const char *heard = mg_rtmp_client_heard(p.client);
  g_assert_true(g_str_has_prefix(heard, "ack "));
  g_assert_true(strchr(heard, '\n') == strrchr(heard, '\n'));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/server/" path, func)
  ADD("takes-fmt-2-on-a-fresh-chunk-stream", test_fmt_2_on_a_fresh_chunk_stream);
  ADD("takes-a-ping-with-fmt-1", test_ping_with_fmt_1);
  ADD("takes-a-chunk-size-after-publish", test_chunk_size_after_publish);
  ADD("takes-large-messages", test_large_message);
  ADD("takes-sixty-four-chunk-streams", test_sixty_four_chunk_streams);
  ADD("passes-odd-data", test_odd_data);
  ADD("takes-commands-in-amf3-messages", test_command_in_amf3);
  ADD("splits-aggregates", test_aggregate);
  ADD("ignores-other-types", test_other_types);
  ADD("refuses-media-before-connect", test_before_connect);
  ADD("refuses-commands-before-connect", test_commands_before_connect);
  ADD("refuses-a-second-connect", test_connects_twice);
  ADD("refuses-broken-commands", test_broken_command);
  ADD("refuses-other-protocols", test_other_protocols);
  ADD("stays-failed", test_stays_failed);
  ADD("limits-streams", test_too_many_streams);
  ADD("limits-publishes", test_too_many_publishes);
  ADD("limits-names", test_endless_names);
  ADD("answers-a-tiny-window-once-per-batch", test_tiny_window);
#undef ADD
  return g_test_run();
}
