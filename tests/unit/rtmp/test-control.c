#include "hex.h"
#include "rtmp/control.h"

static void
test_writing(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  mg_rtmp_write_set_chunk_size(&w, &out, 65536);
  g_assert_cmpuint(w.chunk_size, ==, 65536);
  mg_rtmp_write_abort(&w, &out, 6);
  mg_rtmp_write_acknowledgement(&w, &out, 0xfffffffe);
  mg_rtmp_write_window_ack_size(&w, &out, 2500000);
  mg_rtmp_write_peer_bandwidth(&w, &out, 2500000, MG_RTMP_LIMIT_DYNAMIC);
  mg_rtmp_write_user_control(&w, &out, MG_RTMP_STREAM_BEGIN, 1);
  mg_rtmp_write_user_control(&w, &out, MG_RTMP_PING_RESPONSE, 0x01020304);
  assert_hex(out.data, out.size,
             "02 000000 000004 01 00000000 00010000"
             "02 000000 000004 02 00000000 00000006"
             "02 000000 000004 03 00000000 fffffffe"
             "02 000000 000004 05 00000000 002625a0"
             "02 000000 000005 06 00000000 002625a0 02"
             "02 000000 000006 04 00000000 0000 00000001"
             "02 000000 000006 04 00000000 0007 01020304");
}

static gboolean
parse(const char *hex, MgRtmpUserControl *c)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, hex);
  MgRtmpMessage m = { .type = MG_RTMP_USER_CONTROL, .data = in.data, .size = in.size };
  return mg_rtmp_user_control_parse(&m, c);
}

static void
test_user_control(void)
{
  MgRtmpUserControl c;
  g_assert_true(parse("0006 00000102", &c));
  g_assert_cmpuint(c.event, ==, MG_RTMP_PING_REQUEST);
  g_assert_cmpuint(c.value, ==, 0x102);
  g_assert_true(parse("0003 00000001 000003e8", &c));
  g_assert_cmpuint(c.event, ==, MG_RTMP_SET_BUFFER_LENGTH);
  g_assert_cmpuint(c.value, ==, 1);
  g_assert_cmpuint(c.buffer_ms, ==, 1000);
  g_assert_true(parse("001a 01", &c)); /* SWF verification: not ours to understand */
  g_assert_cmpuint(c.event, ==, 26);
}

static void
test_short_user_control(void)
{
  MgRtmpUserControl c = { .event = 99 };
  static const char *const cut[] = { "", "00", "0006", "0006 000001", "0003 00000001 000003" };
  for (guint i = 0; i < G_N_ELEMENTS(cut); i++)
    g_assert_false(parse(cut[i], &c));
  g_assert_cmpuint(c.event, ==, 99);
}

static void
test_numbers(void)
{
  static const guint8 body[] = { 0, 0x26, 0x25, 0xa0, 2 };
  MgRtmpMessage m = { .type = MG_RTMP_SET_PEER_BANDWIDTH, .data = body, .size = sizeof body };
  guint32 value = 7;
  g_assert_true(mg_rtmp_control_parse(&m, &value));
  g_assert_cmpuint(value, ==, 2500000);
  m.size = 3;
  g_assert_false(mg_rtmp_control_parse(&m, &value));
  g_assert_cmpuint(value, ==, 2500000);
}

static void
test_acknowledging(void)
{
  MgRtmpAck ack = { .window_bytes = 0 };
  g_assert_false(mg_rtmp_ack_is_due(&ack, G_MAXUINT64));
  ack.window_bytes = 1000;
  g_assert_false(mg_rtmp_ack_is_due(&ack, 499));
  g_assert_true(mg_rtmp_ack_is_due(&ack, 510));
  g_assert_false(mg_rtmp_ack_is_due(&ack, 1009));
  g_assert_true(mg_rtmp_ack_is_due(&ack, 1010));
  /* Far beyond what the sequence number can say. */
  g_assert_true(mg_rtmp_ack_is_due(&ack, G_GUINT64_CONSTANT(0x100000000)));
  g_assert_false(mg_rtmp_ack_is_due(&ack, G_GUINT64_CONSTANT(0x100000001)));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/control/writing-is-byte-exact", test_writing);
  g_test_add_func("/rtmp/control/user-control-is-read", test_user_control);
  g_test_add_func("/rtmp/control/short-user-control-is-refused", test_short_user_control);
  g_test_add_func("/rtmp/control/numbers-are-read", test_numbers);
  g_test_add_func("/rtmp/control/acknowledgements-are-due-twice-per-window", test_acknowledging);
  return g_test_run();
}
