#include "cmaf/box.h"

static void
test_nesting(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  gsize moof = mg_box_begin(&w, "moof");
  gsize mfhd = mg_full_box_begin(&w, "mfhd", 1, 0x020304);
  mg_writer_be32(&w, 7);
  mg_box_end(&w, mfhd);
  mg_box_end(&w, moof);
  g_assert_cmpmem(w.data, w.size, "\0\0\0\x18moof\0\0\0\x10mfhd\1\2\3\4\0\0\0\7", 24);

  MgReader r = MG_READER(w.data, w.size);
  MgBox box;
  guint8 version;
  guint32 flags;
  g_assert_true(mg_box_find_path(&r, "moof/mfhd", &box));
  mg_full_box_read(&box.body, &version, &flags);
  g_assert_cmpuint(version, ==, 1);
  g_assert_cmphex(flags, ==, 0x020304);
  g_assert_cmpuint(mg_reader_be32(&box.body), ==, 7);
  g_assert_false(mg_box_find_path(&r, "moof/traf", &box));
  g_assert_false(mg_box_find_path(&r, "moov/mfhd", &box));
}

static void
test_sizes(void)
{
  const guint8 in[] = "\0\0\0\x0askipab\0\0\0\1free\0\0\0\0\0\0\0\x12"
                      "cd\0\0\0\0mdatxyz";
  MgReader r = MG_READER(in, sizeof in - 1);
  MgBox box;
  g_assert_true(mg_box_next(&r, &box));
  g_assert_true(mg_box_is(&box, "skip"));
  g_assert_cmpmem(box.body.data, box.body.size, "ab", 2);
  g_assert_true(mg_box_next(&r, &box));
  g_assert_true(mg_box_is(&box, "free"));
  g_assert_cmpuint(box.begin, ==, 10);
  g_assert_cmpuint(box.header_size, ==, 16);
  g_assert_cmpmem(box.body.data, box.body.size, "cd", 2);
  g_assert_true(mg_box_next(&r, &box));
  g_assert_true(mg_box_is(&box, "mdat"));
  g_assert_cmpmem(box.body.data, box.body.size, "xyz", 3);
  g_assert_false(mg_box_next(&r, &box));
  g_assert_false(mg_reader_failed(&r));
}

static void
test_broken_sizes(void)
{
  const struct {
    const char *bytes;
    gsize size;
  } cases[] = {
    { "\0\0\0\x08"
      "fre",
      7 }, /* no whole header */
    { "\0\0\0\x07"
      "free",
      8 }, /* smaller than its header */
    { "\0\0\0\x09"
      "free",
      8 },                                    /* larger than what is left */
    { "\0\0\0\1free\0\0\0\0\0\0\0\x0f", 16 }, /* 64 bits, smaller than its header */
    { "\0\0\0\1free\xff\xff\xff\xff\xff\xff\xff\xff", 16 },
    { "\0\0\0\1free\0\0\0\0", 12 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgReader r = MG_READER((const guint8 *) cases[i].bytes, cases[i].size);
    MgBox box;
    g_assert_false(mg_box_next(&r, &box));
    g_assert_true(mg_reader_failed(&r));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cmaf/box/nested-boxes-read-back", test_nesting);
  g_test_add_func("/cmaf/box/all-three-kinds-of-size-are-read", test_sizes);
  g_test_add_func("/cmaf/box/broken-sizes-fail", test_broken_sizes);
  return g_test_run();
}
