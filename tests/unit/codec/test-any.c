/* All codecs through codec/any.h, on what encoders made (tests/data). */
#include "codec/any.h"

#include "doubles/sample.h"

#include <string.h>

/* --- what configurations say ------------------------------------------------------------------- */

static MgAnyFacts
facts_of(guint32 codec, const guint8 *config, gsize size)
{
  MgAnyFacts facts;
  g_autoptr(GError) error = NULL;
  mg_any_facts(codec, config, size, &facts, &error);
  g_assert_no_error(error);
  return facts;
}

static MgAnyFacts
facts_in(const Sample *sample)
{
  return facts_of(sample->track->codec, sample->track->config, sample->track->config_size);
}

/* What is in the file, but for AV1 without and MP3, whose configuration comes with the first packet. */
static MgAnyFacts
made_facts(const Sample *sample)
{
  g_auto(MgWriter) config = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  const SamplePacket *first = sample_packet(sample, 0);
  mg_any_config_make(sample->track->codec, first->data, first->size, 4, &config, &error);
  g_assert_no_error(error);
  return facts_of(sample->track->codec, config.data, config.size);
}

static void
test_hevc(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  MgAnyFacts f = facts_in(sample);
  g_assert_true(f.is_video);
  g_assert_cmpstr(f.codecs, ==, "hvc1.1.6.L30.90");
  g_assert_cmpuint(f.width, ==, 96);
  g_assert_cmpuint(f.height, ==, 64);
  g_assert_cmpuint(f.bit_depth, ==, 8);
  g_assert_cmpuint(f.frame_rate.num, ==, 25);
  g_assert_cmpuint(f.frame_rate.den, ==, 1);
  g_assert_cmpuint(f.nal_length_size, ==, 4);
  g_assert_cmpuint(f.n_layers, ==, 1);
  g_assert_true(mg_codec_colour_is_unspecified(&f.colour));
  g_assert_cmpuint(f.hdr.mastering.max_luminance, ==, 0);
}

/* 98x62 is cropped from whole coding blocks. */
static void
test_hevc_hdr(void)
{
  g_autoptr(Sample) sample = sample_load("hevc-hdr.mp4");
  MgAnyFacts f = facts_in(sample);
  g_assert_cmpstr(f.codecs, ==, "hvc1.2.4.L30.90");
  g_assert_cmpuint(f.width, ==, 98);
  g_assert_cmpuint(f.height, ==, 62);
  g_assert_cmpuint(f.bit_depth, ==, 10);
  g_assert_cmpuint(f.sar.num, ==, 4);
  g_assert_cmpuint(f.sar.den, ==, 3);
  g_assert_cmpuint(f.frame_rate.num, ==, 30000);
  g_assert_cmpuint(f.frame_rate.den, ==, 1001);
  g_assert_cmpuint(f.colour.primaries, ==, 9);
  g_assert_cmpuint(f.colour.transfer, ==, 16);
  g_assert_cmpuint(f.colour.matrix, ==, 9);
  const MgCodecMastering *m = &f.hdr.mastering;
  g_assert_cmpuint(m->green[0], ==, 13250);
  g_assert_cmpuint(m->blue[1], ==, 3000);
  g_assert_cmpuint(m->red[0], ==, 34000);
  g_assert_cmpuint(m->white[1], ==, 16450);
  g_assert_cmpuint(m->max_luminance, ==, 10000000);
  g_assert_cmpuint(m->min_luminance, ==, 500);
  g_assert_cmpuint(f.hdr.light.max_content, ==, 1000);
  g_assert_cmpuint(f.hdr.light.max_frame_average, ==, 400);
}

static void
test_av1(void)
{
  g_autoptr(Sample) sample = sample_load("av1.mp4");
  MgAnyFacts f = made_facts(sample);
  g_assert_cmpstr(f.codecs, ==, "av01.0.00M.08");
  g_assert_cmpuint(f.width, ==, 96);
  g_assert_cmpuint(f.height, ==, 64);
  g_assert_cmpuint(f.bit_depth, ==, 8);
}

static void
test_av1_hlg(void)
{
  g_autoptr(Sample) sample = sample_load("av1-hlg.mp4");
  MgAnyFacts f = facts_in(sample);
  g_assert_cmpstr(f.codecs, ==, "av01.0.00M.10.0.110.09.18.09.0");
  g_assert_cmpuint(f.width, ==, 96);
  g_assert_cmpuint(f.height, ==, 64);
  g_assert_cmpuint(f.bit_depth, ==, 10);
  g_assert_cmpuint(f.colour.transfer, ==, 18);
}

static void
test_vp9(void)
{
  g_autoptr(Sample) sample = sample_load("vp9.mp4");
  MgAnyFacts f = facts_in(sample);
  g_assert_cmpstr(f.codecs, ==, "vp09.00.10.08");
  g_assert_cmpuint(f.width, ==, 0);
  g_assert_cmpuint(f.bit_depth, ==, 8);
}

static void
assert_sound(const MgAnyFacts *f, const char *codecs, guint rate, guint channels, guint samples)
{
  g_assert_false(f->is_video);
  g_assert_cmpstr(f->codecs, ==, codecs);
  g_assert_cmpuint(f->sample_rate, ==, rate);
  g_assert_cmpuint(f->channels, ==, channels);
  g_assert_cmpuint(f->frame_samples, ==, samples);
}

static void
test_audio(void)
{
  static const struct {
    const char *file, *codecs;
    guint rate, channels, samples;
    gboolean is_made;
  } all[] = {
    { "opus.mp4", "opus", 48000, 2, 0, FALSE },
    { "opus-51.mp4", "opus", 48000, 6, 0, FALSE },
    { "flac.mp4", "fLaC", 48000, 1, 0, FALSE },
    { "ac3.mp4", "ac-3", 48000, 6, 1536, FALSE },
    { "ac3.mp4", "ac-3", 48000, 6, 1536, TRUE },
    { "eac3.mp4", "ec-3", 48000, 6, 1536, FALSE },
    { "eac3.mp4", "ec-3", 48000, 6, 1536, TRUE },
    { "mp3.mp4", "mp4a.40.34", 48000, 2, 1152, TRUE },
    { "mp3-low.mp4", "mp4a.40.34", 22050, 1, 576, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i].file);
    MgAnyFacts f = all[i].is_made ? made_facts(sample) : facts_in(sample);
    assert_sound(&f, all[i].codecs, all[i].rate, all[i].channels, all[i].samples);
  }
}

/* --- configurations ------------------------------------------------------------------------------ */

/* What the first packet implies is what the other muxer wrote. */
static void
test_made(void)
{
  static const char *const files[] = { "ac3.mp4", "eac3.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Sample) sample = sample_load(files[i]);
    g_auto(MgWriter) config = MG_WRITER_INIT;
    const SamplePacket *first = sample_packet(sample, 0);
    g_assert_true(
        mg_any_config_make(sample->track->codec, first->data, first->size, 0, &config, NULL));
    g_assert_cmpmem(config.data, config.size, sample->track->config, sample->track->config_size);
  }
}

static void
test_none_is_made(void)
{
  g_autoptr(GError) error = NULL;
  g_auto(MgWriter) config = MG_WRITER_INIT;
  g_assert_false(mg_any_config_make(MG_ANY_OPUS, (const guint8 *) "\xfc", 1, 0, &config, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
  g_assert_cmpuint(config.size, ==, 0);
}

/* Adopting is idempotent, and what was adopted means the same. */
static void
assert_adopts(guint32 codec, const guint8 *config, gsize size)
{
  g_auto(MgWriter) once = MG_WRITER_INIT, twice = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  mg_any_config_adopt(codec, config, size, &once, &error);
  g_assert_no_error(error);
  mg_any_config_adopt(codec, once.data, once.size, &twice, &error);
  g_assert_no_error(error);
  g_assert_cmpmem(once.data, once.size, twice.data, twice.size);
  g_assert_true(mg_any_config_equal(codec, config, size, once.data, once.size));
}

static void
test_adopted(void)
{
  static const char *const files[] = { "hevc.mp4", "hevc-hdr.mp4", "av1-hlg.mp4",
                                       "vp9.mp4",  "opus.mp4",     "opus-51.mp4",
                                       "flac.mp4", "ac3.mp4",      "eac3.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Sample) sample = sample_load(files[i]);
    assert_adopts(sample->track->codec, sample->track->config, sample->track->config_size);
  }
}

/* As Ogg and Enhanced RTMP have it, little-endian; MP4's box says the same. */
static void
test_opus_head(void)
{
  static const guint8 head[] = { 'O',  'p', 'u',  's',  'H', 'e', 'a', 'd', 1, 2,
                                 0x38, 1,   0x80, 0xbb, 0,   0,   0,   0,   0 };
  g_autoptr(Sample) sample = sample_load("opus.mp4");
  g_auto(MgWriter) config = MG_WRITER_INIT;
  g_assert_true(mg_any_config_adopt(MG_ANY_OPUS, sample->track->config, sample->track->config_size,
                                    &config, NULL));
  g_assert_cmpmem(config.data, config.size, head, sizeof head);
}

/* "fLaC" and a block of metadata; MP4 has the block alone, and some senders only what is in it. */
static void
test_flac_head(void)
{
  g_autoptr(Sample) sample = sample_load("flac.mp4");
  const MgCmafTrack *track = sample->track;
  g_auto(MgWriter) config = MG_WRITER_INIT, bare = MG_WRITER_INIT;
  g_assert_true(mg_any_config_adopt(MG_ANY_FLAC, track->config, track->config_size, &config, NULL));
  g_assert_cmpuint(config.size, ==, 4 + 4 + 34);
  g_assert_cmpmem(config.data, 8, "fLaC\x80\0\0\x22", 8);
  g_assert_cmpmem(config.data + 4, config.size - 4, track->config, track->config_size);
  g_assert_true(mg_any_config_adopt(MG_ANY_FLAC, config.data + 8, 34, &bare, NULL));
  g_assert_cmpmem(bare.data, bare.size, config.data, config.size);
}

/* A vpcC box's version and flags are told from a record, and dropped. */
static void
test_vpcc_box(void)
{
  static const guint8 box[] = { 1, 0, 0, 0, 2, 51, 0xa2, 9, 16, 9, 0, 0 };
  g_auto(MgWriter) config = MG_WRITER_INIT;
  g_assert_true(mg_any_config_adopt(MG_ANY_VP9, box, sizeof box, &config, NULL));
  g_assert_cmpmem(config.data, config.size, box + 4, sizeof box - 4);
  MgAnyFacts f = facts_of(MG_ANY_VP9, config.data, config.size);
  g_assert_cmpstr(f.codecs, ==, "vp09.02.51.10.01.09.16.09.00");
  f = facts_of(MG_ANY_VP8, (const guint8 *) "\0\x1e\x82\1\1\1\0\0", 8);
  g_assert_cmpstr(f.codecs, ==, "vp08.00.30.08");
}

static void
test_unknown_codec(void)
{
  MgAnyFacts facts;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_any_facts(0x78787878, (const guint8 *) "x", 1, &facts, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
}

/* --- packets ------------------------------------------------------------------------------------- */

/* Key frames and durations are those that the other muxer marked. */
static guint
assert_packets(const Sample *sample, const MgAnyFacts *facts)
{
  guint n_disposable = 0;
  for (guint i = 0; i < sample->packets->len; i++) {
    const SamplePacket *p = sample_packet(sample, i);
    MgAnyPacket packet;
    g_assert_true(mg_any_packet(sample->track->codec, facts, p->data, p->size, &packet));
    g_assert_true(packet.has_media);
    g_assert_cmpint(packet.is_key, ==, p->is_sync);
    gboolean is_last = i + 1 == sample->packets->len;
    if (!facts->is_video && !is_last)
      g_assert_cmpuint(packet.samples, ==, p->duration);
    n_disposable += packet.is_disposable;
  }
  return n_disposable;
}

static void
test_packets(void)
{
  static const char *const files[] = { "hevc.mp4", "hevc-hdr.mp4", "av1-hlg.mp4",
                                       "vp9.mp4",  "opus.mp4",     "opus-51.mp4",
                                       "flac.mp4", "ac3.mp4",      "eac3.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Sample) sample = sample_load(files[i]);
    MgAnyFacts facts = facts_in(sample);
    assert_packets(sample, &facts);
  }
}

static void
test_packets_of_made(void)
{
  static const char *const files[] = { "av1.mp4", "mp3.mp4", "mp3-low.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    g_autoptr(Sample) sample = sample_load(files[i]);
    MgAnyFacts facts = made_facts(sample);
    assert_packets(sample, &facts);
  }
}

/* Two B frames between references, and no pyramid: half of the pictures are no reference. */
static void
test_disposable(void)
{
  g_autoptr(Sample) sample = sample_load("hevc.mp4");
  MgAnyFacts facts = facts_in(sample);
  guint n = assert_packets(sample, &facts);
  g_assert_cmpuint(n, >=, 4);
  facts.n_layers = 2;
  g_assert_cmpuint(assert_packets(sample, &facts), ==, 0);
}

/* As another parser sees refresh_frame_flags of 0, and of HEVC the types that are no reference. */
static void
test_disposable_ones(void)
{
  static const char *const all[][2] = {
    { "hevc.mp4", "..d.d.d..dd." },
    { "av1.mp4", "............" },
    { "av1-hlg.mp4", "...d...d...d" },
    { "vp9.mp4", "............" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autoptr(Sample) sample = sample_load(all[i][0]);
    g_autoptr(GString) seen = g_string_new(NULL);
    MgAnyFacts facts = sample->track->config_size > 0 ? facts_in(sample) : made_facts(sample);
    for (guint k = 0; k < sample->packets->len; k++) {
      const SamplePacket *p = sample_packet(sample, k);
      MgAnyPacket packet;
      g_assert_true(mg_any_packet(sample->track->codec, &facts, p->data, p->size, &packet));
      g_string_append_c(seen, packet.is_disposable ? 'd' : '.');
    }
    g_assert_cmpstr(seen->str, ==, all[i][1]);
  }
}

static void
test_vp9_size(void)
{
  g_autoptr(Sample) sample = sample_load("vp9.mp4");
  MgAnyFacts facts = facts_in(sample);
  MgAnyPacket packet;
  const SamplePacket *first = sample_packet(sample, 0), *second = sample_packet(sample, 1);
  g_assert_true(mg_any_packet(MG_ANY_VP9, &facts, first->data, first->size, &packet));
  g_assert_cmpuint(packet.width, ==, 96);
  g_assert_cmpuint(packet.height, ==, 64);
  g_assert_true(mg_any_packet(MG_ANY_VP9, &facts, second->data, second->size, &packet));
  g_assert_false(packet.is_key);
  g_assert_cmpuint(packet.width, ==, 0);
}

static void
test_broken_packets(void)
{
  static const struct {
    guint32 codec;
    const char *bytes;
    gsize size;
  } all[] = {
    { MG_ANY_HEVC, "\0\0\0\5\x26\1\0", 7 },
    { MG_ANY_HEVC, "\0\0\0\1\x26", 5 },
    { MG_ANY_VVC, "\0\0\0\1\0", 5 },
    { MG_ANY_AV1, "\x32\x20\0", 3 },
    { MG_ANY_AV1, "\x92\0", 2 },
    { MG_ANY_VP9, "\x00", 1 },
    { MG_ANY_VP9, "\x82\0\0\0\0\0\0\0\0", 9 },
    { MG_ANY_VP8, "\0\0\0\x9d\1\x2b\0\0\0\0", 10 },
    { MG_ANY_OPUS, "\xff\x3f", 2 },
    { MG_ANY_OPUS, "\x03", 1 },
    { MG_ANY_FLAC, "\xff\xf8\x09\x18\0", 5 },
    { MG_ANY_FLAC, "\xff\xfc\xc9\x18\0\0", 6 },
    { MG_ANY_AC3, "\x0b\x77\0\0\x14\x40", 6 },
    { MG_ANY_EAC3, "\x0b\x78\0\0\x14\x80", 6 },
    { MG_ANY_MP3, "\xff\xf5\x90\0", 4 },
    { MG_ANY_MP3, "", 0 },
  };
  MgAnyFacts facts = { .nal_length_size = 4, .n_layers = 1 };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgAnyPacket packet;
    g_assert_false(
        mg_any_packet(all[i].codec, &facts, (const guint8 *) all[i].bytes, all[i].size, &packet));
  }
}

/* --- payloads ------------------------------------------------------------------------------------ */

/* A delimiter in front, as on the wire, goes; what is left is the sample as another muxer has it. */
static void
test_delimiter_goes(void)
{
  g_autoptr(Sample) sample = sample_load("av1.mp4");
  const SamplePacket *first = sample_packet(sample, 0);
  g_auto(MgWriter) unit = MG_WRITER_INIT;
  mg_writer_be16(&unit, 0x1200);
  mg_writer_bytes(&unit, first->data, first->size);
  g_autofree guint8 *out = NULL;
  gsize size = 0;
  g_assert_cmpint(mg_any_payload(MG_ANY_AV1, 0, unit.data, unit.size, &out, &size, NULL), ==,
                  MG_NAL_REWRITTEN);
  g_assert_cmpmem(out, size, first->data, first->size);
  g_assert_cmpint(mg_any_payload(MG_ANY_AV1, 0, first->data, first->size, &out, &size, NULL), ==,
                  MG_NAL_AS_IS);
}

/* The last OBU of a unit may come without a size; in a sample it gets one. */
static void
test_obu_gets_its_size(void)
{
  static const guint8 unit[] = { 0x12, 0, 0x34, 0x08, 0x10, 7, 7 };
  static const guint8 expected[] = { 0x36, 0x08, 3, 0x10, 7, 7 };
  g_autofree guint8 *out = NULL;
  gsize size = 0;
  g_assert_cmpint(mg_any_payload(MG_ANY_AV1, 0, unit, sizeof unit, &out, &size, NULL), ==,
                  MG_NAL_REWRITTEN);
  g_assert_cmpmem(out, size, expected, sizeof expected);
}

static void
test_unit_of_nothing(void)
{
  g_autoptr(GError) error = NULL;
  guint8 *out = NULL;
  gsize size = 0;
  g_assert_cmpint(mg_any_payload(MG_ANY_AV1, 0, (const guint8 *) "\x12", 2, &out, &size, &error),
                  ==, MG_NAL_REFUSED);
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING);
}

/* Parameter sets in band, and start codes: what is left is the slice, with a length. */
static void
test_hevc_sets_go(void)
{
  static const guint8 unit[] = { 0, 0, 0, 1,    0x40, 1, 9, 0, 0, 1,    0x42, 1, 8,
                                 0, 0, 1, 0x44, 1,    7, 0, 0, 1, 0x26, 1,    6, 5 };
  static const guint8 expected[] = { 0, 0, 0, 4, 0x26, 1, 6, 5 };
  g_autofree guint8 *out = NULL;
  gsize size = 0;
  g_assert_cmpint(mg_any_payload(MG_ANY_HEVC, MG_NAL_ANNEX_B, unit, sizeof unit, &out, &size, NULL),
                  ==, MG_NAL_REWRITTEN);
  g_assert_cmpmem(out, size, expected, sizeof expected);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/any/" name, function)
  T("hevc-is-described", test_hevc);
  T("hevc-says-what-is-known-of-hdr", test_hevc_hdr);
  T("av1-is-described-from-its-first-unit", test_av1);
  T("av1-says-its-colour", test_av1_hlg);
  T("vp9-is-described", test_vp9);
  T("audio-is-described", test_audio);
  T("configuration-is-made-of-the-first-packet", test_made);
  T("no-configuration-is-made-where-packets-have-none", test_none_is_made);
  T("adopted-configuration-means-the-same", test_adopted);
  T("opus-is-adopted-from-a-box", test_opus_head);
  T("flac-is-adopted-with-and-without-heads", test_flac_head);
  T("vp9-is-adopted-from-a-box", test_vpcc_box);
  T("unknown-codec-is-refused", test_unknown_codec);
  T("packets-are-seen-as-others-see-them", test_packets);
  T("packets-are-seen-where-the-configuration-was-made", test_packets_of_made);
  T("disposable-pictures-are-found-in-the-last-layer", test_disposable);
  T("disposable-pictures-are-those-that-update-nothing", test_disposable_ones);
  T("vp9-key-frames-say-their-size", test_vp9_size);
  T("broken-packets-are-refused", test_broken_packets);
  T("temporal-delimiter-goes", test_delimiter_goes);
  T("obu-gets-its-size", test_obu_gets_its_size);
  T("unit-of-nothing-is-refused", test_unit_of_nothing);
  T("hevc-parameter-sets-go", test_hevc_sets_go);
  return g_test_run();
}
