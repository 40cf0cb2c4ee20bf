/* The loops around FFmpeg's encoders and decoders. */
#include "codecs.h"

#include <libavutil/opt.h>

static void
packet_free(gpointer data)
{
  AVPacket *packet = data;
  av_packet_free(&packet);
}

GPtrArray *
codecs_packets_new(void)
{
  return g_ptr_array_new_with_free_func(packet_free);
}

/* Returned-owned: surfaces of DEVICE to upload frames of the clip to. */
static AVBufferRef *
open_surfaces(AVBufferRef *device, const Clip *clip)
{
  AVBufferRef *surfaces = av_hwframe_ctx_alloc(device);
  AVHWFramesContext *context = (AVHWFramesContext *) (void *) surfaces->data;
  context->format = AV_PIX_FMT_VAAPI;
  context->sw_format = AV_PIX_FMT_NV12;
  context->width = (int) clip->width;
  context->height = (int) clip->height;
  g_assert_cmpint(av_hwframe_ctx_init(surfaces), ==, 0);
  return surfaces;
}

AVCodecContext *
codecs_open_encoder(const char *name, AVBufferRef *surfaces, const Clip *clip)
{
  const AVCodec *codec = avcodec_find_encoder_by_name(name);
  AVCodecContext *encoder = avcodec_alloc_context3(codec);
  AVDictionary *options = NULL;
  encoder->width = (int) clip->width;
  encoder->height = (int) clip->height;
  encoder->time_base = (AVRational){ 1, 25 };
  encoder->framerate = (AVRational){ 25, 1 };
  encoder->pix_fmt = surfaces == NULL ? AV_PIX_FMT_NV12 : AV_PIX_FMT_VAAPI;
  encoder->hw_frames_ctx = surfaces == NULL ? NULL : av_buffer_ref(surfaces);
  g_assert_cmpint(av_dict_parse_string(&options, clip->options, "=", ":", 0), ==, 0);
  g_assert_cmpint(avcodec_open2(encoder, codec, &options), ==, 0);
  g_assert_cmpint(av_dict_count(options), ==, 0);
  av_dict_free(&options);
  return encoder;
}

void
codecs_take_packets(AVCodecContext *encoder, GPtrArray *packets)
{
  for (;;) {
    AVPacket *packet = av_packet_alloc();
    if (avcodec_receive_packet(encoder, packet) < 0) {
      av_packet_free(&packet);
      return;
    }
    g_ptr_array_add(packets, packet);
  }
}

static AVFrame *
upload(AVBufferRef *surfaces, AVFrame *frame)
{
  AVFrame *uploaded = av_frame_alloc();
  g_assert_cmpint(av_hwframe_get_buffer(surfaces, uploaded, 0), ==, 0);
  g_assert_cmpint(av_hwframe_transfer_data(uploaded, frame, 0), ==, 0);
  uploaded->pts = frame->pts;
  av_frame_free(&frame);
  return uploaded;
}

/* To the caller, when it asks; else there must not be one. */
static void
hand_over(int status, int *error)
{
  if (error != NULL)
    *error = status;
  else
    g_assert_cmpint(status, ==, 0);
}

static GPtrArray *
encode(const char *name, AVBufferRef *surfaces, const Clip *clip, int *error)
{
  GPtrArray *packets = codecs_packets_new();
  AVCodecContext *encoder = codecs_open_encoder(name, surfaces, clip);
  int status = 0;
  for (guint i = 0; i <= clip->n_frames && status == 0; i++) {
    AVFrame *frame = i < clip->n_frames ? frames_draw(i, clip->width, clip->height) : NULL;
    if (surfaces != NULL && frame != NULL)
      frame = upload(surfaces, frame);
    status = avcodec_send_frame(encoder, frame);
    av_frame_free(&frame);
    codecs_take_packets(encoder, packets);
  }
  hand_over(status, error);
  avcodec_free_context(&encoder);
  return packets;
}

GPtrArray *
codecs_encode_on(AVBufferRef *device, const Clip *clip, int *error)
{
  AVBufferRef *surfaces = open_surfaces(device, clip);
  GPtrArray *packets = encode("h264_vaapi", surfaces, clip, error);
  av_buffer_unref(&surfaces);
  return packets;
}

GPtrArray *
codecs_encode(const Clip *clip)
{
  return encode("libx264", NULL, clip, NULL);
}

GStrv
codecs_md5s_of_clip(const Clip *clip)
{
  g_autoptr(GStrvBuilder) md5s = g_strv_builder_new();
  for (guint i = 0; i < clip->n_frames; i++) {
    AVFrame *frame = frames_draw(i, clip->width, clip->height);
    g_autofree char *md5 = frames_md5(frame);
    g_strv_builder_add(md5s, md5);
    av_frame_free(&frame);
  }
  return g_strv_builder_end(md5s);
}

/* A frame of a decoder, in memory and as NV12. */
static void
add_md5(GStrvBuilder *md5s, const AVFrame *frame)
{
  AVFrame *memory = av_frame_alloc();
  if (frame->format == AV_PIX_FMT_VAAPI)
    g_assert_cmpint(av_hwframe_transfer_data(memory, frame, 0), ==, 0);
  else
    g_assert_cmpint(av_frame_ref(memory, frame), ==, 0);
  memory->width = frame->width;
  memory->height = frame->height;
  g_autofree char *md5 = frames_md5(memory);
  g_strv_builder_add(md5s, md5);
  av_frame_free(&memory);
}

static int
take_frames(AVCodecContext *decoder, GStrvBuilder *md5s)
{
  AVFrame *frame = av_frame_alloc();
  int status;
  while ((status = avcodec_receive_frame(decoder, frame)) == 0)
    add_md5(md5s, frame);
  av_frame_free(&frame);
  return status == AVERROR(EAGAIN) || status == AVERROR_EOF ? 0 : status;
}

static enum AVPixelFormat
choose_vaapi(AVCodecContext *decoder, const enum AVPixelFormat *formats)
{
  for (; *formats != AV_PIX_FMT_NONE; formats++)
    if (*formats == AV_PIX_FMT_VAAPI)
      return *formats;
  return AV_PIX_FMT_NONE;
}

AVCodecContext *
codecs_open_decoder(AVBufferRef *device)
{
  const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  AVCodecContext *decoder = avcodec_alloc_context3(codec);
  decoder->thread_count = 1;
  if (device != NULL) {
    decoder->hw_device_ctx = av_buffer_ref(device);
    decoder->get_format = choose_vaapi;
  }
  g_assert_cmpint(avcodec_open2(decoder, codec, NULL), ==, 0);
  return decoder;
}

GStrv
codecs_md5s_of_packets(AVBufferRef *device, const GPtrArray *packets, int *error)
{
  g_autoptr(GStrvBuilder) md5s = g_strv_builder_new();
  AVCodecContext *decoder = codecs_open_decoder(device);
  int status = 0;
  for (guint i = 0; i <= packets->len && status == 0; i++) {
    status = avcodec_send_packet(decoder, i < packets->len ? packets->pdata[i] : NULL);
    if (status == 0)
      status = take_frames(decoder, md5s);
  }
  hand_over(status, error);
  avcodec_free_context(&decoder);
  return g_strv_builder_end(md5s);
}
