/* H.264 and AAC, in classic messages. See media-fixture.h for how what comes out is noted. */
#include "media-fixture.h"

#include "doubles/rtmp-client.h"

#include <rtmp/flv.h>

#include <string.h>

static void
avc(Fixture *f, guint32 timestamp, gboolean is_key, gint32 composition_ms, gconstpointer units,
    gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_avc_header(&body, is_key, 1, composition_ms);
  mg_writer_bytes(&body, units, size);
  take(f, MG_RTMP_VIDEO, timestamp, &body);
}

static void
avc_config(Fixture *f, gconstpointer avcc, gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_avc_header(&body, TRUE, 0, 0);
  mg_writer_bytes(&body, avcc, size);
  take(f, MG_RTMP_VIDEO, 0, &body);
}

static void
aac(Fixture *f, guint32 timestamp)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_aac_header(&body, 1);
  mg_writer_bytes(&body, mg_sample_aac, sizeof mg_sample_aac);
  take(f, MG_RTMP_AUDIO, timestamp, &body);
}

static void
aac_config(Fixture *f, gconstpointer asc, gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_flv_write_aac_header(&body, 0);
  mg_writer_bytes(&body, asc, size);
  take(f, MG_RTMP_AUDIO, 0, &body);
}

#define SAMPLE(name) mg_sample_##name, sizeof mg_sample_##name

static void
idr(Fixture *f, guint32 timestamp)
{
  avc(f, timestamp, TRUE, 0, SAMPLE(idr));
}

static void
inter(Fixture *f, guint32 timestamp)
{
  avc(f, timestamp, FALSE, 0, SAMPLE(inter));
}

/* Both tracks declared, and that forgotten. */
static void
fixture_begin(Fixture *f, MgTime base)
{
  fixture_init(f, base);
  avc_config(f, SAMPLE(avcc_720p30));
  aac_config(f, SAMPLE(asc));
  g_string_truncate(f->said, 0);
}

/* --- tracks ------------------------------------------------------------------------------------ */

static void
test_declares(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  avc_config(&f, SAMPLE(avcc_720p30));
  const MgStreamInfo *video = mg_stream_info(f.last_stream);
  g_assert_cmpuint(video->codec, ==, MG_CODEC_H264);
  g_assert_cmpint(video->form, ==, MG_FORM_PACKET);
  g_assert_cmpint(video->media, ==, MG_MEDIA_VIDEO);
  assert_config(&f, SAMPLE(avcc_720p30));
  g_assert_cmpuint(video->sar.num, ==, 1);
  g_assert_cmpuint(video->sar.den, ==, 1);
  g_assert_cmpuint(video->bitrate, ==, 0);
  aac_config(&f, SAMPLE(asc));
  const MgStreamInfo *audio = mg_stream_info(f.last_stream);
  g_assert_cmpuint(audio->codec, ==, MG_CODEC_AAC);
  assert_config(&f, SAMPLE(asc));
  assert_said(&f, "video+ H.264 1280x720 30 fps\naudio+ AAC 48 kHz stereo\n");
}

static void
take_metadata(Fixture *f, gdouble fps, gdouble video_kbps, gdouble audio_kbps)
{
  g_autoptr(MgRtmpClient) client = mg_rtmp_client_new();
  mg_rtmp_client_metadata(client, 99, 99, fps, video_kbps, audio_kbps);
  g_autoptr(MgRtmpChunkReader) reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  MgWriter *bytes = mg_rtmp_client_messages(client);
  MgReader in = MG_READER(bytes->data, bytes->size);
  MgRtmpMessage m;
  g_assert_cmpint(mg_rtmp_chunk_reader_next(reader, &in, &m, NULL), ==, MG_RTMP_CHUNK_MESSAGE);
  take_bytes(f, m.type, 0, m.data, m.size);
  mg_rtmp_chunk_reader_release(reader, &m);
}

/* Bit rates are the metadata's to say; the size is not. */
static void
test_metadata_before(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  take_metadata(&f, 59.94, 2500, 128);
  avc_config(&f, SAMPLE(avcc_720p30));
  g_assert_cmpuint(mg_stream_info(f.last_stream)->bitrate, ==, 2500000);
  aac_config(&f, SAMPLE(asc));
  g_assert_cmpuint(mg_stream_info(f.last_stream)->bitrate, ==, 128000);
  assert_said(&f, "video+ H.264 1280x720 30 fps\naudio+ AAC 48 kHz stereo\n");
}

/* DJI sends the audio configuration first, then metadata that says nothing, then all else. */
static void
test_metadata_after(void)
{
  static const guint8 nothing[] = "\2\0\12onMetaData\3\0\0\11";
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  aac_config(&f, SAMPLE(asc));
  take_bytes(&f, MG_RTMP_DATA, 0, nothing, sizeof nothing - 1);
  aac(&f, 0);
  avc_config(&f, SAMPLE(avcc_720p30));
  take_metadata(&f, 25, 1e12, -5);
  idr(&f, 10);
  assert_said(&f, "audio+ AAC 48 kHz stereo\naudio 0 0 K 6\n"
                  "video+ H.264 1280x720 30 fps\nvideo 10 10 K 9\n");
}

static void
test_repeated_config(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  avc_config(&f, SAMPLE(avcc_720p30));
  aac_config(&f, SAMPLE(asc));
  inter(&f, 33);
  assert_said(&f, "video 0 0 K 9\nvideo 33 33 9\n");
}

static void
test_changed_config(void)
{
  static const guint8 mono[] = { 0x12, 0x08 };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  aac(&f, 0);
  avc_config(&f, SAMPLE(avcc_360p25));
  aac_config(&f, mono, sizeof mono);
  inter(&f, 40); /* of the old parameters, or not decodable with the new ones */
  aac(&f, 40);
  idr(&f, 80);
  inter(&f, 120);
  assert_said(&f, "video 0 0 K 9\naudio 0 0 K 6\n"
                  "video= H.264 640x360 25 fps\naudio= AAC 44.1 kHz mono\n"
                  "audio 40 40 K D 6\nvideo 80 80 K D 9\nvideo 120 120 9\n");
  g_assert_cmpuint(dropped(&f), ==, 1);
}

static void
test_late_track(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  avc_config(&f, SAMPLE(avcc_720p30));
  idr(&f, 5000);
  inter(&f, 5033);
  aac_config(&f, SAMPLE(asc));
  aac(&f, 5050);
  assert_said(&f, "video+ H.264 1280x720 30 fps\nvideo 0 0 K 9\nvideo 33 33 9\n"
                  "audio+ AAC 48 kHz stereo\naudio 50 50 K 6\n");
}

static void
test_no_config(void)
{
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  idr(&f, 0);
  aac(&f, 0);
  assert_said(&f, "");
  g_assert_cmpuint(dropped(&f), ==, 2);
}

/* An encoder that sends HEVC under H.264's number: the configuration tells. */
static void
test_wrong_config(void)
{
  static const guint8 hvcc[] = { 1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93, 0xf0, 0, 0xfc };
  static const guint8 celp[] = { 0x41, 0x90 };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  avc_config(&f, hvcc, sizeof hvcc);
  aac_config(&f, celp, sizeof celp);
  idr(&f, 0);
  assert_said(&f, "video 0 0 K 9\n");
  g_assert_cmpuint(dropped(&f), ==, 2);
}

/* Rubbish behind a configuration is not kept for every player to fetch. */
static void
test_long_audio_config(void)
{
  guint8 asc[1000] = { 0x11, 0x90 };
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  aac_config(&f, asc, sizeof asc);
  assert_config(&f, SAMPLE(asc));
}

/* --- what is no packet ------------------------------------------------------------------------- */

static void
test_empty_tags(void)
{
  static const guint8 end[] = { 0x17, 2, 0, 0, 0 };
  static const guint8 seek_hint[] = { 0x57, 0 };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  take_bytes(&f, MG_RTMP_VIDEO, 0, NULL, 0);
  take_bytes(&f, MG_RTMP_AUDIO, 0, NULL, 0);
  take_bytes(&f, MG_RTMP_VIDEO, 0, "\x17\1\0\0\0", 5);
  take_bytes(&f, MG_RTMP_AUDIO, 0, "\xaf\1", 2);
  take_bytes(&f, MG_RTMP_VIDEO, 0, end, sizeof end);
  take_bytes(&f, MG_RTMP_VIDEO, 0, seek_hint, sizeof seek_hint);
  assert_said(&f, "");
  g_assert_cmpuint(dropped(&f), ==, 0);
  g_assert_cmpuint(unknown(&f), ==, 0);
}

static void
test_unknown_codecs(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  take_bytes(&f, MG_RTMP_VIDEO, 0, "\x22h263", 5);
  take_bytes(&f, MG_RTMP_VIDEO, 0, "\x90xyz1config", 11);
  take_bytes(&f, MG_RTMP_VIDEO, 0, "\x96\x03xyz1\1x", 8);
  take_bytes(&f, MG_RTMP_VIDEO, 0,
             "\x95"
             "av01\x80",
             6); /* in MPEG-2 TS form */
  take_bytes(&f, MG_RTMP_AUDIO, 0, "\xbfspeex", 6);
  take_bytes(&f, MG_RTMP_AUDIO, 0, "\x91Xyz!!", 6);
  assert_said(&f, "");
  g_assert_cmpuint(unknown(&f), ==, 6);
  idr(&f, 0);
  assert_said(&f, "video 0 0 K 9\n");
}

static void
test_broken_tags(void)
{
  static const guint8 lengths[] = { 0, 0, 0, 99, 0x65, 0x88 };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  take_bytes(&f, MG_RTMP_VIDEO, 0, "\x17\1\0", 3);
  take_bytes(&f, MG_RTMP_AUDIO, 0, "\xaf", 1);
  avc(&f, 0, TRUE, 0, lengths, sizeof lengths);
  assert_said(&f, "");
  g_assert_cmpuint(dropped(&f), ==, 3);
}

/* --- pictures ---------------------------------------------------------------------------------- */

static void
test_payload_is_the_message(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  g_assert_cmpuint(f.last->n_slices, ==, 1);
  g_assert_cmpuint(f.last->slices[0].offset, ==, 5);
  g_assert_cmpuint(f.last->slices[0].data->size, ==, 14);
  assert_payload(&f, SAMPLE(idr));
  aac(&f, 0);
  g_assert_cmpuint(f.last->slices[0].offset, ==, 2);
}

/* Nominal where the configuration promises one. */
static void
test_durations(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  g_assert_cmpint(f.last->duration, ==, 0);
  aac(&f, 0);
  g_assert_cmpint(f.last->duration, ==, 21333333);
  avc_config(&f, SAMPLE(avcc_360p25));
  idr(&f, 40);
  g_assert_cmpint(f.last->duration, ==, 40 * MG_MILLISECOND);
}

static void
test_waits_for_key(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  inter(&f, 0);
  inter(&f, 33);
  idr(&f, 66);
  assert_said(&f, "video 0 0 K 9\n");
  g_assert_cmpuint(dropped(&f), ==, 2);
}

/* The tag's claim counts for what the slice confirms; an IDR picture is one without any claim. */
static void
test_key_flag_is_verified(void)
{
  static const guint8 open_gop[] = { 0, 0, 0, 5, 0x41, 0x88, 0x84, 0x21, 0xa0 };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  avc(&f, 0, FALSE, 0, SAMPLE(idr));
  avc(&f, 33, TRUE, 0, SAMPLE(inter));
  avc(&f, 66, TRUE, 0, open_gop, sizeof open_gop);
  avc(&f, 100, FALSE, 0, open_gop, sizeof open_gop);
  assert_said(&f, "video 0 0 K 9\nvideo 33 33 9\nvideo 66 66 K 9\nvideo 100 100 9\n");
}

static void
test_b_frames(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  avc(&f, 0, TRUE, 80, SAMPLE(idr));
  avc(&f, 40, FALSE, 120, SAMPLE(inter));
  avc(&f, 80, FALSE, 0, SAMPLE(b));
  assert_said(&f, "video 0 80 K 9\nvideo 40 160 9\nvideo 80 80 d 9\n");
}

/* Some encoders send decoding times that are too late: they are moved so that all fits. */
static void
test_negative_composition(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  avc(&f, 0, TRUE, 0, SAMPLE(idr));
  avc(&f, 40, FALSE, 80, SAMPLE(inter));
  avc(&f, 80, FALSE, -40, SAMPLE(b));
  avc(&f, 120, FALSE, 0, SAMPLE(b));
  assert_said(&f, "video 0 0 K 9\nvideo 40 120 9\nvideo 40.125 40.125 d 9\nvideo 80 120 d 9\n");
}

static void
test_sei_goes_in_front(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  avc(&f, 33, FALSE, 0, SAMPLE(sei));
  inter(&f, 33);
  assert_said(&f, "video 0 0 K 9\nvideo 33 33 18\n");
  guint8 both[18];
  memcpy(both, SAMPLE(sei));
  memcpy(both + 9, SAMPLE(inter));
  assert_payload(&f, both, sizeof both);
  g_assert_cmpuint(dropped(&f), ==, 0);
}

/* A delimiter must be the first unit of its picture: then what was held is dropped. */
static void
test_sei_before_delimiter(void)
{
  static const guint8 with_aud[] = {
    0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 5, 0x41, 0x9a, 0x24, 0x6c, 0x41
  };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  avc(&f, 33, FALSE, 0, SAMPLE(sei));
  avc(&f, 33, FALSE, 0, with_aud, sizeof with_aud);
  assert_said(&f, "video 0 0 K 9\nvideo 33 33 15\n");
}

/* --- other forms ------------------------------------------------------------------------------- */

static void
test_annex_b(void)
{
  static const guint8 annex_b[] = { 0, 0,    0,    1,    0x09, 0xf0, 0,    0,
                                    1, 0x65, 0x88, 0x84, 0x21, 0xa0, 0,    0,
                                    0, 1,    0x65, 0x12, 0x34, 0x56, 0x78, 0x9a };
  static const guint8 expected[] = { 0, 0,    0,    2,    0x09, 0xf0, 0,   0, 0,
                                     5, 0x65, 0x88, 0x84, 0x21, 0xa0, 0,   0, 0,
                                     6, 0x65, 0x12, 0x34, 0x56, 0x78, 0x9a };
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  avc(&f, 0, TRUE, 0, annex_b, sizeof annex_b);
  assert_said(&f, "video 0 0 K 25\n");
  assert_payload(&f, expected, sizeof expected);
}

/* Appends the parameter sets of AVCC with start codes: they lie at 8 and 35, as the samples have it. */
static void
put_sets(MgWriter *w, const guint8 *avcc, gsize sps_size, gsize pps_size)
{
  mg_writer_be32(w, 1);
  mg_writer_bytes(w, avcc + 8, sps_size);
  mg_writer_be32(w, 1);
  mg_writer_bytes(w, avcc + 8 + sps_size + 3, pps_size);
}

/* No configuration at all: the parameter sets in front of a key frame make one. */
static void
test_annex_b_without_config(void)
{
  g_auto(MgWriter) units = MG_WRITER_INIT;
  put_sets(&units, mg_sample_avcc_720p30, 24, 6);
  mg_writer_be32(&units, 1);
  mg_writer_bytes(&units, mg_sample_idr + 4, 5);
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  avc(&f, 0, TRUE, 0, units.data, units.size);
  avc(&f, 33, TRUE, 0, units.data, units.size);
  assert_said(&f, "video+ H.264 1280x720 30 fps\nvideo 0 0 K 9\nvideo 33 33 K 9\n");
  assert_config(&f, SAMPLE(avcc_720p30));
}

/* Parameter sets with start codes where an avcC should be. */
static void
test_annex_b_config(void)
{
  g_auto(MgWriter) units = MG_WRITER_INIT;
  put_sets(&units, mg_sample_avcc_720p30, 24, 6);
  g_auto(Fixture) f;
  fixture_init(&f, 0);
  avc_config(&f, units.data, units.size);
  idr(&f, 0);
  assert_said(&f, "video+ H.264 1280x720 30 fps\nvideo 0 0 K 9\n");
}

/* New parameter sets in band, and no new sequence header. */
static void
test_in_band_change(void)
{
  g_auto(MgWriter) units = MG_WRITER_INIT;
  put_sets(&units, mg_sample_avcc_360p25, 25, 5);
  mg_writer_be32(&units, 1);
  mg_writer_bytes(&units, mg_sample_idr + 4, 5);
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  avc(&f, 33, TRUE, 0, units.data, units.size);
  assert_said(&f, "video 0 0 K 9\nvideo= H.264 640x360 25 fps\nvideo 33 33 K D 9\n");
}

static void
test_short_lengths(void)
{
  static const guint8 one[] = { 5, 0x65, 0x88, 0x84, 0x21, 0xa0 };
  static const guint8 two[] = { 0, 5, 0x65, 0x88, 0x84, 0x21, 0xa0 };
  for (guint size = 1; size <= 2; size++) {
    guint8 avcc[sizeof mg_sample_avcc_720p30];
    memcpy(avcc, SAMPLE(avcc_720p30));
    avcc[4] = (guint8) (0xfc | (size - 1));
    g_auto(Fixture) f;
    fixture_init(&f, 0);
    avc_config(&f, avcc, sizeof avcc);
    assert_config(&f, SAMPLE(avcc_720p30));
    if (size == 1)
      avc(&f, 0, TRUE, 0, one, sizeof one);
    else
      avc(&f, 0, TRUE, 0, two, sizeof two);
    assert_said(&f, "video+ H.264 1280x720 30 fps\nvideo 0 0 K 9\n");
    assert_payload(&f, SAMPLE(idr));
  }
}

/* A message without a block of its own, as the parts of an aggregate are. */
static void
test_borrowed_message(void)
{
  guint8 body[5 + 9] = { 0x17, 1 };
  memcpy(body + 5, SAMPLE(idr));
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  MgRtmpMessage m = { .type = MG_RTMP_VIDEO, .data = body, .size = sizeof body };
  media_take_video(f.media, &m, f.now);
  assert_said(&f, "video 0 0 K 9\n");
  g_assert_cmpuint(f.last->slices[0].data->size, ==, 9);
}

/* --- time -------------------------------------------------------------------------------------- */

static void
test_base(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 60 * MG_SECOND);
  idr(&f, 7000);
  aac(&f, 7010);
  inter(&f, 7033);
  assert_said(&f, "video 60000 60000 K D 9\naudio 60010 60010 K D 6\nvideo 60033 60033 9\n");
}

static void
test_wraps(void)
{
  static const guint32 wraps[] = { 0xffffff, 0x7fffffff, 0xffffffff };
  for (guint i = 0; i < G_N_ELEMENTS(wraps); i++) {
    g_auto(Fixture) f;
    fixture_begin(&f, 0);
    idr(&f, wraps[i] - 20);
    aac(&f, wraps[i]);
    inter(&f, wraps[i] + 13);
    aac(&f, wraps[i] + 21);
    assert_said(&f, "video 0 0 K 9\naudio 20 20 K 6\nvideo 33 33 9\naudio 41 41 K 6\n");
    MediaStats stats;
    media_stats(f.media, &stats);
    g_assert_cmpuint(stats.repaired, ==, 0);
  }
}

/* An encoder that counts in 31 bits and starts over at 2^31. */
static void
test_wrap_of_31_bits(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0x7fffffff);
  inter(&f, 32);
  assert_said(&f, "video 0 0 K 9\nvideo 33 33 9\n");
}

/* The jump is squeezed out; it is marked where decoding can begin. */
static void
test_jump(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  inter(&f, 40);
  inter(&f, 3600000);
  idr(&f, 3600040);
  inter(&f, 3600080);
  assert_said(&f, "video 0 0 K 9\nvideo 40 40 9\nvideo 80 80 9\nvideo 120 120 K D 9\n"
                  "video 160 160 9\n");
}

static void
test_same_time_twice(void)
{
  g_auto(Fixture) f;
  fixture_begin(&f, 0);
  idr(&f, 0);
  inter(&f, 0);
  inter(&f, 40);
  assert_said(&f, "video 0 0 K 9\nvideo 0.125 0.125 9\nvideo 40 40 9\n");
  MediaStats stats;
  media_stats(f.media, &stats);
  g_assert_cmpuint(stats.repaired, ==, 1);
  g_assert_cmpuint(stats.bytes, ==, 27);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/media/" path, func)
  ADD("declares-what-configurations-say", test_declares);
  ADD("believes-metadata-about-bit-rates", test_metadata_before);
  ADD("does-without-metadata", test_metadata_after);
  ADD("ignores-repeated-configurations", test_repeated_config);
  ADD("changes-the-stream-with-its-configuration", test_changed_config);
  ADD("takes-a-late-track", test_late_track);
  ADD("drops-what-has-no-configuration", test_no_config);
  ADD("keeps-on-past-a-wrong-configuration", test_wrong_config);
  ADD("keeps-no-rubbish-behind-a-configuration", test_long_audio_config);
  ADD("ignores-empty-tags", test_empty_tags);
  ADD("counts-unknown-codecs", test_unknown_codecs);
  ADD("drops-broken-tags", test_broken_tags);
  ADD("sends-the-message-itself", test_payload_is_the_message);
  ADD("gives-nominal-durations", test_durations);
  ADD("waits-for-a-key-frame", test_waits_for_key);
  ADD("verifies-the-key-flag", test_key_flag_is_verified);
  ADD("keeps-b-frames-in-order", test_b_frames);
  ADD("repairs-negative-composition-offsets", test_negative_composition);
  ADD("puts-sei-in-front-of-the-next-picture", test_sei_goes_in_front);
  ADD("puts-nothing-in-front-of-a-delimiter", test_sei_before_delimiter);
  ADD("rewrites-annex-b", test_annex_b);
  ADD("makes-a-configuration-from-annex-b", test_annex_b_without_config);
  ADD("takes-a-configuration-in-annex-b", test_annex_b_config);
  ADD("follows-parameter-sets-in-band", test_in_band_change);
  ADD("rewrites-short-lengths", test_short_lengths);
  ADD("copies-borrowed-messages", test_borrowed_message);
  ADD("goes-on-at-the-base", test_base);
  ADD("passes-wraps-without-a-step", test_wraps);
  ADD("passes-a-wrap-of-31-bits", test_wrap_of_31_bits);
  ADD("marks-a-jump-at-the-next-key-frame", test_jump);
  ADD("keeps-equal-times-apart", test_same_time_twice);
#undef ADD
  return g_test_run();
}
