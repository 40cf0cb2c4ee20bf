#include "cmaf/chunk.h"
#include "cmaf/init.h"
#include "cmaf/reader.h"

#include <string.h>

/* Plans and writes into a block of exactly the planned size. */
static guint8 *
write_chunk(const MgCmafChunk *chunk, MgCmafPlan *plan)
{
  g_autoptr(GError) error = NULL;
  mg_cmaf_chunk_plan(chunk, plan, &error);
  g_assert_no_error(error);
  guint8 *block = g_malloc(plan->places.header_size);
  mg_cmaf_chunk_write(chunk, plan, block);
  return block;
}

static void
assert_bytes(const MgCmafChunk *chunk, const char *expected, gsize size)
{
  MgCmafPlan plan;
  g_autofree guint8 *block = write_chunk(chunk, &plan);
  g_assert_cmpmem(block, plan.places.header_size, expected, size);
}

/* Two audio frames: everything but the sizes stands once. */
static void
test_audio(void)
{
  const MgCmafSample samples[] = { { 5, 1024, 0, MG_CMAF_SYNC }, { 6, 1024, 0, MG_CMAF_SYNC } };
  const MgCmafChunk chunk = {
    .sequence = 9,
    .track_id = 2,
    .decode_time = 0x100000002,
    .samples = samples,
    .n_samples = 2,
  };
  static const char expected[] =
      "\0\0\0\x6cmoof"
      "\0\0\0\x10mfhd\0\0\0\0\0\0\0\x09"
      "\0\0\0\x54traf"
      "\0\0\0\x1ctfhd\0\x02\0\x2a\0\0\0\x02\0\0\0\x01\0\0\x04\0\x02\0\0\0"
      "\0\0\0\x14tfdt\x01\0\0\0\0\0\0\x01\0\0\0\x02"
      "\0\0\0\x1ctrun\x01\0\x02\x01\0\0\0\x02\0\0\0\x74\0\0\0\x05\0\0\0\x06"
      "\0\0\0\x13mdat";
  assert_bytes(&chunk, expected, sizeof expected - 1);
}

/* A GOP's beginning: sync flag first, signed offsets, durations that differ. */
static void
test_video(void)
{
  const MgCmafSample samples[] = {
    { 100, 3000, 0, MG_CMAF_SYNC },
    { 20, 3000, 3000, MG_CMAF_DEPENDS },
    { 10, 3001, -3000, MG_CMAF_DEPENDS },
  };
  const MgCmafChunk chunk = {
    .styp = MG_CMAF_STYP_SEGMENT,
    .sequence = 1,
    .track_id = 1,
    .decode_time = 90000,
    .samples = samples,
    .n_samples = 3,
  };
  static const char expected[] = "\0\0\0\x20stypmsdh\0\0\0\0msdhcmfscmffcmfl"
                                 "\0\0\0\x88moof"
                                 "\0\0\0\x10mfhd\0\0\0\0\0\0\0\x01"
                                 "\0\0\0\x70traf"
                                 "\0\0\0\x18tfhd\0\x02\0\x22\0\0\0\x01\0\0\0\x01\x01\x01\0\0"
                                 "\0\0\0\x14tfdt\x01\0\0\0\0\0\0\0\0\x01\x5f\x90"
                                 "\0\0\0\x3ctrun\x01\0\x0b\x05\0\0\0\x03\0\0\0\x90\x02\0\0\0"
                                 "\0\0\x0b\xb8\0\0\0\x64\0\0\0\0"
                                 "\0\0\x0b\xb8\0\0\0\x14\0\0\x0b\xb8"
                                 "\0\0\x0b\xb9\0\0\0\x0a\xff\xff\xf4\x48"
                                 "\0\0\0\x8amdat";
  assert_bytes(&chunk, expected, sizeof expected - 1);
}

/* A part of one frame needs no table at all. */
static void
test_one_sample(void)
{
  const MgCmafSample sample = { 0x11223344, 3003, 0, MG_CMAF_SYNC };
  const MgCmafChunk chunk = { .sequence = 1, .track_id = 1, .samples = &sample, .n_samples = 1 };
  static const char expected[] =
      "\0\0\0\x68moof"
      "\0\0\0\x10mfhd\0\0\0\0\0\0\0\x01"
      "\0\0\0\x50traf"
      "\0\0\0\x20tfhd\0\x02\0\x3a\0\0\0\x01\0\0\0\x01\0\0\x0b\xbb\x11\x22\x33\x44\x02\0\0\0"
      "\0\0\0\x14tfdt\x01\0\0\0\0\0\0\0\0\0\0\0"
      "\0\0\0\x14trun\x01\0\0\x01\0\0\0\x01\0\0\0\x70"
      "\x11\x22\x33\x4cmdat";
  assert_bytes(&chunk, expected, sizeof expected - 1);
}

static void
test_styp(void)
{
  static const struct {
    MgCmafStyp styp;
    gboolean is_last;
    const char *bytes;
    gsize size;
  } cases[] = {
    { MG_CMAF_STYP_NONE, TRUE, "", 0 },
    { MG_CMAF_STYP_CHUNK, FALSE, "\0\0\0\x18stypmsdh\0\0\0\0msdhcmfl", 24 },
    { MG_CMAF_STYP_FRAGMENT, FALSE, "\0\0\0\x1cstypmsdh\0\0\0\0msdhcmffcmfl", 28 },
    { MG_CMAF_STYP_SEGMENT, TRUE, "\0\0\0\x24stypmsdh\0\0\0\0msdhcmfscmffcmfllmsg", 36 },
  };
  const MgCmafSample sample = { 1, 1, 0, MG_CMAF_SYNC };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgCmafChunk chunk = { .styp = cases[i].styp, .is_last = cases[i].is_last, .track_id = 1 };
    chunk.samples = &sample;
    chunk.n_samples = 1;
    MgCmafPlan plan;
    g_autofree guint8 *block = write_chunk(&chunk, &plan);
    g_assert_cmpmem(block, plan.places.moof_at, cases[i].bytes, cases[i].size);
    g_assert_cmpmem(block + plan.places.moof_at + 4, 4, "moof", 4);
  }
}

/* 2024-02-29 00:00:02.75 is 3918153602.75 s since 1900. */
static void
test_reference_time(void)
{
  const MgCmafSample sample = { 1, 1, 0, MG_CMAF_SYNC };
  MgCmafChunk chunk = {
    .styp = MG_CMAF_STYP_CHUNK,
    .track_id = 2,
    .decode_time = 0x100000003,
    .utc_us = G_GINT64_CONSTANT(1709164802750000),
    .samples = &sample,
    .n_samples = 1,
  };
  static const char expected[] = "\0\0\0\x20prft\x01\0\0\x18\0\0\0\x02"
                                 "\xe9\x8a\x47\x82\xc0\0\0\0\0\0\0\x01\0\0\0\x03";
  MgCmafPlan with, without;
  MgCmafPlaces found;
  g_autofree guint8 *block = write_chunk(&chunk, &with);
  g_assert_cmpmem(block + 24, with.places.moof_at - 24, expected, sizeof expected - 1);
  g_assert_true(mg_cmaf_chunk_find(block, with.places.header_size, &found, NULL));
  g_assert_cmpmem(&found, sizeof found, &with.places, sizeof found);
  chunk.utc_us = 0;
  g_autofree guint8 *shorter = write_chunk(&chunk, &without);
  g_assert_cmpmem(block + with.places.moof_at, with.places.header_size - with.places.moof_at,
                  shorter + 24, without.places.header_size - 24);
}

/* All ways in which samples can share or differ: what is written reads back, in the planned size. */
static void
test_every_combination(void)
{
  for (guint mask = 0; mask < 64; mask++) {
    MgCmafSample samples[3];
    for (guint i = 0; i < 3; i++) {
      samples[i].duration = mask & 1 ? 1000 + i : 1000;
      samples[i].size = mask & 2 ? 10 + i : 10;
      samples[i].flags = mask & 4 && i > 0 ? MG_CMAF_DEPENDS : MG_CMAF_SYNC;
      if (mask & 8 && i == 2)
        samples[i].flags = MG_CMAF_DISPOSABLE;
      samples[i].cts_offset = mask & 16 ? (gint32) i * 1000 - 1000 : 0;
    }
    const guint32 n = mask & 32 ? 1 : 3;
    const MgCmafChunk chunk = { .track_id = 1, .samples = samples, .n_samples = n };
    MgCmafPlan plan;
    g_autofree guint8 *header = write_chunk(&chunk, &plan);
    g_auto(MgWriter) w = MG_WRITER_INIT;
    mg_writer_bytes(&w, header, plan.places.header_size);
    mg_writer_zeros(&w, plan.payload_size);

    MgReader r = MG_READER(w.data, w.size);
    MgCmafChunkRead read;
    MgCmafSampleRead sample;
    g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &read, NULL), ==, MG_CMAF_READ_CHUNK);
    g_assert_cmpuint(read.n_samples, ==, n);
    g_assert_cmpuint(read.duration, ==, plan.duration);
    g_assert_cmpuint(mg_reader_left(&read.payload), ==, plan.payload_size);
    for (guint i = 0; i < n; i++) {
      g_assert_true(mg_cmaf_sample_next(&read, &sample));
      g_assert_cmpuint(sample.duration, ==, samples[i].duration);
      g_assert_cmpuint(sample.size, ==, samples[i].size);
      g_assert_cmphex(sample.flags, ==, samples[i].flags);
      g_assert_cmpint(sample.pts - (gint64) sample.dts, ==, samples[i].cts_offset);
    }
    g_assert_false(mg_cmaf_sample_next(&read, &sample));
  }
}

static void
test_first_sample_flags(void)
{
  MgCmafSample samples[4] = { { 1, 1, 0, MG_CMAF_SYNC } };
  for (guint i = 1; i < 4; i++)
    samples[i] = (MgCmafSample){ 1, 1, 0, MG_CMAF_DEPENDS };
  const MgCmafChunk chunk = { .track_id = 1, .samples = samples, .n_samples = 4 };
  MgCmafPlan plan;
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, NULL));
  g_assert_cmphex(plan.trun_flags, ==, 0x5); /* data offset and first sample flags: no table */
  samples[3].flags = MG_CMAF_DISPOSABLE;
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, NULL));
  g_assert_cmphex(plan.trun_flags, ==, 0x401);
}

static void
test_too_large(void)
{
  const MgCmafSample samples[] = { { G_MAXUINT32 - 8, 1, 0, 0 }, { 1, 1, 0, 0 } };
  MgCmafChunk chunk = { .track_id = 1, .samples = samples, .n_samples = 1 };
  MgCmafPlan plan;
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, &error));
  chunk.n_samples = 2;
  g_assert_false(mg_cmaf_chunk_plan(&chunk, &plan, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_TOO_LARGE);
}

static void
test_renumber(void)
{
  const MgCmafSample samples[] = { { 5, 10, 0, MG_CMAF_SYNC }, { 6, 12, 5, MG_CMAF_DEPENDS } };
  MgCmafChunk chunk = { .styp = MG_CMAF_STYP_SEGMENT, .sequence = 3, .track_id = 1 };
  chunk.decode_time = 77;
  chunk.samples = samples;
  chunk.n_samples = 2;
  MgCmafPlan plan;
  g_autofree guint8 *block = write_chunk(&chunk, &plan);
  MgCmafPlaces places;
  g_autoptr(GError) error = NULL;
  mg_cmaf_chunk_find(block, plan.places.header_size, &places, &error);
  g_assert_no_error(error);
  g_assert_cmpmem(&places, sizeof places, &plan.places, sizeof places);

  mg_cmaf_chunk_renumber(block, &places, 0x01020304, 2, 0x0506070800000009);
  chunk.sequence = 0x01020304;
  chunk.track_id = 2;
  chunk.decode_time = 0x0506070800000009;
  g_autofree guint8 *expected = write_chunk(&chunk, &plan);
  g_assert_cmpmem(block, places.header_size, expected, plan.places.header_size);
}

static void
test_shift(void)
{
  MgCmafSample samples[] = { { 5, 10, 0, MG_CMAF_SYNC }, { 6, 12, -5, MG_CMAF_DEPENDS } };
  MgCmafChunk chunk = { .track_id = 1, .samples = samples, .n_samples = 2, .has_offsets = TRUE };
  MgCmafPlan plan;
  g_autofree guint8 *block = write_chunk(&chunk, &plan);
  MgCmafPlaces places;
  g_assert_true(mg_cmaf_chunk_find(block, plan.places.header_size, &places, NULL));
  mg_cmaf_chunk_shift(block, &places, 5);
  samples[0].cts_offset = 5;
  samples[1].cts_offset = 0;
  g_autofree guint8 *expected = write_chunk(&chunk, &plan);
  g_assert_cmpmem(block, places.header_size, expected, plan.places.header_size);
}

static void
test_zero_offsets_on_demand(void)
{
  const MgCmafSample samples[] = { { 5, 10, 0, MG_CMAF_SYNC }, { 6, 12, 0, MG_CMAF_DEPENDS } };
  MgCmafChunk chunk = { .track_id = 1, .samples = samples, .n_samples = 2 };
  MgCmafPlan without, with;
  g_autofree guint8 *block = write_chunk(&chunk, &without);
  chunk.has_offsets = TRUE;
  g_autofree guint8 *longer = write_chunk(&chunk, &with);
  g_assert_cmpuint(without.places.offset_at, ==, 0);
  MgCmafPlaces found;
  memset(&found, 0xff, sizeof found);
  g_assert_true(mg_cmaf_chunk_find(block, without.places.header_size, &found, NULL));
  g_assert_cmpuint(found.offset_at, ==, 0);
  g_assert_cmpuint(with.places.offset_at, >, 0);
  g_assert_cmpuint(with.places.header_size, ==, without.places.header_size + 2 * 4);
  g_assert_cmpmem(longer + with.places.offset_at, 4, "\0\0\0\0", 4);
}

static void
test_find_refuses(void)
{
  const MgCmafSample sample = { 5, 10, 0, MG_CMAF_SYNC };
  const MgCmafChunk chunk = { .track_id = 1, .samples = &sample, .n_samples = 1 };
  MgCmafPlan plan;
  g_autofree guint8 *block = write_chunk(&chunk, &plan);
  for (gsize n = 0; n < plan.places.header_size; n++) {
    MgCmafPlaces places;
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *exact = g_memdup2(block, n);
    g_assert_false(mg_cmaf_chunk_find(exact, n, &places, &error));
    g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_INCOMPLETE);
  }
  MgCmafPlaces places;
  g_autoptr(GError) error = NULL;
  block[plan.places.decode_time_at - 4] = 0; /* version of tfdt: 32 bits */
  g_assert_false(mg_cmaf_chunk_find(block, plan.places.header_size, &places, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cmaf/chunk/shared-values-stand-once", test_audio);
  g_test_add_func("/cmaf/chunk/video-has-styp-sync-flag-and-signed-offsets", test_video);
  g_test_add_func("/cmaf/chunk/one-sample-needs-no-table", test_one_sample);
  g_test_add_func("/cmaf/chunk/styp-names-what-begins", test_styp);
  g_test_add_func("/cmaf/chunk/reference-time-stands-before-the-moof", test_reference_time);
  g_test_add_func("/cmaf/chunk/every-combination-reads-back", test_every_combination);
  g_test_add_func("/cmaf/chunk/first-sample-carries-sync-flag", test_first_sample_flags);
  g_test_add_func("/cmaf/chunk/more-than-four-gigabytes-are-refused", test_too_large);
  g_test_add_func("/cmaf/chunk/renumbered-header-is-as-if-written-so", test_renumber);
  g_test_add_func("/cmaf/chunk/shifted-offsets-are-as-if-written-so", test_shift);
  g_test_add_func("/cmaf/chunk/offsets-of-zero-are-written-on-demand", test_zero_offsets_on_demand);
  g_test_add_func("/cmaf/chunk/places-are-found-in-whole-headers-only", test_find_refuses);
  return g_test_run();
}
