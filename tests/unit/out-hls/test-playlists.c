#include "doubles/stage.h"
#include "out-hls/node.h"

#include <string.h>

enum {
  DISCONT = MG_CHUNK_DISCONT | MG_CHUNK_INDEPENDENT,
  FORCED = MG_CHUNK_FORCED_CUT,
  WHOLE = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_ENDS_SEGMENT | MG_CHUNK_INDEPENDENT,
};

static void
assert_served(MgStage *stage, const char *name, const char *wanted)
{
  g_autofree char *text = mg_stage_get(stage, name);
  g_assert_cmpstr(text, ==, wanted);
}

static void
assert_has_line(MgStage *stage, const char *name, const char *line)
{
  g_autofree char *text = mg_stage_get(stage, name);
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  if (!g_strv_contains((const char *const *) lines, line))
    g_error("%s has no line %s:\n%s", name, line, text);
}

static gboolean
mentions(MgStage *stage, const char *name, const char *what)
{
  g_autofree char *text = mg_stage_get(stage, name);
  return strstr(text, what) != NULL;
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

/* --- the usual --------------------------------------------------------------------------------- */

static void
test_audio_and_video(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_nth(&stage, 0);
  mg_stage_nth(&stage, 1);
  assert_served(&stage, "video.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"video-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-0.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-360000.m4s\n");
  assert_served(&stage, "audio.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"audio-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-0.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-192000.m4s\n");
  /* 1 Mb/s each, measured, and half as much again. */
  assert_served(&stage, "index.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-INDEPENDENT-SEGMENTS\n"
                "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",DEFAULT=YES,"
                "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"audio.m3u8\"\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,"
                "CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,"
                "AUDIO=\"audio\",CLOSED-CAPTIONS=NONE\n"
                "video.m3u8\n");
  mg_stage_clear(&stage);
}

static void
is_pq(MgStreamInfo *info)
{
  info->codecs = "hvc1.2.4.L153.B0";
  info->colour = (MgColour){ 9, 16, 9, FALSE };
}

static void
is_hlg(MgStreamInfo *info)
{
  info->colour = (MgColour){ 9, 18, 9, FALSE };
}

static void
is_sdr(MgStreamInfo *info)
{
  info->colour = (MgColour){ 1, 1, 1, FALSE };
}

static void
test_range(void)
{
  static const struct {
    void (*edit)(MgStreamInfo *info);
    const char *variant;
  } all[] = {
    { is_pq, "CODECS=\"hvc1.2.4.L153.B0\",RESOLUTION=640x360,FRAME-RATE=25.000,VIDEO-RANGE=PQ,"
             "CLOSED-CAPTIONS=NONE\n" },
    { is_hlg, "FRAME-RATE=25.000,VIDEO-RANGE=HLG,CLOSED-CAPTIONS=NONE\n" },
    { is_sdr, "FRAME-RATE=25.000,CLOSED-CAPTIONS=NONE\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgStage stage;
    mg_stage_init(&stage, &out_hls_class, NULL);
    MgStream *video = mg_fake_stream_like(stage.video_stream, all[i].edit);
    MgPort *port = NULL;
    const MgFakeChunk chunk = { .duration_ms = 4000, .flags = WHOLE };
    mg_stage_push(&stage, &port, video, &chunk);
    g_autofree char *text = mg_stage_get(&stage, "index.m3u8");
    g_assert_nonnull(strstr(text, all[i].variant));
    mg_stream_unref(video);
    mg_stage_clear(&stage);
  }
}

static void
test_video_alone(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000 });
  assert_served(&stage, "index.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-INDEPENDENT-SEGMENTS\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=1500000,AVERAGE-BANDWIDTH=1000000,"
                "CODECS=\"avc1.64001e\",RESOLUTION=640x360,FRAME-RATE=25.000,"
                "CLOSED-CAPTIONS=NONE\n"
                "video.m3u8\n");
  mg_stage_clear(&stage);
}

static void
test_audio_alone(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_audio(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000 });
  assert_served(&stage, "index.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-INDEPENDENT-SEGMENTS\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=1500000,AVERAGE-BANDWIDTH=1000000,"
                "CODECS=\"mp4a.40.2\"\n"
                "audio.m3u8\n");
  mg_stage_clear(&stage);
}

static void
test_segments_then_media_then_multivariant(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_nth(&stage, 0);
  assert_log(&stage, "put /live/test/video-init-0.mp4\n"
                     "put /live/test/audio-init-0.mp4\n"
                     "put /live/test/video-0.m4s\n"
                     "put /live/test/audio-0.m4s\n"
                     "put /live/test/video.m3u8\n"
                     "put /live/test/audio.m3u8\n"
                     "put /live/test/index.m3u8\n");
  mg_stage_nth(&stage, 1);
  assert_log(&stage, "put /live/test/video-360000.m4s\n"
                     "put /live/test/audio-192000.m4s\n"
                     "put /live/test/video.m3u8\n"
                     "put /live/test/audio.m3u8\n");
  mg_stage_clear(&stage);
}

static void
test_playlists_hold_for_half_a_target_duration(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_nth(&stage, 0);
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/video.m3u8"), ==,
                  "short 2000, application/vnd.apple.mpegurl");
  g_assert_cmpstr(mg_fake_http_about(stage.http, "/live/test/index.m3u8"), ==,
                  "short 2000, application/vnd.apple.mpegurl");
  mg_stage_clear(&stage);
}

static void
test_the_window_slides(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s'");
  for (guint n = 0; n < 5; n++)
    mg_stage_nth(&stage, n);
  assert_served(&stage, "audio.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:2\n"
                "#EXT-X-MAP:URI=\"audio-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:08.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-384000.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:12.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-576000.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-768000.m4s\n");
  mg_stage_clear(&stage);
}

/* A segment of both tracks has a megabyte. */
static void
test_an_event_that_is_too_large_ends(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "type='event' event-size='3MB'");
  for (guint n = 0; n < 2; n++)
    mg_stage_nth(&stage, n);
  g_assert_false(mentions(&stage, "video.m3u8", "#EXT-X-ENDLIST"));
  for (guint n = 2; n < 5; n++)
    mg_stage_nth(&stage, n);
  mg_harness_pause(stage.harness);
  mg_harness_drain(stage.harness);
  for (guint i = 0; i < 2; i++) {
    const char *playlist = i == 0 ? "video.m3u8" : "audio.m3u8";
    assert_has_line(&stage, playlist, "#EXT-X-PLAYLIST-TYPE:EVENT");
    assert_has_line(&stage, playlist, "#EXT-X-MEDIA-SEQUENCE:0");
    assert_has_line(&stage, playlist, "#EXT-X-ENDLIST");
  }
  assert_has_line(&stage, "video.m3u8", "video-720000.m4s");
  g_assert_false(mentions(&stage, "video.m3u8", "video-1080000.m4s"));
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  g_assert_false(mg_stage_has(&stage, "video-1080000.m4s"));
  mg_stage_clear(&stage);
}

static void
test_an_event_only_grows(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s' type='event'");
  for (guint n = 0; n < 20; n++)
    mg_stage_nth(&stage, n);
  assert_has_line(&stage, "video.m3u8", "#EXT-X-PLAYLIST-TYPE:EVENT");
  assert_has_line(&stage, "video.m3u8", "#EXT-X-MEDIA-SEQUENCE:0");
  assert_has_line(&stage, "video.m3u8", "video-0.m4s");
  assert_has_line(&stage, "video.m3u8", "video-6840000.m4s");
  mg_stage_clear(&stage);
}

/* --- discontinuities --------------------------------------------------------------------------- */

static void
test_a_pause_is_a_discontinuity_and_no_end(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s'");
  mg_stage_pause_and_resume(&stage, 60000, 1);
  assert_served(&stage, "video.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"video-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:1.000000,\n"
                "video-0.m4s\n"
                "#EXT-X-DISCONTINUITY\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:01:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-5400000.m4s\n");
  mg_stage_clear(&stage);
}

/* RFC 8216bis, 6.2.2: it counts tags that have left, and the one in front of a listed segment has not. */
static void
test_the_discontinuity_sequence_counts_tags_that_left(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s'");
  mg_stage_pause_and_resume(&stage, 60000, 3);
  assert_has_line(&stage, "video.m3u8", "#EXT-X-MEDIA-SEQUENCE:1");
  assert_has_line(&stage, "video.m3u8", "#EXT-X-DISCONTINUITY");
  g_assert_false(mentions(&stage, "video.m3u8", "DISCONTINUITY-SEQUENCE"));
  mg_stage_both(&stage, (MgFakeChunk){ .number = 4,
                                       .discontinuity = 1,
                                       .period_start_ms = 60000,
                                       .start_ms = 72000,
                                       .duration_ms = 4000 });
  assert_has_line(&stage, "video.m3u8", "#EXT-X-MEDIA-SEQUENCE:2");
  assert_has_line(&stage, "video.m3u8", "#EXT-X-DISCONTINUITY-SEQUENCE:1");
  assert_has_line(&stage, "audio.m3u8", "#EXT-X-DISCONTINUITY-SEQUENCE:1");
  g_assert_false(mentions(&stage, "video.m3u8", "#EXT-X-DISCONTINUITY\n"));
  mg_stage_clear(&stage);
}

static void
test_a_restart_goes_on_counting(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_both(&stage, (MgFakeChunk){ .number = 812,
                                       .discontinuity = 5,
                                       .period_start_ms = 90000,
                                       .start_ms = 90000,
                                       .duration_ms = 4000,
                                       .flags = DISCONT });
  assert_served(&stage, "video.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:812\n"
                "#EXT-X-DISCONTINUITY-SEQUENCE:4\n"
                "#EXT-X-DISCONTINUITY\n"
                "#EXT-X-MAP:URI=\"video-init-8100000.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:01:30.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-8100000.m4s\n");
  mg_stage_clear(&stage);
}

static void
make_larger(MgStreamInfo *info)
{
  info->width = 1280;
  info->height = 720;
  info->codecs = "avc1.64001f";
}

static void
test_new_parameters_have_a_new_map(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_nth(&stage, 0);
  forget_log(&stage);
  mg_stage_edit(&stage.video_stream, make_larger);
  mg_stage_both(&stage, (MgFakeChunk){ .number = 1,
                                       .discontinuity = 1,
                                       .period_start_ms = 4000,
                                       .start_ms = 4000,
                                       .duration_ms = 4000,
                                       .flags = DISCONT });
  assert_log(&stage, "put /live/test/video-init-360000.mp4\n"
                     "put /live/test/video-360000.m4s\n"
                     "put /live/test/audio-192000.m4s\n"
                     "put /live/test/video.m3u8\n"
                     "put /live/test/audio.m3u8\n"
                     "put /live/test/index.m3u8\n");
  assert_served(&stage, "video.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"video-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-0.m4s\n"
                "#EXT-X-DISCONTINUITY\n"
                "#EXT-X-MAP:URI=\"video-init-360000.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-360000.m4s\n");
  g_assert_true(
      mentions(&stage, "index.m3u8", "CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720"));
  mg_stage_clear(&stage);
}

/* --- gaps and tracks that come and go ------------------------------------------------------------ */

static void
test_a_track_without_a_segment_has_a_gap(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_gap(&stage, 3960);
  assert_served(&stage, "audio.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"audio-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-0.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXT-X-GAP\n"
                "#EXTINF:3.960000,\n"
                "gap.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:08.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-384000.m4s\n");
  mg_stage_clear(&stage);
}

static void
test_a_track_that_joins_begins_where_it_joined(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_audio(&stage, (MgFakeChunk){ .number = 7, .start_ms = 0, .duration_ms = 4000 });
  mg_stage_both(&stage, (MgFakeChunk){ .number = 8,
                                       .discontinuity = 1,
                                       .period_start_ms = 4000,
                                       .start_ms = 4000,
                                       .duration_ms = 4000,
                                       .flags = DISCONT });
  assert_served(&stage, "video.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:8\n"
                "#EXT-X-DISCONTINUITY\n"
                "#EXT-X-MAP:URI=\"video-init-360000.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXTINF:4.000000,\n"
                "video-360000.m4s\n");
  g_assert_true(
      mentions(&stage, "index.m3u8", "AUDIO=\"audio\",CLOSED-CAPTIONS=NONE\nvideo.m3u8\n"));
  g_assert_false(mentions(&stage, "index.m3u8", "\naudio.m3u8"));
  mg_stage_clear(&stage);
}

static void
test_a_track_that_is_gone_leaves_the_multivariant(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s'");
  mg_stage_nth(&stage, 0);
  mg_harness_end(stage.harness, stage.audio);
  for (guint n = 1; n < 4; n++)
    mg_stage_video(&stage, (MgFakeChunk){ .number = n, .start_ms = n * 4000, .duration_ms = 4000 });
  assert_served(&stage, "index.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-INDEPENDENT-SEGMENTS\n"
                "#EXT-X-STREAM-INF:BANDWIDTH=1500000,AVERAGE-BANDWIDTH=1000000,"
                "CODECS=\"avc1.64001e\",RESOLUTION=640x360,FRAME-RATE=25.000,"
                "CLOSED-CAPTIONS=NONE\n"
                "video.m3u8\n");
  mg_stage_clear(&stage);
}

/* --- the multivariant playlist ------------------------------------------------------------------- */

static void
declare_rates(MgStreamInfo *info)
{
  info->bitrate = 1000000;
  info->frame_rate = (MgFraction){ 24, 1 };
}

static void
test_credible_rates_are_those_declared(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_edit(&stage.video_stream, declare_rates);
  mg_stage_video(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000, .n_samples = 95 });
  g_assert_true(mentions(&stage, "index.m3u8", "BANDWIDTH=1325000,AVERAGE-BANDWIDTH=1000000,"));
  g_assert_true(mentions(&stage, "index.m3u8", "FRAME-RATE=24.000,"));
  mg_stage_clear(&stage);
}

static void
test_it_changes_only_when_it_is_untrue(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .start_ms = 0, .duration_ms = 4000 });
  g_autofree char *first = mg_stage_get(&stage, "index.m3u8");
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000, .bytes = 700000 });
  assert_served(&stage, "index.m3u8", first);
  mg_stage_video(
      &stage, (MgFakeChunk){ .number = 2, .start_ms = 8000, .duration_ms = 4000, .bytes = 800000 });
  g_assert_true(mentions(&stage, "index.m3u8", ":BANDWIDTH=2000000,"));
  mg_stage_clear(&stage);
}

static void
test_a_forced_cut_ends_independence(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "window='12s'");
  mg_stage_nth(&stage, 0);
  g_assert_true(mentions(&stage, "index.m3u8", "INDEPENDENT"));
  mg_stage_both(
      &stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 4000, .flags = FORCED });
  g_assert_false(mentions(&stage, "index.m3u8", "INDEPENDENT"));
  for (guint n = 2; n < 6; n++)
    mg_stage_nth(&stage, n);
  g_assert_false(mentions(&stage, "video.m3u8", "video-360000.m4s"));
  g_assert_false(mentions(&stage, "index.m3u8", "INDEPENDENT"));
  mg_stage_clear(&stage);
}

static void
is_720p(MgStreamInfo *info)
{
  info->id = "720p";
  info->rendition_of = "video";
}

static void
is_low(MgStreamInfo *info)
{
  info->id = "low";
  info->rendition_of = "audio";
  info->codecs = "mp4a.40.5";
}

static void
is_french(MgStreamInfo *info)
{
  info->id = "fr";
  info->language = "fr";
}

/* Two pictures, one sound in two qualities, and another sound. */
static void
test_qualities_and_languages_go_into_groups(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  MgStream *more[] = { mg_fake_stream_like(stage.video_stream, is_720p),
                       mg_fake_stream_like(stage.audio_stream, is_low),
                       mg_fake_stream_like(stage.audio_stream, is_french) };
  mg_stage_with_more(&stage, more, G_N_ELEMENTS(more));
  assert_served(
      &stage, "index.m3u8",
      "#EXTM3U\n"
      "#EXT-X-VERSION:6\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
      "CHANNELS=\"2\",URI=\"audio.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"fr\",LANGUAGE=\"fr\",DEFAULT=NO,"
      "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"fr.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-2\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
      "CHANNELS=\"2\",URI=\"low.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-2\",NAME=\"fr\",LANGUAGE=\"fr\",DEFAULT=NO,"
      "AUTOSELECT=YES,CHANNELS=\"2\",URI=\"fr.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,"
      "CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO=\"audio\","
      "CLOSED-CAPTIONS=NONE\n"
      "video.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,"
      "CODECS=\"avc1.64001e,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,AUDIO=\"audio\","
      "CLOSED-CAPTIONS=NONE\n"
      "720p.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,"
      "CODECS=\"avc1.64001e,mp4a.40.5,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,"
      "AUDIO=\"audio-2\",CLOSED-CAPTIONS=NONE\n"
      "video.m3u8\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=3000000,AVERAGE-BANDWIDTH=2000000,"
      "CODECS=\"avc1.64001e,mp4a.40.5,mp4a.40.2\",RESOLUTION=640x360,FRAME-RATE=25.000,"
      "AUDIO=\"audio-2\",CLOSED-CAPTIONS=NONE\n"
      "720p.m3u8\n");
  mg_stage_clear(&stage);
}

static void
test_sound_without_pictures(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "audio-only='yes'");
  MgStream *more[] = { mg_fake_stream_like(stage.audio_stream, is_french) };
  mg_stage_with_more(&stage, more, G_N_ELEMENTS(more));
  assert_has_line(&stage, "index.m3u8",
                  "#EXT-X-STREAM-INF:BANDWIDTH=1500000,AVERAGE-BANDWIDTH=1000000,"
                  "CODECS=\"mp4a.40.2\",AUDIO=\"audio\"");
  assert_has_line(&stage, "index.m3u8", "audio.m3u8");
  mg_stage_clear(&stage);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
test_the_end_is_told_and_stays_for_a_while(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "keep-after-end='30s'");
  mg_stage_nth(&stage, 0);
  mg_stage_both(&stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = 1000 });
  forget_log(&stage);
  mg_harness_drain(stage.harness);
  assert_log(&stage, "put /live/test/video.m3u8\n"
                     "put /live/test/audio.m3u8\n"
                     "retire /live/test 30s\n");
  assert_served(&stage, "audio.m3u8",
                "#EXTM3U\n"
                "#EXT-X-VERSION:6\n"
                "#EXT-X-TARGETDURATION:4\n"
                "#EXT-X-MEDIA-SEQUENCE:0\n"
                "#EXT-X-MAP:URI=\"audio-init-0.mp4\"\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                "#EXTINF:4.000000,\n"
                "audio-0.m4s\n"
                "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                "#EXTINF:1.000000,\n"
                "audio-192000.m4s\n"
                "#EXT-X-ENDLIST\n");
  mg_stage_clear(&stage);
}

static void
test_what_was_never_finished_is_listed_at_the_end(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_video(&stage, (MgFakeChunk){ .duration_ms = 1000, .flags = MG_CHUNK_STARTS_SEGMENT });
  g_assert_false(mg_stage_has(&stage, "video.m3u8"));
  mg_harness_drain(stage.harness);
  assert_has_line(&stage, "video.m3u8", "video-0.m4s");
  assert_has_line(&stage, "video.m3u8", "#EXT-X-ENDLIST");
  mg_stage_clear(&stage);
}

static void
test_without_media_nothing_is_published(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_harness_drain(stage.harness);
  assert_log(&stage, "retire /live/test 60s\n");
  mg_stage_clear(&stage);
}

static void
test_a_failure_is_no_end(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  mg_stage_nth(&stage, 0);
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_harness_reopen(stage.harness, &error));
  g_assert_no_error(error);
  g_assert_false(mentions(&stage, "video.m3u8", "ENDLIST"));
  mg_stage_nth(&stage, 1);
  assert_has_line(&stage, "video.m3u8", "#EXT-X-MEDIA-SEQUENCE:1");
  g_assert_true(mg_stage_has(&stage, "video-0.m4s"));
  mg_stage_clear(&stage);
}

/* --- attributes -------------------------------------------------------------------------------- */

static void
test_path_and_name_can_be_chosen(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "path='/tv/${stream}/hls' name='master.m3u8'");
  mg_stage_nth(&stage, 0);
  g_assert_nonnull(mg_fake_http_about(stage.http, "/tv/test/hls/master.m3u8"));
  g_assert_nonnull(mg_fake_http_about(stage.http, "/tv/test/hls/video-0.m4s"));
  mg_stage_clear(&stage);
}

static void
is_index(MgStreamInfo *info)
{
  info->id = "index";
}

static void
test_a_track_may_not_take_the_name(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, NULL);
  g_autoptr(GError) error = NULL;
  mg_stage_edit(&stage.video_stream, is_index);
  g_assert_null(mg_harness_stream(stage.harness, stage.video_stream, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, "its playlist would be index.m3u8, which is taken");
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/out-hls/" name, function)
  T("audio-and-video", test_audio_and_video);
  T("video-alone", test_video_alone);
  T("high-dynamic-range-is-told", test_range);
  T("audio-alone", test_audio_alone);
  T("segments-then-media-then-multivariant", test_segments_then_media_then_multivariant);
  T("playlists-hold-for-half-a-target-duration", test_playlists_hold_for_half_a_target_duration);
  T("the-window-slides", test_the_window_slides);
  T("an-event-only-grows", test_an_event_only_grows);
  T("an-event-that-is-too-large-ends", test_an_event_that_is_too_large_ends);
  T("a-pause-is-a-discontinuity-and-no-end", test_a_pause_is_a_discontinuity_and_no_end);
  T("the-discontinuity-sequence-counts-tags-that-left",
    test_the_discontinuity_sequence_counts_tags_that_left);
  T("a-restart-goes-on-counting", test_a_restart_goes_on_counting);
  T("new-parameters-have-a-new-map", test_new_parameters_have_a_new_map);
  T("a-track-without-a-segment-has-a-gap", test_a_track_without_a_segment_has_a_gap);
  T("a-track-that-joins-begins-where-it-joined", test_a_track_that_joins_begins_where_it_joined);
  T("a-track-that-is-gone-leaves-the-multivariant",
    test_a_track_that_is_gone_leaves_the_multivariant);
  T("credible-rates-are-those-declared", test_credible_rates_are_those_declared);
  T("it-changes-only-when-it-is-untrue", test_it_changes_only_when_it_is_untrue);
  T("a-forced-cut-ends-independence", test_a_forced_cut_ends_independence);
  T("qualities-and-languages-go-into-groups", test_qualities_and_languages_go_into_groups);
  T("sound-without-pictures-is-a-variant", test_sound_without_pictures);
  T("the-end-is-told-and-stays-for-a-while", test_the_end_is_told_and_stays_for_a_while);
  T("what-was-never-finished-is-listed-at-the-end",
    test_what_was_never_finished_is_listed_at_the_end);
  T("without-media-nothing-is-published", test_without_media_nothing_is_published);
  T("a-failure-is-no-end", test_a_failure_is_no_end);
  T("path-and-name-can-be-chosen", test_path_and_name_can_be_chosen);
  T("a-track-may-not-take-the-name", test_a_track_may_not_take_the_name);
#undef T
  return g_test_run();
}
