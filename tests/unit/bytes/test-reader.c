#include "bytes/bits.h"
#include "bytes/reader.h"
#include "bytes/writer.h"

static void
test_numbers(void)
{
  const guint8 in[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0xff, 0xff, 0xfe, 0x34, 0x12 };
  MgReader r = MG_READER(in, sizeof in);
  g_assert_cmphex(mg_reader_u8(&r), ==, 0x01);
  g_assert_cmphex(mg_reader_be16(&r), ==, 0x0203);
  g_assert_cmphex(mg_reader_be24(&r), ==, 0x040506);
  g_assert_cmpint(mg_reader_be24s(&r), ==, -2);
  g_assert_cmphex(mg_reader_le16(&r), ==, 0x1234);
  g_assert_cmpuint(mg_reader_left(&r), ==, 0);
  g_assert_false(mg_reader_failed(&r));
}

static void
test_past_the_end(void)
{
  const guint8 in[] = { 0xaa, 0xbb };
  MgReader r = MG_READER(in, sizeof in);
  g_assert_cmphex(mg_reader_be32(&r), ==, 0);
  g_assert_true(mg_reader_failed(&r));
  g_assert_cmphex(mg_reader_u8(&r), ==, 0);
  g_assert_null(mg_reader_take(&r, 1));
  MgReader sub = mg_reader_sub(&r, 1);
  g_assert_true(mg_reader_failed(&sub));
}

static void
test_sub(void)
{
  const guint8 in[] = { 1, 2, 3 };
  MgReader r = MG_READER(in, sizeof in);
  MgReader sub = mg_reader_sub(&r, 2);
  g_assert_cmpuint(mg_reader_be16(&sub), ==, 0x0102);
  mg_reader_u8(&sub);
  g_assert_true(mg_reader_failed(&sub));
  g_assert_cmpuint(mg_reader_u8(&r), ==, 3);
  g_assert_false(mg_reader_failed(&r));
}

static void
test_golomb(void)
{
  /* 1 | 010 | 011 | 00100 | 00101 : ue 0 1 2 3, then se of code 4 = -2 */
  const guint8 in[] = { 0xa6, 0x42, 0x80 };
  MgBitReader b = MG_BIT_READER(in, sizeof in);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpuint(mg_bit_reader_ue(&b), ==, i);
  g_assert_cmpint(mg_bit_reader_se(&b), ==, -2);
  g_assert_false(mg_bit_reader_failed(&b));
}

static void
test_golomb_without_end(void)
{
  const guint8 in[16] = { 0 };
  MgBitReader b = MG_BIT_READER(in, sizeof in);
  g_assert_cmpuint(mg_bit_reader_ue(&b), ==, 0);
  g_assert_true(mg_bit_reader_failed(&b));
}

static void
test_writer_gives_back_what_was_written(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_writer_be32(&w, 0);
  mg_writer_be24(&w, 0x010203);
  mg_writer_le32(&w, 0x11223344);
  mg_writer_be_double(&w, 1.5);
  mg_writer_text(&w, "moof");
  mg_writer_patch_be32(&w, 0, (guint32) w.size);
  MgReader r = MG_READER(w.data, w.size);
  g_assert_cmpuint(mg_reader_be32(&r), ==, w.size);
  g_assert_cmphex(mg_reader_be24(&r), ==, 0x010203);
  g_assert_cmphex(mg_reader_le32(&r), ==, 0x11223344);
  g_assert_cmpfloat(mg_reader_be_double(&r), ==, 1.5);
  g_assert_cmpmem(mg_reader_take(&r, 4), 4, "moof", 4);
  g_assert_cmpuint(mg_reader_left(&r), ==, 0);
}

/* Reserved room is there, and what cannot be there changes nothing. */
static void
test_reserve(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_writer_text(&w, "ab");
  g_assert_true(mg_writer_reserve(&w, 1000));
  const guint8 *data = w.data;
  mg_writer_zeros(&w, 1000);
  g_assert_true(w.data == data);
  g_assert_false(mg_writer_reserve(&w, G_MAXSIZE));
  g_assert_cmpuint(w.size, ==, 1002);
  g_assert_cmpmem(w.data, 2, "ab", 2);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/bytes/reader/reads-numbers-in-order", test_numbers);
  g_test_add_func("/bytes/reader/past-the-end-fails-and-stays-failed", test_past_the_end);
  g_test_add_func("/bytes/reader/sub-reader-cannot-leave-its-slice", test_sub);
  g_test_add_func("/bytes/bits/exp-golomb-decodes", test_golomb);
  g_test_add_func("/bytes/bits/exp-golomb-without-end-fails", test_golomb_without_end);
  g_test_add_func("/bytes/writer/reader-gives-back-what-was-written",
                  test_writer_gives_back_what_was_written);
  g_test_add_func("/bytes/writer/reserved-room-is-there", test_reserve);
  return g_test_run();
}
