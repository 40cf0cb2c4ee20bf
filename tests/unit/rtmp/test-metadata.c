#include "hex.h"
#include "rtmp/error.h"
#include "rtmp/metadata.h"

static MgRtmpMetadataState
merge(MgRtmpMetadata *metadata, guint8 type, const char *hex)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  put_hex(&in, hex);
  MgRtmpMessage m = { .type = type, .data = in.data, .size = in.size };
  MgRtmpMetadataState state = mg_rtmp_metadata_merge(metadata, &m, &error);
  g_assert_true((state == MG_RTMP_METADATA_BROKEN) == (error != NULL));
  return state;
}

#define SET_DATA_FRAME "02 000d '@setDataFrame'"
#define ON_META_DATA   "02 000a 'onMetaData'"
#define WIDTH_1920     "0005 'width' 00 409e000000000000"
#define HEIGHT_1080    "0006 'height' 00 4090e00000000000"
#define END            "000009"

static void
test_all_members(void)
{
  MgRtmpMetadata m = { 0 };
  g_assert_cmpint(merge(&m, MG_RTMP_DATA,
                        SET_DATA_FRAME ON_META_DATA "08 00000008" WIDTH_1920 HEIGHT_1080
                                                    "0009 'framerate' 02 0005 '29.97'"
                                                    "000d 'videodatarate' 00 40a3880000000000"
                                                    "000d 'audiodatarate' 00 4064000000000000"
                                                    "000f 'audiosamplerate' 00 40e7700000000000"
                                                    "0006 'stereo' 0101"
                                                    "0007 'encoder' 02 0005 'obs' 1b 'x'" END),
                  ==, MG_RTMP_METADATA_UPDATED);
  g_assert_cmpuint(m.width, ==, 1920);
  g_assert_cmpuint(m.height, ==, 1080);
  g_assert_cmpfloat(m.video[0].framerate, ==, 29.97);
  g_assert_cmpfloat(m.video[0].kbps, ==, 2500);
  g_assert_cmpfloat(m.audio[0].kbps, ==, 160);
  g_assert_cmpuint(m.audio_sample_rate, ==, 48000);
  g_assert_cmpuint(m.audio_channels, ==, 2);
  g_assert_cmpstr(m.encoder, ==, "obs?x");
}

/* Enhanced RTMP's maps; beyond the last number, and in numbers that are none, nothing is kept. */
static void
test_tracks(void)
{
  MgRtmpMetadata m = { 0 };
  merge(&m, MG_RTMP_DATA,
        ON_META_DATA "03 0008 'language' 02 0002 'de' 000d 'audiodatarate' 00 4064000000000000"
                     "0013 'audioTrackIdInfoMap' 03"
                     "0001 '1' 03 0008 'language' 02 0005 'en-GB'"
                     "000d 'audiodatarate' 00 4050000000000000" END
                     "0001 '2' 03 0004 'lang' 02 0002 'f\"'" END
                     "0002 '99' 03 0004 'lang' 02 0002 'it'" END END "0013 'videoTrackIdInfoMap' 03"
                     "0001 '1' 03 0009 'framerate' 00 4039000000000000" END END END);
  g_assert_cmpstr(m.audio[0].language, ==, "de");
  g_assert_cmpfloat(m.audio[0].kbps, ==, 160);
  g_assert_cmpstr(m.audio[1].language, ==, "en-GB");
  g_assert_cmpfloat(m.audio[1].kbps, ==, 64);
  g_assert_cmpstr(m.audio[2].language, ==, "");
  g_assert_cmpstr(m.audio[MG_RTMP_METADATA_TRACKS].language, ==, "");
  g_assert_cmpfloat(m.video[1].framerate, ==, 25);
  g_assert_cmpfloat(m.video[0].framerate, ==, 0);
}

static void
test_announced_media(void)
{
  MgRtmpMetadata m = { 0 };
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03 000c 'audiocodecid' 00 0000000000000000" END);
  g_assert_false(m.has_audio);
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03 000c 'audiocodecid' 00 4024000000000000" END);
  g_assert_true(m.has_audio);
  g_assert_false(m.has_video);
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03 000c 'videocodecid' 02 0004 'avc1'" END);
  g_assert_true(m.has_video);
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03" WIDTH_1920 END);
  g_assert_true(m.has_audio);
}

static void
test_in_amf3(void)
{
  MgRtmpMetadata m = { 0 };
  g_assert_cmpint(merge(&m, MG_RTMP_DATA_AMF3,
                        "00" ON_META_DATA "11 0a 0b 01 0b 'width' 04 8a00 0d 'height' 04 8550 01"),
                  ==, MG_RTMP_METADATA_UPDATED);
  g_assert_cmpuint(m.width, ==, 1280);
  g_assert_cmpuint(m.height, ==, 720);
}

static void
test_updates_merge(void)
{
  MgRtmpMetadata m = { 0 };
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03" WIDTH_1920 END);
  merge(&m, MG_RTMP_DATA_AMF3, "00" SET_DATA_FRAME ON_META_DATA "03" HEIGHT_1080 END);
  g_assert_cmpuint(m.width, ==, 1920);
  g_assert_cmpuint(m.height, ==, 1080);
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03 0006 'stereo' 0100" END);
  g_assert_cmpuint(m.audio_channels, ==, 1);
  merge(&m, MG_RTMP_DATA, ON_META_DATA "03 000d 'audiochannels' 00 4018000000000000" END);
  g_assert_cmpuint(m.audio_channels, ==, 6);
}

static void
test_mad_numbers(void)
{
  MgRtmpMetadata m = { .height = 720 };
  merge(&m, MG_RTMP_DATA,
        ON_META_DATA "03 0005 'width' 00 43e0000000000000 0006 'height' 00 7ff8000000000000"
                     "0009 'framerate' 00 c03e000000000000 000d 'videodatarate' 00 7ff0000000000000"
                     "0007 'encoder' 05" END);
  g_assert_cmpuint(m.width, ==, 16384);
  g_assert_cmpuint(m.height, ==, 720);
  g_assert_cmpfloat(m.video[0].framerate, ==, 0);
  g_assert_cmpfloat(m.video[0].kbps, ==, 0);
  g_assert_cmpstr(m.encoder, ==, "");
}

static void
test_long_encoder(void)
{
  MgRtmpMetadata m = { 0 };
  g_autofree char *name = g_strnfill(300, 'e');
  g_autofree char *hex = g_strdup_printf(ON_META_DATA "03 0007 'encoder' 02 012c '%s'" END, name);
  merge(&m, MG_RTMP_DATA, hex);
  g_assert_cmpuint(strlen(m.encoder), ==, sizeof m.encoder - 1);
}

static void
test_other_messages(void)
{
  MgRtmpMetadata m = { 0 };
  static const char *const others[] = { "",
                                        "05",
                                        "12 0a",
                                        "02 0003 'abc'",
                                        SET_DATA_FRAME,
                                        SET_DATA_FRAME "05",
                                        "00 3ff0000000000000 02 000a 'onMetaData'" };
  for (guint i = 0; i < G_N_ELEMENTS(others); i++)
    g_assert_cmpint(merge(&m, MG_RTMP_DATA, others[i]), ==, MG_RTMP_METADATA_OTHER);
  g_assert_cmpint(merge(&m, MG_RTMP_DATA, ON_META_DATA), ==, MG_RTMP_METADATA_UPDATED);
  g_assert_cmpint(merge(&m, MG_RTMP_DATA, ON_META_DATA "05"), ==, MG_RTMP_METADATA_UPDATED);
  g_assert_cmpint(merge(&m, MG_RTMP_DATA, "02 00"), ==, MG_RTMP_METADATA_BROKEN);
  g_assert_cmpuint(m.width, ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/metadata/all-members-are-read", test_all_members);
  g_test_add_func("/rtmp/metadata/tracks-have-their-own", test_tracks);
  g_test_add_func("/rtmp/metadata/media-is-announced", test_announced_media);
  g_test_add_func("/rtmp/metadata/in-amf3", test_in_amf3);
  g_test_add_func("/rtmp/metadata/later-updates-merge", test_updates_merge);
  g_test_add_func("/rtmp/metadata/mad-numbers-are-tamed", test_mad_numbers);
  g_test_add_func("/rtmp/metadata/a-long-encoder-name-is-cut", test_long_encoder);
  g_test_add_func("/rtmp/metadata/other-data-messages-are-told-apart", test_other_messages);
  return g_test_run();
}
