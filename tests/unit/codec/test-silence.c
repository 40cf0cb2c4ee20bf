/* Silent packets: their bytes, and what FFmpeg hears in them. */
#include "codec/silence.h"

#include "cmaf/chunk.h"
#include "cmaf/init.h"
#include "codec/aac.h"
#include "codec/any.h"
#include "codec/opus.h"

#include <glib/gstdio.h>
#include <string.h>

enum { N_PACKETS = 10 };

typedef struct {
  guint32 codec;
  guint channels;
  MgWriter config, packet;
  guint samples, rate;
} Sample;

static void
clear(Sample *s)
{
  mg_writer_clear(&s->config);
  mg_writer_clear(&s->packet);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sample, clear)

static void
make(Sample *s)
{
  g_assert_true(mg_silence_write(s->codec, s->config.data, s->config.size, &s->packet, &s->samples,
                                 &s->rate));
}

/* --- AAC ----------------------------------------------------------------------------------------- */

static void
make_aac(Sample *s, guint8 channel_config, guint16 frame_samples)
{
  static const guint8 channels[8] = { 0, 1, 2, 3, 4, 5, 6, 8 };
  MgAacConfig config = {
    .object_type = 2,
    .core_rate = 48000,
    .channel_config = channel_config,
    .core_frame_samples = frame_samples,
  };
  *s = (Sample){ .codec = MG_ANY_AAC, .channels = channels[channel_config] };
  mg_aac_config_write(&config, &s->config);
  make(s);
}

static void
test_aac_bytes(void)
{
  static const struct {
    const char *bytes;
    gsize size;
  } expected[] = {
    /* id 3, tag 4, gain 8, info 11, tools 3, END 3 */
    { "\x00\x00\x00\x07", 4 },
    /* id 3, tag 4, common 1, info 11, ms 2, twice gain 8 and tools 3, END 3 */
    { "\x21\x00\x00\x00\x00\x1c", 6 },
    { "\x00\x00\x00\x01\x08\x00\x00\x00\x00\xe0", 10 },
  };
  for (guint8 i = 0; i < G_N_ELEMENTS(expected); i++) {
    g_auto(Sample) s = { 0 };
    make_aac(&s, i + 1, 1024);
    g_assert_cmpmem(s.packet.data, s.packet.size, expected[i].bytes, expected[i].size);
    g_assert_cmpuint(s.samples, ==, 1024);
    g_assert_cmpuint(s.rate, ==, 48000);
  }
}

static void
test_aac_lengths(void)
{
  g_auto(Sample) s = { 0 }, he = { .codec = MG_ANY_AAC };
  make_aac(&s, 2, 960);
  g_assert_cmpuint(s.samples, ==, 960);
  mg_writer_bytes(&he.config, "\x2b\x11\x88\x00", 4); /* SBR: 24 kHz stereo, heard at 48 kHz */
  make(&he);
  g_assert_cmpuint(he.samples, ==, 2048);
  g_assert_cmpuint(he.rate, ==, 48000);
}

/* --- Opus ---------------------------------------------------------------------------------------- */

static void
make_opus(Sample *s, guint8 channels, guint8 streams, guint8 coupled)
{
  MgOpusConfig config = {
    .channels = channels,
    .input_rate = 48000,
    .mapping_family = channels > 2,
    .streams = streams,
    .coupled = coupled,
    .mapping = { 0, 4, 1, 2, 3, 5 },
  };
  *s = (Sample){ .codec = MG_ANY_OPUS, .channels = channels };
  mg_opus_config_write(&config, &s->config);
  make(s);
}

static void
test_opus_bytes(void)
{
  g_auto(Sample) mono = { 0 }, stereo = { 0 }, surround = { 0 };
  make_opus(&mono, 1, 1, 0);
  g_assert_cmpmem(mono.packet.data, mono.packet.size, "\xf8\xff\xfe", 3);
  make_opus(&stereo, 2, 1, 1);
  g_assert_cmpmem(stereo.packet.data, stereo.packet.size, "\xfc\xff\xfe", 3);
  make_opus(&surround, 6, 4, 2);
  g_assert_cmpmem(surround.packet.data, surround.packet.size,
                  "\xfc\x02\xff\xfe\xfc\x02\xff\xfe\xf8\x02\xff\xfe\xf8\xff\xfe", 15);
  g_assert_cmpuint(mg_opus_packet_samples(stereo.packet.data, stereo.packet.size), ==, 960);
  g_assert_cmpuint(stereo.samples, ==, 960);
  g_assert_cmpuint(stereo.rate, ==, 48000);
}

/* --- what others hear ---------------------------------------------------------------------------- */

/* A fragmented MP4 of some of it. */
static void
write_file(const Sample *s, const char *path)
{
  g_auto(MgWriter) file = MG_WRITER_INIT;
  const MgCmafTrack track = {
    .track_id = 1,
    .timescale = s->rate,
    .codec = s->codec,
    .config = s->config.data,
    .config_size = s->config.size,
  };
  MgCmafSample samples[N_PACKETS];
  for (guint i = 0; i < N_PACKETS; i++)
    samples[i] = (MgCmafSample){ (guint32) s->packet.size, s->samples, 0, MG_CMAF_SYNC };
  const MgCmafChunk chunk = {
    .sequence = 1, .track_id = 1, .samples = samples, .n_samples = N_PACKETS
  };
  MgCmafPlan plan;
  g_assert_true(mg_cmaf_init_write(&track, 1, &file, NULL));
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, NULL));
  mg_cmaf_chunk_write(&chunk, &plan, mg_writer_extend(&file, plan.places.header_size));
  for (guint i = 0; i < N_PACKETS; i++)
    mg_writer_bytes(&file, s->packet.data, s->packet.size);
  g_assert_true(g_file_set_contents(path, (const char *) file.data, (gssize) file.size, NULL));
}

/* How many bytes of sound FFmpeg makes of it, every one of which is zero. */
static gsize
listen(const Sample *s, const char *folder)
{
  g_autofree char *in = g_build_filename(folder, "in.mp4", NULL);
  g_autofree char *out = g_build_filename(folder, "out.raw", NULL);
  g_autofree char *line = g_strdup_printf(
      "timeout -k 5 60 ffmpeg -nostdin -v error -xerror -y -i '%s' -f s16le '%s'", in, out);
  g_autofree char *said = NULL, *sound = NULL;
  gsize size = 0;
  gint status = -1;
  write_file(s, in);
  g_assert_true(g_spawn_command_line_sync(line, NULL, &said, &status, NULL));
  g_assert_cmpstr(said, ==, "");
  g_assert_cmpint(status, ==, 0);
  g_assert_true(g_file_get_contents(out, &sound, &size, NULL));
  for (gsize i = 0; i < size; i++)
    g_assert_cmpint(sound[i], ==, 0);
  g_remove(in);
  g_remove(out);
  return size;
}

static void
assert_silent(const Sample *s, const char *folder)
{
  g_assert_cmpuint(listen(s, folder), ==, (gsize) N_PACKETS * s->samples * s->channels * 2);
}

static void
test_decodes(void)
{
  g_autofree char *ffmpeg = g_find_program_in_path("ffmpeg");
  if (ffmpeg == NULL) {
    g_test_skip("ffmpeg is not there");
    return;
  }
  g_autofree char *folder = g_dir_make_tmp("mediagraph-silence-XXXXXX", NULL);
  for (guint8 i = 1; i < 8; i++) {
    g_auto(Sample) s = { 0 };
    make_aac(&s, i, 1024);
    assert_silent(&s, folder);
  }
  g_auto(Sample) he = { .codec = MG_ANY_AAC, .channels = 2 };
  mg_writer_bytes(&he.config, "\x2b\x11\x88\x00", 4);
  make(&he);
  assert_silent(&he, folder);
  g_auto(Sample) stereo = { 0 }, surround = { 0 };
  make_opus(&stereo, 2, 1, 1);
  assert_silent(&stereo, folder);
  make_opus(&surround, 6, 4, 2);
  assert_silent(&surround, folder);
  g_rmdir(folder);
}

static void
test_others(void)
{
  g_auto(MgWriter) packet = MG_WRITER_INIT;
  guint samples, rate;
  g_assert_false(
      mg_silence_write(MG_ANY_AC3, (const guint8 *) "\x10\x11\x00", 3, &packet, &samples, &rate));
  /* channels said by a program config element; no configuration at all */
  g_assert_false(
      mg_silence_write(MG_ANY_AAC, (const guint8 *) "\x11\x80", 2, &packet, &samples, &rate));
  g_assert_false(mg_silence_write(MG_ANY_AAC, NULL, 0, &packet, &samples, &rate));
  g_assert_false(mg_silence_write(MG_ANY_OPUS, NULL, 0, &packet, &samples, &rate));
  g_assert_cmpuint(packet.size, ==, 0);
}

int
main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/codec/silence/aac-has-no-spectrum", test_aac_bytes);
  g_test_add_func("/codec/silence/aac-lasts-as-its-configuration-says", test_aac_lengths);
  g_test_add_func("/codec/silence/opus-has-a-packet-per-stream", test_opus_bytes);
  g_test_add_func("/codec/silence/decodes-to-nothing", test_decodes);
  g_test_add_func("/codec/silence/other-codecs-have-none", test_others);
  return g_test_run();
}
