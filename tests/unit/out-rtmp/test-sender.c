/* From buffers to messages: what goes out, in which order, and what is left out. */
#include "out-rtmp/sender.h"

#include <rtmp/control.h>
#include <rtmp/flv.h>
#include <rtmp/metadata.h>
#include <rtmp/reply.h>

#include <string.h>

static const guint8 randomness[MG_RTMP_HANDSHAKE_BYTES] = { 1 };

/* A sender, the call it sends on, and the far side, which notes what it hears. */
typedef struct {
  Sender sender;
  MgRtmpCaller *caller;
  MgRtmpChunkReader *reader;
  GString *heard;
  MgRtmpMetadata metadata;
} Far;

static void
say(Far *far, const MgWriter *out)
{
  MgReader in = MG_READER(out->data, out->size);
  MgRtmpCallerEvent event;
  g_autoptr(GError) error = NULL;
  while (mg_rtmp_caller_next(far->caller, &in, &event, &error) != MG_RTMP_CALLER_MORE)
    g_assert_no_error(error);
}

static void
far_init(Far *far, const guint32 *video)
{
  MgRtmpCallerConfig config = {
    .app = "live",
    .stream = "x",
    .tc_url = "rtmp://h/live",
    .chunk_size = 65536,
  };
  *far = (Far){ .caller = mg_rtmp_caller_new(&config, randomness), .heard = g_string_new(NULL) };
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  mg_writer_u8(&out, 3);
  mg_writer_zeros(&out, 2 * MG_RTMP_HANDSHAKE_BYTES);
  MgRtmpConnectReply reply = {
    .transaction = 1,
    .window_bytes = 1000000,
    .chunk_size = 4096,
    .is_enhanced = video != NULL,
    .video = video,
  };
  mg_rtmp_reply_connect(&w, &out, &reply);
  mg_rtmp_reply_number(&w, &out, 4, 1);
  mg_rtmp_reply_publish(&w, &out, 1, "go");
  say(far, &out);
  mg_writer_reset(mg_rtmp_caller_output(far->caller));
  far->reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  g_auto(MgWriter) size = MG_WRITER_INIT;
  mg_rtmp_write_set_chunk_size(&w, &size, 65536);
  MgReader in = MG_READER(size.data, size.size);
  MgRtmpMessage m;
  g_assert_cmpint(mg_rtmp_chunk_reader_next(far->reader, &in, &m, NULL), ==, MG_RTMP_CHUNK_MORE);
}

static void
far_clear(Far *far)
{
  sender_clear(&far->sender);
  mg_rtmp_caller_free(far->caller);
  mg_rtmp_chunk_reader_free(far->reader);
  g_string_free(far->heard, TRUE);
}

static void
hear(Far *far, MgRtmpMessage *m)
{
  if (m->type == MG_RTMP_DATA) {
    g_assert_cmpint(mg_rtmp_metadata_merge(&far->metadata, m, NULL), ==, MG_RTMP_METADATA_UPDATED);
    g_string_append(far->heard, "metadata\n");
    return;
  }
  g_string_append_printf(far->heard, "%s %u", m->type == MG_RTMP_VIDEO ? "video" : "audio",
                         m->timestamp);
  for (gsize i = 0; i < m->size; i++)
    g_string_append_printf(far->heard, "%s%02x", i == 0 ? " " : "", m->data[i]);
  g_string_append_c(far->heard, '\n');
}

/* What has been sent since the last time. */
static void
assert_heard(Far *far, const char *expected)
{
  MgWriter *out = mg_rtmp_caller_output(far->caller);
  MgReader in = MG_READER(out->data, out->size);
  MgRtmpMessage m;
  g_string_truncate(far->heard, 0);
  while (mg_rtmp_chunk_reader_next(far->reader, &in, &m, NULL) == MG_RTMP_CHUNK_MESSAGE) {
    hear(far, &m);
    mg_rtmp_chunk_reader_release(far->reader, &m);
  }
  mg_writer_reset(out);
  g_assert_cmpstr(far->heard->str, ==, expected);
}

static void
declare(Far *far, MgMedia media, MgCodec codec, const char *config)
{
  g_autoptr(MgData) data = mg_data_new_copy(config, strlen(config));
  MgStreamInfo info = {
    .size = sizeof info,
    .id = "x",
    .media = media,
    .form = MG_FORM_PACKET,
    .codec = codec,
    .config = data,
    .width = 640,
    .height = 360,
    .frame_rate = { 30000, 1001 },
    .sample_rate = 48000,
    .channels = 2,
    .speakers = { media == MG_MEDIA_AUDIO ? 2 : 0, { 0, 2 } },
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  sender_declare(&far->sender, media, stream);
}

static gboolean
push(Far *far, MgMedia media, gint dts_ms, gint pts_ms, guint flags)
{
  SenderTrack *track = media == MG_MEDIA_VIDEO ? &far->sender.video : &far->sender.audio;
  g_autoptr(MgBuffer) buffer = mg_buffer_new(track->stream, 2);
  mg_buffer_append(buffer, mg_data_new_copy("-pic-", 5), 1, 2);
  mg_buffer_append(buffer, mg_data_new_copy("c", 1), 0, 1);
  buffer->dts = dts_ms * MG_MILLISECOND;
  buffer->pts = pts_ms * MG_MILLISECOND;
  buffer->arrival = dts_ms * MG_MILLISECOND;
  buffer->flags = flags;
  return sender_push(&far->sender, far->caller, buffer);
}

static void
start(Far *far, const char *refused)
{
  gboolean all = TRUE;
  g_autofree char *sentence = sender_start(&far->sender, far->caller, &all);
  g_assert_cmpstr(sentence, ==, refused);
  g_assert_false(all);
}

/* --- tests ------------------------------------------------------------------------------------- */

static void
test_it_begins_at_a_key_frame_at_time_0(void)
{
  Far far;
  far_init(&far, NULL);
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_H264, "VC");
  declare(&far, MG_MEDIA_AUDIO, MG_CODEC_AAC, "AC");
  start(&far, NULL);
  g_assert_false(push(&far, MG_MEDIA_VIDEO, 960, 960, 0));
  g_assert_false(push(&far, MG_MEDIA_AUDIO, 980, 980, MG_BUFFER_KEY));
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 1000, 1080, MG_BUFFER_KEY));
  g_assert_false(push(&far, MG_MEDIA_AUDIO, 999, 999, MG_BUFFER_KEY));
  g_assert_true(push(&far, MG_MEDIA_AUDIO, 1020, 1020, MG_BUFFER_KEY));
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 1040, 1040, 0));
  assert_heard(&far, "metadata\n"
                     "video 0 17000000005643\n"
                     "audio 0 af004143\n"
                     "video 0 1701000050706963\n"
                     "audio 20 af01706963\n"
                     "video 40 2701000000706963\n");
  g_assert_cmpuint(far.metadata.width, ==, 640);
  g_assert_cmpfloat_with_epsilon(far.metadata.video[0].framerate, 29.97, 0.001);
  g_assert_cmpuint(far.metadata.audio_sample_rate, ==, 48000);
  far_clear(&far);
}

static void
test_a_new_configuration_goes_in_front_of_its_key_frame(void)
{
  Far far;
  far_init(&far, NULL);
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_H264, "1");
  start(&far, NULL);
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 0, 0, MG_BUFFER_KEY));
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_H264, "1"); /* the same again means nothing */
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 40, 40, 0));
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_H264, "2");
  g_assert_false(push(&far, MG_MEDIA_VIDEO, 80, 80, 0));
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 120, 120, MG_BUFFER_KEY));
  assert_heard(&far, "metadata\n"
                     "video 0 170000000031\n"
                     "video 0 1701000000706963\n"
                     "video 40 2701000000706963\n"
                     "video 120 170000000032\n"
                     "video 120 1701000000706963\n");
  far_clear(&far);
}

static void
test_sound_does_not_wait_for_ever(void)
{
  Far far;
  far_init(&far, NULL);
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_H264, "1");
  declare(&far, MG_MEDIA_AUDIO, MG_CODEC_AAC, "2");
  start(&far, NULL);
  g_assert_false(push(&far, MG_MEDIA_AUDIO, 1000, 1000, MG_BUFFER_KEY));
  g_assert_false(push(&far, MG_MEDIA_AUDIO, 5999, 5999, MG_BUFFER_KEY));
  g_assert_true(push(&far, MG_MEDIA_AUDIO, 6000, 6000, MG_BUFFER_KEY));
  g_assert_false(push(&far, MG_MEDIA_VIDEO, 6010, 6010, 0));
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 6050, 6050, MG_BUFFER_KEY));
  assert_heard(&far, "metadata\n"
                     "video 0 170000000031\n"
                     "audio 0 af0032\n"
                     "audio 0 af01706963\n"
                     "video 50 1701000000706963\n");
  far_clear(&far);
}

static void
test_enhanced_codecs_go_to_servers_that_say_so(void)
{
  static const guint32 video[] = { MG_CODEC_HEVC, 0 };
  Far far;
  far_init(&far, video);
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_HEVC, "1");
  start(&far, NULL);
  g_assert_true(push(&far, MG_MEDIA_VIDEO, 0, 40, MG_BUFFER_KEY));
  assert_heard(&far, "metadata\n"
                     "video 0 906876633131\n"
                     "video 0 9168766331000028706963\n");
  far_clear(&far);
}

/* Which speakers its channels are for goes with a codec that is not classic; AC-3 has nothing else to say. */
static void
test_speakers_go_with_enhanced_sound(void)
{
  static const guint32 codecs[] = { MG_CODEC_OPUS, MG_CODEC_AC3, 0 };
  Far far;
  far_init(&far, codecs);
  declare(&far, MG_MEDIA_AUDIO, MG_CODEC_OPUS, "1");
  start(&far, NULL);
  g_assert_true(push(&far, MG_MEDIA_AUDIO, 0, 0, MG_BUFFER_KEY));
  declare(&far, MG_MEDIA_AUDIO, MG_CODEC_AC3, "2");
  g_assert_true(push(&far, MG_MEDIA_AUDIO, 20, 20, MG_BUFFER_KEY));
  assert_heard(&far, "metadata\n"
                     "audio 0 904f70757331\n"
                     "audio 0 944f70757302020002\n"
                     "audio 0 914f707573706963\n"
                     "audio 20 9461632d3302020002\n"
                     "audio 20 9161632d33706963\n");
  far_clear(&far);
}

static void
test_other_servers_get_what_is_left(void)
{
  Far far;
  far_init(&far, NULL);
  declare(&far, MG_MEDIA_VIDEO, MG_CODEC_HEVC, "1");
  declare(&far, MG_MEDIA_AUDIO, MG_CODEC_AAC, "2");
  start(&far, "the server does not say that it takes HEVC (Enhanced RTMP): transcode to H.264 and "
              "AAC");
  g_assert_false(push(&far, MG_MEDIA_VIDEO, 0, 0, MG_BUFFER_KEY));
  g_assert_true(push(&far, MG_MEDIA_AUDIO, 0, 0, MG_BUFFER_KEY));
  assert_heard(&far, "metadata\naudio 0 af0032\naudio 0 af01706963\n");
  sender_declare(&far.sender, MG_MEDIA_AUDIO, NULL);
  gboolean all = FALSE;
  g_free(sender_start(&far.sender, far.caller, &all));
  g_assert_true(all);
  far_clear(&far);
}

static void
test_what_rtmp_cannot_carry_is_refused(void)
{
  MgStreamInfo info = {
    .size = sizeof info,
    .id = "x",
    .media = MG_MEDIA_VIDEO,
    .form = MG_FORM_PACKET,
    .codec = MG_FOURCC('m', 'p', '2', 'v'),
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  g_autoptr(GError) error = NULL;
  g_assert_false(sender_check(stream, &error));
  g_assert_cmpstr(error->message, ==, "RTMP cannot carry mp2v; transcode it to H.264");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/out-rtmp/sender/it-begins-at-a-key-frame-at-time-0",
                  test_it_begins_at_a_key_frame_at_time_0);
  g_test_add_func("/out-rtmp/sender/a-new-configuration-goes-in-front-of-its-key-frame",
                  test_a_new_configuration_goes_in_front_of_its_key_frame);
  g_test_add_func("/out-rtmp/sender/sound-does-not-wait-for-ever",
                  test_sound_does_not_wait_for_ever);
  g_test_add_func("/out-rtmp/sender/enhanced-codecs-go-to-servers-that-say-so",
                  test_enhanced_codecs_go_to_servers_that_say_so);
  g_test_add_func("/out-rtmp/sender/speakers-go-with-enhanced-sound",
                  test_speakers_go_with_enhanced_sound);
  g_test_add_func("/out-rtmp/sender/other-servers-get-what-is-left",
                  test_other_servers_get_what_is_left);
  g_test_add_func("/out-rtmp/sender/what-rtmp-cannot-carry-is-refused",
                  test_what_rtmp_cannot_carry_is_refused);
  return g_test_run();
}
