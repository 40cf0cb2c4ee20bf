#include "lister.h"

#include <string.h>

enum {
  FIRST = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT,
  LAST = MG_CHUNK_ENDS_SEGMENT,
  WHOLE = FIRST | LAST,
};

static void
assert_rows(MgStage *stage, const char *wanted)
{
  g_autofree char *rows = lister_rows(stage);
  g_assert_cmpstr(rows, ==, wanted);
}

static void
assert_log(MgStage *stage, const char *wanted)
{
  g_autofree char *log = mg_fake_http_log(stage->http);
  g_assert_cmpstr(log, ==, wanted);
}

/* --- what is published, and when --------------------------------------------------------------- */

static void
test_bytes_come_before_the_row(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_video(&stage,
                 (MgFakeChunk){ .number = 3, .start_ms = 0, .duration_ms = 500, .flags = FIRST });
  mg_stage_audio(&stage,
                 (MgFakeChunk){ .number = 3, .start_ms = 0, .duration_ms = 500, .flags = FIRST });
  mg_stage_video(&stage,
                 (MgFakeChunk){ .number = 3, .start_ms = 500, .duration_ms = 500, .flags = LAST });
  assert_log(&stage, "put /live/test/video-init-0.mp4\n"
                     "put /live/test/audio-init-0.mp4\n"
                     "put /live/test/video-0.m4s\n");
  mg_stage_audio(&stage,
                 (MgFakeChunk){ .number = 3, .start_ms = 500, .duration_ms = 500, .flags = LAST });
  assert_log(&stage, "put /live/test/audio-0.m4s\n"
                     "put /live/test/list\n");
  assert_rows(&stage, "3.0 video-0 audio-0");
  mg_stage_clear(&stage);
}

static void
test_a_segment_is_its_chunks_in_order(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_video(&stage,
                 (MgFakeChunk){ .start_ms = 0, .duration_ms = 500, .flags = FIRST, .bytes = 3 });
  mg_stage_video(&stage,
                 (MgFakeChunk){ .start_ms = 500, .duration_ms = 260, .flags = LAST, .bytes = 2 });
  g_autofree char *body = mg_fake_http_get(stage.http, "/live/test/video-0.m4s");
  g_assert_cmpstr(body, ==, "vvvvv");
  const MgSegment *segment = mg_window_row(lister_window(&stage), 0)->segments[0];
  g_assert_cmpint(segment->duration, ==, 760 * 90);
  g_assert_cmpuint(segment->bytes, ==, 5);
  g_assert_cmpuint(segment->n_samples, ==, 12 + 6);
  g_assert_cmpuint(segment->chunks->len, ==, 2);
  mg_stage_clear(&stage);
}

/* An output that was away comes back in mid-segment: its files have the names of whole ones. */
static void
test_a_segment_without_its_beginning_is_left_out(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .number = 4,
                                        .start_ms = 18000,
                                        .duration_ms = 1000,
                                        .flags = MG_CHUNK_INDEPENDENT });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 4,
                                        .start_ms = 19000,
                                        .duration_ms = 1000,
                                        .flags = MG_CHUNK_ENDS_SEGMENT });
  mg_stage_nth(&stage, 5);
  assert_rows(&stage, "5.0 video-1800000 audio-960000");
  g_assert_false(mg_stage_has(&stage, "video-1620000.m4s"));
  g_assert_false(mg_stage_has(&stage, "video-init-1620000.mp4"));
  mg_stage_clear(&stage);
}

static void
test_resources_say_how_long_they_hold(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/video-0.m4s"), ==,
                  "immutable, video/mp4");
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/audio-0.m4s"), ==,
                  "immutable, audio/mp4");
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/audio-init-0.mp4"), ==,
                  "immutable, audio/mp4");
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/list"), ==, "short 2000, text/plain");
  mg_stage_clear(&stage);
}

static void
test_everything_stays_for_a_while_after_the_end(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  g_free(mg_fake_http_log(stage.http));
  mg_harness_drain(stage.harness);
  assert_log(&stage, "put /live/test/list\nretire /live/test 5s\n");
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_clear(&stage);
}

/* --- rows -------------------------------------------------------------------------------------- */

static void
test_a_row_waits_for_all_tracks(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2000, .flags = FIRST });
  assert_rows(&stage, "0.0 video-0 audio-0");
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  mg_stage_clear(&stage);
}

static void
test_a_track_two_seconds_late_has_a_gap(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 500, .flags = FIRST });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2040, .flags = FIRST });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 -");
  g_free(mg_fake_http_log(stage.http));
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4500, .duration_ms = 3500, .flags = LAST });
  assert_log(&stage, ""); /* what is listed stays as it is */
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 -");
  mg_stage_clear(&stage);
}

static void
test_a_track_that_missed_a_row_is_not_waited_for_again(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 2040, .flags = FIRST });
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 2, .start_ms = 10040, .duration_ms = 1960, .flags = LAST });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 -, 2.0 video-720000 -");
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 3, .start_ms = 12000, .duration_ms = 500, .flags = FIRST });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 3, .start_ms = 12000, .duration_ms = 4000 });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 -, 2.0 video-720000 -");
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 3, .start_ms = 12500, .duration_ms = 3500, .flags = LAST });
  assert_rows(&stage, "1.0 video-360000 -, 2.0 video-720000 -, 3.0 video-1080000 audio-576000");
  mg_stage_clear(&stage);
}

static void
test_a_jump_in_time_is_no_lag(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 3500, .flags = FIRST });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 2,
                                        .discontinuity = 1,
                                        .start_ms = 60000,
                                        .period_start_ms = 60000,
                                        .duration_ms = 2000,
                                        .flags = FIRST | MG_CHUNK_DISCONT });
  assert_rows(&stage, "0.0 video-0 audio-0");
  mg_stage_audio(&stage,
                 (MgFakeChunk){ .number = 1, .start_ms = 7500, .duration_ms = 500, .flags = LAST });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  mg_stage_clear(&stage);
}

static void
test_a_track_that_ended_is_not_waited_for(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 500, .flags = FIRST });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  mg_harness_end(stage.harness, stage.audio);
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  mg_stage_video(&stage, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 4000 });
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000, 2.0 video-720000 -");
  mg_stage_clear(&stage);
}

static void
test_a_track_that_joins_begins_with_its_first_row(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 0, .start_ms = 0, .duration_ms = 4000 });
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 2000 });
  MgFakeChunk second = { .number = 2,
                         .discontinuity = 1,
                         .start_ms = 6000,
                         .period_start_ms = 6000,
                         .duration_ms = 4000,
                         .flags = WHOLE | MG_CHUNK_DISCONT };
  mg_stage_video(&stage, second);
  assert_rows(&stage, "0.0 audio-0 -, 1.0 audio-192000 -");
  mg_stage_audio(&stage, second);
  assert_rows(&stage, "0.0 audio-0 -, 1.0 audio-192000 -, 2.1! audio-288000 video-540000");
  g_assert_cmpuint(mg_window_first_row(lister_window(&stage), 0), ==, 0);
  g_assert_cmpuint(mg_window_first_row(lister_window(&stage), 1), ==, 2);
  mg_stage_clear(&stage);
}

static void
test_a_pause_lists_what_there_is(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 1000, .flags = FIRST });
  mg_stage_audio(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 900, .flags = WHOLE });
  mg_harness_pause(stage.harness);
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000");
  MgFakeChunk next = { .number = 2,
                       .discontinuity = 1,
                       .start_ms = 50000,
                       .period_start_ms = 50000,
                       .duration_ms = 4000,
                       .flags = WHOLE | MG_CHUNK_DISCONT };
  mg_stage_video(&stage, next);
  mg_stage_audio(&stage, next);
  assert_rows(&stage, "0.0 video-0 audio-0, 1.0 video-360000 audio-192000, "
                      "2.1! video-4500000 audio-2400000");
  mg_stage_clear(&stage);
}

static void
test_the_first_row_of_a_restart_is_a_discontinuity(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .number = 812,
                                        .discontinuity = 4,
                                        .start_ms = 90000,
                                        .period_start_ms = 90000,
                                        .duration_ms = 4000,
                                        .flags = WHOLE | MG_CHUNK_DISCONT });
  assert_rows(&stage, "812.4! video-8100000");
  mg_stage_clear(&stage);
}

static void
test_numbers_that_jump_begin_a_new_list(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_nth(&stage, 1);
  mg_stage_nth(&stage, 3);
  assert_rows(&stage, "3.0 video-1080000 audio-576000");
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_nth(&stage, 4);
  assert_rows(&stage, "3.0 video-1080000 audio-576000, 4.0 video-1440000 audio-768000");
  mg_stage_clear(&stage);
}

static void
test_an_event_whose_numbers_jump_lets_go(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, "window='0s'");
  for (guint n = 0; n < 12; n++)
    if (n % 3 != 2)
      mg_stage_nth(&stage, n);
  assert_rows(&stage, "9.0 video-3240000 audio-1728000, 10.0 video-3600000 audio-1920000");
  g_assert_false(mg_stage_has(&stage, "video-0.m4s"));
  g_assert_true(mg_stage_has(&stage, "video-2520000.m4s"));
  mg_stage_clear(&stage);
}

/* --- the window slides ------------------------------------------------------------------------- */

static void
test_a_segment_outlives_its_row(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, "window='12s'");
  for (guint n = 0; n < 4; n++)
    mg_stage_nth(&stage, n);
  assert_rows(&stage, "1.0 video-360000 audio-192000, 2.0 video-720000 audio-384000, "
                      "3.0 video-1080000 audio-576000");
  /* Unlisted with row 3; it is due for its own 4 s and the list's 12 s more. */
  for (guint n = 4; n < 7; n++)
    mg_stage_nth(&stage, n);
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_nth(&stage, 7);
  g_assert_false(mg_stage_has(&stage, "video-0.m4s"));
  g_assert_false(mg_stage_has(&stage, "audio-0.m4s"));
  g_assert_true(mg_stage_has(&stage, "video-360000.m4s"));
  mg_stage_clear(&stage);
}

static void
test_a_list_is_never_shorter_than_three_targets(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, "window='5s'");
  for (guint n = 0; n < 5; n++)
    mg_stage_nth(&stage, n);
  assert_rows(&stage, "2.0 video-720000 audio-384000, 3.0 video-1080000 audio-576000, "
                      "4.0 video-1440000 audio-768000");
  g_assert_cmpint(mg_window_length(lister_window(&stage)), ==, 12 * MG_SECOND);
  mg_stage_clear(&stage);
}

static void
test_an_event_keeps_everything(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, "window='0s'");
  for (guint n = 0; n < 50; n++)
    mg_stage_nth(&stage, n);
  g_assert_cmpuint(mg_window_n_rows(lister_window(&stage)), ==, 50);
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_clear(&stage);
}

/* As out-hls and out-dash of one session. */
static MgNodeClass
make_other_class(void)
{
  MgNodeClass other = lister_class;
  other.name = "other-lister";
  return other;
}

static void
test_another_window_still_has_what_this_one_removed(void)
{
  const MgNodeClass other = make_other_class();
  MgHttp *http = mg_fake_http_new();
  MgStage brief, lasting;
  mg_stage_init_with(&brief, http, &lister_class, "window='12s'");
  mg_stage_init_with(&lasting, http, &other, "window='60s' name='other'");
  for (guint n = 0; n < 9; n++) {
    mg_stage_nth(&brief, n);
    mg_stage_nth(&lasting, n);
  }
  g_autofree char *log = mg_fake_http_log(http);
  g_assert_nonnull(strstr(log, "remove /live/test/video-0.m4s\n"));
  g_assert_true(mg_stage_has(&brief, "video-0.m4s"));
  mg_stage_clear(&lasting);
  g_assert_true(mg_stage_has(&brief, "video-0.m4s")); /* retired, not gone */
  mg_stage_clear(&brief);
  mg_fake_http_free(http);
}

static void
assert_is_busy(MgHttp *http, const MgNodeClass *class, const char *attributes)
{
  g_autoptr(GError) error = NULL;
  mg_fake_http_offer(http);
  g_assert_null(mg_harness_new(class, attributes, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
  g_assert_cmpstr(
      error->message, ==,
      "test/live/test/lister publishes /live/test/list already: give each a `path` of its "
      "own, as with ${app}/${stream}");
}

static void
test_a_path_that_is_taken(void)
{
  const MgNodeClass other = make_other_class();
  MgStage stage, elsewhere;
  mg_stage_init(&stage, &lister_class, NULL);
  assert_is_busy(stage.http, &lister_class, NULL);
  assert_is_busy(stage.http, &lister_class, "name='another'");
  assert_is_busy(stage.http, &other, NULL);
  mg_stage_init_with(&elsewhere, stage.http, &lister_class, "path='/live/test2'");
  mg_stage_clear(&elsewhere);
  mg_stage_nth(&stage, 0); /* the first goes on */
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_clear(&stage);
}

static void
test_a_path_is_free_again(void)
{
  MgHttp *http = mg_fake_http_new();
  MgStage stage;
  g_autoptr(GError) error = NULL;
  mg_stage_init_with(&stage, http, &lister_class, NULL);
  g_assert_true(mg_harness_reopen(stage.harness, &error));
  g_assert_no_error(error);
  mg_stage_clear(&stage);
  mg_stage_init_with(&stage, http, &lister_class, NULL);
  mg_stage_clear(&stage);
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
  MgStage stage;
  mg_stage_init(&stage, &lister_class, "window='12s'");
  mg_stage_nth(&stage, 0);
  mg_stage_edit(&stage.video_stream, set_larger);
  for (guint n = 1; n < 7; n++)
    mg_stage_nth(&stage, n);
  g_assert_true(mg_stage_has(&stage, "video-init-0.mp4"));
  const MgSegment *newest = mg_window_newest(lister_window(&stage), 0);
  g_assert_cmpstr(newest->init_uri, ==, "video-init-360000.mp4");
  mg_stage_nth(&stage, 7);
  g_assert_false(mg_stage_has(&stage, "video-init-0.mp4"));
  g_assert_true(mg_stage_has(&stage, "video-init-360000.mp4"));
  g_assert_true(mg_stage_has(&stage, "audio-init-0.mp4"));
  mg_stage_clear(&stage);
}

static void
leave_as_it_is(MgStreamInfo *info)
{
}

static void
test_the_same_parameters_keep_their_init_segment(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_edit(&stage.video_stream, leave_as_it_is);
  mg_stage_nth(&stage, 1);
  g_assert_cmpstr(mg_window_newest(lister_window(&stage), 0)->init_uri, ==, "video-init-0.mp4");
  mg_stage_clear(&stage);
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
  static const char *const wrong[] = { "live/test", "/live/",      "/",
                                       "",          "/live//test", "/live/../test" };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autofree char *attribute = g_strdup_printf("path='%s'", wrong[i]);
    g_autofree char *sentence = g_strdup_printf(
        "lister: path: \"%s\" must be '/' and names with one '/' between each two, as in "
        "\"/live/studio\"",
        wrong[i]);
    assert_refuses(attribute, sentence);
  }
}

static void
test_a_name_must_be_a_file_name(void)
{
  static const char *const wrong[] = { "a/b", "../a", "", ".a" };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autofree char *attribute = g_strdup_printf("name='%s'", wrong[i]);
    g_autofree char *sentence =
        g_strdup_printf("lister: name: \"%s\" must be a file name, as in \"index.m3u8\"", wrong[i]);
    assert_refuses(attribute, sentence);
  }
}

static void
forget_codecs(MgStreamInfo *info)
{
  info->codecs = NULL;
}

static void
test_a_track_must_say_enough_of_itself(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  g_autoptr(GError) error = NULL;
  mg_stage_edit(&stage.video_stream, forget_codecs);
  g_assert_null(mg_harness_stream(stage.harness, stage.video_stream, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==,
                  "track 'video' has no init segment, timescale or codec string: put a segmenter "
                  "before it");
  mg_stage_clear(&stage);
}

/* What is listed, walked through. */
static gsize
sum_listed(MgWindow *window)
{
  gsize sum = 0;
  for (guint i = 0; i < mg_window_n_rows(window); i++)
    for (guint t = 0; t < mg_window_n_tracks(window); t++)
      sum += mg_window_row(window, i)->segments[t]->bytes;
  return sum;
}

static void
test_bytes_are_those_of_the_list(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  MgWindow *window = lister_window(&stage);
  g_assert_cmpuint(mg_window_bytes(window), ==, 0);
  for (guint n = 0; n < 8; n++)
    mg_stage_nth(&stage, n);
  g_assert_cmpuint(mg_window_n_rows(window), ==, 3);
  g_assert_cmpuint(mg_window_bytes(window), ==, sum_listed(window));
  mg_stage_nth(&stage, 20); /* a new list */
  g_assert_cmpuint(mg_window_n_rows(window), ==, 1);
  g_assert_cmpuint(mg_window_bytes(window), ==, sum_listed(window));
  mg_stage_clear(&stage);
}

/* Of segments that have left the list, too; not of those that are yet to come. */
static void
test_flags_are_those_of_all_that_was_listed(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  MgWindow *window = lister_window(&stage);
  mg_stage_nth(&stage, 0);
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1,
                                        .start_ms = 4000,
                                        .duration_ms = 4000,
                                        .flags = WHOLE | MG_CHUNK_FORCED_CUT });
  g_assert_cmphex(mg_window_flags(window) & MG_CHUNK_FORCED_CUT, ==, 0);
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000 });
  for (guint n = 2; n < 8; n++)
    mg_stage_nth(&stage, n);
  g_assert_cmphex(mg_window_flags(window) & MG_CHUNK_FORCED_CUT, ==, MG_CHUNK_FORCED_CUT);
  mg_stage_clear(&stage);
}

static void
test_what_is_no_chunk_is_refused(void)
{
  g_autoptr(GError) error = NULL;
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  mg_stage_nth(&stage, 0);
  MgBuffer *buffer = mg_buffer_new(stage.video_stream, 1);
  buffer->flags = MG_BUFFER_KEY;
  g_assert_false(mg_harness_push(stage.harness, stage.video, buffer, &error));
  g_assert_cmpstr(error->message, ==,
                  "a buffer of track 'video' is no chunk: it does not say what chunk it is");
  mg_stage_clear(&stage);
}

static void
test_a_seventeenth_track_is_left_out(void)
{
  MgStage stage;
  mg_stage_init(&stage, &lister_class, NULL);
  for (guint i = 0; i <= MG_WINDOW_TRACKS; i++) {
    g_autofree char *id = g_strdup_printf("v%u", i);
    g_autoptr(MgStream) stream = mg_fake_video(id);
    g_autoptr(GError) error = NULL;
    MgPort *port = mg_harness_stream(stage.harness, stream, &error);
    const MgFakeChunk chunk = { .duration_ms = 4000, .flags = FIRST };
    mg_harness_push(stage.harness, port, mg_fake_chunk(stream, &chunk), &error);
    g_assert_no_error(error);
  }
  g_assert_cmpuint(mg_window_n_tracks(lister_window(&stage)), ==, MG_WINDOW_TRACKS);
  g_assert_true(mg_stage_has(&stage, "v15-init-0.mp4"));
  g_assert_false(mg_stage_has(&stage, "v16-init-0.mp4"));
  mg_stage_clear(&stage);
}

/* --- another form of the segments --------------------------------------------------------------- */

static void
put_names(MgWindow *window, const MgSegmentRow *row)
{
  gpointer impl;
  const MgHttpInterface *http = mg_window_http(window, &impl);
  const MgHttpContent content = { .size = sizeof content, .content_type = "text/plain" };
  for (guint t = 0; t < mg_window_n_tracks(window); t++)
    if (row->segments[t] != NULL)
      http->folder_put(mg_window_folder(window), row->segments[t]->uri, &content);
}

static void
test_a_view_puts_rows_itself(void)
{
  static const MgOutputView view = { ".x", put_names };
  MgStage stage;
  lister_view = &view;
  mg_stage_init(&stage, &lister_class, NULL);
  lister_view = NULL;
  mg_stage_nth(&stage, 0);
  assert_log(&stage, "put /live/test/video-0.x\n"
                     "put /live/test/audio-0.x\n"
                     "put /live/test/list\n");
  for (guint64 n = 1; n < 9; n++)
    mg_stage_nth(&stage, n);
  g_assert_false(mg_stage_has(&stage, "video-0.x"));
  g_assert_true(mg_stage_has(&stage, "video-720000.x"));
  g_assert_null(mg_window_newest(lister_window(&stage), 0)->init_uri);
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/window/" name, function)
  T("bytes-come-before-the-row", test_bytes_come_before_the_row);
  T("a-segment-is-its-chunks-in-order", test_a_segment_is_its_chunks_in_order);
  T("a-segment-without-its-beginning-is-left-out",
    test_a_segment_without_its_beginning_is_left_out);
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
  T("an-event-whose-numbers-jump-lets-go", test_an_event_whose_numbers_jump_lets_go);
  T("a-segment-outlives-its-row", test_a_segment_outlives_its_row);
  T("a-list-is-never-shorter-than-three-targets", test_a_list_is_never_shorter_than_three_targets);
  T("an-event-keeps-everything", test_an_event_keeps_everything);
  T("another-window-still-has-what-this-one-removed",
    test_another_window_still_has_what_this_one_removed);
  T("an-init-segment-goes-with-its-last-segment", test_an_init_segment_goes_with_its_last_segment);
  T("the-same-parameters-keep-their-init-segment",
    test_the_same_parameters_keep_their_init_segment);
  T("a-path-must-be-absolute", test_a_path_must_be_absolute);
  T("a-path-that-is-taken-is-refused", test_a_path_that_is_taken);
  T("a-path-is-free-again-behind-its-window", test_a_path_is_free_again);
  T("a-name-must-be-a-file-name", test_a_name_must_be_a_file_name);
  T("a-track-must-say-enough-of-itself", test_a_track_must_say_enough_of_itself);
  T("bytes-are-those-of-the-list", test_bytes_are_those_of_the_list);
  T("flags-are-those-of-all-that-was-listed", test_flags_are_those_of_all_that_was_listed);
  T("what-is-no-chunk-is-refused", test_what_is_no_chunk_is_refused);
  T("a-seventeenth-track-is-left-out", test_a_seventeenth_track_is_left_out);
  T("a-view-puts-rows-itself", test_a_view_puts_rows_itself);
#undef T
  return g_test_run();
}
