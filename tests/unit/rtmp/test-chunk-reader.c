#include "hex.h"
#include "rtmp/chunk.h"
#include "rtmp/control.h"
#include "rtmp/error.h"

#include <string.h>

/* What came out, as text: a line per message, then "more" or the failure's code. */
static void
log_message(GString *log, const MgRtmpMessage *m)
{
  g_string_append_printf(log, "csid %u type %u at %u on %u:", m->csid, m->type, m->timestamp,
                         m->stream_id);
  if (m->size > 16) {
    g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, m->data, m->size);
    g_string_append_printf(log, " %" G_GSIZE_FORMAT " bytes %s\n", m->size, sum);
    return;
  }
  for (gsize i = 0; i < m->size; i++)
    g_string_append_printf(log, " %02x", m->data[i]);
  g_string_append_c(log, '\n');
}

static void
read_piece(MgRtmpChunkReader *r, MgReader in, GString *log, GError **error)
{
  MgRtmpMessage m;
  MgRtmpChunkState state;
  while ((state = mg_rtmp_chunk_reader_next(r, &in, &m, error)) == MG_RTMP_CHUNK_MESSAGE) {
    log_message(log, &m);
    mg_rtmp_chunk_reader_release(r, &m);
  }
  if (state == MG_RTMP_CHUNK_MORE)
    g_assert_cmpuint(mg_reader_left(&in), ==, 0);
}

static char *
read_in_pieces(const MgWriter *bytes, gsize split, const MgRtmpLimits *limits)
{
  static const char *const names[] = { "not-rtmp", "protocol", "limit", "memory", "name" };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(limits, NULL, NULL);
  GString *log = g_string_new(NULL);
  gsize at = 0;
  for (gsize n = 0; at < bytes->size && error == NULL; at += n) {
    n = MIN(split, bytes->size - at);
    g_autofree guint8 *exact = g_memdup2(bytes->data + at, n);
    read_piece(r, MG_READER(exact, n), log, &error);
  }
  if (error == NULL)
    g_assert_cmpuint(mg_rtmp_chunk_reader_bytes(r), ==, at);
  g_string_append(log, error != NULL ? names[error->code] : "more");
  return g_string_free(log, FALSE);
}

static void
assert_reads_within(const MgWriter *bytes, const MgRtmpLimits *limits, const char *expected)
{
  static const gsize splits[] = { G_MAXSIZE, 1, 2, 3, 5, 11, 127, 128, 129, 4096 };
  for (guint i = 0; i < G_N_ELEMENTS(splits); i++) {
    if (bytes->size / splits[i] > 100000)
      continue;
    g_autofree char *log = read_in_pieces(bytes, splits[i], limits);
    g_assert_cmpstr(log, ==, expected);
  }
}

static void
assert_reads(const char *hex, const char *expected)
{
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  put_hex(&bytes, hex);
  assert_reads_within(&bytes, NULL, expected);
}

static void
test_formats(void)
{
  assert_reads("04 00000a 000002 08 01000000 aabb" /* fmt 0 */
               "44 000005 000001 09 cc"            /* fmt 1 */
               "84 000003 dd"                      /* fmt 2 */
               "c4 ee",                            /* fmt 3 */
               "csid 4 type 8 at 10 on 1: aa bb\n"
               "csid 4 type 9 at 15 on 1: cc\n"
               "csid 4 type 9 at 18 on 1: dd\n"
               "csid 4 type 9 at 21 on 1: ee\n"
               "more");
}

static void
test_fmt_3_after_fmt_0(void)
{
  assert_reads("04 00000a 000001 08 01000000 aa c4 bb", "csid 4 type 8 at 10 on 1: aa\n"
                                                        "csid 4 type 8 at 20 on 1: bb\n"
                                                        "more");
}

static void
test_csid_forms(void)
{
  assert_reads("3f 000001 000001 08 00000000 aa"      /* 63 */
               "00 00 000001 000001 08 00000000 bb"   /* 64 */
               "00 ff 000001 000001 08 00000000 cc"   /* 319 */
               "01 0001 000001 000001 08 00000000 dd" /* 320 */
               "01 ffff 000001 000001 08 00000000 ee" /* 65599 */
               "c1 0000 ff",                          /* 64 again, in three bytes */
               "csid 63 type 8 at 1 on 0: aa\n"
               "csid 64 type 8 at 1 on 0: bb\n"
               "csid 319 type 8 at 1 on 0: cc\n"
               "csid 320 type 8 at 1 on 0: dd\n"
               "csid 65599 type 8 at 1 on 0: ee\n"
               "csid 64 type 8 at 2 on 0: ff\n"
               "more");
}

static void
test_interleaved(void)
{
  assert_reads("02 000000 000004 01 00000000 00000002" /* chunks of two bytes */
               "04 000001 000003 08 01000000 a1a2"
               "06 000002 000004 09 01000000 b1b2"
               "c4 a3 c6 b3b4",
               "csid 4 type 8 at 1 on 1: a1 a2 a3\n"
               "csid 6 type 9 at 2 on 1: b1 b2 b3 b4\n"
               "more");
}

static void
test_empty_messages(void)
{
  assert_reads("04 000001 000000 08 01000000 c4 44 000001 000000 09", "csid 4 type 8 at 1 on 1:\n"
                                                                      "csid 4 type 8 at 2 on 1:\n"
                                                                      "csid 4 type 9 at 3 on 1:\n"
                                                                      "more");
}

static void
test_fresh_streams(void)
{
  assert_reads("42 000005 000006 04 0006 00000001", "csid 2 type 4 at 5 on 0: 00 06 00 00 00 01\n"
                                                    "more");
  assert_reads("84 000005 44 000001 000001 08 aa", "csid 4 type 0 at 5 on 0:\n"
                                                   "csid 4 type 8 at 6 on 0: aa\n"
                                                   "more");
  assert_reads("c4 aa", "protocol");
}

static void
test_chunk_sizes(void)
{
  static const guint sizes[] = { 1, 2, 64, 127, 128, 4096, 65536 };
  g_autofree guint8 *payload = g_malloc(1000);
  for (guint i = 0; i < 1000; i++)
    payload[i] = (guint8) (i * 31);
  g_autofree char *sum = g_compute_checksum_for_data(G_CHECKSUM_MD5, payload, 1000);
  g_autofree char *expected = g_strdup_printf("csid 70 type 9 at 7 on 1: 1000 bytes %s\n"
                                              "csid 70 type 9 at 9 on 1: 1000 bytes %s\n"
                                              "more",
                                              sum, sum);
  for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
    g_auto(MgWriter) bytes = MG_WRITER_INIT;
    MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
    MgRtmpMessage m = { .csid = 70, .type = 9, .timestamp = 7, .stream_id = 1 };
    m.data = payload;
    m.size = 1000;
    mg_rtmp_write_set_chunk_size(&w, &bytes, sizes[i]);
    mg_rtmp_chunk_write(&w, &bytes, &m);
    m.timestamp = 9;
    mg_rtmp_chunk_write(&w, &bytes, &m);
    assert_reads_within(&bytes, NULL, expected);
  }
}

static void
test_set_chunk_size(void)
{
  assert_reads("02 000000 000004 01 00000000 00000001 04 000000 000002 08 00000000 aa c4 bb",
               "csid 4 type 8 at 0 on 0: aa bb\nmore");
  /* The top bit does not count; all above 0xffffff means that. */
  assert_reads("02 000000 000004 01 00000000 80000001 04 000000 000002 08 00000000 aa c4 bb",
               "csid 4 type 8 at 0 on 0: aa bb\nmore");
  assert_reads("02 000000 000004 01 00000000 7fffffff 04 000000 000002 08 00000000 aabb",
               "csid 4 type 8 at 0 on 0: aa bb\nmore");
  assert_reads("02 000000 000004 01 00000000 00000000", "protocol");
  assert_reads("02 000000 000004 01 00000000 80000000", "protocol");
  assert_reads("02 000000 000003 01 00000000 000001", "protocol");
  assert_reads("02 000000 000000 01 00000000", "protocol");
}

static void
test_chunk_size_inside_a_message(void)
{
  assert_reads("02 000000 000004 01 00000000 00000002"
               "04 000000 000005 08 00000000 a1a2"
               "c2 0000 c2 0003" /* chunk size 3 from here on, in two chunks */
               "c4 a3a4a5",
               "csid 4 type 8 at 0 on 0: a1 a2 a3 a4 a5\nmore");
}

static void
test_abort(void)
{
  assert_reads("02 000000 000004 01 00000000 00000002"
               "04 000001 000003 08 01000000 a1a2"
               "42 000000 000004 02 0000 c2 0004" /* drops csid 4's message */
               "44 000005 000002 09 b1b2",
               "csid 4 type 9 at 6 on 1: b1 b2\nmore");
  assert_reads("02 000000 000004 02 00000000 00000009" /* nothing there: fine */
               "04 000001 000001 08 01000000 aa",
               "csid 4 type 8 at 1 on 1: aa\nmore");
  assert_reads("02 000000 000002 02 00000000 0009", "protocol");
}

static void
test_fmt_0_inside_a_message(void)
{
  assert_reads("02 000000 000004 01 00000000 00000002"
               "04 000001 000003 08 01000000 a1a2"
               "04 000009 000002 09 01000000 b1b2",
               "csid 4 type 9 at 9 on 1: b1 b2\nmore");
}

static void
test_header_inside_a_message(void)
{
  assert_reads("02 000000 000004 01 00000000 00000002"
               "04 000001 000005 08 01000000 a1a2"
               "44 000007 000005 08 a3a4" /* fmt 1 that says the same: goes on */
               "84 000007 a5",
               "csid 4 type 8 at 1 on 1: a1 a2 a3 a4 a5\nmore");
  static const char *const changes[] = { "44 000000 000004 08 a3a4", "44 000000 000006 08 a3a4",
                                         "44 000000 000005 09 a3a4" };
  for (guint i = 0; i < G_N_ELEMENTS(changes); i++) {
    g_autofree char *all = g_strconcat("02 000000 000004 01 00000000 00000002"
                                       "04 000001 000005 08 01000000 a1a2",
                                       changes[i], NULL);
    assert_reads(all, "protocol");
  }
}

#define SIZE_2 "02 000000 000004 01 00000000 00000002"

static void
test_extended_times(void)
{
  assert_reads("04 fffffe 000001 08 01000000 aa", "csid 4 type 8 at 16777214 on 1: aa\nmore");
  assert_reads("04 ffffff 000001 08 01000000 00ffffff aa",
               "csid 4 type 8 at 16777215 on 1: aa\nmore");
  assert_reads("04 ffffff 000001 08 01000000 80000000 aa"
               "44 ffffff 000001 08 01000000 bb" /* fmt 1 and 2: a difference */
               "84 ffffff 01000000 cc"
               "84 000001 dd",
               "csid 4 type 8 at 2147483648 on 1: aa\n"
               "csid 4 type 8 at 2164260864 on 1: bb\n"
               "csid 4 type 8 at 2181038080 on 1: cc\n"
               "csid 4 type 8 at 2181038081 on 1: dd\n"
               "more");
}

static void
test_extended_time_in_fmt_3(void)
{
  const char *expected = "csid 4 type 8 at 16909060 on 1: a1 a2 a3 a4 a5\nmore";
  assert_reads(SIZE_2 "04 ffffff 000005 08 01000000 01020304 a1a2 c4 01020304 a3a4 c4 01020304 a5",
               expected);
  assert_reads(SIZE_2 "04 ffffff 000005 08 01000000 01020304 a1a2 c4 a3a4 c4 a5", expected);
  assert_reads(SIZE_2 "04 000000 000001 08 01000000 00"
                      "44 ffffff 000005 08 01020304 a1a2 c4 01020304 a3a4 c4 01020304 a5",
               "csid 4 type 8 at 0 on 1: 00\ncsid 4 type 8 at 16909060 on 1: a1 a2 a3 a4 a5\nmore");
}

/* Without the repetition, payload that begins like the timestamp must not be lost. */
static void
test_payload_like_a_timestamp(void)
{
  assert_reads(SIZE_2 "04 ffffff 000004 08 01000000 01020304 a1a2 c4 0102"
                      "44 000001 000001 08 bb",
               "csid 4 type 8 at 16909060 on 1: a1 a2 01 02\n"
               "csid 4 type 8 at 16909061 on 1: bb\n"
               "more");
  assert_reads(SIZE_2 "04 ffffff 000003 08 01000000 01020304 a1a2 c4 01"
                      "04 000005 000001 08 01000000 bb",
               "csid 4 type 8 at 16909060 on 1: a1 a2 01\n"
               "csid 4 type 8 at 5 on 1: bb\n"
               "more");
  assert_reads(SIZE_2 "04 ffffff 000004 08 01000000 01020304 a1a2 c4 0102 04 030405",
               "csid 4 type 8 at 16909060 on 1: a1 a2 01 02\nmore");
}

static void
test_fmt_3_begins_with_extended_time(void)
{
  assert_reads("04 ffffff 000001 08 01000000 01000000 aa c4 01000000 bb c4 cc 84 000001 dd c4 ee",
               "csid 4 type 8 at 16777216 on 1: aa\n"
               "csid 4 type 8 at 33554432 on 1: bb\n"
               "csid 4 type 8 at 50331648 on 1: cc\n"
               "csid 4 type 8 at 50331649 on 1: dd\n"
               "csid 4 type 8 at 50331650 on 1: ee\n"
               "more");
}

static void
test_time_wraps(void)
{
  assert_reads("04 ffffff 000001 08 01000000 fffffff0 aa 84 000020 bb 84 ffffff fffffff0 cc",
               "csid 4 type 8 at 4294967280 on 1: aa\n"
               "csid 4 type 8 at 16 on 1: bb\n"
               "csid 4 type 8 at 0 on 1: cc\n"
               "more");
}

static void
test_too_many_streams(void)
{
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  g_autoptr(GString) expected = g_string_new(NULL);
  for (guint csid = 100; csid < 100 + MG_RTMP_CHUNK_STREAMS; csid++) {
    g_autofree char *hex = g_strdup_printf("00 %02x 000000 000001 08 00000000 aa", csid - 64);
    put_hex(&bytes, hex);
    g_string_append_printf(expected, "csid %u type 8 at 0 on 0: aa\n", csid);
  }
  put_hex(&bytes, "00 fe 000000 000001 08 00000000 aa");
  g_string_append(expected, "limit");
  assert_reads_within(&bytes, NULL, expected->str);
}

static void
test_too_long_message(void)
{
  MgRtmpLimits limits = MG_RTMP_LIMITS_DEFAULT;
  limits.message_bytes = 2;
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  put_hex(&bytes, "04 000000 000002 08 00000000 aabb 04 000000 000003 08 00000000 aabbcc");
  assert_reads_within(&bytes, &limits, "csid 4 type 8 at 0 on 0: aa bb\nlimit");
}

static void
test_too_much_unfinished(void)
{
  MgRtmpLimits limits = MG_RTMP_LIMITS_DEFAULT;
  limits.partial_bytes = 10;
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  put_hex(&bytes, SIZE_2 "04 000000 000004 08 00000000 a1a2 05 000000 000006 08 00000000 b1b2"
                         "c4 a3a4 c5 b3b4 c5 b5b6");
  assert_reads_within(&bytes, &limits,
                      "csid 4 type 8 at 0 on 0: a1 a2 a3 a4\n"
                      "csid 5 type 8 at 0 on 0: b1 b2 b3 b4 b5 b6\n"
                      "more");
  mg_writer_reset(&bytes);
  put_hex(&bytes, SIZE_2 "04 000000 000006 08 00000000 a1a2 05 000000 000006 08 00000000 b1b2"
                         "c5 b3b4 c5 b5b6");
  assert_reads_within(&bytes, &limits, "limit");
}

static void
test_failure_is_final(void)
{
  g_autoptr(GError) first = NULL, second = NULL;
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  MgRtmpMessage m;
  const guint8 bytes[] = { 0xc4, 0x04 };
  MgReader in = MG_READER(bytes, sizeof bytes);
  g_assert_cmpint(mg_rtmp_chunk_reader_next(r, &in, &m, &first), ==, MG_RTMP_CHUNK_FAILED);
  g_assert_cmpint(mg_rtmp_chunk_reader_next(r, &in, &m, &second), ==, MG_RTMP_CHUNK_FAILED);
  g_assert_error(second, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/chunk-reader/the-four-header-formats", test_formats);
  g_test_add_func("/rtmp/chunk-reader/fmt-3-after-fmt-0-repeats-its-time", test_fmt_3_after_fmt_0);
  g_test_add_func("/rtmp/chunk-reader/csid-in-one-two-and-three-bytes", test_csid_forms);
  g_test_add_func("/rtmp/chunk-reader/messages-interleave", test_interleaved);
  g_test_add_func("/rtmp/chunk-reader/empty-messages-come-out", test_empty_messages);
  g_test_add_func("/rtmp/chunk-reader/a-fresh-stream-may-begin-with-fmt-1-or-2",
                  test_fresh_streams);
  g_test_add_func("/rtmp/chunk-reader/all-chunk-sizes", test_chunk_sizes);
  g_test_add_func("/rtmp/chunk-reader/set-chunk-size-is-obeyed", test_set_chunk_size);
  g_test_add_func("/rtmp/chunk-reader/set-chunk-size-inside-another-message",
                  test_chunk_size_inside_a_message);
  g_test_add_func("/rtmp/chunk-reader/abort-drops-a-message", test_abort);
  g_test_add_func("/rtmp/chunk-reader/fmt-0-inside-a-message-begins-anew",
                  test_fmt_0_inside_a_message);
  g_test_add_func("/rtmp/chunk-reader/length-cannot-change-inside-a-message",
                  test_header_inside_a_message);
  g_test_add_func("/rtmp/chunk-reader/extended-times-in-fmt-0-1-2", test_extended_times);
  g_test_add_func("/rtmp/chunk-reader/extended-times-repeated-or-not-in-fmt-3",
                  test_extended_time_in_fmt_3);
  g_test_add_func("/rtmp/chunk-reader/payload-that-looks-like-a-time-is-kept",
                  test_payload_like_a_timestamp);
  g_test_add_func("/rtmp/chunk-reader/fmt-3-begins-a-message-with-extended-time",
                  test_fmt_3_begins_with_extended_time);
  g_test_add_func("/rtmp/chunk-reader/time-wraps-at-32-bits", test_time_wraps);
  g_test_add_func("/rtmp/chunk-reader/chunk-streams-are-limited", test_too_many_streams);
  g_test_add_func("/rtmp/chunk-reader/message-length-is-limited", test_too_long_message);
  g_test_add_func("/rtmp/chunk-reader/unfinished-bytes-are-limited", test_too_much_unfinished);
  g_test_add_func("/rtmp/chunk-reader/a-failure-is-final", test_failure_is_final);
  return g_test_run();
}
