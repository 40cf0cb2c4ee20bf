#include "hex.h"
#include "rtmp/chunk.h"
#include "rtmp/control.h"

static void
put(MgRtmpChunkWriter *w, MgWriter *out, MgRtmpMessage m, const char *payload)
{
  m.data = (const guint8 *) payload;
  m.size = strlen(payload);
  mg_rtmp_chunk_write(w, out, &m);
}

static void
test_headers_get_shorter(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 4, .type = MG_RTMP_AUDIO, .timestamp = 10, .stream_id = 0x01020304 };
  put(&w, &out, m, "ab");
  m.timestamp = 30;
  put(&w, &out, m, "c");
  m.timestamp = 31;
  put(&w, &out, m, "d");
  m.timestamp = 30; /* back in time */
  put(&w, &out, m, "e");
  m.stream_id = 1;
  put(&w, &out, m, "f");
  assert_hex(out.data, out.size,
             "04 00000a 000002 08 04030201 'ab'"
             "44 000014 000001 08 'c'"
             "84 000001 'd'"
             "04 00001e 000001 08 04030201 'e'"
             "04 00001e 000001 08 01000000 'f'");
}

static void
test_a_new_type_is_said(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 4, .type = MG_RTMP_AUDIO };
  put(&w, &out, m, "a");
  m.type = MG_RTMP_VIDEO;
  put(&w, &out, m, "b");
  assert_hex(out.data, out.size, "04 000000 000001 08 00000000 'a' 44 000000 000001 09 'b'");
}

static void
test_more_streams_than_are_remembered(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  for (guint32 csid = 4; csid < 4 + G_N_ELEMENTS(w.last); csid++)
    put(&w, &out, (MgRtmpMessage){ .csid = csid, .type = MG_RTMP_AUDIO }, "x");
  mg_writer_reset(&out);
  MgRtmpMessage m = { .csid = 60, .type = MG_RTMP_AUDIO };
  put(&w, &out, m, "a");
  put(&w, &out, m, "b");
  m.csid = 4;
  put(&w, &out, m, "c");
  assert_hex(out.data, out.size,
             "3c 000000 000001 08 00000000 'a' 3c 000000 000001 08 00000000 'b' 84 000000 'c'");
}

static void
test_only_media_is_shortened(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 3, .type = MG_RTMP_COMMAND };
  put(&w, &out, m, "a");
  put(&w, &out, m, "b");
  assert_hex(out.data, out.size,
             "03 000000 000001 14 00000000 'a' 03 000000 000001 14 00000000 'b'");
}

static void
test_csid_forms(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  static const guint32 csids[] = { 2, 63, 64, 319, 320, 65599 };
  for (guint i = 0; i < G_N_ELEMENTS(csids); i++) {
    MgRtmpMessage m = { .csid = csids[i], .type = MG_RTMP_AUDIO };
    put(&w, &out, m, "");
  }
  assert_hex(out.data, out.size,
             "02 000000 000000 08 00000000"
             "3f 000000 000000 08 00000000"
             "00 00 000000 000000 08 00000000"
             "00 ff 000000 000000 08 00000000"
             "01 0001 000000 000000 08 00000000"
             "01 ffff 000000 000000 08 00000000");
}

static void
test_long_messages_are_cut(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 70, .type = MG_RTMP_VIDEO };
  mg_rtmp_write_set_chunk_size(&w, &out, 2);
  put(&w, &out, m, "abcde");
  put(&w, &out, m, "abcd");
  assert_hex(out.data, out.size,
             "02 000000 000004 01 00000000 00000002" /* the old size still holds for itself */
             "00 06 000000 000005 09 00000000 'ab' c006 'cd' c006 'e'"
             "40 06 000000 000004 09 'ab' c006 'cd'");
}

static void
test_extended_times(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 4, .type = MG_RTMP_VIDEO, .timestamp = 0xffffff };
  w.chunk_size = 2;
  put(&w, &out, m, "abc");
  m.timestamp += 1;
  put(&w, &out, m, "abc");
  m.timestamp += 0xfffffe;
  put(&w, &out, m, "a");
  m.timestamp += 0xffffff; /* too large for a difference in three bytes */
  put(&w, &out, m, "a");
  assert_hex(out.data, out.size,
             "04 ffffff 000003 09 00000000 00ffffff 'ab' c4 00ffffff 'c'"
             "84 000001 'ab' c4 'c'"
             "44 fffffe 000001 09 'a'"
             "04 ffffff 000001 09 00000000 02fffffd 'a'");
}

static void
test_time_wraps(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m = { .csid = 4, .type = MG_RTMP_VIDEO, .timestamp = 0xfffffff0 };
  put(&w, &out, m, "a");
  m.timestamp = 0x10;
  put(&w, &out, m, "b");
  assert_hex(out.data, out.size, "04 ffffff 000001 09 00000000 fffffff0 'a' 84 000020 'b'");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/chunk-writer/headers-get-shorter", test_headers_get_shorter);
  g_test_add_func("/rtmp/chunk-writer/a-new-type-is-said", test_a_new_type_is_said);
  g_test_add_func("/rtmp/chunk-writer/streams-that-are-not-remembered-get-whole-headers",
                  test_more_streams_than_are_remembered);
  g_test_add_func("/rtmp/chunk-writer/only-media-is-shortened", test_only_media_is_shortened);
  g_test_add_func("/rtmp/chunk-writer/csid-in-one-two-and-three-bytes", test_csid_forms);
  g_test_add_func("/rtmp/chunk-writer/long-messages-are-cut", test_long_messages_are_cut);
  g_test_add_func("/rtmp/chunk-writer/extended-times-are-repeated", test_extended_times);
  g_test_add_func("/rtmp/chunk-writer/time-wraps", test_time_wraps);
  return g_test_run();
}
