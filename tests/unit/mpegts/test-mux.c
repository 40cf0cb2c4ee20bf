/* The muxer's bytes. */
#include "mpegts/mux.h"
#include "mpegts/section.h"

#include "doubles/sample.h"

#include <string.h>

/* AAC LC, 48 kHz, stereo */
static const guint8 asc[] = { 0x11, 0x90 };

static const MgTsTrack sound = { .codec = MG_ANY_AAC, .config = asc, .config_size = sizeof asc };

static MgTsMux *
new_mux(const MgTsMuxOptions *options, const MgTsTrack *tracks, guint n)
{
  g_autoptr(GError) error = NULL;
  MgTsMux *mux = mg_ts_mux_new(options, tracks, n, &error);
  g_assert_no_error(error);
  return mux;
}

static void
write_bytes(MgTsMux *mux, guint track, gconstpointer bytes, gsize size, gint64 dts, MgWriter *out)
{
  const MgTsPiece piece = { bytes, size };
  const MgTsUnit unit = { .pieces = &piece, .n_pieces = 1, .pts = dts, .dts = dts, .is_key = TRUE };
  g_autoptr(GError) error = NULL;
  mg_ts_mux_write(mux, track, &unit, 1, out, &error);
  g_assert_no_error(error);
}

/* N bytes, the last of which repeats up to the end of a packet. */
static void
assert_packet(const MgWriter *out, guint index, const char *bytes, gsize n)
{
  guint8 packet[MG_TS_PACKET_BYTES];
  memset(packet, 0xff, sizeof packet);
  memcpy(packet, bytes, n);
  g_assert_cmpuint(out->size, >=, (index + 1) * sizeof packet);
  g_assert_cmpmem(out->data + index * sizeof packet, sizeof packet, packet, sizeof packet);
}

#define ASSERT_PACKET(out, index, bytes) assert_packet(out, index, bytes, sizeof bytes - 1)

/* One frame of sound: PAT, PMT, and a packet with the clock 9000 ticks before its stamp. */
static void
test_sound(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_SEGMENTS, &sound, 1);
  guint8 frame[155];
  memset(frame, 0xff, sizeof frame);
  memcpy(frame, "ab", 2);
  write_bytes(mux, 0, frame, sizeof frame, 0x123456789 % (1 << 30), &out);
  g_assert_cmpuint(out.size, ==, 3 * MG_TS_PACKET_BYTES);
  ASSERT_PACKET(&out, 0,
                "\x47\x40\0\x10\0"
                "\0\xb0\x0d\0\x01\xc1\0\0\0\x01\xf0\0\x2a\xb1\x04\xb2");
  ASSERT_PACKET(&out, 1,
                "\x47\x50\0\x10\0"
                "\x02\xb0\x12\0\x01\xc1\0\0\xe1\0\xf0\0\x0f\xe1\0\xf0\0\xb6\x9b\xc0\xd9");
  /* 0x23456789 - 9000 = 0x23454461; half of it 0x11a2a230 and a bit */
  ASSERT_PACKET(&out, 2,
                "\x47\x41\0\x30\x07\x10\x11\xa2\xa2\x30\xfe\0"
                "\0\0\x01\xc0\0\xaa\x84\x80\x05\x21\x8d\x15\xcf\x13"
                "\xff\xf1\x4c\x80\x14\x5f\xfc"
                "ab");
}

/* Less than a packet: the adaptation field fills. */
static void
test_filling(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgTsPacket packet = { .pid = 0x101, .counter = 5, .pcr = MG_TS_NONE };
  g_assert_cmpuint(mg_ts_packet_write(&packet, 184, &out), ==, 184);
  g_assert_cmpmem(out.data, out.size, "\x47\x01\x01\x15", 4);
  mg_writer_reset(&out);
  g_assert_cmpuint(mg_ts_packet_write(&packet, 183, &out), ==, 183);
  g_assert_cmpmem(out.data, out.size, "\x47\x01\x01\x35\0", 5);
  mg_writer_reset(&out);
  g_assert_cmpuint(mg_ts_packet_write(&packet, 181, &out), ==, 181);
  g_assert_cmpmem(out.data, out.size, "\x47\x01\x01\x35\x02\0\xff", 7);
  mg_writer_reset(&out);
  packet.pcr = 301;
  packet.is_discontinuous = TRUE;
  g_assert_cmpuint(mg_ts_packet_write(&packet, 0, &out), ==, 0);
  g_assert_cmpuint(out.size, ==, MG_TS_PACKET_BYTES);
  g_assert_cmpmem(out.data, 12, "\x47\x01\x01\x25\xb7\x90\0\0\0\0\xfe\x01", 12);
}

/* Lengths become start codes, wherever the pieces are cut; a delimiter of its own is left out. */
static void
test_picture(void)
{
  static const guint8 unit[] = "\0\0\0\x02\x09\x10\0\0\0\x04\x65\x88\x80\x01\0\0\0\x02\x06\x05";
  static const guint8 expected[] = "\0\0\0\x01\x09\xf0\0\0\0\x01\x65\x88\x80\x01\0\0\0\x01\x06\x05";
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  const MgTsTrack track = { .codec = MG_ANY_H264,
                            .config = sample->track->config,
                            .config_size = sample->track->config_size };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgTsElementary) e = mg_ts_elementary_new(&track, &error);
  g_assert_no_error(error);
  for (gsize cut = 0; cut < sizeof unit - 1; cut++) {
    const MgTsPiece pieces[] = { { unit, cut },
                                 { NULL, 0 },
                                 { unit + cut, sizeof unit - 1 - cut } };
    const MgTsUnit u = { .pieces = pieces, .n_pieces = 3 };
    g_auto(MgWriter) out = MG_WRITER_INIT;
    g_assert_true(mg_ts_elementary_gather(e, &u, 1, &error));
    mg_ts_elementary_write(e, 3, &out);
    mg_ts_elementary_write(e, mg_ts_elementary_left(e), &out);
    g_assert_cmpmem(out.data, out.size, expected, sizeof expected - 1);
  }
}

static void
test_lying_picture(void)
{
  static const char *const units[] = { "\0\0\0\x05\x65\x88", "\0\0\0\x01\x65\0\0",
                                       "\xff\xff\xff\xff\x65" };
  static const gsize sizes[] = { 6, 7, 5 };
  g_autoptr(Sample) sample = sample_load("h264.mp4");
  const MgTsTrack track = { .codec = MG_ANY_H264,
                            .config = sample->track->config,
                            .config_size = sample->track->config_size };
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_CONTINUOUS, &track, 1);
  for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
    const MgTsPiece piece = { (const guint8 *) units[i], sizes[i] };
    const MgTsUnit unit = { .pieces = &piece, .n_pieces = 1 };
    g_autoptr(GError) error = NULL;
    g_assert_false(mg_ts_mux_write(mux, 0, &unit, 1, &out, &error));
    g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED);
    g_assert_cmpuint(out.size, ==, 0);
  }
}

/* What descriptors and stream types say (table 2-34, and what is registered). */
static void
test_map(void)
{
  const MgTsTrack tracks[] = {
    { .codec = MG_ANY_AC3, .language = "deu" },
    { .codec = MG_TS_ID3, .pid = 0x44 },
    { .codec = MG_TS_SCTE35 },
    { .codec = MG_TS_TELETEXT, .type = 6, .descriptors = { (const guint8 *) "\x56\0", 2 } },
  };
  static const char expected[] = "\x02\xb0\x55\0\x01\xc1\0\0\xe1\0"
                                 "\xf0\x17\x25\x0f\xff\xffID3 \xffID3 \0\x1f\0\x01\x05\x04"
                                 "CUEI"
                                 "\x81\xe1\0\xf0\x0c\x05\x04"
                                 "AC-3\x0a\x04"
                                 "deu\0"
                                 "\x15\xe0\x44\xf0\x0f\x26\x0d\xff\xffID3 \xffID3 \0\x0f"
                                 "\x86\xe1\x01\xf0\0"
                                 "\x06\xe1\x02\xf0\x02\x56\0";
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_SEGMENTS, tracks, 4);
  write_bytes(mux, 0, "x", 1, 90000, &out);
  const guint8 *section = out.data + MG_TS_PACKET_BYTES + 5;
  g_assert_cmpmem(section, sizeof expected - 1, expected, sizeof expected - 1);
  g_assert_cmpuint(mg_ts_crc(section, sizeof expected - 1 + 4), ==, 0);
  g_assert_cmpuint(mg_ts_mux_pid(mux, 3), ==, 0x102);
}

static void
test_other_tracks(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  const MgTsTrack refused = { .codec = MG_ANY_VP9 };
  const MgTsTrack two[] = { sound, { .codec = MG_ANY_MP3 } };
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_SEGMENTS, &sound, 1);
  g_assert_false(mg_ts_mux_set_tracks(mux, &refused, 1, &error));
  g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
  write_bytes(mux, 0, "x", 1, 90000, &out);
  g_assert_true(mg_ts_mux_set_tracks(mux, two, 2, NULL));
  write_bytes(mux, 1, "x", 1, 90000, &out);
  /* PAT, PMT, sound; PAT, PMT, clock, MP3 */
  g_assert_cmpuint(out.size, ==, 7 * MG_TS_PACKET_BYTES);
  const guint8 *map = out.data + 4 * MG_TS_PACKET_BYTES;
  g_assert_cmpuint(map[3], ==, 0x11);
  g_assert_cmpuint(map[10], ==, 0xc3);
  g_assert_cmpuint(out.data[5 * MG_TS_PACKET_BYTES + 3], ==, 0x20); /* no payload: as before */
}

/* A section goes as it is, behind a pointer, and over packets. */
static void
test_sections(void)
{
  const MgTsTrack tracks[] = { sound, { .codec = MG_TS_SCTE35 } };
  guint8 section[300];
  memset(section, 0x11, sizeof section);
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_SEGMENTS, tracks, 2);
  write_bytes(mux, 1, section, sizeof section, 90000, &out);
  g_assert_cmpuint(out.size, ==, 5 * MG_TS_PACKET_BYTES); /* PAT, PMT, clock */
  const guint8 *first = out.data + 3 * MG_TS_PACKET_BYTES;
  g_assert_cmpmem(first, 6, "\x47\x41\x01\x10\0\x11", 6);
  g_assert_cmpmem(first + 188, 4, "\x47\x01\x01\x11", 4);
  g_assert_cmpmem(first + 188 + 4 + 116, 3, "\x11\xff\xff", 3);
}

/* Time that steps far is a new beginning; the clock says so, and does not fill what is between. */
static void
test_jump(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(&MG_TS_MUX_SEGMENTS, &sound, 1);
  write_bytes(mux, 0, "x", 1, 90000, &out);
  mg_writer_reset(&out);
  write_bytes(mux, 0, "x", 1, 90000 + MG_TS_MUX_JUMP - 1, &out);
  g_assert_cmpuint(out.size / MG_TS_PACKET_BYTES, ==, 250);
  mg_writer_reset(&out);
  write_bytes(mux, 0, "x", 1, 90000, &out);
  g_assert_cmpuint(out.size, ==, MG_TS_PACKET_BYTES);
  g_assert_cmpuint(mg_ts_mux_late(mux), ==, 1);
  mg_writer_reset(&out);
  write_bytes(mux, 0, "x", 1, 90000 + 3 * MG_TS_MUX_JUMP, &out);
  g_assert_cmpuint(out.size, ==, MG_TS_PACKET_BYTES);
  g_assert_cmpuint(out.data[5], ==, 0x90);
}

/* While no units come, the clock goes on: every 40 ms, or with 1000 packets a second. */
static void
test_waiting(void)
{
  static const struct {
    guint64 bitrate;
    guint n_packets;
  } cases[] = { { 0, 2 }, { 1504000, 100 } };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_auto(MgWriter) out = MG_WRITER_INIT;
    MgTsMuxOptions options = MG_TS_MUX_SEGMENTS;
    options.bitrate = cases[i].bitrate;
    g_autoptr(MgTsMux) mux = new_mux(&options, &sound, 1);
    g_assert_true(mg_ts_mux_fill(mux, 90000, &out, NULL));
    g_assert_cmpuint(out.size, ==, 0);
    write_bytes(mux, 0, "x", 1, 90000, &out);
    g_assert_cmpuint(out.size, ==, 3 * MG_TS_PACKET_BYTES);
    mg_writer_reset(&out);
    g_assert_true(mg_ts_mux_fill(mux, 99000, &out, NULL));
    guint all = (guint) (out.size / MG_TS_PACKET_BYTES) + (cases[i].bitrate > 0 ? 3 : 0);
    g_assert_cmpuint(all, ==, cases[i].n_packets);
  }
}

static void
test_refusals(void)
{
  static const guint8 five_one_960[] = { 0x11, 0xb4 };
  const MgTsTrack odd = { .codec = MG_ANY_AAC, .config = five_one_960, .config_size = 2 };
  const MgTsTrack twins[] = { { .codec = MG_ANY_AC3, .pid = 99 },
                              { .codec = MG_ANY_AC3, .pid = 99 } };
  const MgTsTrack low = { .codec = MG_ANY_AC3, .pid = 15 };
  const MgTsTrack nothing = { .codec = MG_TS_PRIVATE };
  const struct {
    const MgTsTrack *tracks;
    guint n;
  } cases[] = { { &odd, 1 }, { twins, 2 }, { &low, 1 }, { &nothing, 1 } };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, cases[i].tracks, cases[i].n, &error));
    g_assert_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mpegts/mux/sound-in-bytes", test_sound);
  g_test_add_func("/mpegts/mux/adaptation-field-fills", test_filling);
  g_test_add_func("/mpegts/mux/lengths-become-start-codes", test_picture);
  g_test_add_func("/mpegts/mux/lying-lengths-are-refused", test_lying_picture);
  g_test_add_func("/mpegts/mux/map-says-what-tracks-are", test_map);
  g_test_add_func("/mpegts/mux/other-tracks-are-another-version", test_other_tracks);
  g_test_add_func("/mpegts/mux/sections-go-whole", test_sections);
  g_test_add_func("/mpegts/mux/far-steps-are-a-new-beginning", test_jump);
  g_test_add_func("/mpegts/mux/clock-goes-on-without-units", test_waiting);
  g_test_add_func("/mpegts/mux/refuses-what-has-no-place", test_refusals);
  return g_test_run();
}
