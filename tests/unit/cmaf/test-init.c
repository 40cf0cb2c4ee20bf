#include "cmaf/box.h"
#include "cmaf/init.h"
#include "codec/codec.h"

#include <string.h>

/* High 4.0, 1920x1080, BT.709; announces two-byte lengths. */
static const guint8 avcc[] = {
  0x01, 0x64, 0x00, 0x28, 0xfd, 0xe1, 0x00, 0x1d, 0x67, 0x64, 0x00, 0x28, 0xac,
  0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x5a, 0x80, 0x80, 0x80, 0xa0, 0x00,
  0x00, 0x7d, 0x20, 0x00, 0x1d, 0x4c, 0x01, 0xe3, 0x06, 0x32, 0xc0, 0x01, 0x00,
  0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};
static const guint8 asc[] = { 0x11, 0x90 };

static const MgCmafTrack video = {
  .track_id = 1,
  .timescale = 90000,
  .codec = MG_CMAF_H264,
  .config = avcc,
  .config_size = sizeof avcc,
};
static const MgCmafTrack audio = {
  .track_id = 2,
  .timescale = 48000,
  .codec = MG_CMAF_AAC,
  .config = asc,
  .config_size = sizeof asc,
  .language = "deu",
  .bitrate = 128000,
};

/* Every box on a line: size, type, and the bytes of those that hold no other boxes. */
static void
dump(MgReader r, guint depth, GString *out)
{
  static const char containers[] = "moov trak mdia minf dinf stbl mvex";
  MgBox box;
  while (mg_box_next(&r, &box)) {
    const char type[] = { (char) (box.type >> 24), (char) (box.type >> 16), (char) (box.type >> 8),
                          (char) box.type, 0 };
    gsize n = box.body.size;
    g_string_append_printf(out, "%*s%u %s", (gint) (2 * depth), "", (guint) n + 8, type);
    gboolean is_container = strstr(containers, type) != NULL;
    const guint8 *bytes = mg_reader_peek(&box.body, n);
    for (gsize i = 0; i < n && !is_container; i++)
      g_string_append_printf(out, "%s%02x", i % 4 == 0 ? " " : "", bytes[i]);
    g_string_append_c(out, '\n');
    if (is_container)
      dump(box.body, depth + 1, out);
  }
  g_assert_false(mg_reader_failed(&r));
}

static char *
write_dump(const MgCmafTrack *tracks, gsize n)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  mg_cmaf_init_write(tracks, n, &w, &error);
  g_assert_no_error(error);
  GString *out = g_string_new(NULL);
  dump(MG_READER(w.data, w.size), 0, out);
  return g_string_free(out, FALSE);
}

#define MATRIX "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000"

static void
test_audio(void)
{
  g_autofree char *boxes = write_dump(&audio, 1);
  g_assert_cmpstr(
      boxes, ==,
      "32 ftyp 69736f36 00000000 69736f36 636d6663 636d6632 63616163\n"
      "568 moov\n"
      "  108 mvhd 00000000 00000000 00000000 0000bb80 00000000 00010000 01000000 00000000 00000000"
      " " MATRIX " 00000000 00000000 00000000 00000000 00000000 00000000 00000003\n"
      "  412 trak\n"
      "    92 tkhd 00000007 00000000 00000000 00000002 00000000 00000000 00000000 00000000 00000000"
      " 01000000 " MATRIX " 00000000 00000000\n"
      "    312 mdia\n"
      "      32 mdhd 00000000 00000000 00000000 0000bb80 00000000 10b50000\n"
      "      33 hdlr 00000000 00000000 736f756e 00000000 00000000 00000000 00\n"
      "      239 minf\n"
      "        16 smhd 00000000 00000000\n"
      "        36 dinf\n"
      "          28 dref 00000000 00000001 0000000c 75726c20 00000001\n"
      "        179 stbl\n"
      "          103 stsd 00000000 00000001 00000057 6d703461 00000000 00000001 00000000 00000000"
      " 00020010 00000000 bb800000 00000033 65736473 00000000 03808080 22000000 04808080 14401500"
      " 00000001 f4000001 f4000580 80800211 90068080 800102\n"
      "          16 stts 00000000 00000000\n"
      "          16 stsc 00000000 00000000\n"
      "          20 stsz 00000000 00000000 00000000\n"
      "          16 stco 00000000 00000000\n"
      "  40 mvex\n"
      "    32 trex 00000000 00000002 00000001 00000000 00000000 00000000\n");
}

/* Canonical avcC (the track has two-byte lengths), colour and shape from its SPS. */
static void
test_video(void)
{
  MgCmafTrack track = video;
  track.sar_width = 4;
  track.sar_height = 3;
  track.bitrate = 5000000;
  g_autofree char *boxes = write_dump(&track, 1);
  g_assert_cmpstr(
      boxes, ==,
      "32 ftyp 69736f36 00000000 69736f36 636d6663 636d6632 63666864\n"
      "684 moov\n"
      "  108 mvhd 00000000 00000000 00000000 00015f90 00000000 00010000 01000000 00000000 00000000"
      " " MATRIX " 00000000 00000000 00000000 00000000 00000000 00000000 00000002\n"
      "  528 trak\n"
      "    92 tkhd 00000007 00000000 00000000 00000001 00000000 00000000 00000000 00000000 00000000"
      " 00000000 " MATRIX " 0a000000 04380000\n"
      "    428 mdia\n"
      "      32 mdhd 00000000 00000000 00000000 00015f90 00000000 55c40000\n"
      "      33 hdlr 00000000 00000000 76696465 00000000 00000000 00000000 00\n"
      "      355 minf\n"
      "        20 vmhd 00000001 00000000 00000000\n"
      "        36 dinf\n"
      "          28 dref 00000000 00000001 0000000c 75726c20 00000001\n"
      "        291 stbl\n"
      "          215 stsd 00000000 00000001 000000c7 61766331 00000000 00000001 00000000 00000000"
      " 00000000 00000000 07800438 00480000 00480000 00000000 00010000 00000000 00000000 00000000"
      " 00000000 00000000 00000000 00000000 00000018 ffff0000 003a6176 63430164 0028ffe1 001d6764"
      " 0028acd9 40780227 e5c05a80 8080a000 007d2000 1d4c01e3 0632c001 000668eb e3cb22c0 fdf8f800"
      " 00000013 636f6c72 6e636c78 00010001 00010000 00001070 61737000 00000400 00000300 00001462"
      " 74727400 00000000 4c4b4000 4c4b40\n"
      "          16 stts 00000000 00000000\n"
      "          16 stsc 00000000 00000000\n"
      "          20 stsz 00000000 00000000 00000000\n"
      "          16 stco 00000000 00000000\n"
      "  40 mvex\n"
      "    32 trex 00000000 00000001 00000001 00000000 00000000 00000000\n");
}

/* One file with both is no CMAF track, and says so. */
static void
test_several_tracks(void)
{
  const MgCmafTrack both[] = { video, audio };
  g_autofree char *boxes = write_dump(both, 2);
  g_assert_true(g_str_has_prefix(boxes, "24 ftyp 69736f36 00000000 69736f36 6d703431\n"));
  g_assert_nonnull(strstr(boxes, "tkhd 00000007 00000000 00000000 00000001 "));
  g_assert_nonnull(strstr(boxes, "tkhd 00000007 00000000 00000000 00000002 "));
  g_assert_nonnull(strstr(boxes, "  72 mvex\n    32 trex 00000000 00000001 00000001 "));
  g_assert_nonnull(strstr(boxes, "\n    32 trex 00000000 00000002 00000001 "));
}

static void
test_languages(void)
{
  static const struct {
    const char *tag;
    const char *boxes;
  } cases[] = {
    { "", "55c40000\n      33 hdlr" },
    { "por", "41f20000\n      33 hdlr" },
    { "en", "55c40000\n      15 elng 00000000 656e00\n" },
    { "por-BR", "41f20000\n      19 elng 00000000 706f722d 425200\n" },
    { "e\n", "55c40000\n      33 hdlr" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgCmafTrack track = audio;
    g_strlcpy(track.language, cases[i].tag, sizeof track.language);
    g_autofree char *boxes = write_dump(&track, 1);
    g_assert_nonnull(strstr(boxes, cases[i].boxes));
  }
}

/* The last brand of an audio track whose configuration is ASC. */
static void
assert_audio_brand(const guint8 *config, gsize size, gboolean is_core)
{
  MgCmafTrack track = audio;
  track.config = config;
  track.config_size = size;
  g_autofree char *boxes = write_dump(&track, 1);
  g_assert_cmpint(strstr(boxes, " 63616163\n") != NULL, ==, is_core);
}

static void
test_profile_brands(void)
{
  const guint8 stereo[] = { 0x11, 0x90 }, surround[] = { 0x11, 0xb0 }, fast[] = { 0x10, 0x10 };
  assert_audio_brand(stereo, sizeof stereo, TRUE);
  assert_audio_brand(surround, sizeof surround, FALSE);
  assert_audio_brand(fast, sizeof fast, FALSE); /* 96 kHz */
  MgCmafTrack track = video;
  guint8 config[sizeof avcc];
  const struct {
    guint8 profile, level;
    const char *brand;
  } cases[] = {
    { 100, 40, " 63666864\n" }, /* cfhd */
    { 100, 42, " 63686466\n" }, /* chdf */
    { 100, 51, " 636d6632\n" }, /* none: cmf2 stays the last */
    { 122, 40, " 636d6632\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    memcpy(config, avcc, sizeof avcc);
    config[9] = cases[i].profile;
    config[11] = cases[i].level;
    track.config = config;
    g_autofree char *boxes = write_dump(&track, 1);
    g_assert_nonnull(strstr(boxes, cases[i].brand));
  }
}

/* 16.16 has no room for the rate: the configuration alone says it. */
static void
test_high_rate(void)
{
  const guint8 fast[] = { 0x10, 0x10 };
  MgCmafTrack track = audio;
  track.config = fast;
  g_autofree char *boxes = write_dump(&track, 1);
  g_assert_nonnull(strstr(boxes, " 00020010 00000000 00000000 00000033 65736473"));
}

static void
test_refused(void)
{
  MgCmafTrack tracks[2] = { video, audio };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_writer_u8(&w, 7);
  g_autoptr(GError) error = NULL;
  tracks[1].codec = mg_box_type("spex");
  g_assert_false(mg_cmaf_init_write(tracks, 2, &w, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED);
  g_assert_cmpstr(error->message, ==, "codec 'spex' has no place in fragmented MP4");
  g_clear_error(&error);
  tracks[1] = audio;
  tracks[1].config_size = 1;
  g_assert_false(mg_cmaf_init_write(tracks, 2, &w, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED);
  g_clear_error(&error);
  g_autofree guint8 *long_config = g_malloc0(1025);
  memcpy(long_config, asc, sizeof asc);
  tracks[1].config = long_config;
  tracks[1].config_size = 1025;
  g_assert_false(mg_cmaf_init_write(tracks, 2, &w, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
  g_clear_error(&error);
  tracks[0].width = 65536;
  tracks[0].height = 2;
  g_assert_false(mg_cmaf_init_write(tracks, 1, &w, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_TOO_LARGE);
  g_assert_cmpuint(w.size, ==, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cmaf/init/audio-track-is-exactly-this", test_audio);
  g_test_add_func("/cmaf/init/video-track-is-exactly-this", test_video);
  g_test_add_func("/cmaf/init/several-tracks-share-a-moov", test_several_tracks);
  g_test_add_func("/cmaf/init/languages-keep-their-tags", test_languages);
  g_test_add_func("/cmaf/init/profile-brand-is-claimed-within-its-bounds", test_profile_brands);
  g_test_add_func("/cmaf/init/rate-beyond-the-field-is-left-out", test_high_rate);
  g_test_add_func("/cmaf/init/refused-track-leaves-nothing-behind", test_refused);
  return g_test_run();
}
