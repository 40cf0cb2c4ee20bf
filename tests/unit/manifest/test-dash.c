#include "manifest/dash.h"

static void
expect(const MgDashMpd *mpd, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_dash_mpd_write(mpd, &w);
  mg_writer_u8(&w, '\0');
  g_assert_cmpstr((const char *) w.data, ==, text);
}

static void
test_live(void)
{
  const MgDashSegment video[] = { { 360360, 360360 }, { 720720, 360360 }, { 1081080, 357357 } };
  const MgDashSegment audio[] = { { 176128, 176128 }, { 352256, 177152 }, { 529408, 176128 } };
  const MgDashTemplate video_template = {
    .timescale = 90000,
    .presentation_time_offset = 360360,
    .initialization = "$RepresentationID$/init.mp4",
    .media = "$RepresentationID$/$Time$.m4s",
    .segments = video,
    .n_segments = G_N_ELEMENTS(video),
  };
  const MgDashTemplate audio_template = {
    .timescale = 44100,
    .initialization = "a/init.mp4",
    .media = "a/$Number%05d$.m4s",
    .start_number = 0,
    .segments = audio,
    .n_segments = G_N_ELEMENTS(audio),
  };
  const MgDashRepresentation pictures[] = {
    { .id = "1080p",
      .bandwidth = 5000000,
      .codecs = "avc1.640028",
      .width = 1920,
      .height = 1080,
      .frame_rate = { 30000, 1001 },
      .sar = { 1, 1 } },
    { .id = "480p",
      .bandwidth = 800000,
      .codecs = "avc1.4d401e",
      .width = 854,
      .height = 480,
      .frame_rate = { 25, 1 } },
  };
  const MgDashRepresentation sounds[] = {
    { .id = "a",
      .bandwidth = 128000,
      .codecs = "mp4a.40.2",
      .audio_sampling_rate = 44100,
      .channels = 2,
      .segment = &audio_template },
  };
  const MgDashAdaptationSet sets[] = {
    { .id = 0,
      .content_type = "video",
      .mime_type = "video/mp4",
      .par = { 16, 9 },
      .is_aligned = TRUE,
      .start_with_sap = 1,
      .role = "main",
      .segment = &video_template,
      .representations = pictures,
      .n_representations = G_N_ELEMENTS(pictures) },
    { .id = 1,
      .content_type = "audio",
      .mime_type = "audio/mp4",
      .is_aligned = TRUE,
      .start_with_sap = 1,
      .representations = sounds,
      .n_representations = G_N_ELEMENTS(sounds) },
  };
  const MgDashPeriod period = { "p0", 0, 0, sets, G_N_ELEMENTS(sets) };
  const MgDashMpd mpd = {
    .id = "live/cam",
    .is_dynamic = TRUE,
    .profiles = "urn:mpeg:dash:profile:isoff-live:2011",
    .availability_start_us = G_GINT64_CONSTANT(1709164800000000),
    .publish_us = G_GINT64_CONSTANT(1709164812012000),
    .update_period_ms = 3960,
    .time_shift_ms = 60000,
    .presentation_delay_ms = 12000,
    .min_buffer_ms = 4000,
    .max_segment_ms = 4004,
    .clock_scheme = "urn:mpeg:dash:utc:http-xsdate:2014",
    .clock_value = "/time?a=1&b",
    .periods = &period,
    .n_periods = 1,
  };
  expect(&mpd,
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" id=\"live/cam\""
         " profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"dynamic\""
         " availabilityStartTime=\"2024-02-29T00:00:00.000Z\""
         " publishTime=\"2024-02-29T00:00:12.012Z\" minimumUpdatePeriod=\"PT3.96S\""
         " minBufferTime=\"PT4S\" timeShiftBufferDepth=\"PT1M\""
         " suggestedPresentationDelay=\"PT12S\" maxSegmentDuration=\"PT4.004S\">\n"
         "  <Period id=\"p0\" start=\"PT0S\">\n"
         "    <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" par=\"16:9\""
         " maxWidth=\"1920\" maxHeight=\"1080\" maxFrameRate=\"30000/1001\""
         " segmentAlignment=\"true\" startWithSAP=\"1\">\n"
         "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
         "      <SegmentTemplate timescale=\"90000\" presentationTimeOffset=\"360360\""
         " initialization=\"$RepresentationID$/init.mp4\""
         " media=\"$RepresentationID$/$Time$.m4s\">\n"
         "        <SegmentTimeline>\n"
         "          <S t=\"360360\" d=\"360360\" r=\"1\"/>\n"
         "          <S d=\"357357\"/>\n"
         "        </SegmentTimeline>\n"
         "      </SegmentTemplate>\n"
         "      <Representation id=\"1080p\" bandwidth=\"5000000\" codecs=\"avc1.640028\""
         " width=\"1920\" height=\"1080\" frameRate=\"30000/1001\" sar=\"1:1\"/>\n"
         "      <Representation id=\"480p\" bandwidth=\"800000\" codecs=\"avc1.4d401e\""
         " width=\"854\" height=\"480\" frameRate=\"25\"/>\n"
         "    </AdaptationSet>\n"
         "    <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" lang=\"und\""
         " segmentAlignment=\"true\" startWithSAP=\"1\">\n"
         "      <Representation id=\"a\" bandwidth=\"128000\" codecs=\"mp4a.40.2\""
         " audioSamplingRate=\"44100\">\n"
         "        <AudioChannelConfiguration"
         " schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"2\"/>\n"
         "        <SegmentTemplate timescale=\"44100\" initialization=\"a/init.mp4\""
         " media=\"a/$Number%05d$.m4s\" startNumber=\"0\">\n"
         "          <SegmentTimeline>\n"
         "            <S t=\"176128\" d=\"176128\"/>\n"
         "            <S d=\"177152\"/>\n"
         "            <S d=\"176128\"/>\n"
         "          </SegmentTimeline>\n"
         "        </SegmentTemplate>\n"
         "      </Representation>\n"
         "    </AdaptationSet>\n"
         "  </Period>\n"
         "  <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\""
         " value=\"/time?a=1&amp;b\"/>\n"
         "</MPD>\n");
}

static void
test_ended_with_two_periods(void)
{
  const MgDashPeriod periods[] = {
    { .id = "p0", .start_ms = 0, .duration_ms = 61500 },
    { .id = "p1", .start_ms = 61500 },
  };
  const MgDashMpd mpd = {
    .profiles = "urn:mpeg:dash:profile:isoff-live:2011",
    .duration_ms = 3661004,
    .min_buffer_ms = 500,
    .periods = periods,
    .n_periods = G_N_ELEMENTS(periods),
  };
  expect(&mpd, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\""
               " profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"static\""
               " mediaPresentationDuration=\"PT1H1M1.004S\" minBufferTime=\"PT0.5S\">\n"
               "  <Period id=\"p0\" start=\"PT0S\" duration=\"PT1M1.5S\">\n"
               "  </Period>\n"
               "  <Period id=\"p1\" start=\"PT1M1.5S\">\n"
               "  </Period>\n"
               "</MPD>\n");
}

/* What stands between the tags of the only representation. */
static void
expect_described(const MgDashRepresentation *r, const char *lines)
{
  const MgDashAdaptationSet set = { .representations = r, .n_representations = 1 };
  const MgDashPeriod period = { "p", 0, 0, &set, 1 };
  g_autofree char *text = g_strconcat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\""
                                      " minBufferTime=\"PT0S\">\n"
                                      "  <Period id=\"p\" start=\"PT0S\">\n"
                                      "    <AdaptationSet id=\"0\">\n"
                                      "      <Representation id=\"r\" bandwidth=\"1\" codecs=\"",
                                      r->codecs, "\">\n", lines,
                                      "      </Representation>\n"
                                      "    </AdaptationSet>\n"
                                      "  </Period>\n"
                                      "</MPD>\n",
                                      NULL);
  expect(&(MgDashMpd){ .periods = &period, .n_periods = 1 }, text);
}

/* ISO/IEC 23091-3 table 2; Opus and FLAC have four channels in a square. */
static void
test_channels(void)
{
  static const struct {
    const char *codecs;
    guint channels;
    const char *index;
  } all[] = {
    { "ac-3", 1, "1" },  { "fLaC", 3, "3" },  { "mp4a.40.2", 4, "4" },
    { "opus", 4, "10" }, { "fLaC", 4, "10" }, { "opus", 5, "5" },
    { "ec-3", 6, "6" },  { "opus", 7, "11" }, { "ec-3", 8, "12" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    const MgDashRepresentation r = {
      .id = "r", .bandwidth = 1, .codecs = all[i].codecs, .channels = all[i].channels
    };
    g_autofree char *line = g_strdup_printf(
        "        <AudioChannelConfiguration"
        " schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"%s\"/>\n",
        all[i].index);
    expect_described(&r, line);
  }
}

/* A layout that has a number is named by it, whatever the order; else each place is. */
static void
test_speakers(void)
{
  static const struct {
    guint n;
    guint8 speakers[8];
    const char *scheme, *value;
  } all[] = {
    { 6, { 0, 1, 2, 3, 4, 5 }, "ChannelConfiguration", "6" },
    { 6, { 2, 0, 1, 4, 5, 3 }, "ChannelConfiguration", "6" },
    { 4, { 0, 1, 4, 5 }, "ChannelConfiguration", "10" },
    { 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, "ChannelConfiguration", "7" },
    { 8, { 0, 1, 2, 3, 4, 5, 8, 9 }, "ChannelConfiguration", "12" },
    { 8, { 0, 1, 2, 3, 4, 5, 17, 18 }, "ChannelConfiguration", "14" },
    { 3, { 0, 1, 3 }, "OutputChannelPosition", "0 1 3" },
    { 3, { 0, 1, 0 }, "OutputChannelPosition", "0 1 0" },
    { 3, { 0, 1, 127 }, "OutputChannelPosition", "0 1 127" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    const MgDashRepresentation r = {
      .id = "r", .bandwidth = 1, .codecs = "fLaC", .channels = all[i].n, .speakers = all[i].speakers
    };
    g_autofree char *line =
        g_strdup_printf("        <AudioChannelConfiguration"
                        " schemeIdUri=\"urn:mpeg:mpegB:cicp:%s\" value=\"%s\"/>\n",
                        all[i].scheme, all[i].value);
    expect_described(&r, line);
  }
}

static void
test_colour(void)
{
  const MgDashRepresentation r = {
    .id = "r", .bandwidth = 1, .codecs = "hvc1.2.4.L153.B0", .colour = { 9, 16, 9 }
  };
  expect_described(&r,
                   "        <SupplementalProperty"
                   " schemeIdUri=\"urn:mpeg:mpegB:cicp:ColourPrimaries\" value=\"9\"/>\n"
                   "        <SupplementalProperty"
                   " schemeIdUri=\"urn:mpeg:mpegB:cicp:TransferCharacteristics\" value=\"16\"/>\n"
                   "        <SupplementalProperty"
                   " schemeIdUri=\"urn:mpeg:mpegB:cicp:MatrixCoefficients\" value=\"9\"/>\n");
}

/* The timeline of an otherwise empty adaptation set, one line per S. */
static void
expect_timeline(const MgDashSegment *segments, gsize n, const char *lines)
{
  const MgDashTemplate template = { .timescale = 1, .segments = segments, .n_segments = n };
  const MgDashAdaptationSet set = { .segment = &template };
  const MgDashPeriod period = { "p", 0, 0, &set, 1 };
  g_autofree char *text = g_strconcat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\""
                                      " minBufferTime=\"PT0S\">\n"
                                      "  <Period id=\"p\" start=\"PT0S\">\n"
                                      "    <AdaptationSet id=\"0\">\n"
                                      "      <SegmentTemplate timescale=\"1\">\n"
                                      "        <SegmentTimeline>\n",
                                      lines,
                                      "        </SegmentTimeline>\n"
                                      "      </SegmentTemplate>\n"
                                      "    </AdaptationSet>\n"
                                      "  </Period>\n"
                                      "</MPD>\n",
                                      NULL);
  expect(&(MgDashMpd){ .periods = &period, .n_periods = 1 }, text);
}

static void
test_timeline_runs(void)
{
  const MgDashSegment even[] = { { 0, 4 }, { 4, 4 }, { 8, 4 }, { 12, 4 } };
  expect_timeline(even, 4, "          <S t=\"0\" d=\"4\" r=\"3\"/>\n");
  const MgDashSegment one[] = { { G_MAXUINT64 - 4, 4 } };
  expect_timeline(one, 1, "          <S t=\"18446744073709551611\" d=\"4\"/>\n");
}

static void
test_timeline_gaps(void)
{
  const MgDashSegment gaps[] = {
    { 10, 4 }, { 14, 4 },                       /* then a gap of 2 */
    { 20, 4 }, { 24, 4 }, { 28, 3 }, { 31, 3 }, /* then an overlap of 1 */
    { 33, 3 }, { 36, 4 },
  };
  expect_timeline(gaps, G_N_ELEMENTS(gaps),
                  "          <S t=\"10\" d=\"4\" r=\"1\"/>\n"
                  "          <S t=\"20\" d=\"4\" r=\"1\"/>\n"
                  "          <S d=\"3\" r=\"1\"/>\n"
                  "          <S t=\"33\" d=\"3\"/>\n"
                  "          <S d=\"4\"/>\n");
}

/* --- low latency ------------------------------------------------------------------------------- */

static void
test_low_latency(void)
{
  const MgDashSegment segments[] = { { 180000, 180000 }, { 360000, 180000 } };
  const MgDashTemplate template = {
    .timescale = 90000,
    .media = "$Time$.m4s",
    .early_ms = 1500,
    .is_patchable = TRUE,
    .segments = segments,
    .n_segments = G_N_ELEMENTS(segments),
  };
  const MgDashAdaptationSet set = {
    .id = 3,
    .role = "main",
    .reference = { G_GINT64_CONSTANT(1709164802000000), 180000, TRUE },
    .resync = { .chunk = 45000, .sap = 1 },
    .segment = &template,
  };
  const MgDashPeriod period = { "p", 0, 0, &set, 1 };
  const MgDashMpd mpd = {
    .is_dynamic = TRUE,
    .latency = { 2000, 1250, 6000, TRUE, 3, 960, 1040 },
    .patch_location = "a.mpp?b&c",
    .patch_ttl_s = 30,
    .clock_scheme = "s",
    .clock_value = "/time",
    .periods = &period,
    .n_periods = 1,
  };
  expect(&mpd, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"dynamic\""
               " availabilityStartTime=\"1970-01-01T00:00:00.000Z\" minBufferTime=\"PT0S\">\n"
               "  <PatchLocation ttl=\"30\">a.mpp?b&amp;c</PatchLocation>\n"
               "  <ServiceDescription id=\"0\">\n"
               "    <Latency referenceId=\"3\" target=\"2000\" max=\"6000\" min=\"1250\"/>\n"
               "    <PlaybackRate max=\"1.04\" min=\"0.96\"/>\n"
               "  </ServiceDescription>\n"
               "  <Period id=\"p\" start=\"PT0S\">\n"
               "    <AdaptationSet id=\"3\">\n"
               "      <ProducerReferenceTime id=\"3\" inband=\"true\" type=\"captured\""
               " wallClockTime=\"2024-02-29T00:00:02.000Z\" presentationTime=\"180000\">\n"
               "        <UTCTiming schemeIdUri=\"s\" value=\"/time\"/>\n"
               "      </ProducerReferenceTime>\n"
               "      <Resync type=\"1\" dT=\"45000\" marker=\"true\"/>\n"
               "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
               "      <SegmentTemplate timescale=\"90000\" media=\"$Time$.m4s\""
               " availabilityTimeOffset=\"1.5\" availabilityTimeComplete=\"false\">\n"
               "        <SegmentTimeline>\n"
               "          <S t=\"180000\" d=\"180000\"/>\n"
               "          <S t=\"360000\" d=\"180000\"/>\n"
               "        </SegmentTimeline>\n"
               "      </SegmentTemplate>\n"
               "    </AdaptationSet>\n"
               "  </Period>\n"
               "  <UTCTiming schemeIdUri=\"s\" value=\"/time\"/>\n"
               "</MPD>\n");
}

static void
test_equal_durations_need_no_list(void)
{
  const MgDashTemplate template = {
    .timescale = 30000, .media = "$Number$.m4s", .start_number = 7, .duration = 60060
  };
  const MgDashAdaptationSet set = { .segment = &template };
  const MgDashPeriod period = { "p", 0, 0, &set, 1 };
  expect(&(MgDashMpd){ .periods = &period, .n_periods = 1 },
         "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" minBufferTime=\"PT0S\">\n"
         "  <Period id=\"p\" start=\"PT0S\">\n"
         "    <AdaptationSet id=\"0\">\n"
         "      <SegmentTemplate timescale=\"30000\" media=\"$Number$.m4s\" startNumber=\"7\""
         " duration=\"60060\"/>\n"
         "    </AdaptationSet>\n"
         "  </Period>\n"
         "</MPD>\n");
}

static void
test_hostile_strings(void)
{
  const MgDashMpd mpd = {
    .id = "\"><x/>\n\x02",
    .is_dynamic = TRUE,
    .profiles = "\xff",
    .clock_scheme = "s",
    .clock_value = "a&b",
  };
  expect(&mpd, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" id=\"&quot;&gt;&lt;x/&gt;&#10;\""
               " profiles=\"?\" type=\"dynamic\" availabilityStartTime=\"1970-01-01T00:00:00.000Z\""
               " minBufferTime=\"PT0S\">\n"
               "  <UTCTiming schemeIdUri=\"s\" value=\"a&amp;b\"/>\n"
               "</MPD>\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/dash/live-mpd-with-shared-and-own-templates", test_live);
  g_test_add_func("/manifest/dash/ended-mpd-keeps-its-periods", test_ended_with_two_periods);
  g_test_add_func("/manifest/dash/channels-have-their-usual-layout", test_channels);
  g_test_add_func("/manifest/dash/speakers-are-named-where-they-are-known", test_speakers);
  g_test_add_func("/manifest/dash/high-dynamic-range-is-told", test_colour);
  g_test_add_func("/manifest/dash/equal-segments-become-one-run", test_timeline_runs);
  g_test_add_func("/manifest/dash/gaps-and-overlaps-state-their-time", test_timeline_gaps);
  g_test_add_func("/manifest/dash/low-latency-is-described", test_low_latency);
  g_test_add_func("/manifest/dash/equal-durations-need-no-list", test_equal_durations_need_no_list);
  g_test_add_func("/manifest/dash/strings-cannot-leave-their-attribute", test_hostile_strings);
  return g_test_run();
}
