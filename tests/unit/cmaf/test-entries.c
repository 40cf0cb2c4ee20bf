/* Sample entries of all codecs, beside those of another muxer (tests/data). */
#include "cmaf/init.h"
#include "cmaf/reader.h"
#include "codec/any.h"
#include "doubles/sample.h"

#include <string.h>

static void
write_init(const MgCmafTrack *track, MgWriter *out)
{
  g_autoptr(GError) error = NULL;
  mg_cmaf_init_write(track, 1, out, &error);
  g_assert_no_error(error);
}

static void
assert_box(const MgWriter *init, const char *type, GBytes *expected)
{
  g_autoptr(GBytes) box = sample_find_box(init->data, init->size, type);
  g_assert_nonnull(box);
  g_assert_cmpmem(g_bytes_get_data(box, NULL), g_bytes_get_size(box),
                  g_bytes_get_data(expected, NULL), g_bytes_get_size(expected));
}

static void
assert_box_is(const MgWriter *init, const char *type, const char *hex)
{
  g_autoptr(GBytes) box = sample_find_box(init->data, init->size, type);
  g_autoptr(GString) text = g_string_new(NULL);
  gsize n = 0;
  const guint8 *bytes = box ? g_bytes_get_data(box, &n) : NULL;
  for (gsize i = 8; i < n; i++)
    g_string_append_printf(text, "%02x", bytes[i]);
  g_assert_cmpstr(text->str, ==, hex);
}

static void
assert_no_box(const MgWriter *init, const char *type)
{
  g_assert_null(sample_find_box(init->data, init->size, type));
}

/* The box with the configuration is to the byte the one that the other muxer wrote. */
static void
test_as_another(void)
{
  static const char *const all[][2] = {
    { "av1-hlg.mp4", "av1C" }, { "vp9.mp4", "vpcC" },      { "opus.mp4", "dOps" },
    { "opus-51.mp4", "dOps" }, { "flac.mp4", "dfLa" },     { "ac3.mp4", "dac3" },
    { "eac3.mp4", "dec3" },    { "hevc-hdr.mp4", "pasp" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i][0]);
    g_auto(MgWriter) init = MG_WRITER_INIT;
    write_init(sample->track, &init);
    g_autoptr(GBytes) theirs = sample_find_box(sample->bytes, sample->size, all[i][1]);
    assert_box(&init, all[i][1], theirs);
  }
}

/* Theirs, but that nothing but 'hvc1' is in order: array_completeness is set for VPS, SPS and PPS. */
static void
test_hevc(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  g_auto(MgWriter) init = MG_WRITER_INIT;
  write_init(sample->track, &init);
  g_autoptr(GBytes) theirs = sample_find_box(sample->bytes, sample->size, "hvcC");
  g_autoptr(GBytes) ours = sample_find_box(init.data, init.size, "hvcC");
  gsize n = 0, n_theirs = 0;
  const guint8 *a = g_bytes_get_data(ours, &n), *b = g_bytes_get_data(theirs, &n_theirs);
  g_assert_cmpuint(n, ==, n_theirs);
  for (gsize i = 0; i < n; i++)
    g_assert_true(a[i] == b[i] || (a[i] == (b[i] | 0x80) && (b[i] >= 32 && b[i] <= 34)));
  assert_no_box(&init, "colr");
}

static void
test_brands(void)
{
  static const char *const all[][2] = { { "hevc.mp4", "chhd" },
                                        { "hevc-hdr.mp4", "chd1" },
                                        { "av1-hlg.mp4", "av01" } };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i][0]);
    g_auto(MgWriter) init = MG_WRITER_INIT;
    write_init(sample->track, &init);
    g_assert_cmpmem(init.data + 28, 4, all[i][1], 4);
  }
}

/* From the SEI among the parameter sets; green, blue, red. */
static void
test_hdr(void)
{
  g_autoptr(Sample) sample = sample_load("hevc-hdr.mp4");
  g_auto(MgWriter) init = MG_WRITER_INIT;
  MgCmafTrack track = *sample->track;
  track.hdr = (MgCodecHdr){ 0 };
  write_init(&track, &init);
  assert_box_is(&init, "colr", "6e636c7800090010000900");
  assert_box_is(&init, "mdcv", "33c286c41d4c0bb884d03e803d13404200989680000001f4");
  assert_box_is(&init, "clli", "03e80190");
}

/* What the publisher says wins over what the bitstream does. */
static void
test_given_hdr(void)
{
  g_autoptr(Sample) sample = sample_load("hevc-hdr.mp4");
  g_auto(MgWriter) init = MG_WRITER_INIT;
  MgCmafTrack track = *sample->track;
  track.colour = (MgCodecColour){ 9, 18, 9, FALSE };
  track.hdr.light = (MgCodecLight){ 2000, 500 };
  write_init(&track, &init);
  assert_box_is(&init, "colr", "6e636c7800090012000900");
  assert_box_is(&init, "clli", "07d001f4");
}

static void
test_mp3(void)
{
  static const struct {
    const char *file, *esds;
  } all[] = {
    { "mp3.mp4", "00000000038080801b000000048080800d6b150000000000000000000000068080800102" },
    { "mp3-low.mp4", "00000000038080801b000000048080800d69150000000000000000000000068080800102" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i].file);
    g_auto(MgWriter) init = MG_WRITER_INIT;
    g_assert_cmpuint(sample->track->codec, ==, MG_CMAF_MP3);
    MgCmafTrack track = *sample->track;
    track.bitrate = 0;
    write_init(&track, &init);
    assert_box_is(&init, "esds", all[i].esds);
  }
}

/* As a producer has it: rate and channels come from the first frame's header. */
static void
test_mp3_header(void)
{
  g_auto(MgWriter) init = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgCmafTrack track = { .track_id = 1, .timescale = 44100, .codec = MG_CMAF_MP3 };
  g_assert_false(mg_cmaf_init_write(&track, 1, &init, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED);
  track.config = (const guint8 *) "\xff\xfb\x90\xc0";
  track.config_size = 4;
  write_init(&track, &init);
  assert_box_is(&init, "mp4a",
                "00000000000000010000000000000000000100100000000"
                "0ac4400000000002c6573647300000000038080801b0000"
                "00048080800d6b150000000000000000000000068080800102");
}

/* A rate beyond 16.16 stands there divided (the binding's 3.1), and is read from the configuration. */
static void
test_flac_rate(void)
{
  static guint8 info[34] = { 0x10, 0, 0x10, 0, [10] = 0x17, 0x70, 0x03, 0x70 };
  g_auto(MgWriter) init = MG_WRITER_INIT;
  MgCmafTrack track = { .track_id = 1, .timescale = 96000, .codec = MG_CMAF_FLAC };
  track.config = info;
  track.config_size = sizeof info;
  write_init(&track, &init);
  MgCmafInit back;
  g_assert_true(mg_cmaf_init_read(init.data, init.size, &back, NULL));
  g_assert_cmpuint(back.tracks[0].sample_rate, ==, 96000);
  g_assert_cmpuint(back.tracks[0].channels, ==, 2);
  g_autoptr(GBytes) entry = sample_find_box(init.data, init.size, "fLaC");
  const guint8 *head = g_bytes_get_data(entry, NULL);
  g_assert_cmpmem(head + 24, 12, "\0\2\0\x18\0\0\0\0\xbb\x80\0\0", 12);
}

/* Where channels belong stands at the end of each codec's entry, and is read back. */
static void
test_speakers(void)
{
  static const char *const all[] = { "opus-51.mp4", "flac.mp4", "ac3.mp4", "mp3.mp4" };
  static const guint8 places[MG_CMAF_MOST_SPEAKERS] = { 2, 0, 1, 4, 5, 3 };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i]);
    g_auto(MgWriter) init = MG_WRITER_INIT, without = MG_WRITER_INIT;
    MgCmafTrack track = *sample->track;
    write_init(&track, &without);
    assert_no_box(&without, "chnl");
    track.n_speakers = track.channels;
    memcpy(track.speakers, places, sizeof places);
    write_init(&track, &init);
    g_autofree char *expected = g_strndup("000000000100020001040503", 12 + 2 * track.channels);
    assert_box_is(&init, "chnl", expected);
    MgCmafInit back;
    g_assert_true(mg_cmaf_init_read(init.data, init.size, &back, NULL));
    g_assert_cmpuint(back.tracks[0].n_speakers, ==, track.channels);
    g_assert_cmpmem(back.tracks[0].speakers, track.channels, places, track.channels);
    track.n_speakers++; /* one more than there are channels */
    mg_writer_reset(&init);
    write_init(&track, &init);
    g_assert_cmpmem(init.data, init.size, without.data, without.size);
  }
}

/* VVC, made by hand: Main 10, level 3.1, 320x180, ten bits; frames only and one more constraint. */
static const guint8 vvcc[] = {
  0xff, 0x00, 0x15, 0x5f, 0x01, 0x02, 0x33, 0xc0, 0x00, 0x01, 0x40,
  0x00, 0xb4, 0x00, 0x00, 0x02, 0x8f, 0x00, 0x01, 0x00, 0x04, 0x00,
  0x79, 0x01, 0x02, 0x90, 0x00, 0x01, 0x00, 0x03, 0x00, 0x81, 0x03,
};

static void
test_vvc(void)
{
  g_auto(MgWriter) init = MG_WRITER_INIT;
  MgCmafTrack track = { .track_id = 1, .timescale = 90000, .codec = MG_CMAF_VVC };
  track.config = vvcc;
  track.config_size = sizeof vvcc;
  write_init(&track, &init);
  assert_box_is(&init, "vvcC",
                "00000000ff00155f010233c000014000b40000028f000100040079010290000100030081"
                "03");
  MgCmafInit back;
  g_assert_true(mg_cmaf_init_read(init.data, init.size, &back, NULL));
  g_assert_cmpmem(back.tracks[0].config, back.tracks[0].config_size, vvcc, sizeof vvcc);
  g_assert_cmpuint(back.tracks[0].width, ==, 320);
  g_assert_cmpuint(back.tracks[0].height, ==, 180);
}

/* The record has no picture size. */
static void
test_vp8(void)
{
  g_auto(MgWriter) init = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgCmafTrack track = { .track_id = 1, .timescale = 90000, .codec = MG_CMAF_VP8 };
  track.config = (const guint8 *) "\0\x1e\x82\2\2\2\0\0";
  track.config_size = 8;
  g_assert_false(mg_cmaf_init_write(&track, 1, &init, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED);
  g_assert_cmpuint(init.size, ==, 0);
  track.width = 640;
  track.height = 360;
  write_init(&track, &init);
  assert_box_is(&init, "vpcC", "01000000001e820202020000");
}

/* What was read from a file can be written into another, as a recording does. */
static void
test_again(void)
{
  static const char *const files[] = { "hevc.mp4", "hevc-hdr.mp4", "av1-hlg.mp4", "vp9.mp4",
                                       "opus.mp4", "opus-51.mp4",  "flac.mp4",    "ac3.mp4",
                                       "eac3.mp4", "mp3.mp4",      "mp3-low.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Sample) sample = sample_load(files[i]);
    g_auto(MgWriter) once = MG_WRITER_INIT, twice = MG_WRITER_INIT;
    MgCmafInit back;
    write_init(sample->track, &once);
    g_assert_true(mg_cmaf_init_read(once.data, once.size, &back, NULL));
    g_assert_false(back.has_edit_list);
    write_init(&back.tracks[0], &twice);
    g_assert_cmpmem(once.data, once.size, twice.data, twice.size);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/cmaf/entries/" name, function)
  T("speakers-of-channels-are-said", test_speakers);
  T("configuration-is-as-another-muxer-writes-it", test_as_another);
  T("hevc-says-that-its-sets-are-complete", test_hevc);
  T("media-profile-has-its-brand", test_brands);
  T("hdr-is-taken-from-the-bitstream", test_hdr);
  T("hdr-that-is-given-wins", test_given_hdr);
  T("mp3-says-which-mpeg-it-is", test_mp3);
  T("mp3-is-described-by-its-first-header", test_mp3_header);
  T("flac-of-a-high-rate-is-read-back", test_flac_rate);
  T("vvc-is-written-and-read-back", test_vvc);
  T("vp8-needs-a-picture-size", test_vp8);
  T("what-was-read-is-written-again", test_again);
  return g_test_run();
}
