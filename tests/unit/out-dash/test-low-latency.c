#include "doubles/stage.h"
#include "out-dash/node.h"

#include <string.h>

enum {
  FIRST = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT,
  LAST = MG_CHUNK_ENDS_SEGMENT,
};

static void
init(MgStage *stage, const char *attributes)
{
  g_autofree char *all = g_strconcat("low-latency='yes' ", attributes, NULL);
  mg_stage_init(stage, &out_dash_class, all);
}

static gboolean
mentions(MgStage *stage, const char *what)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  return strstr(text, what) != NULL;
}

static void
assert_mentions(MgStage *stage, const char *what)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  if (strstr(text, what) == NULL)
    g_error("the MPD does not mention %s:\n%s", what, text);
}

/* The first half of segment N in one track, or the second. */
static MgFakeChunk
half(guint64 n, guint flags)
{
  return (MgFakeChunk){
    .number = n,
    .start_ms = (gint64) n * 4000 + (flags == LAST ? 2000 : 0),
    .duration_ms = 2000,
    .flags = flags,
    .part_ms = 2000,
  };
}

/* Segment 0 of both tracks, each in two parts. */
static void
first_row(MgStage *stage)
{
  mg_stage_both(stage, (MgFakeChunk){ .duration_ms = 4000, .part_ms = 2000 });
}

static void
test_what_is_said(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_harness_advance(stage.harness, 5900 * MG_MILLISECOND);
  mg_stage_video(&stage, half(1, FIRST));
  mg_harness_advance(stage.harness, 100 * MG_MILLISECOND);
  g_autofree char *text = mg_stage_get(&stage, "manifest.mpd");
  g_assert_cmpstr(
      text, ==,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" id=\"/live/test\""
      " profiles=\"urn:mpeg:dash:profile:isoff-live:2011,"
      "http://www.dashif.org/guidelines/low-latency-live-v5\" type=\"dynamic\""
      " availabilityStartTime=\"2026-01-01T00:00:00.000Z\""
      " publishTime=\"2026-01-01T00:00:06.000Z\" minimumUpdatePeriod=\"PT2S\""
      " minBufferTime=\"PT2S\" timeShiftBufferDepth=\"PT24S\""
      " suggestedPresentationDelay=\"PT10.5S\" maxSegmentDuration=\"PT4.5S\">\n"
      "  <PatchLocation ttl=\"20\">patch-1767225606000.mpp</PatchLocation>\n"
      "  <ServiceDescription id=\"0\">\n"
      "    <Latency referenceId=\"0\" target=\"6500\" max=\"19500\" min=\"4000\"/>\n"
      "    <PlaybackRate max=\"1.1\" min=\"0.96\"/>\n"
      "  </ServiceDescription>\n"
      "  <Period id=\"p0\" start=\"PT0S\">\n"
      "    <AdaptationSet id=\"0\" contentType=\"video\" mimeType=\"video/mp4\" par=\"16:9\""
      " maxWidth=\"640\" maxHeight=\"360\" maxFrameRate=\"25\" segmentAlignment=\"true\""
      " startWithSAP=\"1\">\n"
      "      <ProducerReferenceTime id=\"0\" inband=\"true\" type=\"captured\""
      " wallClockTime=\"2026-01-01T00:00:00.000Z\" presentationTime=\"0\">\n"
      "        <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" value=\"/time\"/>\n"
      "      </ProducerReferenceTime>\n"
      "      <Resync type=\"0\" dT=\"180000\" marker=\"true\"/>\n"
      "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
      "      <Representation id=\"video\" bandwidth=\"1500000\" codecs=\"avc1.64001e\""
      " width=\"640\" height=\"360\" frameRate=\"25\" sar=\"1:1\">\n"
      "        <SegmentTemplate timescale=\"90000\" initialization=\"video-init-0.mp4\""
      " media=\"$RepresentationID$-$Time$.m4s\" availabilityTimeOffset=\"2\""
      " availabilityTimeComplete=\"false\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"360000\"/>\n"
      "            <S t=\"360000\" d=\"363600\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "    <AdaptationSet id=\"1\" contentType=\"audio\" mimeType=\"audio/mp4\" lang=\"und\""
      " segmentAlignment=\"true\" startWithSAP=\"1\">\n"
      "      <ProducerReferenceTime id=\"1\" inband=\"true\" type=\"captured\""
      " wallClockTime=\"2026-01-01T00:00:00.000Z\" presentationTime=\"0\">\n"
      "        <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" value=\"/time\"/>\n"
      "      </ProducerReferenceTime>\n"
      "      <Resync type=\"1\" dT=\"96000\" marker=\"true\"/>\n"
      "      <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"main\"/>\n"
      "      <Representation id=\"audio\" bandwidth=\"1500000\" codecs=\"mp4a.40.2\""
      " audioSamplingRate=\"48000\">\n"
      "        <AudioChannelConfiguration"
      " schemeIdUri=\"urn:mpeg:mpegB:cicp:ChannelConfiguration\" value=\"2\"/>\n"
      "        <SegmentTemplate timescale=\"48000\" initialization=\"audio-init-0.mp4\""
      " media=\"$RepresentationID$-$Time$.m4s\" availabilityTimeOffset=\"2\""
      " availabilityTimeComplete=\"false\">\n"
      "          <SegmentTimeline>\n"
      "            <S t=\"0\" d=\"192000\"/>\n"
      "          </SegmentTimeline>\n"
      "        </SegmentTemplate>\n"
      "      </Representation>\n"
      "    </AdaptationSet>\n"
      "  </Period>\n"
      "  <UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" value=\"/time\"/>\n"
      "</MPD>\n");
  mg_stage_clear(&stage);
}

/* --- segments ---------------------------------------------------------------------------------- */

/* Bytes come before the MPD that names them. */
static void
test_a_segment_is_there_before_it_is_listed(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_free(mg_fake_http_log(stage.http));
  mg_stage_video(&stage, half(1, FIRST));
  mg_stage_audio(&stage, half(1, FIRST));
  g_autofree char *log = mg_fake_http_log(stage.http);
  g_assert_true(g_str_has_prefix(log, "begin /live/test/video-360000.m4s\n"
                                      "append /live/test/video-360000.m4s\n"
                                      "begin /live/test/audio-192000.m4s\n"
                                      "append /live/test/audio-192000.m4s\n"
                                      "put /live/test/manifest.mpd\n"));
  mg_stage_clear(&stage);
}

static void
test_a_length_is_corrected_once_it_is_known(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_stage_video(&stage, half(1, FIRST));
  mg_stage_audio(&stage, half(1, FIRST));
  assert_mentions(&stage, "<S t=\"192000\" d=\"193920\"/>");
  MgFakeChunk longer = half(1, LAST);
  longer.duration_ms = 2040;
  mg_stage_video(&stage, longer);
  mg_stage_audio(&stage, half(1, LAST));
  mg_harness_advance(stage.harness, 2100 * MG_MILLISECOND);
  assert_mentions(&stage, "<S t=\"360000\" d=\"363600\"/>\n          </");
  assert_mentions(&stage, "<S t=\"192000\" d=\"192000\"/>\n          </");
  mg_stage_clear(&stage);
}

/* Those who fetch what was begun get all that came of it, and who asks for what does not come is told. */
static void
test_a_lost_publisher_leaves_nothing_open(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_stage_video(&stage, half(1, FIRST));
  mg_stage_audio(&stage, half(1, FIRST));
  g_assert_true(mg_stage_has(&stage, "video-360000.m4s"));
  mg_harness_pause(stage.harness);
  mg_harness_advance(stage.harness, 2100 * MG_MILLISECOND);
  assert_mentions(&stage, "<S t=\"360000\" d=\"180000\"/>");
  assert_mentions(&stage, "<S t=\"192000\" d=\"96000\"/>");
  g_assert_cmpstr(mg_fake_http_state(stage.http, "/live/test/video-360000.m4s"), ==, "whole");
  g_assert_null(mg_fake_http_state(stage.http, "/live/test/video-540000.m4s"));
  mg_stage_clear(&stage);
}

/* The first segment of a period is there before the period has a row. */
static void
test_a_period_begins_with_its_first_chunk(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_harness_pause(stage.harness);
  MgFakeChunk first = half(1, FIRST | MG_CHUNK_DISCONT);
  first.discontinuity = 1;
  first.start_ms = first.period_start_ms = 60000;
  mg_stage_video(&stage, first);
  mg_harness_advance(stage.harness, 100 * MG_MILLISECOND);
  assert_mentions(&stage, "<Period id=\"p1\" start=\"PT1M\">");
  assert_mentions(&stage,
                  "wallClockTime=\"2026-01-01T00:01:00.000Z\" presentationTime=\"5400000\"");
  assert_mentions(&stage, "<S t=\"5400000\" d=\"363600\"/>");
  assert_mentions(&stage, "<Representation id=\"video\" bandwidth=\"1500000\"");
  mg_stage_clear(&stage);
}

static void
test_without_parts_there_is_no_low_latency(void)
{
  MgStage stage;
  init(&stage, "");
  mg_stage_nth(&stage, 0);
  g_assert_false(mentions(&stage, "availabilityTimeOffset"));
  g_assert_false(mentions(&stage, "low-latency"));
  g_assert_false(mentions(&stage, "PatchLocation"));
  mg_stage_clear(&stage);
}

static void
test_latency_can_be_chosen(void)
{
  MgStage stage;
  init(&stage, "latency='5s' presentation-delay='8s'");
  first_row(&stage);
  assert_mentions(&stage, "target=\"5000\" max=\"15000\" min=\"4000\"");
  assert_mentions(&stage, "suggestedPresentationDelay=\"PT8S\"");
  mg_stage_clear(&stage);
}

static void
test_the_end_is_static(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_stage_video(&stage, half(1, FIRST));
  mg_harness_drain(stage.harness);
  assert_mentions(&stage, "type=\"static\"");
  assert_mentions(&stage, "mediaPresentationDuration=\"PT6S\"");
  g_assert_false(mentions(&stage, "availabilityTimeOffset"));
  g_assert_false(mentions(&stage, "ServiceDescription"));
  g_assert_false(mentions(&stage, "PatchLocation"));
  mg_stage_clear(&stage);
}

/* --- how often --------------------------------------------------------------------------------- */

static guint
n_published(MgStage *stage)
{
  g_autofree char *log = mg_fake_http_log(stage->http);
  guint n = 0;
  for (const char *at = log; (at = strstr(at, "put /live/test/manifest.mpd")) != NULL; at++)
    n++;
  return n;
}

/* Players read one MPD a second at most: more of them would leave them behind. */
static void
test_a_segment_makes_one_mpd(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  n_published(&stage);
  for (guint n = 1; n < 4; n++) {
    mg_harness_advance(stage.harness, 1950 * MG_MILLISECOND);
    mg_stage_video(&stage, half(n, FIRST));
    mg_harness_advance(stage.harness, 50 * MG_MILLISECOND);
    g_assert_cmpuint(n_published(&stage), ==, 0);
    mg_stage_audio(&stage, half(n, FIRST));
    g_assert_cmpuint(n_published(&stage), ==, 1);
    mg_harness_advance(stage.harness, 2 * MG_SECOND);
    mg_stage_video(&stage, half(n, LAST));
    mg_stage_audio(&stage, half(n, LAST));
    g_assert_cmpuint(n_published(&stage), ==, 0);
  }
  mg_stage_clear(&stage);
}

/* A track that lags behind is told of later. */
static void
test_nobody_waits_for_a_track(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  n_published(&stage);
  mg_stage_video(&stage, half(1, FIRST));
  mg_harness_advance(stage.harness, 100 * MG_MILLISECOND);
  g_assert_cmpuint(n_published(&stage), ==, 1);
  mg_stage_audio(&stage, half(1, FIRST));
  g_assert_cmpuint(n_published(&stage), ==, 1);
  mg_stage_clear(&stage);
}

/* --- patches ----------------------------------------------------------------------------------- */

/* Returned-owned: the name of the patch that leads on from the MPD. */
static char *
next_patch(MgStage *stage)
{
  g_autofree char *text = mg_stage_get(stage, "manifest.mpd");
  const char *at = strstr(text, "patch-");
  return at != NULL ? g_strndup(at, strcspn(at, "<")) : NULL;
}

static const char *
state_of(MgStage *stage, const char *name)
{
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  return mg_fake_http_state(stage->http, path);
}

static void
test_the_next_patch_is_promised(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_autofree char *first = next_patch(&stage);
  g_assert_cmpstr(state_of(&stage, first), ==, "promised");
  mg_harness_advance(stage.harness, 6 * MG_SECOND);
  mg_stage_video(&stage, half(1, FIRST));
  mg_stage_audio(&stage, half(1, FIRST));
  g_autofree char *second = next_patch(&stage);
  g_assert_cmpstr(first, !=, second);
  g_assert_cmpstr(state_of(&stage, first), ==, "whole");
  g_assert_cmpstr(state_of(&stage, second), ==, "promised");
  g_autofree char *patch = mg_stage_get(&stage, first);
  g_assert_nonnull(strstr(patch, "publishTime=\"2026-01-01T00:00:06.000Z\">"));
  g_assert_nonnull(strstr(patch, "<S t=\"360000\" d=\"363600\"/>"));
  mg_stage_clear(&stage);
}

/* A patch that says nothing but the time comes when there is nothing else to say. */
static void
test_nobody_waits_for_ever(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  mg_harness_pause(stage.harness);
  g_autofree char *name = next_patch(&stage);
  mg_harness_advance(stage.harness, 7 * MG_SECOND);
  g_assert_cmpstr(state_of(&stage, name), ==, "promised");
  mg_harness_advance(stage.harness, 2 * MG_SECOND);
  g_assert_cmpstr(state_of(&stage, name), ==, "whole");
  mg_stage_clear(&stage);
}

static void
test_the_last_patch_leads_to_the_end(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_autofree char *name = next_patch(&stage);
  mg_harness_drain(stage.harness);
  g_autofree char *patch = mg_stage_get(&stage, name);
  g_assert_nonnull(strstr(patch, "<replace sel=\"/MPD/@type\">static</replace>"));
  g_assert_nonnull(strstr(patch, "<remove sel=\"/MPD/PatchLocation\"/>"));
  g_assert_null(next_patch(&stage));
  g_autofree char *log = mg_fake_http_log(stage.http);
  const char *last = g_strrstr(log, "promise ");
  g_assert_nonnull(strstr(last, "remove "));
  mg_stage_clear(&stage);
}

/* Who has missed some is led to the newest at once. */
static void
test_patches_lead_to_the_newest(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_autofree char *name = next_patch(&stage);
  mg_stage_both(&stage, half(1, 0));
  mg_harness_advance(stage.harness, 5 * MG_SECOND);
  mg_stage_both(&stage, half(2, 0));
  g_autofree char *patch = mg_stage_get(&stage, name);
  g_assert_nonnull(strstr(patch, "<S t=\"360000\""));
  g_assert_nonnull(strstr(patch, "<S t=\"720000\""));
  mg_stage_clear(&stage);
}

/* As after a restart: players that know the last one's MPDs get on. */
static void
test_who_asks_for_another_patch_gets_the_mpd(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_autofree char *mpd = mg_stage_get(&stage, "manifest.mpd");
  const MgHttpRequest *patch = mg_fake_http_ask(stage.http, "/live/test/patch-17.mpp", "");
  g_assert_cmpuint(mg_fake_http_status(patch), ==, 200);
  g_assert_cmpstr(mg_fake_http_body(patch), ==, mpd);
  const MgHttpRequest *segment = mg_fake_http_ask(stage.http, "/live/test/video-17.m4s", "");
  g_assert_cmpuint(mg_fake_http_status(segment), ==, 404);
  mg_stage_clear(&stage);
}

/* A cache that keeps an MPD would keep players from new segments. */
static void
test_no_cache_holds_the_mpd_back(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/manifest.mpd"), ==,
                  "short 0, application/dash+xml");
  mg_harness_drain(stage.harness);
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/manifest.mpd"), ==,
                  "short 2000, application/dash+xml");
  mg_stage_clear(&stage);
}

static void
test_old_patches_go(void)
{
  MgStage stage;
  init(&stage, "");
  first_row(&stage);
  g_autofree char *name = next_patch(&stage);
  mg_harness_advance(stage.harness, 26 * MG_SECOND);
  g_assert_nonnull(state_of(&stage, name));
  mg_harness_advance(stage.harness, 18 * MG_SECOND);
  g_assert_null(state_of(&stage, name));
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/out-dash/low-latency/" name, function)
  T("what-is-said", test_what_is_said);
  T("a-segment-is-there-before-it-is-listed", test_a_segment_is_there_before_it_is_listed);
  T("a-length-is-corrected-once-it-is-known", test_a_length_is_corrected_once_it_is_known);
  T("a-lost-publisher-leaves-nothing-open", test_a_lost_publisher_leaves_nothing_open);
  T("a-period-begins-with-its-first-chunk", test_a_period_begins_with_its_first_chunk);
  T("without-parts-there-is-no-low-latency", test_without_parts_there_is_no_low_latency);
  T("latency-can-be-chosen", test_latency_can_be_chosen);
  T("the-end-is-static", test_the_end_is_static);
  T("a-segment-makes-one-mpd", test_a_segment_makes_one_mpd);
  T("nobody-waits-for-a-track", test_nobody_waits_for_a_track);
  T("the-next-patch-is-promised", test_the_next_patch_is_promised);
  T("nobody-waits-for-ever", test_nobody_waits_for_ever);
  T("the-last-patch-leads-to-the-end", test_the_last_patch_leads_to_the_end);
  T("patches-lead-to-the-newest", test_patches_lead_to_the_newest);
  T("who-asks-for-another-patch-gets-the-mpd", test_who_asks_for_another_patch_gets_the_mpd);
  T("no-cache-holds-the-mpd-back", test_no_cache_holds_the_mpd_back);
  T("old-patches-go", test_old_patches_go);
#undef T
  return g_test_run();
}
