#include "codec/h264.h"

#include <string.h>

/* From a common encoder: High 4.0, 1920x1080, 29.97, BT.709, two reordered frames. */
static const guint8 high[] = {
  0x01, 0x64, 0x00, 0x28, 0xff, 0xe1, 0x00, 0x1d, 0x67, 0x64, 0x00, 0x28, 0xac,
  0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x5a, 0x80, 0x80, 0x80, 0xa0, 0x00,
  0x00, 0x7d, 0x20, 0x00, 0x1d, 0x4c, 0x01, 0xe3, 0x06, 0x32, 0xc0, 0x01, 0x00,
  0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};

/* Constrained Baseline 3.0, 640x360, 25. */
static const guint8 baseline[] = {
  0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00,
  0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00,
  0x32, 0x0f, 0x16, 0x2e, 0x48, 0x01, 0x00, 0x05, 0x68, 0xcb, 0x83, 0xcb, 0x20,
};

/* Main 3.0, 720x576 interlaced, 25, 16:11. */
static const guint8 interlaced[] = {
  0x01, 0x4d, 0x40, 0x1e, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x4d, 0x40, 0x1e, 0xec, 0xa0,
  0x5a, 0x12, 0x6c, 0x10, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0c, 0x87,
  0xc5, 0x0a, 0x65, 0x80, 0x01, 0x00, 0x05, 0x68, 0xfb, 0xa3, 0xcb, 0x20,
};

/* High 4:4:4 2.1 with HRD, 322x182, 50, no reordering. */
static const guint8 high444[] = {
  0x01, 0xf4, 0x00, 0x15, 0xff, 0xe1, 0x00, 0x25, 0x67, 0xf4, 0x00, 0x15, 0x91, 0x96, 0x40,
  0x54, 0x67, 0x8f, 0x8b, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x01,
  0x91, 0x80, 0x80, 0x07, 0xa1, 0x00, 0x01, 0xe8, 0x4a, 0x4d, 0x38, 0x07, 0x8b, 0x17, 0x24,
  0x01, 0x00, 0x08, 0x68, 0xeb, 0xc3, 0xc4, 0x4c, 0x00, 0x04, 0x40, 0xff, 0xf8, 0xf8, 0x00,
};

/* High 4:2:2, ten bits, 320x180, 50. */
static const guint8 ten_bits[] = {
  0x01, 0x7a, 0x00, 0x15, 0xff, 0xe1, 0x00, 0x1a, 0x67, 0x7a, 0x00, 0x15, 0xb6, 0xcd, 0x94, 0x14,
  0x19, 0xf8, 0xdc, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x19, 0x03, 0xc5, 0x8b,
  0x65, 0x80, 0x01, 0x00, 0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfe, 0xfa, 0xfa, 0x00,
};

static MgH264Config
parse(const guint8 *avcc, gsize size)
{
  MgH264Config config;
  g_autoptr(GError) error = NULL;
  mg_h264_config_parse(avcc, size, &config, &error);
  g_assert_no_error(error);
  return config;
}

#define PARSE(avcc) parse(avcc, sizeof avcc)

static void
test_high(void)
{
  MgH264Config c = PARSE(high);
  g_assert_cmpuint(c.nal_length_size, ==, 4);
  g_assert_cmpuint(c.sps.n, ==, 1);
  g_assert_cmpuint(c.sps.size, ==, 2 + 0x1d);
  g_assert_cmpuint(c.pps.size, ==, 2 + 6);
  g_assert_cmpuint(c.video.width, ==, 1920);
  g_assert_cmpuint(c.video.height, ==, 1080);
  g_assert_cmpuint(c.video.frame_rate.num, ==, 30000);
  g_assert_cmpuint(c.video.frame_rate.den, ==, 1001);
  g_assert_cmpuint(c.video.sar.num, ==, 1);
  g_assert_cmpuint(c.video.max_reorder, ==, 2);
  g_assert_cmpuint(c.video.colour.primaries, ==, 1);
  g_assert_cmpuint(c.video.colour.matrix, ==, 1);
  g_assert_false(c.video.is_interlaced);
  g_autofree char *codecs = mg_h264_codec_string(&c);
  g_assert_cmpstr(codecs, ==, "avc1.640028");
}

static void
test_baseline(void)
{
  MgH264Config c = PARSE(baseline);
  g_assert_cmpuint(c.video.width, ==, 640);
  g_assert_cmpuint(c.video.height, ==, 360);
  g_assert_cmpuint(c.video.frame_rate.num, ==, 25);
  g_assert_cmpuint(c.video.max_reorder, ==, 0);
  g_assert_cmpuint(c.video.colour.primaries, ==, 2);
  g_autofree char *codecs = mg_h264_codec_string(&c);
  g_assert_cmpstr(codecs, ==, "avc1.42C01E");
}

static void
test_interlaced(void)
{
  MgH264Config c = PARSE(interlaced);
  g_assert_cmpuint(c.video.width, ==, 720);
  g_assert_cmpuint(c.video.height, ==, 576);
  g_assert_true(c.video.is_interlaced);
  g_assert_cmpuint(c.video.sar.num, ==, 16);
  g_assert_cmpuint(c.video.sar.den, ==, 11);
}

static void
test_hrd_and_chroma(void)
{
  MgH264Config c = PARSE(high444);
  g_assert_cmpuint(c.video.chroma_format, ==, 3);
  g_assert_cmpuint(c.video.width, ==, 322);
  g_assert_cmpuint(c.video.height, ==, 182);
  g_assert_cmpuint(c.video.frame_rate.num, ==, 50);
  g_assert_cmpuint(c.video.max_reorder, ==, 0);
  c = PARSE(ten_bits);
  g_assert_cmpuint(c.video.chroma_format, ==, 2);
  g_assert_cmpuint(c.video.bit_depth_luma, ==, 10);
  g_assert_cmpuint(c.video.bit_depth_chroma, ==, 10);
  g_assert_cmpuint(c.video.height, ==, 180);
}

/* Parameter sets built field by field, for what no encoder at hand writes. */
typedef struct {
  guint8 bytes[512];
  gsize n_bits;
} Bits;

static void
put(Bits *b, guint32 value, guint n)
{
  for (guint i = n; i-- > 0; b->n_bits++)
    if (value >> i & 1)
      b->bytes[b->n_bits / 8] |= (guint8) (0x80 >> b->n_bits % 8);
}

static void
put_ue(Bits *b, guint32 value)
{
  guint length = g_bit_storage(value + 1);
  put(b, 0, length - 1);
  put(b, value + 1, length);
}

static Bits
begin_sps(guint profile, guint constraints, guint level)
{
  Bits b = { 0 };
  put(&b, 0x67, 8);
  put(&b, profile, 8);
  put(&b, constraints, 8);
  put(&b, level, 8);
  put_ue(&b, 0); /* id */
  return b;
}

/* 1280x720 from the frame number on: picture order, size, no cropping. The VUI flag is the caller's. */
static void
put_body(Bits *b, guint poc_type)
{
  put_ue(b, 0);
  put_ue(b, poc_type);
  if (poc_type == 0)
    put_ue(b, 2);
  if (poc_type == 1) {
    put(b, 0, 1);
    put_ue(b, 1);
    put_ue(b, 2);
    put_ue(b, 2); /* a cycle of two */
    put_ue(b, 5);
    put_ue(b, 6);
  }
  put_ue(b, 4);
  put(b, 0, 1);
  put_ue(b, 79);
  put_ue(b, 44);
  put(b, 1, 1); /* frame_mbs_only_flag */
  put(b, 1, 1);
  put(b, 0, 1); /* cropping */
}

/* Without emulation prevention: the values above make no run of zero bytes. */
static MgH264Sps
finish_sps(Bits *b)
{
  put(b, 1, 1);
  MgNal nal = { b->bytes, (b->n_bits + 7) / 8 };
  MgH264Sps sps;
  g_autoptr(GError) error = NULL;
  mg_h264_sps_parse(&nal, &sps, &error);
  g_assert_no_error(error);
  return sps;
}

static void
test_reorder_without_restriction(void)
{
  const struct {
    guint profile, constraints, level, poc_type, reorder;
  } cases[] = {
    { 77, 0, 31, 0, 5 }, /* MaxDpbMbs 18000 / 3600 */
    { 77, 0, 40, 1, 9 },    { 77, 0, 62, 0, 16 }, { 77, 0, 31, 2, 0 },
    { 66, 0, 31, 0, 0 },    { 77, 0, 99, 0, 16 }, /* an unknown level */
    { 77, 0x10, 11, 0, 0 },                       /* level 1b: less than one such frame */
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    Bits b = begin_sps(cases[i].profile, cases[i].constraints, cases[i].level);
    put_body(&b, cases[i].poc_type);
    put(&b, 0, 1);
    MgH264Sps sps = finish_sps(&b);
    g_assert_cmpuint(sps.width, ==, 1280);
    g_assert_cmpuint(sps.max_reorder, ==, cases[i].reorder);
    g_assert_cmpuint(sps.frame_rate.num, ==, 0);
    g_assert_cmpuint(sps.sar.num, ==, 0);
  }
}

static void
test_intra_profile(void)
{
  Bits b = begin_sps(110, 0x10, 31);
  put_ue(&b, 1);
  put_ue(&b, 2);
  put_ue(&b, 2);
  put(&b, 0, 2);
  put_body(&b, 0);
  put(&b, 0, 1);
  MgH264Sps sps = finish_sps(&b);
  g_assert_cmpuint(sps.max_reorder, ==, 0);
  g_assert_cmpuint(sps.bit_depth_luma, ==, 10);
}

static void
test_scaling_lists(void)
{
  Bits b = begin_sps(100, 0, 31);
  put_ue(&b, 1);
  put_ue(&b, 0);
  put_ue(&b, 0);
  put(&b, 0, 1);
  put(&b, 1, 1); /* seq_scaling_matrix_present_flag */
  put(&b, 1, 1); /* first list: 16 deltas of +1 */
  for (guint i = 0; i < 16; i++)
    put_ue(&b, 1);
  put(&b, 1, 1);
  put_ue(&b, 16); /* second: delta -8, so the rest is inherited */
  put(&b, 0, 4);
  put(&b, 1, 1); /* an 8x8 list: 64 deltas of 0 */
  for (guint i = 0; i < 64; i++)
    put_ue(&b, 0);
  put(&b, 0, 1);
  put_body(&b, 0);
  put(&b, 0, 1);
  MgH264Sps sps = finish_sps(&b);
  g_assert_cmpuint(sps.width, ==, 1280);
  g_assert_cmpuint(sps.height, ==, 720);
}

/* Present, with two schedules. */
static void
put_hrd(Bits *b)
{
  put(b, 1, 1);
  put_ue(b, 1);
  put(b, 0x34, 8);
  for (guint i = 0; i < 2; i++) {
    put_ue(b, 1000 + i);
    put_ue(b, 2000);
    put(b, 1, 1);
  }
  put(b, 0xbdef7, 20);
}

static void
test_whole_vui(void)
{
  Bits b = begin_sps(77, 0, 31);
  put_body(&b, 0);
  put(&b, 1, 1);
  put(&b, 1, 1);
  put(&b, 255, 8); /* Extended_SAR */
  put(&b, 8, 16);
  put(&b, 6, 16);
  put(&b, 3, 2);   /* overscan */
  put(&b, 1, 1);   /* video signal */
  put(&b, 0xb, 4); /* format 5, full range */
  put(&b, 1, 1);
  put(&b, 0x091009, 24);
  put(&b, 1, 1); /* chroma location */
  put_ue(&b, 1);
  put_ue(&b, 1);
  put(&b, 1, 1); /* timing */
  put(&b, 1001, 32);
  put(&b, 120000, 32);
  put(&b, 1, 1);
  put_hrd(&b);   /* NAL */
  put_hrd(&b);   /* VCL */
  put(&b, 0, 2); /* low_delay_hrd_flag, pic_struct_present_flag */
  put(&b, 1, 1); /* restriction */
  put(&b, 1, 1);
  for (guint i = 0; i < 4; i++)
    put_ue(&b, i);
  put_ue(&b, 1);
  put_ue(&b, 3);
  MgH264Sps sps = finish_sps(&b);
  g_assert_cmpuint(sps.sar.num, ==, 4);
  g_assert_cmpuint(sps.sar.den, ==, 3);
  g_assert_cmpuint(sps.colour.primaries, ==, 9);
  g_assert_cmpuint(sps.colour.transfer, ==, 16);
  g_assert_cmpuint(sps.colour.matrix, ==, 9);
  g_assert_true(sps.colour.is_full_range);
  g_assert_cmpuint(sps.frame_rate.num, ==, 60000);
  g_assert_cmpuint(sps.frame_rate.den, ==, 1001);
  g_assert_true(sps.has_fixed_frame_rate);
  g_assert_cmpuint(sps.max_reorder, ==, 1);
}

static void
test_cut_vui(void)
{
  Bits b = begin_sps(77, 0, 31);
  put_body(&b, 0);
  put(&b, 1, 1);
  put(&b, 1, 1);
  put(&b, 2, 8); /* 12:11, and then the end */
  MgH264Sps sps = finish_sps(&b);
  g_assert_cmpuint(sps.width, ==, 1280);
  g_assert_cmpuint(sps.sar.num, ==, 0);
  g_assert_cmpuint(sps.max_reorder, ==, 5);
}

static MgCodecError
refuse_size(guint width_mbs, guint height_mbs, guint crop)
{
  Bits b = begin_sps(77, 0, 31);
  put_ue(&b, 0);
  put_ue(&b, 2);
  put_ue(&b, 4);
  put(&b, 0, 1);
  put_ue(&b, width_mbs - 1);
  put_ue(&b, height_mbs - 1);
  put(&b, 3, 2);
  put(&b, 1, 1);
  for (guint i = 0; i < 4; i++)
    put_ue(&b, crop);
  put(&b, 1, 2);
  MgNal nal = { b.bytes, (b.n_bits + 7) / 8 };
  MgH264Sps sps;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_h264_sps_parse(&nal, &sps, &error));
  g_assert_true(error->domain == MG_CODEC_ERROR);
  return (MgCodecError) error->code;
}

static void
test_absurd_sizes(void)
{
  g_assert_cmpint(refuse_size(1056, 1, 0), ==, MG_CODEC_ERROR_UNSUPPORTED);
  g_assert_cmpint(refuse_size(1, 1056, 0), ==, MG_CODEC_ERROR_UNSUPPORTED);
  g_assert_cmpint(refuse_size(400, 400, 0), ==, MG_CODEC_ERROR_UNSUPPORTED);
  g_assert_cmpint(refuse_size(1, 1, 4), ==, MG_CODEC_ERROR_MALFORMED);
  g_assert_cmpint(refuse_size(1, 1, 0x7ffffffe), ==, MG_CODEC_ERROR_MALFORMED);
}

/* The error of a set whose fields after the level are these exp-Golomb codes. */
static void
assert_malformed(guint profile, const guint32 *codes, gsize n)
{
  Bits b = { 0 };
  put(&b, 0x67000000 | profile << 16 | 31, 32);
  for (gsize i = 0; i < n; i++)
    put_ue(&b, codes[i]);
  put(&b, 1, 1);
  MgNal nal = { b.bytes, (b.n_bits + 7) / 8 };
  MgH264Sps sps;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_h264_sps_parse(&nal, &sps, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED);
}

static void
test_values_out_of_range(void)
{
  const guint32 id[] = { 32 };
  const guint32 chroma[] = { 0, 4, 0, 0 }, depth[] = { 0, 1, 7, 0 };
  const guint32 frame_number[] = { 0, 13 }, order_type[] = { 0, 0, 3 },
                order_lsb[] = { 0, 0, 0, 13 };
  const guint32 cut[] = { 0, 0, 0, 0 };
  assert_malformed(77, id, G_N_ELEMENTS(id));
  assert_malformed(100, chroma, G_N_ELEMENTS(chroma));
  assert_malformed(100, depth, G_N_ELEMENTS(depth));
  assert_malformed(77, frame_number, G_N_ELEMENTS(frame_number));
  assert_malformed(77, order_type, G_N_ELEMENTS(order_type));
  assert_malformed(77, order_lsb, G_N_ELEMENTS(order_lsb));
  assert_malformed(77, cut, G_N_ELEMENTS(cut));
}

/* Larger than any encoder writes: refused before it is looked at. */
static void
test_huge(void)
{
  g_autofree guint8 *huge = g_malloc0(65537);
  memcpy(huge, high, sizeof high);
  MgH264Config c;
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_h264_config_parse(huge, 65536, &c, NULL));
  g_assert_false(mg_h264_config_parse(huge, 65537, &c, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
}

/* Of these encoders' parameter sets, each shorter one is refused, or only the VUI was lost. */
static void
test_every_truncation(void)
{
  guint n_lost = 0;
  for (gsize n = 0; n < sizeof high; n++) {
    MgH264Config c;
    g_autofree guint8 *exact = g_memdup2(high, n);
    if (!mg_h264_config_parse(exact, n, &c, NULL))
      n_lost++;
  }
  g_assert_cmpuint(n_lost, ==, sizeof high - 4); /* the trailer may be missing */
}

static void
test_refused(void)
{
  guint8 bad[sizeof high];
  const struct {
    gsize at;
    guint8 value;
    MgCodecError code;
  } cases[] = {
    { 0, 2, MG_CODEC_ERROR_MALFORMED },     /* version */
    { 4, 0xfe, MG_CODEC_ERROR_MALFORMED },  /* three-byte lengths */
    { 8, 0x68, MG_CODEC_ERROR_MALFORMED },  /* a PPS where the SPS goes */
    { 7, 0xff, MG_CODEC_ERROR_MALFORMED },  /* a length past the end */
    { 37, 0, MG_CODEC_ERROR_MISSING },      /* no PPS */
    { 12, 0x00, MG_CODEC_ERROR_MALFORMED }, /* an SPS id with no end in sight */
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    memcpy(bad, high, sizeof high);
    bad[cases[i].at] = cases[i].value;
    MgH264Config c;
    g_autoptr(GError) error = NULL;
    g_assert_false(mg_h264_config_parse(bad, sizeof bad, &c, &error));
    g_assert_error(error, MG_CODEC_ERROR, (gint) cases[i].code);
  }
}

static void
test_write(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  MgH264Config c = PARSE(high);
  mg_h264_config_write(&c, &w);
  g_assert_cmpmem(w.data, w.size, high, sizeof high);
  mg_writer_reset(&w);
  c = PARSE(baseline);
  mg_h264_config_write(&c, &w);
  g_assert_cmpmem(w.data, w.size, baseline, sizeof baseline);
}

static void
test_from_units(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  mg_writer_bytes(&in, "\0\0\0\1\x09\xf0", 6);
  for (guint i = 0; i < 2; i++) { /* twice, as before every key frame */
    mg_writer_bytes(&in, "\0\0\0\1", 4);
    mg_writer_bytes(&in, high + 8, 0x1d);
    mg_writer_bytes(&in, "\0\0\1", 3);
    mg_writer_bytes(&in, high + 40, 6);
  }
  mg_writer_bytes(&in, "\0\0\1\x65\x88", 5);
  mg_h264_config_from_units(in.data, in.size, MG_NAL_ANNEX_B, &out, &error);
  g_assert_no_error(error);
  g_assert_cmpmem(out.data, out.size, high, sizeof high);
}

static void
test_from_units_without_sets(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  const guint8 in[] = { 0, 0, 1, 0x65, 0x88 };
  g_assert_false(mg_h264_config_from_units(in, sizeof in, MG_NAL_ANNEX_B, &out, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
  g_assert_cmpuint(out.size, ==, 0);
}

/* 32 SPS do not fit the five bits that count them. */
static void
test_from_too_many_units(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  for (guint i = 0; i < 32; i++) {
    mg_writer_be24(&in, 1);
    mg_writer_bytes(&in, high + 8, 0x1d);
  }
  g_assert_false(mg_h264_config_from_units(in.data, in.size, MG_NAL_ANNEX_B, &out, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
}

static void
test_equal(void)
{
  guint8 other[sizeof high];
  memcpy(other, high, sizeof high);
  other[4] = 0xfd;                /* two-byte lengths */
  other[sizeof other - 1] = 0x7f; /* trailer */
  MgH264Config a = PARSE(high), b = PARSE(other), c = PARSE(baseline);
  g_assert_true(mg_h264_config_equal(&a, &b));
  g_assert_false(mg_h264_config_equal(&a, &c));
  other[45] ^= 1; /* the last byte of the PPS */
  b = PARSE(other);
  g_assert_false(mg_h264_config_equal(&a, &b));
}

static void
test_picture(void)
{
  const guint8 idr[] = { 0, 0, 0, 1, 0x67, 0, 0, 0, 1, 0x06, 0, 0, 0, 2, 0x65, 0x88 };
  MgH264Picture p;
  g_assert_true(mg_h264_picture_inspect(idr, sizeof idr, 4, &p));
  g_assert_true(p.has_slice && p.is_idr && p.is_reference && p.has_parameter_sets);
  const guint8 disposable[] = { 0, 0, 0, 1, 0x01 };
  g_assert_true(mg_h264_picture_inspect(disposable, sizeof disposable, 4, &p));
  g_assert_true(p.has_slice);
  g_assert_false(p.is_idr || p.is_reference || p.has_parameter_sets);
  const guint8 sei[] = { 0, 0, 0, 1, 0x06 };
  g_assert_true(mg_h264_picture_inspect(sei, sizeof sei, 4, &p));
  g_assert_false(p.has_slice);
  g_assert_false(mg_h264_picture_inspect(sei, sizeof sei - 1, 4, &p));
}

static void
test_parameter_sets_are_told(void)
{
  const guint8 headers[] = { 0x67, 0x68, 0x6d, 0x65, 0x41, 0x06, 0x09 };
  const gboolean kept[] = { FALSE, FALSE, FALSE, TRUE, TRUE, TRUE, TRUE };
  for (guint i = 0; i < G_N_ELEMENTS(headers); i++) {
    const MgNal nal = { headers + i, 1 };
    g_assert_cmpint(mg_h264_is_not_parameter_set(&nal), ==, kept[i]);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/codec/h264/high-profile-is-described", test_high);
  g_test_add_func("/codec/h264/baseline-is-described", test_baseline);
  g_test_add_func("/codec/h264/interlaced-is-described", test_interlaced);
  g_test_add_func("/codec/h264/hrd-and-other-chroma-are-read", test_hrd_and_chroma);
  g_test_add_func("/codec/h264/reorder-without-restriction-follows-level",
                  test_reorder_without_restriction);
  g_test_add_func("/codec/h264/intra-profile-does-not-reorder", test_intra_profile);
  g_test_add_func("/codec/h264/scaling-lists-are-passed-over", test_scaling_lists);
  g_test_add_func("/codec/h264/whole-vui-is-read", test_whole_vui);
  g_test_add_func("/codec/h264/vui-cut-short-is-ignored", test_cut_vui);
  g_test_add_func("/codec/h264/absurd-sizes-are-refused", test_absurd_sizes);
  g_test_add_func("/codec/h264/values-out-of-range-are-refused", test_values_out_of_range);
  g_test_add_func("/codec/h264/huge-configuration-is-refused", test_huge);
  g_test_add_func("/codec/h264/every-truncation-is-refused", test_every_truncation);
  g_test_add_func("/codec/h264/broken-configuration-is-refused", test_refused);
  g_test_add_func("/codec/h264/written-configuration-is-canonical", test_write);
  g_test_add_func("/codec/h264/configuration-is-made-from-units", test_from_units);
  g_test_add_func("/codec/h264/units-without-sets-make-none", test_from_units_without_sets);
  g_test_add_func("/codec/h264/too-many-sets-make-none", test_from_too_many_units);
  g_test_add_func("/codec/h264/equal-looks-at-sets-alone", test_equal);
  g_test_add_func("/codec/h264/picture-is-told-by-its-units", test_picture);
  g_test_add_func("/codec/h264/parameter-sets-are-told-apart", test_parameter_sets_are_told);
  return g_test_run();
}
