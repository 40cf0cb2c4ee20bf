#include "hex.h"
#include "rtmp/colour.h"
#include "rtmp/error.h"

static gboolean
parse(const char *hex, MgRtmpColour *colour, GError **error)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, hex);
  g_autofree guint8 *exact = g_memdup2(in.data, in.size);
  return mg_rtmp_colour_parse(exact, in.size, colour, error);
}

#define NAME     "02 0009 'colorInfo'"
#define NINE     "00 4022000000000000"
#define SIXTEEN  "00 4030000000000000"
#define THOUSAND "00 408f400000000000"
#define HALF     "00 3fe0000000000000"

#define CONFIG                                                                                     \
  "000b 'colorConfig' 03 0008 'bitDepth'" NINE "000e 'colorPrimaries'" NINE                        \
  "0017 'transferCharacteristics'" SIXTEEN "0012 'matrixCoefficients'" NINE "000009"
#define CLL "0006 'hdrCll' 03 0007 'maxFall'" NINE "0006 'maxCLL'" THOUSAND "000009"
#define MDCV                                                                                       \
  "0007 'hdrMdcv' 03 0004 'redX'" HALF "000b 'whitePointY'" HALF "000c 'maxLuminance'" THOUSAND    \
  "000c 'minLuminance'" HALF "000009"

static void
test_all(void)
{
  MgRtmpColour c;
  g_assert_true(parse(NAME "03" CONFIG CLL MDCV "000009", &c, NULL));
  g_assert_cmpuint(c.bit_depth, ==, 9);
  g_assert_cmpuint(c.primaries, ==, 9);
  g_assert_cmpuint(c.transfer, ==, 16);
  g_assert_cmpuint(c.matrix, ==, 9);
  g_assert_cmpfloat(c.max_frame_average, ==, 9);
  g_assert_cmpfloat(c.max_content, ==, 1000);
  g_assert_cmpfloat(c.red[0], ==, 0.5);
  g_assert_cmpfloat(c.red[1], ==, 0);
  g_assert_cmpfloat(c.white[1], ==, 0.5);
  g_assert_cmpfloat(c.max_luminance, ==, 1000);
  g_assert_cmpfloat(c.min_luminance, ==, 0.5);
}

static void
test_taken_back(void)
{
  static const char *const resets[] = { NAME "06", NAME "03 000009", NAME "11 00" };
  for (guint i = 0; i < G_N_ELEMENTS(resets); i++) {
    MgRtmpColour c;
    g_assert_true(parse(resets[i], &c, NULL));
    g_assert_cmpuint(c.transfer, ==, 0);
    g_assert_cmpfloat(c.max_luminance, ==, 0);
  }
}

static void
test_in_amf3(void)
{
  MgRtmpColour c;
  g_assert_true(parse(NAME
                      "11 0a 0b 01 17 'colorConfig' 0a 01 2f 'transferCharacteristics' 04 12 01 01",
                      &c, NULL));
  g_assert_cmpuint(c.transfer, ==, 18);
}

static void
test_mad_numbers(void)
{
  MgRtmpColour c;
  g_assert_true(parse(NAME "03 0006 'hdrCll' 03 0006 'maxCLL' 00 7ff0000000000000"
                           "0007 'maxFall' 00 c08f400000000000 000009 000009",
                      &c, NULL));
  g_assert_cmpfloat(c.max_content, ==, 0);
  g_assert_cmpfloat(c.max_frame_average, ==, 0);
}

static void
test_none(void)
{
  g_autoptr(GError) error = NULL;
  MgRtmpColour c;
  g_assert_false(parse("02 0003 'foo' 03 000009", &c, &error));
  g_assert_no_error(error);
  g_assert_false(parse(NAME, &c, &error));
  g_assert_no_error(error);
  g_assert_false(parse(NAME "03 00", &c, &error));
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/colour/all-of-it-is-read", test_all);
  g_test_add_func("/rtmp/colour/it-can-be-taken-back", test_taken_back);
  g_test_add_func("/rtmp/colour/in-amf3", test_in_amf3);
  g_test_add_func("/rtmp/colour/mad-numbers-are-not-said", test_mad_numbers);
  g_test_add_func("/rtmp/colour/without-it", test_none);
  return g_test_run();
}
