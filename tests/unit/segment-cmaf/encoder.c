#include "encoder.h"

#include <bytes/writer.h>

#include <string.h>

/* High 4.0, 1920x1080, 30000/1001, and Constrained Baseline 3.0, 640x360, 25. */
static const guint8 large[] = {
  0x01, 0x64, 0x00, 0x28, 0xff, 0xe1, 0x00, 0x1d, 0x67, 0x64, 0x00, 0x28, 0xac,
  0xd9, 0x40, 0x78, 0x02, 0x27, 0xe5, 0xc0, 0x5a, 0x80, 0x80, 0x80, 0xa0, 0x00,
  0x00, 0x7d, 0x20, 0x00, 0x1d, 0x4c, 0x01, 0xe3, 0x06, 0x32, 0xc0, 0x01, 0x00,
  0x06, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0, 0xfd, 0xf8, 0xf8, 0x00,
};
static const guint8 small[] = {
  0x01, 0x42, 0xc0, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00,
  0xa0, 0x2f, 0xf9, 0x70, 0x11, 0x00, 0x00, 0x03, 0x00, 0x01, 0x00, 0x00, 0x03, 0x00,
  0x32, 0x0f, 0x16, 0x2e, 0x48, 0x01, 0x00, 0x05, 0x68, 0xcb, 0x83, 0xcb, 0x20,
};

/* Beyond and below what a chunk copies instead of sharing it. */
enum { KEY_BYTES = 3000, FRAME_BYTES = 700, AUDIO_BYTES = 40 };

/* --- streams ----------------------------------------------------------------------------------- */

static MgStream *
make(MgStreamInfo info, const guint8 *config, gsize size)
{
  g_autoptr(MgData) data = mg_data_new_copy(config, size);
  info.size = sizeof info;
  info.form = MG_FORM_PACKET;
  info.config = data;
  return mg_stream_new(&info);
}

MgStream *
encoder_video(gboolean is_small)
{
  MgStreamInfo info = { .id = "video", .media = MG_MEDIA_VIDEO, .codec = MG_CODEC_H264 };
  info.width = is_small ? 640 : 1920;
  info.height = is_small ? 360 : 1080;
  return is_small ? make(info, small, sizeof small) : make(info, large, sizeof large);
}

MgStream *
encoder_audio(const AudioModel *model)
{
  static const guint8 lc_44100[] = { 0x12, 0x10 };
  static const guint8 lc_48000[] = { 0x11, 0x90 };
  static const guint8 he_48000[] = { 0x2b, 0x11, 0x88, 0x00 };
  const MgStreamInfo info = {
    .id = "audio",
    .media = MG_MEDIA_AUDIO,
    .codec = MG_CODEC_AAC,
    .sample_rate = model->rate,
    .channels = 2,
  };
  if (model->frame_samples == 2048)
    return make(info, he_48000, sizeof he_48000);
  return model->rate == 44100 ? make(info, lc_44100, sizeof lc_44100)
                              : make(info, lc_48000, sizeof lc_48000);
}

/* --- times ------------------------------------------------------------------------------------- */

static MgTime
as_sent(MgTime time, gboolean is_ms)
{
  return is_ms ? (time + MG_MILLISECOND / 2) / MG_MILLISECOND * MG_MILLISECOND : time;
}

static MgTime
frame_time(const VideoModel *m, guint64 frames)
{
  return m->begin + (MgTime) (frames * m->fps_den * MG_SECOND / m->fps_num);
}

MgTime
encoder_video_dts(const VideoModel *m, guint64 n)
{
  return as_sent(frame_time(m, n), m->is_ms);
}

/* Within a GOP, in coding order: I, then for each group its last frame, then those in between. */
static guint64
display_order(const VideoModel *m, guint64 n)
{
  guint64 first = n - n % m->gop, k = n % m->gop;
  if (k == 0 || m->b_frames == 0)
    return n;
  guint64 group = (k - 1) / (m->b_frames + 1), within = (k - 1) % (m->b_frames + 1);
  guint64 place = group * (m->b_frames + 1) + (within == 0 ? m->b_frames + 1 : within);
  return first + MIN(place, m->gop - 1); /* the last group of a GOP is the last frame alone */
}

MgTime
encoder_video_pts(const VideoModel *m, guint64 n)
{
  guint delay = m->b_frames > 0 ? 1 : 0;
  return as_sent(frame_time(m, display_order(m, n) + delay), m->is_ms);
}

gboolean
encoder_is_key(const VideoModel *m, guint64 n)
{
  return n % m->gop == 0;
}

MgTime
encoder_audio_pts(const AudioModel *m, guint64 n)
{
  return as_sent(m->begin + (MgTime) (n * m->frame_samples * MG_SECOND / m->rate), m->is_ms);
}

/* --- packets ----------------------------------------------------------------------------------- */

/* BODY is cleared. */
static MgBuffer *
make_packet(MgStream *stream, guint64 n, MgWriter *body, gsize size)
{
  mg_writer_zeros(body, size - body->size - 4);
  mg_writer_be32(body, (guint32) n);
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  mg_buffer_append(buffer, mg_data_new_copy(body->data, size), 0, size);
  buffer->arrival = mg_now();
  mg_writer_clear(body);
  return buffer;
}

MgBuffer *
encoder_video_packet(const VideoModel *m, MgStream *stream, guint64 n)
{
  gboolean is_key = encoder_is_key(m, n);
  gsize size = is_key ? KEY_BYTES : FRAME_BYTES;
  MgWriter body = MG_WRITER_INIT;
  mg_writer_be32(&body, (guint32) size - 4);
  mg_writer_u8(&body, is_key ? 0x65 : 0x41);
  MgBuffer *buffer = make_packet(stream, n, &body, size);
  buffer->dts = encoder_video_dts(m, n);
  buffer->pts = encoder_video_pts(m, n);
  buffer->flags = is_key ? MG_BUFFER_KEY : 0;
  return buffer;
}

MgBuffer *
encoder_audio_packet(const AudioModel *m, MgStream *stream, guint64 n)
{
  MgWriter body = MG_WRITER_INIT;
  MgBuffer *buffer = make_packet(stream, n, &body, AUDIO_BYTES);
  buffer->dts = buffer->pts = encoder_audio_pts(m, n);
  buffer->flags = MG_BUFFER_KEY;
  return buffer;
}
