/* Low latency: parts in playlists, and who waits for them. */
#include "doubles/stage.h"
#include "out-hls/node.h"

#include <string.h>

enum { PARTS = 4, PART_MS = 1000 };

#define LOW_LATENCY "low-latency='yes' window='24s'"
#define VIDEO       "/live/test/video.m3u8"
#define AUDIO       "/live/test/audio.m3u8"

/* Part N of the stream, four to a segment. */
static MgFakeChunk
nth_part(guint n)
{
  guint flags = n % PARTS == 0           ? MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT
                : n % PARTS == PARTS - 1 ? MG_CHUNK_ENDS_SEGMENT
                                         : MG_CHUNK_INDEPENDENT; /* 0 would mean all of them */
  return (MgFakeChunk){
    .number = n / PARTS,
    .start_ms = (gint64) n * PART_MS,
    .duration_ms = PART_MS,
    .flags = flags,
    .part_ms = PART_MS,
  };
}

static void
video_parts(MgStage *stage, guint first, guint n)
{
  for (guint i = 0; i < n; i++)
    mg_stage_video(stage, nth_part(first + i));
}

static void
both_parts(MgStage *stage, guint first, guint n)
{
  for (guint i = 0; i < n; i++) {
    mg_stage_video(stage, nth_part(first + i));
    mg_stage_audio(stage, nth_part(first + i));
  }
}

static MgHttpRequest *
ask(MgStage *stage, const char *path, const char *query)
{
  return mg_fake_http_ask(stage->http, path, query);
}

static void
assert_status(const MgHttpRequest *request, guint wanted)
{
  g_assert_cmpuint(mg_fake_http_status(request), ==, wanted);
}

static gboolean
has(const MgHttpRequest *request, const char *text)
{
  assert_status(request, 200);
  return strstr(mg_fake_http_body(request), text) != NULL;
}

static gboolean
lists(MgStage *stage, const char *name, const char *text)
{
  g_autofree char *playlist = mg_stage_get(stage, name);
  return strstr(playlist, text) != NULL;
}

/* --- playlists --------------------------------------------------------------------------------- */

static void
test_a_playlist_with_parts(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 4);
  video_parts(&stage, 4, 2);
  g_autofree char *text = mg_stage_get(&stage, "video.m3u8");
  g_assert_cmpstr(
      text, ==,
      "#EXTM3U\n"
      "#EXT-X-VERSION:9\n"
      "#EXT-X-TARGETDURATION:4\n"
      "#EXT-X-MEDIA-SEQUENCE:0\n"
      "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=12.000,PART-HOLD-BACK=3.000\n"
      "#EXT-X-PART-INF:PART-TARGET=1.000\n"
      "#EXT-X-MAP:URI=\"video-init-0.mp4\"\n"
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p0.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p90000.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p180000.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p270000.m4s\"\n"
      "#EXTINF:4.000000,\n"
      "video-0.m4s\n"
      "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p360000.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PART:DURATION=1.000000,URI=\"video-p450000.m4s\",INDEPENDENT=YES\n"
      "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"video-p540000.m4s\"\n"
      "#EXT-X-RENDITION-REPORT:URI=\"audio.m3u8\",LAST-MSN=0,LAST-PART=3\n");
  mg_stage_clear(&stage);
}

/* A segment's EXTINF comes with its last part, also while the other track is behind. */
static void
test_a_track_may_be_ahead(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 4);
  video_parts(&stage, 4, 5);
  g_assert_true(lists(&stage, "video.m3u8", "\nvideo-360000.m4s\n"));
  g_assert_true(lists(&stage, "video.m3u8", "\"video-p720000.m4s\""));
  g_assert_false(lists(&stage, "audio.m3u8", "\naudio-192000.m4s\n"));
  mg_stage_audio(&stage, nth_part(4));
  g_assert_true(lists(&stage, "audio.m3u8", "URI=\"video.m3u8\",LAST-MSN=2,LAST-PART=0\n"));
  mg_stage_clear(&stage);
}

static void
test_parts_are_listed_for_three_target_durations(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 12);
  g_assert_true(lists(&stage, "video.m3u8", "\"video-p0.m4s\""));
  both_parts(&stage, 12, 1);
  g_assert_false(lists(&stage, "video.m3u8", "\"video-p0.m4s\""));
  g_assert_true(lists(&stage, "video.m3u8", "\"video-p360000.m4s\""));
  g_assert_true(lists(&stage, "video.m3u8", "\nvideo-0.m4s\n"));
  mg_stage_clear(&stage);
}

static void
test_the_end_promises_nothing(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 6);
  mg_harness_drain(stage.harness);
  g_assert_true(lists(&stage, "video.m3u8", "#EXT-X-ENDLIST\n"));
  g_assert_false(lists(&stage, "video.m3u8", "#EXT-X-PRELOAD-HINT"));
  g_assert_true(lists(&stage, "video.m3u8", "\nvideo-360000.m4s\n"));
  g_assert_true(lists(&stage, "audio.m3u8", "#EXT-X-ENDLIST\n"));
  mg_stage_clear(&stage);
}

static void
test_chunks_that_promise_nothing_are_no_parts(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  mg_stage_nth(&stage, 0);
  mg_stage_nth(&stage, 1);
  g_assert_false(lists(&stage, "video.m3u8", "PART"));
  g_assert_true(lists(&stage, "video.m3u8", "#EXT-X-VERSION:6\n"));
  mg_stage_clear(&stage);
}

/* --- who waits --------------------------------------------------------------------------------- */

static void
test_a_reload_waits_for_its_part(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 5);
  const MgHttpRequest *there = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=0");
  const MgHttpRequest *next = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=1");
  const MgHttpRequest *same = ask(&stage, VIDEO, "x=1&_HLS_msn=1&_HLS_part=1");
  const MgHttpRequest *audio = ask(&stage, AUDIO, "_HLS_msn=1&_HLS_part=1");
  const MgHttpRequest *whole = ask(&stage, VIDEO, "_HLS_msn=1");
  g_assert_true(has(there, "HINT:TYPE=PART,URI=\"video-p450000.m4s\""));
  assert_status(next, 0);
  video_parts(&stage, 5, 1);
  g_assert_true(has(next, "HINT:TYPE=PART,URI=\"video-p540000.m4s\""));
  g_assert_cmpstr(mg_fake_http_body(next), ==, mg_fake_http_body(same));
  assert_status(audio, 0);
  assert_status(whole, 0);
  mg_stage_audio(&stage, nth_part(5));
  assert_status(audio, 200);
  both_parts(&stage, 6, 2);
  g_assert_true(has(whole, "\nvideo-360000.m4s\n"));
  mg_stage_clear(&stage);
}

/* The segment ends before the part that was asked for. */
static void
test_a_part_that_does_not_come_is_the_next_segments_first(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 7);
  const MgHttpRequest *far = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=5");
  both_parts(&stage, 7, 1);
  assert_status(far, 0);
  const MgHttpRequest *late = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=4");
  assert_status(late, 0);
  video_parts(&stage, 8, 1);
  g_assert_true(has(far, "\"video-p720000.m4s\""));
  g_assert_true(has(late, "\"video-p720000.m4s\""));
  mg_stage_clear(&stage);
}

static void
test_wrong_directives_are_refused(void)
{
  static const char *const wrong[] = {
    "_HLS_part=0", "_HLS_msn=-1", "_HLS_msn=1&_HLS_msn=1", "_HLS_msn=3", "_HLS_msn=1&_HLS_part=9",
  };
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 5);
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
    assert_status(ask(&stage, VIDEO, wrong[i]), 400);
  g_assert_true(has(ask(&stage, VIDEO, ""), "\"video-p360000.m4s\""));
  mg_stage_clear(&stage);
}

static void
test_a_delta_update(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "low-latency='yes' window='40s'");
  both_parts(&stage, 0, 36);
  const MgHttpRequest *delta = ask(&stage, VIDEO, "_HLS_msn=9&_HLS_part=0&_HLS_skip=YES");
  const MgHttpRequest *whole = ask(&stage, VIDEO, "_HLS_msn=9&_HLS_part=0");
  both_parts(&stage, 36, 1);
  g_assert_true(has(whole, "CAN-SKIP-UNTIL=24.000"));
  g_assert_false(has(whole, "#EXT-X-SKIP"));
  g_assert_true(has(delta, "#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n"));
  g_assert_false(has(delta, "\nvideo-720000.m4s\n"));
  g_assert_true(has(delta, "\nvideo-1080000.m4s\n"));
  g_assert_true(has(ask(&stage, VIDEO, "_HLS_msn=2&_HLS_skip=v2"), "#EXT-X-SKIP"));
  mg_stage_clear(&stage);
}

/* Nothing is old enough: what is asked for in short form comes whole. */
static void
test_no_delta_update(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 36);
  const MgHttpRequest *delta = ask(&stage, VIDEO, "_HLS_msn=9&_HLS_part=0&_HLS_skip=YES");
  both_parts(&stage, 36, 1);
  g_assert_false(has(delta, "#EXT-X-SKIP"));
  g_assert_true(has(delta, "\"video-p3240000.m4s\""));
  mg_stage_clear(&stage);
}

/* --- what goes wrong --------------------------------------------------------------------------- */

static void
test_who_waits_hears_of_the_end(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 5);
  const MgHttpRequest *waiting = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=3");
  mg_harness_drain(stage.harness);
  g_assert_true(has(waiting, "#EXT-X-ENDLIST\n"));
  g_assert_true(has(ask(&stage, VIDEO, "_HLS_msn=99"), "#EXT-X-ENDLIST\n"));
  mg_stage_clear(&stage);
}

static void
test_who_waits_for_a_node_that_restarts_comes_again(void)
{
  MgStage stage;
  g_autoptr(GError) error = NULL;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 5);
  const MgHttpRequest *waiting = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=1");
  g_assert_true(mg_harness_reopen(stage.harness, &error));
  assert_status(waiting, 503);
  mg_stage_clear(&stage);
}

/* The publisher is away, then goes on behind a discontinuity. */
static void
test_who_waits_through_a_pause_gets_what_comes_then(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 6);
  const MgHttpRequest *waiting = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=2");
  mg_harness_pause(stage.harness);
  g_assert_false(lists(&stage, "video.m3u8", "#EXT-X-PRELOAD-HINT"));
  g_assert_false(lists(&stage, "video.m3u8", "#EXT-X-ENDLIST"));
  assert_status(waiting, 0);
  MgFakeChunk first = nth_part(60);
  first.number = 2;
  first.discontinuity = 1;
  first.period_start_ms = first.start_ms;
  first.flags |= MG_CHUNK_DISCONT;
  mg_stage_video(&stage, first);
  g_assert_true(has(waiting, "#EXT-X-DISCONTINUITY\n"
                             "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:01:00.000Z\n"
                             "#EXT-X-PART:DURATION=1.000000,URI=\"video-p5400000.m4s\","
                             "INDEPENDENT=YES\n"));
  mg_stage_clear(&stage);
}

/* All segments were finished when the publisher left: nothing is new, but what was to come next does not. */
static void
test_the_hint_is_taken_back(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 8);
  g_assert_true(lists(&stage, "video.m3u8", "#EXT-X-PRELOAD-HINT"));
  mg_harness_pause(stage.harness);
  g_assert_false(lists(&stage, "video.m3u8", "#EXT-X-PRELOAD-HINT"));
  g_assert_false(lists(&stage, "audio.m3u8", "#EXT-X-PRELOAD-HINT"));
  mg_stage_clear(&stage);
}

static void
test_the_hint_of_a_track_is_taken_back(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 8);
  mg_harness_end(stage.harness, stage.audio);
  g_assert_false(lists(&stage, "audio.m3u8", "#EXT-X-PRELOAD-HINT"));
  g_assert_true(lists(&stage, "video.m3u8", "#EXT-X-PRELOAD-HINT"));
  mg_stage_clear(&stage);
}

static void
make_larger(MgStreamInfo *info)
{
  info->width = 1280;
}

/* In the middle of a segment; what was hinted at before does not come. */
static void
test_new_parameters(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 6);
  const MgHttpRequest *waiting = ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=2");
  mg_stage_edit(&stage.video_stream, make_larger);
  MgFakeChunk first = nth_part(8);
  first.discontinuity = 1;
  first.period_start_ms = first.start_ms;
  first.flags |= MG_CHUNK_DISCONT;
  mg_stage_video(&stage, first);
  g_assert_true(has(waiting, "#EXTINF:2.000000,\n"
                             "video-360000.m4s\n"
                             "#EXT-X-DISCONTINUITY\n"
                             "#EXT-X-MAP:URI=\"video-init-720000.mp4\"\n"));
  g_assert_true(has(waiting, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"video-p810000.m4s\"\n"));
  g_assert_false(mg_stage_has(&stage, "video-p540000.m4s"));
  mg_stage_clear(&stage);
}

/* What has been answered can be asked for by name for a while, then it is gone. */
static void
test_answers_do_not_pile_up(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, LOW_LATENCY);
  both_parts(&stage, 0, 5);
  ask(&stage, VIDEO, "_HLS_msn=1&_HLS_part=1");
  both_parts(&stage, 5, 1);
  g_assert_true(mg_stage_has(&stage, "video.m3u8/whole-1.1"));
  mg_harness_advance(stage.harness, 12 * MG_SECOND);
  both_parts(&stage, 6, 1);
  g_assert_false(mg_stage_has(&stage, "video.m3u8/whole-1.1"));
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/out-hls/low-latency/parts-hint-and-report", test_a_playlist_with_parts);
  g_test_add_func("/out-hls/low-latency/a-track-may-be-ahead", test_a_track_may_be_ahead);
  g_test_add_func("/out-hls/low-latency/parts-are-listed-for-three-target-durations",
                  test_parts_are_listed_for_three_target_durations);
  g_test_add_func("/out-hls/low-latency/the-end-promises-nothing", test_the_end_promises_nothing);
  g_test_add_func("/out-hls/low-latency/chunks-that-promise-nothing-are-no-parts",
                  test_chunks_that_promise_nothing_are_no_parts);
  g_test_add_func("/out-hls/low-latency/a-reload-waits-for-its-part",
                  test_a_reload_waits_for_its_part);
  g_test_add_func("/out-hls/low-latency/a-part-that-does-not-come-is-the-next-segments-first",
                  test_a_part_that_does_not_come_is_the_next_segments_first);
  g_test_add_func("/out-hls/low-latency/wrong-directives-are-refused",
                  test_wrong_directives_are_refused);
  g_test_add_func("/out-hls/low-latency/a-delta-update", test_a_delta_update);
  g_test_add_func("/out-hls/low-latency/no-delta-update-of-a-short-window", test_no_delta_update);
  g_test_add_func("/out-hls/low-latency/who-waits-hears-of-the-end",
                  test_who_waits_hears_of_the_end);
  g_test_add_func("/out-hls/low-latency/who-waits-for-a-node-that-restarts-comes-again",
                  test_who_waits_for_a_node_that_restarts_comes_again);
  g_test_add_func("/out-hls/low-latency/who-waits-through-a-pause-gets-what-comes-then",
                  test_who_waits_through_a_pause_gets_what_comes_then);
  g_test_add_func("/out-hls/low-latency/the-hint-is-taken-back", test_the_hint_is_taken_back);
  g_test_add_func("/out-hls/low-latency/the-hint-of-a-track-is-taken-back",
                  test_the_hint_of_a_track_is_taken_back);
  g_test_add_func("/out-hls/low-latency/new-parameters-come-with-a-discontinuity-and-a-map",
                  test_new_parameters);
  g_test_add_func("/out-hls/low-latency/answers-do-not-pile-up", test_answers_do_not_pile_up);
  return g_test_run();
}
