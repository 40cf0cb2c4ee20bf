/*
 * Every codec through segment-cmaf: what an encoder made (tests/data) goes in as packets, over and over
 * for some seconds, and what comes out has the same samples, lasting as long, in files that others read.
 */
#include "doubles/sample.h"
#include "segment-cmaf/node.h"

#include <codec/any.h>
#include <mediagraph/chunk.h>
#include <mediagraph/harness.h>
#include <timeline/ticks.h>

#include <glib/gstdio.h>
#include <string.h>

enum { SECONDS = 6 };

typedef struct {
  Sample *sample;
  MgWriter config;
  MgAnyFacts facts;
  MgStream *stream;
  guint rounds;  /* that the sample is repeated */
  guint32 ticks; /* that one round lasts */
  MgHarness *harness;
  MgWriter file;  /* init segment and chunks */
  gboolean is_ms; /* stamps are rounded to milliseconds, as RTMP's */
  MgTime clock;   /* of media: how far it has come, and the fake clock with it */
} Cut;

/* --- in ---------------------------------------------------------------------------------------- */

/* As a producer does: what the file has, or else what the first packet implies. */
static void
take_config(Cut *c)
{
  g_autoptr(GError) error = NULL;
  const MgCmafTrack *track = c->sample->track;
  const SamplePacket *first = sample_packet(c->sample, 0);
  if (track->config_size > 0)
    mg_any_config_adopt(track->codec, track->config, track->config_size, &c->config, &error);
  else
    mg_any_config_make(track->codec, first->data, first->size, 4, &c->config, &error);
  g_assert_no_error(error);
  g_assert_true(mg_any_facts(track->codec, c->config.data, c->config.size, &c->facts, NULL));
}

static MgStream *
make_stream(const Cut *c)
{
  g_autoptr(MgData) data = mg_data_new_copy(c->config.data, c->config.size);
  MgAnyPacket packet;
  const SamplePacket *first = sample_packet(c->sample, 0);
  g_assert_true(
      mg_any_packet(c->sample->track->codec, &c->facts, first->data, first->size, &packet));
  const MgStreamInfo info = {
    .size = sizeof info,
    .id = "main",
    .media = c->facts.is_video ? MG_MEDIA_VIDEO : MG_MEDIA_AUDIO,
    .form = MG_FORM_PACKET,
    .codec = c->sample->track->codec,
    .config = data,
    .width = packet.width,
    .height = packet.height,
  };
  return mg_stream_new(&info);
}

static MgTime
as_sent(const Cut *c, gint64 ticks)
{
  MgTime time = mg_time_from_ticks(ticks, c->sample->track->timescale);
  return c->is_ms ? (time + MG_MILLISECOND / 2) / MG_MILLISECOND * MG_MILLISECOND : time;
}

static void
push(Cut *c, MgPort *in, const SamplePacket *p, gint64 offset)
{
  g_autoptr(GError) error = NULL;
  MgBuffer *buffer = mg_buffer_new(c->stream, 1);
  mg_buffer_append(buffer, mg_data_new_copy(p->data, p->size), 0, p->size);
  buffer->dts = as_sent(c, p->dts + offset);
  buffer->pts = as_sent(c, p->pts + offset);
  buffer->flags = p->is_sync ? MG_BUFFER_KEY : 0;
  if (buffer->dts > c->clock)
    mg_harness_advance(c->harness, buffer->dts - c->clock);
  c->clock = MAX(c->clock, buffer->dts);
  buffer->arrival = mg_now();
  mg_harness_push(c->harness, in, buffer, &error);
  g_assert_no_error(error);
}

static void
push_all(Cut *c)
{
  g_autoptr(GError) error = NULL;
  MgPort *in = mg_harness_stream(c->harness, c->stream, &error);
  g_assert_no_error(error);
  for (guint round = 0; round < c->rounds; round++)
    for (guint i = 0; i < c->sample->packets->len; i++)
      push(c, in, sample_packet(c->sample, i), (gint64) round * c->ticks);
  mg_harness_drain(c->harness);
}

/* --- out --------------------------------------------------------------------------------------- */

static void
pull_all(Cut *c)
{
  const MgStreamInfo *info = mg_stream_info(mg_harness_output(c->harness, "main"));
  mg_writer_bytes(&c->file, info->init->bytes, info->init->size);
  MgBuffer *chunk;
  while ((chunk = mg_harness_pull(c->harness, "main")) != NULL) {
    mg_buffer_copy_out(chunk, mg_writer_extend(&c->file, chunk->size), chunk->size);
    mg_buffer_unref(chunk);
  }
}

/* The last packet of the sample may be shorter than its time, as that of FLAC is. */
static void
cut_init(Cut *c, const char *file, gboolean is_ms)
{
  g_autoptr(GError) error = NULL;
  *c = (Cut){ .sample = sample_load(file), .is_ms = is_ms };
  take_config(c);
  for (guint i = 0; i < c->sample->packets->len; i++) {
    SamplePacket *p = &g_array_index(c->sample->packets, SamplePacket, i);
    MgAnyPacket packet;
    g_assert_true(mg_any_packet(c->sample->track->codec, &c->facts, p->data, p->size, &packet));
    if (!c->facts.is_video)
      p->duration = packet.samples;
    c->ticks += p->duration;
  }
  c->rounds = SECONDS * c->sample->track->timescale / c->ticks + 1;
  mg_harness_use_state_dir(NULL);
  c->harness = mg_harness_new(&segment_cmaf_class, "segment='2s'", &error);
  g_assert_no_error(error);
  c->stream = make_stream(c);
  push_all(c);
  pull_all(c);
}

static void
cut_clear(Cut *c)
{
  mg_stream_unref(c->stream);
  mg_harness_free(c->harness);
  mg_writer_clear(&c->config);
  mg_writer_clear(&c->file);
  sample_free(c->sample);
}

/* --- what holds -------------------------------------------------------------------------------- */

static guint64
to_ns(guint64 ticks, guint32 timescale)
{
  return ticks * MG_SECOND / timescale;
}

/* Sample N is what went in: the same bytes, for the same time, but for a tick where scales differ. */
static void
assert_sample(const Cut *c, guint n, const MgCmafSampleRead *s, guint32 timescale)
{
  const SamplePacket *p = sample_packet(c->sample, n % c->sample->packets->len);
  g_assert_cmpmem(s->data, s->size, p->data, p->size);
  g_assert_cmpint(!(s->flags & 0x10000), ==, p->is_sync);
  if (!c->facts.is_video)
    g_assert_cmpuint(s->duration, ==, p->duration);
  gint64 apart = (gint64) to_ns(s->duration, timescale) -
                 (gint64) to_ns(p->duration, c->sample->track->timescale);
  g_assert_cmpint(ABS(apart), <, MG_MILLISECOND);
}

static void
assert_samples(const Cut *c)
{
  MgCmafInit init;
  MgCmafChunkRead chunk;
  MgCmafSampleRead s;
  guint n = 0;
  g_assert_true(mg_cmaf_init_read(c->file.data, c->file.size, &init, NULL));
  g_assert_cmpuint(init.tracks[0].codec, ==, c->sample->track->codec);
  g_assert_false(init.has_edit_list);
  MgReader r = MG_READER(c->file.data, c->file.size);
  guint64 end = 0;
  for (; mg_cmaf_chunk_read(&r, &init, &chunk, NULL) == MG_CMAF_READ_CHUNK; end += chunk.duration) {
    if (n > 0)
      g_assert_cmpuint(chunk.decode_time, ==, end);
    end = chunk.decode_time;
    while (mg_cmaf_sample_next(&chunk, &s))
      assert_sample(c, n++, &s, init.tracks[0].timescale);
  }
  g_assert_cmpuint(n, ==, c->rounds * c->sample->packets->len);
}

static const char *const files[] = {
  "hevc.mp4",    "hevc-hdr.mp4", "av1.mp4", "av1-hlg.mp4", "vp9.mp4", "opus.mp4",
  "opus-51.mp4", "flac.mp4",     "ac3.mp4", "eac3.mp4",    "mp3.mp4", "mp3-low.mp4",
};

static void
test_samples(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
    Cut c;
    cut_init(&c, files[i], FALSE);
    assert_samples(&c);
    cut_clear(&c);
  }
}

/* With RTMP's stamps, audio still counts its own samples. */
static void
test_milliseconds(void)
{
  static const char *const sounds[] = { "opus.mp4", "opus-51.mp4", "flac.mp4",
                                        "ac3.mp4",  "mp3.mp4",     "mp3-low.mp4" };
  for (guint i = 0; i < G_N_ELEMENTS(sounds); i++) {
    Cut c;
    cut_init(&c, sounds[i], TRUE);
    assert_samples(&c);
    cut_clear(&c);
  }
}

/* What those behind are told, which the producer has not said. */
static void
test_told(void)
{
  Cut c;
  cut_init(&c, "av1-hlg.mp4", FALSE);
  const MgStreamInfo *info = mg_stream_info(mg_harness_output(c.harness, "main"));
  g_assert_cmpstr(info->codecs, ==, "av01.0.00M.10.0.110.09.18.09.0");
  g_assert_cmpuint(info->width, ==, 96);
  g_assert_cmpuint(info->bit_depth, ==, 10);
  g_assert_cmpuint(info->colour.transfer, ==, 18);
  cut_clear(&c);
  cut_init(&c, "eac3.mp4", FALSE);
  info = mg_stream_info(mg_harness_output(c.harness, "main"));
  g_assert_cmpuint(info->sample_rate, ==, 48000);
  g_assert_cmpuint(info->channels, ==, 6);
  cut_clear(&c);
}

/* --- as others read it ------------------------------------------------------------------------- */

/* Returned-owned: what a program says of the file at PATH, errors included. */
static char *
ask(const char *program, const char *before, const char *path, const char *after)
{
  g_autofree char *command = g_strdup_printf("%s %s %s %s", program, before, path, after);
  g_autoptr(GError) error = NULL;
  char *out = NULL;
  g_autofree char *complaints = NULL;
  g_spawn_command_line_sync(command, &out, &complaints, NULL, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(complaints, ==, "");
  return g_strchomp(out);
}

static void
assert_read_by_others(const char *file, const char *expected)
{
  Cut c;
  cut_init(&c, file, FALSE);
  g_autofree char *dir = g_dir_make_tmp("mediagraph-codecs-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(dir, "cut.mp4", NULL);
  g_assert_true(g_file_set_contents(path, (const char *) c.file.data, (gssize) c.file.size, NULL));
  g_autofree char *said = ask("ffprobe",
                              "-v error -count_packets -show_entries "
                              "stream=codec_name,profile,codec_tag_string,pix_fmt,width,height,"
                              "sample_aspect_ratio,color_transfer,sample_rate,channels,"
                              "nb_read_packets -of compact=p=0:nk=1",
                              path, "");
  g_autofree char *wanted = g_strdup_printf("%s %u", expected, c.rounds * c.sample->packets->len);
  g_strdelimit(said, "|", ' '); /* one stands at the end when there is side data */
  g_assert_cmpstr(g_strchomp(said), ==, wanted);
  g_free(ask("ffmpeg", "-v error -i", path, "-f null -"));
  g_remove(path);
  g_rmdir(dir);
  cut_clear(&c);
}

static void
test_others(void)
{
  g_autofree char *ffprobe = g_find_program_in_path("ffprobe");
  g_autofree char *ffmpeg = g_find_program_in_path("ffmpeg");
  if (ffprobe == NULL || ffmpeg == NULL) {
    g_test_skip("there is no ffmpeg");
    return;
  }
  static const char *const all[][2] = {
    { "hevc.mp4", "hevc Main hvc1 96 64 1:1 yuv420p unknown" },
    { "hevc-hdr.mp4", "hevc Main 10 hvc1 98 62 4:3 yuv420p10le smpte2084" },
    { "av1.mp4", "av1 Main av01 96 64 N/A yuv420p unknown" },
    { "av1-hlg.mp4", "av1 Main av01 96 64 N/A yuv420p10le arib-std-b67" },
    { "vp9.mp4", "vp9 Profile 0 vp09 96 64 N/A yuv420p unknown" },
    { "opus.mp4", "opus unknown Opus 48000 2" },
    { "opus-51.mp4", "opus unknown Opus 48000 6" },
    { "flac.mp4", "flac unknown fLaC 48000 1" },
    { "ac3.mp4", "ac3 unknown ac-3 48000 6" },
    { "eac3.mp4", "eac3 unknown ec-3 48000 6" },
    { "mp3.mp4", "mp3 unknown mp4a 48000 2" },
    { "mp3-low.mp4", "mp3 unknown mp4a 22050 1" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    assert_read_by_others(all[i][0], all[i][1]);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/codecs/" name, function)
  T("samples-come-out-as-they-went-in", test_samples);
  T("sound-counts-its-samples", test_milliseconds);
  T("what-the-configuration-says-is-told", test_told);
  T("others-read-and-decode-it", test_others);
  return g_test_run();
}
