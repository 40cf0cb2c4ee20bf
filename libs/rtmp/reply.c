#include "rtmp/reply.h"

#include "rtmp/command.h"
#include "rtmp/control.h"
#include "rtmp/enhanced.h"

enum { COMMAND_CSID = 3, STREAM_CSID = 5 };

/* What connect's answer says about us, as Flash Media Server 3 did; encoders look at its shape. */
static const char our_version[] = "FMS/3,5,7,7009";
enum { OUR_CAPABILITIES = 31, OUR_MODE = 1 };

/* Appends BODY as a command. */
static void
write_command(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, const MgWriter *body)
{
  MgRtmpMessage m = {
    .csid = stream_id == 0 ? COMMAND_CSID : STREAM_CSID,
    .stream_id = stream_id,
    .type = MG_RTMP_COMMAND,
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

/* The members that every information object begins with. */
static void
begin_info(MgWriter *body, const char *level, const char *code, const char *description)
{
  mg_amf_write_object_begin(body);
  mg_amf_write_property_string(body, "level", level);
  mg_amf_write_property_string(body, "code", code);
  mg_amf_write_property_string(body, "description", description);
}

static void
write_server_properties(MgWriter *body, const MgRtmpConnectReply *reply)
{
  mg_amf_write_object_begin(body);
  mg_amf_write_property_string(body, "fmsVer", our_version);
  mg_amf_write_property_number(body, "capabilities", OUR_CAPABILITIES);
  mg_amf_write_property_number(body, "mode", OUR_MODE);
  if (reply->is_enhanced)
    mg_rtmp_write_enhanced(body, reply->caps, reply->video, reply->audio);
  mg_amf_write_end(body);
}

static void
write_connected(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpConnectReply *reply)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "_result", reply->transaction);
  write_server_properties(&body, reply);
  begin_info(&body, "status", "NetConnection.Connect.Success", "Connection succeeded.");
  mg_amf_write_property_number(&body, "objectEncoding", reply->object_encoding);
  mg_amf_write_end(&body);
  write_command(w, out, 0, &body);
}

static void
write_bandwidth_done(MgRtmpChunkWriter *w, MgWriter *out)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "onBWDone", 0);
  mg_amf_write_null(&body);
  write_command(w, out, 0, &body);
}

void
mg_rtmp_reply_connect(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpConnectReply *reply)
{
  mg_rtmp_write_window_ack_size(w, out, reply->window_bytes);
  mg_rtmp_write_peer_bandwidth(w, out, reply->window_bytes, MG_RTMP_LIMIT_DYNAMIC);
  mg_rtmp_write_user_control(w, out, MG_RTMP_STREAM_BEGIN, 0);
  mg_rtmp_write_set_chunk_size(w, out, reply->chunk_size);
  write_connected(w, out, reply);
  write_bandwidth_done(w, out);
}

void
mg_rtmp_reply_result(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "_result", transaction);
  mg_amf_write_null(&body);
  mg_amf_write_null(&body);
  write_command(w, out, 0, &body);
}

void
mg_rtmp_reply_number(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, gdouble number)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "_result", transaction);
  mg_amf_write_null(&body);
  mg_amf_write_number(&body, number);
  write_command(w, out, 0, &body);
}

void
mg_rtmp_reply_error(MgRtmpChunkWriter *w, MgWriter *out, gdouble transaction, const char *code,
                    const char *description)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "_error", transaction);
  mg_amf_write_null(&body);
  begin_info(&body, "error", code, description);
  mg_amf_write_end(&body);
  write_command(w, out, 0, &body);
}

void
mg_rtmp_reply_status(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, const char *level,
                     const char *code, const char *description)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, "onStatus", 0);
  mg_amf_write_null(&body);
  begin_info(&body, level, code, description);
  mg_amf_write_end(&body);
  write_command(w, out, stream_id, &body);
}

void
mg_rtmp_reply_reconnect(MgRtmpChunkWriter *w, MgWriter *out, const char *description)
{
  mg_rtmp_reply_status(w, out, 0, "status", "NetConnection.Connect.ReconnectRequest", description);
}

void
mg_rtmp_reply_publish(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id,
                      const char *description)
{
  mg_rtmp_write_user_control(w, out, MG_RTMP_STREAM_BEGIN, stream_id);
  mg_rtmp_reply_status(w, out, stream_id, "status", "NetStream.Publish.Start", description);
}

static void
write_fc(MgRtmpChunkWriter *w, MgWriter *out, const char *name, const char *code,
         const char *stream)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  begin(&body, name, 0);
  mg_amf_write_null(&body);
  begin_info(&body, "status", code, stream);
  mg_amf_write_end(&body);
  write_command(w, out, 0, &body);
}

/* A data message of BODY on a message stream. */
static void
write_data(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, const MgWriter *body)
{
  MgRtmpMessage m = {
    .csid = STREAM_CSID,
    .stream_id = stream_id,
    .type = MG_RTMP_DATA,
    .data = body->data,
    .size = body->size,
  };
  mg_rtmp_chunk_write(w, out, &m);
}

/* Players may look at pictures and sound; and data begins. */
static void
write_access(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id)
{
  g_auto(MgWriter) access = MG_WRITER_INIT;
  mg_amf_write_string(&access, "|RtmpSampleAccess");
  mg_amf_write_boolean(&access, TRUE);
  mg_amf_write_boolean(&access, TRUE);
  write_data(w, out, stream_id, &access);
  g_auto(MgWriter) start = MG_WRITER_INIT;
  mg_amf_write_string(&start, "onStatus");
  mg_amf_write_object_begin(&start);
  mg_amf_write_property_string(&start, "code", "NetStream.Data.Start");
  mg_amf_write_end(&start);
  write_data(w, out, stream_id, &start);
}

void
mg_rtmp_reply_play(MgRtmpChunkWriter *w, MgWriter *out, guint32 stream_id, guint32 chunk_size,
                   const char *description)
{
  if (chunk_size > 0)
    mg_rtmp_write_set_chunk_size(w, out, chunk_size);
  mg_rtmp_write_user_control(w, out, MG_RTMP_STREAM_BEGIN, stream_id);
  mg_rtmp_reply_status(w, out, stream_id, "status", "NetStream.Play.Reset", description);
  mg_rtmp_reply_status(w, out, stream_id, "status", "NetStream.Play.Start", description);
  write_access(w, out, stream_id);
}

void
mg_rtmp_reply_fc_publish(MgRtmpChunkWriter *w, MgWriter *out, const char *stream)
{
  write_fc(w, out, "onFCPublish", "NetStream.Publish.Start", stream);
}

void
mg_rtmp_reply_fc_unpublish(MgRtmpChunkWriter *w, MgWriter *out, const char *stream)
{
  write_fc(w, out, "onFCUnpublish", "NetStream.Unpublish.Success", stream);
}
