#include "hex.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"

#include <string.h>

static const char *const kind_names[] = { "config",   "frame",    "end",       "command",
                                          "metadata", "channels", "ts-config", "other" };

/* frame hvc1 key #2 +40ms +500ns [6,3] */
static void
describe_part(GString *text, const MgFlvPart *p)
{
  char fourcc[5];
  mg_flv_fourcc_text(p->fourcc, fourcc);
  g_string_append_printf(text, "%s", kind_names[p->kind]);
  if (p->fourcc != 0)
    g_string_append_printf(text, " %s", fourcc);
  if (p->kind == MG_FLV_OTHER)
    g_string_append_printf(text, " %u", p->codec);
  if (p->kind == MG_FLV_COMMAND)
    g_string_append_printf(text, " %u", p->command);
  if (p->is_key)
    g_string_append(text, " key");
  if (p->has_track)
    g_string_append_printf(text, " #%u", p->track);
  if (p->composition_ms != 0)
    g_string_append_printf(text, " %+dms", p->composition_ms);
  if (p->offset_ns != 0)
    g_string_append_printf(text, " +%uns", p->offset_ns);
  g_string_append_printf(text, " [%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]\n", p->offset, p->size);
}

/* Returned-owned: the parts, a line each, and "!" for an error, of SIZE bytes of BODY, in memory of exactly that size. */
static char *
describe(gboolean is_video, const guint8 *body, gsize size)
{
  g_autofree guint8 *exact = g_memdup2(body, size);
  g_autoptr(GError) error = NULL;
  GString *text = g_string_new(NULL);
  MgFlvParts parts = is_video ? mg_flv_video_parts(exact, size) : mg_flv_audio_parts(exact, size);
  MgFlvPart part;
  while (mg_flv_parts_next(&parts, &part, &error))
    describe_part(text, &part);
  if (error != NULL)
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
  if (error != NULL)
    g_string_append(text, "!");
  g_assert_false(mg_flv_parts_next(&parts, &part, NULL));
  return g_string_free(text, FALSE);
}

static void
assert_parts(gboolean is_video, const char *hex, const char *expected)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, hex);
  g_autofree char *text = describe(is_video, in.data, in.size);
  g_assert_cmpstr(text, ==, expected);
}

static void
assert_video(const char *hex, const char *expected)
{
  assert_parts(TRUE, hex, expected);
}

static void
assert_audio(const char *hex, const char *expected)
{
  assert_parts(FALSE, hex, expected);
}

static void
test_avc(void)
{
  assert_video("17 00 000000 01", "config avc1 key [5,1]\n");
  assert_video("27 01 000050 00", "frame avc1 +80ms [5,1]\n");
  assert_video("27 01 ffffd8 00", "frame avc1 -40ms [5,1]\n");
  assert_video("27 01 800000 0000", "frame avc1 -8388608ms [5,2]\n");
  assert_video("17 02 000000", "end avc1 key [5,0]\n");
  assert_video("17 00 ffffff 01", "config avc1 key [5,1]\n");
  assert_video("47 01 000000 00", "frame avc1 key [5,1]\n");
}

static void
test_unofficial_hevc(void)
{
  assert_video("1c 00 000000 01", "config hvc1 key [5,1]\n");
  assert_video("2c 01 000050 00", "frame hvc1 +80ms [5,1]\n");
}

static void
test_empty_bodies(void)
{
  static const char *const empty[] = { "",          "17 00 000000",     "27 01 000000",
                                       "90 'hvc1'", "91 'hvc1' 000000", "a3 'av01'",
                                       "94 'hvc1'" };
  for (guint i = 0; i < G_N_ELEMENTS(empty); i++)
    assert_video(empty[i], "");
  assert_audio("", "");
  assert_audio("af 00", "");
  assert_audio("af 01", "");
  assert_audio("2f", "");
  assert_audio("91 'Opus'", "");
}

static void
test_video_commands(void)
{
  assert_video("57 01", "command 1 [2,0]\n");
  assert_video("52", "command 0 [1,0]\n");
  assert_video("d0 01", "command 1 [2,0]\n");
  assert_video("d6 00", "command 0 [2,0]\n");            /* not several tracks */
  assert_video("d7 00 aa 01 01", "command 1 [5,0]\n");   /* behind a modifier */
  assert_video("d4 'hvc1' 02", "metadata hvc1 [5,1]\n"); /* the frame type means nothing */
}

static void
test_other_codecs(void)
{
  assert_video("12 aa", "other 2 key [1,1]\n");
  assert_video("2d aa", "other 13 [1,1]\n");
  g_assert_cmpstr(mg_flv_video_codec_name(2), ==, "Sorenson H.263");
  g_assert_cmpstr(mg_flv_video_codec_name(15), ==, "unknown");
  assert_audio("be ff", "other 11 [1,1]\n");
  g_assert_cmpstr(mg_flv_audio_codec_name(12), ==, "unknown");
  g_assert_cmpstr(mg_flv_audio_codec_name(11), ==, "Speex");
  assert_video("93 'xyz1' aa", "frame xyz1 key [5,1]\n");
}

static void
test_classic_audio(void)
{
  assert_audio("af 00 1210", "config mp4a [2,2]\n");
  assert_audio("af 01 21", "frame mp4a [2,1]\n");
  assert_audio("2e fffb", "frame .mp3 [1,2]\n");
  assert_audio("ee fffb", "frame .mp3 [1,2]\n"); /* of 8 kHz */
}

static void
test_enhanced_video(void)
{
  assert_video("90 'hvc1' 01", "config hvc1 key [5,1]\n");
  assert_video("91 'hvc1' 000050 aabb", "frame hvc1 key +80ms [8,2]\n");
  assert_video("a1 'avc1' ffffd8 aa", "frame avc1 -40ms [8,1]\n");
  assert_video("a1 'vvc1' 000001 aa", "frame vvc1 +1ms [8,1]\n");
  assert_video("a1 'av01' 000001 aa", "frame av01 [5,4]\n"); /* has no composition time */
  assert_video("a1 'vp09' aa", "frame vp09 [5,1]\n");
  assert_video("a1 'vp08' aa", "frame vp08 [5,1]\n");
  assert_video("a3 'hvc1' 000050", "frame hvc1 [5,3]\n");
  assert_video("92 'hvc1'", "end hvc1 key [5,0]\n");
  assert_video("94 'hvc1' 02", "metadata hvc1 key [5,1]\n");
  assert_video("95 'av01' 80", "ts-config av01 key [5,1]\n");
}

static void
test_enhanced_audio(void)
{
  assert_audio("90 'Opus' 4f", "config Opus [5,1]\n");
  assert_audio("91 'fLaC' 0102", "frame fLaC [5,2]\n");
  assert_audio("91 'ac-3' 0b", "frame ac-3 [5,1]\n");
  assert_audio("91 'ec-3' 0b", "frame ec-3 [5,1]\n");
  assert_audio("91 '.mp3' ff", "frame .mp3 [5,1]\n");
  assert_audio("91 'mp4a' 21", "frame mp4a [5,1]\n");
  assert_audio("92 'Opus'", "end Opus [5,0]\n");
  assert_audio("94 'Opus' 00 02", "channels Opus [5,2]\n");
}

static void
test_multitrack(void)
{
  assert_video("96 01 'hvc1' 07 000002 aa", "frame hvc1 key #7 +2ms [10,1]\n");
  assert_video("96 00 'av01' 00 81", "config av01 key #0 [7,1]\n");
  assert_video("a6 11 'avc1' 00 000004 000001 aa  01 000005 ffffff bbcc",
               "frame avc1 #0 +1ms [13,1]\nframe avc1 #1 -1ms [21,2]\n");
  assert_audio("95 21 'Opus' 00 000001 aa 'mp4a' 01 000002 bbcc  'fLaC' ff 000000",
               "frame Opus #0 [10,1]\nframe mp4a #1 [19,2]\n");
  assert_audio("95 14 'Opus' 03 000002 0002", "channels Opus #3 [10,2]\n");
  assert_audio("95 11 'Opus'", "");
}

static void
test_broken_multitrack(void)
{
  assert_video("96 06 'hvc1' 00 aa", "!");             /* in itself */
  assert_video("96 07 'hvc1' 00 aa", "!");             /* a modifier behind it */
  assert_video("96 31 'hvc1' 00 aa", "!");             /* a fourth way */
  assert_audio("95 05 'Opus' 00 aa", "!");             /* in itself */
  assert_audio("95 11 'Opus' 00 000002 aa", "!");      /* more than there is */
  assert_video("96 11 'hvc1' 00 000002 0000 01", "!"); /* its composition time does not fit */
  assert_audio("95 11 'Opus' 00 000001 aa 01 000003 bb", "frame Opus #0 [10,1]\n!");
}

static void
test_modifiers(void)
{
  assert_video("a7 02 0001f4 01 'hvc1' 000028 aa", "frame hvc1 +40ms +500ns [13,1]\n");
  assert_audio("97 02 0f423f 01 'Opus' aa", "frame Opus +999999ns [10,1]\n");
  assert_audio("97 02 0f4240 01 'Opus' aa", "frame Opus [10,1]\n"); /* a millisecond */
  assert_audio("97 04 0001f4 ffff 01 'Opus' aa", "frame Opus +500ns [12,1]\n");
  assert_audio("97 01 01f4 01 'Opus' aa", "frame Opus [9,1]\n"); /* too short to be one */
  assert_audio("97 00 aa f1 'Opus' aa", "frame Opus [8,1]\n");   /* of a kind to come */
  assert_audio("97 00 aa 17  02 0001f4 07  00 bb 51 'Opus' aa", "frame Opus +500ns [16,1]\n");
  assert_video("a7 02 0001f4 06 01 'hvc1' 05 000000 aa", "frame hvc1 #5 +500ns [15,1]\n");
}

/* A modifier of N bytes, whose size takes 16 bits from 256 on. */
static void
test_long_modifiers(void)
{
  static const guint sizes[] = { 3, 255, 256, 300, 65536 };
  for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
    g_auto(MgWriter) in = MG_WRITER_INIT;
    gsize size = sizes[i];
    put_hex(&in, "97");
    mg_writer_u8(&in, size < 256 ? (guint8) (size - 1) : 0xff);
    if (size >= 256)
      mg_writer_be16(&in, (guint16) (size - 1));
    mg_writer_be24(&in, 77);
    mg_writer_zeros(&in, size - 3);
    put_hex(&in, "01 'Opus' aa");
    g_autofree char *text = describe(FALSE, in.data, in.size);
    g_autofree char *expected =
        g_strdup_printf("frame Opus +77ns [%" G_GSIZE_FORMAT ",1]\n", in.size - 1);
    g_assert_cmpstr(text, ==, expected);
  }
}

static void
test_channels(void)
{
  static const guint8 native[] = { 1, 6, 0, 0, 6, 0x0f };
  static const guint8 custom[] = { 2, 3, 2, 0, 0xfe };
  static const guint8 unspecified[] = { 0, 2 };
  static const guint8 many[] = { 0, 25 };
  MgFlvChannels c;
  g_assert_true(mg_flv_channels_parse(native, sizeof native, &c));
  g_assert_cmpuint(c.n_channels, ==, 6);
  g_assert_cmphex(c.mask, ==, 0x60f);
  g_assert_false(c.has_map);
  g_assert_true(mg_flv_channels_parse(custom, sizeof custom, &c));
  g_assert_cmphex(c.mask, ==, 5);
  g_assert_true(c.has_map);
  g_assert_cmpmem(c.speaker, 3, custom + 2, 3);
  g_assert_true(mg_flv_channels_parse(unspecified, sizeof unspecified, &c));
  g_assert_cmphex(c.mask, ==, 0);
  g_assert_false(mg_flv_channels_parse(many, sizeof many, &c));
  for (gsize n = 0; n < sizeof native; n++)
    g_assert_false(mg_flv_channels_parse(native, n, &c));
  for (gsize n = 0; n < sizeof custom; n++)
    g_assert_false(mg_flv_channels_parse(custom, n, &c));
}

static void
assert_positions(const char *hex, const char *positions_hex)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  guint8 positions[MG_FLV_MOST_CHANNELS];
  MgFlvChannels c;
  put_hex(&in, hex);
  g_assert_true(mg_flv_channels_parse(in.data, in.size, &c));
  guint n = mg_flv_channels_positions(&c, positions);
  assert_hex(positions, n, positions_hex);
}

/* Numbers are those of ISO/IEC 23091-3. */
static void
test_positions(void)
{
  assert_positions("00 06", "");
  assert_positions("01 02 00000003", "00 01");
  assert_positions("01 06 0000060f", "00 01 02 03 04 05");
  assert_positions("01 06 0000003f", "00 01 02 03 04 05");       /* the only pair behind */
  assert_positions("01 08 0000063f", "00 01 02 03 08 09 04 05"); /* one of two */
  assert_positions("01 18 00ffffff",
                   "00 01 02 03 08 09 06 07 0a 04 05 19 11 13 12 14 16 15 1a 17 18 1d 1b 1c");
  assert_positions("01 05 0000060f", ""); /* a speaker more than channels */
  assert_positions("02 06 02 00 01 09 0a 03", "02 00 01 04 05 03");
  assert_positions("02 03 00 fe ff", "00 7f 7f");
}

static void
test_channels_are_written(void)
{
  static const guint8 positions[] = { 2, 0, 1, 4, 5, 8, 9, 3, 127 };
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_channels(&body, 0x4f707573, positions, sizeof positions);
  assert_hex(body.data, body.size, "94 'Opus' 02 09 02 00 01 09 0a 04 05 03 ff");
  guint8 back[MG_FLV_MOST_CHANNELS];
  MgFlvChannels c;
  g_assert_true(mg_flv_channels_parse(body.data + 5, body.size - 5, &c));
  guint n = mg_flv_channels_positions(&c, back);
  g_assert_cmpmem(back, n, positions, sizeof positions);
}

/* Cut anywhere in its first HEADER bytes a body is broken; right behind them it says nothing. */
typedef struct {
  gboolean is_video;
  gsize header;
  const char *hex;
} Cut;

static void
test_cut_headers(void)
{
  static const Cut cuts[] = {
    { TRUE, 5, "17 01 000050 aabb" },
    { TRUE, 5, "90 'hvc1' aabb" },
    { TRUE, 8, "91 'hvc1' 000050 aabb" },
    { TRUE, 7, "96 00 'hvc1' 00 aabb" },
    { TRUE, 13, "a7 02 0001f4 01 'hvc1' 000050 aa" },
    { TRUE, 8, "a7 00 aa 13 'av01' 00" },
    { FALSE, 2, "af 01 21" },
    { FALSE, 5, "91 'Opus' aabb" },
    { FALSE, 7, "95 01 'Opus' 00 aa" },
    { FALSE, 10, "97 02 0001f4 01 'Opus' aa" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cuts); i++) {
    g_auto(MgWriter) in = MG_WRITER_INIT;
    put_hex(&in, cuts[i].hex);
    for (gsize n = 1; n <= cuts[i].header; n++) {
      g_autofree char *text = describe(cuts[i].is_video, in.data, n);
      g_assert_cmpstr(text, ==, n < cuts[i].header ? "!" : "");
    }
    g_autofree char *whole = describe(cuts[i].is_video, in.data, in.size);
    g_assert_nonnull(strstr(whole, "["));
  }
}

/* Cut anywhere, what comes out of a message of many tracks is the tracks that are whole. */
static void
test_cut_multitrack(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, "95 21 'Opus' 00 000001 aa 'mp4a' 01 000002 bbcc");
  for (gsize n = 1; n <= in.size; n++) {
    g_autofree char *text = describe(FALSE, in.data, n);
    const char *expected = n == 2        ? ""
                           : n < 11      ? "!"
                           : n == 11     ? "frame Opus #0 [10,1]\n"
                           : n < in.size ? "frame Opus #0 [10,1]\n!"
                                         : "frame Opus #0 [10,1]\nframe mp4a #1 [19,2]\n";
    g_assert_cmpstr(text, ==, expected);
  }
}

static void
test_broken_headers(void)
{
  assert_video("17 03 000000 aa", "!");
  assert_video("96 'hvc1'", "!");
  assert_video("98 'hvc1' aa", "!");
  assert_video("9f 'hvc1' aa", "!");
  assert_audio("af 02 00", "!");
  assert_audio("93 'Opus' aa", "!");
  assert_audio("96 'Opus' aa", "!");
  assert_audio("9f 'Opus' aa", "!");
  assert_video("d0", "!");
}

static void
test_fourcc_text(void)
{
  char text[5];
  mg_flv_fourcc_text(MG_FLV_HEVC, text);
  g_assert_cmpstr(text, ==, "hvc1");
  mg_flv_fourcc_text(0x1b5b001f, text);
  g_assert_cmpstr(text, ==, "?[??");
}

static void
test_writing(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_flv_write_avc_header(&w, TRUE, 0, 0);
  mg_flv_write_avc_header(&w, FALSE, 1, -40);
  mg_flv_write_aac_header(&w, 1);
  assert_hex(w.data, w.size, "17 00 000000 27 01 ffffd8 af 01");
}

static void
test_file(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, "'FLV' 01 05 0000000a ee 00000000"
               "08 000002 345678 12 000000 aabb 0000000d"
               "29 000001 000000 00 000000 cc 0000000c" /* the filter bit does not count */
               "12 000000 000001 00 000000");
  MgReader r = MG_READER(in.data, in.size);
  MgFlvTag tag;
  g_assert_true(mg_flv_file_begin(&r));
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 8);
  g_assert_cmphex(tag.timestamp_ms, ==, 0x12345678);
  assert_hex(tag.data, tag.size, "aabb");
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 9);
  g_assert_true(mg_flv_tag_read(&r, &tag));
  g_assert_cmpuint(tag.type, ==, 18);
  g_assert_cmpuint(tag.size, ==, 0);
  g_assert_false(mg_flv_tag_read(&r, &tag));
  g_assert_false(mg_reader_failed(&r));
}

static void
test_no_file(void)
{
  static const char *const files[] = { "'FLV' 01 05 000000", "'FLW' 01 05 00000009 00000000",
                                       "'FLV' 01 05 00000008 00000000",
                                       "'FLV' 01 05 ffffffff 00000000", "'FLV' 01 05 00000009" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_auto(MgWriter) in = MG_WRITER_INIT;
    put_hex(&in, files[i]);
    MgReader r = MG_READER(in.data, in.size);
    g_assert_false(mg_flv_file_begin(&r));
  }
  MgReader empty = MG_READER(NULL, 0);
  g_assert_false(mg_flv_file_begin(&empty));
}

static void
test_written_headers(void)
{
  static const struct {
    guint32 codec;
    MgFlvKind kind;
    gboolean is_key;
    gint32 composition_ms;
    const char *hex;
  } all[] = {
    { MG_FLV_AVC, MG_FLV_CONFIG, FALSE, 0, "17 00 000000" },
    { MG_FLV_AVC, MG_FLV_FRAME, TRUE, 80, "17 01 000050" },
    { MG_FLV_AVC, MG_FLV_FRAME, FALSE, -1, "27 01 ffffff" },
    { MG_FLV_HEVC, MG_FLV_CONFIG, FALSE, 0, "90 'hvc1'" },
    { MG_FLV_HEVC, MG_FLV_FRAME, FALSE, -2, "a1 'hvc1' fffffe" },
    { MG_FLV_FOURCC('a', 'v', '0', '1'), MG_FLV_FRAME, TRUE, 5, "91 'av01'" },
    { MG_FLV_AAC, MG_FLV_CONFIG, FALSE, 0, "af 00" },
    { MG_FLV_AAC, MG_FLV_FRAME, FALSE, 0, "af 01" },
    { MG_FLV_MP3, MG_FLV_FRAME, FALSE, 0, "2f" },
    { MG_FLV_FOURCC('O', 'p', 'u', 's'), MG_FLV_CONFIG, FALSE, 0, "90 'Opus'" },
    { MG_FLV_FOURCC('O', 'p', 'u', 's'), MG_FLV_FRAME, FALSE, 0, "91 'Opus'" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_auto(MgWriter) w = MG_WRITER_INIT;
    if (i < 6)
      mg_flv_write_video_header(&w, all[i].codec, all[i].kind, all[i].is_key,
                                all[i].composition_ms);
    else
      mg_flv_write_audio_header(&w, all[i].codec, all[i].kind);
    assert_hex(w.data, w.size, all[i].hex);
  }
}

static void
test_writing_of_tracks(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_flv_write_video_track_header(&w, 1, MG_FLV_AVC, MG_FLV_CONFIG, FALSE, 0);
  mg_flv_write_video_track_header(&w, 2, MG_FLV_HEVC, MG_FLV_FRAME, FALSE, -2);
  mg_flv_write_video_track_header(&w, 3, MG_FLV_FOURCC('a', 'v', '0', '1'), MG_FLV_FRAME, TRUE, 5);
  mg_flv_write_audio_track_header(&w, 4, MG_FLV_AAC, MG_FLV_CONFIG);
  mg_flv_write_audio_track_header(&w, 5, MG_FLV_FOURCC('O', 'p', 'u', 's'), MG_FLV_FRAME);
  assert_hex(w.data, w.size,
             "96 00 'avc1' 01"
             "a6 01 'hvc1' 02 fffffe"
             "96 01 'av01' 03"
             "95 00 'mp4a' 04"
             "95 01 'Opus' 05");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/flv/avc-headers-are-read", test_avc);
  g_test_add_func("/rtmp/flv/hevc-under-an-unofficial-number", test_unofficial_hevc);
  g_test_add_func("/rtmp/flv/empty-bodies-say-nothing", test_empty_bodies);
  g_test_add_func("/rtmp/flv/video-commands-are-no-frames", test_video_commands);
  g_test_add_func("/rtmp/flv/other-codecs-are-named", test_other_codecs);
  g_test_add_func("/rtmp/flv/aac-and-mp3-headers-are-read", test_classic_audio);
  g_test_add_func("/rtmp/flv/enhanced-video-of-every-kind", test_enhanced_video);
  g_test_add_func("/rtmp/flv/enhanced-audio-of-every-kind", test_enhanced_audio);
  g_test_add_func("/rtmp/flv/messages-of-several-tracks", test_multitrack);
  g_test_add_func("/rtmp/flv/broken-messages-of-several-tracks", test_broken_multitrack);
  g_test_add_func("/rtmp/flv/modifiers-refine-time", test_modifiers);
  g_test_add_func("/rtmp/flv/modifiers-may-be-long", test_long_modifiers);
  g_test_add_func("/rtmp/flv/channels-have-speakers", test_channels);
  g_test_add_func("/rtmp/flv/speakers-have-places", test_positions);
  g_test_add_func("/rtmp/flv/speakers-are-written-as-they-are-read", test_channels_are_written);
  g_test_add_func("/rtmp/flv/headers-cut-anywhere-are-refused", test_cut_headers);
  g_test_add_func("/rtmp/flv/tracks-before-a-cut-are-whole", test_cut_multitrack);
  g_test_add_func("/rtmp/flv/broken-headers-are-refused", test_broken_headers);
  g_test_add_func("/rtmp/flv/fourcc-in-text", test_fourcc_text);
  g_test_add_func("/rtmp/flv/writing-is-byte-exact", test_writing);
  g_test_add_func("/rtmp/flv/writing-of-tracks-is-byte-exact", test_writing_of_tracks);
  g_test_add_func("/rtmp/flv/files-are-read-tag-by-tag", test_file);
  g_test_add_func("/rtmp/flv/what-is-no-flv-is-refused", test_no_file);
  g_test_add_func("/rtmp/flv/written-headers", test_written_headers);
  return g_test_run();
}
