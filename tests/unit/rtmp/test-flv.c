#include "hex.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"

static MgFlvVideo
video(const char *hex)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgFlvVideo v;
  put_hex(&in, hex);
  g_autofree guint8 *exact = g_memdup2(in.data, in.size);
  g_assert_true(mg_flv_video_parse(exact, in.size, &v, &error));
  g_assert_no_error(error);
  return v;
}

static MgFlvAudio
audio(const char *hex)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgFlvAudio a;
  put_hex(&in, hex);
  g_autofree guint8 *exact = g_memdup2(in.data, in.size);
  g_assert_true(mg_flv_audio_parse(exact, in.size, &a, &error));
  g_assert_no_error(error);
  return a;
}

static void
test_avc(void)
{
  MgFlvVideo v = video("17 00 000000 01");
  g_assert_cmpint(v.kind, ==, MG_FLV_CONFIG);
  g_assert_true(v.is_key);
  g_assert_cmpuint(v.codec, ==, MG_FLV_CODEC_AVC);
  g_assert_cmpuint(v.offset, ==, 5);
  v = video("27 01 000050 00");
  g_assert_cmpint(v.kind, ==, MG_FLV_FRAME);
  g_assert_false(v.is_key);
  g_assert_cmpint(v.composition_ms, ==, 80);
  g_assert_cmpint(video("27 01 ffffd8 00").composition_ms, ==, -40);
  g_assert_cmpint(video("27 01 800000 00").composition_ms, ==, -8388608);
  g_assert_cmpint(video("17 02 000000").kind, ==, MG_FLV_END);
  g_assert_cmpint(video("17 00 ffffff 01").composition_ms, ==, 0);
  g_assert_true(video("47 01 000000 00").is_key);
}

static void
test_empty_bodies(void)
{
  g_assert_cmpint(video("").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(video("17 00 000000").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(video("27 01 000000").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(audio("").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(audio("af 00").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(audio("af 01").kind, ==, MG_FLV_EMPTY);
  g_assert_cmpint(audio("2f").kind, ==, MG_FLV_EMPTY);
}

static void
test_video_commands(void)
{
  g_assert_cmpint(video("57 00").kind, ==, MG_FLV_COMMAND);
  g_assert_cmpint(video("52").kind, ==, MG_FLV_COMMAND);
  g_assert_cmpint(video("d0 01").kind, ==, MG_FLV_COMMAND);
}

static void
test_other_codecs(void)
{
  MgFlvVideo v = video("12 aa");
  g_assert_cmpint(v.kind, ==, MG_FLV_OTHER);
  g_assert_cmpuint(v.codec, ==, 2);
  g_assert_true(v.is_key);
  g_assert_cmpstr(mg_flv_video_codec_name(2), ==, "Sorenson H.263");
  g_assert_cmpstr(mg_flv_video_codec_name(15), ==, "unknown");
  g_assert_cmpint(video("1c 00 000000 01").kind, ==, MG_FLV_OTHER);
  MgFlvAudio a = audio("2e ff");
  g_assert_cmpint(a.kind, ==, MG_FLV_OTHER);
  g_assert_cmpuint(a.codec, ==, 2);
  g_assert_cmpuint(a.offset, ==, 1);
  g_assert_cmpstr(mg_flv_audio_codec_name(2), ==, "MP3");
  g_assert_cmpstr(mg_flv_audio_codec_name(12), ==, "unknown");
  g_assert_cmpstr(mg_flv_audio_codec_name(11), ==, "Speex");
  g_assert_cmpstr(mg_flv_video_codec_name(12), ==, "HEVC under the unofficial number 12");
}

static void
test_aac(void)
{
  MgFlvAudio a = audio("af 00 1210");
  g_assert_cmpint(a.kind, ==, MG_FLV_CONFIG);
  g_assert_cmpuint(a.codec, ==, MG_FLV_SOUND_AAC);
  g_assert_cmpuint(a.offset, ==, 2);
  g_assert_cmpint(audio("af 01 21").kind, ==, MG_FLV_FRAME);
}

static void
test_enhanced(void)
{
  char text[5];
  MgFlvVideo v = video("90 'hvc1' 01");
  g_assert_cmpint(v.kind, ==, MG_FLV_ENHANCED);
  g_assert_true(v.is_key);
  g_assert_cmpuint(v.packet_type, ==, 0);
  g_assert_cmpuint(v.offset, ==, 5);
  mg_flv_fourcc_text(v.fourcc, text);
  g_assert_cmpstr(text, ==, "hvc1");
  g_assert_cmphex(video("a3 'av01'").fourcc, ==, 0x61763031);
  g_assert_cmphex(video("96 00 'hvc1'").fourcc, ==, 0);
  g_assert_cmpint(video("d4 'hvc1'").kind, ==, MG_FLV_ENHANCED); /* metadata: no command */
  MgFlvAudio a = audio("90 'Opus'");
  g_assert_cmpint(a.kind, ==, MG_FLV_ENHANCED);
  g_assert_cmphex(a.fourcc, ==, 0x4f707573);
  g_assert_cmphex(audio("95 00").fourcc, ==, 0);
  mg_flv_fourcc_text(0x1b5b001f, text);
  g_assert_cmpstr(text, ==, "?[??");
}

static void
test_broken_headers(void)
{
  static const char *const videos[] = { "17", "17 00",   "17 01 0000", "17 03 000000 aa",
                                        "90", "90 'hvc'" };
  static const char *const audios[] = { "af", "af 02 00", "90", "90 'Opu'" };
  for (guint i = 0; i < G_N_ELEMENTS(videos) + G_N_ELEMENTS(audios); i++) {
    gboolean is_video = i < G_N_ELEMENTS(videos);
    g_auto(MgWriter) in = MG_WRITER_INIT;
    g_autoptr(GError) error = NULL;
    MgFlvVideo v;
    MgFlvAudio a;
    put_hex(&in, is_video ? videos[i] : audios[i - G_N_ELEMENTS(videos)]);
    g_autofree guint8 *exact = g_memdup2(in.data, in.size);
    g_assert_false(is_video ? mg_flv_video_parse(exact, in.size, &v, &error)
                            : mg_flv_audio_parse(exact, in.size, &a, &error));
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
  }
}

static void
test_writing(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_flv_write_avc_header(&w, TRUE, 0, 0);
  mg_flv_write_avc_header(&w, FALSE, 1, -40);
  mg_flv_write_aac_header(&w, 1);
  assert_hex(w.data, w.size, "17 00 000000 27 01 ffffd8 af 01");
}

static void
test_file(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, "'FLV' 01 05 0000000a ee 00000000"
               "08 000002 345678 12 000000 aabb 0000000d"
               "29 000001 000000 00 000000 cc 0000000c" /* the filter bit does not count */
               "12 000000 000001 00 000000");
  MgReader r = MG_READER(in.data, in.size);
  MgFlvTag tag;
  g_assert_true(mg_flv_file_begin(&r));
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 8);
  g_assert_cmphex(tag.timestamp_ms, ==, 0x12345678);
  assert_hex(tag.data, tag.size, "aabb");
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 9);
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 18);
  g_assert_cmpuint(tag.size, ==, 0);
  g_assert_false(mg_flv_tag_read(&r, &tag));
  g_assert_false(mg_reader_failed(&r));
}

static void
test_no_file(void)
{
  static const char *const files[] = { "'FLV' 01 05 000000", "'FLW' 01 05 00000009 00000000",
                                       "'FLV' 01 05 00000008 00000000",
                                       "'FLV' 01 05 ffffffff 00000000", "'FLV' 01 05 00000009" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_auto(MgWriter) in = MG_WRITER_INIT;
    put_hex(&in, files[i]);
    MgReader r = MG_READER(in.data, in.size);
    g_assert_false(mg_flv_file_begin(&r));
  }
  MgReader empty = MG_READER(NULL, 0);
  g_assert_false(mg_flv_file_begin(&empty));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/flv/avc-headers-are-read", test_avc);
  g_test_add_func("/rtmp/flv/empty-bodies-say-nothing", test_empty_bodies);
  g_test_add_func("/rtmp/flv/video-commands-are-no-frames", test_video_commands);
  g_test_add_func("/rtmp/flv/other-codecs-are-named", test_other_codecs);
  g_test_add_func("/rtmp/flv/aac-headers-are-read", test_aac);
  g_test_add_func("/rtmp/flv/enhanced-headers-are-recognised", test_enhanced);
  g_test_add_func("/rtmp/flv/broken-headers-are-refused", test_broken_headers);
  g_test_add_func("/rtmp/flv/writing-is-byte-exact", test_writing);
  g_test_add_func("/rtmp/flv/files-are-read-tag-by-tag", test_file);
  g_test_add_func("/rtmp/flv/what-is-no-flv-is-refused", test_no_file);
  return g_test_run();
}
