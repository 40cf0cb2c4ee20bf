/* FFmpeg's own VA-API code on the driver: device, frames in memory and back, scaling. */
#include "device.h"
#include "frames.h"

static void
opens_the_device_by_its_path(void)
{
  Device d;
  device_prepare(&d, "mesa-like", NULL);
  AVBufferRef *device = frames_open_device();
  AVHWFramesConstraints *limits = av_hwdevice_get_hwframe_constraints(device, NULL);
  g_assert_cmpint(limits->valid_sw_formats[0], ==, AV_PIX_FMT_NV12);
  av_hwframe_constraints_free(&limits);
  av_buffer_unref(&device);
  g_assert_cmpuint(device_count(&d, "vaInitialize SUCCESS: mesa-like"), ==, 1);
  g_assert_cmpuint(device_count(&d, "nothing leaked"), ==, 1);
  device_clear(&d);
}

static void
a_driver_that_fails_is_an_error(void)
{
  Device d;
  AVBufferRef *device = NULL;
  device_prepare(&d, NULL, "vaInitialize@1=OPERATION_FAILED");
  av_log_set_level(AV_LOG_QUIET);
  g_assert_cmpint(av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, "/dev/null", NULL, 0), ==,
                  AVERROR(EIO));
  av_log_set_level(AV_LOG_WARNING);
  g_assert_null(device);
  device_clear(&d);
}

/* What FILTERS make of frame 3 of a pattern of 96x80. Returned-owned. */
static AVFrame *
filtered(const char *filters, Device *d)
{
  device_prepare(d, NULL, NULL);
  AVBufferRef *device = frames_open_device();
  AVFrame *frame = frames_draw(3, 96, 80);
  AVFrame *result = frames_filter(device, filters, frame);
  av_frame_free(&frame);
  av_buffer_unref(&device);
  return result;
}

static void
a_frame_comes_back_unchanged(void)
{
  Device d;
  AVFrame *frame = frames_draw(3, 96, 80);
  g_autofree char *expected = frames_md5(frame);
  AVFrame *result = filtered("hwupload,hwdownload,format=nv12", &d);
  g_autofree char *actual = frames_md5(result);
  g_assert_cmpstr(actual, ==, expected);
  av_frame_free(&result);
  av_frame_free(&frame);
  device_clear(&d);
}

static void
what_keeps_its_size_keeps_its_pixels(void)
{
  Device d;
  AVFrame *frame = frames_draw(3, 96, 80);
  g_autofree char *expected = frames_md5(frame);
  AVFrame *result = filtered("hwupload,scale_vaapi=w=96:h=80,hwdownload,format=nv12", &d);
  g_autofree char *actual = frames_md5(result);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: scaled 96x80 to 96x80"), ==, 1);
  g_assert_cmpstr(actual, ==, expected);
  av_frame_free(&result);
  av_frame_free(&frame);
  device_clear(&d);
}

static guint
luma(const AVFrame *frame, guint x, guint y)
{
  return frame->data[0][y * (guint) frame->linesize[0] + x];
}

/* The sum of the 3x4 pixels that pixel (X, Y) of a picture of 32x20 covers in one of 96x80. */
static guint
sum_of_covered(const AVFrame *frame, guint x, guint y)
{
  guint sum = 0;
  for (guint i = 0; i < 12; i++)
    sum += luma(frame, 3 * x + i % 3, 4 * y + i / 3);
  return sum;
}

/* The mean of what a pixel covers, to within rounding twice. */
static void
scales_down_by_area(void)
{
  Device d;
  AVFrame *frame = frames_draw(3, 96, 80);
  AVFrame *result = filtered("hwupload,scale_vaapi=w=32:h=20,hwdownload,format=nv12", &d);
  g_assert_cmpint(result->width, ==, 32);
  for (guint y = 0; y < 20; y++)
    for (guint x = 0; x < 32; x++)
      g_assert_cmpint(ABS((int) (12 * luma(result, x, y)) - (int) sum_of_covered(frame, x, y)), <=,
                      12);
  av_frame_free(&result);
  av_frame_free(&frame);
  device_clear(&d);
}

/* At double the size a sample lies a quarter of the way between two. */
static void
scales_up_bilinearly(void)
{
  Device d;
  AVFrame *frame = frames_draw(3, 96, 80);
  AVFrame *result = filtered("hwupload,scale_vaapi=w=192:h=80,hwdownload,format=nv12", &d);
  for (guint x = 0; x < 95; x++) {
    guint left = luma(frame, x, 9), right = luma(frame, x + 1, 9);
    g_assert_cmpuint(luma(result, 2 * x + 1, 9), ==, (3 * left + right + 2) / 4);
    g_assert_cmpuint(luma(result, 2 * x + 2, 9), ==, (left + 3 * right + 2) / 4);
  }
  av_frame_free(&result);
  av_frame_free(&frame);
  device_clear(&d);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/va-driver/ffmpeg/opens-the-device-by-its-path", opens_the_device_by_its_path);
  g_test_add_func("/va-driver/ffmpeg/a-driver-that-fails-is-an-error",
                  a_driver_that_fails_is_an_error);
  g_test_add_func("/va-driver/ffmpeg/a-frame-comes-back-unchanged", a_frame_comes_back_unchanged);
  g_test_add_func("/va-driver/ffmpeg/what-keeps-its-size-keeps-its-pixels",
                  what_keeps_its_size_keeps_its_pixels);
  g_test_add_func("/va-driver/ffmpeg/scales-down-by-area", scales_down_by_area);
  g_test_add_func("/va-driver/ffmpeg/scales-up-bilinearly", scales_up_bilinearly);
  return g_test_run();
}
