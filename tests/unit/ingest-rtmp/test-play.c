/* What a player says and hears. */
#include "pair.h"

#include <rtmp/command.h>

#define SAMPLE(name) mg_sample_##name, sizeof mg_sample_##name

/* --- commands ---------------------------------------------------------------------------------- */

/* A client that has connected and has a stream; both sides' notes are forgotten. */
static void
connect(Pair *p)
{
  pair_init(p, "live");
  p->config.plays = TRUE;
  mg_rtmp_client_connect(p->client, "live", NULL);
  mg_rtmp_client_create_stream(p->client);
  pair_talk(p);
  mg_rtmp_client_forget(p->client);
}

typedef void (*WriteArgs)(MgWriter *body, gdouble number);

static void
call(Pair *p, const char *name, WriteArgs write, gdouble number)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_amf_write_string(&body, name);
  mg_amf_write_number(&body, 0);
  mg_amf_write_null(&body);
  write(&body, number);
  MgRtmpMessage m = { 3, 0, 1, MG_RTMP_COMMAND, body.data, body.size, NULL };
  mg_rtmp_chunk_write(mg_rtmp_client_writer(p->client), mg_rtmp_client_messages(p->client), &m);
  pair_talk(p);
}

static void
name_and_start(MgWriter *body, gdouble start)
{
  mg_amf_write_string(body, "cam1");
  mg_amf_write_number(body, start);
}

static void
options(MgWriter *body, gdouble start)
{
  mg_amf_write_object_begin(body);
  mg_amf_write_property_string(body, "streamName", "cam1");
  mg_amf_write_property_number(body, "start", start);
  mg_amf_write_end(body);
}

static void
yes_or_no(MgWriter *body, gdouble value)
{
  mg_amf_write_boolean(body, value != 0);
}

static void
number(MgWriter *body, gdouble value)
{
  mg_amf_write_number(body, value);
}

#define STARTED "begin 1\nonStatus 1 NetStream.Play.Reset\nonStatus 1 NetStream.Play.Start\n"

static void
play(Pair *p)
{
  connect(p);
  call(p, "play", name_and_start, -1);
  mg_rtmp_client_forget(p->client);
  g_string_truncate(p->events, 0);
}

static void
test_play(void)
{
  const gdouble live[] = { -2, -1, 0, -2000, -1000 };
  for (guint i = 0; i < G_N_ELEMENTS(live); i++) {
    g_auto(Pair) p;
    connect(&p);
    call(&p, i % 2 ? "play" : "play2", i % 2 ? name_and_start : options, live[i]);
    g_assert_cmpstr(p.events->str, ==, "play live/cam1\n");
    g_assert_nonnull(strstr(mg_rtmp_client_heard(p.client), STARTED));
    g_assert_cmpuint(rtmp_server_stream_id(p.server), ==, 1);
  }
}

static void
test_recordings_are_refused(void)
{
  g_auto(Pair) p;
  connect(&p);
  call(&p, "play", name_and_start, 30);
  g_assert_cmpstr(p.events->str, ==, "");
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "onStatus 1 NetStream.Play.StreamNotFound\n");
  call(&p, "play", name_and_start, -2);
  g_assert_cmpstr(p.events->str, ==, "play live/cam1\n");
}

static void
test_wishes(void)
{
  g_auto(Pair) p;
  play(&p);
  call(&p, "pause", yes_or_no, TRUE);
  call(&p, "pause", yes_or_no, FALSE);
  call(&p, "receiveAudio", yes_or_no, FALSE);
  call(&p, "receiveVideo", yes_or_no, FALSE);
  call(&p, "receiveVideo", yes_or_no, FALSE); /* is no news */
  g_assert_cmpstr(p.events->str, ==, "wish paused\nwish\nwish no-audio\nwish no-audio no-video\n");
  g_assert_nonnull(strstr(mg_rtmp_client_heard(p.client), "onStatus 1 NetStream.Pause.Notify\n"));
  g_assert_nonnull(
      strstr(mg_rtmp_client_heard(p.client), "begin 1\nonStatus 1 NetStream.Unpause.Notify\n"));
}

static void
test_seek_fails(void)
{
  g_auto(Pair) p;
  play(&p);
  call(&p, "seek", number, 1000);
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==, "onStatus 1 NetStream.Seek.Failed\n");
  g_assert_cmpstr(p.events->str, ==, "");
}

static void
test_stops_and_plays_again(void)
{
  g_auto(Pair) p;
  play(&p);
  call(&p, "closeStream", yes_or_no, TRUE);
  call(&p, "play", name_and_start, -2);
  call(&p, "deleteStream", number, 1);
  g_assert_cmpstr(p.events->str, ==, "stop\nplay live/cam1\nstop\n");
  g_assert_no_error(p.error);
}

static void
test_neither_plays_nor_publishes_twice(void)
{
  g_auto(Pair) p;
  play(&p);
  call(&p, "play", name_and_start, -2);
  mg_rtmp_client_publish(p.client, "cam2");
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "");
  g_assert_cmpstr(mg_rtmp_client_heard(p.client), ==,
                  "onStatus 1 NetStream.Play.Failed\nonStatus 1 NetStream.Publish.BadName\n");
}

/* Media from players is nonsense, and is drained. */
static void
test_drains_what_players_send(void)
{
  g_auto(Pair) p;
  play(&p);
  for (guint i = 0; i < 1000; i++)
    mg_rtmp_client_aac(p.client, i, SAMPLE(aac));
  pair_talk(&p);
  g_assert_cmpstr(p.events->str, ==, "");
  g_assert_no_error(p.error);
}

static void
test_ends(void)
{
  g_auto(Pair) p;
  play(&p);
  rtmp_server_end_play(p.server, "It is over.");
  call(&p, "play", name_and_start, -2);
  g_assert_true(g_str_has_prefix(mg_rtmp_client_heard(p.client),
                                 "onStatus 1 NetStream.Play.UnpublishNotify\n"));
  g_assert_cmpstr(p.events->str, ==, "play live/cam1\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ingest-rtmp/play/plays-what-is-live", test_play);
  g_test_add_func("/ingest-rtmp/play/recordings-are-refused", test_recordings_are_refused);
  g_test_add_func("/ingest-rtmp/play/wishes", test_wishes);
  g_test_add_func("/ingest-rtmp/play/seek-fails", test_seek_fails);
  g_test_add_func("/ingest-rtmp/play/stops-and-plays-again", test_stops_and_plays_again);
  g_test_add_func("/ingest-rtmp/play/neither-plays-nor-publishes-twice",
                  test_neither_plays_nor_publishes_twice);
  g_test_add_func("/ingest-rtmp/play/drains-what-players-send", test_drains_what_players_send);
  g_test_add_func("/ingest-rtmp/play/ends-with-unpublish-notify", test_ends);
  return g_test_run();
}
