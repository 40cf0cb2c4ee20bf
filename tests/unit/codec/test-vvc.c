#include "codec/vvc.h"

#include <string.h>

/* By hand: Main 10, level 3.1, 320x180, ten bits, 4:2:0; one SPS and one PPS. */
static const guint8 plain[] = {
  0xff, 0x00, 0x15, 0x5f, 0x01, 0x02, 0x33, 0xc0, 0x00, 0x01, 0x40,
  0x00, 0xb4, 0x00, 0x00, 0x02, 0x8f, 0x00, 0x01, 0x00, 0x04, 0x00,
  0x79, 0x01, 0x02, 0x90, 0x00, 0x01, 0x00, 0x03, 0x00, 0x81, 0x03,
};

/*
 * Three sub-layers, of which two have a level; high tier; three bytes of constraints, the last zero; one
 * sub-profile; a DCI, which has no count.
 */
static const guint8 layered[] = {
  0xff, 0x00, 0x35, 0x5f, 0x03, 0x03, 0x53, 0x40, 0x01, 0x00, 0xc0, 0x30, 0x33, 0x01, 0xaa, 0xbb,
  0xcc, 0xdd, 0x0f, 0x00, 0x08, 0x70, 0x00, 0x00, 0x03, 0x8d, 0x00, 0x03, 0x00, 0x69, 0x01, 0x8f,
  0x00, 0x01, 0x00, 0x04, 0x00, 0x79, 0x01, 0x02, 0x90, 0x00, 0x01, 0x00, 0x03, 0x00, 0x81, 0x03,
};

static MgVvcConfig
parse(const guint8 *vvcc, gsize size)
{
  MgVvcConfig config;
  g_autoptr(GError) error = NULL;
  mg_vvc_config_parse(vvcc, size, &config, &error);
  g_assert_no_error(error);
  return config;
}

static void
assert_codecs(const MgVvcConfig *config, const char *wanted)
{
  g_autofree char *codecs = mg_vvc_codec_string(config);
  g_assert_cmpstr(codecs, ==, wanted);
}

static void
test_plain(void)
{
  MgVvcConfig c = parse(plain, sizeof plain);
  g_assert_cmpuint(c.nal_length_size, ==, 4);
  g_assert_cmpuint(c.width, ==, 320);
  g_assert_cmpuint(c.height, ==, 180);
  g_assert_cmpuint(c.bit_depth, ==, 10);
  g_assert_cmpuint(c.chroma_format, ==, 1);
  assert_codecs(&c, "vvc1.1.L51.CYA");
}

static void
test_layered(void)
{
  MgVvcConfig c = parse(layered, sizeof layered);
  g_assert_cmpuint(c.width, ==, 3840);
  g_assert_cmpuint(c.height, ==, 2160);
  g_assert_cmpuint(c.sets.n, ==, 3);
  assert_codecs(&c, "vvc1.1.H83.CIAAQ");
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_vvc_config_write(&c, &w);
  g_assert_cmpmem(w.data, w.size, layered, sizeof layered);
}

static void
test_equal(void)
{
  g_autofree guint8 *other = g_memdup2(plain, sizeof plain);
  MgVvcConfig a = parse(plain, sizeof plain), b = parse(other, sizeof plain);
  g_assert_true(mg_vvc_config_equal(&a, &b));
  other[sizeof plain - 1]++;
  g_assert_false(mg_vvc_config_equal(&a, &b));
}

static void
test_broken(void)
{
  MgVvcConfig config;
  g_autoptr(GError) error = NULL;
  g_autofree guint8 *copy = g_memdup2(plain, sizeof plain);
  for (gsize cut = 0; cut < sizeof plain; cut++)
    g_assert_false(mg_vvc_config_parse(plain, cut, &config, NULL));
  copy[0] = 0xfe;
  g_assert_false(mg_vvc_config_parse(copy, sizeof plain, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
  g_clear_error(&error);
  copy[0] = 0xff;
  copy[15] = 1;
  g_assert_false(mg_vvc_config_parse(copy, sizeof plain, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
}

/* --- pictures ------------------------------------------------------------------------------------ */

static MgVvcPicture
inspect(const char *units, gsize size)
{
  MgVvcPicture picture;
  g_assert_true(mg_vvc_picture_inspect((const guint8 *) units, size, 1, &picture));
  return picture;
}

static void
test_kinds_of_pictures(void)
{
  for (guint type = 0; type <= 11; type++) {
    const char unit[] = { 3, 0, (char) (type << 3 | 1), 0 };
    MgVvcPicture p = inspect(unit, sizeof unit);
    g_assert_true(p.has_slice && p.is_reference);
    g_assert_cmpint(p.is_irap, ==, type >= 7 && type <= 9);
  }
}

/* ph_non_ref_pic_flag, in a picture header of its own or in that of the slice. */
static void
test_non_reference(void)
{
  g_assert_false(inspect("\3\0\x99\x40"
                         "\3\0\1\0",
                         8)
                     .is_reference);
  g_assert_true(inspect("\3\0\x99\x80"
                        "\3\0\1\0",
                        8)
                    .is_reference);
  g_assert_false(inspect("\3\0\1\xa0", 4).is_reference);
  g_assert_true(inspect("\3\0\1\x20", 4).is_reference);
}

/* Adaptation parameter sets belong to the pictures. */
static void
test_sets(void)
{
  MgVvcPicture p = inspect("\3\0\x79\0"
                           "\3\0\x89\0",
                           8);
  g_assert_true(p.has_parameter_sets);
  g_assert_false(p.has_slice);
  const MgNal sps = { (const guint8 *) "\0\x79", 2 }, aps = { (const guint8 *) "\0\x89", 2 };
  g_assert_false(mg_vvc_is_not_parameter_set(&sps));
  g_assert_true(mg_vvc_is_not_parameter_set(&aps));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/vvc/" name, function)
  T("configuration-is-described", test_plain);
  T("sub-layers-and-sub-profiles-are-carried", test_layered);
  T("equal-configurations-have-equal-sets", test_equal);
  T("broken-configuration-is-refused", test_broken);
  T("pictures-are-told-apart", test_kinds_of_pictures);
  T("picture-header-says-what-is-disposable", test_non_reference);
  T("adaptation-sets-stay-in-band", test_sets);
  return g_test_run();
}
