#include "manifest/hls.h"

static void
expect(const MgHlsMedia *media, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_hls_media_write(media, &w);
  mg_writer_u8(&w, '\0');
  g_assert_cmpstr((const char *) w.data, ==, text);
}

/* --- parts ------------------------------------------------------------------------------------- */

/* 29.97 frames a second: ten frames are a third of a second, and PART-TARGET is that, rounded up. */
static void
test_parts(void)
{
  static const MgHlsPart whole[] = {
    { "v-0.0.m4s", 30030, TRUE, FALSE },
    { "v-0.1.m4s", 30030, FALSE, TRUE },
    { "v-0.2.m4s", 3003, FALSE, FALSE },
  };
  static const MgHlsPart begun[] = { { "v-1.0.m4s", 30030, TRUE, FALSE } };
  static const MgHlsSegment segments[] = {
    { "v-0.m4s", "v-init.mp4", 63063, 90000, 1000000, .parts = whole, .n_parts = 3 },
    { NULL, "v-init.mp4", 0, 90000, 1700700, .parts = begun, .n_parts = 1 },
  };
  static const MgHlsReport reports[] = {
    { "../a \"1\".m3u8", 7, TRUE, 2 },
    { "b.m3u8", 6, FALSE, 0 },
  };
  const MgHlsMedia media = {
    .target_duration_s = 1,
    .media_sequence = 7,
    .control = { 3000, 1002, 6000, TRUE },
    .part_target_ms = 334,
    .hint_part = "v-1.1.m4s",
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
    .reports = reports,
    .n_reports = G_N_ELEMENTS(reports),
  };
  expect(&media, "#EXTM3U\n"
                 "#EXT-X-VERSION:9\n"
                 "#EXT-X-TARGETDURATION:1\n"
                 "#EXT-X-MEDIA-SEQUENCE:7\n"
                 "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=6.000,HOLD-BACK=3.000,"
                 "PART-HOLD-BACK=1.002\n"
                 "#EXT-X-PART-INF:PART-TARGET=0.334\n"
                 "#EXT-X-MAP:URI=\"v-init.mp4\"\n"
                 "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.000Z\n"
                 "#EXT-X-PART:DURATION=0.333667,URI=\"v-0.0.m4s\",INDEPENDENT=YES\n"
                 "#EXT-X-PART:DURATION=0.333667,URI=\"v-0.1.m4s\",GAP=YES\n"
                 "#EXT-X-PART:DURATION=0.033367,URI=\"v-0.2.m4s\"\n"
                 "#EXTINF:0.700700,\n"
                 "v-0.m4s\n"
                 "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.701Z\n"
                 "#EXT-X-PART:DURATION=0.333667,URI=\"v-1.0.m4s\",INDEPENDENT=YES\n"
                 "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v-1.1.m4s\"\n"
                 "#EXT-X-RENDITION-REPORT:URI=\"../a%20%221%22.m3u8\",LAST-MSN=7,LAST-PART=2\n"
                 "#EXT-X-RENDITION-REPORT:URI=\"b.m3u8\",LAST-MSN=6\n");
}

static void
test_new_map_is_hinted(void)
{
  static const MgHlsSegment segments[] = { { "v-0.m4s", "v-init.mp4", 2, 1 } };
  const MgHlsMedia media = {
    .target_duration_s = 2,
    .part_target_ms = 500,
    .hint_part = "v-1.0.m4s",
    .hint_map = "v-init-1.mp4",
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect(&media, "#EXTM3U\n"
                 "#EXT-X-VERSION:9\n"
                 "#EXT-X-TARGETDURATION:2\n"
                 "#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-PART-INF:PART-TARGET=0.500\n"
                 "#EXT-X-MAP:URI=\"v-init.mp4\"\n"
                 "#EXTINF:2.000000,\n"
                 "v-0.m4s\n"
                 "#EXT-X-PRELOAD-HINT:TYPE=MAP,URI=\"v-init-1.mp4\"\n"
                 "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"v-1.0.m4s\"\n");
}

static void
test_a_segment_under_way_may_follow_a_discontinuity(void)
{
  static const MgHlsPart begun[] = { { "v-1.0.m4s", 1, TRUE, FALSE } };
  static const MgHlsSegment segments[] = {
    { "v-0.m4s", "v-init.mp4", 8, 2 },
    { NULL, "v-init-1.mp4", 0, 2, 1000000, .parts = begun, .n_parts = 1, .is_discontinuous = TRUE },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .part_target_ms = 500,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect(&media, "#EXTM3U\n"
                 "#EXT-X-VERSION:9\n"
                 "#EXT-X-TARGETDURATION:4\n"
                 "#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-PART-INF:PART-TARGET=0.500\n"
                 "#EXT-X-MAP:URI=\"v-init.mp4\"\n"
                 "#EXTINF:4.000000,\n"
                 "v-0.m4s\n"
                 "#EXT-X-DISCONTINUITY\n"
                 "#EXT-X-MAP:URI=\"v-init-1.mp4\"\n"
                 "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.000Z\n"
                 "#EXT-X-PART:DURATION=0.500000,URI=\"v-1.0.m4s\",INDEPENDENT=YES\n");
}

/* --- delta updates ----------------------------------------------------------------------------- */

static void
test_a_delta_update(void)
{
  static const MgHlsSegment segments[] = {
    { "0.m4s", "i.mp4", 4, 1 }, { "1.m4s", "i.mp4", 4, 1 }, { "2.m4s", "i.mp4", 4, 1 },
    { "3.m4s", "i.mp4", 4, 1 }, { "4.m4s", "i.mp4", 4, 1 },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .media_sequence = 100,
    .control = { .can_skip_until_ms = 8000 },
    .n_skipped = 3,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  g_assert_cmpuint(mg_hls_media_can_skip(&media), ==, 3);
  expect(&media, "#EXTM3U\n"
                 "#EXT-X-VERSION:9\n"
                 "#EXT-X-TARGETDURATION:4\n"
                 "#EXT-X-MEDIA-SEQUENCE:100\n"
                 "#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL=8.000\n"
                 "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"
                 "#EXT-X-MAP:URI=\"i.mp4\"\n"
                 "#EXTINF:4.000000,\n"
                 "3.m4s\n"
                 "#EXTINF:4.000000,\n"
                 "4.m4s\n");
}

enum { N = 6 };

/* How many of N segments of 4 s can be skipped, the last of which is CHANGED. */
static gsize
count(guint32 until_ms, guint at, MgHlsSegment changed)
{
  MgHlsSegment segments[N];
  for (guint i = 0; i < N; i++)
    segments[i] = (MgHlsSegment){ "s.m4s", "i.mp4", 4, 1 };
  segments[at] = changed;
  return mg_hls_media_can_skip(&(MgHlsMedia){
      .control = { .can_skip_until_ms = until_ms }, .segments = segments, .n_segments = N });
}

static void
test_how_many_can_be_skipped(void)
{
  const MgHlsSegment usual = { "s.m4s", "i.mp4", 4, 1 };
  const MgHlsSegment discont = { "s.m4s", "i.mp4", 4, 1, .is_discontinuous = TRUE };
  const MgHlsSegment other_map = { "s.m4s", "j.mp4", 4, 1 };
  static const MgHlsPart parts[] = { { "p.m4s", 1, TRUE, FALSE }, { "q.m4s", 1, FALSE, FALSE } };
  const MgHlsSegment begun = { NULL, "i.mp4", 0, 1, .parts = parts, .n_parts = 2 };
  g_assert_cmpuint(count(0, 0, usual), ==, 0);
  g_assert_cmpuint(count(12000, 0, usual), ==, 3);
  g_assert_cmpuint(count(12001, 0, usual), ==, 2);
  g_assert_cmpuint(count(24000, 0, usual), ==, 0);
  g_assert_cmpuint(count(99000, 0, usual), ==, 0);
  g_assert_cmpuint(count(4000, 2, discont), ==, 2);
  g_assert_cmpuint(count(4000, 0, discont), ==, 0);
  g_assert_cmpuint(count(4000, 2, other_map), ==, 2);
  g_assert_cmpuint(count(4000, N - 1, begun), ==, 4);
  g_assert_cmpuint(count(10000, N - 1, begun), ==, 3);
}

static void
test_an_ended_playlist_is_whole(void)
{
  static const MgHlsSegment segments[] = { { "0.m4s", "i.mp4", 4, 1 }, { "1.m4s", "i.mp4", 4, 1 } };
  MgHlsMedia media = {
    .control = { .can_skip_until_ms = 1000 },
    .segments = segments,
    .n_segments = 2,
  };
  g_assert_cmpuint(mg_hls_media_can_skip(&media), ==, 1);
  media.has_ended = TRUE;
  g_assert_cmpuint(mg_hls_media_can_skip(&media), ==, 0);
}

/* --- I-frames ---------------------------------------------------------------------------------- */

static void
test_iframes(void)
{
  static const MgHlsSegment segments[] = {
    { "0.m4s", "i.mp4", 4, 1, .range_size = 900, .range_offset = 24 },
    { "1.m4s", "i.mp4", 4, 1, .range_size = 1000, .range_offset = 0 },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .is_iframes_only = TRUE,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect(&media, "#EXTM3U\n"
                 "#EXT-X-VERSION:5\n"
                 "#EXT-X-TARGETDURATION:4\n"
                 "#EXT-X-MEDIA-SEQUENCE:0\n"
                 "#EXT-X-I-FRAMES-ONLY\n"
                 "#EXT-X-MAP:URI=\"i.mp4\"\n"
                 "#EXTINF:4.000000,\n"
                 "#EXT-X-BYTERANGE:900@24\n"
                 "0.m4s\n"
                 "#EXTINF:4.000000,\n"
                 "#EXT-X-BYTERANGE:1000@0\n"
                 "1.m4s\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/hls-parts/parts-come-before-their-segment", test_parts);
  g_test_add_func("/manifest/hls-parts/a-new-map-is-hinted-first", test_new_map_is_hinted);
  g_test_add_func("/manifest/hls-parts/a-segment-under-way-may-follow-a-discontinuity",
                  test_a_segment_under_way_may_follow_a_discontinuity);
  g_test_add_func("/manifest/hls-parts/a-delta-update-leaves-out-the-oldest", test_a_delta_update);
  g_test_add_func("/manifest/hls-parts/only-what-is-old-and-unlike-nothing-is-skipped",
                  test_how_many_can_be_skipped);
  g_test_add_func("/manifest/hls-parts/an-ended-playlist-is-whole",
                  test_an_ended_playlist_is_whole);
  g_test_add_func("/manifest/hls-parts/i-frames-are-byte-ranges", test_iframes);
  return g_test_run();
}
