/* Any bytes as FLV: a file, an aggregate message, and the bodies of the tags inside. */
#include "rtmp/flv.h"
#include "rtmp/message.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_body(const guint8 *body, gsize size)
{
  MgFlvVideo video;
  MgFlvAudio audio;
  char text[5];
  g_autoptr(GError) video_error = NULL;
  g_autoptr(GError) audio_error = NULL;
  if (mg_flv_video_parse(body, size, &video, &video_error)) {
    g_assert(video.offset <= size);
    g_assert(video.kind != MG_FLV_FRAME || video.offset < size);
    mg_flv_fourcc_text(video.fourcc, text);
    g_assert(*mg_flv_video_codec_name(video.codec) != '\0');
  }
  if (mg_flv_audio_parse(body, size, &audio, &audio_error)) {
    g_assert(audio.offset <= size);
    g_assert(audio.kind != MG_FLV_FRAME || audio.offset < size);
    g_assert(*mg_flv_audio_codec_name(audio.codec) != '\0');
  }
}

static void
read_file(const guint8 *data, gsize size)
{
  MgReader r = MG_READER(data, size);
  MgFlvTag tag;
  if (!mg_flv_file_begin(&r))
    return;
  while (mg_flv_tag_read(&r, &tag))
    read_body(tag.data, tag.size);
  g_assert(mg_reader_left(&r) == 0);
}

static void
read_aggregate(const guint8 *data, gsize size)
{
  MgRtmpMessage message = { .type = MG_RTMP_AGGREGATE, .data = data, .size = size };
  MgRtmpMessage part;
  MgRtmpAggregate a;
  mg_rtmp_aggregate_init(&a, &message);
  while (mg_rtmp_aggregate_next(&a, &part))
    read_body(part.data, part.size);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  read_body(data, size);
  read_file(data, size);
  read_aggregate(data, size);
  return 0;
}
