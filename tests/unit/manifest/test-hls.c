#include "manifest/hls.h"

#include <string.h>

static void
expect_media(const MgHlsMedia *media, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_hls_media_write(media, &w);
  mg_writer_u8(&w, '\0');
  g_assert_cmpstr((const char *) w.data, ==, text);
}

static void
expect_multivariant(const MgHlsMultivariant *multivariant, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_hls_multivariant_write(multivariant, &w);
  mg_writer_u8(&w, '\0');
  g_assert_cmpstr((const char *) w.data, ==, text);
}

static void
test_empty(void)
{
  expect_media(&(MgHlsMedia){ .target_duration_s = 4 }, "#EXTM3U\n"
                                                        "#EXT-X-VERSION:3\n"
                                                        "#EXT-X-TARGETDURATION:4\n"
                                                        "#EXT-X-MEDIA-SEQUENCE:0\n");
}

static void
test_sliding_window(void)
{
  /* 2024-02-29T23:59:56.000Z, then 4.004 s and 3.9706… s across the leap day. */
  const gint64 start_us = G_GINT64_CONSTANT(1709251196000000);
  const MgHlsSegment segments[] = {
    { "v/7.m4s", "v/init.mp4", 120120, 30000, start_us },
    { "v/8.m4s", "v/init.mp4", 119119, 30000, start_us + 4004000 },
    { "v/9.m4s", "v/init.mp4", 1001, 30000, start_us + 4004000 + 3970633 },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .media_sequence = G_GUINT64_CONSTANT(5000000000),
    .discontinuity_sequence = 2,
    .is_independent = TRUE,
    .control = { .hold_back_ms = 12000 },
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect_media(&media, "#EXTM3U\n"
                       "#EXT-X-VERSION:6\n"
                       "#EXT-X-TARGETDURATION:4\n"
                       "#EXT-X-MEDIA-SEQUENCE:5000000000\n"
                       "#EXT-X-DISCONTINUITY-SEQUENCE:2\n"
                       "#EXT-X-INDEPENDENT-SEGMENTS\n"
                       "#EXT-X-SERVER-CONTROL:HOLD-BACK=12.000\n"
                       "#EXT-X-MAP:URI=\"v/init.mp4\"\n"
                       "#EXT-X-PROGRAM-DATE-TIME:2024-02-29T23:59:56.000Z\n"
                       "#EXTINF:4.004000,\n"
                       "v/7.m4s\n"
                       "#EXT-X-PROGRAM-DATE-TIME:2024-03-01T00:00:00.004Z\n"
                       "#EXTINF:3.970633,\n"
                       "v/8.m4s\n"
                       "#EXT-X-PROGRAM-DATE-TIME:2024-03-01T00:00:03.975Z\n"
                       "#EXTINF:0.033367,\n"
                       "v/9.m4s\n");
}

static void
test_discontinuity(void)
{
  char same[] = "init-0.mp4";
  const MgHlsSegment segments[] = {
    { "0.m4s", "init-0.mp4", 4, 1 },
    { "1.m4s", same, 4, 1, .is_gap = TRUE },
    { "2.m4s", "init-1.mp4", 4, 1, 1000000, .is_discontinuous = TRUE },
    { "3.m4s", "init-1.mp4", 4, 1, .is_discontinuous = TRUE },
    { "4.m4s", "init-0.mp4", 4, 1, .is_discontinuous = TRUE, .is_gap = TRUE },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect_media(&media, "#EXTM3U\n"
                       "#EXT-X-VERSION:6\n"
                       "#EXT-X-TARGETDURATION:4\n"
                       "#EXT-X-MEDIA-SEQUENCE:0\n"
                       "#EXT-X-MAP:URI=\"init-0.mp4\"\n"
                       "#EXTINF:4.000000,\n"
                       "0.m4s\n"
                       "#EXT-X-GAP\n"
                       "#EXTINF:4.000000,\n"
                       "1.m4s\n"
                       "#EXT-X-DISCONTINUITY\n"
                       "#EXT-X-MAP:URI=\"init-1.mp4\"\n"
                       "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.000Z\n"
                       "#EXTINF:4.000000,\n"
                       "2.m4s\n"
                       "#EXT-X-DISCONTINUITY\n"
                       "#EXTINF:4.000000,\n"
                       "3.m4s\n"
                       "#EXT-X-DISCONTINUITY\n"
                       "#EXT-X-MAP:URI=\"init-0.mp4\"\n"
                       "#EXT-X-GAP\n"
                       "#EXTINF:4.000000,\n"
                       "4.m4s\n");
}

static void
test_ended_event_of_transport_streams(void)
{
  const MgHlsSegment segments[] = {
    { "a b\n.ts", NULL, 360360, 90000 },
    { "#1.ts", NULL, 1, 3 },
  };
  const MgHlsMedia media = {
    .target_duration_s = 4,
    .is_event = TRUE,
    .has_ended = TRUE,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  expect_media(&media, "#EXTM3U\n"
                       "#EXT-X-VERSION:3\n"
                       "#EXT-X-TARGETDURATION:4\n"
                       "#EXT-X-MEDIA-SEQUENCE:0\n"
                       "#EXT-X-PLAYLIST-TYPE:EVENT\n"
                       "#EXTINF:4.004000,\n"
                       "a%20b%0A.ts\n"
                       "#EXTINF:0.333333,\n"
                       "%231.ts\n"
                       "#EXT-X-ENDLIST\n");
}

static void
test_durations_do_not_add_up_errors(void)
{
  /* An hour of segments cut at whole audio frames: printed durations sum up to the true length. */
  enum { N = 900 };
  g_autofree MgHlsSegment *segments = g_new0(MgHlsSegment, N);
  guint64 at = 0;
  for (guint i = 0; i < N; i++) {
    guint64 next = ((guint64) (i + 1) * 4 * 44100 + 512) / 1024 * 1024;
    segments[i] = (MgHlsSegment){ "a.m4s", "i.mp4", next - at, 44100 };
    at = next;
  }
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_hls_media_write(&(MgHlsMedia){ .segments = segments, .n_segments = N }, &w);
  mg_writer_u8(&w, '\0');

  guint64 sum_us = 0;
  guint n = 0;
  const char *line = (const char *) w.data;
  while ((line = strstr(line, "#EXTINF:")) != NULL) {
    char *end = NULL;
    line += strlen("#EXTINF:");
    sum_us += g_ascii_strtoull(line, &end, 10) * 1000000;
    sum_us += g_ascii_strtoull(end + 1, NULL, 10);
    n++;
  }
  g_assert_cmpuint(n, ==, N);
  gint64 error_us = (gint64) (sum_us - at * 1000000 / 44100);
  g_assert_cmpint(ABS(error_us), <=, N / 2);
}

static void
test_multivariant(void)
{
  const MgHlsRendition renditions[] = {
    { .group = "aac",
      .name = "English \"main\"",
      .language = "en",
      .uri = "a/en.m3u8",
      .channels = 2,
      .is_default = TRUE },
    { .group = "aac", .name = "?", .language = "und", .uri = "a/1.m3u8", .is_autoselect = TRUE },
    { .group = "aac", .name = "muxed" },
  };
  const MgHlsVariant variants[] = {
    { .uri = "v/1080p.m3u8",
      .bandwidth = 5628000,
      .average_bandwidth = 5128000,
      .codecs = "avc1.640028,mp4a.40.2",
      .width = 1920,
      .height = 1080,
      .frame_rate = { 30000, 1001 },
      .range = MG_HLS_RANGE_SDR,
      .has_no_captions = TRUE,
      .audio_group = "aac" },
    { .uri = "v/2160p.m3u8",
      .bandwidth = G_GUINT64_CONSTANT(5000000000),
      .codecs = "hvc1.2.4.L153.B0",
      .width = 3840,
      .height = 2160,
      .frame_rate = { 50, 1 },
      .range = MG_HLS_RANGE_HLG },
    { .uri = "a/en.m3u8", .bandwidth = 140800, .codecs = "mp4a.40.2", .audio_group = "aac" },
  };
  const MgHlsMultivariant multivariant = {
    .is_independent = TRUE,
    .renditions = renditions,
    .n_renditions = G_N_ELEMENTS(renditions),
    .variants = variants,
    .n_variants = G_N_ELEMENTS(variants),
  };
  expect_multivariant(
      &multivariant,
      "#EXTM3U\n"
      "#EXT-X-VERSION:6\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"English main\",LANGUAGE=\"en\","
      "DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"a/en.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"?\",LANGUAGE=\"und\","
      "DEFAULT=NO,AUTOSELECT=YES,URI=\"a/1.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"muxed\",DEFAULT=NO,AUTOSELECT=NO\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=5628000,AVERAGE-BANDWIDTH=5128000,"
      "CODECS=\"avc1.640028,mp4a.40.2\",RESOLUTION=1920x1080,FRAME-RATE=29.970,VIDEO-RANGE=SDR,"
      "AUDIO=\"aac\",CLOSED-CAPTIONS=NONE\n"
      "v/1080p.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=5000000000,CODECS=\"hvc1.2.4.L153.B0\",RESOLUTION=3840x2160,"
      "FRAME-RATE=50.000,VIDEO-RANGE=HLG\n"
      "v/2160p.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=140800,CODECS=\"mp4a.40.2\",AUDIO=\"aac\"\n"
      "a/en.m3u8\n");
}

static void
test_iframe_playlists(void)
{
  const MgHlsVariant iframes[] = { { .uri = "v \"1\".m3u8",
                                     .bandwidth = 300000,
                                     .codecs = "hvc1.2.4.L153.B0",
                                     .width = 1920,
                                     .height = 1080,
                                     .range = MG_HLS_RANGE_PQ } };
  expect_multivariant(&(MgHlsMultivariant){ .iframes = iframes, .n_iframes = 1 },
                      "#EXTM3U\n"
                      "#EXT-X-VERSION:6\n"
                      "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=300000,CODECS=\"hvc1.2.4.L153.B0\","
                      "RESOLUTION=1920x1080,VIDEO-RANGE=PQ,URI=\"v%20%221%22.m3u8\"\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/hls/empty-playlist-is-only-its-head", test_empty);
  g_test_add_func("/manifest/hls/sliding-window-with-dates-across-a-leap-day", test_sliding_window);
  g_test_add_func("/manifest/hls/map-is-repeated-where-it-changes-and-gaps-are-marked",
                  test_discontinuity);
  g_test_add_func("/manifest/hls/ended-event-without-maps-is-version-3",
                  test_ended_event_of_transport_streams);
  g_test_add_func("/manifest/hls/rounded-durations-do-not-drift",
                  test_durations_do_not_add_up_errors);
  g_test_add_func("/manifest/hls/multivariant-lists-renditions-and-variants", test_multivariant);
  g_test_add_func("/manifest/hls/multivariant-lists-i-frame-playlists", test_iframe_playlists);
  return g_test_run();
}
