#include "rtmp/control.h"

enum { CONTROL_CSID = 2 };

gboolean
mg_rtmp_control_parse(const MgRtmpMessage *m, guint32 *value)
{
  MgReader r = MG_READER(m->data, m->size);
  guint32 v = mg_reader_be32(&r);
  if (mg_reader_failed(&r))
    return FALSE;
  *value = v;
  return TRUE;
}

gboolean
mg_rtmp_user_control_parse(const MgRtmpMessage *m, MgRtmpUserControl *control)
{
  MgReader r = MG_READER(m->data, m->size);
  MgRtmpUserControl c = { .event = mg_reader_be16(&r) };
  if (mg_reader_failed(&r))
    return FALSE;
  if (c.event <= MG_RTMP_PING_RESPONSE || mg_reader_left(&r) >= 4)
    c.value = mg_reader_be32(&r);
  if (c.event == MG_RTMP_SET_BUFFER_LENGTH)
    c.buffer_ms = mg_reader_be32(&r);
  if (mg_reader_failed(&r))
    return FALSE;
  *control = c;
  return TRUE;
}

static void
write_control(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpMessageType type, const MgWriter *body)
{
  MgRtmpMessage m = {
    .csid = CONTROL_CSID,
    .type = (guint8) type,
    .data = body->data,
    .size = body->size,
  };
  mg_rtmp_chunk_write(w, out, &m);
}

static void
write_number(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpMessageType type, guint32 value)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_writer_be32(&body, value);
  write_control(w, out, type, &body);
}

void
mg_rtmp_write_set_chunk_size(MgRtmpChunkWriter *w, MgWriter *out, guint32 chunk_size)
{
  g_assert(chunk_size > 0 && chunk_size <= MG_RTMP_MOST_CHUNK_SIZE);
  write_number(w, out, MG_RTMP_SET_CHUNK_SIZE, chunk_size);
  w->chunk_size = chunk_size;
}

void
mg_rtmp_write_abort(MgRtmpChunkWriter *w, MgWriter *out, guint32 csid)
{
  write_number(w, out, MG_RTMP_ABORT, csid);
}

void
mg_rtmp_write_acknowledgement(MgRtmpChunkWriter *w, MgWriter *out, guint32 sequence)
{
  write_number(w, out, MG_RTMP_ACKNOWLEDGEMENT, sequence);
}

void
mg_rtmp_write_window_ack_size(MgRtmpChunkWriter *w, MgWriter *out, guint32 window_bytes)
{
  write_number(w, out, MG_RTMP_WINDOW_ACK_SIZE, window_bytes);
}

void
mg_rtmp_write_peer_bandwidth(MgRtmpChunkWriter *w, MgWriter *out, guint32 window_bytes,
                             MgRtmpLimitType type)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_writer_be32(&body, window_bytes);
  mg_writer_u8(&body, (guint8) type);
  write_control(w, out, MG_RTMP_SET_PEER_BANDWIDTH, &body);
}

void
mg_rtmp_write_user_control(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpUserEvent event,
                           guint32 value)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_writer_be16(&body, (guint16) event);
  mg_writer_be32(&body, value);
  write_control(w, out, MG_RTMP_USER_CONTROL, &body);
}

gboolean
mg_rtmp_ack_is_due(MgRtmpAck *ack, guint64 received)
{
  if (ack->window_bytes == 0 || received - ack->acknowledged < ack->window_bytes / 2)
    return FALSE;
  ack->acknowledged = received;
  return TRUE;
}
