#include "rtmp/call.h"

#include "rtmp/amf0.h"
#include "rtmp/control.h"
#include "rtmp/enhanced.h"

enum { CONTROL_CSID = 2, COMMAND_CSID = 3, DATA_CSID = 4 };

static void
write_message(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpMessageType type, guint32 stream_id,
              const MgWriter *body)
{
  MgRtmpMessage m = {
    .csid = type == MG_RTMP_COMMAND ? COMMAND_CSID : DATA_CSID,
    .stream_id = stream_id,
    .type = (guint8) type,
    .data = body->data,
    .size = body->size,
  };
  mg_rtmp_chunk_write(w, out, &m);
}

static void
begin(MgWriter *body, const char *name, gdouble transaction)
{
  mg_amf_write_string(body, name);
  mg_amf_write_number(body, transaction);
}

void
mg_rtmp_call_connect(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction,
                     const MgRtmpConnectCall *call)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "connect", transaction);
  mg_amf_write_object_begin(&body);
  mg_amf_write_property_string(&body, "app", call->app);
  mg_amf_write_property_string(&body, "type", "nonprivate");
  mg_amf_write_property_string(&body, "flashVer", call->flash_version);
  mg_amf_write_property_string(&body, "tcUrl", call->tc_url);
  if (call->video != NULL || call->audio != NULL)
    mg_rtmp_write_enhanced(&body, call->caps, call->video, call->audio);
  mg_amf_write_end(&body);
  write_message(w, out, MG_RTMP_COMMAND, 0, &body);
}

void
mg_rtmp_call(MgRtmpChunkWriter *w, MgWriter *out, const char *name, gdouble transaction,
             const char *arg)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, name, transaction);
  mg_amf_write_null(&body);
  if (arg != NULL)
    mg_amf_write_string(&body, arg);
  write_message(w, out, MG_RTMP_COMMAND, 0, &body);
}

void
mg_rtmp_call_publish(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, guint32 stream_id,
                     const char *stream, const char *type)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "publish", transaction);
  mg_amf_write_null(&body);
  mg_amf_write_string(&body, stream);
  mg_amf_write_string(&body, type);
  write_message(w, out, MG_RTMP_COMMAND, stream_id, &body);
}

/* SetBufferLength is the one user control message with a second number (7.1.7). */
static void
write_buffer_length(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, guint32 buffer_ms)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_writer_be16(&body, MG_RTMP_SET_BUFFER_LENGTH);
  mg_writer_be32(&body, stream_id);
  mg_writer_be32(&body, buffer_ms);
  MgRtmpMessage m = {
    .csid = CONTROL_CSID,
    .type = MG_RTMP_USER_CONTROL,
    .data = body.data,
    .size = body.size,
  };
  mg_rtmp_chunk_write(w, out, &m);
}

void
mg_rtmp_call_play(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, guint32 stream_id,
                  const char *stream, guint32 buffer_ms)
{
  enum { LIVE_OR_RECORDED = -2000 }; /* -2 s: 7.2.2.1 */
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "play", transaction);
  mg_amf_write_null(&body);
  mg_amf_write_string(&body, stream);
  mg_amf_write_number(&body, LIVE_OR_RECORDED);
  write_message(w, out, MG_RTMP_COMMAND, stream_id, &body);
  write_buffer_length(w, out, stream_id, buffer_ms);
}

void
mg_rtmp_call_delete_stream(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction,
                           guint32 stream_id)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "deleteStream", transaction);
  mg_amf_write_null(&body);
  mg_amf_write_number(&body, stream_id);
  write_message(w, out, MG_RTMP_COMMAND, 0, &body);
}

void
mg_rtmp_call_metadata(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id,
                      const MgWriter *properties)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_amf_write_string(&body, "@setDataFrame");
  mg_amf_write_string(&body, "onMetaData");
  mg_amf_write_object_begin(&body);
  mg_writer_bytes(&body, properties->data, properties->size);
  mg_amf_write_end(&body);
  write_message(w, out, MG_RTMP_DATA, stream_id, &body);
}
