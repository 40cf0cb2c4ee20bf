/* The bytes of the media that a player is sent, and what it is not. */
#include "ingest-rtmp/player.h"

#include <rtmp/flv.h>

#include <string.h>

typedef struct {
  PlayCache cache;
  PlayFacts facts;
  Player player;
  gsize queued;
  gboolean knows_hevc, takes_tracks;
  MgRtmpChunkReader *reader;
  GString *got; /* "v key 40\n" */
} Fixture;

static void
note(Fixture *f, const MgRtmpMessage *m)
{
  g_autoptr(GError) error = NULL;
  MgFlvParts parts = m->type == MG_RTMP_VIDEO ? mg_flv_video_parts(m->data, m->size)
                                              : mg_flv_audio_parts(m->data, m->size);
  MgFlvPart part;
  g_assert_cmpuint(m->stream_id, ==, f->player.stream_id);
  if (m->type == MG_RTMP_DATA) {
    g_string_append_printf(f->got, "data %u\n", m->timestamp);
    return;
  }
  g_assert_true(mg_flv_parts_next(&parts, &part, &error));
  g_string_append_c(f->got, m->type == MG_RTMP_VIDEO ? 'v' : 'a');
  if (part.has_track)
    g_string_append_printf(f->got, "%u", part.track);
  g_string_append_printf(f->got, " %s%u %zu\n",
                         part.kind == MG_FLV_CONFIG ? "config "
                         : part.is_key              ? "key "
                                                    : "",
                         m->timestamp, part.size);
}

static void
receive(gpointer user, gconstpointer bytes, gsize size)
{
  Fixture *f = user;
  g_autoptr(GError) error = NULL;
  MgReader in = MG_READER(bytes, size);
  MgRtmpMessage m;
  while (mg_rtmp_chunk_reader_next(f->reader, &in, &m, &error) == MG_RTMP_CHUNK_MESSAGE) {
    note(f, &m);
    mg_rtmp_chunk_reader_release(f->reader, &m);
  }
  g_assert_no_error(error);
}

static void
receive_data(gpointer user, MgData *data, gsize offset, gsize size)
{
  receive(user, data->bytes + offset, size);
}

static gsize
queued(gpointer user)
{
  return ((Fixture *) user)->queued;
}

static gboolean
decodes(gpointer user, MgCodec codec)
{
  return mg_flv_is_classic(codec) || ((Fixture *) user)->knows_hevc;
}

static gboolean
takes_tracks(gpointer user)
{
  return ((Fixture *) user)->takes_tracks;
}

static const PlayerOutput output = { receive_data, receive, queued, decodes, takes_tracks };

static MgStream *
make_stream(MgMedia media, MgCodec codec, guint config_size)
{
  MgStreamInfo info = {
    .size = sizeof info,
    .id = media == MG_MEDIA_VIDEO ? "video" : "audio",
    .media = media,
    .form = MG_FORM_PACKET,
    .codec = codec,
    .config = mg_data_new(config_size),
  };
  memset(info.config->bytes, 7, config_size);
  MgStream *stream = mg_stream_new(&info);
  mg_data_unref(info.config);
  return stream;
}

static void
setup(Fixture *f, gconstpointer codec)
{
  static const guint8 chunk_size[] = { 2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 1, 0, 0 };
  play_cache_init(&f->cache);
  f->facts.video = make_stream(MG_MEDIA_VIDEO, GPOINTER_TO_UINT(codec), 20);
  f->facts.audio = make_stream(MG_MEDIA_AUDIO, MG_CODEC_AAC, 2);
  f->reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  f->got = g_string_new(NULL);
  player_init(&f->player, &output, f, 1);
  receive(f, chunk_size, sizeof chunk_size);
}

static void
teardown(Fixture *f, gconstpointer codec)
{
  player_clear(&f->player);
  play_cache_clear(&f->cache);
  mg_stream_unref(f->facts.video);
  mg_stream_unref(f->facts.audio);
  mg_data_unref(f->facts.metadata);
  mg_rtmp_chunk_reader_free(f->reader);
  g_string_free(f->got, TRUE);
}

/* A packet of SIZE bytes at MS. */
static PlayItem *
item(MgStream *stream, guint8 track, guint ms, gboolean is_key, gsize size)
{
  g_autoptr(MgBuffer) buffer = mg_buffer_new(stream, 1);
  MgData *data = mg_data_new(size);
  memset(data->bytes, 9, size);
  mg_buffer_append(buffer, data, 0, size);
  buffer->dts = buffer->pts = ms * MG_MILLISECOND;
  buffer->flags = is_key ? MG_BUFFER_KEY : 0;
  return play_item_new(NULL, buffer, 0, track);
}

/* It is published: the cache and the player have it. */
static void
push_track(Fixture *f, MgStream *stream, guint8 track, guint ms, gboolean is_key, gsize size)
{
  PlayItem *one = item(stream, track, ms, is_key, size);
  play_cache_add(&f->cache, one);
  player_push(&f->player, &f->facts, one);
  play_item_unref(one);
}

static void
push(Fixture *f, MgStream *stream, guint ms, gboolean is_key, gsize size)
{
  push_track(f, stream, 0, ms, is_key, size);
}

static void
cache(Fixture *f, MgStream *stream, guint ms, gboolean is_key, gsize size)
{
  PlayItem *one = item(stream, 0, ms, is_key, size);
  play_cache_add(&f->cache, one);
  play_item_unref(one);
}

static void
test_begins_with_what_is_kept(Fixture *f, gconstpointer codec)
{
  cache(f, f->facts.audio, 990, TRUE, 5);
  cache(f, f->facts.video, 1000, TRUE, 100);
  cache(f, f->facts.audio, 1010, TRUE, 5);
  cache(f, f->facts.video, 1040, FALSE, 50);
  f->facts.metadata = mg_data_new_copy("\2\0\1a", 4);
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 1080, FALSE, 51);
  g_assert_cmpstr(f->got->str, ==,
                  "data 1000\nv config 1000 20\na config 1000 2\nv key 1000 100\na 1010 5\n"
                  "v 1040 50\nv 1080 51\n");
}

/* Two audios and two videos are published. */
static void
push_tracks(Fixture *f)
{
  MgStream *video = f->facts.more[TRUE][2] = make_stream(MG_MEDIA_VIDEO, MG_CODEC_H264, 21);
  MgStream *audio = f->facts.more[FALSE][1] = make_stream(MG_MEDIA_AUDIO, MG_CODEC_AAC, 3);
  player_start(&f->player, &f->facts, &f->cache, 0);
  push_track(f, video, 2, 0, TRUE, 70);
  push(f, f->facts.video, 0, TRUE, 100);
  push_track(f, video, 2, 40, FALSE, 71);
  push_track(f, audio, 1, 50, TRUE, 6);
  push_track(f, video, 2, 80, TRUE, 72);
  push(f, f->facts.audio, 90, TRUE, 5);
  mg_stream_unref(video);
  mg_stream_unref(audio);
}

/* A further video begins with a key frame behind the first one's. */
static void
test_sends_all_tracks_to_who_takes_them(Fixture *f, gconstpointer codec)
{
  f->takes_tracks = TRUE;
  push_tracks(f);
  g_assert_cmpstr(f->got->str, ==,
                  "v config 0 20\na config 0 2\na1 config 0 3\nv2 config 0 21\n"
                  "v key 0 100\na1 50 6\nv2 key 80 72\na 90 5\n");
}

static void
test_sends_the_first_tracks_to_others(Fixture *f, gconstpointer codec)
{
  push_tracks(f);
  g_assert_cmpstr(f->got->str, ==, "v config 0 20\na config 0 2\nv key 0 100\na 90 5\n");
}

/* With nothing kept it waits, sound and all, for a key frame. */
static void
test_waits_for_a_key_frame(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  g_string_truncate(f->got, 0);
  push(f, f->facts.video, 40, FALSE, 50);
  push(f, f->facts.audio, 50, TRUE, 5);
  push(f, f->facts.video, 80, TRUE, 100);
  push(f, f->facts.audio, 90, TRUE, 5);
  g_assert_cmpstr(f->got->str, ==, "v key 80 100\na 90 5\n");
}

/* Large messages are cut into chunks, and long ones of a late hour have extended times in each. */
static void
test_large_messages(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  g_string_truncate(f->got, 0);
  push(f, f->facts.video, 17000000, TRUE, 300000);
  push(f, f->facts.video, 17000040, FALSE, RTMP_PLAY_CHUNK_BYTES - 5);
  push(f, f->facts.video, 17000080, FALSE, RTMP_PLAY_CHUNK_BYTES - 4);
  g_assert_cmpstr(f->got->str, ==, "v key 17000000 300000\nv 17000040 65531\nv 17000080 65532\n");
}

/* Nothing of a packet is copied for those that play it. */
static void
test_payload_is_shared(Fixture *f, gconstpointer codec)
{
  g_autoptr(MgBuffer) buffer = mg_buffer_new(f->facts.video, 1);
  MgData *data = mg_data_new(1000);
  memset(data->bytes, 1, 1000);
  mg_buffer_append(buffer, data, 0, 1000);
  buffer->dts = buffer->pts = 0;
  PlayItem *one = play_item_new(NULL, buffer, 0, 0);
  g_assert_cmpuint(one->n, ==, 2);
  g_assert_true(one->slices[1].data == data);
  play_item_unref(one);
}

static void
test_another_message_stream(Fixture *f, gconstpointer codec)
{
  f->player.stream_id = 0x01020304;
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 70000);
  g_assert_cmpstr(f->got->str, ==, "v config 0 20\na config 0 2\nv key 0 70000\n");
}

static void
test_new_configuration(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  g_string_truncate(f->got, 0);
  mg_stream_unref(f->facts.video);
  f->facts.video = make_stream(MG_MEDIA_VIDEO, MG_CODEC_H264, 33);
  push(f, f->facts.video, 40, TRUE, 11);
  push(f, f->facts.video, 80, FALSE, 12);
  g_assert_cmpstr(f->got->str, ==, "v config 40 33\nv key 40 11\nv 80 12\n");
}

static void
test_unknown_codec_is_left_out(Fixture *f, gconstpointer codec)
{
  g_assert_true(player_fits(&f->player, &f->facts));
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  push(f, f->facts.audio, 5, TRUE, 6);
  g_assert_cmpstr(f->got->str, ==, "a config 0 2\na 5 6\n");
  g_clear_pointer(&f->facts.audio, mg_stream_unref);
  g_assert_false(player_fits(&f->player, &f->facts));
}

static void
test_known_codec_is_sent(Fixture *f, gconstpointer codec)
{
  f->knows_hevc = TRUE;
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  g_assert_cmpstr(f->got->str, ==, "v config 0 20\na config 0 2\nv key 0 10\n");
}

static void
test_pause(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  player_want(&f->player, &(RtmpPlayWish){ .is_paused = TRUE });
  push(f, f->facts.video, 40, FALSE, 10);
  push(f, f->facts.audio, 45, TRUE, 5);
  player_want(&f->player, &(RtmpPlayWish){ 0 });
  g_string_truncate(f->got, 0);
  push(f, f->facts.video, 80, FALSE, 10);
  push(f, f->facts.audio, 85, TRUE, 5);
  push(f, f->facts.video, 120, TRUE, 11);
  push(f, f->facts.audio, 125, TRUE, 5);
  g_assert_cmpstr(f->got->str, ==, "v key 120 11\na 125 5\n");
}

static void
test_sound_alone(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  player_want(&f->player, &(RtmpPlayWish){ .no_video = TRUE });
  g_string_truncate(f->got, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  push(f, f->facts.audio, 5, TRUE, 5);
  g_assert_cmpstr(f->got->str, ==, "a 5 5\n");
}

/* Too much waits for it, or for too long: nothing until that has left, and then from a key frame on. */
static void
check_late(Fixture *f, gsize waiting, MgTime now)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  g_string_truncate(f->got, 0);
  f->queued = waiting;
  player_look(&f->player, now);
  push(f, f->facts.video, 40, FALSE, 10);
  push(f, f->facts.video, 80, TRUE, 10);
  f->queued = 1;
  player_look(&f->player, now);
  push(f, f->facts.video, 120, TRUE, 10);
  f->queued = 0;
  player_look(&f->player, now);
  push(f, f->facts.video, 160, FALSE, 10);
  push(f, f->facts.audio, 165, TRUE, 5);
  push(f, f->facts.video, 200, TRUE, 11);
  g_assert_cmpstr(f->got->str, ==, "v key 200 11\n");
  g_assert_cmpuint(f->player.dropped, ==, 5);
}

static void
test_too_much_waits(Fixture *f, gconstpointer codec)
{
  check_late(f, PLAYER_QUEUE_BYTES + 1, 1);
}

static void
test_it_waits_too_long(Fixture *f, gconstpointer codec)
{
  check_late(f, 1, PLAYER_QUEUE_TIME + 1);
}

static void
test_a_burst_may_wait(Fixture *f, gconstpointer codec)
{
  player_start(&f->player, &f->facts, &f->cache, 0);
  push(f, f->facts.video, 0, TRUE, 10);
  f->queued = PLAYER_QUEUE_BYTES;
  player_look(&f->player, PLAYER_QUEUE_TIME);
  g_string_truncate(f->got, 0);
  push(f, f->facts.video, 40, FALSE, 12);
  g_assert_cmpstr(f->got->str, ==, "v 40 12\n");
}

/* --- the cache --------------------------------------------------------------------------------- */

static void
test_cache_begins_anew_at_each_key_frame(Fixture *f, gconstpointer codec)
{
  cache(f, f->facts.video, 0, TRUE, 10);
  cache(f, f->facts.video, 40, FALSE, 10);
  cache(f, f->facts.video, 80, TRUE, 10);
  g_assert_cmpuint(f->cache.items->len, ==, 1);
}

static void
test_cache_is_bounded_in_bytes(Fixture *f, gconstpointer codec)
{
  cache(f, f->facts.video, 0, TRUE, 9 << 20);
  cache(f, f->facts.video, 40, FALSE, 6 << 20);
  g_assert_cmpuint(f->cache.items->len, ==, 2);
  cache(f, f->facts.video, 80, FALSE, 2 << 20);
  cache(f, f->facts.video, 120, FALSE, 10);
  g_assert_cmpuint(f->cache.items->len, ==, 0);
  g_assert_cmpuint(f->cache.bytes, ==, 0);
}

static void
test_cache_is_bounded_in_time(Fixture *f, gconstpointer codec)
{
  cache(f, f->facts.video, 0, TRUE, 10);
  cache(f, f->facts.audio, 20000, TRUE, 10);
  g_assert_cmpuint(f->cache.items->len, ==, 2);
  cache(f, f->facts.audio, 20001, TRUE, 10);
  g_assert_cmpuint(f->cache.items->len, ==, 0);
}

#define ADD(name, codec, func)                                                                     \
  g_test_add("/ingest-rtmp/player/" name, Fixture, GUINT_TO_POINTER(codec), setup, func, teardown)

/* Behind the configuration of sound, where channels belong, unless the codec goes by classic tags. */
static void
test_speakers(void)
{
  static const guint8 wanted[] = { 0x94, 'O', 'p', 'u', 's', 2, 2, 0, 2 };
  MgStreamInfo info = { .size = sizeof info, .id = "audio", .media = MG_MEDIA_AUDIO };
  info.form = MG_FORM_PACKET;
  info.speakers = (MgSpeakers){ 2, { 0, 2 } };
  for (guint i = 0; i < 2; i++) {
    g_auto(MgWriter) out = MG_WRITER_INIT;
    info.codec = i == 0 ? MG_CODEC_OPUS : MG_CODEC_AAC;
    g_autoptr(MgStream) stream = mg_stream_new(&info);
    play_write_config(&out, stream, 0, 0, 1);
    gsize size = i == 0 ? sizeof wanted : 0;
    g_assert_cmpuint(out.size, ==, size > 0 ? 12 + size : 0);
    g_assert_cmpmem(out.data + out.size - size, size, wanted, size);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("begins-with-what-is-kept", MG_CODEC_H264, test_begins_with_what_is_kept);
  ADD("sends-the-first-tracks-to-others", MG_CODEC_H264, test_sends_the_first_tracks_to_others);
  ADD("sends-all-tracks-to-who-takes-them", MG_CODEC_H264, test_sends_all_tracks_to_who_takes_them);
  ADD("waits-for-a-key-frame", MG_CODEC_H264, test_waits_for_a_key_frame);
  ADD("large-messages", MG_CODEC_H264, test_large_messages);
  ADD("payload-is-shared", MG_CODEC_H264, test_payload_is_shared);
  ADD("another-message-stream", MG_CODEC_H264, test_another_message_stream);
  ADD("new-configuration", MG_CODEC_H264, test_new_configuration);
  ADD("unknown-codec-is-left-out", MG_CODEC_HEVC, test_unknown_codec_is_left_out);
  ADD("known-codec-is-sent", MG_CODEC_HEVC, test_known_codec_is_sent);
  ADD("pause-goes-on-at-a-key-frame", MG_CODEC_H264, test_pause);
  ADD("sound-alone", MG_CODEC_H264, test_sound_alone);
  ADD("late-when-too-much-waits", MG_CODEC_H264, test_too_much_waits);
  ADD("late-when-it-waits-too-long", MG_CODEC_H264, test_it_waits_too_long);
  ADD("a-burst-may-wait", MG_CODEC_H264, test_a_burst_may_wait);
  ADD("cache-begins-anew-at-each-key-frame", MG_CODEC_H264,
      test_cache_begins_anew_at_each_key_frame);
  ADD("cache-is-bounded-in-bytes", MG_CODEC_H264, test_cache_is_bounded_in_bytes);
  ADD("cache-is-bounded-in-time", MG_CODEC_H264, test_cache_is_bounded_in_time);
  g_test_add_func("/ingest-rtmp/player/speakers-go-with-the-configuration", test_speakers);
  return g_test_run();
}
