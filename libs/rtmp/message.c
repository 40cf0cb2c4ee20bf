#include "rtmp/message.h"

#include "rtmp/flv.h"

MgReader
mg_rtmp_message_amf(const MgRtmpMessage *message)
{
  gboolean has_format = message->type == MG_RTMP_DATA_AMF3 || message->type == MG_RTMP_COMMAND_AMF3;
  MgReader r = MG_READER(message->data, message->size);
  const guint8 *first = mg_reader_peek(&r, 1);
  if (has_format && first != NULL && *first == 0)
    mg_reader_skip(&r, 1);
  return mg_reader_sub(&r, mg_reader_left(&r));
}

void
mg_rtmp_aggregate_init(MgRtmpAggregate *a, const MgRtmpMessage *message)
{
  *a = (MgRtmpAggregate){ .message = message, .rest = MG_READER(message->data, message->size) };
}

/* Neither control messages, which the chunk layer would have obeyed, nor aggregates in aggregates. */
static gboolean
may_be_inside(guint8 type)
{
  return type == MG_RTMP_AUDIO || type == MG_RTMP_VIDEO || type == MG_RTMP_DATA ||
         type == MG_RTMP_DATA_AMF3;
}

gboolean
mg_rtmp_aggregate_next(MgRtmpAggregate *a, MgRtmpMessage *part)
{
  MgFlvTag tag;
  while (mg_flv_tag_read(&a->rest, &tag)) {
    if (!a->has_first)
      a->first = tag.timestamp_ms;
    a->has_first = TRUE;
    if (!may_be_inside(tag.type))
      continue;
    *part = *a->message;
    part->type = tag.type;
    part->timestamp = a->message->timestamp + (tag.timestamp_ms - a->first);
    part->data = tag.data;
    part->size = tag.size;
    part->block = NULL;
    return TRUE;
  }
  return FALSE;
}
