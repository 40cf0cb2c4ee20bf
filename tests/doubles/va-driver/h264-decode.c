/*
 * H.264 decoding: libavcodec's own decoder does it, from a byte stream that is rebuilt picture by picture.
 *
 * The surface gets what the decoder allocated last for the picture, not what it gives out, so that its order
 * and delay do not matter. Its references are its own; that the application names the same is checked by the
 * pixels only.
 */
#include <libavcodec/avcodec.h>
#include "va-driver/h264-slices.h"

typedef struct {
  AVCodecContext *codec;
  AVFrame *newest; /* a reference to the picture that was begun last */
  AVFrame *given;  /* what comes out goes in here, and away */
} Decoder;

static int
get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
  Decoder *decoder = codec->opaque;
  int status = avcodec_default_get_buffer2(codec, frame, flags);
  if (status < 0)
    return status;
  av_frame_unref(decoder->newest);
  return av_frame_ref(decoder->newest, frame);
}

static void
close_decoder(gpointer state)
{
  Decoder *decoder = state;
  if (decoder == NULL)
    return;
  avcodec_free_context(&decoder->codec);
  av_frame_free(&decoder->newest);
  av_frame_free(&decoder->given);
  g_free(decoder);
}

static gpointer
open_decoder(MgVaCall *call, const MgVaContext *context)
{
  const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
  Decoder *decoder = g_new0(Decoder, 1);
  decoder->newest = av_frame_alloc();
  decoder->given = av_frame_alloc();
  decoder->codec = avcodec_alloc_context3(codec);
  decoder->codec->opaque = decoder;
  decoder->codec->get_buffer2 = get_buffer;
  decoder->codec->thread_count = 1;
  decoder->codec->thread_type = FF_THREAD_SLICE;   /* get_buffer() is for one thread */
  decoder->codec->log_level_offset = AV_LOG_DEBUG; /* its order of output is nobody's business */
  decoder->codec->err_recognition = AV_EF_EXPLODE;
  decoder->codec->error_concealment = 0;
  if (avcodec_open2(decoder->codec, codec, NULL) < 0)
    mg_va_fail(call, VA_STATUS_ERROR_ALLOCATION_FAILED, "libavcodec has no H.264 decoder");
  return decoder;
}

/* The pixels of three planes, as many as there are on both sides. */
static void
copy_planes(MgVaPicture *to, const AVFrame *from)
{
  for (guint i = 0; i < 3; i++) {
    const MgVaComponent *c = &to->component[i];
    guint shift = i > 0;
    guint width = MIN(c->width, ((guint) from->width + shift) >> shift);
    guint height = MIN(c->height, ((guint) from->height + shift) >> shift);
    for (guint y = 0; y < height; y++) {
      const guint8 *source = from->data[i] + (gssize) y * from->linesize[i];
      guint8 *target = c->data + (gsize) y * c->pitch;
      for (guint x = 0; x < width; x++)
        target[(gsize) x * c->step] = source[x];
    }
  }
}

static gboolean
decode(MgVaCall *call, Decoder *decoder, const MgWriter *stream)
{
  AVPacket *packet = av_packet_alloc();
  int status = av_new_packet(packet, (int) stream->size);
  if (status == 0) {
    memcpy(packet->data, stream->data, stream->size);
    status = avcodec_send_packet(decoder->codec, packet);
  }
  av_packet_free(&packet);
  while (status == 0)
    status = avcodec_receive_frame(decoder->codec, decoder->given);
  if (status != AVERROR(EAGAIN))
    return mg_va_fail(call, VA_STATUS_ERROR_DECODING_ERROR, "libavcodec: %s", av_err2str(status));
  return TRUE;
}

static gboolean
decode_picture(MgVaCall *call, MgVaContext *context, MgVaSurface *target)
{
  Decoder *decoder = context->state;
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  if (!mg_va_h264_stream(call, context, &stream) || !decode(call, decoder, &stream))
    return FALSE;
  if (decoder->newest->format != AV_PIX_FMT_YUV420P || target->picture->sample_bytes != 1)
    return mg_va_fail(call, VA_STATUS_ERROR_DECODING_ERROR, "no picture of 4:2:0, 8 bits");
  copy_planes(target->picture, decoder->newest);
  target->has_content = TRUE;
  mg_va_note(call, "decoded %dx%d", decoder->newest->width, decoder->newest->height);
  return TRUE;
}

const MgVaWork mg_va_h264_decode_work = {
  .open = open_decoder,
  .picture = decode_picture,
  .close = close_decoder,
};
