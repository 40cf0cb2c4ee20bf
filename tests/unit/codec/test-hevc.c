#include "codec/hevc.h"

#include "doubles/sample.h"

#include <string.h>

static MgHevcConfig
parse(const guint8 *hvcc, gsize size)
{
  MgHevcConfig config;
  g_autoptr(GError) error = NULL;
  mg_hevc_config_parse(hvcc, size, &config, &error);
  g_assert_no_error(error);
  return config;
}

static void
assert_refused(const guint8 *hvcc, gsize size, MgCodecError code)
{
  MgHevcConfig config;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_hevc_config_parse(hvcc, size, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, (gint) code);
}

/* --- configurations ---------------------------------------------------------------------------- */

static void
test_reordering(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  MgHevcConfig c = parse(sample->track->config, sample->track->config_size);
  g_assert_cmpuint(c.video.max_reorder, ==, 1);
  g_assert_cmpuint(c.video.chroma_format, ==, 1);
  g_assert_cmpuint(c.video.profile.level, ==, 30);
  g_assert_cmpuint(c.video.profile.compatibility, ==, 0x60000000);
  g_assert_false(c.video.is_interlaced);
}

/* In front of a key frame, as an encoder without hvcC sends them; the SEI does not come along. */
static void
test_from_units(void)
{
  g_autoptr(Sample) sample = sample_load("hevc-hdr.mp4");
  MgHevcConfig c = parse(sample->track->config, sample->track->config_size);
  g_auto(MgWriter) units = MG_WRITER_INIT, hvcc = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(&c.sets);
  while (mg_nal_arrays_next(&it, &nal)) {
    mg_writer_be32(&units, 1);
    mg_writer_bytes(&units, nal.data, nal.size);
  }
  g_assert_false(mg_hevc_config_from_units(units.data, 30, MG_NAL_ANNEX_B, &hvcc, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
  g_assert_cmpuint(hvcc.size, ==, 0);
  g_assert_true(mg_hevc_config_from_units(units.data, units.size, MG_NAL_ANNEX_B, &hvcc, NULL));
  MgHevcConfig made = parse(hvcc.data, hvcc.size);
  g_assert_true(mg_hevc_config_equal(&made, &c));
  g_assert_cmpuint(made.video.width, ==, 98);
  g_assert_cmpuint(made.hdr.light.max_content, ==, 0);
}

/* Every set once, whatever the record repeats; four-byte lengths, whatever it announces. */
static void
test_canonical(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  const guint8 *hvcc = sample->track->config;
  gsize n = sample->track->config_size;
  g_auto(MgWriter) twice = MG_WRITER_INIT, canonical = MG_WRITER_INIT, once = MG_WRITER_INIT;
  mg_writer_bytes(&twice, hvcc, n);
  mg_writer_bytes(&twice, hvcc + 23, n - 23);
  twice.data[21] &= 0xfc;
  twice.data[22] = 6;
  MgHevcConfig c = parse(twice.data, twice.size), before = parse(hvcc, n);
  g_assert_cmpuint(c.nal_length_size, ==, 1);
  mg_hevc_config_write(&c, &canonical);
  mg_hevc_config_write(&before, &once);
  g_assert_cmpmem(canonical.data, canonical.size, once.data, once.size);
}

static void
test_broken(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  const guint8 *hvcc = sample->track->config;
  gsize n = sample->track->config_size;
  g_autofree guint8 *copy = g_memdup2(hvcc, n);
  for (gsize cut = 0; cut < n; cut++) {
    MgHevcConfig config;
    g_assert_false(mg_hevc_config_parse(hvcc, cut, &config, NULL));
  }
  copy[22] = 2;
  assert_refused(copy, n, MG_CODEC_ERROR_MISSING);
  copy[22] = 3;
  copy[21] |= 2;
  copy[21] &= 0xfe; /* three-byte lengths */
  assert_refused(copy, n, MG_CODEC_ERROR_MALFORMED);
  g_autofree guint8 *huge = g_malloc0(65537);
  assert_refused(huge, 65537, MG_CODEC_ERROR_UNSUPPORTED);
}

/* --- pictures ------------------------------------------------------------------------------------ */

static MgHevcPicture
inspect(const char *units, gsize size, guint n_layers)
{
  MgHevcPicture picture;
  g_assert_true(mg_hevc_picture_inspect((const guint8 *) units, size, 1, n_layers, &picture));
  return picture;
}

static void
test_kinds_of_pictures(void)
{
  static const struct {
    guint8 type;
    gboolean is_irap, is_idr, is_reference;
  } all[] = {
    { 0, FALSE, FALSE, FALSE }, /* TRAIL_N */
    { 1, FALSE, FALSE, TRUE },  /* TRAIL_R */
    { 8, FALSE, FALSE, FALSE }, /* RASL_N */
    { 9, FALSE, FALSE, TRUE },  /* RASL_R */
    { 16, TRUE, FALSE, TRUE },  /* BLA_W_LP */
    { 19, TRUE, TRUE, TRUE },   /* IDR_W_RADL */
    { 20, TRUE, TRUE, TRUE },   /* IDR_N_LP */
    { 21, TRUE, FALSE, TRUE },  /* CRA */
    { 22, FALSE, FALSE, TRUE }, /* reserved */
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    const char unit[] = { 3, (char) (all[i].type << 1), 1, 0 };
    MgHevcPicture p = inspect(unit, sizeof unit, 1);
    g_assert_true(p.has_slice);
    g_assert_cmpint(p.is_irap, ==, all[i].is_irap);
    g_assert_cmpint(p.is_idr, ==, all[i].is_idr);
    g_assert_cmpint(p.is_reference, ==, all[i].is_reference);
  }
}

/* A picture that no other of its sub-layer needs may be one that a higher sub-layer needs. */
static void
test_sub_layers(void)
{
  g_assert_true(inspect("\3\0\1\0", 4, 2).is_reference);
  g_assert_false(inspect("\3\0\2\0", 4, 2).is_reference);
}

static void
test_no_picture(void)
{
  MgHevcPicture p = inspect("\4\x40\1\0\0"
                            "\4\x4e\1\0\0",
                            10, 1);
  g_assert_false(p.has_slice);
  g_assert_true(p.has_parameter_sets);
}

/* Light levels of 1000 and 400 cd/m² in a prefix SEI, behind a message of another kind. */
static void
test_sei(void)
{
  MgHevcPicture p = inspect("\x0d\x4e\1\5\2\xff\xff\x90\4\3\xe8\1\x90\x80"
                            "\3\x26\1\0",
                            18, 1);
  g_assert_true(p.is_idr);
  g_assert_cmpuint(p.hdr.light.max_content, ==, 1000);
  g_assert_cmpuint(p.hdr.light.max_frame_average, ==, 400);
  g_assert_cmpuint(p.hdr.mastering.max_luminance, ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/hevc/" name, function)
  T("reordering-and-profile-are-read", test_reordering);
  T("configuration-is-made-of-units", test_from_units);
  T("configuration-is-written-canonically", test_canonical);
  T("broken-configuration-is-refused", test_broken);
  T("pictures-are-told-apart", test_kinds_of_pictures);
  T("only-the-last-sub-layer-is-disposable", test_sub_layers);
  T("parameter-sets-are-no-picture", test_no_picture);
  T("light-levels-are-read-from-sei", test_sei);
  return g_test_run();
}
