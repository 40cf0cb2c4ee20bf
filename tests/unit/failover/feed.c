#include "feed.h"

#include "failover/node.h"

#define STEP (10 * MG_MILLISECOND)

static void
packet_clear(gpointer data)
{
  mg_stream_unref(((Packet *) data)->stream);
}

static GArray *
make_packets(void)
{
  GArray *packets = g_array_new(FALSE, FALSE, sizeof(Packet));
  g_array_set_clear_func(packets, packet_clear);
  return packets;
}

static Encoder
make_encoder(MgTime begin)
{
  return (Encoder){
    .video_model = { .fps_num = 25, .fps_den = 1, .gop = 50, .b_frames = 2, .begin = begin },
    .delay = 40 * MG_MILLISECOND,
    .audio_model = { .rate = 48000, .frame_samples = 1024, .begin = begin },
  };
}

Feed *
feed_new(const char *attributes)
{
  GError *error = NULL;
  Feed *feed = g_new0(Feed, 1);
  mg_harness_use_inputs(FEED_ENCODERS);
  feed->h = mg_harness_new(&failover_class, attributes, &error);
  g_assert_no_error(error);
  feed->encoders[0] = make_encoder(0);
  feed->encoders[1] = make_encoder(100 * MG_SECOND);
  feed->video = make_packets();
  feed->audio = make_packets();
  return feed;
}

void
feed_free(Feed *feed)
{
  g_array_unref(feed->video);
  g_array_unref(feed->audio);
  for (guint i = 0; i < FEED_ENCODERS; i++) {
    mg_stream_unref(feed->encoders[i].video);
    mg_stream_unref(feed->encoders[i].audio);
  }
  mg_harness_free(feed->h);
  g_free(feed);
}

/* --- sending ------------------------------------------------------------------------------------- */

static void
begin(Feed *feed, Encoder *e)
{
  if (e->begun == 0)
    e->begun = mg_now();
  mg_harness_select_input(feed->h, (guint) (e - feed->encoders));
  if (e->video == NULL)
    e->video = encoder_video(e->is_small);
  if (e->audio == NULL && !e->has_no_audio)
    e->audio = encoder_audio(&e->audio_model);
  if (e->video_port == NULL)
    e->video_port = mg_harness_stream(feed->h, e->video, NULL);
  if (e->audio_port == NULL && e->audio != NULL)
    e->audio_port = mg_harness_stream(feed->h, e->audio, NULL);
}

void
feed_send(Feed *feed, guint encoder, gboolean sends)
{
  Encoder *e = &feed->encoders[encoder];
  e->is_sending = sends;
  if (sends)
    begin(feed, e);
}

void
feed_leave(Feed *feed, guint encoder)
{
  Encoder *e = &feed->encoders[encoder];
  e->is_sending = FALSE;
  e->video_port = e->audio_port = NULL;
  mg_harness_select_input(feed->h, encoder);
  mg_harness_pause(feed->h);
}

static void
push(Feed *feed, MgPort *port, MgBuffer *buffer)
{
  GError *error = NULL;
  mg_harness_push(feed->h, port, buffer, &error);
  g_assert_no_error(error);
}

/* All that is due, in the order of dts. */
static void
send_due(Feed *feed, Encoder *e)
{
  MgTime due = e->video_model.begin + mg_now() - e->begun;
  for (;;) {
    MgTime video = encoder_video_dts(&e->video_model, e->n_video);
    MgTime audio = e->has_no_audio ? G_MAXINT64 : encoder_audio_pts(&e->audio_model, e->n_audio);
    if (MIN(video, audio) > due)
      return;
    if (video <= audio) {
      MgBuffer *buffer = encoder_video_packet(&e->video_model, e->video, e->n_video++);
      buffer->pts += e->delay;
      push(feed, e->video_port, buffer);
    } else {
      push(feed, e->audio_port, encoder_audio_packet(&e->audio_model, e->audio, e->n_audio++));
    }
  }
}

static void
skip_due(Encoder *e)
{
  MgTime due = e->video_model.begin + mg_now() - e->begun;
  if (e->begun == 0)
    return;
  while (encoder_video_dts(&e->video_model, e->n_video) <= due)
    e->n_video++;
  while (encoder_audio_pts(&e->audio_model, e->n_audio) <= due)
    e->n_audio++;
}

/* --- what comes out ------------------------------------------------------------------------------ */

static void
collect(Feed *feed, const char *id, GArray *packets)
{
  for (MgBuffer *buffer; (buffer = mg_harness_pull(feed->h, id)) != NULL;) {
    const MgSlice *slice = &buffer->slices[buffer->n_slices - 1];
    const guint8 *end = mg_slice_bytes(slice) + slice->size;
    Packet packet = { buffer->dts,
                      buffer->pts,
                      mg_now(),
                      buffer->flags,
                      0,
                      buffer->size,
                      mg_stream_ref(buffer->stream) };
    for (gsize i = MIN(slice->size, 4); i > 0; i--)
      packet.number = packet.number << 8 | end[-(gssize) i];
    g_array_append_val(packets, packet);
    mg_buffer_unref(buffer);
  }
}

void
feed_run(Feed *feed, MgTime duration)
{
  for (MgTime end = mg_now() + duration; mg_now() < end;) {
    for (guint i = 0; i < FEED_ENCODERS; i++) {
      Encoder *e = &feed->encoders[i];
      if (e->is_sending)
        send_due(feed, e);
      else
        skip_due(e);
    }
    mg_harness_advance(feed->h, STEP);
    collect(feed, "video", feed->video);
    collect(feed, "audio", feed->audio);
  }
}

const Packet *
feed_video(Feed *feed, guint index)
{
  g_assert_cmpuint(index, <, feed->video->len);
  return &g_array_index(feed->video, Packet, index);
}

const Packet *
feed_audio(Feed *feed, guint index)
{
  g_assert_cmpuint(index, <, feed->audio->len);
  return &g_array_index(feed->audio, Packet, index);
}

const Packet *
feed_last(GArray *packets)
{
  g_assert_cmpuint(packets->len, >, 0);
  return &g_array_index(packets, Packet, packets->len - 1);
}

guint
feed_count(GArray *packets, guint from, guint flag, guint *first)
{
  guint n = 0;
  for (guint i = from; i < packets->len; i++) {
    if ((g_array_index(packets, Packet, i).flags & flag) == 0)
      continue;
    if (n++ == 0 && first != NULL)
      *first = i;
  }
  return n;
}

static void
check(GArray *packets)
{
  MgTime newest = -1;
  for (guint i = 0; i < packets->len; i++) {
    const Packet *packet = &g_array_index(packets, Packet, i);
    g_assert_cmpint(packet->pts, >=, packet->dts);
    if (packet->flags & MG_BUFFER_DISCONT)
      g_assert_cmphex(packet->flags & MG_BUFFER_KEY, ==, MG_BUFFER_KEY);
    if (i > 0)
      g_assert_cmpint(packet->dts, >, packet[-1].dts);
    if (packet->flags & MG_BUFFER_DISCONT)
      g_assert_cmpint(packet->pts, >, newest);
    newest = MAX(newest, packet->pts);
  }
}

void
feed_check(Feed *feed)
{
  check(feed->video);
  check(feed->audio);
}
