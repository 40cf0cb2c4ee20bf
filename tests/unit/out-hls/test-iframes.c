/* Playlists of key frames. */
#include "doubles/stage.h"
#include "out-hls/node.h"

#include <string.h>

/* The second segment does not begin with one. */
static void
test_key_frames(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "iframes='yes'");
  mg_stage_video(&stage, (MgFakeChunk){ .duration_ms = 4000, .first_bytes = 500 });
  mg_stage_video(&stage, (MgFakeChunk){ .number = 1,
                                        .start_ms = 4000,
                                        .duration_ms = 4000,
                                        .first_bytes = 40,
                                        .flags = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_ENDS_SEGMENT |
                                                 MG_CHUNK_FORCED_CUT });
  g_autofree char *text = mg_stage_get(&stage, "video-iframes.m3u8");
  g_assert_cmpstr(text, ==,
                  "#EXTM3U\n"
                  "#EXT-X-VERSION:5\n"
                  "#EXT-X-TARGETDURATION:4\n"
                  "#EXT-X-MEDIA-SEQUENCE:0\n"
                  "#EXT-X-I-FRAMES-ONLY\n"
                  "#EXT-X-MAP:URI=\"video-init-0.mp4\"\n"
                  "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z\n"
                  "#EXTINF:4.000000,\n"
                  "#EXT-X-BYTERANGE:510@0\n"
                  "video-0.m4s\n"
                  "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z\n"
                  "#EXT-X-GAP\n"
                  "#EXTINF:4.000000,\n"
                  "gap.m4s\n");
  g_autofree char *index = mg_stage_get(&stage, "index.m3u8");
  g_assert_nonnull(strstr(index,
                          "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1500000,CODECS=\"avc1.64001e\","
                          "RESOLUTION=640x360,URI=\"video-iframes.m3u8\"\n"));
  mg_stage_audio(&stage, (MgFakeChunk){ .duration_ms = 4000, .first_bytes = 500 });
  g_assert_false(mg_stage_has(&stage, "audio-iframes.m3u8"));
  mg_stage_clear(&stage);
}

static void
test_they_move_on_with_the_window(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "iframes='yes' window='12s'");
  for (guint n = 0; n < 5; n++)
    mg_stage_video(
        &stage,
        (MgFakeChunk){ .number = n, .start_ms = n * 4000, .duration_ms = 4000, .first_bytes = 90 });
  g_autofree char *text = mg_stage_get(&stage, "video-iframes.m3u8");
  g_assert_nonnull(strstr(text, "#EXT-X-MEDIA-SEQUENCE:2\n"));
  g_assert_null(strstr(text, "video-360000.m4s"));
  g_assert_nonnull(strstr(text, "#EXT-X-BYTERANGE:100@0\nvideo-1440000.m4s\n"));
  mg_harness_drain(stage.harness);
  g_autofree char *ended = mg_stage_get(&stage, "video-iframes.m3u8");
  g_assert_nonnull(strstr(ended, "#EXT-X-ENDLIST\n"));
  mg_stage_clear(&stage);
}

static void
test_a_segmenter_that_does_not_tell(void)
{
  MgStage stage;
  mg_stage_init(&stage, &out_hls_class, "iframes='yes'");
  mg_stage_nth(&stage, 0);
  g_assert_false(mg_stage_has(&stage, "video-iframes.m3u8"));
  g_autofree char *index = mg_stage_get(&stage, "index.m3u8");
  g_assert_null(strstr(index, "I-FRAME"));
  mg_stage_clear(&stage);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/out-hls/iframes/are-byte-ranges-of-segments", test_key_frames);
  g_test_add_func("/out-hls/iframes/move-on-with-the-window", test_they_move_on_with_the_window);
  g_test_add_func("/out-hls/iframes/are-not-offered-when-nobody-knows-them",
                  test_a_segmenter_that_does_not_tell);
  return g_test_run();
}
