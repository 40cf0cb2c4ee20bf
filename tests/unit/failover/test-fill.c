/* What comes while no input gives media. */
#include "feed.h"

#include "doubles/wait.h"
#include "failover/node.h"
#include "failover/slate.h"

#include <cmaf/chunk.h>
#include <cmaf/init.h>
#include <codec/silence.h>
#include <glib/gstdio.h>

#define MS MG_MILLISECOND

enum { A, B };

/* A sends, and is lost after three seconds. */
static Feed *
lost(const char *attributes)
{
  Feed *feed = feed_new(attributes);
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  feed_send(feed, A, FALSE);
  return feed;
}

static void
assert_no_gap(GArray *packets, guint from, MgTime longest)
{
  for (guint i = MAX(from, 1); i < packets->len; i++) {
    const Packet *packet = &g_array_index(packets, Packet, i);
    g_assert_cmpint(packet->dts - packet[-1].dts, <=, longest);
  }
}

/* --- repeat -------------------------------------------------------------------------------------- */

static void
test_repeat(void)
{
  g_autoptr(Feed) feed = lost("on-loss='repeat'");
  guint video = feed->video->len, audio = feed->audio->len;
  feed_run(feed, 10 * MG_SECOND);
  g_assert_cmpint(feed_video(feed, video)->at, <=, feed->encoders[A].begun + 4 * MG_SECOND);
  g_assert_cmpuint(feed->video->len - video, >=, 48);
  g_assert_cmpuint(feed->video->len - video, <=, 51);
  for (guint i = video; i < feed->video->len; i++) {
    g_assert_cmphex(feed_video(feed, i)->flags, ==, MG_BUFFER_KEY);
    g_assert_cmpuint(feed_video(feed, i)->number, ==, 50); /* the second GOP's */
    g_assert_cmpint(feed_video(feed, i)->pts - feed_video(feed, i)->dts, ==, 80 * MS);
  }
  assert_no_gap(feed->video, video, 200 * MS);
  assert_no_gap(feed->audio, audio, 22 * MS);
  g_assert_cmpuint(feed_audio(feed, audio)->size, ==, 6);
  g_assert_cmpuint(feed_count(feed->audio, audio, MG_BUFFER_DISCONT, NULL), ==, 0);
  g_assert_cmpint(ABS(feed_last(feed->video)->dts - feed_last(feed->audio)->dts), <=, 220 * MS);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 0);

  video = feed->video->len;
  audio = feed->audio->len;
  guint first;
  feed_send(feed, A, TRUE);
  feed_run(feed, 4 * MG_SECOND);
  g_assert_cmpuint(feed_count(feed->video, video, MG_BUFFER_DISCONT, &first), ==, 1);
  g_assert_true(encoder_is_key(&feed->encoders[A].video_model, feed_video(feed, first)->number));
  g_assert_cmpuint(feed_count(feed->audio, audio, MG_BUFFER_DISCONT, NULL), ==, 0);
  assert_no_gap(feed->audio, audio, 43 * MS);
  const Packet *now = feed_last(feed->video);
  g_assert_cmpint(ABS(now->dts - (now->at - feed->encoders[A].begun)), <=, 100 * MS);
  g_assert_cmpuint(mg_harness_counter(feed->h, "returns"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(feed->h, "switches"), ==, 0);
  feed_check(feed);
}

/* As long as the session lingers; then all ends. */
static void
test_end(void)
{
  g_autoptr(Feed) feed = lost("on-loss='repeat'");
  feed_leave(feed, A);
  feed_run(feed, 2 * MG_SECOND);
  g_assert_cmpint(feed_last(feed->video)->dts, >, 4 * MG_SECOND);
  guint n = feed->video->len;
  mg_harness_drain(feed->h);
  g_assert_true(mg_harness_output_has_ended(feed->h, "video"));
  g_assert_true(mg_harness_output_has_ended(feed->h, "audio"));
  feed_run(feed, MG_SECOND);
  g_assert_cmpuint(feed->video->len, ==, n);
}

/* There is no silence of what nobody knows: the picture goes on alone. */
static void
test_no_silence(void)
{
  g_autoptr(Feed) feed = feed_new("on-loss='repeat'");
  MgStreamInfo info = { .size = sizeof info,
                        .id = "audio",
                        .media = MG_MEDIA_AUDIO,
                        .form = MG_FORM_PACKET,
                        .codec = MG_CODEC_AC3 };
  feed->encoders[A].audio = mg_stream_new(&info);
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  feed_leave(feed, A);
  guint audio = feed->audio->len, video = feed->video->len;
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed->audio->len, ==, audio);
  g_assert_cmpuint(feed->video->len, >, video + 10);
  feed_check(feed);
}

/* Another input ends it as the first does. */
static void
test_stand_in(void)
{
  g_autoptr(Feed) feed = lost("on-loss='repeat'");
  feed_run(feed, 2 * MG_SECOND);
  guint first, n = feed->video->len;
  feed_send(feed, B, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed_count(feed->video, n, MG_BUFFER_DISCONT, &first), ==, 1);
  g_assert_cmpuint(feed_video(feed, first)->number, ==, 0);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 2);
  feed_check(feed);
}

/* --- slate --------------------------------------------------------------------------------------- */

enum { SLATE_FRAMES = 25, SLATE_SOUNDS = 43 };

static const VideoModel slate_video = { .fps_num = 25, .fps_den = 1, .gop = SLATE_FRAMES };
static const AudioModel slate_audio = { .rate = 44100, .frame_samples = 1024 };

static void
append(MgWriter *file, const MgCmafChunk *chunk, GPtrArray *buffers)
{
  MgCmafPlan plan;
  g_assert_true(mg_cmaf_chunk_plan(chunk, &plan, NULL));
  mg_cmaf_chunk_write(chunk, &plan, mg_writer_extend(file, plan.places.header_size));
  for (guint i = 0; i < buffers->len; i++) {
    const MgBuffer *buffer = g_ptr_array_index(buffers, i);
    mg_buffer_copy_out(buffer, mg_writer_extend(file, buffer->size), buffer->size);
  }
}

static void
append_track(MgWriter *file, guint32 track_id, MgStream *video, MgStream *audio)
{
  g_autoptr(GPtrArray) buffers = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  MgCmafSample samples[SLATE_SOUNDS];
  guint n = video != NULL ? SLATE_FRAMES : SLATE_SOUNDS;
  for (guint i = 0; i < n; i++) {
    MgBuffer *buffer = video != NULL ? encoder_video_packet(&slate_video, video, i)
                                     : encoder_audio_packet(&slate_audio, audio, i);
    samples[i] = (MgCmafSample){ (guint32) buffer->size, video != NULL ? 40 : 1024, 0,
                                 buffer->flags & MG_BUFFER_KEY ? MG_CMAF_SYNC : MG_CMAF_DEPENDS };
    g_ptr_array_add(buffers, buffer);
  }
  const MgCmafChunk chunk = {
    .sequence = track_id, .track_id = track_id, .samples = samples, .n_samples = n
  };
  append(file, &chunk, buffers);
}

/* Returned-owned: a second of video and sound, or of video alone. */
static GString *
make_slate(gboolean has_sound)
{
  g_autoptr(MgStream) video = encoder_video(TRUE), audio = encoder_audio(&slate_audio);
  const MgData *avcc = mg_stream_info(video)->config, *asc = mg_stream_info(audio)->config;
  const MgCmafTrack tracks[] = {
    { .track_id = 1, .timescale = 1000, .codec = MG_CMAF_H264, avcc->bytes, avcc->size },
    { .track_id = 2, .timescale = 44100, .codec = MG_CMAF_AAC, asc->bytes, asc->size },
  };
  g_auto(MgWriter) file = MG_WRITER_INIT;
  g_assert_true(mg_cmaf_init_write(tracks, has_sound ? 2 : 1, &file, NULL));
  append_track(&file, 1, video, NULL);
  if (has_sound)
    append_track(&file, 2, NULL, audio);
  return g_string_new_len((const char *) file.data, (gssize) file.size);
}

/* Returned-owned: the file's name; remove it. */
static char *
write_slate(GString *bytes)
{
  g_autoptr(GString) taken = bytes;
  char *path = NULL;
  gint fd = g_file_open_tmp("mediagraph-slate-XXXXXX", &path, NULL);
  g_assert_cmpint(fd, >=, 0);
  g_close(fd, NULL);
  g_assert_true(g_file_set_contents(path, taken->str, (gssize) taken->len, NULL));
  return path;
}

/* Lost, and far enough that the slate of width 640 is there: it is read on another thread. */
static Feed *
lost_with_slate(const char *path)
{
  g_autofree char *attributes = g_strdup_printf("on-loss='slate' slate='%s'", path);
  Feed *feed = lost(attributes);
  feed_run(feed, MG_SECOND);
  mg_wait_until(
      (mg_harness_run(feed->h), mg_stream_info(mg_harness_output(feed->h, "video"))->width == 640));
  return feed;
}

static void
test_slate(void)
{
  g_autofree char *path = write_slate(make_slate(TRUE));
  g_autoptr(Feed) feed = lost_with_slate(path);
  g_remove(path);
  g_assert_cmpuint(mg_stream_info(mg_harness_output(feed->h, "audio"))->sample_rate, ==, 44100);
  feed_run(feed, 5 * MG_SECOND);
  guint first = feed->video->len - 50;
  for (guint i = first; i < feed->video->len; i++) {
    g_assert_cmpuint(feed_video(feed, i)->number, ==,
                     (feed_video(feed, first)->number + i - first) % 25);
    g_assert_cmphex(feed_video(feed, i)->flags, ==, feed_video(feed, i)->number == 0);
  }
  assert_no_gap(feed->video, first, 40 * MS);
  assert_no_gap(feed->audio, feed->audio->len - 80,
                25 * MS); /* a loop is 1.7 ms longer than its sound */
  const Packet *last = feed_last(feed->video);
  g_assert_cmpint(ABS(last->dts - (last->at - feed->encoders[A].begun)), <=, 60 * MS);
  g_assert_cmpint(ABS(last->dts - feed_last(feed->audio)->dts), <=, 60 * MS);

  /* The input returns in the middle of it, with its own parameters. */
  guint n = feed->video->len;
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed_count(feed->video, n, MG_BUFFER_DISCONT, &first), ==, 1);
  g_assert_true(feed_video(feed, first)->stream == feed->encoders[A].video);
  g_assert_true(feed_last(feed->audio)->stream == feed->encoders[A].audio);
  g_assert_cmphex(feed_video(feed, first)->flags & MG_BUFFER_KEY, ==, MG_BUFFER_KEY);
  feed_check(feed);
}

/* What the slate has none of is filled. */
static void
test_slate_without_sound(void)
{
  g_autofree char *path = write_slate(make_slate(FALSE));
  g_autoptr(Feed) feed = lost_with_slate(path);
  g_remove(path);
  guint audio = feed->audio->len;
  feed_run(feed, 2 * MG_SECOND);
  g_assert_cmpuint(feed->audio->len, >, audio + 80);
  g_assert_cmpuint(feed_last(feed->audio)->size, ==, 6);
  g_assert_cmpuint(mg_stream_info(mg_harness_output(feed->h, "audio"))->sample_rate, ==, 48000);
  feed_check(feed);
}

/* A session that ends does not wait for the file. */
static void
test_slate_too_late(void)
{
  g_autofree char *path = write_slate(make_slate(TRUE));
  g_autofree char *attributes = g_strdup_printf("on-loss='slate' slate='%s'", path);
  g_autoptr(Feed) feed = feed_new(attributes);
  mg_harness_drain(feed->h);
  mg_wait_until((mg_harness_run(feed->h), !mg_harness_is_open(feed->h)));
  g_remove(path);
}

static void
test_bad_slates(void)
{
  static const struct {
    gsize size;
    const char *what;
  } cuts[] = { { 0, "there is no moov" }, { 100, "the bytes end within a box" } };
  g_autoptr(GString) whole = make_slate(TRUE);
  for (guint i = 0; i < G_N_ELEMENTS(cuts); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(slate_parse(mg_data_new_copy(whole->str, cuts[i].size), &error));
    g_assert_cmpstr(error->message, ==, cuts[i].what);
  }
  /* Of a file that is cut short in its media, nothing is shown: it would end in the middle of a movement. */
  g_assert_null(slate_parse(mg_data_new_copy(whole->str, whole->len - 10), NULL));
  Slate *slate = slate_parse(mg_data_new_copy(whole->str, whole->len), NULL);
  g_assert_nonnull(slate);
  g_assert_cmpuint(slate->samples->len, ==, SLATE_FRAMES + SLATE_SOUNDS);
  g_assert_cmpint(slate->length, ==, MG_SECOND);
  slate_free(slate);
}

/* A file that cannot be had is no reason to show nothing. */
static void
test_missing_slate(void)
{
  g_autoptr(Feed) feed = lost("on-loss='slate' slate='/nowhere/slate.mp4'");
  guint n = feed->video->len;
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed->video->len, >, n + 10);
  feed_check(feed);
}

/* --- attributes ---------------------------------------------------------------------------------- */

static void
assert_refused(const char *attributes, const char *sentence)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_new(&failover_class, attributes, &error));
  g_assert_cmpstr(error->message, ==, sentence);
}

static void
test_attributes(void)
{
  assert_refused("on-loss='slate'", "failover: slate: on-loss=\"slate\" needs a file to show");
  assert_refused("slate='x.mp4'", "failover: slate: it is of no use without on-loss=\"slate\"");
  assert_refused(
      "from='a.video a.audio'",
      "failover: from: nothing can stand in for its only node; name a second one, or say "
      "what to do without it, as on-loss=\"repeat\"");
}

int
main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func("/failover/fill/" name, func)
  ADD("the-last-key-frame-is-repeated-with-silence", test_repeat);
  ADD("it-ends-with-the-session", test_end);
  ADD("audio-without-silence-pauses", test_no_silence);
  ADD("another-input-ends-it", test_stand_in);
  ADD("a-slate-is-played-in-a-loop", test_slate);
  ADD("a-slate-without-sound-is-silent", test_slate_without_sound);
  ADD("a-slate-that-comes-too-late-is-forgotten", test_slate_too_late);
  ADD("what-is-no-slate-is-refused", test_bad_slates);
  ADD("without-its-slate-it-repeats", test_missing_slate);
  ADD("attributes-must-make-sense", test_attributes);
#undef ADD
  return g_test_run();
}
