#include "rtmp-client.h"

#include <rtmp/call.h>
#include <rtmp/command.h>
#include <rtmp/control.h>
#include <rtmp/flv.h>
#include <rtmp/handshake.h>

#include <string.h>

enum { COMMAND_CSID = 3, AUDIO_CSID = 4, DATA_CSID = 5, VIDEO_CSID = 6, STREAM = 1 };

struct MgRtmpClient {
  MgRtmpHandshake *handshake; /* until it is done */
  MgRtmpChunkReader *reader;
  MgRtmpChunkWriter writer;
  MgWriter out;
  MgWriter early; /* said before the handshake is over: goes out behind it */
  GString *heard;
  char *description;
};

MgRtmpClient *
mg_rtmp_client_new(void)
{
  static const guint8 random[MG_RTMP_HANDSHAKE_BYTES] = { 1, 2, 3 };
  MgRtmpClient *c = g_new0(MgRtmpClient, 1);
  c->handshake = mg_rtmp_handshake_new_client(random, &c->out);
  c->reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  c->writer = MG_RTMP_CHUNK_WRITER_INIT;
  c->heard = g_string_new(NULL);
  c->description = g_strdup("");
  return c;
}

void
mg_rtmp_client_free(MgRtmpClient *c)
{
  if (c == NULL)
    return;
  mg_rtmp_handshake_free(c->handshake);
  mg_rtmp_chunk_reader_free(c->reader);
  mg_writer_clear(&c->out);
  mg_writer_clear(&c->early);
  g_string_free(c->heard, TRUE);
  g_free(c->description);
  g_free(c);
}

MgWriter *
mg_rtmp_client_output(MgRtmpClient *c)
{
  return &c->out;
}

MgRtmpChunkWriter *
mg_rtmp_client_writer(MgRtmpClient *c)
{
  return &c->writer;
}

MgWriter *
mg_rtmp_client_messages(MgRtmpClient *c)
{
  return c->handshake != NULL ? &c->early : &c->out;
}

/* --- what is heard ----------------------------------------------------------------------------- */

static void
hear_command(MgRtmpClient *c, const MgRtmpMessage *m)
{
  g_auto(MgRtmpCommand) command = { 0 };
  g_assert_true(mg_rtmp_command_parse(m, &command, NULL));
  const MgAmf *info = mg_rtmp_command_arg(&command, 0);
  const char *code = mg_amf_string(mg_amf_member(info, "code"), NULL);
  const char *description = mg_amf_string(mg_amf_member(info, "description"), NULL);
  g_string_append(c->heard, command.name);
  if (strcmp(command.name, "onStatus") == 0)
    g_string_append_printf(c->heard, " %u", m->stream_id);
  if (*command.name == '_')
    g_string_append_printf(c->heard, " %g", command.transaction);
  const MgAmf *caps = mg_amf_member(command.object, "capsEx");
  if (caps != NULL)
    g_string_append_printf(c->heard, " capsEx %g", caps->number);
  if (code != NULL)
    g_string_append_printf(c->heard, " %s", code);
  if (info != NULL && info->type == MG_AMF_NUMBER)
    g_string_append_printf(c->heard, " %g", info->number);
  g_string_append_c(c->heard, '\n');
  if (description != NULL) {
    g_free(c->description);
    c->description = g_strdup(description);
  }
}

static void
hear_user_control(MgRtmpClient *c, const MgRtmpMessage *m)
{
  MgRtmpUserControl control;
  g_assert_true(mg_rtmp_user_control_parse(m, &control));
  const char *name = control.event == MG_RTMP_STREAM_BEGIN    ? "begin"
                     : control.event == MG_RTMP_PING_REQUEST  ? "ping"
                     : control.event == MG_RTMP_PING_RESPONSE ? "pong"
                                                              : "event";
  g_string_append_printf(c->heard, "%s %u\n", name, control.value);
}

static void
hear_number(MgRtmpClient *c, const char *name, const MgRtmpMessage *m)
{
  guint32 value;
  g_assert_true(mg_rtmp_control_parse(m, &value));
  g_string_append_printf(c->heard, "%s %u\n", name, value);
}

static void
hear(MgRtmpClient *c, const MgRtmpMessage *m)
{
  switch (m->type) {
  case MG_RTMP_COMMAND: hear_command(c, m); break;
  case MG_RTMP_USER_CONTROL: hear_user_control(c, m); break;
  case MG_RTMP_ACKNOWLEDGEMENT: hear_number(c, "ack", m); break;
  case MG_RTMP_WINDOW_ACK_SIZE: hear_number(c, "window", m); break;
  case MG_RTMP_SET_PEER_BANDWIDTH: hear_number(c, "bandwidth", m); break;
  default: g_string_append_printf(c->heard, "type %u\n", m->type); break;
  }
}

static void
shake_hands(MgRtmpClient *c, MgReader *in)
{
  MgRtmpHandshakeState state = mg_rtmp_handshake_feed(c->handshake, in, &c->out, NULL);
  g_assert_cmpint(state, !=, MG_RTMP_HANDSHAKE_FAILED);
  if (state == MG_RTMP_HANDSHAKE_MORE)
    return;
  g_clear_pointer(&c->handshake, mg_rtmp_handshake_free);
  mg_writer_bytes(&c->out, c->early.data, c->early.size);
  mg_writer_clear(&c->early);
}

void
mg_rtmp_client_receive(MgRtmpClient *c, const guint8 *bytes, gsize size)
{
  MgReader in = MG_READER(bytes, size);
  if (c->handshake != NULL)
    shake_hands(c, &in);
  if (c->handshake != NULL)
    return;
  MgRtmpMessage m;
  g_autoptr(GError) error = NULL;
  while (mg_rtmp_chunk_reader_next(c->reader, &in, &m, &error) == MG_RTMP_CHUNK_MESSAGE) {
    hear(c, &m);
    mg_rtmp_chunk_reader_release(c->reader, &m);
  }
  g_assert_no_error(error);
}

const char *
mg_rtmp_client_heard(const MgRtmpClient *c)
{
  return c->heard->str;
}

void
mg_rtmp_client_forget(MgRtmpClient *c)
{
  g_string_truncate(c->heard, 0);
}

const char *
mg_rtmp_client_description(const MgRtmpClient *c)
{
  return c->description;
}

/* --- commands ---------------------------------------------------------------------------------- */

void
mg_rtmp_client_connect(MgRtmpClient *c, const char *app, const char *tc_url)
{
  g_autofree char *url = g_strdup_printf("rtmp://127.0.0.1/%s", app);
  MgRtmpConnectCall call = { app, tc_url != NULL ? tc_url : url, "FMLE/3.0 (compatible; test)" };
  mg_rtmp_call_connect(&c->writer, mg_rtmp_client_messages(c), 1, &call);
}

void
mg_rtmp_client_connect_enhanced(MgRtmpClient *c, const char *app, guint caps)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_amf_write_string(&body, "connect");
  mg_amf_write_number(&body, 1);
  mg_amf_write_object_begin(&body);
  mg_amf_write_property_string(&body, "app", app);
  mg_amf_write_property_number(&body, "capsEx", caps);
  mg_amf_write_end(&body);
  MgRtmpMessage m = {
    .csid = COMMAND_CSID,
    .type = MG_RTMP_COMMAND,
    .data = body.data,
    .size = body.size,
  };
  mg_rtmp_chunk_write(&c->writer, mg_rtmp_client_messages(c), &m);
}

void
mg_rtmp_client_call(MgRtmpClient *c, const char *name, gdouble transaction, const char *arg)
{
  mg_rtmp_call(&c->writer, mg_rtmp_client_messages(c), name, transaction, arg);
}

void
mg_rtmp_client_create_stream(MgRtmpClient *c)
{
  mg_rtmp_client_call(c, "createStream", 4, NULL);
}

void
mg_rtmp_client_publish(MgRtmpClient *c, const char *stream)
{
  mg_rtmp_call_publish(&c->writer, mg_rtmp_client_messages(c), 5, STREAM, stream, "live");
}

void
mg_rtmp_client_play(MgRtmpClient *c, const char *stream)
{
  mg_rtmp_call_play(&c->writer, mg_rtmp_client_messages(c), 5, STREAM, stream, 1000);
}

void
mg_rtmp_client_begin(MgRtmpClient *c, const char *app, const char *stream)
{
  mg_rtmp_client_connect(c, app, NULL);
  mg_rtmp_client_call(c, "releaseStream", 2, stream);
  mg_rtmp_client_call(c, "FCPublish", 3, stream);
  mg_rtmp_client_create_stream(c);
  mg_rtmp_client_publish(c, stream);
}

void
mg_rtmp_client_unpublish(MgRtmpClient *c, const char *stream)
{
  mg_rtmp_client_call(c, "FCUnpublish", 6, stream);
  mg_rtmp_call_delete_stream(&c->writer, mg_rtmp_client_messages(c), 7, STREAM);
}

/* --- media ------------------------------------------------------------------------------------- */

void
mg_rtmp_client_message(MgRtmpClient *c, guint8 type, guint32 timestamp, gconstpointer bytes,
                       gsize size)
{
  MgRtmpMessage m = {
    .csid = type == MG_RTMP_VIDEO   ? VIDEO_CSID
            : type == MG_RTMP_AUDIO ? AUDIO_CSID
                                    : DATA_CSID,
    .timestamp = timestamp,
    .stream_id = STREAM,
    .type = type,
    .data = bytes,
    .size = size,
  };
  mg_rtmp_chunk_write(&c->writer, mg_rtmp_client_messages(c), &m);
}

static void
send_avc(MgRtmpClient *c, guint32 timestamp, gboolean is_key, guint8 packet_type,
         gint32 composition_ms, gconstpointer bytes, gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_avc_header(&body, is_key, packet_type, composition_ms);
  mg_writer_bytes(&body, bytes, size);
  mg_rtmp_client_message(c, MG_RTMP_VIDEO, timestamp, body.data, body.size);
}

static void
send_aac(MgRtmpClient *c, guint32 timestamp, guint8 packet_type, gconstpointer bytes, gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_aac_header(&body, packet_type);
  mg_writer_bytes(&body, bytes, size);
  mg_rtmp_client_message(c, MG_RTMP_AUDIO, timestamp, body.data, body.size);
}

void
mg_rtmp_client_avc(MgRtmpClient *c, guint32 timestamp, gboolean is_key, gint32 composition_ms,
                   gconstpointer units, gsize size)
{
  send_avc(c, timestamp, is_key, 1, composition_ms, units, size);
}

void
mg_rtmp_client_avc_config(MgRtmpClient *c, gconstpointer avcc, gsize size)
{
  send_avc(c, 0, TRUE, 0, 0, avcc, size);
}

void
mg_rtmp_client_aac(MgRtmpClient *c, guint32 timestamp, gconstpointer frame, gsize size)
{
  send_aac(c, timestamp, 1, frame, size);
}

void
mg_rtmp_client_aac_config(MgRtmpClient *c, gconstpointer asc, gsize size)
{
  send_aac(c, 0, 0, asc, size);
}

void
mg_rtmp_client_metadata(MgRtmpClient *c, gdouble width, gdouble height, gdouble fps,
                        gdouble video_kbps, gdouble audio_kbps)
{
  g_auto(MgWriter) properties = MG_WRITER_INIT;
  mg_amf_write_property_number(&properties, "width", width);
  mg_amf_write_property_number(&properties, "height", height);
  mg_amf_write_property_number(&properties, "framerate", fps);
  mg_amf_write_property_number(&properties, "videodatarate", video_kbps);
  mg_amf_write_property_number(&properties, "audiodatarate", audio_kbps);
  mg_rtmp_call_metadata(&c->writer, mg_rtmp_client_messages(c), STREAM, &properties);
}

const guint8 mg_sample_avcc_720p30[] = {
  0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xb2, 0x00,
  0xa0, 0x0b, 0x76, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x07, 0x81, 0xe3,
  0x06, 0x49, 0x01, 0x00, 0x06, 0x68, 0xeb, 0xc3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};
const guint8 mg_sample_avcc_360p25[] = {
  0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00,
  0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00,
  0x32, 0x8f, 0x16, 0x2e, 0x48, 0x01, 0x00, 0x05, 0x68, 0xcb, 0x83, 0xcb, 0x20,
};
/* Behind the header: first_mb_in_slice 0 and slice_type 7 (I), 5 (P), 6 (B). */
const guint8 mg_sample_idr[] = { 0, 0, 0, 5, 0x65, 0x88, 0x84, 0x21, 0xa0 };
const guint8 mg_sample_inter[] = { 0, 0, 0, 5, 0x41, 0x9a, 0x24, 0x6c, 0x41 };
const guint8 mg_sample_b[] = { 0, 0, 0, 5, 0x01, 0x9e, 0x41, 0x79, 0x0f };
const guint8 mg_sample_sei[] = { 0, 0, 0, 5, 0x06, 0x05, 0x01, 0x2a, 0x80 };
const guint8 mg_sample_asc[] = { 0x11, 0x90 };
const guint8 mg_sample_aac[] = { 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c };
