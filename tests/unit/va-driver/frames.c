/* Patterns, checksums and filter graphs. */
#include "frames.h"

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

AVBufferRef *
frames_open_device(void)
{
  AVBufferRef *device = NULL;
  int status = av_hwdevice_ctx_create(&device, AV_HWDEVICE_TYPE_VAAPI, "/dev/null", NULL, 0);
  g_assert_cmpint(status, ==, 0);
  return device;
}

AVFrame *
frames_draw(guint n, guint width, guint height)
{
  AVFrame *frame = av_frame_alloc();
  frame->format = AV_PIX_FMT_NV12;
  frame->width = (int) width;
  frame->height = (int) height;
  frame->pts = n;
  g_assert_cmpint(av_frame_get_buffer(frame, 0), ==, 0);
  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++) {
      guint8 luma = (guint8) (16 + (x * 3 + y * 2 + n * 5 + (x / 8 + y / 8) % 2 * 40) % 220);
      frame->data[0][y * (guint) frame->linesize[0] + x] = luma;
      if (y < height / 2)
        frame->data[1][y * (guint) frame->linesize[1] + x] = (guint8) (64 + (x + y + n) % 128);
    }
  return frame;
}

/* N samples, STEP bytes apart. */
static void
sum_row(GChecksum *sum, const guint8 *row, guint n, guint step)
{
  for (guint i = 0; i < n; i++)
    g_checksum_update(sum, row + i * step, 1);
}

char *
frames_md5(const AVFrame *frame)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);
  gboolean is_nv12 = frame->format == AV_PIX_FMT_NV12;
  g_assert_true(is_nv12 || frame->format == AV_PIX_FMT_YUV420P);
  g_assert_cmpint(frame->height, >, 0);
  guint width = (guint) frame->width, height = (guint) frame->height;
  for (guint y = 0; y < height; y++)
    sum_row(sum, frame->data[0] + y * (guint) frame->linesize[0], width, 1);
  for (guint i = 1; i < 3; i++) {
    guint plane = is_nv12 ? 1 : i;
    const guint8 *chroma = frame->data[plane] + (is_nv12 ? i - 1 : 0);
    for (guint y = 0; y < (height + 1) / 2; y++)
      sum_row(sum, chroma + y * (guint) frame->linesize[plane], (width + 1) / 2, is_nv12 ? 2 : 1);
  }
  return g_strdup(g_checksum_get_string(sum));
}

/* Every filter of the graph that wants a device gets this one. */
static void
give_device(AVFilterGraph *graph, AVBufferRef *device)
{
  for (unsigned i = 0; i < graph->nb_filters; i++)
    if (g_str_has_prefix(graph->filters[i]->filter->name, "hw"))
      graph->filters[i]->hw_device_ctx = av_buffer_ref(device);
}

/* Returned-owned: [in] FILTERS [out], between SOURCE and SINK. */
static AVFilterGraph *
make_graph(AVBufferRef *device, const char *filters, const AVFrame *like, AVFilterContext **source,
           AVFilterContext **sink)
{
  AVFilterGraph *graph = avfilter_graph_alloc();
  AVFilterInOut *in = NULL, *out = NULL;
  g_autofree char *args =
      g_strdup_printf("video_size=%dx%d:pix_fmt=nv12:time_base=1/25", like->width, like->height);
  g_assert_cmpint(
      avfilter_graph_create_filter(source, avfilter_get_by_name("buffer"), "in", args, NULL, graph),
      ==, 0);
  g_assert_cmpint(avfilter_graph_create_filter(sink, avfilter_get_by_name("buffersink"), "out",
                                               NULL, NULL, graph),
                  ==, 0);
  g_assert_cmpint(avfilter_graph_parse2(graph, filters, &in, &out), ==, 0);
  g_assert_cmpint(avfilter_link(*source, 0, in->filter_ctx, (unsigned) in->pad_idx), ==, 0);
  g_assert_cmpint(avfilter_link(out->filter_ctx, (unsigned) out->pad_idx, *sink, 0), ==, 0);
  avfilter_inout_free(&in);
  avfilter_inout_free(&out);
  give_device(graph, device);
  g_assert_cmpint(avfilter_graph_config(graph, NULL), ==, 0);
  return graph;
}

AVFrame *
frames_filter(AVBufferRef *device, const char *filters, const AVFrame *frame)
{
  AVFilterContext *source, *sink;
  AVFilterGraph *graph = make_graph(device, filters, frame, &source, &sink);
  AVFrame *copy = av_frame_clone(frame), *result = av_frame_alloc();
  g_assert_cmpint(av_buffersrc_add_frame(source, copy), ==, 0);
  g_assert_cmpint(av_buffersink_get_frame(sink, result), ==, 0);
  av_frame_free(&copy);
  avfilter_graph_free(&graph);
  return result;
}
