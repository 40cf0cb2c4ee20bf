/* FFmpeg's H.264 hwaccel on the driver gives the same pixels as its decoder in software. */
#include "codecs.h"
#include "device.h"

static void
assert_decodes_alike(const GPtrArray *packets, guint n_frames)
{
  Device d;
  device_prepare(&d, "mesa-like", NULL);
  AVBufferRef *device = frames_open_device();
  g_auto(GStrv) expected = codecs_md5s_of_packets(NULL, packets, NULL);
  g_auto(GStrv) actual = codecs_md5s_of_packets(device, packets, NULL);
  av_buffer_unref(&device);
  g_assert_cmpuint(g_strv_length(expected), ==, n_frames);
  g_assert_cmpuint(g_strv_length(actual), ==, n_frames);
  for (guint i = 0; i < n_frames; i++)
    g_assert_cmpstr(actual[i], ==, expected[i]);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: decoded"), >=, n_frames);
  device_clear(&d);
}

static void
decodes_alike(gconstpointer options)
{
  Clip clip = { 12, 176, 144, options };
  g_autoptr(GPtrArray) packets = codecs_encode(&clip);
  assert_decodes_alike(packets, clip.n_frames);
}

static void
decodes_what_it_encodes(void)
{
  Device d;
  Clip clip = { 8, 96, 80, "profile=high:qp=20:bf=2:g=8" };
  device_prepare(&d, "intel-like", NULL);
  AVBufferRef *device = frames_open_device();
  g_autoptr(GPtrArray) packets = codecs_encode_on(device, &clip, NULL);
  g_auto(GStrv) actual = codecs_md5s_of_packets(device, packets, NULL);
  g_auto(GStrv) expected = codecs_md5s_of_clip(&clip);
  av_buffer_unref(&device);
  g_assert_cmpuint(g_strv_length(actual), ==, 8);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpstr(actual[i], ==, expected[i]);
  device_clear(&d);
}

static void
a_picture_that_fails_is_an_error(void)
{
  Device d;
  int error;
  Clip clip = { 4, 176, 144, "bf=0:preset=ultrafast:tune=zerolatency" };
  g_autoptr(GPtrArray) packets = codecs_encode(&clip);
  device_prepare(&d, NULL, "vaEndPicture@2=HW_BUSY");
  av_log_set_level(AV_LOG_QUIET);
  AVBufferRef *device = frames_open_device();
  g_auto(GStrv) md5s = codecs_md5s_of_packets(device, packets, &error);
  av_buffer_unref(&device);
  av_log_set_level(AV_LOG_WARNING);
  g_assert_cmpint(error, ==, AVERROR(EIO));
  g_assert_cmpuint(g_strv_length(md5s), ==, 1);
  device_clear(&d);
}

int
main(int argc, char **argv)
{
  static const struct {
    const char *name, *options;
  } streams[] = {
    { "/va-driver/decode/alike/baseline", "profile=baseline:g=6" },
    { "/va-driver/decode/alike/cavlc-intra", "profile=baseline:g=1" },
    { "/va-driver/decode/alike/main-with-b-frames", "profile=main:bf=3:refs=4:g=12" },
    { "/va-driver/decode/alike/high-with-pyramid",
      "profile=high:bf=3:b-pyramid=normal:refs=5:8x8dct=1:g=12" },
    { "/va-driver/decode/alike/weighted", "profile=high:weightp=2:weightb=1:bf=2:g=12" },
    { "/va-driver/decode/alike/temporal-direct", "profile=high:bf=2:direct-pred=temporal:g=12" },
    { "/va-driver/decode/alike/own-matrices", "profile=high:x264-params=cqm=jvt" },
    { "/va-driver/decode/alike/slices", "profile=main:slices=4:g=12" },
    { "/va-driver/decode/alike/interlaced", "profile=high:bf=1:x264-params=interlaced=1" },
    { "/va-driver/decode/alike/lossy-extremes", "profile=high:qp=48:g=12" },
  };
  g_test_init(&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS(streams); i++)
    g_test_add_data_func(streams[i].name, streams[i].options, decodes_alike);
  g_test_add_func("/va-driver/decode/what-it-encodes", decodes_what_it_encodes);
  g_test_add_func("/va-driver/decode/a-picture-that-fails-is-an-error",
                  a_picture_that_fails_is_an_error);
  return g_test_run();
}
