#include "codec/av1.h"

#include <string.h>

/* SVT-AV1: Main, 96x64, ten bits, BT.2020 and HLG. */
static const guint8 hlg[] = {
  0x81, 0x00, 0x4c, 0x00, 0x0a, 0x0d, 0x00, 0x00, 0x00, 0x03,
  0x2d, 0xff, 0xc0, 0x2f, 0x85, 0x09, 0x12, 0x09, 0x04,
};

static MgAv1Config
parse(const guint8 *av1c, gsize size)
{
  MgAv1Config config;
  g_autoptr(GError) error = NULL;
  mg_av1_config_parse(av1c, size, &config, &error);
  g_assert_no_error(error);
  return config;
}

static void
test_config(void)
{
  MgAv1Config c = parse(hlg, sizeof hlg);
  g_assert_cmpuint(c.video.profile, ==, 0);
  g_assert_cmpuint(c.video.width, ==, 96);
  g_assert_cmpuint(c.video.height, ==, 64);
  g_assert_cmpuint(c.video.bit_depth, ==, 10);
  g_assert_cmpuint(c.video.subsampling_x, ==, 1);
  g_assert_cmpuint(c.video.colour.matrix, ==, 9);
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_av1_config_write(&c, &w);
  g_assert_cmpmem(w.data, w.size, hlg, sizeof hlg);
}

/* The examples of the binding's clause 5, and defaults that are left out. */
static void
test_codec_string(void)
{
  static const struct {
    MgAv1Sequence video;
    const char *codecs;
  } all[] = {
    { { .level = 4,
        .bit_depth = 10,
        .subsampling_x = 1,
        .subsampling_y = 1,
        .chroma_position = 2,
        .colour = { 9, 16, 9, FALSE } },
      "av01.0.04M.10.0.112.09.16.09.0" },
    { { .level = 1,
        .bit_depth = 8,
        .subsampling_x = 1,
        .subsampling_y = 1,
        .colour = { 1, 1, 1, FALSE } },
      "av01.0.01M.08" },
    { { .level = 1,
        .bit_depth = 8,
        .subsampling_x = 1,
        .subsampling_y = 1,
        .colour = { 2, 2, 2, FALSE } },
      "av01.0.01M.08" },
    { { .profile = 1,
        .level = 12,
        .is_high_tier = TRUE,
        .bit_depth = 8,
        .colour = { 1, 13, 0, TRUE } },
      "av01.1.12H.08.0.000.01.13.00.1" },
    { { .level = 8,
        .bit_depth = 8,
        .is_monochrome = TRUE,
        .subsampling_x = 1,
        .subsampling_y = 1,
        .colour = { 2, 2, 2, FALSE } },
      "av01.0.08M.08.1.110.02.02.02.0" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    const MgAv1Config config = { .video = all[i].video };
    g_autofree char *codecs = mg_av1_codec_string(&config);
    g_assert_cmpstr(codecs, ==, all[i].codecs);
  }
}

static void
test_broken(void)
{
  MgAv1Config config;
  g_autoptr(GError) error = NULL;
  for (gsize cut = 0; cut < sizeof hlg; cut++)
    g_assert_false(mg_av1_config_parse(hlg, cut, &config, NULL));
  g_assert_false(mg_av1_config_parse(hlg, 4, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
  g_clear_error(&error);
  g_assert_false(mg_av1_config_parse((const guint8 *) "\x01\0\0\0", 4, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED);
}

/* --- temporal units ------------------------------------------------------------------------------ */

static MgAv1Unit
inspect(const char *unit, gsize size)
{
  MgAv1Unit u;
  g_assert_true(mg_av1_unit_inspect((const guint8 *) unit, size, NULL, &u));
  return u;
}

static void
test_key(void)
{
  MgAv1Unit u = inspect("\x12\0\x32\1\x10", 5); /* a key frame that is shown */
  g_assert_true(u.has_frame && u.is_key);
  g_assert_false(inspect("\x32\1\x00", 3).is_key);           /* not shown */
  g_assert_false(inspect("\x32\1\x30", 3).is_key);           /* an inter frame */
  g_assert_false(inspect("\x32\1\x50", 3).is_key);           /* intra only */
  g_assert_false(inspect("\x1a\1\x90", 3).is_key);           /* an existing one is shown */
  g_assert_false(inspect("\x32\1\x30\x32\1\x10", 6).is_key); /* not the first */
  g_assert_true(inspect("\x36\x08\1\x10", 4).is_key);        /* with an extension */
  g_assert_false(inspect("\x12\0", 2).has_frame);
}

static gboolean
is_disposable(const char *unit, gsize size, const MgAv1Head *head)
{
  MgAv1Unit u;
  g_assert_true(mg_av1_unit_inspect((const guint8 *) unit, size, head, &u));
  return u.is_disposable;
}

/* refresh_frame_flags stands behind ten bits where the sequence header leaves nothing to the frames. */
static void
test_disposable(void)
{
  MgAv1Head head = { .is_known = TRUE };
  g_assert_true(is_disposable("\x32\3\x30\0\0", 5, &head));
  g_assert_false(is_disposable("\x32\3\x30\1\0", 5, &head));
  g_assert_false(is_disposable("\x32\3\x10\0\0", 5, &head)); /* a key frame updates all */
  g_assert_false(is_disposable("\x32\3\x70\0\0", 5, &head)); /* and so does a switch frame */
  g_assert_false(is_disposable("\x32\1\x30", 3, &head));     /* cut short */
  g_assert_false(is_disposable("\x32\3\x30\0\0\x32\3\x30\1\0", 10, &head));
  g_assert_false(is_disposable("\x32\3\x30\0\0", 5, NULL));
  head.order_hint_bits = 7; /* now seven bits later */
  g_assert_true(is_disposable("\x32\4\x30\1\0\0", 6, &head));
  g_assert_false(is_disposable("\x32\4\x30\0\x20\0", 6, &head));
  head.has_decoder_model = TRUE;
  g_assert_false(is_disposable("\x32\4\x30\1\0\0", 6, &head));
}

static void
test_metadata(void)
{
  static const char unit[] = "\x2a\6\1\3\xe8\1\x90\x80" /* light levels */
                             "\x2a\x1a\2"               /* mastering display */
                             "\xae\x14\x51\xec\x43\xd7\xb0\xa4\x26\x66\x0f\x5c\x50\x0d\x54\x39"
                             "\0\3\xe8\0\0\0\3\x33\x80"
                             "\x32\1\x10";
  MgAv1Unit u = inspect(unit, sizeof unit - 1);
  g_assert_true(u.is_key);
  g_assert_cmpuint(u.hdr.light.max_content, ==, 1000);
  g_assert_cmpuint(u.hdr.light.max_frame_average, ==, 400);
  g_assert_cmpuint(u.hdr.mastering.red[0], ==, 34000);
  g_assert_cmpuint(u.hdr.mastering.green[0], ==, 13250);
  g_assert_cmpuint(u.hdr.mastering.white[1], ==, 16450);
  g_assert_cmpuint(u.hdr.mastering.max_luminance, ==, 10000000);
  g_assert_cmpuint(u.hdr.mastering.min_luminance, ==, 500);
}

static void
test_obus(void)
{
  MgAv1Obu obu;
  MgReader r = MG_READER((const guint8 *) "\x12\0\x0a\x02\x01\x02\x30\x03", 8);
  g_assert_true(mg_av1_obu_next(&r, &obu));
  g_assert_cmpuint(obu.type, ==, MG_AV1_OBU_DELIMITER);
  g_assert_cmpuint(obu.size, ==, 2);
  g_assert_true(mg_av1_obu_next(&r, &obu));
  g_assert_cmpuint(obu.type, ==, MG_AV1_OBU_SEQUENCE);
  g_assert_cmpuint(mg_reader_left(&obu.payload), ==, 2);
  g_assert_true(mg_av1_obu_next(&r, &obu)); /* without a size: to the end */
  g_assert_cmpuint(obu.type, ==, MG_AV1_OBU_FRAME);
  g_assert_cmpuint(mg_reader_left(&obu.payload), ==, 1);
  g_assert_false(mg_av1_obu_next(&r, &obu));
  g_assert_false(mg_reader_failed(&r));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/av1/" name, function)
  T("configuration-is-read-and-written", test_config);
  T("codec-string-leaves-out-defaults", test_codec_string);
  T("broken-configuration-is-refused", test_broken);
  T("key-frames-that-are-shown-begin-decoding", test_key);
  T("frames-that-update-nothing-are-disposable", test_disposable);
  T("metadata-says-what-is-known-of-hdr", test_metadata);
  T("obus-are-walked-over", test_obus);
  return g_test_run();
}
