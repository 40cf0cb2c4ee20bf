/* Segments as transport streams, of what segment-cmaf really makes. */
#include "doubles/fake-http.h"
#include "out-hls/node.h"
#include "unit/segment-cmaf/cutter.h"

#include <string.h>

enum { PACKET = 188, SYNC = 0x47 };

typedef struct {
  Cutter cutter;
  MgHttp *http;
  MgHarness *harness;
  MgPort *video, *audio;
} Chain;

static void
chain_init(Chain *chain)
{
  g_autoptr(GError) error = NULL;
  cutter_init(&chain->cutter, "segment='2s'");
  chain->http = mg_fake_http_new();
  mg_fake_http_offer(chain->http);
  chain->harness = mg_harness_new(&out_hls_class, "container='ts'", &error);
  g_assert_no_error(error);
  chain->video = chain->audio = NULL;
}

static void
chain_clear(Chain *chain)
{
  mg_harness_free(chain->harness);
  mg_fake_http_free(chain->http);
  cutter_clear(&chain->cutter);
}

static void
give(Chain *chain, MgPort **port, MgBuffer *chunk)
{
  g_autoptr(GError) error = NULL;
  if (*port == NULL)
    *port = mg_harness_stream(chain->harness, chunk->stream, &error);
  g_assert_no_error(error);
  mg_harness_push(chain->harness, *port, mg_buffer_ref(chunk), &error);
  g_assert_no_error(error);
}

static MgBuffer *
at(GPtrArray *chunks, guint n)
{
  return n < chunks->len ? g_ptr_array_index(chunks, n) : NULL;
}

/* What the segmenter makes of SECONDS, in the order of arrival. */
static void
run(Chain *chain, gdouble seconds)
{
  cutter_run(&chain->cutter, seconds);
  cutter_drain(&chain->cutter);
  guint v = 0, a = 0;
  for (;;) {
    MgBuffer *video = at(chain->cutter.video_chunks, v), *audio = at(chain->cutter.audio_chunks, a);
    if (video == NULL && audio == NULL)
      break;
    gboolean is_video = audio == NULL || (video != NULL && video->arrival <= audio->arrival);
    give(chain, is_video ? &chain->video : &chain->audio, is_video ? video : audio);
    *(is_video ? &v : &a) += 1;
  }
  mg_harness_drain(chain->harness);
}

/* How many packets of PID there are in the segment of that name. */
static guint
count_packets(Chain *chain, const char *name, guint pid)
{
  gsize size;
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  const guint8 *bytes = (const guint8 *) mg_fake_http_peek(chain->http, path, &size);
  guint n = 0;
  g_assert_cmpuint(size, >, 0);
  g_assert_cmpuint(size % PACKET, ==, 0);
  for (gsize at = 0; at < size; at += PACKET) {
    g_assert_cmpuint(bytes[at], ==, SYNC);
    n += ((bytes[at + 1] & 0x1fu) << 8 | bytes[at + 2]) == pid;
  }
  return n;
}

static void
test_picture_and_sound_are_in_one(void)
{
  Chain chain;
  chain_init(&chain);
  run(&chain, 5);
  g_assert_cmpuint(count_packets(&chain, "video-0.ts", 0), ==, 1);
  g_assert_cmpuint(count_packets(&chain, "video-0.ts", 0x100), >=, 50); /* a frame needs several */
  g_assert_cmpuint(count_packets(&chain, "video-0.ts", 0x101), >=, 20);
  g_assert_cmpuint(count_packets(&chain, "audio-0.ts", 0x100), >=, 20);
  g_autofree char *playlist = mg_fake_http_get(chain.http, "/live/test/video.m3u8");
  g_assert_nonnull(strstr(playlist, "\nvideo-0.ts\n"));
  g_assert_null(strstr(playlist, "EXT-X-MAP"));
  g_autofree char *index = mg_fake_http_get(chain.http, "/live/test/index.m3u8");
  g_assert_nonnull(strstr(index, "\nvideo.m3u8\n"));
  g_assert_nonnull(strstr(index, ",mp4a.40.2\""));
  g_assert_null(strstr(index, "EXT-X-MEDIA"));
  chain_clear(&chain);
}

static void
test_sound_alone(void)
{
  Chain chain;
  chain_init(&chain);
  chain.cutter.has_no_video = TRUE;
  run(&chain, 5);
  g_assert_cmpuint(count_packets(&chain, "audio-0.ts", 0x100), >=, 20);
  chain_clear(&chain);
}

/* Its programme has sound all the same: what players expect stays as it is. */
static void
test_a_gap_in_the_sound(void)
{
  Chain chain;
  chain_init(&chain);
  cutter_run(&chain.cutter, 2);
  cutter_skip_audio(&chain.cutter, 6);
  run(&chain, 10);
  g_autofree char *playlist = mg_fake_http_get(chain.http, "/live/test/audio.m3u8");
  g_assert_nonnull(strstr(playlist, "EXT-X-GAP"));
  g_assert_cmpuint(count_packets(&chain, "video-360000.ts", 0x100), >=, 50);
  g_assert_cmpuint(count_packets(&chain, "video-360000.ts", 0x101), ==, 0);
  chain_clear(&chain);
}

static void
offer_vp9(Chain *chain, GError **error)
{
  g_autoptr(MgData) bytes = mg_data_new_copy("x", 1);
  const MgStreamInfo info = {
    .size = sizeof info,
    .id = "video",
    .media = MG_MEDIA_VIDEO,
    .form = MG_FORM_CHUNK,
    .codec = MG_CODEC_VP9,
    .codecs = "vp09.00.10.08",
    .timescale = 90000,
    .init = bytes,
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  g_assert_null(mg_harness_stream(chain->harness, stream, error));
}

static void
test_what_it_cannot_carry_is_refused(void)
{
  Chain chain;
  g_autoptr(GError) error = NULL;
  chain_init(&chain);
  offer_vp9(&chain, &error);
  g_assert_error(error, MG_ERROR, MG_ERROR_UNSUPPORTED);
  chain_clear(&chain);
}

static void
test_what_needs_fmp4_is_refused(void)
{
  static const char *const attributes[] = { "container='ts' low-latency='yes'",
                                            "container='ts' iframes='yes'",
                                            "container='ts' dir='/tmp/x'" };
  for (guint i = 0; i < G_N_ELEMENTS(attributes); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(mg_harness_new(&out_hls_class, attributes[i], &error));
    g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/out-hls/ts/" name, function)
  T("picture-and-sound-are-in-one", test_picture_and_sound_are_in_one);
  T("sound-alone", test_sound_alone);
  T("a-gap-in-the-sound", test_a_gap_in_the_sound);
  T("what-it-cannot-carry-is-refused", test_what_it_cannot_carry_is_refused);
  T("what-needs-fmp4-is-refused", test_what_needs_fmp4_is_refused);
#undef T
  return g_test_run();
}
