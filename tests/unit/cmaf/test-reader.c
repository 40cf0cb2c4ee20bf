#include "cmaf/box.h"
#include "cmaf/reader.h"

#include <string.h>

static const guint8 avcc[] = {
  0x01, 0x64, 0x00, 0x28, 0xff, 0xe1, 0x00, 0x1d, 0x67, 0x64, 0x00, 0x28, 0xac,
  0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x5a, 0x80, 0x80, 0x80, 0xa0, 0x00,
  0x00, 0x7d, 0x20, 0x00, 0x1d, 0x4c, 0x01, 0xe3, 0x06, 0x32, 0xc0, 0x01, 0x00,
  0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};
static const guint8 asc[] = { 0x12, 0x10, 0x56, 0xe5, 0x00 };

static const MgCmafTrack tracks[] = {
  {
      .track_id = 1,
      .timescale = 90000,
      .codec = MG_CMAF_H264,
      .config = avcc,
      .config_size = sizeof avcc,
      .bitrate = 5000000,
  },
  {
      .track_id = 2,
      .timescale = 44100,
      .codec = MG_CMAF_AAC,
      .config = asc,
      .config_size = sizeof asc,
      .language = "pt-BR",
      .bitrate = 128000,
  },
};

static void
put_init(MgWriter *w)
{
  g_autoptr(GError) error = NULL;
  mg_cmaf_init_write(tracks, 2, w, &error);
  g_assert_no_error(error);
}

/* Two samples, whose payload is their decode time's low byte. */
static void
put_chunk(MgWriter *w, guint32 track_id, guint32 sequence, guint64 decode_time)
{
  const MgCmafSample samples[] = {
    { 3, 1000, 0, MG_CMAF_SYNC },
    { 2, 1001, -500, MG_CMAF_DEPENDS },
  };
  const MgCmafChunk chunk = {
    .styp = MG_CMAF_STYP_CHUNK,
    .sequence = sequence,
    .track_id = track_id,
    .decode_time = decode_time,
    .samples = samples,
    .n_samples = 2,
  };
  MgCmafPlan plan;
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, NULL));
  mg_cmaf_chunk_write(&chunk, &plan, mg_writer_extend(w, plan.places.header_size));
  memset(mg_writer_extend(w, 5), (guint8) decode_time, 5);
}

static void
test_init(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_init(&w);
  gsize init_size = w.size;
  mg_writer_zeros(&w, 3); /* whatever is behind */
  MgCmafInit init;
  g_autoptr(GError) error = NULL;
  mg_cmaf_init_read(w.data, w.size, &init, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(init.size, ==, init_size);
  g_assert_false(init.has_edit_list);
  g_assert_cmpuint(init.n_tracks, ==, 2);
  const MgCmafTrack *video = &init.tracks[0], *audio = &init.tracks[1];
  g_assert_cmpuint(video->track_id, ==, 1);
  g_assert_cmpuint(video->timescale, ==, 90000);
  g_assert_cmphex(video->codec, ==, MG_CMAF_H264);
  g_assert_cmpmem(video->config, video->config_size, avcc, sizeof avcc);
  g_assert_cmpuint(video->width, ==, 1920);
  g_assert_cmpuint(video->height, ==, 1080);
  g_assert_cmpuint(video->sar_width, ==, 1);
  g_assert_cmpuint(video->bitrate, ==, 5000000);
  g_assert_cmpstr(video->language, ==, "");
  g_assert_cmpuint(audio->track_id, ==, 2);
  g_assert_cmphex(audio->codec, ==, MG_CMAF_AAC);
  g_assert_cmpmem(audio->config, audio->config_size, asc, sizeof asc);
  g_assert_cmpuint(audio->sample_rate, ==, 44100);
  g_assert_cmpuint(audio->channels, ==, 2);
  g_assert_cmpuint(audio->bitrate, ==, 128000);
  g_assert_cmpstr(audio->language, ==, "pt-BR");
}

/* What was read can be written: two init segments become one recording's. */
static void
test_init_again(void)
{
  g_auto(MgWriter) first = MG_WRITER_INIT;
  g_auto(MgWriter) second = MG_WRITER_INIT;
  put_init(&first);
  MgCmafInit init;
  g_assert_true(mg_cmaf_init_read(first.data, first.size, &init, NULL));
  g_assert_true(mg_cmaf_init_write(init.tracks, init.n_tracks, &second, NULL));
  g_assert_cmpmem(second.data, second.size, first.data, first.size);
}

static void
test_every_cut_init(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_init(&w);
  for (gsize n = 0; n < w.size; n++) {
    MgCmafInit init;
    g_autoptr(GError) error = NULL;
    g_autofree guint8 *exact = g_memdup2(w.data, n);
    g_assert_false(mg_cmaf_init_read(exact, n, &init, &error));
    g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_INCOMPLETE);
  }
}

/* Every byte of an init segment set to 0 and 255: read or refused, never worse. */
static void
test_every_broken_init(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_init(&w);
  guint n_refused = 0;
  for (gsize i = 0; i < w.size; i++) {
    for (guint value = 0; value <= 255; value += 255) {
      MgCmafInit init;
      g_autofree guint8 *broken = g_memdup2(w.data, w.size);
      broken[i] = (guint8) value;
      n_refused += !mg_cmaf_init_read(broken, w.size, &init, NULL);
    }
  }
  g_assert_cmpuint(n_refused, >, 100);
}

static void
test_too_many_tracks(void)
{
  g_auto(MgWriter) one = MG_WRITER_INIT;
  g_auto(MgWriter) many = MG_WRITER_INIT;
  MgBox moov, trak;
  g_assert_true(mg_cmaf_init_write(tracks, 1, &one, NULL));
  MgReader r = MG_READER(one.data, one.size);
  g_assert_true(mg_box_find(&r, "moov", &moov));
  g_assert_true(mg_box_find(&moov.body, "trak", &trak));
  gsize begin = mg_box_begin(&many, "moov");
  for (guint i = 0; i <= MG_CMAF_MOST_TRACKS; i++) {
    gsize copy = mg_box_begin(&many, "trak");
    mg_writer_bytes(&many, trak.body.data, trak.body.size);
    mg_box_end(&many, copy);
  }
  mg_box_end(&many, begin);
  MgCmafInit init;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_cmaf_init_read(many.data, many.size, &init, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED);
}

static void
test_box_smaller_than_its_header(void)
{
  const guint8 small[] = { 0, 0, 0, 7, 'm', 'o', 'o', 'v' };
  const guint8 large[] = { 0, 0, 0, 1, 'm', 'o', 'o', 'f', 0, 0, 0, 0, 0, 0, 0, 15 };
  MgCmafInit init;
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_cmaf_init_read(small, sizeof small, &init, &error));
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_MALFORMED);
  g_clear_error(&error);
  MgReader r = MG_READER(large, sizeof large);
  MgCmafChunkRead chunk;
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_FAILED);
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_MALFORMED);
}

static void
test_chunks(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_chunk(&w, 1, 7, 90000);
  gsize first_size = w.size;
  put_chunk(&w, 2, 8, 0x123456789abcdef0);
  MgReader r = MG_READER(w.data, w.size);
  MgCmafChunkRead chunk;
  MgCmafSampleRead sample;
  g_autoptr(GError) error = NULL;
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_CHUNK);
  g_assert_cmpuint(chunk.begin, ==, 0);
  g_assert_cmpuint(chunk.size, ==, first_size);
  g_assert_cmpuint(chunk.sequence, ==, 7);
  g_assert_cmpuint(chunk.track_id, ==, 1);
  g_assert_cmpuint(chunk.duration, ==, 2001);
  g_assert_true(mg_cmaf_sample_next(&chunk, &sample));
  g_assert_cmpuint(sample.dts, ==, 90000);
  g_assert_cmpint(sample.pts, ==, 90000);
  g_assert_cmphex(sample.flags, ==, MG_CMAF_SYNC);
  g_assert_cmpuint(sample.size, ==, 3);
  g_assert_true(mg_cmaf_sample_next(&chunk, &sample));
  g_assert_cmpuint(sample.dts, ==, 91000);
  g_assert_cmpint(sample.pts, ==, 90500);
  g_assert_cmphex(sample.flags, ==, MG_CMAF_DEPENDS);
  g_assert_cmpmem(sample.data, sample.size, "\x90\x90", 2);
  g_assert_false(mg_cmaf_sample_next(&chunk, &sample));
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_CHUNK);
  g_assert_cmpuint(chunk.begin, ==, first_size);
  g_assert_cmphex(chunk.decode_time, ==, 0x123456789abcdef0);
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_END);
  g_assert_no_error(error);
}

/* moof with one run made by hand, for what the writer never writes. */
typedef struct {
  guint32 tfhd_flags;
  guint8 tfdt_version;
  guint32 trun_flags;
  guint32 n_samples;
  gint32 data_offset; /* from the payload's true place */
  guint n_trafs;
  const char *mdat_type;
} Foreign;

static void
put_foreign(MgWriter *w, const Foreign *f)
{
  gsize moof = mg_box_begin(w, "moof");
  gsize mfhd = mg_full_box_begin(w, "mfhd", 0, 0);
  mg_writer_be32(w, 1);
  mg_box_end(w, mfhd);
  gsize offset_at = 0;
  for (guint i = 0; i < f->n_trafs; i++) {
    gsize traf = mg_box_begin(w, "traf");
    gsize tfhd = mg_full_box_begin(w, "tfhd", 0, f->tfhd_flags);
    mg_writer_be32(w, 1);
    mg_box_end(w, tfhd);
    gsize tfdt = mg_full_box_begin(w, "tfdt", f->tfdt_version, 0);
    mg_writer_zeros(w, f->tfdt_version == 1 ? 4 : 0);
    mg_writer_be32(w, 1234);
    mg_box_end(w, tfdt);
    gsize trun = mg_full_box_begin(w, "trun", 0, f->trun_flags);
    mg_writer_be32(w, f->n_samples);
    offset_at = w->size;
    if (f->trun_flags & 1)
      mg_writer_be32(w, 0);
    mg_box_end(w, trun);
    mg_box_end(w, traf);
  }
  mg_box_end(w, moof);
  if (f->trun_flags & 1 && offset_at != 0)
    mg_writer_patch_be32(w, offset_at, (guint32) ((gint32) (w->size - moof + 8) + f->data_offset));
  gsize mdat = mg_box_begin(w, f->mdat_type);
  mg_writer_zeros(w, 6);
  mg_box_end(w, mdat);
}

static void
test_defaults_of_the_init(void)
{
  const Foreign f = { 0x20000, 0, 0x1, 3, 0, 1, "mdat" };
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_foreign(&w, &f);
  const MgCmafInit init = {
    .n_tracks = 1,
    .tracks = { { .track_id = 1 } },
    .defaults = { { .duration = 512, .size = 2, .flags = MG_CMAF_DEPENDS } },
  };
  MgReader r = MG_READER(w.data, w.size);
  MgCmafChunkRead chunk;
  MgCmafSampleRead sample;
  g_assert_cmpint(mg_cmaf_chunk_read(&r, &init, &chunk, NULL), ==, MG_CMAF_READ_CHUNK);
  g_assert_cmpuint(chunk.decode_time, ==, 1234);
  g_assert_cmpuint(chunk.duration, ==, 3 * 512);
  g_assert_true(mg_cmaf_sample_next(&chunk, &sample));
  g_assert_cmpuint(sample.size, ==, 2);
  g_assert_cmphex(sample.flags, ==, MG_CMAF_DEPENDS);
}

static void
test_foreign_chunks(void)
{
  const struct {
    Foreign f;
    MgCmafError code;
  } cases[] = {
    { { 0x20001, 1, 0x1, 1, 0, 1, "mdat" },
      MG_CMAF_ERROR_MALFORMED }, /* no room for a base offset */
    { { 0x20000, 1, 0x0, 1, 0, 1, "mdat" }, MG_CMAF_ERROR_UNSUPPORTED }, /* no data offset */
    { { 0x20000, 1, 0x1, 1, 0, 2, "mdat" }, MG_CMAF_ERROR_UNSUPPORTED }, /* two tracks */
    { { 0x20000, 1, 0x1, 1, 0, 0, "mdat" }, MG_CMAF_ERROR_MALFORMED },   /* none */
    { { 0x20000, 1, 0x1, 1, 0, 1, "free" }, MG_CMAF_ERROR_UNSUPPORTED }, /* mdat elsewhere */
    { { 0x20000, 1, 0x1, 1, -1, 1, "mdat" }, MG_CMAF_ERROR_UNSUPPORTED },
    { { 0x20000, 1, 0x1, 1, 7, 1, "mdat" }, MG_CMAF_ERROR_MALFORMED },
    { { 0x20000, 1, 0x1, 7, 0, 1, "mdat" }, MG_CMAF_ERROR_MALFORMED }, /* more than bytes */
    { { 0x20000, 1, 0x1, G_MAXUINT32, 0, 1, "mdat" }, MG_CMAF_ERROR_MALFORMED },
    { { 0x20000, 1, 0x101, 1, 0, 1, "mdat" },
      MG_CMAF_ERROR_MALFORMED },                                       /* no room for a duration */
    { { 0x20010, 1, 0x1, 1, 0, 1, "mdat" }, MG_CMAF_ERROR_MALFORMED }, /* nor for a size */
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(MgWriter) w = MG_WRITER_INIT;
    put_foreign(&w, &cases[i].f);
    MgReader r = MG_READER(w.data, w.size);
    MgCmafChunkRead chunk;
    g_autoptr(GError) error = NULL;
    g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_FAILED);
    g_assert_error(error, MG_CMAF_ERROR, (gint) cases[i].code);
    g_assert_cmpuint(r.pos, ==, 0);
  }
}

/* Sizes that add up to more than the mdat holds. */
static void
test_sizes_past_the_mdat(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_chunk(&w, 1, 1, 0);
  MgCmafPlaces places;
  g_assert_true(mg_cmaf_chunk_find(w.data, w.size, &places, NULL));
  MgReader r = MG_READER(w.data, w.size);
  MgCmafChunkRead chunk;
  g_autoptr(GError) error = NULL;
  w.data[places.header_size - 13]++; /* the last size; an offset and the mdat's header follow it */
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, &error), ==, MG_CMAF_READ_FAILED);
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_MALFORMED);
}

/* A recording, cut at every byte: what is whole is what was finished. */
static void
test_cut_recording(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  gsize ends[6];
  put_init(&w);
  ends[0] = w.size;
  for (guint i = 1; i < G_N_ELEMENTS(ends); i++) {
    put_chunk(&w, 1 + i % 2, i, 1000 * i);
    ends[i] = w.size;
  }
  guint whole = 0;
  for (gsize n = 0; n <= w.size; n++) {
    MgCmafChunkRead last;
    guint64 n_chunks = 99;
    g_autofree guint8 *exact = g_memdup2(w.data, n);
    while (whole + 1 < G_N_ELEMENTS(ends) && n >= ends[whole + 1])
      whole++;
    gsize expected = n >= ends[0] ? ends[whole] : 0;
    g_assert_cmpuint(mg_cmaf_whole_size(exact, n, &last, &n_chunks), ==, expected);
    g_assert_cmpuint(n_chunks, ==, whole);
    if (whole > 0)
      g_assert_cmpuint(last.sequence, ==, whole);
  }
  g_assert_cmpuint(whole, ==, G_N_ELEMENTS(ends) - 1);
}

/* A file system that grew the file before the crash, but did not write. */
static void
test_zeros_at_the_end(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_init(&w);
  put_chunk(&w, 1, 1, 0);
  gsize whole = w.size;
  mg_writer_zeros(&w, 4096);
  guint64 n_chunks;
  g_assert_cmpuint(mg_cmaf_whole_size(w.data, w.size, NULL, &n_chunks), ==, whole);
  g_assert_cmpuint(n_chunks, ==, 1);
}

static void
put_fragment(MgWriter *w, guint32 track_id, guint64 moof_at, guint32 data_offset, guint32 size)
{
  gsize traf = mg_box_begin(w, "traf");
  gsize tfhd = mg_full_box_begin(w, "tfhd", 0, 0x39); /* base offset; duration, size and flags */
  mg_writer_be32(w, track_id);
  mg_writer_be64(w, moof_at);
  mg_writer_be32(w, 10);
  mg_writer_be32(w, size);
  mg_writer_be32(w, MG_CMAF_SYNC);
  mg_box_end(w, tfhd);
  gsize tfdt = mg_full_box_begin(w, "tfdt", 0, 0);
  mg_writer_be32(w, 100 * track_id);
  mg_box_end(w, tfdt);
  gsize trun = mg_full_box_begin(w, "trun", 0, 1);
  mg_writer_be32(w, 2);
  mg_writer_be32(w, data_offset);
  mg_box_end(w, trun);
  mg_box_end(w, traf);
}

/* As FFmpeg writes them: all tracks in one moof, whose samples are counted from where it says it begins. */
static void
put_shared_moof(MgWriter *w, guint64 moof_at)
{
  enum { MFHD = 16, TRAF = 8 + 36 + 16 + 20, MOOF = 8 + MFHD + 2 * TRAF };
  gsize moof = mg_box_begin(w, "moof");
  gsize mfhd = mg_full_box_begin(w, "mfhd", 0, 0);
  mg_writer_be32(w, 1);
  mg_box_end(w, mfhd);
  put_fragment(w, 1, moof_at, MOOF + 8, 3);
  put_fragment(w, 2, moof_at, MOOF + 8 + 6, 1);
  mg_box_end(w, moof);
  g_assert_cmpuint(w->size - moof, ==, MOOF);
  gsize mdat = mg_box_begin(w, "mdat");
  mg_writer_text(w, "aaabbbcd");
  mg_box_end(w, mdat);
}

static char *
join_samples(const MgWriter *w, guint32 track_id, GError **error)
{
  MgCmafInit init;
  MgCmafChunkRead chunk;
  MgCmafSampleRead sample;
  MgReader r = MG_READER(w->data, w->size);
  GString *text = g_string_new(NULL);
  g_assert_true(mg_cmaf_init_read(w->data, w->size, &init, NULL));
  while (mg_cmaf_track_read(&r, &init, track_id, &chunk, error) == MG_CMAF_READ_CHUNK)
    while (mg_cmaf_sample_next(&chunk, &sample))
      g_string_append_printf(text, "%d:%.*s ", (gint) sample.dts, (gint) sample.size,
                             (const char *) sample.data);
  return g_string_free(text, FALSE);
}

static void
test_shared_moof(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT, wrong = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  put_init(&w);
  put_shared_moof(&w, w.size);
  put_chunk(&w, 2, 2, 0x141);
  g_autofree char *one = join_samples(&w, 1, NULL), *two = join_samples(&w, 2, NULL);
  g_assert_cmpstr(one, ==, "100:aaa 110:bbb ");
  g_assert_cmpstr(two, ==, "200:c 210:d 321:AAA 1321:AA ");
  MgReader r = MG_READER(w.data, w.size);
  MgCmafChunkRead chunk;
  g_assert_cmpint(mg_cmaf_chunk_read(&r, NULL, &chunk, NULL), ==, MG_CMAF_READ_FAILED);

  put_init(&wrong);
  put_shared_moof(&wrong, 0);
  g_autofree char *none = join_samples(&wrong, 1, &error);
  g_assert_cmpstr(none, ==, "");
  g_assert_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cmaf/reader/init-gives-back-its-tracks", test_init);
  g_test_add_func("/cmaf/reader/init-that-was-read-writes-the-same", test_init_again);
  g_test_add_func("/cmaf/reader/every-cut-init-is-incomplete", test_every_cut_init);
  g_test_add_func("/cmaf/reader/every-broken-byte-is-survived", test_every_broken_init);
  g_test_add_func("/cmaf/reader/too-many-tracks-are-refused", test_too_many_tracks);
  g_test_add_func("/cmaf/reader/box-smaller-than-its-header-is-malformed",
                  test_box_smaller_than_its_header);
  g_test_add_func("/cmaf/reader/chunks-give-back-their-samples", test_chunks);
  g_test_add_func("/cmaf/reader/runs-lean-on-the-init", test_defaults_of_the_init);
  g_test_add_func("/cmaf/reader/foreign-chunks-are-refused", test_foreign_chunks);
  g_test_add_func("/cmaf/reader/sizes-past-the-mdat-are-refused", test_sizes_past_the_mdat);
  g_test_add_func("/cmaf/reader/cut-recording-keeps-what-was-finished", test_cut_recording);
  g_test_add_func("/cmaf/reader/a-moof-may-have-all-tracks", test_shared_moof);
  g_test_add_func("/cmaf/reader/zeros-at-the-end-are-not-media", test_zeros_at_the_end);
  return g_test_run();
}
