#include "hex.h"
#include "rtmp/message.h"

/* The parts of an aggregate at TIMESTAMP as text. */
static char *
split(guint32 timestamp, const char *hex)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, hex);
  g_autofree guint8 *exact = g_memdup2(in.data, in.size);
  int owned = 0;
  MgRtmpMessage m = {
    .csid = 6, .type = MG_RTMP_AGGREGATE, .timestamp = timestamp, .stream_id = 5
  };
  m.data = exact;
  m.size = in.size;
  m.block = &owned;
  GString *log = g_string_new(NULL);
  MgRtmpAggregate a;
  MgRtmpMessage part;
  mg_rtmp_aggregate_init(&a, &m);
  while (mg_rtmp_aggregate_next(&a, &part)) {
    g_assert_null(part.block);
    g_assert_cmpuint(part.csid, ==, 6);
    g_assert_cmpuint(part.stream_id, ==, 5);
    g_string_append_printf(log, "type %u at %u:", part.type, part.timestamp);
    for (gsize i = 0; i < part.size; i++)
      g_string_append_printf(log, " %02x", part.data[i]);
    g_string_append_c(log, '\n');
  }
  return g_string_free(log, FALSE);
}

static void
assert_splits(guint32 timestamp, const char *hex, const char *expected)
{
  g_autofree char *log = split(timestamp, hex);
  g_assert_cmpstr(log, ==, expected);
}

static void
test_times_are_rebased(void)
{
  assert_splits(5000,
                "08 000002 000064 00 000000 aabb 0000000d"
                "09 000001 000078 00 000000 cc 0000000c"
                "12 000000 000050 00 000000 0000000b", /* 20 ms before the first */
                "type 8 at 5000: aa bb\n"
                "type 9 at 5020: cc\n"
                "type 18 at 4980:\n");
}

static void
test_times_wrap(void)
{
  assert_splits(0xfffffff0,
                "08 000001 fffff0 ff 000000 aa 0000000c"
                "08 000001 000010 00 000000 bb 0000000c",
                "type 8 at 4294967280: aa\ntype 8 at 16: bb\n");
}

static void
test_other_types_are_passed_over(void)
{
  assert_splits(100,
                "01 000004 000000 00 000000 00000000 0000000f"
                "16 000001 000001 00 000000 aa 0000000c"
                "14 000001 000002 00 000000 aa 0000000c"
                "09 000001 000003 00 000000 bb 0000000c",
                "type 9 at 103: bb\n");
}

static void
test_cut_short(void)
{
  static const char *const one = "08 000001 000000 00 000000 aa 0000000c";
  static const char *const rest[] = {
    "",
    "09",
    "09 000001 000000 00 0000",
    "09 000002 000000 00 000000 bb",
    "09 ffffff 000000 00 000000 bb 0000000c",
  };
  for (guint i = 0; i < G_N_ELEMENTS(rest); i++) {
    g_autofree char *all = g_strconcat(one, rest[i], NULL);
    assert_splits(7, all, "type 8 at 7: aa\n");
  }
  assert_splits(7, "08 000001 000000 00 000000 aa", "type 8 at 7: aa\n");
  assert_splits(7, "", "");
}

static void
assert_amf(guint8 type, const char *in, const char *expected)
{
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  put_hex(&bytes, in);
  MgRtmpMessage m = { .type = type, .data = bytes.data, .size = bytes.size };
  MgReader r = mg_rtmp_message_amf(&m);
  assert_hex(r.data, r.size, expected);
}

static void
test_format_byte(void)
{
  assert_amf(MG_RTMP_COMMAND, "00 02", "00 02");
  assert_amf(MG_RTMP_DATA, "00 02", "00 02");
  assert_amf(MG_RTMP_COMMAND_AMF3, "00 02", "02");
  assert_amf(MG_RTMP_DATA_AMF3, "00 02", "02");
  assert_amf(MG_RTMP_COMMAND_AMF3, "02 00", "02 00");
  assert_amf(MG_RTMP_COMMAND_AMF3, "", "");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/aggregate/times-are-rebased", test_times_are_rebased);
  g_test_add_func("/rtmp/aggregate/times-wrap", test_times_wrap);
  g_test_add_func("/rtmp/aggregate/other-types-are-passed-over", test_other_types_are_passed_over);
  g_test_add_func("/rtmp/aggregate/a-tag-cut-short-ends-it", test_cut_short);
  g_test_add_func("/rtmp/message/the-format-byte-is-skipped", test_format_byte);
  return g_test_run();
}
