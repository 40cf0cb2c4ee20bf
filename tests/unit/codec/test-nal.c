#include "codec/codec.h"
#include "codec/nal.h"

#include <string.h>

static void
test_lengths(void)
{
  const guint8 in[][8] = {
    { 2, 0x65, 0xaa, 0, 1, 0x41 },
    { 0, 2, 0x65, 0xaa, 0, 1, 0x41 },
  };
  const gsize sizes[] = { 6, 7 };
  for (guint length_size = 1; length_size <= 2; length_size++) {
    MgNal nal;
    MgNalIter it = mg_nal_iter(in[length_size - 1], sizes[length_size - 1], length_size);
    g_assert_true(mg_nal_next(&it, &nal));
    g_assert_cmpmem(nal.data, nal.size, "\x65\xaa", 2);
    g_assert_true(mg_nal_next(&it, &nal));
    g_assert_cmpmem(nal.data, nal.size, "\x41", 1);
    g_assert_false(mg_nal_next(&it, &nal));
    g_assert_false(mg_nal_iter_failed(&it));
  }
}

static void
test_length_past_the_end(void)
{
  const guint8 in[] = { 0, 0, 0, 1, 0x65, 0, 0, 0, 9, 0x41 };
  MgNal nal;
  MgNalIter it = mg_nal_iter(in, sizeof in, 4);
  g_assert_true(mg_nal_next(&it, &nal));
  g_assert_false(mg_nal_next(&it, &nal));
  g_assert_true(mg_nal_iter_failed(&it));
}

static void
test_annex_b(void)
{
  const guint8 in[] = { 0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 1, 0, 2, 0, 0, 0, 0, 1, 0x65, 0 };
  MgNal nal;
  MgNalIter it = mg_nal_iter(in, sizeof in, MG_NAL_ANNEX_B);
  g_assert_true(mg_nal_next(&it, &nal));
  g_assert_cmpmem(nal.data, nal.size, "\x09\xf0", 2);
  g_assert_true(mg_nal_next(&it, &nal));
  g_assert_cmpmem(nal.data, nal.size, "\x67\x01\x00\x02", 4);
  g_assert_true(mg_nal_next(&it, &nal));
  g_assert_cmpmem(nal.data, nal.size, "\x65", 1);
  g_assert_false(mg_nal_next(&it, &nal));
  g_assert_false(mg_nal_iter_failed(&it));
}

/* Whatever bytes stand before it: a start code is found at every distance. */
static void
test_start_code_everywhere(void)
{
  for (gsize n = 1; n < 12; n++) {
    for (guint filler = 0; filler < 4; filler++) {
      guint8 in[32] = { 0, 0, 1 };
      memset(in + 3, (gint) filler, n);
      in[2 + n] = 0x80; /* the last byte of a unit is not zero */
      memcpy(in + 3 + n, "\0\0\1\x41", 4);
      MgNal nal;
      MgNalIter it = mg_nal_iter(in, n + 7, MG_NAL_ANNEX_B);
      g_assert_true(mg_nal_next(&it, &nal));
      gsize first = nal.size;
      g_assert_true(mg_nal_next(&it, &nal));
      g_assert_cmpmem(nal.data, nal.size, "\x41", 1);
      if (filler != 0 || n < 3)
        g_assert_cmpuint(first, ==, n);
    }
  }
}

static void
test_annex_b_without_start_code(void)
{
  const guint8 in[][4] = { { 0x65, 0, 0, 1 }, { 0, 1, 0x65 }, { 0, 0, 0, 0 } };
  for (guint i = 0; i < G_N_ELEMENTS(in); i++) {
    MgNal nal;
    MgNalIter it = mg_nal_iter(in[i], 4, MG_NAL_ANNEX_B);
    g_assert_false(mg_nal_next(&it, &nal));
    g_assert_true(mg_nal_iter_failed(&it));
  }
}

static void
test_unescape(void)
{
  const guint8 in[] = { 0x67, 0, 0, 3, 0, 0, 3, 1, 0, 0, 0, 3, 3 };
  const guint8 expected[] = { 0x67, 0, 0, 0, 0, 1, 0, 0, 0, 3 };
  const MgNal nal = { in, sizeof in };
  guint8 out[sizeof in];
  g_assert_cmpmem(out, mg_nal_unescape(&nal, out, sizeof out), expected, sizeof expected);
  g_assert_cmpuint(mg_nal_unescape(&nal, out, 2), ==, 2);
}

static void
test_four_bytes_stay(void)
{
  const guint8 in[] = { 0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 1, 0x65 };
  guint8 *out = NULL;
  gsize size = 77;
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(mg_nal_to_length4(in, sizeof in, 4, NULL, &out, &size, &error), ==, MG_NAL_AS_IS);
  g_assert_no_error(error);
  g_assert_null(out);
  g_assert_cmpuint(size, ==, 77);
}

static void
assert_rewritten(const guint8 *in, gsize n, guint length_size, MgNalKeep keep, const char *expected,
                 gsize expected_size)
{
  g_autofree guint8 *out = NULL;
  gsize size = 0;
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(mg_nal_to_length4(in, n, length_size, keep, &out, &size, &error), ==,
                  MG_NAL_REWRITTEN);
  g_assert_no_error(error);
  g_assert_cmpmem(out, size, expected, expected_size);
}

static void
test_rewrites(void)
{
  const guint8 two[] = { 0, 1, 0x65, 0, 2, 0x41, 0xaa };
  assert_rewritten(two, sizeof two, 2, NULL, "\0\0\0\1\x65\0\0\0\2\x41\xaa", 11);
  const guint8 annex_b[] = { 0, 0, 1, 0x65, 0x88, 0, 0, 0, 1, 0x41, 0xaa };
  assert_rewritten(annex_b, sizeof annex_b, MG_NAL_ANNEX_B, NULL,
                   "\0\0\0\2\x65\x88\0\0\0\2\x41\xaa", 12);
  const guint8 empty_unit[] = { 0, 0, 0, 0, 0, 0, 0, 1, 0x65 };
  assert_rewritten(empty_unit, sizeof empty_unit, 4, NULL, "\0\0\0\1\x65", 5);
}

static void
test_start_codes_instead_of_lengths(void)
{
  const guint8 in[] = { 0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x65, 0x88 };
  g_assert_cmpuint(mg_nal_detect(in, sizeof in, 4), ==, MG_NAL_ANNEX_B);
  assert_rewritten(in, sizeof in, 4, NULL, "\0\0\0\2\x09\xf0\0\0\0\2\x65\x88", 12);
}

/* A length of one looks like a start code; lengths that add up are lengths. */
static void
test_lengths_that_look_like_start_codes(void)
{
  const guint8 in[] = { 0, 0, 0, 1, 0x0a, 0, 0, 0, 1, 0x0b };
  g_assert_cmpuint(mg_nal_detect(in, sizeof in, 4), ==, 4);
}

static gboolean
is_not_delimiter(const MgNal *nal)
{
  return nal->data[0] != 9;
}

static void
test_keep(void)
{
  const guint8 in[] = { 0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 1, 0x65 };
  assert_rewritten(in, sizeof in, 4, is_not_delimiter, "\0\0\0\1\x65", 5);
}

static void
test_refused(void)
{
  const struct {
    guint8 in[8];
    gsize size;
    MgCodecError code;
  } cases[] = {
    { { 0, 0, 0, 9, 0x65 }, 5, MG_CODEC_ERROR_MALFORMED },
    { { 0, 0, 0, 2, 0x65, 0x88, 0 }, 7, MG_CODEC_ERROR_MALFORMED },
    { { 0, 0, 0, 0 }, 4, MG_CODEC_ERROR_MISSING },
    { { 0 }, 0, MG_CODEC_ERROR_MISSING },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    guint8 *out = NULL;
    gsize size = 0;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(mg_nal_to_length4(cases[i].in, cases[i].size, 4, NULL, &out, &size, &error), ==,
                    MG_NAL_REFUSED);
    g_assert_error(error, MG_CODEC_ERROR, (gint) cases[i].code);
    g_assert_null(out);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/codec/nal/walks-over-lengths", test_lengths);
  g_test_add_func("/codec/nal/length-past-the-end-fails", test_length_past_the_end);
  g_test_add_func("/codec/nal/walks-over-annex-b-without-trailing-zeros", test_annex_b);
  g_test_add_func("/codec/nal/start-code-is-found-at-every-distance", test_start_code_everywhere);
  g_test_add_func("/codec/nal/annex-b-without-start-code-fails", test_annex_b_without_start_code);
  g_test_add_func("/codec/nal/unescape-drops-emulation-prevention", test_unescape);
  g_test_add_func("/codec/nal/four-byte-lengths-stay-as-they-are", test_four_bytes_stay);
  g_test_add_func("/codec/nal/other-forms-become-four-byte-lengths", test_rewrites);
  g_test_add_func("/codec/nal/start-codes-are-seen-where-lengths-were-announced",
                  test_start_codes_instead_of_lengths);
  g_test_add_func("/codec/nal/lengths-that-add-up-are-not-start-codes",
                  test_lengths_that_look_like_start_codes);
  g_test_add_func("/codec/nal/unwanted-units-are-dropped", test_keep);
  g_test_add_func("/codec/nal/broken-access-unit-is-refused", test_refused);
  return g_test_run();
}
