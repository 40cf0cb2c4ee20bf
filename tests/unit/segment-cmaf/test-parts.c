/* How long chunks are: what low latency promises of them, and when they come. */
#include "cutter.h"

#include "segment-cmaf/parts.h"

/* --- the target -------------------------------------------------------------------------------- */

static MgTime
samples(guint n, guint rate)
{
  return (MgTime) n * MG_SECOND / rate;
}

static void
assert_fits(MgTime target, MgTime frame)
{
  MgTime part = target / frame * frame;
  g_assert_cmpint(part, >, 0);
  g_assert_cmpint(part * 100, >=, target * 85);
}

static void
test_a_target_that_all_fit(void)
{
  static const guint fps[][2] = { { 24000, 1001 }, { 24, 1 },       { 25, 1 }, { 30000, 1001 },
                                  { 30, 1 },       { 50, 1 },       { 60, 1 }, { 60000, 1001 },
                                  { 15, 1 },       { 120000, 1001 } };
  static const guint audio[][2] = { { 1024, 48000 }, { 1024, 44100 }, { 2048, 48000 },
                                    { 1152, 44100 }, { 960, 48000 },  { 1536, 48000 } };
  static const guint longest_ms[] = { 100, 120, 200, 250, 333, 500, 1000, 2000 };
  for (guint v = 0; v < G_N_ELEMENTS(fps); v++)
    for (guint a = 0; a < G_N_ELEMENTS(audio); a++)
      for (guint i = 0; i < G_N_ELEMENTS(longest_ms); i++) {
        const MgTime frames[] = { samples(fps[v][1], fps[v][0]),
                                  samples(audio[a][0], audio[a][1]) };
        MgTime longest = longest_ms[i] * MG_MILLISECOND;
        MgTime target = parts_fit(longest, frames, 2);
        MgTime most = longest_ms[i] > 120 ? longest : 2 * longest; /* few samples, of odd lengths */
        g_assert_cmpint(target, <=, most + most / 50 + 2 * MG_MILLISECOND);
        g_assert_cmpint(target, >=, longest / 2);
        assert_fits(target, frames[0]);
        assert_fits(target, frames[1]);
      }
}

static void
test_the_target_is_the_longest(void)
{
  const MgTime frames[] = { 40 * MG_MILLISECOND, samples(1024, 48000) };
  g_assert_cmpint(parts_fit(500 * MG_MILLISECOND, frames, 1), ==, 490 * MG_MILLISECOND);
  /* 23 frames of audio, 490.667 ms */
  g_assert_cmpint(parts_fit(500 * MG_MILLISECOND, frames, 2) / MG_MICROSECOND, ==, 501000);
  /* Two frames of video last 80 ms, and four of audio 85.333. */
  g_assert_cmpint(parts_fit(100 * MG_MILLISECOND, frames, 2) / MG_MICROSECOND, ==, 88000);
}

static void
test_a_single_sample_may_be_longer(void)
{
  const MgTime slow[] = { MG_SECOND };
  g_assert_cmpint(parts_fit(500 * MG_MILLISECOND, slow, 1), ==, 1020 * MG_MILLISECOND);
}

static void
test_what_is_not_known_fits(void)
{
  const MgTime unknown[] = { 0, 0 };
  g_assert_cmpint(parts_fit(500 * MG_MILLISECOND, unknown, 2), ==, 510 * MG_MILLISECOND);
  g_assert_cmpint(parts_fit(500 * MG_MILLISECOND, NULL, 0), ==, 510 * MG_MILLISECOND);
}

/* --- chunks ------------------------------------------------------------------------------------ */

static const MgChunk *
nth(GPtrArray *chunks, guint n)
{
  return ((MgBuffer *) g_ptr_array_index(chunks, n))->chunk;
}

static gint64
part_us(GPtrArray *chunks, guint n)
{
  const MgBuffer *buffer = g_ptr_array_index(chunks, n);
  return buffer->chunk->duration * G_USEC_PER_SEC / mg_stream_info(buffer->stream)->timescale;
}

/* Returns how many chunks are not the last of a segment, which may be short. */
static guint
assert_promise(GPtrArray *chunks, guint target_us)
{
  guint n_others = 0;
  for (guint i = 0; i < chunks->len; i++) {
    g_assert_cmpuint(nth(chunks, i)->part_target_us, ==, target_us);
    g_assert_cmpint(part_us(chunks, i), <=, target_us);
    if (nth(chunks, i)->flags & MG_CHUNK_ENDS_SEGMENT || i == chunks->len - 1)
      continue;
    n_others++;
    g_assert_cmpint(part_us(chunks, i) * 100, >=, (gint64) target_us * 85);
  }
  return n_others;
}

typedef struct {
  guint fps_num, fps_den, b_frames;
  guint audio_rate, audio_samples;
  const char *part;
} Case;

static void
run_case(const Case *one, gboolean is_ms)
{
  Cutter c;
  g_autofree char *attributes = g_strdup_printf("part='%s'", one->part);
  cutter_init(&c, attributes);
  c.video_model = (VideoModel){ .fps_num = one->fps_num,
                                .fps_den = one->fps_den,
                                .gop = 12 * (one->b_frames + 1),
                                .b_frames = one->b_frames,
                                .is_ms = is_ms };
  c.audio_model = (AudioModel){ one->audio_rate, one->audio_samples, is_ms, 0 };
  cutter_run(&c, 15);
  guint target_us = nth(c.video_chunks, 0)->part_target_us;
  g_assert_cmpuint(assert_promise(c.video_chunks, target_us), >=, 10);
  g_assert_cmpuint(assert_promise(c.audio_chunks, target_us), >=, 10);
  cutter_clear(&c);
}

static void
test_every_part_keeps_the_promise(void)
{
  static const Case cases[] = {
    { 25, 1, 0, 48000, 1024, "500ms" },       { 30000, 1001, 2, 44100, 1024, "500ms" },
    { 30, 1, 0, 44100, 1024, "200ms" },       { 60, 1, 2, 48000, 1024, "200ms" },
    { 24000, 1001, 1, 48000, 2048, "1s" },    { 50, 1, 0, 48000, 1024, "100ms" },
    { 30000, 1001, 0, 48000, 1024, "333ms" }, { 25, 1, 2, 44100, 1024, "250ms" },
    { 60000, 1001, 0, 44100, 1024, "100ms" }, { 5, 1, 0, 48000, 1024, "500ms" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    run_case(&cases[i], FALSE);
    run_case(&cases[i], TRUE);
  }
}

/* A frame that comes late makes the one before last too long for the part it was to end. */
static void
test_a_late_frame_makes_no_part_too_long(void)
{
  Cutter c;
  cutter_init(&c, "part='500ms'");
  cutter_run(&c, 4.4);
  cutter_skip_video(&c, 4.6);
  cutter_run(&c, 12);
  guint target_us = nth(c.video_chunks, 0)->part_target_us;
  guint n_short = 0;
  for (guint i = 0; i < c.video_chunks->len; i++) {
    g_assert_cmpint(part_us(c.video_chunks, i), <=, target_us);
    n_short += part_us(c.video_chunks, i) * 100 < (gint64) target_us * 85 &&
               !(nth(c.video_chunks, i)->flags & MG_CHUNK_ENDS_SEGMENT);
  }
  g_assert_cmpuint(n_short, <=, 2); /* beside the hole, and at the end */
  cutter_clear(&c);
}

/* Another track's samples do not fit what was chosen without it: it is chosen anew, where it may be. */
static void
test_the_target_changes_with_a_discontinuity_only(void)
{
  Cutter c;
  cutter_init(&c, "part='100ms'");
  c.audio_model.rate = 0;
  cutter_run(&c, 5);
  c.audio_model.rate = 48000;
  cutter_skip_audio(&c, 5);
  cutter_run(&c, 12);
  cutter_drain(&c);
  for (guint i = 0; i < c.video_chunks->len; i++) {
    const MgChunk *chunk = nth(c.video_chunks, i);
    g_assert_cmpuint(chunk->part_target_us, ==, chunk->discontinuity == 0 ? 82000 : 88000);
  }
  g_assert_cmpuint(nth(c.audio_chunks, 0)->part_target_us, ==, 88000);
  cutter_clear(&c);
}

static void
test_the_target_outlives_a_reconnect(void)
{
  Cutter c;
  cutter_init(&c, NULL);
  cutter_run(&c, 5);
  cutter_reconnect(&c, 1);
  cutter_run(&c, 12);
  guint target_us = nth(c.video_chunks, 0)->part_target_us;
  for (guint i = 0; i < c.video_chunks->len; i++)
    g_assert_cmpuint(nth(c.video_chunks, i)->part_target_us, ==, target_us);
  cutter_clear(&c);
}

/* --- when they come ---------------------------------------------------------------------------- */

/*
 * How long a chunk's last sample was there before the chunk was, at most: until its duration was known, that is, the
 * next sample had come.
 */
static MgTime
longest_wait(Cutter *c, GPtrArray *chunks, gdouble begin)
{
  MgTime longest = 0;
  cutter_run(c, begin);
  guint seen = chunks->len;
  for (gdouble until = begin; until < begin + 1.2; until += 0.001) {
    cutter_run(c, until);
    for (; seen < chunks->len; seen++)
      longest = MAX(longest, mg_now() - ((MgBuffer *) g_ptr_array_index(chunks, seen))->arrival);
  }
  return longest;
}

static void
test_video_comes_with_the_next_frame(void)
{
  Cutter c;
  cutter_init(&c, "part='200ms'");
  g_assert_cmpint(longest_wait(&c, c.video_chunks, 1), <=, 40 * MG_MILLISECOND);
  cutter_clear(&c);
}

/* Audio's next sample is looked at once video has passed it. */
static void
test_audio_comes_with_the_next_frame_of_video(void)
{
  Cutter c;
  cutter_init(&c, "part='200ms'");
  g_assert_cmpint(longest_wait(&c, c.audio_chunks, 1), <=, (40 + 22) * MG_MILLISECOND);
  cutter_clear(&c);
}

static void
test_audio_alone_comes_with_its_next_sample(void)
{
  Cutter c;
  cutter_init(&c, "part='200ms'");
  c.has_no_video = TRUE; /* which has to be seen first */
  g_assert_cmpint(longest_wait(&c, c.audio_chunks, 4), <=, 22 * MG_MILLISECOND);
  cutter_clear(&c);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define T(name, function) g_test_add_func("/segment-cmaf/parts/" name, function)
  T("a-target-that-all-fit", test_a_target_that_all_fit);
  T("the-target-is-the-longest", test_the_target_is_the_longest);
  T("a-single-sample-may-be-longer", test_a_single_sample_may_be_longer);
  T("what-is-not-known-fits", test_what_is_not_known_fits);
  T("every-part-keeps-the-promise", test_every_part_keeps_the_promise);
  T("a-late-frame-makes-no-part-too-long", test_a_late_frame_makes_no_part_too_long);
  T("the-target-changes-with-a-discontinuity-only",
    test_the_target_changes_with_a_discontinuity_only);
  T("the-target-outlives-a-reconnect", test_the_target_outlives_a_reconnect);
  T("video-comes-with-the-next-frame", test_video_comes_with_the_next_frame);
  T("audio-comes-with-the-next-frame-of-video", test_audio_comes_with_the_next_frame_of_video);
  T("audio-alone-comes-with-its-next-sample", test_audio_alone_comes_with_its_next_sample);
#undef T
  return g_test_run();
}
