/* The demuxer on streams made here, packet by packet. */
#include "mpegts/demux.h"
#include "mpegts/elementary.h"
#include "mpegts/mux.h"
#include "mpegts/pes.h"

#include "doubles/sample.h"

#include <codec/adts.h>

#include <string.h>

enum { MAP_PID = 0x30, PID = 0x100, SECOND_PID = 0x101 };

/* --- what comes out, a line each --------------------------------------------------------------- */

static void
on_programme(const MgTsTrack *const *tracks, guint n, gpointer user)
{
  GString *log = user;
  g_string_append(log, "programme");
  for (guint i = 0; i < n; i++)
    g_string_append_printf(log, " %x", tracks[i]->pid);
  g_string_append_c(log, '\n');
}

static void
on_track(const MgTsTrack *track, gpointer user)
{
  g_string_append_printf(user, "track %x %u\n", track->pid, (guint) track->config_size);
}

static void
on_unit(MgTsReceived *unit, gpointer user)
{
  g_string_append_printf(user, "unit %x %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %u%s%s\n",
                         unit->track->pid, unit->pts, unit->dts, (guint) unit->size,
                         unit->is_key ? " key" : "", unit->is_after_loss ? " lossy" : "");
}

static void
on_clock(gint64 pcr, gboolean is_discontinuous, gpointer user)
{
  g_string_append_printf(user, "clock %" G_GINT64_FORMAT "%s\n", pcr,
                         is_discontinuous ? " anew" : "");
}

static const MgTsDemuxEvents events = { on_programme, on_track, on_unit, on_clock };

/* --- what goes in ------------------------------------------------------------------------------ */

typedef struct {
  MgTsDemux *demux;
  GString *log;
  guint8 counters[MG_TS_PIDS];
} Feed;

static Feed *
feed_new(void)
{
  Feed *f = g_new0(Feed, 1);
  f->log = g_string_new(NULL);
  f->demux = mg_ts_demux_new(0, &events, f->log);
  g_auto(MgWriter) nulls = MG_WRITER_INIT;
  for (guint i = 0; i < 3; i++) /* from now on, packets come at once */
    mg_ts_packet_write_null(&nulls);
  mg_ts_demux_push(f->demux, nulls.data, nulls.size);
  return f;
}

static void
feed_free(Feed *f)
{
  mg_ts_demux_free(f->demux);
  g_string_free(f->log, TRUE);
  g_free(f);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Feed, feed_free)

static void
assert_log(Feed *f, const char *expected)
{
  g_assert_cmpstr(f->log->str, ==, expected);
  g_string_truncate(f->log, 0);
}

static void
feed_bytes(Feed *f, guint16 pid, gconstpointer bytes, gsize size)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  const guint8 *at = bytes;
  for (gboolean is_start = TRUE; size > 0; is_start = FALSE) {
    const MgTsPacket packet = {
      .pid = pid, .counter = f->counters[pid]++ & 15, .is_start = is_start, .pcr = MG_TS_NONE
    };
    gsize n = mg_ts_packet_write(&packet, size, &out);
    mg_writer_bytes(&out, at, n);
    at += n;
    size -= n;
  }
  mg_ts_demux_push(f->demux, out.data, out.size);
}

/* A PES packet; without a length, as video's may be, when IS_OPEN. */
static void
feed_pes(Feed *f, guint16 pid, guint8 stream_id, gint64 stamp, gconstpointer bytes, gsize size,
         gboolean is_open)
{
  g_auto(MgWriter) pes = MG_WRITER_INIT;
  const MgTsPes head = {
    .stream_id = stream_id, .pts = stamp, .dts = MG_TS_NONE, .payload_size = size
  };
  mg_ts_pes_write(&head, &pes);
  if (is_open)
    pes.data[4] = pes.data[5] = 0;
  mg_writer_bytes(&pes, bytes, size);
  feed_bytes(f, pid, pes.data, pes.size);
}

static void
feed_section(Feed *f, guint16 pid, const MgWriter *section)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  guint8 counter = f->counters[pid];
  mg_ts_section_write(section->data, section->size, pid, &counter, &out);
  f->counters[pid] = counter;
  mg_ts_demux_push(f->demux, out.data, out.size);
}

static void
feed_map(Feed *f, guint16 map_pid, guint8 version, const MgTsStream *streams, guint n)
{
  g_auto(MgWriter) pat_section = MG_WRITER_INIT;
  g_auto(MgWriter) pmt_section = MG_WRITER_INIT;
  const MgTsPat pat = { .n_programmes = 1, .programmes = { { 7, map_pid } } };
  MgTsPmt pmt = { .programme = 7, .version = version, .pcr_pid = PID, .n_streams = n };
  memcpy(pmt.streams, streams, n * sizeof *streams);
  mg_ts_pat_write(&pat, &pat_section);
  mg_ts_pmt_write(&pmt, &pmt_section);
  feed_section(f, MG_TS_PAT_PID, &pat_section);
  feed_section(f, map_pid, &pmt_section);
}

static void
feed_one_track(Feed *f, guint8 type)
{
  const MgTsStream stream = { .type = type, .pid = PID };
  feed_map(f, MAP_PID, 0, &stream, 1);
  assert_log(f, "programme 100\n");
}

/* --- pictures ---------------------------------------------------------------------------------- */

/* Appends picture I of the sample as Annex B, with delimiter and parameter sets. */
static void
append_picture(const Sample *sample, guint i, MgWriter *out)
{
  const MgTsTrack track = { .codec = MG_ANY_H264,
                            .config = sample->track->config,
                            .config_size = sample->track->config_size };
  const SamplePacket *packet = sample_packet(sample, i);
  const MgTsPiece piece = { packet->data, packet->size };
  const MgTsUnit unit = { .pieces = &piece, .n_pieces = 1, .is_key = packet->is_sync };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgTsElementary) e = mg_ts_elementary_new(&track, &error);
  g_assert_no_error(error);
  mg_ts_elementary_gather(e, &unit, 1, &error);
  g_assert_no_error(error);
  mg_ts_elementary_write(e, mg_ts_elementary_left(e), out);
}

/* "unit 100 PTS DTS SIZE…", with the size that picture I of the sample has. */
static void
expect(GString *log, const Sample *sample, guint i, gint64 pts, gint64 dts, const char *flags)
{
  g_string_append_printf(log, "unit 100 %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %u%s\n", pts, dts,
                         (guint) sample_packet(sample, i)->size, flags);
}

static void
test_pictures_in_one_pes_packet(void)
{
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  g_autoptr(Feed) f = feed_new();
  g_autoptr(GString) expected = g_string_new(NULL);
  g_auto(MgWriter) pictures = MG_WRITER_INIT;
  for (guint i = 0; i < 3; i++)
    append_picture(sample, i, &pictures);
  feed_one_track(f, 0x1b);
  feed_pes(f, PID, MG_TS_PES_VIDEO, 90000, pictures.data, pictures.size, FALSE);
  g_string_append_printf(expected, "track 100 %u\n", (guint) sample->track->config_size);
  expect(expected, sample, 0, 90000, 90000, " key");
  expect(expected, sample, 1, MG_TS_NONE, 93600, "");
  expect(expected, sample, 2, MG_TS_NONE, 97200, "");
  assert_log(f, expected->str);
}

static void
test_picture_in_two_pes_packets(void)
{
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  g_autoptr(Feed) f = feed_new();
  g_autoptr(GString) expected = g_string_new(NULL);
  g_auto(MgWriter) picture = MG_WRITER_INIT;
  append_picture(sample, 0, &picture);
  feed_one_track(f, 0x1b);
  gsize half = picture.size / 2;
  feed_pes(f, PID, MG_TS_PES_VIDEO, 90000, picture.data, half, TRUE);
  feed_pes(f, PID, MG_TS_PES_VIDEO, MG_TS_NONE, picture.data + half, picture.size - half, TRUE);
  assert_log(f, "");
  mg_ts_demux_flush(f->demux);
  g_string_append_printf(expected, "track 100 %u\n", (guint) sample->track->config_size);
  expect(expected, sample, 0, 90000, 90000, " key");
  assert_log(f, expected->str);
}

/* Without a configuration, pictures mean nothing. */
static void
test_joining(void)
{
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) picture = MG_WRITER_INIT;
  append_picture(sample, 1, &picture);
  feed_one_track(f, 0x1b);
  feed_pes(f, PID, MG_TS_PES_VIDEO, 90000, picture.data, picture.size, FALSE);
  assert_log(f, "");
}

static void
test_too_long(void)
{
  static const guint8 first[] = { 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x65, 0x88 };
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) picture = MG_WRITER_INIT;
  g_autofree guint8 *huge = g_malloc0(MG_TS_MOST_PES + 1);
  memcpy(huge, first, sizeof first);
  append_picture(sample, 0, &picture);
  feed_one_track(f, 0x1b);
  feed_pes(f, PID, MG_TS_PES_VIDEO, 90000, huge, MG_TS_MOST_PES + 1, TRUE);
  feed_pes(f, PID, MG_TS_PES_VIDEO, 93600, picture.data, picture.size, FALSE);
  g_autoptr(GString) expected = g_string_new(NULL);
  g_string_append_printf(expected, "track 100 %u\n", (guint) sample->track->config_size);
  expect(expected, sample, 0, 93600, 93600, " key lossy");
  assert_log(f, expected->str);
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_refused, ==, 1);
}

/* --- sound ------------------------------------------------------------------------------------- */

static void
append_aac(guint32 rate, gsize size, MgWriter *out)
{
  const MgAacConfig config = {
    .object_type = 2, .core_rate = rate, .channel_config = 2, .core_frame_samples = 1024
  };
  mg_adts_write(&config, size, out);
  mg_writer_zeros(out, size);
}

static void
test_frames_across_pes_packets(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  for (guint i = 0; i < 4; i++)
    append_aac(48000, 100, &stream);
  feed_one_track(f, 0x0f);
  /*
   * The second frame begins in the first PES packet, the third is the first that begins in the
   * second.
   */
  feed_pes(f, PID, MG_TS_PES_AUDIO, 90000, stream.data, 150, FALSE);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 93845, stream.data + 150, stream.size - 150, FALSE);
  assert_log(f, "track 100 2\n"
                "unit 100 90000 90000 100 key\n"
                "unit 100 91920 91920 100 key\n"
                "unit 100 93845 93845 100 key\n"
                "unit 100 95765 95765 100 key\n");
}

static void
test_other_rate(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  append_aac(48000, 50, &stream);
  append_aac(32000, 50, &stream);
  append_aac(32000, 50, &stream);
  feed_one_track(f, 0x0f);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 0, stream.data, 57, FALSE);
  feed_pes(f, PID, MG_TS_PES_AUDIO, MG_TS_NONE, stream.data + 57, 114, FALSE);
  assert_log(f, "track 100 2\nunit 100 0 0 50 key\n"
                "track 100 2\nunit 100 1920 1920 50 key\nunit 100 4800 4800 50 key\n");
}

/* One header that says something else is damage, not another configuration. */
static void
test_damaged_header(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  for (guint i = 0; i < 3; i++)
    append_aac(48000, 50, &stream);
  stream.data[57 + 2] ^= 0x10;
  feed_one_track(f, 0x0f);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 80000, stream.data, 57, FALSE);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 90000, stream.data, stream.size, FALSE);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 99000, stream.data, 57, FALSE);
  assert_log(f, "track 100 2\nunit 100 80000 80000 50 key\nunit 100 90000 90000 50 key\n"
                "unit 100 99000 99000 50 key lossy\n");
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_damaged, ==, 1);
}

/*
 * At the beginning nothing is known: a stamp goes to no frame that cannot be the first behind it.
 */
static void
test_damaged_beginning(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  for (guint i = 0; i < 3; i++)
    append_aac(48000, 50, &stream);
  stream.data[57 + 2] ^= 0x10;
  feed_one_track(f, 0x0f);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 90000, stream.data, stream.size, FALSE);
  assert_log(f, "track 100 2\n");
  mg_ts_demux_flush(f->demux);
  /* The end of a frame before it is no damage. */
  feed_pes(f, PID, MG_TS_PES_AUDIO, 91000, stream.data + 117, 54, FALSE);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 92000, stream.data + 10, 47, FALSE);
  assert_log(f, "");
  feed_pes(f, PID, MG_TS_PES_AUDIO, 93000, stream.data, 57, FALSE);
  assert_log(f, "unit 100 93000 93000 50 key lossy\n");
}

/* --- packets ----------------------------------------------------------------------------------- */

static void
test_loss(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  append_aac(48000, 50, &stream);
  feed_one_track(f, 0x0f);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 1000, stream.data, stream.size, FALSE);
  f->counters[PID]++;
  feed_pes(f, PID, MG_TS_PES_AUDIO, 2000, stream.data, stream.size, FALSE);
  f->counters[PID]--; /* the same counter, but other bytes */
  feed_pes(f, PID, MG_TS_PES_AUDIO, 3000, stream.data, stream.size, FALSE);
  f->counters[PID]--; /* the same packet */
  feed_pes(f, PID, MG_TS_PES_AUDIO, 3000, stream.data, stream.size, FALSE);
  assert_log(f, "track 100 2\nunit 100 1000 1000 50 key\nunit 100 2000 2000 50 key lossy\n"
                "unit 100 3000 3000 50 key lossy\n");
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_gaps, ==, 2);
}

/* A packet with FLAGS put into its head. */
static void
feed_marked(Feed *f, const MgWriter *stream, guint at, guint8 flags)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  const MgTsPacket packet = {
    .pid = PID, .counter = f->counters[PID]++ & 15, .is_start = TRUE, .pcr = MG_TS_NONE
  };
  const MgTsPes pes = { .stream_id = MG_TS_PES_AUDIO,
                        .dts = MG_TS_NONE,
                        .payload_size = stream->size };
  mg_ts_packet_write(&packet, stream->size + 14, &out);
  mg_ts_pes_write(&pes, &out);
  mg_writer_bytes(&out, stream->data, stream->size);
  out.data[at] |= flags;
  mg_ts_demux_push(f->demux, out.data, out.size);
}

static void
test_marked_packets(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  append_aac(48000, 50, &stream);
  feed_one_track(f, 0x0f);
  feed_marked(f, &stream, 1, 0x80);
  feed_marked(f, &stream, 3, 0x80);
  assert_log(f, "");
  feed_marked(f, &stream, 1, 0);
  assert_log(f, "track 100 2\nunit 100 0 0 50 key lossy\n");
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_broken, ==, 1);
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_scrambled, ==, 1);
}

/* --- tables ------------------------------------------------------------------------------------ */

static void
test_late_track(void)
{
  const MgTsStream streams[] = { { .type = 0x0f, .pid = PID },
                                 { .type = 0x06, .pid = SECOND_PID } };
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) stream = MG_WRITER_INIT;
  append_aac(48000, 50, &stream);
  append_aac(48000, 50, &stream);
  feed_one_track(f, 0x0f);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 0, stream.data, 80, FALSE);
  assert_log(f, "track 100 2\nunit 100 0 0 50 key\n");
  feed_map(f, MAP_PID, 1, streams, 2);
  feed_map(f, MAP_PID, 1, streams, 2);
  feed_pes(f, PID, MG_TS_PES_AUDIO, MG_TS_NONE, stream.data + 80, 34, FALSE);
  feed_pes(f, SECOND_PID, MG_TS_PES_PRIVATE, 5, "abc", 3, FALSE);
  assert_log(f, "programme 100 101\nunit 100 1920 1920 50 key\nunit 101 5 5 3 key\n");
  feed_map(f, MAP_PID, 2, streams + 1, 1);
  feed_pes(f, PID, MG_TS_PES_AUDIO, 9, stream.data, 57, FALSE);
  assert_log(f, "programme 101\n");
}

static void
test_map_moves(void)
{
  const MgTsStream stream = { .type = 0x06, .pid = PID };
  g_autoptr(Feed) f = feed_new();
  feed_one_track(f, 0x06);
  feed_map(f, MAP_PID + 1, 0, &stream, 1);
  feed_pes(f, PID, MG_TS_PES_PRIVATE, 5, "abc", 3, FALSE);
  assert_log(f, "programme 100\nunit 100 5 5 3 key\n");
}

static void
test_damaged_map(void)
{
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) section = MG_WRITER_INIT;
  const MgTsPmt pmt = { .programme = 7, .version = 5, .pcr_pid = PID };
  feed_one_track(f, 0x06);
  mg_ts_pmt_write(&pmt, &section);
  section.data[9] ^= 1;
  feed_section(f, MAP_PID, &section);
  assert_log(f, "");
}

/* --- both directions --------------------------------------------------------------------------- */

static void
mux_unit(MgTsMux *mux, guint i, gconstpointer bytes, gsize size, gint64 pts, gint64 dts,
         MgWriter *out)
{
  const MgTsPiece piece = { bytes, size };
  const MgTsUnit unit = { .pieces = &piece, .n_pieces = 1, .pts = pts, .dts = dts };
  g_assert_true(mg_ts_mux_write(mux, i, &unit, 1, out, NULL));
}

static void
test_data(void)
{
  const MgTsTrack tracks[] = {
    { .codec = MG_TS_ID3 },
    { .codec = MG_TS_SCTE35 },
    { .codec = MG_TS_KLV },
    { .codec = MG_TS_PRIVATE, .type = 0x8a },
  };
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_auto(MgWriter) splice = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, tracks, 4, NULL);
  mg_writer_be24(&splice, 0xfc3000);
  mg_writer_zeros(&splice, 200);
  mg_ts_section_end(&splice, 0);
  mux_unit(mux, 0, "ID3", 3, 90000, 90000, &out);
  mux_unit(mux, 1, splice.data, splice.size, MG_TS_NONE, 90000, &out);
  mux_unit(mux, 2, "klv!", 4, MG_TS_NONE, 90000, &out);
  mux_unit(mux, 3, "", 1, 90001, 90001, &out);
  splice.data[50] ^= 1;
  mux_unit(mux, 1, splice.data, splice.size, MG_TS_NONE, 90000, &out);
  mg_ts_demux_push(f->demux, out.data, out.size);
  assert_log(f, "programme 100 101 102 103\n"
                "clock 24300000\n"
                "unit 100 90000 90000 3 key\n"
                "unit 101 -1 -1 207 key\n"
                "unit 102 -1 -1 4 key\n"
                "unit 103 90001 90001 1 key\n");
  g_assert_cmpuint(mg_ts_demux_counts(f->demux).n_damaged, ==, 1);
}

/*
 * A picture that is too long for the length of a PES packet has none, and is whole with the next
 * one.
 */
static void
test_long_picture(void)
{
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  g_autoptr(Feed) f = feed_new();
  g_autoptr(GString) expected = g_string_new("programme 100\nclock 24300000\n");
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_auto(MgWriter) picture = MG_WRITER_INIT;
  const MgTsTrack track = { .codec = MG_ANY_H264,
                            .config = sample->track->config,
                            .config_size = sample->track->config_size };
  g_autoptr(MgTsMux) mux = mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, &track, 1, NULL);
  mg_writer_be32(&picture, 100000);
  mg_writer_be16(&picture, 0x6588);
  memset(mg_writer_extend(&picture, 99998), 0x5a, 99998);
  const MgTsPiece piece = { picture.data, picture.size };
  const MgTsUnit unit = { &piece, 1, 90000, 90000, TRUE };
  g_assert_true(mg_ts_mux_write(mux, 0, &unit, 1, &out, NULL));
  mg_ts_demux_push(f->demux, out.data, out.size);
  assert_log(f, expected->str);
  mg_ts_demux_flush(f->demux);
  g_string_printf(expected, "track 100 %u\nunit 100 90000 90000 100004 key\n",
                  (guint) sample->track->config_size);
  assert_log(f, expected->str);
}

static void
test_clock_anew(void)
{
  const MgTsTrack track = { .codec = MG_TS_KLV };
  g_autoptr(Feed) f = feed_new();
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, &track, 1, NULL);
  mux_unit(mux, 0, "a", 1, 9000, 9000, &out);
  mg_ts_mux_begin(mux, TRUE);
  mux_unit(mux, 0, "b", 1, 18000, 18000, &out);
  mg_ts_demux_push(f->demux, out.data, out.size);
  assert_log(f, "programme 100\nclock 0\nunit 100 9000 9000 1 key\n"
                "clock 2700000 anew\nunit 100 18000 18000 1 key\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mpegts/demux/pictures-in-one-pes-packet-come-apart",
                  test_pictures_in_one_pes_packet);
  g_test_add_func("/mpegts/demux/picture-in-two-pes-packets-is-one",
                  test_picture_in_two_pes_packets);
  g_test_add_func("/mpegts/demux/nothing-before-a-configuration", test_joining);
  g_test_add_func("/mpegts/demux/too-long-is-dropped", test_too_long);
  g_test_add_func("/mpegts/demux/frames-reach-across-pes-packets", test_frames_across_pes_packets);
  g_test_add_func("/mpegts/demux/another-rate-is-told", test_other_rate);
  g_test_add_func("/mpegts/demux/one-damaged-header-changes-nothing", test_damaged_header);
  g_test_add_func("/mpegts/demux/damaged-beginning-gives-no-wrong-stamps", test_damaged_beginning);
  g_test_add_func("/mpegts/demux/loss-is-said", test_loss);
  g_test_add_func("/mpegts/demux/marked-packets-are-not-used", test_marked_packets);
  g_test_add_func("/mpegts/demux/late-track-disturbs-nobody", test_late_track);
  g_test_add_func("/mpegts/demux/map-may-move", test_map_moves);
  g_test_add_func("/mpegts/demux/damaged-map-is-ignored", test_damaged_map);
  g_test_add_func("/mpegts/demux/data-passes", test_data);
  g_test_add_func("/mpegts/demux/long-picture-has-no-length", test_long_picture);
  g_test_add_func("/mpegts/demux/clock-says-when-it-begins-anew", test_clock_anew);
  return g_test_run();
}
