/* What low latency asks of a window: parts, growing segments, promises, what is ahead of the rows. */
#include "lister.h"

#include <string.h>

enum {
  FIRST = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT,
  MIDDLE = 1 << 30, /* no flag at all would stand for all of them */
  LAST = MG_CHUNK_ENDS_SEGMENT,
};

/* --- a stage with parts of a second ------------------------------------------------------------ */

static void
init(MgStage *stage, guint asks)
{
  lister_asks = asks;
  mg_stage_init(stage, &lister_class, "window='40s'");
}

static MgFakeChunk
second(guint64 number, guint part)
{
  return (MgFakeChunk){ .number = number,
                        .start_ms = (gint64) number * 4000 + part * 1000,
                        .duration_ms = 1000,
                        .part_ms = 1000,
                        .flags = part == 0   ? FIRST
                                 : part == 3 ? LAST
                                             : MIDDLE,
                        .bytes = 1 };
}

static void
video(MgStage *stage, guint64 number, guint first, guint end)
{
  for (guint part = first; part < end; part++)
    mg_stage_video(stage, second(number, part));
}

static void
audio(MgStage *stage, guint64 number, guint first, guint end)
{
  for (guint part = first; part < end; part++)
    mg_stage_audio(stage, second(number, part));
}

/* Whole segments of both tracks, from FIRST on, before END. */
static void
both(MgStage *stage, guint64 first, guint64 end)
{
  for (guint64 n = first; n < end; n++) {
    video(stage, n, 0, 1);
    audio(stage, n, 0, 1);
    video(stage, n, 1, 4);
    audio(stage, n, 1, 4);
  }
}

static void
forget_log(MgStage *stage)
{
  g_free(mg_fake_http_log(stage->http));
}

static void
assert_log(MgStage *stage, const char *wanted)
{
  g_autofree char *log = mg_fake_http_log(stage->http);
  g_assert_cmpstr(log, ==, wanted);
}

static void
assert_state(MgStage *stage, const char *name, const char *wanted)
{
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  g_assert_cmpstr(mg_fake_http_state(stage->http, path), ==, wanted);
}

/* As in "1[p4000 p5000] 2[p8000]…": number, parts by when they begin, in milliseconds, '…' while open. */
static void
append_segment(GString *text, const MgSegment *segment)
{
  gint64 scale = mg_stream_info(segment->stream)->timescale;
  g_string_append_printf(text, "%s%" G_GUINT64_FORMAT, text->len > 0 ? " " : "", segment->number);
  for (guint i = 0; segment->parts != NULL && i < segment->parts->len; i++) {
    const MgPart *part = &g_array_index(segment->parts, MgPart, i);
    g_string_append_printf(text, "%sp%" G_GINT64_FORMAT, i > 0 ? " " : "[",
                           part->chunk->start * 1000 / scale);
  }
  g_string_append_printf(text, "%s%s", segment->parts ? "]" : "", segment->is_open ? "…" : "");
}

static void
assert_ahead(MgStage *stage, guint track, const char *wanted)
{
  MgWindow *window = lister_window(stage);
  g_autoptr(GString) text = g_string_new(NULL);
  guint n = mg_window_n_ahead(window, track);
  for (guint i = 0; i < n; i++)
    append_segment(text, mg_window_ahead(window, track, i));
  g_assert_null(mg_window_ahead(window, track, n));
  g_assert_cmpstr(text->str, ==, wanted);
}

static void
assert_listed(MgStage *stage, const char *wanted)
{
  MgWindow *window = lister_window(stage);
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < mg_window_n_rows(window); i++)
    append_segment(text, mg_window_row(window, i)->segments[0]);
  g_assert_cmpstr(text->str, ==, wanted);
}

/* --- parts ------------------------------------------------------------------------------------- */

static void
test_a_part_comes_before_the_list_that_has_it(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  video(&stage, 0, 0, 4);
  forget_log(&stage);
  video(&stage, 1, 0, 1);
  assert_log(&stage, "put /live/test/video-p360000.m4s\n"
                     "promise /live/test/video-p450000.m4s\n"
                     "put /live/test/list\n");
  assert_ahead(&stage, 0, "1[p4000]…");
  g_assert_cmpstr(mg_window_next_part(lister_window(&stage), 0), ==, "video-p450000.m4s");
  g_assert_cmpuint(mg_window_part_target_us(lister_window(&stage)), ==, 1000000);
  video(&stage, 1, 1, 3);
  forget_log(&stage);
  video(&stage, 1, 3, 4);
  assert_log(&stage, "put /live/test/video-p630000.m4s\n"
                     "promise /live/test/video-p720000.m4s\n"
                     "put /live/test/video-360000.m4s\n"
                     "put /live/test/list\n");
  assert_listed(&stage, "0[p0 p1000 p2000 p3000] 1[p4000 p5000 p6000 p7000]");
  assert_ahead(&stage, 0, "");
  mg_stage_clear(&stage);
}

static void
test_nothing_is_listed_before_the_first_row(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  video(&stage, 0, 0, 2);
  assert_log(&stage, "put /live/test/video-init-0.mp4\n"
                     "put /live/test/video-p0.m4s\n"
                     "promise /live/test/video-p90000.m4s\n"
                     "put /live/test/video-p90000.m4s\n"
                     "promise /live/test/video-p180000.m4s\n");
  assert_ahead(&stage, 0, "");
  mg_stage_clear(&stage);
}

static void
test_a_part_is_the_chunk_itself(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  video(&stage, 0, 0, 4);
  const MgSegment *segment = mg_window_row(lister_window(&stage), 0)->segments[0];
  for (guint i = 0; i < 4; i++) {
    const MgBuffer *chunk = g_ptr_array_index(segment->chunks, i);
    const MgPart *part = &g_array_index(segment->parts, MgPart, i);
    g_assert_true(part->chunk == chunk->chunk);
    g_autofree char *uri = g_strdup_printf("video-p%u.m4s", i * 90000);
    g_assert_cmpstr(part->uri, ==, uri);
  }
  mg_stage_clear(&stage);
}

/* A segmenter that promises nothing of its chunks: they are no parts. */
static void
test_without_a_target_there_are_no_parts(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  mg_stage_nth(&stage, 0);
  assert_log(&stage, "put /live/test/video-init-0.mp4\n"
                     "put /live/test/audio-init-0.mp4\n"
                     "put /live/test/video-0.m4s\n"
                     "put /live/test/audio-0.m4s\n"
                     "put /live/test/list\n");
  g_assert_cmpuint(mg_window_part_target_us(lister_window(&stage)), ==, 0);
  g_assert_null(mg_window_next_part(lister_window(&stage), 0));
  mg_stage_clear(&stage);
}

/* A playlist has one target for all that are in it. */
static void
test_the_target_is_that_of_the_longest_listed(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  video(&stage, 0, 0, 4);
  MgFakeChunk shorter = second(1, 0);
  shorter.discontinuity = 1;
  shorter.period_start_ms = shorter.start_ms;
  shorter.flags |= MG_CHUNK_DISCONT;
  shorter.duration_ms = shorter.part_ms = 500;
  mg_stage_video(&stage, shorter);
  g_assert_cmpuint(mg_window_part_target_us(lister_window(&stage)), ==, 1000000);
  for (guint i = 1; i < 28; i++) {
    shorter.start_ms += 500;
    shorter.number = 1 + i / 8;
    shorter.flags = i % 8 == 0 ? FIRST : i % 8 == 7 ? LAST : MIDDLE;
    mg_stage_video(&stage, shorter);
  }
  g_assert_cmpuint(mg_window_part_target_us(lister_window(&stage)), ==, 500000);
  mg_stage_clear(&stage);
}

static void
test_old_parts_are_not_listed(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  for (guint64 n = 0; n < 4; n++)
    video(&stage, n, 0, 4);
  /* Three target durations behind the end of segment 0, and it has been listed so long. */
  assert_listed(&stage, "0 1[p4000 p5000 p6000 p7000] 2[p8000 p9000 p10000 p11000] "
                        "3[p12000 p13000 p14000 p15000]");
  assert_state(&stage, "video-p0.m4s", "whole");
  for (guint64 n = 4; n < 6; n++)
    video(&stage, n, 0, 4);
  video(&stage, 6, 0, 3);
  assert_state(&stage, "video-p0.m4s", "whole");
  video(&stage, 6, 3, 4);
  assert_state(&stage, "video-p0.m4s", NULL);
  assert_state(&stage, "video-p360000.m4s", "whole");
  mg_stage_clear(&stage);
}

/* --- growing ----------------------------------------------------------------------------------- */

static void
test_a_segment_can_be_had_while_it_grows(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_GROWING);
  video(&stage, 0, 0, 4);
  assert_log(&stage, "put /live/test/video-init-0.mp4\n"
                     "begin /live/test/video-0.m4s\n"
                     "append /live/test/video-0.m4s\n"
                     "append /live/test/video-0.m4s\n"
                     "append /live/test/video-0.m4s\n"
                     "append /live/test/video-0.m4s\n"
                     "finish /live/test/video-0.m4s\n"
                     "promise /live/test/video-360000.m4s\n"
                     "put /live/test/list\n");
  video(&stage, 1, 0, 2);
  /* The list changes when there is another segment in it, not with each chunk. */
  assert_log(&stage, "begin /live/test/video-360000.m4s\n"
                     "append /live/test/video-360000.m4s\n"
                     "put /live/test/list\n"
                     "append /live/test/video-360000.m4s\n");
  assert_ahead(&stage, 0, "1…");
  g_autofree char *body = mg_stage_get(&stage, "video-360000.m4s");
  g_assert_cmpstr(body, ==, "vv");
  mg_stage_clear(&stage);
}

static void
test_a_segment_has_its_number_as_another_name(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_GROWING | MG_OUTPUT_NUMBERS);
  video(&stage, 7, 0, 4);
  assert_state(&stage, "video-n7.m4s", "whole");
  assert_state(&stage, "video-n8.m4s", "promised");
  video(&stage, 8, 0, 1);
  assert_state(&stage, "video-n8.m4s", "growing");
  for (guint64 n = 8; n < 32; n++)
    video(&stage, n, n == 8 ? 1 : 0, 4);
  assert_state(&stage, "video-n7.m4s", NULL);
  assert_state(&stage, "video-2520000.m4s", NULL);
  assert_state(&stage, "video-n22.m4s", "whole");
  mg_stage_clear(&stage);
}

static void
test_whole_segments_may_have_numbers_too(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_NUMBERS);
  video(&stage, 7, 0, 4);
  assert_state(&stage, "video-n7.m4s", "whole");
  assert_state(&stage, "video-n8.m4s", NULL);
  mg_stage_clear(&stage);
}

/* --- ahead of the rows ------------------------------------------------------------------------- */

static void
test_what_others_have_not_finished_is_ahead(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  both(&stage, 0, 1);
  audio(&stage, 1, 0, 3);
  video(&stage, 1, 0, 4);
  video(&stage, 2, 0, 1);
  assert_ahead(&stage, 0, "1[p4000 p5000 p6000 p7000] 2[p8000]…");
  assert_ahead(&stage, 1, "1[p4000 p5000 p6000]…");
  audio(&stage, 1, 3, 4);
  assert_ahead(&stage, 0, "2[p8000]…");
  assert_ahead(&stage, 1, "");
  mg_stage_clear(&stage);
}

/* The list that is ahead of its row is the longest: 12 s and 4 s. What was on it is there for as long, and 4 s more. */
static void
test_what_was_listed_ahead_is_kept_for_as_long(void)
{
  MgStage stage;
  lister_asks = MG_OUTPUT_PARTS;
  mg_stage_init(&stage, &lister_class, "window='12s'");
  both(&stage, 0, 8); /* 0 has left the list with 3 */
  video(&stage, 8, 0, 4);
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  audio(&stage, 8, 0, 4);
  g_assert_false(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_clear(&stage);
}

static void
test_what_does_not_join_the_list_is_not_ahead(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  both(&stage, 0, 2);
  video(&stage, 5, 0, 2);
  assert_ahead(&stage, 0, "");
  video(&stage, 5, 2, 4);
  audio(&stage, 5, 0, 4);
  video(&stage, 6, 0, 1);
  assert_listed(&stage, "5[p20000 p21000 p22000 p23000]");
  assert_ahead(&stage, 0, "6[p24000]…");
  mg_stage_clear(&stage);
}

static void
test_changes_are_told_by_track(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  both(&stage, 0, 1);
  g_assert_cmpuint(lister_changed, ==, G_MAXUINT);
  video(&stage, 1, 0, 1);
  g_assert_cmpuint(lister_changed, ==, 1 << 0);
  audio(&stage, 1, 0, 1);
  g_assert_cmpuint(lister_changed, ==, 1 << 1);
  audio(&stage, 1, 1, 4);
  video(&stage, 1, 1, 4);
  g_assert_cmpuint(lister_changed, ==, G_MAXUINT);
  mg_stage_clear(&stage);
}

/* --- what does not come ------------------------------------------------------------------------ */

static void
test_a_discontinuity_breaks_the_promise(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING);
  video(&stage, 0, 0, 4);
  assert_state(&stage, "video-p360000.m4s", "promised");
  assert_state(&stage, "video-360000.m4s", "promised");
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1,
                                        .discontinuity = 1,
                                        .start_ms = 5000,
                                        .period_start_ms = 5000,
                                        .duration_ms = 1000,
                                        .part_ms = 1000,
                                        .flags = FIRST | MG_CHUNK_DISCONT });
  assert_state(&stage, "video-p360000.m4s", NULL);
  assert_state(&stage, "video-360000.m4s", NULL);
  assert_state(&stage, "video-450000.m4s", "growing");
  assert_ahead(&stage, 0, "1[p5000]…");
  mg_stage_clear(&stage);
}

static void
test_nothing_is_promised_in_a_pause(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING | MG_OUTPUT_NUMBERS);
  both(&stage, 0, 1);
  video(&stage, 1, 0, 2);
  audio(&stage, 1, 0, 1);
  mg_harness_pause(stage.harness);
  assert_state(&stage, "video-360000.m4s", "whole");
  assert_state(&stage, "video-n1.m4s", "whole");
  assert_state(&stage, "video-p540000.m4s", NULL);
  assert_state(&stage, "video-720000.m4s", NULL);
  assert_state(&stage, "video-540000.m4s", NULL);
  assert_state(&stage, "video-n2.m4s", NULL);
  g_assert_null(mg_window_next_part(lister_window(&stage), 0));
  assert_ahead(&stage, 0, "");
  assert_listed(&stage, "0[p0 p1000 p2000 p3000] 1[p4000 p5000]");
  mg_stage_clear(&stage);
}

static void
test_a_track_that_ends_promises_nothing(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS);
  both(&stage, 0, 1);
  video(&stage, 1, 0, 1);
  mg_harness_end(stage.harness, stage.audio);
  assert_state(&stage, "audio-p192000.m4s", NULL);
  g_assert_null(mg_window_next_part(lister_window(&stage), 1));
  assert_state(&stage, "video-p450000.m4s", "promised");
  mg_stage_clear(&stage);
}

/* Audio falls silent: what would have come next is not waited for once there is a row without it. */
static void
test_a_track_that_is_away_promises_nothing(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING);
  both(&stage, 0, 1);
  assert_state(&stage, "audio-p192000.m4s", "promised");
  video(&stage, 1, 0, 4);
  assert_state(&stage, "audio-p192000.m4s", "promised");
  video(&stage, 2, 0, 3);
  assert_listed(&stage, "0[p0 p1000 p2000 p3000] 1[p4000 p5000 p6000 p7000]");
  assert_state(&stage, "audio-p192000.m4s", NULL);
  assert_state(&stage, "audio-192000.m4s", NULL);
  g_assert_null(mg_window_next_part(lister_window(&stage), 1));
  audio(&stage, 3, 0, 1);
  assert_state(&stage, "audio-p624000.m4s", "promised");
  mg_stage_clear(&stage);
}

/* Video waits for audio for two seconds of media; then audio's segment comes too late to be listed. */
static void
test_what_is_too_late_is_withdrawn(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING);
  both(&stage, 0, 1);
  audio(&stage, 1, 0, 3);
  video(&stage, 1, 0, 4);
  assert_state(&stage, "audio-192000.m4s", "growing");
  video(&stage, 2, 0, 3);
  assert_listed(&stage, "0[p0 p1000 p2000 p3000] 1[p4000 p5000 p6000 p7000]");
  audio(&stage, 1, 3, 4);
  assert_state(&stage, "audio-192000.m4s", NULL);
  assert_state(&stage, "audio-p192000.m4s", NULL);
  assert_ahead(&stage, 1, "");
  audio(&stage, 2, 0, 1);
  assert_ahead(&stage, 1, "2[p8000]…");
  mg_stage_clear(&stage);
}

/* Others have the segment with all of its chunks under the same name: this one is not published. */
static void
test_a_segment_that_lacks_a_chunk_is_left_out(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING);
  both(&stage, 0, 1);
  video(&stage, 1, 0, 2);
  audio(&stage, 1, 0, 4);
  video(&stage, 1, 3, 4);
  assert_state(&stage, "video-360000.m4s", NULL);
  assert_state(&stage, "video-p360000.m4s", NULL);
  assert_state(&stage, "video-p540000.m4s", NULL);
  assert_ahead(&stage, 0, "");
  g_autofree char *rows = lister_rows(&stage);
  g_assert_cmpstr(rows, ==, "0.0 video-0 audio-0, 1.0 - audio-192000");
  video(&stage, 2, 0, 1);
  assert_ahead(&stage, 0, "2[p8000]…");
  mg_stage_clear(&stage);
}

static void
test_a_segment_that_lacks_its_end_is_left_out(void)
{
  MgStage stage;
  init(&stage, 0);
  both(&stage, 0, 1);
  video(&stage, 1, 0, 3);
  audio(&stage, 1, 0, 4);
  video(&stage, 2, 0, 1);
  assert_state(&stage, "video-360000.m4s", NULL);
  g_autofree char *rows = lister_rows(&stage);
  g_assert_cmpstr(rows, ==, "0.0 video-0 audio-0, 1.0 - audio-192000");
  mg_stage_clear(&stage);
}

static void
test_a_window_that_goes_leaves_nothing_open(void)
{
  MgStage stage;
  init(&stage, MG_OUTPUT_PARTS | MG_OUTPUT_GROWING);
  both(&stage, 0, 1);
  video(&stage, 1, 0, 2);
  mg_harness_drain(stage.harness);
  assert_state(&stage, "video-360000.m4s", "whole");
  assert_state(&stage, "video-p540000.m4s", NULL);
  assert_state(&stage, "audio-192000.m4s", NULL);
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/window/ahead/" name, function)
  T("a-part-comes-before-the-list-that-has-it", test_a_part_comes_before_the_list_that_has_it);
  T("nothing-is-listed-before-the-first-row", test_nothing_is_listed_before_the_first_row);
  T("a-part-is-the-chunk-itself", test_a_part_is_the_chunk_itself);
  T("without-a-target-there-are-no-parts", test_without_a_target_there_are_no_parts);
  T("the-target-is-that-of-the-longest-listed", test_the_target_is_that_of_the_longest_listed);
  T("old-parts-are-not-listed", test_old_parts_are_not_listed);
  T("a-segment-can-be-had-while-it-grows", test_a_segment_can_be_had_while_it_grows);
  T("a-segment-has-its-number-as-another-name", test_a_segment_has_its_number_as_another_name);
  T("whole-segments-may-have-numbers-too", test_whole_segments_may_have_numbers_too);
  T("what-others-have-not-finished-is-ahead", test_what_others_have_not_finished_is_ahead);
  T("what-was-listed-ahead-is-kept-for-as-long", test_what_was_listed_ahead_is_kept_for_as_long);
  T("what-does-not-join-the-list-is-not-ahead", test_what_does_not_join_the_list_is_not_ahead);
  T("changes-are-told-by-track", test_changes_are_told_by_track);
  T("a-discontinuity-breaks-the-promise", test_a_discontinuity_breaks_the_promise);
  T("nothing-is-promised-in-a-pause", test_nothing_is_promised_in_a_pause);
  T("a-track-that-ends-promises-nothing", test_a_track_that_ends_promises_nothing);
  T("a-track-that-is-away-promises-nothing", test_a_track_that_is_away_promises_nothing);
  T("what-is-too-late-is-withdrawn", test_what_is_too_late_is_withdrawn);
  T("a-segment-that-lacks-a-chunk-is-left-out", test_a_segment_that_lacks_a_chunk_is_left_out);
  T("a-segment-that-lacks-its-end-is-left-out", test_a_segment_that_lacks_its_end_is_left_out);
  T("a-window-that-goes-leaves-nothing-open", test_a_window_that_goes_leaves_nothing_open);
#undef T
  return g_test_run();
}
