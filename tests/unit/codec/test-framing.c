/* How frames of sound say where they end: ADTS, LATM, MPEG audio, AC-3. */
#include "codec/ac3.h"
#include "codec/adts.h"
#include "codec/latm.h"
#include "codec/mp3.h"

#include "doubles/sample.h"

#include <bytes/bits.h>

#include <string.h>

static const MgAacConfig stereo_48k = {
  .object_type = 2, .core_rate = 48000, .channel_config = 2, .core_frame_samples = 1024
};

static void
test_adts(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgAdtsFrame frame;
  mg_adts_write(&stereo_48k, 300, &out);
  g_assert_cmpmem(out.data, out.size, "\xff\xf1\x4c\x80\x26\x7f\xfc", 7);
  g_assert_true(mg_adts_parse(out.data, out.size, &frame));
  g_assert_cmpuint(frame.header_size, ==, 7);
  g_assert_cmpuint(frame.size, ==, 307);
  g_assert_cmpuint(frame.n_blocks, ==, 1);
  g_assert_cmpuint(frame.config.object_type, ==, 2);
  g_assert_cmpuint(frame.config.core_rate, ==, 48000);
  g_assert_cmpuint(frame.config.channels, ==, 2);
  g_assert_cmpuint(frame.config.frame_samples, ==, 1024);
}

static void
test_adts_others(void)
{
  MgAdtsFrame frame;
  /* with a checksum; MPEG-2, 44.1 kHz, 7.1 */
  g_assert_true(mg_adts_parse((const guint8 *) "\xff\xf8\x51\xc0\x26\x7f\xfc", 7, &frame));
  g_assert_cmpuint(frame.header_size, ==, 9);
  g_assert_cmpuint(frame.config.core_rate, ==, 44100);
  g_assert_cmpuint(frame.config.channels, ==, 8);
  static const char *const none[] = {
    "\xff\xe1\x4c\x80\x26\x7f\xfc", /* sync */
    "\xff\xf3\x4c\x80\x26\x7f\xfc", /* layer */
    "\xff\xf1\x7c\x80\x26\x7f\xfc", /* rate */
    "\xff\xf1\x4c\x00\x26\x7f\xfc", /* channels in the raw data */
    "\xff\xf1\x4c\x80\x00\xff\xfc", /* shorter than its header */
  };
  for (guint i = 0; i < G_N_ELEMENTS(none); i++)
    g_assert_false(mg_adts_parse((const guint8 *) none[i], 7, &frame));
  g_assert_false(mg_adts_parse((const guint8 *) "\xff\xf1\x4c\x80\x26\x7f", 6, &frame));
}

static void
test_adts_cannot_carry(void)
{
  MgAacConfig config = stereo_48k;
  g_assert_true(mg_adts_can_carry(&config));
  config.core_rate = 47999;
  g_assert_false(mg_adts_can_carry(&config));
  config = stereo_48k;
  config.channel_config = 11;
  g_assert_false(mg_adts_can_carry(&config));
  config = stereo_48k;
  config.core_frame_samples = 960;
  g_assert_false(mg_adts_can_carry(&config));
}

/* A LOAS frame with PAYLOAD, and the configuration in front where HAS_CONFIG. */
static void
write_latm(gboolean has_config, const char *payload, guint n_layers, MgWriter *out)
{
  g_auto(MgWriter) element = MG_WRITER_INIT;
  MgBitWriter bits = { .out = &element };
  mg_bit_writer_u(&bits, !has_config, 1); /* useSameStreamMux */
  if (has_config) {
    mg_bit_writer_u(&bits, 0, 1); /* audioMuxVersion */
    mg_bit_writer_u(&bits, 1, 1); /* allStreamsSameTimeFraming */
    mg_bit_writer_u(&bits, 0, 6 + 4);
    mg_bit_writer_u(&bits, n_layers - 1, 3);
    mg_bit_writer_u(&bits, 0x1190, 16); /* AAC LC, 48 kHz, stereo */
    mg_bit_writer_u(&bits, 0, 3);
    mg_bit_writer_u(&bits, 0xff, 8);
    mg_bit_writer_u(&bits, 0, 2); /* no other data, no checksum */
  }
  mg_bit_writer_u(&bits, (guint32) strlen(payload), 8);
  for (const char *p = payload; *p != '\0'; p++)
    mg_bit_writer_u(&bits, (guint8) *p, 8);
  mg_bit_writer_align(&bits);
  mg_writer_be24(out, 0x2b7u << 13 | (guint32) element.size);
  mg_writer_bytes(out, element.data, element.size);
}

static void
test_latm(void)
{
  MgLatm latm = { 0 };
  g_auto(MgWriter) with = MG_WRITER_INIT;
  g_auto(MgWriter) without = MG_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  write_latm(TRUE, "first", 1, &with);
  write_latm(FALSE, "second", 1, &without);
  g_assert_cmpuint(mg_latm_frame_size(with.data), ==, with.size);
  g_assert_false(mg_latm_read(&latm, without.data, without.size, &out));
  g_assert_true(mg_latm_read(&latm, with.data, with.size, &out));
  g_assert_true(mg_latm_read(&latm, without.data, without.size, &out));
  g_assert_cmpmem(out.data, out.size, "firstsecond", 11);
  g_assert_cmpuint(latm.config.core_rate, ==, 48000);
  g_assert_cmpuint(latm.config.channels, ==, 2);
  g_assert_cmpuint(latm.config.core_frame_samples, ==, 1024);
}

static void
test_latm_of_others(void)
{
  MgLatm latm = { 0 };
  g_auto(MgWriter) layers = MG_WRITER_INIT;
  g_auto(MgWriter) cut = MG_WRITER_INIT;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  write_latm(TRUE, "first", 2, &layers);
  g_assert_false(mg_latm_read(&latm, layers.data, layers.size, &out));
  write_latm(TRUE, "first", 1, &cut);
  for (gsize size = 0; size < cut.size - 1; size++)
    g_assert_false(mg_latm_read(&latm, cut.data, size, &out));
  g_assert_cmpuint(out.size, ==, 0);
  g_assert_cmpuint(mg_latm_frame_size((const guint8 *) "\x57\xe0\x05"), ==, 0);
}

static void
test_mpeg_audio(void)
{
  static const struct {
    const char *bytes;
    guint layer, rate, samples, size;
  } cases[] = {
    { "\xff\xfd\xa4\x04", 2, 48000, 1152, 576 }, /* 192 kbit/s */
    { "\xff\xfb\x90\x04", 3, 44100, 1152, 417 }, /* 128 kbit/s */
    { "\xff\xfb\x92\x04", 3, 44100, 1152, 418 }, /* … and padding */
    { "\xff\xf3\x40\xc4", 3, 22050, 576, 104 },  /* MPEG-2, 32 kbit/s */
    { "\xff\xf5\x44\xc4", 2, 24000, 1152, 192 }, /* MPEG-2, 32 kbit/s */
    { "\xff\xfb\x00\x04", 3, 44100, 1152, 0 },   /* free format */
  };
  MgMp3Header header;
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_assert_true(mg_mpeg_audio_header_parse((const guint8 *) cases[i].bytes, 4, &header, NULL));
    g_assert_cmpuint(header.layer, ==, cases[i].layer);
    g_assert_cmpuint(header.sample_rate, ==, cases[i].rate);
    g_assert_cmpuint(header.frame_samples, ==, cases[i].samples);
    g_assert_cmpuint(header.frame_size, ==, cases[i].size);
  }
  g_autoptr(GError) error = NULL;
  g_assert_false(
      mg_mpeg_audio_header_parse((const guint8 *) "\xff\xff\x90\x04", 4, &header, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
  g_clear_error(&error);
  g_assert_false(mg_mp3_header_parse((const guint8 *) cases[0].bytes, 4, &header, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
}

static void
test_ac3(void)
{
  static const char *const names[] = { "ac3.mp4", "eac3.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(Sample) sample = sample_load(names[i]);
    for (guint n = 0; n < sample->packets->len; n++) {
      const SamplePacket *packet = sample_packet(sample, n);
      MgAc3Frame frame;
      g_assert_true(mg_ac3_frame_parse(packet->data, &frame));
      g_assert_cmpuint(frame.is_eac3, ==, i);
      g_assert_true(frame.begins_unit);
      g_assert_cmpuint(frame.size, ==, packet->size);
      g_assert_cmpuint(frame.sample_rate, ==, 48000);
      g_assert_cmpuint(frame.mode, ==, 7);
      g_assert_true(frame.has_lfe);
    }
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/codec/framing/adts-header-in-bytes", test_adts);
  g_test_add_func("/codec/framing/adts-of-others", test_adts_others);
  g_test_add_func("/codec/framing/adts-cannot-say-everything", test_adts_cannot_carry);
  g_test_add_func("/codec/framing/latm-gives-payload-from-any-bit", test_latm);
  g_test_add_func("/codec/framing/latm-of-others-is-refused", test_latm_of_others);
  g_test_add_func("/codec/framing/mpeg-audio-frame-sizes", test_mpeg_audio);
  g_test_add_func("/codec/framing/ac3-frames-are-as-long-as-they-say", test_ac3);
  return g_test_run();
}
