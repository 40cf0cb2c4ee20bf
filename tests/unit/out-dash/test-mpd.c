#include "doubles/stage.h"
#include "out-dash/node.h"

#include <string.h>

enum {
  DISCONT = MG_CHUNK_DISCONT | MG_CHUNK_INDEPENDENT,
  FORCED = MG_CHUNK_FORCED_CUT,
  WHOLE = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_ENDS_SEGMENT | MG_CHUNK_INDEPENDENT,
};

static void
assert_served(MgStage *stage, const char *wanted)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  g_assert_cmpstr(text, ==, wanted);
}

static void
assert_mentions(MgStage *stage, const char *what)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  if (strstr(text, what) == NULL)
    g_error("the MPD does not mention %s:\n%s", what, text);
}

static gboolean
mentions(MgStage *stage, const char *what)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  return strstr(text, what) != NULL;
}

/* Returned-owned: the value of an attribute at its first place; NULL: it is nowhere. */
static char *
attribute(MgStage *stage, const char *name)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  g_autofree char *start = g_strdup_printf(" %s=\"", name);
  const char *at = strstr(text, start);
  return at ? g_strndup(at + strlen(start), strcspn(at + strlen(start), "\"")) : NULL;
}

static void
assert_attribute(MgStage *stage, const char *name, const char *wanted)
{
  g_autofree char *value = attribute(stage, name);
  g_assert_cmpstr(value, ==, wanted);
}

/* --- the usual --------------------------------------------------------------------------------- */

static void
test_audio_and_video(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_harness_advance(stage.harness, 8 * MG_SECOND);
  mg_stage_nth(&stage, 1);
  assert_served(
      &stage,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\""
      " profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" type=\"dynamic\""
      " availabilityStartTime=\"2026-01-01T00:00:00.000Z\""
      " publishTime=\"2026-01-01T00:00:08.000Z\" minimumUpdatePeriod=\"PT2S\""
      " minBufferTime=\"PT4S\" timeShiftBufferDepth=\"PT24S\""
      " suggestedPresentationDelay=\"PT12S\" maxSegmentDuration=\"PT4.5S\">\n"
      "  <Period id=\"p0\" start=\"PT0S\">\n"
      "    <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" par=\"16:9\""
      " maxWidth=\"640\" maxHeight=\"360\" maxFrameRate=\"25\" segmentAlignment=\"true\""
      " startWithSAP=\"1\">\n"
      "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
      "      <Representation id=\"video\" bandwidth=\"1500000\" codecs=\"avc1.64001e\""
      " width=\"640\" height=\"360\" frameRate=\"25\" sar=\"1:1\">\n"
      "        <SegmentTemplate timescale=\"90000\" initialization=\"video-init-0.mp4\""
      " media=\"$RepresentationID$-$Time$.m4s\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"360000\" r=\"1\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "    <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" lang=\"und\""
      " segmentAlignment=\"true\" startWithSAP=\"1\">\n"
      "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
      "      <Representation id=\"audio\" bandwidth=\"1500000\" codecs=\"mp4a.40.2\""
      " audioSamplingRate=\"48000\">\n"
      "        <AudioChannelConfiguration"
      " schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"2\"/>\n"
      "        <SegmentTemplate timescale=\"48000\" initialization=\"audio-init-0.mp4\""
      " media=\"$RepresentationID$-$Time$.m4s\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"192000\" r=\"1\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "  </Period>\n"
      "  <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" value=\"/time\"/>\n"
      "</MPD>\n");
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/manifest.mpd"), ==,
                  "short 2000, application/dash+xml");
  mg_stage_clear(&stage);
}

static void
test_one_track_alone(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000 });
  g_assert_false(mentions(&stage, "audio"));
  mg_stage_clear(&stage);
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_audio(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000 });
  g_assert_false(mentions(&stage, "video"));
  assert_mentions(&stage, "<AdaptationSet id=\"0\" contentType=\"audio\"");
  mg_stage_clear(&stage);
}

static void
test_each_mpd_is_newer(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_harness_advance(stage.harness, 4 * MG_SECOND);
  mg_stage_nth(&stage, 0);
  assert_attribute(&stage, "publishTime", "2026-01-01T00:00:04.000Z");
  mg_stage_nth(&stage, 1);
  assert_attribute(&stage, "publishTime", "2026-01-01T00:00:04.001Z");
  mg_harness_step_utc(stage.harness, -10 * G_USEC_PER_SEC);
  mg_stage_nth(&stage, 2);
  assert_attribute(&stage, "publishTime", "2026-01-01T00:00:04.002Z");
  mg_stage_clear(&stage);
}

static void
test_the_window_slides(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "window='12s'");
  for (guint n = 0; n < 5; n++)
    mg_stage_nth(&stage, n);
  assert_mentions(&stage, "<S t=\"720000\" d=\"360000\" r=\"2\"/>");
  assert_mentions(&stage, "<S t=\"384000\" d=\"192000\" r=\"2\"/>");
  mg_stage_clear(&stage);
}

static void
test_the_promises_fit_the_target_duration(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "window='5s' presentation-delay='9s'");
  mg_stage_nth(&stage, 0);
  assert_attribute(&stage, "timeShiftBufferDepth", "PT12S"); /* never below three targets */
  assert_attribute(&stage, "suggestedPresentationDelay", "PT9S");
  mg_stage_clear(&stage);
}

/* --- periods ----------------------------------------------------------------------------------- */

static void
test_a_discontinuity_is_a_period(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_pause_and_resume(&stage, 60123, 1);
  assert_attribute(&stage, "type", "dynamic");
  assert_mentions(&stage, "<Period id=\"p0\" start=\"PT0S\">");
  assert_mentions(&stage, "<Period id=\"p1\" start=\"PT1M0.123S\">");
  assert_mentions(&stage, "timescale=\"90000\" presentationTimeOffset=\"5411070\""
                          " initialization=\"video-init-0.mp4\"");
  assert_mentions(&stage, "<S t=\"5411070\" d=\"360000\"/>");
  assert_mentions(&stage, "timescale=\"48000\" presentationTimeOffset=\"2885904\"");
  mg_stage_clear(&stage);
}

static void
test_a_period_leaves_with_its_last_segment(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "window='12s'");
  mg_stage_pause_and_resume(&stage, 60123, 1);
  for (guint n = 2; n < 4; n++)
    mg_stage_both(&stage, (MgFakeChunk){ .number = n,
                                         .discontinuity = 1,
                                         .period_start_ms = 60123,
                                         .start_ms = 60123 + (n - 1) * 4000,
                                         .duration_ms = 4000 });
  g_assert_false(mentions(&stage, "\"p0\""));
  assert_mentions(&stage, "<Period id=\"p1\" start=\"PT1M0.123S\">");
  assert_mentions(&stage, "<S t=\"5411070\" d=\"360000\" r=\"2\"/>");
  mg_stage_clear(&stage);
}

/* At 44.1 kHz a millisecond is no whole number of ticks; both tracks must name the same start. */
static void
is_44100(MgStreamInfo *info)
{
  info->sample_rate = info->timescale = 44100;
}

static void
test_a_start_is_the_same_by_any_timescale(void)
{
  for (gint64 start_ms = 60000; start_ms < 60100; start_ms++) {
    MgStage stage;
    mg_stage_init(&stage, &out_dash_class, NULL);
    mg_stage_edit(&stage.audio_stream, is_44100);
    mg_stage_audio(&stage, (MgFakeChunk){ .discontinuity = 1,
                                          .start_ms = start_ms,
                                          .period_start_ms = start_ms,
                                          .duration_ms = 4000 });
    g_autofree char *wanted = g_strdup_printf("PT1M%.6gS", (gdouble) (start_ms - 60000) / 1000);
    g_autofree char *start = attribute(&stage, "start");
    if (start_ms == 60000)
      g_assert_cmpstr(start, ==, "PT1M");
    else
      g_assert_cmpstr(start, ==, wanted);
    mg_stage_clear(&stage);
  }
}

static void
make_larger(MgStreamInfo *info)
{
  info->width = 1280;
  info->height = 720;
  info->codecs = "avc1.64001f";
}

static void
test_a_period_keeps_its_own_parameters(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_edit(&stage.video_stream, make_larger);
  mg_stage_both(&stage, (MgFakeChunk){ .number = 1,
                                       .discontinuity = 1,
                                       .period_start_ms = 4000,
                                       .start_ms = 4000,
                                       .duration_ms = 4000,
                                       .flags = DISCONT });
  assert_mentions(&stage, "codecs=\"avc1.64001e\" width=\"640\" height=\"360\"");
  assert_mentions(&stage, "codecs=\"avc1.64001f\" width=\"1280\" height=\"720\"");
  assert_mentions(&stage, "initialization=\"video-init-0.mp4\"");
  assert_mentions(&stage, "presentationTimeOffset=\"360000\""
                          " initialization=\"video-init-360000.mp4\"");
  mg_stage_clear(&stage);
}

static void
test_a_gap_has_an_explicit_time_behind_it(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_gap(&stage, 4000);
  assert_mentions(&stage, "<S t=\"0\" d=\"360000\" r=\"2\"/>");
  assert_mentions(&stage, "<S t=\"0\" d=\"192000\"/>\n"
                          "            <S t=\"384000\" d=\"192000\"/>");
  mg_stage_clear(&stage);
}

/* --- sets -------------------------------------------------------------------------------------- */

static void
is_720p(MgStreamInfo *info)
{
  info->id = "720p";
  info->rendition_of = "video";
  info->width = 1280;
  info->height = 720;
}

static void
is_french(MgStreamInfo *info)
{
  info->id = "fr";
  info->language = "fr";
}

static void
is_hlg(MgStreamInfo *info)
{
  info->colour = (MgColour){ 9, 18, 9, FALSE };
}

static void
is_bt709(MgStreamInfo *info)
{
  info->colour = (MgColour){ 1, 1, 1, FALSE };
}

static gboolean
tells_range_of(void (*edit)(MgStreamInfo *info))
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  MgStream *video = mg_fake_stream_like(stage.video_stream, edit);
  MgPort *port = NULL;
  const MgFakeChunk chunk = { .duration_ms = 4000, .flags = WHOLE };
  mg_stage_push(&stage, &port, video, &chunk);
  gboolean is_told = mentions(&stage, "cicp:TransferCharacteristics\" value=\"18\"");
  gboolean is_silent = !mentions(&stage, "SupplementalProperty");
  g_assert_true(is_told != is_silent);
  mg_stream_unref(video);
  mg_stage_clear(&stage);
  return is_told;
}

static void
test_high_dynamic_range_is_told(void)
{
  g_assert_true(tells_range_of(is_hlg));
  g_assert_false(tells_range_of(is_bt709));
}

static void
test_qualities_share_a_set_and_languages_do_not(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  MgStream *more[] = { mg_fake_stream_like(stage.video_stream, is_720p),
                       mg_fake_stream_like(stage.audio_stream, is_french) };
  mg_stage_with_more(&stage, more, G_N_ELEMENTS(more));
  assert_mentions(&stage, "<AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\""
                          " par=\"16:9\" maxWidth=\"1280\" maxHeight=\"720\"");
  assert_mentions(&stage, "<AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\""
                          " lang=\"und\"");
  assert_mentions(&stage, "<AdaptationSet id=\"3\" contentType=\"audio\" mimeType=\"audio/mp4\""
                          " lang=\"fr\"");
  assert_mentions(&stage, "value=\"alternate\"");
  g_assert_false(mentions(&stage, "<AdaptationSet id=\"2\""));
  assert_mentions(&stage, "<Representation id=\"720p\"");
  mg_stage_clear(&stage);
}

static void
is_anamorphic(MgStreamInfo *info)
{
  info->width = 720;
  info->height = 576;
  info->sar = (MgFraction){ 64, 45 };
}

static void
test_pixels_need_not_be_square(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_stage_edit(&stage.video_stream, is_anamorphic);
  mg_stage_video(&stage, (MgFakeChunk){ .duration_ms = 4000 });
  assert_attribute(&stage, "par", "16:9");
  assert_attribute(&stage, "sar", "64:45");
  mg_stage_clear(&stage);
}

static void
test_a_forced_cut_takes_the_promise_of_key_frames_away(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "window='12s'");
  mg_stage_nth(&stage, 0);
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 1,
                             .start_ms = 4000,
                             .duration_ms = 4000,
                             .flags = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_ENDS_SEGMENT | FORCED });
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  assert_mentions(&stage, "maxFrameRate=\"25\" segmentAlignment=\"true\">");
  assert_mentions(&stage, "lang=\"und\" segmentAlignment=\"true\" startWithSAP=\"1\">");
  mg_stage_clear(&stage);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
test_the_end_is_static(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "keep-after-end='30s'");
  mg_stage_pause_and_resume(&stage, 60123, 1);
  g_free(mg_fake_http_log(stage.http));
  mg_harness_drain(stage.harness);
  g_autofree char *log = mg_fake_http_log(stage.http);
  g_assert_cmpstr(log, ==, "put /live/test/manifest.mpd\nretire /live/test 30s\n");
  assert_attribute(&stage, "type", "static");
  assert_attribute(&stage, "mediaPresentationDuration", "PT1M4.123S");
  assert_attribute(&stage, "availabilityStartTime", "2026-01-01T00:00:00.000Z");
  assert_attribute(&stage, "minimumUpdatePeriod", NULL);
  assert_attribute(&stage, "timeShiftBufferDepth", NULL);
  assert_attribute(&stage, "suggestedPresentationDelay", NULL);
  assert_mentions(&stage, "<Period id=\"p0\" start=\"PT0S\">");
  assert_mentions(&stage, "<Period id=\"p1\" start=\"PT1M0.123S\">");
  g_assert_false(mentions(&stage, "UTCTiming"));
  mg_stage_clear(&stage);
}

static void
test_without_media_nothing_is_published(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, NULL);
  mg_harness_drain(stage.harness);
  g_autofree char *log = mg_fake_http_log(stage.http);
  g_assert_cmpstr(log, ==, "retire /live/test 60s\n");
  mg_stage_clear(&stage);
}

static void
test_path_and_name_can_be_chosen(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_dash_class, "path='/tv/${stream}/dash' name='live.mpd'");
  mg_stage_nth(&stage, 0);
  g_assert_nonnull(mg_fake_http_about(stage.http, "/tv/test/dash/live.mpd"));
  g_assert_nonnull(mg_fake_http_about(stage.http, "/tv/test/dash/video-0.m4s"));
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/out-dash/" name, function)
  T("audio-and-video", test_audio_and_video);
  T("one-track-alone", test_one_track_alone);
  T("each-mpd-is-newer", test_each_mpd_is_newer);
  T("the-window-slides", test_the_window_slides);
  T("the-promises-fit-the-target-duration", test_the_promises_fit_the_target_duration);
  T("a-discontinuity-is-a-period", test_a_discontinuity_is_a_period);
  T("a-period-leaves-with-its-last-segment", test_a_period_leaves_with_its_last_segment);
  T("a-start-is-the-same-by-any-timescale", test_a_start_is_the_same_by_any_timescale);
  T("a-period-keeps-its-own-parameters", test_a_period_keeps_its_own_parameters);
  T("a-gap-has-an-explicit-time-behind-it", test_a_gap_has_an_explicit_time_behind_it);
  T("qualities-share-a-set-and-languages-do-not", test_qualities_share_a_set_and_languages_do_not);
  T("high-dynamic-range-is-told", test_high_dynamic_range_is_told);
  T("pixels-need-not-be-square", test_pixels_need_not_be_square);
  T("a-forced-cut-takes-the-promise-of-key-frames-away",
    test_a_forced_cut_takes_the_promise_of_key_frames_away);
  T("the-end-is-static", test_the_end_is_static);
  T("without-media-nothing-is-published", test_without_media_nothing_is_published);
  T("path-and-name-can-be-chosen", test_path_and_name_can_be_chosen);
#undef T
  return g_test_run();
}
