/* Opus, FLAC, AC-3, E-AC-3 and MP3: what their own headers say. */
#include "codec/ac3.h"
#include "codec/flac.h"
#include "codec/mp3.h"
#include "codec/opus.h"

#include "doubles/sample.h"

#include <string.h>

/* --- Opus ---------------------------------------------------------------------------------------- */

/* RFC 6716 table 2, and clause 3.2 for how many frames there are. */
static void
test_opus_durations(void)
{
  static const struct {
    const char *packet;
    gsize size;
    guint samples;
  } all[] = {
    { "\x00", 1, 480 },      { "\x18", 1, 2880 },     /* SILK 10, 60 ms */
    { "\x60", 1, 480 },      { "\x68", 1, 960 },      /* hybrid */
    { "\x80", 1, 120 },      { "\xf8", 1, 960 },      /* CELT 2.5, 20 ms */
    { "\xf9", 1, 1920 },     { "\xfa", 1, 1920 },     /* two frames */
    { "\xfb\x06", 2, 5760 }, { "\x83\x30", 2, 5760 }, /* 6 and 48 of them: 120 ms */
    { "\xfb\x07", 2, 0 },    { "\xfb\x00", 2, 0 },    /* too many, none */
    { "\xfb", 1, 0 },        { "", 0, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    g_assert_cmpuint(mg_opus_packet_samples((const guint8 *) all[i].packet, all[i].size), ==,
                     all[i].samples);
}

static void
test_opus_config(void)
{
  g_autoptr(Sample) sample = sample_load("opus-51.mp4");
  MgOpusConfig c;
  g_assert_true(mg_opus_config_parse(sample->track->config, sample->track->config_size, &c, NULL));
  g_assert_cmpuint(c.channels, ==, 6);
  g_assert_cmpuint(c.pre_skip, ==, 312);
  g_assert_cmpuint(c.input_rate, ==, 48000);
  g_assert_cmpuint(c.mapping_family, ==, 1);
  g_assert_cmpuint(c.streams, ==, 4);
  g_assert_cmpuint(c.coupled, ==, 2);
  g_assert_cmpmem(c.mapping, 6, "\0\4\1\2\3\5", 6);
}

static void
test_opus_broken(void)
{
  static const struct {
    const char *head;
    gsize size;
  } all[] = {
    { "OpusHead\x10\2\0\0\0\0\0\0\0\0\0", 19 },         /* version 16 */
    { "OpusHead\1\0\0\0\0\0\0\0\0\0\0", 19 },           /* no channel */
    { "OpusHead\1\3\0\0\0\0\0\0\0\0\0", 19 },           /* three of family 0 */
    { "OpusHead\1\3\0\0\0\0\0\0\0\0\1\0\0\0\1\2", 24 }, /* no stream */
    { "OpusHead\1\3\0\0\0\0\0\0\0\0\1\1\2\0\1\2", 24 }, /* more coupled than there are */
    { "OpusHead\1\3\0\0\0\0\0\0\0\0\1\2\1\0\1", 23 },   /* cut */
  };
  MgOpusConfig c;
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    g_assert_false(mg_opus_config_parse((const guint8 *) all[i].head, all[i].size, &c, NULL));
}

/* --- FLAC ---------------------------------------------------------------------------------------- */

/* RFC 9639 clause 9.1.1: the code, and what stands behind the frame's number. */
static void
test_flac_durations(void)
{
  static const struct {
    const char *frame;
    gsize size;
    guint samples;
  } all[] = {
    { "\xff\xf8\x19\x18\0", 5, 192 },
    { "\xff\xf8\x29\x18\0", 5, 576 },
    { "\xff\xf8\x59\x18\0", 5, 4608 },
    { "\xff\xf8\x69\x18\0\xff", 6, 256 },
    { "\xff\xf8\x79\x18\0\x0f\xff", 7, 4096 },
    { "\xff\xf9\x79\x18\xe2\x82\xac\x0f\xff", 9, 4096 }, /* a number of three bytes */
    { "\xff\xf8\xf9\x18\0", 5, 32768 },
    { "\xff\xf8\x09\x18\0", 5, 0 },
    { "\xff\xf8\x79\x18\xe2\x82\xac", 7, 0 },
    { "\xff\xf0\x29\x18\0", 5, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    g_assert_cmpuint(mg_flac_frame_samples((const guint8 *) all[i].frame, all[i].size), ==,
                     all[i].samples);
}

static void
test_flac_config(void)
{
  g_autoptr(Sample) sample = sample_load("flac.mp4");
  const guint8 *blocks = sample->track->config;
  MgFlacConfig c;
  g_assert_true(mg_flac_config_parse(blocks, sample->track->config_size, &c, NULL));
  g_assert_cmpuint(c.max_block, ==, 4608);
  g_assert_cmpuint(c.bit_depth, ==, 16);
  g_assert_false(mg_flac_config_parse(blocks, 37, &c, NULL));
  g_assert_false(mg_flac_config_parse((const guint8 *) "\4\0\0\x22", 38, &c, NULL)); /* a comment */
}

/* --- AC-3 ---------------------------------------------------------------------------------------- */

static void
test_ac3(void)
{
  g_autoptr(Sample) sample = sample_load("ac3.mp4");
  MgAc3Config c;
  g_assert_true(mg_ac3_config_parse(sample->track->config, sample->track->config_size, &c, NULL));
  g_assert_cmpuint(c.bitrate, ==, 192);
  g_assert_cmpuint(c.substreams[0].mode, ==, 7);
  g_assert_true(c.substreams[0].has_lfe);
  const SamplePacket *first = sample_packet(sample, 0);
  g_assert_cmpuint(first->size, ==, 192 * 4);
  g_assert_true(mg_ac3_config_from_frame(first->data, first->size, &c, NULL));
  g_assert_false(mg_ac3_config_from_frame(first->data, first->size - 1, &c, NULL));
}

static void
assert_eac3_refused(const guint8 *unit, gsize size, MgCodecError code)
{
  MgAc3Config c;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_eac3_config_from_unit(unit, size, &c, &error));
  g_assert_error(error, MG_CODEC_ERROR, (gint) code);
}

static void
test_eac3_refused(void)
{
  g_autoptr(Sample) sample = sample_load("eac3.mp4");
  const SamplePacket *first = sample_packet(sample, 0);
  g_autofree guint8 *copy = g_memdup2(first->data, first->size);
  copy[4] &= 0xcf; /* one block */
  assert_eac3_refused(copy, first->size, MG_CODEC_ERROR_UNSUPPORTED);
  copy[4] |= 0xc0; /* a reduced rate */
  assert_eac3_refused(copy, first->size, MG_CODEC_ERROR_UNSUPPORTED);
  assert_eac3_refused(first->data, first->size - 1, MG_CODEC_ERROR_MALFORMED);
  memcpy(copy, first->data, first->size);
  copy[2] |= 0x40; /* depends on one that is not there */
  assert_eac3_refused(copy, first->size, MG_CODEC_ERROR_UNSUPPORTED);
  g_autoptr(Sample) ac3 = sample_load("ac3.mp4");
  assert_eac3_refused(sample_packet(ac3, 0)->data, sample_packet(ac3, 0)->size,
                      MG_CODEC_ERROR_UNSUPPORTED);
}

/*
 * 5.1 and a substream that depends on it, with the rear pair: eight channels. Heads of frames: strmtyp,
 * id, ten words; 48 kHz, six blocks, acmod 7 and LFE; then acmod 2 and chanmap's bit 6.
 */
static void
test_eac3_dependent(void)
{
  guint8 unit[40] = {
    0x0b, 0x77, 0x00, 0x09, 0x3f, 0x87, 0xc0, [20] = 0x0b,
    0x77, 0x40, 0x09, 0x34, 0x87, 0xd0, 0x20, 0x00,
  };
  MgAc3Config c, back;
  g_autoptr(GError) error = NULL;
  g_auto(MgWriter) dec3 = MG_WRITER_INIT;
  mg_eac3_config_from_unit(unit, sizeof unit, &c, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(c.n_substreams, ==, 1);
  g_assert_cmpuint(c.substreams[0].n_dependent, ==, 1);
  g_assert_cmpuint(c.substreams[0].locations, ==, 2);
  g_assert_cmpuint(c.channels, ==, 8);
  mg_ac3_config_write(&c, &dec3);
  g_assert_cmpmem(dec3.data, dec3.size, "\0\x50\x20\x0f\x02\x02", 6);
  g_assert_true(mg_eac3_config_parse(dec3.data, dec3.size, &back, NULL));
  g_assert_true(mg_ac3_config_equal(&c, &back));
  g_assert_cmpuint(back.channels, ==, 8);
}

/* --- MP3 ----------------------------------------------------------------------------------------- */

static void
test_mp3(void)
{
  static const struct {
    const char *header;
    guint rate, channels, bitrate, samples;
  } all[] = {
    { "\xff\xfb\x90\x00", 44100, 2, 128000, 1152 }, { "\xff\xfa\xe4\xc0", 48000, 1, 320000, 1152 },
    { "\xff\xf3\x50\x00", 22050, 2, 40000, 576 },   { "\xff\xe3\x18\xc0", 8000, 1, 8000, 576 },
    { "\xff\xfb\x08\x40", 32000, 2, 0, 1152 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgMp3Header h;
    g_assert_true(mg_mp3_header_parse((const guint8 *) all[i].header, 4, &h, NULL));
    g_assert_cmpuint(h.sample_rate, ==, all[i].rate);
    g_assert_cmpuint(h.channels, ==, all[i].channels);
    g_assert_cmpuint(h.bitrate, ==, all[i].bitrate);
    g_assert_cmpuint(h.frame_samples, ==, all[i].samples);
  }
}

static void
test_mp3_refused(void)
{
  static const struct {
    const char *header;
    gsize size;
    MgCodecError code;
  } all[] = {
    { "\xff\xfd\x90\x00", 4, MG_CODEC_ERROR_UNSUPPORTED }, /* layer II */
    { "\xff\xf9\x90\x00", 4, MG_CODEC_ERROR_MALFORMED },   /* layer reserved */
    { "\xff\xeb\x90\x00", 4, MG_CODEC_ERROR_MALFORMED },   /* version reserved */
    { "\xff\xfb\xf0\x00", 4, MG_CODEC_ERROR_MALFORMED },   /* bit rate */
    { "\xff\xfb\x9c\x00", 4, MG_CODEC_ERROR_MALFORMED },   /* sample rate */
    { "\x49\x44\x33\x03", 4, MG_CODEC_ERROR_MALFORMED },   /* ID3 */
    { "\xff\xfb\x90", 3, MG_CODEC_ERROR_MALFORMED },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgMp3Header h;
    g_autoptr(GError) error = NULL;
    g_assert_false(mg_mp3_header_parse((const guint8 *) all[i].header, all[i].size, &h, &error));
    g_assert_error(error, MG_CODEC_ERROR, (gint) all[i].code);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/codec/sound/" name, function)
  T("opus-packets-say-how-long-they-last", test_opus_durations);
  T("opus-mapping-is-read", test_opus_config);
  T("opus-that-is-broken-is-refused", test_opus_broken);
  T("flac-frames-say-how-long-they-last", test_flac_durations);
  T("flac-needs-streaminfo", test_flac_config);
  T("ac3-frame-is-checked-for-its-size", test_ac3);
  T("eac3-that-mp4-has-no-place-for-is-refused", test_eac3_refused);
  T("eac3-of-a-dependent-substream-adds-channels", test_eac3_dependent);
  T("mp3-header-is-read", test_mp3);
  T("mp3-of-other-layers-is-refused", test_mp3_refused);
  return g_test_run();
}
