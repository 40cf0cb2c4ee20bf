#include <mediagraph/stream.h>

static void
assert_described(const MgStreamInfo *info, const char *expected)
{
  MgStreamInfo whole = *info;
  whole.id = "main";
  whole.media = info->width > 0 ? MG_MEDIA_VIDEO : MG_MEDIA_AUDIO;
  whole.form = MG_FORM_PACKET;
  g_autoptr(MgStream) stream = mg_stream_new(&whole);
  g_autofree char *text = mg_stream_describe(stream);
  g_assert_cmpstr(text, ==, expected);
}

static void
test_names(void)
{
  static const struct {
    MgCodec codec;
    const char *name;
  } all[] = {
    { MG_CODEC_H264, "H.264" }, { MG_CODEC_HEVC, "HEVC" },   { MG_CODEC_VVC, "VVC" },
    { MG_CODEC_AV1, "AV1" },    { MG_CODEC_VP8, "VP8" },     { MG_CODEC_VP9, "VP9" },
    { MG_CODEC_AAC, "AAC" },    { MG_CODEC_OPUS, "Opus" },   { MG_CODEC_FLAC, "FLAC" },
    { MG_CODEC_AC3, "AC-3" },   { MG_CODEC_EAC3, "E-AC-3" }, { MG_CODEC_MP3, "MP3" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autofree char *name = mg_codec_name(all[i].codec);
    g_assert_cmpstr(name, ==, all[i].name);
  }
}

static void
test_unknown(void)
{
  g_autofree char *name = mg_codec_name(MG_FOURCC('m', 'p', '3', ' '));
  g_autofree char *binary = mg_codec_name(MG_FOURCC('x', 1, 0xff, 'y'));
  g_assert_cmpstr(name, ==, "mp3");
  g_assert_cmpstr(binary, ==, "x??y");
}

static void
test_video(void)
{
  MgStreamInfo info = {
    .codec = MG_CODEC_HEVC, .width = 3840, .height = 2160, .frame_rate = { 50, 1 }
  };
  assert_described(&info, "HEVC 3840x2160 50 fps");
  info.bit_depth = 10;
  info.colour = (MgColour){ 9, 16, 9, FALSE };
  assert_described(&info, "HEVC 3840x2160 50 fps 10 bit PQ");
  info.colour.transfer = 18;
  assert_described(&info, "HEVC 3840x2160 50 fps 10 bit HLG");
}

static void
test_audio(void)
{
  const MgStreamInfo opus = { .codec = MG_CODEC_OPUS, .sample_rate = 48000, .channels = 2 };
  const MgStreamInfo surround = { .codec = MG_CODEC_EAC3, .sample_rate = 44100, .channels = 6 };
  assert_described(&opus, "Opus 48 kHz stereo");
  assert_described(&surround, "E-AC-3 44.1 kHz 6 channels");
}

/* A plugin built before HDR was known fills in less; the rest reads as unknown. */
static void
test_shorter(void)
{
  const MgStreamInfo info = {
    .size = G_STRUCT_OFFSET(MgStreamInfo, bit_depth),
    .id = "main",
    .media = MG_MEDIA_VIDEO,
    .form = MG_FORM_PACKET,
    .codec = MG_CODEC_H264,
    .bit_depth = 10,
    .light = { 1000, 400 },
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  g_assert_cmpuint(mg_stream_info(stream)->bit_depth, ==, 0);
  g_assert_cmpuint(mg_stream_info(stream)->light.max_content, ==, 0);
  g_assert_cmpuint(mg_stream_info(stream)->size, ==, sizeof(MgStreamInfo));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/graph/stream/codecs-have-names", test_names);
  g_test_add_func("/graph/stream/unknown-codec-goes-by-its-fourcc", test_unknown);
  g_test_add_func("/graph/stream/high-dynamic-range-is-told", test_video);
  g_test_add_func("/graph/stream/channels-and-rate-are-told", test_audio);
  g_test_add_func("/graph/stream/shorter-info-reads-as-unknown", test_shorter);
  return g_test_run();
}
