/* Decoding, scaling and encoding in one chain: frames stay on the device from end to end. */
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/opt.h>
#include "codecs.h"
#include "device.h"

/* One rung of a ladder: scaler and encoder are made when the first frame comes. */
typedef struct {
  const Clip *clip;
  AVFilterGraph *graph;
  AVFilterContext *source, *scale, *sink;
  AVCodecContext *encoder;
  GPtrArray *packets;
} Rung;

static void
make_graph(Rung *rung, const AVFrame *frame)
{
  AVBufferSrcParameters *parameters = av_buffersrc_parameters_alloc();
  g_autofree char *size = g_strdup_printf("w=%u:h=%u", rung->clip->width, rung->clip->height);
  rung->graph = avfilter_graph_alloc();
  rung->source = avfilter_graph_alloc_filter(rung->graph, avfilter_get_by_name("buffer"), "source");
  parameters->format = frame->format;
  parameters->width = frame->width;
  parameters->height = frame->height;
  parameters->time_base = (AVRational){ 1, 25 };
  parameters->hw_frames_ctx = frame->hw_frames_ctx;
  g_assert_cmpint(av_buffersrc_parameters_set(rung->source, parameters), ==, 0);
  av_free(parameters);
  g_assert_cmpint(avfilter_init_str(rung->source, NULL), ==, 0);
  g_assert_cmpint(avfilter_graph_create_filter(&rung->scale, avfilter_get_by_name("scale_vaapi"),
                                               "scale", size, NULL, rung->graph),
                  ==, 0);
  g_assert_cmpint(avfilter_graph_create_filter(&rung->sink, avfilter_get_by_name("buffersink"),
                                               "sink", NULL, NULL, rung->graph),
                  ==, 0);
  g_assert_cmpint(avfilter_link(rung->source, 0, rung->scale, 0), ==, 0);
  g_assert_cmpint(avfilter_link(rung->scale, 0, rung->sink, 0), ==, 0);
  g_assert_cmpint(avfilter_graph_config(rung->graph, NULL), ==, 0);
}

static void
rung_open(Rung *rung, const AVFrame *frame)
{
  make_graph(rung, frame);
  rung->packets = codecs_packets_new();
  rung->encoder =
      codecs_open_encoder("h264_vaapi", av_buffersink_get_hw_frames_ctx(rung->sink), rung->clip);
}

static void
rung_push(Rung *rung, AVFrame *frame)
{
  if (rung->graph == NULL)
    rung_open(rung, frame);
  AVFrame *scaled = av_frame_alloc();
  g_assert_cmpint(av_buffersrc_write_frame(rung->source, frame), ==, 0);
  g_assert_cmpint(av_buffersink_get_frame(rung->sink, scaled), ==, 0);
  scaled->pict_type = AV_PICTURE_TYPE_NONE; /* the encoder's choice, not the source's */
  g_assert_cmpint(avcodec_send_frame(rung->encoder, scaled), ==, 0);
  av_frame_free(&scaled);
  codecs_take_packets(rung->encoder, rung->packets);
}

/* What is left are its packets. */
static void
rung_end(Rung *rung)
{
  g_assert_cmpint(avcodec_send_frame(rung->encoder, NULL), ==, 0);
  codecs_take_packets(rung->encoder, rung->packets);
  avcodec_free_context(&rung->encoder);
  avfilter_graph_free(&rung->graph);
}

static void
push_decoded(AVCodecContext *decoder, Rung *rungs, guint n_rungs)
{
  AVFrame *frame = av_frame_alloc();
  while (avcodec_receive_frame(decoder, frame) == 0) {
    g_assert_cmpint(frame->format, ==, AV_PIX_FMT_VAAPI);
    for (guint i = 0; i < n_rungs; i++)
      rung_push(&rungs[i], frame);
    av_frame_unref(frame);
  }
  av_frame_free(&frame);
}

static void
transcode(AVBufferRef *device, const GPtrArray *packets, Rung *rungs, guint n_rungs)
{
  AVCodecContext *decoder = codecs_open_decoder(device);
  for (guint i = 0; i <= packets->len; i++) {
    AVPacket *packet = i < packets->len ? packets->pdata[i] : NULL;
    g_assert_cmpint(avcodec_send_packet(decoder, packet), ==, 0);
    push_decoded(decoder, rungs, n_rungs);
  }
  for (guint i = 0; i < n_rungs; i++)
    rung_end(&rungs[i]);
  avcodec_free_context(&decoder);
}

/* The rung of the source's size is the source to the bit: nothing in the chain loses anything. */
static void
a_ladder_stays_on_the_device(gconstpointer model)
{
  Device d;
  Clip source = { 10, 192, 160, "profile=high:bf=2:g=10" };
  Clip same = { 10, 192, 160, "bf=0:g=5:qp=20" }, half = { 10, 96, 80, "bf=0:g=5:qp=20" };
  Rung rungs[] = { { .clip = &same }, { .clip = &half } };
  g_autoptr(GPtrArray) packets = codecs_encode(&source);
  device_prepare(&d, model, NULL);
  av_log_set_level(AV_LOG_ERROR); /* which headers the driver takes is a warning */
  AVBufferRef *device = frames_open_device();
  transcode(device, packets, rungs, G_N_ELEMENTS(rungs));
  av_buffer_unref(&device);
  g_auto(GStrv) expected = codecs_md5s_of_packets(NULL, packets, NULL);
  g_auto(GStrv) actual = codecs_md5s_of_packets(NULL, rungs[0].packets, NULL);
  g_auto(GStrv) halves = codecs_md5s_of_packets(NULL, rungs[1].packets, NULL);
  av_log_set_level(AV_LOG_WARNING);
  g_assert_cmpuint(g_strv_length(expected), ==, 10);
  g_assert_true(g_strv_equal((const char *const *) actual, (const char *const *) expected));
  g_assert_cmpuint(g_strv_length(halves), ==, 10);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: scaled 192x160 to 96x80"), ==, 10);
  g_assert_cmpuint(device_count(&d, "vaEndPicture SUCCESS: encoded IDR I"), ==, 4);
  g_assert_cmpuint(device_count(&d, "vaGetImage"), ==, 0);
  g_assert_cmpuint(device_count(&d, "vaPutImage"), ==, 0);
  g_assert_cmpuint(device_count(&d, "nothing leaked"), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS(rungs); i++)
    g_ptr_array_unref(rungs[i].packets);
  device_clear(&d);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_data_func("/va-driver/chain/intel-like", "intel-like", a_ladder_stays_on_the_device);
  g_test_add_data_func("/va-driver/chain/mesa-like", "mesa-like", a_ladder_stays_on_the_device);
  return g_test_run();
}
