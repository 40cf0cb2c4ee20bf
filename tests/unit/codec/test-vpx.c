#include "codec/vpx.h"

#include "doubles/sample.h"

#include <string.h>

static void
test_codec_string(void)
{
  static const struct {
    MgVpxConfig config;
    gboolean is_vp8;
    const char *codecs;
  } all[] = {
    { { 0, 10, 8, 1, { 2, 2, 2, FALSE } }, FALSE, "vp09.00.10.08" },
    { { 0, 10, 8, 0, { 1, 1, 1, FALSE } }, FALSE, "vp09.00.10.08" },
    { { 2, 10, 10, 1, { 9, 16, 9, TRUE } }, FALSE, "vp09.02.10.10.01.09.16.09.01" },
    { { 1, 41, 8, 3, { 1, 1, 1, FALSE } }, FALSE, "vp09.01.41.08.03.01.01.01.00" },
    { { 0, 0, 8, 1, { 2, 2, 2, FALSE } }, TRUE, "vp08.00.00.08" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autofree char *codecs = mg_vpx_codec_string(&all[i].config, all[i].is_vp8);
    g_assert_cmpstr(codecs, ==, all[i].codecs);
  }
}

static void
test_broken(void)
{
  static const char *const all[] = { "\4\x0a\x82\2\2\2\0\0", "\0\x0a\x92\2\2\2\0\0",
                                     "\0\x0a\x88\2\2\2\0\0", "\0\x0a\x82\2\2\2\0\1" };
  MgVpxConfig config;
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    g_assert_false(mg_vpx_config_parse((const guint8 *) all[i], 8, &config, NULL));
  g_assert_false(mg_vpx_config_parse((const guint8 *) "\0\x0a\x82\2\2\2\0\0", 7, &config, NULL));
  g_assert_true(mg_vpx_config_parse((const guint8 *) "\0\x0a\x82\2\2\2\0\0", 8, &config, NULL));
}

/* An IVF file: 32 bytes, then frames with their size and twelve bytes in front. */
static void
test_vp8(void)
{
  g_autofree char *path = g_build_filename(SAMPLE_FOLDER, "vp8.ivf", NULL);
  g_autofree char *bytes = NULL;
  gsize size = 0;
  g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
  guint n = 0;
  for (gsize at = 32; at + 12 < size; n++) {
    const guint8 *p = (const guint8 *) bytes + at;
    gsize frame_size = p[0] | (gsize) p[1] << 8 | (gsize) p[2] << 16;
    MgVpxFrame frame;
    g_assert_true(mg_vp8_frame_inspect(p + 12, frame_size, &frame));
    g_assert_cmpint(frame.is_key, ==, n % 6 == 0);
    g_assert_cmpuint(frame.width, ==, n % 6 == 0 ? 96 : 0);
    g_assert_cmpuint(frame.height, ==, n % 6 == 0 ? 64 : 0);
    at += 12 + frame_size;
  }
  g_assert_cmpuint(n, ==, 12);
}

static MgVpxFrame
inspect(const char *frame, gsize size)
{
  MgVpxFrame f;
  g_assert_true(mg_vp9_frame_inspect((const guint8 *) frame, size, &f));
  return f;
}

/* refresh_frame_flags of 0: shown, not kept. */
static void
test_disposable(void)
{
  g_assert_true(inspect("\x86\0\x00", 3).is_disposable);
  g_assert_false(inspect("\x86\x02\x00", 3).is_disposable);
  g_assert_true(inspect("\x88", 1).is_disposable); /* an existing one is shown */
  g_assert_false(inspect("\x88", 1).is_key);
}

/* One that is shown and one that is kept: the superframe is needed, and its first frame no key. */
static void
test_superframe(void)
{
  static const char both[] = "\x86\0\x00"
                             "\x86\x02\x00"
                             "\xc1\3\3\xc1";
  MgVpxFrame f = inspect(both, sizeof both - 1);
  g_assert_false(f.is_disposable);
  g_assert_false(f.is_key);
  static const char none[] = "\x86\0\x00"
                             "\x86\0\x00"
                             "\xc1\3\3\xc1";
  g_assert_true(inspect(none, sizeof none - 1).is_disposable);
  MgVpxFrame broken;
  static const char lying[] = "\x86\0\x00"
                              "\x86\x02\x00"
                              "\xc1\3\x09\xc1";
  g_assert_false(mg_vp9_frame_inspect((const guint8 *) lying, sizeof lying - 1, &broken));
}

/* Profile 1 has its subsampling in the header, before the size. */
static void
test_profile_1(void)
{
  MgVpxFrame f = inspect("\xa2\x49\x83\x42\x40\x02\x7e\x01\x64", 9);
  g_assert_true(f.is_key);
  g_assert_cmpuint(f.width, ==, 320);
  g_assert_cmpuint(f.height, ==, 179);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/vpx/" name, function)
  T("codec-string-leaves-out-defaults", test_codec_string);
  T("broken-record-is-refused", test_broken);
  T("vp8-key-frames-say-their-size", test_vp8);
  T("vp9-frames-that-update-nothing-are-disposable", test_disposable);
  T("superframe-is-all-of-its-frames", test_superframe);
  T("vp9-of-profile-1-says-its-size", test_profile_1);
  return g_test_run();
}
