#include "lister.h"

#include <string.h>

enum {
  FIRST = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT,
  LAST = MG_CHUNK_ENDS_SEGMENT,
  WHOLE = FIRST | LAST,
};

static void
assert_rows(Lister *l, const char *wanted)
{
  g_autofree char *rows = lister_rows(l);
  g_assert_cmpstr(rows, ==, wanted);
}

static void
assert_log(Lister *l, const char *wanted)
{
  g_autofree char *log = mg_fake_http_log(l->http);
  g_assert_cmpstr(log, ==, wanted);
}

static gboolean
can_get(Lister *l, const char *name)
{
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  return mg_fake_http_about(l->http, path) != NULL;
}

/* --- what is published, and when --------------------------------------------------------------- */

static void
test_bytes_come_before_the_row(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_video(&l, (MgFakeChunk){ .number = 3, .start_ms = 0, .duration_ms = 500, .flags = FIRST });
  lister_audio(&l, (MgFakeChunk){ .number = 3, .start_ms = 0, .duration_ms = 500, .flags = FIRST });
  lister_video(&l,
               (MgFakeChunk){ .number = 3, .start_ms = 500, .duration_ms = 500, .flags = LAST });
  assert_log(&l, "put /live/test/video-init-0.mp4\n"
                 "put /live/test/audio-init-0.mp4\n"
                 "put /live/test/video-0.m4s\n");
  lister_audio(&l,
               (MgFakeChunk){ .number = 3, .start_ms = 500, .duration_ms = 500, .flags = LAST });
  assert_log(&l, "put /live/test/audio-0.m4s\n"
                 "put /live/test/list\n");
  assert_rows(&l, "3.0 video-0 audio-0");
  lister_clear(&l);
}

static void
test_a_segment_is_its_chunks_in_order(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_video(&l, (MgFakeChunk){ .start_ms = 0, .duration_ms = 500, .flags = FIRST, .bytes = 3 });
  lister_video(&l, (MgFakeChunk){ .start_ms = 500, .duration_ms = 260, .flags = LAST, .bytes = 2 });
  g_autofree char *body = mg_fake_http_get(l.http, "/live/test/video-0.m4s");
  g_assert_cmpstr(body, ==, "vvvvv");
  const MgSegment *segment = mg_window_row(lister_window(&l), 0)->segments[0];
  g_assert_cmpint(segment->duration, ==, 760 * 90);
  g_assert_cmpuint(segment->bytes, ==, 5);
  g_assert_cmpuint(segment->n_samples, ==, 12 + 6);
  g_assert_cmpuint(segment->chunks->len, ==, 2);
  lister_clear(&l);
}

static void
test_resources_say_how_long_they_hold(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  g_assert_cmpstr(mg_fake_http_about(l.http, "/live/test/video-0.m4s"), ==, "immutable, video/mp4");
  g_assert_cmpstr(mg_fake_http_about(l.http, "/live/test/audio-0.m4s"), ==, "immutable, audio/mp4");
  g_assert_cmpstr(mg_fake_http_about(l.http, "/live/test/audio-init-0.mp4"), ==,
                  "immutable, audio/mp4");
  g_assert_cmpstr(mg_fake_http_about(l.http, "/live/test/list"), ==, "short 2000, text/plain");
  lister_clear(&l);
}

static void
test_everything_stays_for_a_while_after_the_end(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  g_free(mg_fake_http_log(l.http));
  mg_harness_drain(l.harness);
  assert_log(&l, "retire /live/test 5s\n");
  g_assert_true(can_get(&l, "video-0.m4s"));
  lister_clear(&l);
}

/* --- rows -------------------------------------------------------------------------------------- */

static void
test_a_row_waits_for_all_tracks(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_video(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  lister_video(&l,
               (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2000, .flags = FIRST });
  assert_rows(&l, "0.0 video-0 audio-0");
  lister_audio(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  lister_clear(&l);
}

static void
test_a_track_two_seconds_late_has_a_gap(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 500, .flags = FIRST });
  lister_video(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  lister_video(&l,
               (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2040, .flags = FIRST });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 -");
  g_free(mg_fake_http_log(l.http));
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4500, .duration_ms = 3500, .flags = LAST });
  assert_log(&l, ""); /* what is listed stays as it is */
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 -");
  lister_clear(&l);
}

static void
test_a_track_that_missed_a_row_is_not_waited_for_again(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_video(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  lister_video(&l,
               (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2040, .flags = FIRST });
  lister_video(&l,
               (MgFakeChunk){ .number = 2, .start_ms = 10040, .duration_ms = 1960, .flags = LAST });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 -, 2.0 video-720000 -");
  lister_audio(&l,
               (MgFakeChunk){ .number = 3, .start_ms = 12000, .duration_ms = 500, .flags = FIRST });
  lister_video(&l, (MgFakeChunk){ .number = 3, .start_ms = 12000, .duration_ms = 4000 });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 -, 2.0 video-720000 -");
  lister_audio(&l,
               (MgFakeChunk){ .number = 3, .start_ms = 12500, .duration_ms = 3500, .flags = LAST });
  assert_rows(&l, "1.0 video-360000 -, 2.0 video-720000 -, 3.0 video-1080000 audio-576000");
  lister_clear(&l);
}

static void
test_a_jump_in_time_is_no_lag(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 3500, .flags = FIRST });
  lister_video(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  lister_video(&l, (MgFakeChunk){ .number = 2,
                                  .discontinuity = 1,
                                  .start_ms = 60000,
                                  .period_start_ms = 60000,
                                  .duration_ms = 2000,
                                  .flags = FIRST | MG_CHUNK_DISCONT });
  assert_rows(&l, "0.0 video-0 audio-0");
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 7500, .duration_ms = 500, .flags = LAST });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  lister_clear(&l);
}

static void
test_a_track_that_ended_is_not_waited_for(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 500, .flags = FIRST });
  lister_video(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_harness_end(l.harness, l.audio);
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  lister_video(&l, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 4000 });
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000, 2.0 video-720000 -");
  lister_clear(&l);
}

static void
test_a_track_that_joins_begins_with_its_first_row(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_audio(&l, (MgFakeChunk){ .number = 0, .start_ms = 0, .duration_ms = 4000 });
  lister_audio(&l, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 2000 });
  MgFakeChunk second = { .number = 2,
                         .discontinuity = 1,
                         .start_ms = 6000,
                         .period_start_ms = 6000,
                         .duration_ms = 4000,
                         .flags = WHOLE | MG_CHUNK_DISCONT };
  lister_video(&l, second);
  assert_rows(&l, "0.0 audio-0 -, 1.0 audio-192000 -");
  lister_audio(&l, second);
  assert_rows(&l, "0.0 audio-0 -, 1.0 audio-192000 -, 2.1! audio-288000 video-540000");
  g_assert_cmpuint(mg_window_first_row(lister_window(&l), 0), ==, 0);
  g_assert_cmpuint(mg_window_first_row(lister_window(&l), 1), ==, 2);
  lister_clear(&l);
}

static void
test_a_pause_lists_what_there_is(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_video(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 1000, .flags = FIRST });
  lister_audio(&l,
               (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 900, .flags = WHOLE });
  mg_harness_pause(l.harness);
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  MgFakeChunk next = { .number = 2,
                       .discontinuity = 1,
                       .start_ms = 50000,
                       .period_start_ms = 50000,
                       .duration_ms = 4000,
                       .flags = WHOLE | MG_CHUNK_DISCONT };
  lister_video(&l, next);
  lister_audio(&l, next);
  assert_rows(&l, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000, "
                  "2.1! video-4500000 audio-2400000");
  lister_clear(&l);
}

static void
test_the_first_row_of_a_restart_is_a_discontinuity(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_video(&l, (MgFakeChunk){ .number = 812,
                                  .discontinuity = 4,
                                  .start_ms = 90000,
                                  .period_start_ms = 90000,
                                  .duration_ms = 4000,
                                  .flags = WHOLE | MG_CHUNK_DISCONT });
  assert_rows(&l, "812.4! video-8100000");
  lister_clear(&l);
}

static void
test_numbers_that_jump_begin_a_new_list(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  lister_both(&l, 1);
  lister_both(&l, 3);
  assert_rows(&l, "3.0 video-1080000 audio-576000");
  g_assert_true(can_get(&l, "video-0.m4s"));
  lister_both(&l, 4);
  assert_rows(&l, "3.0 video-1080000 audio-576000, 4.0 video-1440000 audio-768000");
  lister_clear(&l);
}

/* --- the window slides ------------------------------------------------------------------------- */

static void
test_a_segment_outlives_its_row(void)
{
  Lister l;
  lister_init(&l, "window='12s'");
  for (guint n = 0; n < 4; n++)
    lister_both(&l, n);
  assert_rows(&l, "1.0 video-360000 audio-192000, 2.0 video-720000 audio-384000, "
                  "3.0 video-1080000 audio-576000");
  /* Unlisted with row 3; it is due for its own 4 s and the list's 12 s more. */
  for (guint n = 4; n < 7; n++)
    lister_both(&l, n);
  g_assert_true(can_get(&l, "video-0.m4s"));
  lister_both(&l, 7);
  g_assert_false(can_get(&l, "video-0.m4s"));
  g_assert_false(can_get(&l, "audio-0.m4s"));
  g_assert_true(can_get(&l, "video-360000.m4s"));
  lister_clear(&l);
}

static void
test_a_list_is_never_shorter_than_three_targets(void)
{
  Lister l;
  lister_init(&l, "window='5s'");
  for (guint n = 0; n < 5; n++)
    lister_both(&l, n);
  assert_rows(&l, "2.0 video-720000 audio-384000, 3.0 video-1080000 audio-576000, "
                  "4.0 video-1440000 audio-768000");
  g_assert_cmpint(mg_window_length(lister_window(&l)), ==, 12 * MG_SECOND);
  lister_clear(&l);
}

static void
test_an_event_keeps_everything(void)
{
  Lister l;
  lister_init(&l, "window='0s'");
  for (guint n = 0; n < 50; n++)
    lister_both(&l, n);
  g_assert_cmpuint(mg_window_n_rows(lister_window(&l)), ==, 50);
  g_assert_true(can_get(&l, "video-0.m4s"));
  lister_clear(&l);
}

static void
test_another_window_still_has_what_this_one_removed(void)
{
  MgHttp *http = mg_fake_http_new();
  Lister brief, lasting;
  lister_init_with(&brief, http, "window='12s'");
  lister_init_with(&lasting, http, "window='60s'");
  for (guint n = 0; n < 9; n++) {
    lister_both(&brief, n);
    lister_both(&lasting, n);
  }
  g_autofree char *log = mg_fake_http_log(http);
  g_assert_nonnull(strstr(log, "remove /live/test/video-0.m4s\n"));
  g_assert_true(can_get(&brief, "video-0.m4s"));
  lister_clear(&lasting);
  g_assert_true(can_get(&brief, "video-0.m4s")); /* retired, not gone */
  lister_clear(&brief);
  mg_fake_http_free(http);
}

static void
set_larger(MgStreamInfo *info)
{
  info->width = 1280;
  info->height = 720;
}

static void
test_an_init_segment_goes_with_its_last_segment(void)
{
  Lister l;
  lister_init(&l, "window='12s'");
  lister_both(&l, 0);
  MgStream *larger = mg_fake_stream_like(l.video_stream, set_larger);
  mg_stream_unref(l.video_stream);
  l.video_stream = larger;
  for (guint n = 1; n < 7; n++)
    lister_both(&l, n);
  g_assert_true(can_get(&l, "video-init-0.mp4"));
  const MgSegment *newest = mg_window_newest(lister_window(&l), 0);
  g_assert_cmpstr(newest->init_uri, ==, "video-init-360000.mp4");
  lister_both(&l, 7);
  g_assert_false(can_get(&l, "video-init-0.mp4"));
  g_assert_true(can_get(&l, "video-init-360000.mp4"));
  g_assert_true(can_get(&l, "audio-init-0.mp4"));
  lister_clear(&l);
}

static void
leave_as_it_is(MgStreamInfo *info)
{
}

static void
test_the_same_parameters_keep_their_init_segment(void)
{
  Lister l;
  lister_init(&l, NULL);
  lister_both(&l, 0);
  MgStream *same = mg_fake_stream_like(l.video_stream, leave_as_it_is);
  mg_stream_unref(l.video_stream);
  l.video_stream = same;
  lister_both(&l, 1);
  g_assert_cmpstr(mg_window_newest(lister_window(&l), 0)->init_uri, ==, "video-init-0.mp4");
  lister_clear(&l);
}

/* --- what it refuses --------------------------------------------------------------------------- */

static void
assert_refuses(const char *attributes, const char *sentence)
{
  g_autoptr(GError) error = NULL;
  MgHttp *http = mg_fake_http_new();
  mg_fake_http_offer(http);
  MgHarness *h = mg_harness_new(&lister_class, attributes, &error);
  g_assert_null(h);
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, sentence);
  mg_fake_http_free(http);
}

static void
test_a_path_must_be_absolute(void)
{
  assert_refuses("path='live/test'",
                 "path \"live/test\" must begin with '/' and not end with it, as "
                 "in \"/live/studio\"");
  assert_refuses("path='/live/'",
                 "path \"/live/\" must begin with '/' and not end with it, as in \"/live/studio\"");
}

static void
forget_codecs(MgStreamInfo *info)
{
  info->codecs = NULL;
}

static void
test_a_track_must_say_enough_of_itself(void)
{
  Lister l;
  lister_init(&l, NULL);
  g_autoptr(GError) error = NULL;
  mg_stream_unref(l.audio_stream);
  l.audio_stream = mg_fake_stream_like(l.video_stream, forget_codecs);
  g_assert_null(mg_harness_stream(l.harness, l.audio_stream, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==,
                  "track 'video' has no init segment, timescale or codec string: put a segmenter "
                  "before it");
  lister_clear(&l);
}

static void
test_a_seventeenth_track_is_left_out(void)
{
  Lister l;
  lister_init(&l, NULL);
  for (guint i = 0; i <= MG_WINDOW_TRACKS; i++) {
    g_autofree char *id = g_strdup_printf("v%u", i);
    g_autoptr(MgStream) stream = mg_fake_video(id);
    g_autoptr(GError) error = NULL;
    MgPort *port = mg_harness_stream(l.harness, stream, &error);
    const MgFakeChunk chunk = { .duration_ms = 4000, .flags = FIRST };
    mg_harness_push(l.harness, port, mg_fake_chunk(stream, &chunk), &error);
    g_assert_no_error(error);
  }
  g_assert_cmpuint(mg_window_n_tracks(lister_window(&l)), ==, MG_WINDOW_TRACKS);
  g_assert_true(can_get(&l, "v15-init-0.mp4"));
  g_assert_false(can_get(&l, "v16-init-0.mp4"));
  lister_clear(&l);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/window/" name, function)
  T("bytes-come-before-the-row", test_bytes_come_before_the_row);
  T("a-segment-is-its-chunks-in-order", test_a_segment_is_its_chunks_in_order);
  T("resources-say-how-long-they-hold", test_resources_say_how_long_they_hold);
  T("everything-stays-for-a-while-after-the-end", test_everything_stays_for_a_while_after_the_end);
  T("a-row-waits-for-all-tracks", test_a_row_waits_for_all_tracks);
  T("a-track-two-seconds-late-has-a-gap", test_a_track_two_seconds_late_has_a_gap);
  T("a-track-that-missed-a-row-is-not-waited-for-again",
    test_a_track_that_missed_a_row_is_not_waited_for_again);
  T("a-jump-in-time-is-no-lag", test_a_jump_in_time_is_no_lag);
  T("a-track-that-ended-is-not-waited-for", test_a_track_that_ended_is_not_waited_for);
  T("a-track-that-joins-begins-with-its-first-row",
    test_a_track_that_joins_begins_with_its_first_row);
  T("a-pause-lists-what-there-is", test_a_pause_lists_what_there_is);
  T("the-first-row-of-a-restart-is-a-discontinuity",
    test_the_first_row_of_a_restart_is_a_discontinuity);
  T("numbers-that-jump-begin-a-new-list", test_numbers_that_jump_begin_a_new_list);
  T("a-segment-outlives-its-row", test_a_segment_outlives_its_row);
  T("a-list-is-never-shorter-than-three-targets", test_a_list_is_never_shorter_than_three_targets);
  T("an-event-keeps-everything", test_an_event_keeps_everything);
  T("another-window-still-has-what-this-one-removed",
    test_another_window_still_has_what_this_one_removed);
  T("an-init-segment-goes-with-its-last-segment", test_an_init_segment_goes_with_its_last_segment);
  T("the-same-parameters-keep-their-init-segment",
    test_the_same_parameters_keep_their_init_segment);
  T("a-path-must-be-absolute", test_a_path_must_be_absolute);
  T("a-track-must-say-enough-of-itself", test_a_track_must_say_enough_of_itself);
  T("a-seventeenth-track-is-left-out", test_a_seventeenth_track_is_left_out);
#undef T
  return g_test_run();
}
