/* FFmpeg's h264_vaapi on the driver: what is encoded is what any decoder sees. */
#include "codecs.h"
#include "device.h"

static void
assert_equal(char **actual, char **expected)
{
  g_assert_cmpuint(g_strv_length(actual), ==, g_strv_length(expected));
  for (guint i = 0; expected[i] != NULL; i++)
    g_assert_cmpstr(actual[i], ==, expected[i]);
}

/* Encodes the clip, and fails unless FFmpeg's decoder gives back each pixel. The log is in D afterwards. */
static GPtrArray *
encode_losslessly(Device *d, const char *model, const Clip *clip)
{
  device_prepare(d, model, NULL);
  AVBufferRef *device = frames_open_device();
  GPtrArray *packets = codecs_encode_on(device, clip, NULL);
  av_buffer_unref(&device);
  g_auto(GStrv) expected = codecs_md5s_of_clip(clip);
  g_auto(GStrv) actual = codecs_md5s_of_packets(NULL, packets, NULL);
  assert_equal(actual, expected);
  return packets;
}

static void
baseline_is_lossless(void)
{
  Device d;
  Clip clip = { 6, 96, 80, "profile=constrained_baseline:qp=20:bf=0:g=3" };
  g_autoptr(GPtrArray) packets = encode_losslessly(&d, "intel-like", &clip);
  g_assert_cmpuint(packets->len, ==, 6);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded IDR I"), ==, 2);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded P"), ==, 4);
  g_assert_cmpuint(device_count(&d, "vaGetImage"), ==, 0);
  device_clear(&d);
}

static void
cabac_is_lossless(void)
{
  Device d;
  Clip clip = { 8, 96, 80, "profile=high:qp=20:bf=0:g=4:coder=cabac" };
  g_autoptr(GPtrArray) packets = encode_losslessly(&d, "intel-like", &clip);
  g_assert_cmpuint(packets->len, ==, 8);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded P"), ==, 6);
  device_clear(&d);
}

static void
b_frames_are_lossless(void)
{
  Device d;
  Clip clip = { 10, 96, 80, "profile=main:qp=20:bf=2:g=10" };
  g_autoptr(GPtrArray) packets = encode_losslessly(&d, "intel-like", &clip);
  g_assert_cmpuint(packets->len, ==, 10);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded B"), ==, 6);
  device_clear(&d);
}

static void
b_frames_without_cabac_are_lossless(void)
{
  Device d;
  Clip clip = { 7, 96, 80, "profile=main:qp=20:bf=1:g=7:coder=cavlc" };
  g_autoptr(GPtrArray) packets = encode_losslessly(&d, "intel-like", &clip);
  g_assert_cmpuint(packets->len, ==, 7);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded B"), ==, 3);
  device_clear(&d);
}

/* The driver's own headers: in band, with cropping. */
static void
own_headers_are_lossless(void)
{
  Device d;
  Clip clip = { 6, 100, 74, "profile=high:bf=0:g=3:rc_mode=CBR:b=400000:maxrate=400000" };
  av_log_set_level(AV_LOG_ERROR); /* that the driver takes no packed headers is a warning */
  g_autoptr(GPtrArray) packets = encode_losslessly(&d, "mesa-like", &clip);
  av_log_set_level(AV_LOG_WARNING);
  const AVPacket *first = g_ptr_array_index(packets, 0), *second = g_ptr_array_index(packets, 1);
  g_assert_cmpuint(first->data[4] & 0x1f, ==, 7);
  g_assert_cmpuint(second->data[4] & 0x1f, ==, 1);
  device_clear(&d);
}

static void
a_picture_that_fails_is_an_error(void)
{
  Device d;
  device_prepare(&d, NULL, "vaEndPicture@1=ENCODING_ERROR");
  av_log_set_level(AV_LOG_QUIET);
  AVBufferRef *device = frames_open_device();
  Clip clip = { 1, 96, 80, "bf=0:qp=20" };
  int error;
  g_autoptr(GPtrArray) packets = codecs_encode_on(device, &clip, &error);
  av_buffer_unref(&device);
  av_log_set_level(AV_LOG_WARNING);
  g_assert_cmpint(error, ==, AVERROR(EIO));
  g_assert_cmpuint(packets->len, ==, 0);
  g_assert_cmpuint(device_count(&d, "vaEndPicture ENCODING_ERROR: as planned"), ==, 1);
  device_clear(&d);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/va-driver/encode/baseline-is-lossless", baseline_is_lossless);
  g_test_add_func("/va-driver/encode/cabac-is-lossless", cabac_is_lossless);
  g_test_add_func("/va-driver/encode/b-frames-are-lossless", b_frames_are_lossless);
  g_test_add_func("/va-driver/encode/b-frames-without-cabac-are-lossless",
                  b_frames_without_cabac_are_lossless);
  g_test_add_func("/va-driver/encode/own-headers-are-lossless", own_headers_are_lossless);
  g_test_add_func("/va-driver/encode/a-picture-that-fails-is-an-error",
                  a_picture_that_fails_is_an_error);
  return g_test_run();
}
