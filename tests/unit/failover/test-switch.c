/* One input is lost, another one takes over, and the first comes back. */
#include "feed.h"

#include "failover/node.h"

#define MS MG_MILLISECOND

enum { A, B };

/* Both send; A is in use. */
static Feed *
both(const char *attributes)
{
  Feed *feed = feed_new(attributes);
  feed_send(feed, A, TRUE);
  feed_run(feed, 330 * MS);
  feed_send(feed, B, TRUE);
  feed_run(feed, 5 * MG_SECOND);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 1);
  return feed;
}

/* How far the packet's time is from that at which its encoder sent it. */
static MgTime
offset_of(const Encoder *e, const Packet *video)
{
  return video->dts - encoder_video_dts(&e->video_model, video->number);
}

/* What a viewer would see and hear together has been sent together. */
static void
assert_in_sync(Feed *feed, guint encoder)
{
  const Encoder *e = &feed->encoders[encoder];
  const Packet *video = feed_last(feed->video), *audio = feed_last(feed->audio);
  MgTime heard = audio->dts - encoder_audio_pts(&e->audio_model, audio->number);
  g_assert_cmpint(ABS(offset_of(e, video) - heard), <=, MS);
  g_assert_cmpint(ABS(video->dts - audio->dts), <, 100 * MS);
}

static void
test_one_passes(void)
{
  g_autoptr(Feed) feed = feed_new("timeout='700ms'");
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed->video->len, ==, 75);
  for (guint i = 0; i < feed->video->len; i++) {
    g_assert_cmpuint(feed_video(feed, i)->number, ==, i);
    g_assert_cmpint(feed_video(feed, i)->dts, ==,
                    encoder_video_dts(&feed->encoders[A].video_model, i));
    g_assert_cmpint(feed_video(feed, i)->pts, ==,
                    encoder_video_pts(&feed->encoders[A].video_model, i) + 40 * MS);
    g_assert_true(feed_video(feed, i)->stream == feed->encoders[A].video);
  }
  g_assert_cmpuint(feed_count(feed->video, 1, MG_BUFFER_DISCONT, NULL), ==, 0);
  g_assert_cmpuint(feed_count(feed->audio, 1, MG_BUFFER_DISCONT, NULL), ==, 0);
  feed_check(feed);
}

/* Its time goes on with the clock: where it would be, had nothing been lost. */
static void
assert_on_the_clock(Feed *feed, MgTime begun)
{
  const Packet *last = feed_last(feed->video);
  g_assert_cmpint(ABS(last->dts - (last->at - begun)), <=, 80 * MS);
}

static void
test_silence(void)
{
  g_autoptr(Feed) feed = both(NULL);
  MgTime begun = feed->encoders[A].begun, lost = mg_now();
  guint before = feed->video->len, first;
  feed_send(feed, A, FALSE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed_count(feed->video, before, MG_BUFFER_DISCONT, &first), ==, 1);
  g_assert_cmpuint(first, ==, before);
  g_assert_cmphex(feed_video(feed, first)->flags & MG_BUFFER_KEY, ==, MG_BUFFER_KEY);
  g_assert_cmpint(feed_video(feed, first)->at - lost, <=, MG_SECOND);
  g_assert_cmpint(feed_video(feed, first)->at - lost, >=, 600 * MS);
  /* From B's last key frame on nothing is missing. */
  for (guint i = before; i < feed->video->len; i++)
    g_assert_cmpuint(feed_video(feed, i)->number, ==,
                     feed_video(feed, before)->number + i - before);
  /* Sound is there from where it stopped. */
  g_assert_cmpuint(feed_count(feed->audio, 1, MG_BUFFER_DISCONT, NULL), ==, 0);
  for (guint i = 1; i < feed->audio->len; i++)
    g_assert_cmpint(feed_audio(feed, i)->dts - feed_audio(feed, i - 1)->dts, <=, 43 * MS);
  /* The parameters are the same: nothing is declared anew. */
  g_assert_true(feed_last(feed->video)->stream == feed->encoders[A].video);
  assert_in_sync(feed, B);
  assert_on_the_clock(feed, begun);
  feed_check(feed);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 2);
  g_assert_cmpuint(mg_harness_counter(feed->h, "losses"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(feed->h, "switches"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(feed->h, "returns"), ==, 0);
}

/* A key frame just before the switch: the picture stood, but sound from before it is there. */
static void
test_sound_before_the_key(void)
{
  g_autoptr(Feed) feed = both(NULL);
  feed_run(feed, 350 * MS);
  guint before = feed->video->len;
  feed_send(feed, A, FALSE);
  feed_run(feed, 2 * MG_SECOND);
  g_assert_cmpint(feed_video(feed, before)->dts - feed_video(feed, before - 1)->dts, >, 500 * MS);
  g_assert_cmpuint(feed_count(feed->audio, 1, MG_BUFFER_DISCONT, NULL), ==, 0);
  for (guint i = 1; i < feed->audio->len; i++)
    g_assert_cmpint(feed_audio(feed, i)->dts - feed_audio(feed, i - 1)->dts, <=, 43 * MS);
  assert_in_sync(feed, B);
  feed_check(feed);
}

/* Whoever leaves is not waited for. */
static void
test_leaving(void)
{
  g_autoptr(Feed) feed = both("timeout='10s'");
  guint before = feed->video->len;
  MgTime left = mg_now();
  feed_leave(feed, A);
  feed_run(feed, MG_SECOND);
  g_assert_cmpint(feed_video(feed, before)->at - left, <=, 20 * MS);
  assert_in_sync(feed, B);
  feed_check(feed);
}

static void
test_return(void)
{
  g_autoptr(Feed) feed = both("return-after='4s'");
  MgTime begun = feed->encoders[A].begun;
  feed_send(feed, A, FALSE);
  feed_run(feed, 2 * MG_SECOND);
  MgTime back = mg_now();
  guint before = feed->video->len, first;
  feed_send(feed, A, TRUE);
  feed_run(feed, 10 * MG_SECOND);
  g_assert_cmpuint(feed_count(feed->video, before, MG_BUFFER_DISCONT, &first), ==, 1);
  const Packet *packet = feed_video(feed, first);
  g_assert_cmpint(packet->at - back, >=, 4 * MG_SECOND);
  g_assert_cmpint(packet->at - back, <=, 6100 * MS);
  g_assert_true(encoder_is_key(&feed->encoders[A].video_model, packet->number));
  g_assert_cmpint(packet->dts - packet[-1].dts, <=, 120 * MS); /* none is shown before another */
  assert_in_sync(feed, A);
  assert_on_the_clock(feed, begun);
  feed_check(feed);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(feed->h, "switches"), ==, 2);
  g_assert_cmpuint(mg_harness_counter(feed->h, "returns"), ==, 1);
}

/* Who comes and goes is not well. */
static void
test_flapping(void)
{
  g_autoptr(Feed) feed = both("return-after='4s'");
  feed_send(feed, A, FALSE);
  feed_run(feed, 2 * MG_SECOND);
  for (guint i = 0; i < 5; i++) {
    feed_send(feed, A, TRUE);
    feed_run(feed, 3 * MG_SECOND);
    feed_send(feed, A, FALSE);
    feed_run(feed, MG_SECOND);
  }
  g_assert_cmpuint(mg_harness_counter(feed->h, "switches"), ==, 1);
  feed_check(feed);
}

static void
test_other_parameters(void)
{
  g_autoptr(Feed) feed = feed_new(NULL);
  feed->encoders[B].is_small = TRUE;
  feed_send(feed, A, TRUE);
  feed_send(feed, B, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  guint before = feed->video->len;
  feed_send(feed, A, FALSE);
  feed_run(feed, 2 * MG_SECOND);
  const Packet *first = feed_video(feed, before);
  g_assert_true(mg_stream_same_parameters(first->stream, feed->encoders[B].video));
  g_assert_cmpuint(mg_stream_info(mg_harness_output(feed->h, "video"))->width, ==, 640);
  g_assert_cmpuint(mg_stream_info(mg_harness_output(feed->h, "audio"))->sample_rate, ==, 48000);
  assert_in_sync(feed, B);
  feed_check(feed);
}

/* A track that only the other one has begins; one that it lacks ends after a while. */
static void
test_other_tracks(void)
{
  g_autoptr(Feed) feed = feed_new("return-after='60s'");
  feed->encoders[B].has_no_audio = TRUE;
  feed_send(feed, A, TRUE);
  feed_send(feed, B, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  feed_send(feed, A, FALSE);
  feed_run(feed, 4 * MG_SECOND);
  g_assert_false(mg_harness_output_has_ended(feed->h, "audio"));
  feed_run(feed, 3 * MG_SECOND);
  g_assert_true(mg_harness_output_has_ended(feed->h, "audio"));
  g_assert_false(mg_harness_output_has_ended(feed->h, "video"));
  feed_send(feed, A, TRUE);
  feed_leave(feed, B);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_false(mg_harness_output_has_ended(feed->h, "audio"));
  assert_in_sync(feed, A);
  feed_check(feed);
}

/* At the start the first input has a moment; then whoever is there begins. */
static void
test_start(void)
{
  g_autoptr(Feed) feed = feed_new(NULL);
  feed_send(feed, B, TRUE);
  feed_run(feed, 300 * MS);
  g_assert_cmpuint(feed->video->len, ==, 0);
  feed_send(feed, A, TRUE);
  feed_run(feed, 300 * MS);
  g_assert_cmpuint(feed->video->len, >, 0);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 1);
  feed_check(feed);

  g_autoptr(Feed) alone = feed_new(NULL);
  feed_send(alone, B, TRUE);
  feed_run(alone, 800 * MS);
  g_assert_cmpuint(mg_harness_counter(alone->h, "active-input"), ==, 2);
  g_assert_cmpuint(feed_video(alone, 0)->number, ==, 0);
  g_assert_cmpuint(mg_harness_counter(alone->h, "switches"), ==, 0);
  feed_check(alone);
}

/* More than is kept: the next key frame is waited for. */
static void
test_long_gop(void)
{
  g_autoptr(Feed) feed = feed_new(NULL);
  feed->encoders[B].video_model.gop = 500;
  feed_send(feed, A, TRUE);
  feed_send(feed, B, TRUE);
  feed_run(feed, 10 * MG_SECOND);
  guint before = feed->video->len;
  feed_send(feed, A, FALSE);
  feed_run(feed, 9 * MG_SECOND);
  g_assert_cmpuint(feed->video->len, ==, before);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(feed_video(feed, before)->number, ==, 500);
  assert_in_sync(feed, B);
  feed_check(feed);
}

/* With nobody to stand in, one that was silent goes on where it stopped; one that left begins anew. */
static void
test_pause(void)
{
  g_autoptr(Feed) feed = feed_new(NULL);
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  guint before = feed->video->len;
  feed_send(feed, A, FALSE);
  feed_run(feed, 2 * MG_SECOND);
  g_assert_cmpuint(feed->video->len, ==, before);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 0);
  feed_send(feed, A, TRUE);
  feed_run(feed, 100 * MS);
  g_assert_cmpuint(feed->video->len, >, before);
  g_assert_cmphex(feed_video(feed, before)->flags, ==, 0);
  g_assert_cmpint(offset_of(&feed->encoders[A], feed_video(feed, before)), ==, 0);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 1);

  feed_leave(feed, A);
  before = feed->video->len;
  feed_run(feed, MG_SECOND);
  g_assert_cmpuint(feed->video->len, ==, before);
  feed_send(feed, A, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmphex(feed_video(feed, before)->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  assert_on_the_clock(feed, feed->encoders[A].begun);
  assert_in_sync(feed, A);
  feed_check(feed);
}

/* Nothing is well, then one is. */
static void
test_both_lost(void)
{
  g_autoptr(Feed) feed = both("return-after='3s'");
  feed_send(feed, B, FALSE);
  feed_run(feed, MG_SECOND);
  feed_send(feed, A, FALSE);
  feed_run(feed, 3 * MG_SECOND);
  guint before = feed->video->len;
  feed_send(feed, B, TRUE);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmphex(feed_video(feed, before)->flags, ==, MG_BUFFER_KEY | MG_BUFFER_DISCONT);
  assert_in_sync(feed, B);
  feed_send(feed, A, TRUE);
  feed_run(feed, 6 * MG_SECOND);
  assert_in_sync(feed, A);
  feed_check(feed);
}

static void
push(Feed *feed, MgPort *port, MgBuffer *buffer)
{
  g_autoptr(GError) error = NULL;
  mg_harness_push(feed->h, port, buffer, &error);
  g_assert_no_error(error);
}

static void
push_video(Feed *feed, Encoder *e)
{
  push(feed, e->video_port, encoder_video_packet(&e->video_model, e->video, e->n_video++));
}

/* Four of them are all that is kept of one input. */
static void
push_huge_sound(Feed *feed, Encoder *e, guint n)
{
  MgData *data = mg_data_new(16 << 20);
  while (n-- > 0) {
    MgBuffer *buffer = mg_buffer_new(e->audio, 1);
    buffer->dts = buffer->pts = encoder_audio_pts(&e->audio_model, e->n_audio++);
    buffer->flags = MG_BUFFER_KEY;
    mg_buffer_append(buffer, mg_data_ref(data), 0, data->size);
    push(feed, e->audio_port, buffer);
  }
  mg_data_unref(data);
}

/* A key frame behind more sound than is kept is not kept, either: the next one is waited for. */
static void
test_too_much_to_keep(void)
{
  g_autoptr(Feed) feed = feed_new("timeout='700ms'");
  Encoder *b = &feed->encoders[B];
  feed_send(feed, A, TRUE);
  feed_run(feed, MG_SECOND);
  b->video_model.gop = 10;
  feed_send(feed, B, TRUE);
  push_video(feed, b);
  push_huge_sound(feed, b, 8);
  feed_leave(feed, A);
  b->n_video = b->video_model.gop;
  push_video(feed, b);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 0);
  feed_run(feed, 3 * MG_SECOND);
  g_assert_cmpuint(mg_harness_counter(feed->h, "active-input"), ==, 2);
  feed_check(feed);
}

/* Many times over: times do not run away from the clock. */
static void
test_many_switches(void)
{
  g_autoptr(Feed) feed = both("return-after='1s'");
  for (guint i = 0; i < 50; i++) {
    feed_send(feed, A, FALSE);
    feed_run(feed, 1500 * MS + i * 13 * MS);
    feed_send(feed, A, TRUE);
    feed_run(feed, 5 * MG_SECOND);
  }
  g_assert_cmpuint(mg_harness_counter(feed->h, "switches"), ==, 100);
  const Packet *last = feed_last(feed->video);
  g_assert_cmpint(ABS(last->dts - (last->at - feed->encoders[A].begun)), <=, 200 * MS);
  assert_in_sync(feed, A);
  feed_check(feed);
}

int
main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add_func("/failover/switch/" name, func)
  ADD("one-input-passes-as-it-is", test_one_passes);
  ADD("silence-of-the-first-is-over-within-a-second", test_silence);
  ADD("sound-is-kept-from-before-the-key-frame", test_sound_before_the_key);
  ADD("who-leaves-is-not-waited-for", test_leaving);
  ADD("the-first-is-used-again-when-it-is-well", test_return);
  ADD("who-comes-and-goes-is-not", test_flapping);
  ADD("other-parameters-are-declared", test_other_parameters);
  ADD("tracks-may-be-missing", test_other_tracks);
  ADD("the-first-has-a-moment-at-the-start", test_start);
  ADD("a-long-gop-is-not-kept", test_long_gop);
  ADD("more-than-may-be-kept-is-waited-out", test_too_much_to_keep);
  ADD("pause-waits", test_pause);
  ADD("both-lost-and-back", test_both_lost);
  ADD("time-stays-with-the-clock", test_many_switches);
#undef ADD
  return g_test_run();
}
