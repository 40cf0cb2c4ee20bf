#include "hex.h"
#include "rtmp/call.h"
#include "rtmp/command.h"
#include "rtmp/control.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"
#include "rtmp/reply.h"

static gboolean
parse(guint8 type, const char *hex, MgRtmpCommand *c, GError **error)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, hex);
  MgRtmpMessage m = { .type = type, .data = in.data, .size = in.size };
  return mg_rtmp_command_parse(&m, c, error);
}

#define ONE  "00 3ff0000000000000"
#define ZERO "00 0000000000000000"

static void
test_parts(void)
{
  g_auto(MgRtmpCommand) c = { 0 };
  g_assert_true(
      parse(MG_RTMP_COMMAND, "02 0003 'foo' 00 4008000000000000 05 02 0001 'x' 0101", &c, NULL));
  g_assert_cmpstr(c.name, ==, "foo");
  g_assert_cmpfloat(c.transaction, ==, 3);
  g_assert_cmpint(c.object->type, ==, MG_AMF_NULL);
  g_assert_cmpstr(mg_amf_string(mg_rtmp_command_arg(&c, 0), NULL), ==, "x");
  g_assert_cmpint(mg_rtmp_command_arg(&c, 1)->type, ==, MG_AMF_BOOLEAN);
  g_assert_null(mg_rtmp_command_arg(&c, 2));
}

static void
test_missing_parts(void)
{
  g_auto(MgRtmpCommand) c = { 0 };
  g_assert_true(parse(MG_RTMP_COMMAND_AMF3, "00 02 0003 'foo'", &c, NULL));
  g_assert_cmpfloat(c.transaction, ==, 0);
  g_assert_null(c.object);
  g_assert_null(mg_rtmp_command_arg(&c, 0));
  MgRtmpPublish p;
  mg_rtmp_publish_read(&c, &p);
  g_assert_cmpstr(p.name, ==, "");
  g_assert_cmpstr(p.type, ==, "live");
  MgRtmpConnect connect;
  mg_rtmp_connect_read(&c, &connect);
  g_assert_null(connect.app);
}

static void
test_mad_transaction(void)
{
  g_auto(MgRtmpCommand) c = { 0 };
  g_assert_true(parse(MG_RTMP_COMMAND, "02 0003 'foo' 00 7ff8000000000000", &c, NULL));
  g_assert_cmpfloat(c.transaction, ==, 0);
}

static void
test_broken_commands(void)
{
  static const char *const broken[] = { "", "05", ONE, "02 00", "02 0001 'a' 00 00", "11 06" };
  for (guint i = 0; i < G_N_ELEMENTS(broken); i++) {
    g_autoptr(GError) error = NULL;
    MgRtmpCommand c;
    g_assert_false(parse(MG_RTMP_COMMAND, broken[i], &c, &error));
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
    g_assert_null(c.doc);
  }
}

static void
test_connect(void)
{
  g_auto(MgRtmpCommand) c = { 0 };
  MgRtmpConnect connect;
  g_assert_true(parse(MG_RTMP_COMMAND,
                      "02 0007 'connect'" ONE "03"
                      "0003 'app' 02 0004 'live' 0005 'tcurl' 02 0005 'rtmp:'"
                      "0008 'flashVer' 02 0004 'FMLE' 0004 'type' 02 000a 'nonprivate'"
                      "000e 'objectEncoding' 00 4008000000000000 000009",
                      &c, NULL));
  mg_rtmp_connect_read(&c, &connect);
  g_assert_cmpstr(connect.app, ==, "live");
  g_assert_cmpstr(connect.tc_url, ==, "rtmp:");
  g_assert_cmpstr(connect.flash_version, ==, "FMLE");
  g_assert_cmpstr(connect.type, ==, "nonprivate");
  g_assert_cmpuint(connect.object_encoding, ==, 3);
  g_assert_false(connect.is_enhanced);
  g_assert_cmpuint(connect.caps, ==, 0);
}

#define CONNECT "02 0007 'connect'" ONE "03 0003 'app' 02 0004 'live'"
#define FOUR    "00 4010000000000000"
#define SIX     "00 4018000000000000"

static guint
codec_flags(const char *members, guint32 fourcc)
{
  g_auto(MgRtmpCommand) c = { 0 };
  g_autofree char *hex = g_strconcat(CONNECT, members, "000009", NULL);
  g_assert_true(parse(MG_RTMP_COMMAND, hex, &c, NULL));
  MgRtmpConnect connect;
  mg_rtmp_connect_read(&c, &connect);
  g_assert_true(connect.is_enhanced);
  return mg_rtmp_connect_codec(&c, fourcc);
}

static void
test_enhanced_connect(void)
{
  g_auto(MgRtmpCommand) c = { 0 };
  MgRtmpConnect connect;
  g_assert_true(parse(MG_RTMP_COMMAND, CONNECT "0006 'capsEx'" SIX "000009", &c, NULL));
  mg_rtmp_connect_read(&c, &connect);
  g_assert_true(connect.is_enhanced);
  g_assert_cmpuint(connect.caps, ==, MG_RTMP_CAN_MULTITRACK | MG_RTMP_CAN_MODEX);
  g_assert_cmpuint(mg_rtmp_connect_codec(&c, MG_FLV_AVC), ==, 0);
}

static void
test_codecs_of_connect(void)
{
  static const char list[] = "000a 'fourCcList' 0a 00000002 02 0004 'av01' 02 0004 'hvc1'";
  static const char map[] = "0012 'videoFourCcInfoMap' 03 0004 'hvc1'" SIX "000009";
  static const char all[] = "0012 'audioFourCcInfoMap' 03 0004 'Opus'" ONE "0001 '*'" FOUR "000009";
  g_assert_cmpuint(codec_flags(list, MG_FLV_HEVC), ==, MG_RTMP_DECODES);
  g_assert_cmpuint(codec_flags(list, MG_FLV_AVC), ==, 0);
  g_assert_cmpuint(codec_flags("000a 'fourCcList' 0a 00000001 02 0001 '*'", MG_FLV_AVC), ==,
                   MG_RTMP_DECODES);
  g_assert_cmpuint(codec_flags(map, MG_FLV_HEVC), ==, MG_RTMP_ENCODES | MG_RTMP_FORWARDS);
  g_assert_cmpuint(codec_flags(map, MG_FLV_AVC), ==, 0);
  g_assert_cmpuint(codec_flags(all, MG_FLV_FOURCC('O', 'p', 'u', 's')), ==, MG_RTMP_FORWARDS);
}

/* Reads the messages in OUT; the caller frees each block with g_free(). */
static guint
read_messages(const MgWriter *out, MgRtmpMessage *messages, guint room)
{
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  MgReader in = MG_READER(out->data, out->size);
  guint n = 0;
  while (n < room && mg_rtmp_chunk_reader_next(r, &in, &messages[n], NULL) == MG_RTMP_CHUNK_MESSAGE)
    n++;
  return n;
}

/* Asserts that OUT is one message of TYPE on STREAM_ID with this body. */
static void
assert_message(const MgWriter *out, guint8 type, guint32 stream_id, const char *body)
{
  MgRtmpMessage m[2];
  g_assert_cmpuint(read_messages(out, m, 2), ==, 1);
  g_assert_cmpuint(m[0].type, ==, type);
  g_assert_cmpuint(m[0].stream_id, ==, stream_id);
  g_assert_cmpuint(m[0].timestamp, ==, 0);
  assert_hex(m[0].data, m[0].size, body);
  g_free(m[0].block);
}

static void
test_connect_is_answered_in_order(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m[8];
  MgRtmpConnectReply reply = { .transaction = 1, .window_bytes = 2500000, .chunk_size = 65536 };
  mg_rtmp_reply_connect(&w, &out, &reply);
  /* The control messages: their order and bytes are what clients know from other servers. */
  assert_hex(out.data, 12 + 4 + 12 + 5 + 12 + 6 + 12 + 4,
             "02 000000 000004 05 00000000 002625a0"
             "02 000000 000005 06 00000000 002625a0 02"
             "02 000000 000006 04 00000000 0000 00000000"
             "02 000000 000004 01 00000000 00010000");
  g_assert_cmpuint(read_messages(&out, m, 8), ==, 5);
  assert_hex(m[3].data, m[3].size,
             "02 0007 '_result'" ONE "03 0006 'fmsVer' 02 000e 'FMS/3,5,7,7009'"
             "000c 'capabilities' 00 403f000000000000 0004 'mode' 00 3ff0000000000000 000009"
             "03 0005 'level' 02 0006 'status'"
             "0004 'code' 02 001d 'NetConnection.Connect.Success'"
             "000b 'description' 02 0015 'Connection succeeded.'"
             "000e 'objectEncoding' 00 0000000000000000 000009");
  assert_hex(m[4].data, m[4].size, "02 0008 'onBWDone'" ZERO "05");
  for (guint i = 0; i < 5; i++)
    g_free(m[i].block);
}

static void
test_enhanced_connect_is_answered(void)
{
  static const guint32 video[] = { MG_FLV_AVC, MG_FLV_HEVC, 0 };
  static const guint32 audio[] = { MG_FLV_AAC, 0 };
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m[8];
  MgRtmpConnectReply reply = {
    .transaction = 1,
    .window_bytes = 1,
    .chunk_size = 4096,
    .object_encoding = 3,
    .is_enhanced = TRUE,
    .caps = MG_RTMP_CAN_MULTITRACK | MG_RTMP_CAN_MODEX,
    .video = video,
    .audio = audio,
  };
  mg_rtmp_reply_connect(&w, &out, &reply);
  g_assert_cmpuint(read_messages(&out, m, 8), ==, 5);
  assert_hex(m[3].data, m[3].size,
             "02 0007 '_result'" ONE "03 0006 'fmsVer' 02 000e 'FMS/3,5,7,7009'"
             "000c 'capabilities' 00 403f000000000000 0004 'mode' 00 3ff0000000000000"
             "0006 'capsEx'" SIX "000a 'fourCcList' 0a 00000003"
             "02 0004 'avc1' 02 0004 'hvc1' 02 0004 'mp4a'"
             "0012 'videoFourCcInfoMap' 03 0004 'avc1'" FOUR "0004 'hvc1'" FOUR "000009"
             "0012 'audioFourCcInfoMap' 03 0004 'mp4a'" FOUR "000009 000009"
             "03 0005 'level' 02 0006 'status'"
             "0004 'code' 02 001d 'NetConnection.Connect.Success'"
             "000b 'description' 02 0015 'Connection succeeded.'"
             "000e 'objectEncoding' 00 4008000000000000 000009");
  for (guint i = 0; i < 5; i++)
    g_free(m[i].block);
}

static void
test_reconnect_request(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  mg_rtmp_reply_reconnect(&w, &out, "why");
  assert_message(&out, MG_RTMP_COMMAND, 0,
                 "02 0008 'onStatus'" ZERO "05 03 0005 'level' 02 0006 'status'"
                 "0004 'code' 02 0026 'NetConnection.Connect.ReconnectRequest'"
                 "000b 'description' 02 0003 'why' 000009");
}

static void
test_results(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  mg_rtmp_reply_result(&w, &out, 1);
  assert_message(&out, MG_RTMP_COMMAND, 0, "02 0007 '_result'" ONE "05 05");
  mg_writer_reset(&out);
  mg_rtmp_reply_number(&w, &out, 1, 1);
  assert_message(&out, MG_RTMP_COMMAND, 0, "02 0007 '_result'" ONE "05" ONE);
  mg_writer_reset(&out);
  mg_rtmp_reply_error(&w, &out, 1, "C", "why");
  assert_message(&out, MG_RTMP_COMMAND, 0,
                 "02 0006 '_error'" ONE "05 03 0005 'level' 02 0005 'error'"
                 "0004 'code' 02 0001 'C' 000b 'description' 02 0003 'why' 000009");
}

static void
test_status(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  mg_rtmp_reply_status(&w, &out, 7, "error", "NetStream.Publish.BadName", "busy");
  assert_message(&out, MG_RTMP_COMMAND, 7,
                 "02 0008 'onStatus'" ZERO "05 03 0005 'level' 02 0005 'error'"
                 "0004 'code' 02 0019 'NetStream.Publish.BadName'"
                 "000b 'description' 02 0004 'busy' 000009");
}

static void
test_publish_is_answered(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_auto(MgRtmpCommand) c = { 0 };
  MgRtmpMessage m[3];
  mg_rtmp_reply_publish(&w, &out, 1, "live/cam1");
  g_assert_cmpuint(read_messages(&out, m, 3), ==, 2);
  assert_hex(m[0].data, m[0].size, "0000 00000001");
  g_assert_true(mg_rtmp_command_parse(&m[1], &c, NULL));
  const MgAmf *info = mg_rtmp_command_arg(&c, 0);
  g_assert_cmpuint(m[1].stream_id, ==, 1);
  g_assert_cmpstr(mg_amf_string(mg_amf_member(info, "code"), ""), ==, "NetStream.Publish.Start");
  g_free(m[0].block);
  g_free(m[1].block);
}

static void
test_fc_publish(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  mg_rtmp_reply_fc_publish(&w, &out, "cam1");
  assert_message(&out, MG_RTMP_COMMAND, 0,
                 "02 000b 'onFCPublish'" ZERO "05 03 0005 'level' 02 0006 'status'"
                 "0004 'code' 02 0017 'NetStream.Publish.Start'"
                 "000b 'description' 02 0004 'cam1' 000009");
  mg_writer_reset(&out);
  mg_rtmp_reply_fc_unpublish(&w, &out, "cam1");
  assert_message(&out, MG_RTMP_COMMAND, 0,
                 "02 000d 'onFCUnpublish'" ZERO "05 03 0005 'level' 02 0006 'status'"
                 "0004 'code' 02 001b 'NetStream.Unpublish.Success'"
                 "000b 'description' 02 0004 'cam1' 000009");
}

static void
test_calls(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpConnectCall connect = { "live", "rtmp://h/live", "FMLE/3.0" };
  mg_rtmp_call_connect(&w, &out, 1, &connect);
  assert_message(&out, MG_RTMP_COMMAND, 0,
                 "02 0007 'connect'" ONE "03 0003 'app' 02 0004 'live'"
                 "0004 'type' 02 000a 'nonprivate' 0008 'flashVer' 02 0008 'FMLE/3.0'"
                 "0005 'tcUrl' 02 000d 'rtmp://h/live' 000009");
  mg_writer_reset(&out);
  mg_rtmp_call(&w, &out, "createStream", 1, NULL);
  assert_message(&out, MG_RTMP_COMMAND, 0, "02 000c 'createStream'" ONE "05");
  mg_writer_reset(&out);
  mg_rtmp_call(&w, &out, "FCPublish", 1, "cam1");
  assert_message(&out, MG_RTMP_COMMAND, 0, "02 0009 'FCPublish'" ONE "05 02 0004 'cam1'");
  mg_writer_reset(&out);
  mg_rtmp_call_publish(&w, &out, 1, 3, "cam1", "live");
  assert_message(&out, MG_RTMP_COMMAND, 3,
                 "02 0007 'publish'" ONE "05 02 0004 'cam1' 02 0004 'live'");
  mg_writer_reset(&out);
  mg_rtmp_call_delete_stream(&w, &out, 1, 1);
  assert_message(&out, MG_RTMP_COMMAND, 0, "02 000c 'deleteStream'" ONE "05" ONE);
}

static void
test_metadata_call(void)
{
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_auto(MgWriter) properties = MG_WRITER_INIT;
  mg_amf_write_property_boolean(&properties, "stereo", TRUE);
  mg_rtmp_call_metadata(&w, &out, 1, &properties);
  assert_message(&out, MG_RTMP_DATA, 1,
                 "02 000d '@setDataFrame' 02 000a 'onMetaData' 03 0006 'stereo' 0101 000009");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/command/parts-are-read", test_parts);
  g_test_add_func("/rtmp/command/missing-parts-are-forgiven", test_missing_parts);
  g_test_add_func("/rtmp/command/a-mad-transaction-is-none", test_mad_transaction);
  g_test_add_func("/rtmp/command/broken-commands-are-refused", test_broken_commands);
  g_test_add_func("/rtmp/command/connect-is-read", test_connect);
  g_test_add_func("/rtmp/command/capabilities-are-read", test_enhanced_connect);
  g_test_add_func("/rtmp/command/codecs-are-looked-up", test_codecs_of_connect);
  g_test_add_func("/rtmp/reply/connect-is-answered-in-order", test_connect_is_answered_in_order);
  g_test_add_func("/rtmp/reply/enhanced-connect-is-answered", test_enhanced_connect_is_answered);
  g_test_add_func("/rtmp/reply/clients-are-asked-to-reconnect", test_reconnect_request);
  g_test_add_func("/rtmp/reply/results-and-errors", test_results);
  g_test_add_func("/rtmp/reply/status-goes-to-its-stream", test_status);
  g_test_add_func("/rtmp/reply/publish-is-answered", test_publish_is_answered);
  g_test_add_func("/rtmp/reply/fc-publish-is-answered", test_fc_publish);
  g_test_add_func("/rtmp/call/commands-are-byte-exact", test_calls);
  g_test_add_func("/rtmp/call/metadata-is-byte-exact", test_metadata_call);
  return g_test_run();
}
