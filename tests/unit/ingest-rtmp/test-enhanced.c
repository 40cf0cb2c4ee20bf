/* Enhanced RTMP: other codecs, several tracks, finer time. See media-fixture.h. */
#include "media-fixture.h"

#include "../rtmp/hex.h"
#include "doubles/rtmp-client.h"

#include <string.h>

/* Main, 64x64, 25 fps. */
static const guint8 hvcc[] = {
  0x01, 0x01, 0x60, 0x00, 0x00, 0x00, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x1e, 0xf0, 0x00, 0xfc,
  0xfd, 0xf8, 0xf8, 0x00, 0x00, 0x0f, 0x03, 0xa0, 0x00, 0x01, 0x00, 0x18, 0x40, 0x01, 0x0c, 0x01,
  0xff, 0xff, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00,
  0x1e, 0x95, 0x98, 0x09, 0xa1, 0x00, 0x01, 0x00, 0x28, 0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00,
  0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x1e, 0xa0, 0x20, 0x81, 0x05, 0x96,
  0x56, 0x69, 0x24, 0xca, 0xf0, 0x16, 0x80, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x0c,
  0x84, 0xa2, 0x00, 0x01, 0x00, 0x07, 0x44, 0x01, 0xc1, 0x72, 0xb4, 0x22, 0x40
};

#define OPUS_HEAD   "'OpusHead' 01 02 3801 80bb0000 0000 00"
#define OPUS_PACKET "fcfffe" /* 20 ms, stereo */
#define HEVC_IDR    "00000005 2801af1d80"
#define HEVC_TRAIL  "00000005 0201d00809"
#define HEVC_SEI    "00000005 4e01050180"
#define VPCC        "00 0a 82 02 02 02 0000"

static void
send(Fixture *f, guint8 type, guint32 timestamp, const char *hex)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  put_hex(&body, hex);
  take(f, type, timestamp, &body);
}

static void
video(Fixture *f, guint32 timestamp, const char *hex)
{
  send(f, MG_RTMP_VIDEO, timestamp, hex);
}

static void
audio(Fixture *f, guint32 timestamp, const char *hex)
{
  send(f, MG_RTMP_AUDIO, timestamp, hex);
}

/* HEVC's configuration behind a header. */
static void
hevc_config(Fixture *f, const char *header)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  put_hex(&body, header);
  mg_writer_bytes(&body, hvcc, sizeof hvcc);
  take(f, MG_RTMP_VIDEO, 0, &body);
}

/* --- codecs ------------------------------------------------------------------------------------ */

static void
test_hevc(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  hevc_config(&f, "90 'hvc1'");
  g_assert_cmpuint(mg_stream_info(f.last_stream)->codec, ==, MG_CODEC_HEVC);
  assert_config(&f, hvcc, sizeof hvcc);
  video(&f, 0, "91 'hvc1' 000028" HEVC_IDR);
  video(&f, 40, "a3 'hvc1'" HEVC_TRAIL);
  video(&f, 80, "a3 'hvc1'" HEVC_SEI);
  video(&f, 80, "a3 'hvc1'" HEVC_TRAIL);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo 0 40 K 9\nvideo 40 40 9\nvideo 80 80 18\n");
}

/* HEVC under H.264's number, and under one that is nobody's. */
static void
test_hevc_in_classic_tags(void)
{
  static const guint numbers[] = { 7, 12 };
  for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
    g_autofree char *config = g_strdup_printf("1%x 00 000000", numbers[i]);
    g_autofree char *frame = g_strdup_printf("1%x 01 000000" HEVC_IDR, numbers[i]);
    g_auto(Fixture) f;
    fixture_init(&f, 0);
    hevc_config(&f, config);
    video(&f, 0, frame);
    assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo 0 0 K 9\n");
  }
}

static void
test_opus(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "91 'Opus'" OPUS_PACKET);
  audio(&f, 0, "90 'Opus'" OPUS_HEAD);
  audio(&f, 20, "91 'Opus'" OPUS_PACKET);
  assert_said(&f, "audio+ Opus 48 kHz stereo\naudio 0 0 K 3\n");
  g_assert_cmpint(f.last->duration, ==, 20 * MG_MILLISECOND);
  g_assert_cmpuint(dropped(&f), ==, 1);
}

static void
assert_speakers(Fixture *f, const char *hex)
{
  const MgSpeakers *speakers = &mg_stream_info(f->last_stream)->speakers;
  assert_hex(speakers->position, speakers->n, hex);
}

/* What is said again changes nothing, nor do more speakers than the configuration has channels. */
static void
test_speakers(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "90 'Opus'" OPUS_HEAD);
  assert_speakers(&f, "");
  audio(&f, 0, "94 'Opus' 02 02 01 00");
  assert_speakers(&f, "01 00");
  audio(&f, 0, "94 'Opus' 02 02 01 00");
  audio(&f, 0, "91 'Opus'" OPUS_PACKET);
  assert_said(&f, "audio+ Opus 48 kHz stereo\naudio= Opus 48 kHz stereo\naudio 0 0 K 3\n");
  audio(&f, 20, "94 'Opus' 01 06 0000060f");
  assert_speakers(&f, "");
  audio(&f, 20, "94 'Opus' 01");
  g_assert_cmpuint(dropped(&f), ==, 1);
  audio(&f, 20, "91 'Opus'" OPUS_PACKET);
  assert_said(&f, "audio= Opus 48 kHz stereo\naudio 20 20 K D 3\n");
}

/* The other order: speakers, and then the configuration. */
static void
test_early_speakers(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "94 'Opus' 01 02 00000005");
  audio(&f, 0, "90 'Opus'" OPUS_HEAD);
  assert_speakers(&f, "00 02");
  assert_said(&f, "audio+ Opus 48 kHz stereo\n");
}

/* MP3 has no configuration: any packet makes one, in both kinds of tags. */
static void
test_mp3(void)
{
  static const char *const headers[] = { "2f", "91 '.mp3'" };
  for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
    g_auto(MgWriter) body = MG_WRITER_INIT;
    put_hex(&body, headers[i]);
    put_hex(&body, "fffb9064"); /* 128 kbit/s, 44.1 kHz, joint stereo: 417 bytes */
    mg_writer_zeros(&body, 413);
    g_auto(Fixture) f;
    fixture_init(&f, 0);
    take(&f, MG_RTMP_AUDIO, 0, &body);
    take(&f, MG_RTMP_AUDIO, 26, &body);
    assert_said(&f, "audio+ MP3 44.1 kHz stereo\naudio 0 0 K 417\naudio 26 26 K 417\n");
    g_assert_cmpint(f.last->duration, ==, 26122449);
  }
}

/* Its configuration does not say how large pictures are; a key frame does, and may say it anew. */
static void
test_vp9(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  video(&f, 0, "90 'vp09'" VPCC);
  assert_said(&f, "");
  video(&f, 0, "a1 'vp09' 86 00 40 92");
  video(&f, 40, "91 'vp09' 82 498342 40 4ff02cf0 00");
  video(&f, 80, "a1 'vp09' 86 00 40 92");
  video(&f, 120, "91 'vp09' 82 498342 40 27f016f0 00");
  assert_said(&f, "video+ VP9 1280x720\nvideo 0 0 K 10\nvideo 40 40 4\n"
                  "video= VP9 640x368\nvideo 80 80 K D 10\n");
  g_assert_cmpuint(dropped(&f), ==, 1);
}

/* --- tracks ------------------------------------------------------------------------------------ */

static void
test_several_tracks_in_one_message(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "95 20 'Opus' 00 000013" OPUS_HEAD "'mp4a' 03 000002 1190");
  audio(&f, 0, "95 21 'Opus' 00 000003" OPUS_PACKET "'mp4a' 03 000002 2110");
  audio(&f, 20, "95 01 'mp4a' 03 2110");
  assert_said(&f, "audio+ Opus 48 kHz stereo\naudio3+ AAC 48 kHz stereo\n"
                  "audio 0 0 K 3\naudio3 0 0 K 2\naudio3 20 20 K 2\n");
}

/* What cannot be carried takes nothing else with it. */
static void
test_one_unknown_of_several(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "95 20 'spex' 00 000001 aa 'mp4a' 01 000002 1190");
  audio(&f, 0, "95 21 'spex' 00 000001 aa 'mp4a' 01 000002 2110");
  assert_said(&f, "audio1+ AAC 48 kHz stereo\naudio1 0 0 K 2\n");
  g_assert_cmpuint(unknown(&f), ==, 2);
}

/* Further videos are qualities of the first. */
static void
test_videos_are_renditions(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  hevc_config(&f, "96 00 'hvc1' 00");
  g_assert_null(mg_stream_info(f.last_stream)->rendition_of);
  hevc_config(&f, "96 00 'hvc1' 01");
  g_assert_cmpstr(mg_stream_info(f.last_stream)->rendition_of, ==, "video");
  video(&f, 0, "96 13 'hvc1' 00 000009" HEVC_IDR "01 000009" HEVC_IDR);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo1+ HEVC 64x64 25 fps\n"
                  "video 0 0 K 9\nvideo1 0 0 K 9\n");
}

static void
test_languages(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0,
       "02 000a 'onMetaData' 03 0013 'audioTrackIdInfoMap' 03 0001 '1' 03"
       "0008 'language' 02 0002 'fr' 000009 000009 000009");
  audio(&f, 0, "95 00 'mp4a' 00 1190");
  g_assert_null(mg_stream_info(f.last_stream)->language);
  audio(&f, 0, "95 00 'mp4a' 01 1190");
  g_assert_cmpstr(mg_stream_info(f.last_stream)->language, ==, "fr");
}

static void
test_too_many_tracks(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  for (guint i = 0; i < 32; i++) {
    g_autofree char *config = g_strdup_printf("95 00 'mp4a' %02x 1190", i * 8);
    audio(&f, 0, config);
  }
  g_assert_cmpuint(f.n_ports, ==, 15); /* sixteen, and one is kept for video */
  g_assert_cmpuint(unknown(&f), ==, 17);
}

/* A track may go over to another codec. */
static void
test_another_codec(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  audio(&f, 0, "af 00 1190");
  audio(&f, 0, "af 01 2110");
  audio(&f, 20, "91 'Opus'" OPUS_PACKET); /* before its configuration */
  audio(&f, 20, "90 'Opus'" OPUS_HEAD);
  audio(&f, 20, "91 'Opus'" OPUS_PACKET);
  assert_said(&f, "audio+ AAC 48 kHz stereo\naudio 0 0 K 2\naudio= Opus 48 kHz stereo\n"
                  "audio 20 20 K D 3\n");
  g_assert_cmpuint(dropped(&f), ==, 1);
}

#define PQ                                                                                         \
  "94 'hvc1' 02 0009 'colorInfo' 03 000b 'colorConfig' 03 000e 'colorPrimaries' 00"                \
  "4022000000000000 0017 'transferCharacteristics' 00 4030000000000000 0012 'matrixCoefficients'"  \
  "00 4022000000000000 000009 0006 'hdrCll' 03 0007 'maxFall' 00 4059000000000000"                 \
  "0006 'maxCLL' 00 408f400000000000 000009 0007 'hdrMdcv' 03 0004 'redX' 00 3fe0000000000000"     \
  "000c 'maxLuminance' 00 408f400000000000 000c 'minLuminance' 00 3f50624dd2f1a9fc"                \
  "000009 000009"

/* --- the start --------------------------------------------------------------------------------- */

#define ANNOUNCES "02 000a 'onMetaData' 03 000c 'audiocodecid' 00 4000000000000000 000009"

static void
mp3(Fixture *f, guint32 timestamp)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  put_hex(&body, "2f fffb9064");
  mg_writer_zeros(&body, 413);
  take(f, MG_RTMP_AUDIO, timestamp, &body);
}

/* Sound that is announced, and declared by its first packet only, is there from the start. */
static void
test_waits_for_announced(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0, ANNOUNCES);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  assert_said(&f, "video+ HEVC 64x64 25 fps\n");
  mp3(&f, 0);
  video(&f, 40, "a3 'hvc1'" HEVC_TRAIL);
  assert_said(&f, "audio+ MP3 44.1 kHz stereo\nvideo 0 0 K 9\naudio 0 0 K 417\nvideo 40 40 9\n");
}

/* A first picture may be news about its track: some encoders know its parameters only then. */
static void
test_waits_through_an_early_change(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0, ANNOUNCES);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, PQ);
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  mp3(&f, 0);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo= HEVC 64x64 25 fps PQ\n"
                  "audio+ MP3 44.1 kHz stereo\nvideo 0 0 K 9\naudio 0 0 K 417\n");
}

/* But not for ever. */
static void
test_announced_and_never_sent(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0, ANNOUNCES);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  f.now += 500 * MG_MILLISECOND;
  video(&f, 40, "a3 'hvc1'" HEVC_TRAIL);
  video(&f, 80, "a3 'hvc1'" HEVC_TRAIL);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo 0 0 K 9\nvideo 40 40 9\nvideo 80 80 9\n");
}

/* A publisher that is gone may have been sent away: nobody is there to take what waits. */
static void
test_waiting_at_the_end(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0, ANNOUNCES);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  g_clear_pointer(&f.media, media_free);
  assert_said(&f, "video+ HEVC 64x64 25 fps\n");
}

/* What waits goes out before its track changes. */
static void
test_waiting_ends(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  send(&f, MG_RTMP_DATA, 0, ANNOUNCES);
  video(&f, 0, "90 'vp09'" VPCC);
  video(&f, 40, "91 'vp09' 82 498342 40 4ff02cf0 00");
  video(&f, 80, "91 'vp09' 82 498342 40 27f016f0 00");
  assert_said(&f, "video+ VP9 1280x720\nvideo 0 0 K 10\nvideo= VP9 640x368\n"
                  "video 40 40 K D 10\n");
}

/* --- time and light ---------------------------------------------------------------------------- */

static void
test_nanoseconds(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  video(&f, 33, "a7 02 051615 01 'hvc1' 000021" HEVC_TRAIL);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo 0 0 K 9\nvideo 33.3333 66.3333 9\n");
  g_assert_cmpint(f.last->dts, ==, 33333333);
  g_assert_cmpint(f.last->pts, ==, 66333333);
}

static void
test_light(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, PQ);
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  video(&f, 40, "93 'hvc1'" HEVC_IDR);
  /* Declared anew before the first picture: nobody has seen anything else. */
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo= HEVC 64x64 25 fps PQ\n"
                  "video 0 0 K 9\nvideo 40 40 K 9\n");
  const MgStreamInfo *info = mg_stream_info(f.last_stream);
  g_assert_cmpuint(info->colour.primaries, ==, 9);
  g_assert_cmpuint(info->colour.matrix, ==, 9);
  g_assert_cmpuint(info->light.max_content, ==, 1000);
  g_assert_cmpuint(info->light.max_frame_average, ==, 100);
  g_assert_cmpuint(info->mastering.red[0], ==, 25000);
  g_assert_cmpuint(info->mastering.max_luminance, ==, 10000000);
  g_assert_cmpuint(info->mastering.min_luminance, ==, 10);
}

static void
test_light_changes(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  hevc_config(&f, "90 'hvc1'");
  video(&f, 0, PQ);
  video(&f, 0, "93 'hvc1'" HEVC_IDR);
  video(&f, 40, "94 'hvc1' 02 0009 'colorInfo' 06");
  video(&f, 40, "a3 'hvc1'" HEVC_TRAIL);
  video(&f, 80, "93 'hvc1'" HEVC_IDR);
  assert_said(&f, "video+ HEVC 64x64 25 fps\nvideo= HEVC 64x64 25 fps PQ\n"
                  "video 0 0 K 9\nvideo 40 40 9\n"
                  "video= HEVC 64x64 25 fps\nvideo 80 80 K D 9\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/enhanced/" path, func)
  ADD("takes-hevc", test_hevc);
  ADD("takes-hevc-in-classic-tags", test_hevc_in_classic_tags);
  ADD("takes-opus", test_opus);
  ADD("takes-speakers-of-channels", test_speakers);
  ADD("takes-speakers-before-the-configuration", test_early_speakers);
  ADD("takes-mp3", test_mp3);
  ADD("takes-vp9", test_vp9);
  ADD("takes-several-tracks-in-one-message", test_several_tracks_in_one_message);
  ADD("drops-one-track-and-not-the-other", test_one_unknown_of_several);
  ADD("takes-further-videos-for-renditions", test_videos_are_renditions);
  ADD("says-languages", test_languages);
  ADD("limits-tracks", test_too_many_tracks);
  ADD("follows-a-track-to-another-codec", test_another_codec);
  ADD("waits-for-announced-sound", test_waits_for_announced);
  ADD("waits-through-an-early-change", test_waits_through_an_early_change);
  ADD("does-not-wait-for-ever", test_announced_and_never_sent);
  ADD("drops-what-waits-at-the-end", test_waiting_at_the_end);
  ADD("waits-no-longer-when-a-track-changes", test_waiting_ends);
  ADD("adds-nanoseconds", test_nanoseconds);
  ADD("says-what-light-pictures-are-for", test_light);
  ADD("follows-a-change-of-light", test_light_changes);
#undef ADD
  return g_test_run();
}
