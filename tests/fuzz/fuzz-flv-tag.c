/* Any bytes as FLV: a file, an aggregate message, and the bodies of the tags inside. */
#include "rtmp/colour.h"
#include "rtmp/flv.h"
#include "rtmp/message.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Parts follow each other in the body, and only the last one may fail. */
static void
read_parts(MgFlvParts parts, const guint8 *body, gsize size)
{
  g_autoptr(GError) error = NULL;
  MgFlvPart part;
  gsize end = 0;
  while (mg_flv_parts_next(&parts, &part, &error)) {
    char text[5];
    g_assert(error == NULL);
    g_assert(part.offset >= end && part.size <= size - part.offset);
    g_assert(part.size > 0 || part.kind == MG_FLV_END || part.kind == MG_FLV_COMMAND);
    g_assert(part.offset_ns < 1000000);
    end = part.offset + part.size;
    MgReader coded = mg_flv_part_bytes(&part, body, size);
    g_assert(mg_reader_left(&coded) == part.size);
    MgFlvChannels channels;
    MgRtmpColour colour;
    mg_flv_channels_parse(mg_reader_peek(&coded, part.size), part.size, &channels);
    mg_rtmp_colour_parse(mg_reader_peek(&coded, part.size), part.size, &colour, NULL);
    g_assert(colour.max_luminance <= 10000);
    mg_flv_fourcc_text(part.fourcc, text);
    g_assert(*mg_flv_video_codec_name(part.codec) != '\0');
    g_assert(*mg_flv_audio_codec_name(part.codec) != '\0');
  }
  g_assert(!mg_flv_parts_next(&parts, &part, NULL));
}

static void
read_body(const guint8 *body, gsize size)
{
  read_parts(mg_flv_video_parts(body, size), body, size);
  read_parts(mg_flv_audio_parts(body, size), body, size);
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
