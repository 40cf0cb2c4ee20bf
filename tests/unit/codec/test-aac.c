#include "codec/aac.h"

#include <string.h>

static MgAacConfig
parse(const char *asc, gsize size)
{
  MgAacConfig config;
  g_autoptr(GError) error = NULL;
  mg_aac_config_parse((const guint8 *) asc, size, &config, &error);
  g_assert_no_error(error);
  return config;
}

static void
test_lc(void)
{
  MgAacConfig c = parse("\x12\x10\x56\xe5\x00", 5);
  g_assert_cmpuint(c.object_type, ==, 2);
  g_assert_cmpuint(c.core_rate, ==, 44100);
  g_assert_cmpuint(c.output_rate, ==, 44100);
  g_assert_cmpuint(c.channels, ==, 2);
  g_assert_cmpuint(c.frame_samples, ==, 1024);
  g_assert_false(c.has_sbr);
  g_assert_cmpstr(mg_aac_codec_string(&c), ==, "mp4a.40.2");
}

static void
test_he_in_front(void)
{
  /* 00101 0110 0010 0011 00010 000: SBR, 24 kHz, stereo, to 48 kHz, LC */
  MgAacConfig c = parse("\x2b\x11\x88\x00", 4);
  g_assert_true(c.has_sbr && c.is_hierarchical);
  g_assert_false(c.has_ps);
  g_assert_cmpuint(c.object_type, ==, 2);
  g_assert_cmpuint(c.core_rate, ==, 24000);
  g_assert_cmpuint(c.output_rate, ==, 48000);
  g_assert_cmpuint(c.core_frame_samples, ==, 1024);
  g_assert_cmpuint(c.frame_samples, ==, 2048);
  g_assert_cmpstr(mg_aac_codec_string(&c), ==, "mp4a.40.5");
}

static void
test_he_v2_in_front(void)
{
  /* 11101 0111 0001 0100 00010 000: PS, 22.05 kHz, mono, to 44.1 kHz, LC */
  MgAacConfig c = parse("\xeb\x8a\x08\x00", 4);
  g_assert_true(c.has_ps);
  g_assert_cmpuint(c.core_channels, ==, 1);
  g_assert_cmpuint(c.channels, ==, 2);
  g_assert_cmpuint(c.output_rate, ==, 44100);
  g_assert_cmpstr(mg_aac_codec_string(&c), ==, "mp4a.40.29");
}

static void
test_he_at_the_end(void)
{
  /* LC 24 kHz stereo, then 0x2b7 00101 1 0011 */
  MgAacConfig c = parse("\x13\x10\x56\xe5\x98", 5);
  g_assert_true(c.has_sbr);
  g_assert_false(c.is_hierarchical);
  g_assert_cmpuint(c.core_rate, ==, 24000);
  g_assert_cmpuint(c.output_rate, ==, 48000);
  /* and with 0x548 1 behind it */
  c = parse("\x13\x08\x56\xe5\x9d\x48\x80", 7);
  g_assert_true(c.has_ps);
  g_assert_cmpuint(c.channels, ==, 2);
}

static void
test_explicit_rate(void)
{
  /* 00010 1111 000000001011101110000001 (48001) 0001 000 */
  MgAacConfig c = parse("\x17\x80\x5d\xc0\x88", 5);
  g_assert_cmpuint(c.core_rate, ==, 48001);
  g_assert_cmpuint(c.channels, ==, 1);
}

static void
test_short_frames(void)
{
  MgAacConfig c = parse("\x11\x94", 2);
  g_assert_cmpuint(c.core_frame_samples, ==, 960);
  g_assert_cmpuint(c.core_rate, ==, 48000);
}

/* As an encoder writes four channels front and back: a program config element with a comment. */
static void
test_program_config(void)
{
  static const char asc[] = "\x12\x00\x05\x04\x04\x00\x21\x10\x0dLavc59.37.100\x56\xe5";
  MgAacConfig c = parse(asc, sizeof asc); /* the NUL is the last byte of the extension */
  g_assert_cmpuint(c.channel_config, ==, 0);
  g_assert_cmpuint(c.channels, ==, 4);
  g_assert_false(c.has_sbr);
}

/*
 * All that a program config element can hold: mixdowns, a front pair and a centre, a side pair, a low
 * frequency channel, data and coupling; behind a core coder delay and before extensionFlag3.
 *
 * 00010 0011 0000 | 0 1 (14: 1) 1 | tag 4, 2, 4 | front 2 side 1 back 0 lfe 1 data 1 cc 1 |
 * 1 (4) 1 (4) 1 (3) | cpe, sce, cpe: 5 each | lfe 4 | data 4 | cc 5 | align | comment of two
 */
static void
test_whole_program_config(void)
{
  MgAacConfig c = parse("\x11\x82\x00\x0c\x53\x21\x04\x8c\xa7\xb1\x0c\x48\xe8\x02\x41\x42\x80", 17);
  g_assert_cmpuint(c.channels, ==, 6);
}

static void
test_channel_configurations(void)
{
  const guint8 channels[] = { 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0 };
  for (guint i = 0; i < G_N_ELEMENTS(channels); i++) {
    const guint8 asc[] = { 0x11, (guint8) (0x80 | (i + 1) << 3) };
    MgAacConfig c;
    gboolean ok = mg_aac_config_parse(asc, sizeof asc, &c, NULL);
    g_assert_cmpint(ok, ==, channels[i] != 0);
    if (ok)
      g_assert_cmpuint(c.channels, ==, channels[i]);
  }
}

static void
test_refused(void)
{
  const struct {
    const char *asc;
    gsize size;
    MgCodecError code;
  } cases[] = {
    { "", 0, MG_CODEC_ERROR_MALFORMED },
    { "\x12", 1, MG_CODEC_ERROR_MALFORMED },
    { "\x16\x90", 2, MG_CODEC_ERROR_MALFORMED },             /* reserved rate 13 */
    { "\x17\x80\x00\x00\x08", 5, MG_CODEC_ERROR_MALFORMED }, /* explicit rate 0 */
    { "\x2b\x0a\x08\x00", 4, MG_CODEC_ERROR_MALFORMED },     /* SBR to a lower rate */
    { "\x12\x00\xff\xff", 4, MG_CODEC_ERROR_MALFORMED },     /* program config cut short */
    { "\xf8\xe6\x40\x00", 4, MG_CODEC_ERROR_UNSUPPORTED },   /* escape: ELD */
    { "\x8a\x10", 2, MG_CODEC_ERROR_UNSUPPORTED },           /* ER AAC LC */
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgAacConfig c;
    g_autoptr(GError) error = NULL;
    const guint8 *asc = (const guint8 *) cases[i].asc;
    g_assert_false(mg_aac_config_parse(asc, cases[i].size, &c, &error));
    g_assert_error(error, MG_CODEC_ERROR, (gint) cases[i].code);
  }
}

static void
assert_written(const MgAacConfig *config, const char *expected, gsize size)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_aac_config_write(config, &w);
  g_assert_cmpmem(w.data, w.size, expected, size);
  MgAacConfig back = parse(expected, size);
  g_assert_cmpuint(back.core_rate, ==, config->core_rate);
  g_assert_cmpuint(back.output_rate, ==, config->output_rate);
  g_assert_cmpint(back.has_ps, ==, config->has_ps);
}

static void
test_write(void)
{
  MgAacConfig lc = { .object_type = 2, .core_rate = 44100, .output_rate = 44100 };
  lc.channel_config = 2;
  assert_written(&lc, "\x12\x10", 2);
  lc.core_rate = lc.output_rate = 48001;
  lc.channel_config = 1;
  assert_written(&lc, "\x17\x80\x5d\xc0\x88", 5);
  MgAacConfig he = { .object_type = 2, .has_sbr = TRUE, .core_rate = 24000 };
  he.output_rate = 48000;
  he.channel_config = 2;
  assert_written(&he, "\x13\x10\x56\xe5\x98", 5);
  he.is_hierarchical = TRUE;
  assert_written(&he, "\x2b\x11\x88\x00", 4);
  he.is_hierarchical = FALSE;
  he.channel_config = 1;
  he.has_ps = TRUE;
  assert_written(&he, "\x13\x08\x56\xe5\x9d\x48\x80", 7);
}

static void
test_equal(void)
{
  MgAacConfig with_extension = parse("\x12\x10\x56\xe5\x00", 5);
  MgAacConfig plain = parse("\x12\x10", 2);
  MgAacConfig mono = parse("\x12\x08", 2);
  g_assert_true(mg_aac_config_equal(&with_extension, &plain));
  g_assert_false(mg_aac_config_equal(&plain, &mono));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/codec/aac/lc-is-described", test_lc);
  g_test_add_func("/codec/aac/he-is-seen-in-front", test_he_in_front);
  g_test_add_func("/codec/aac/he-v2-makes-two-channels-of-one", test_he_v2_in_front);
  g_test_add_func("/codec/aac/he-is-seen-in-the-extension", test_he_at_the_end);
  g_test_add_func("/codec/aac/explicit-rate-is-read", test_explicit_rate);
  g_test_add_func("/codec/aac/frames-of-960-samples-are-read", test_short_frames);
  g_test_add_func("/codec/aac/program-config-counts-channels", test_program_config);
  g_test_add_func("/codec/aac/whole-program-config-is-passed-over", test_whole_program_config);
  g_test_add_func("/codec/aac/channel-configurations-follow-the-table",
                  test_channel_configurations);
  g_test_add_func("/codec/aac/broken-or-foreign-configuration-is-refused", test_refused);
  g_test_add_func("/codec/aac/written-configuration-reads-back", test_write);
  g_test_add_func("/codec/aac/equal-looks-at-meaning-not-bytes", test_equal);
  return g_test_run();
}
