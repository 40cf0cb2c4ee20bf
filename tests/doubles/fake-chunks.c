#include "doubles/fake-chunks.h"

#include <string.h>

static MgStream *
make(MgStreamInfo info, const char *init)
{
  g_autoptr(MgData) data = mg_data_new_copy(init, strlen(init));
  info.size = sizeof info;
  info.form = MG_FORM_CHUNK;
  info.init = data;
  return mg_stream_new(&info);
}

MgStream *
mg_fake_video(const char *id)
{
  return make(
      (MgStreamInfo){
          .id = id,
          .media = MG_MEDIA_VIDEO,
          .codec = MG_CODEC_H264,
          .width = 640,
          .height = 360,
          .codecs = "avc1.64001e",
          .timescale = 90000,
      },
      "video header");
}

MgStream *
mg_fake_audio(const char *id)
{
  return make(
      (MgStreamInfo){
          .id = id,
          .media = MG_MEDIA_AUDIO,
          .codec = MG_CODEC_AAC,
          .sample_rate = 48000,
          .channels = 2,
          .codecs = "mp4a.40.2",
          .timescale = 48000,
      },
      "audio header");
}

MgStream *
mg_fake_stream_like(MgStream *stream, void (*edit)(MgStreamInfo *info))
{
  MgStreamInfo info = *mg_stream_info(stream);
  edit(&info);
  return mg_stream_new(&info);
}

static gint64
ticks(gint64 ms, MgStream *stream)
{
  return ms * mg_stream_info(stream)->timescale / 1000;
}

MgBuffer *
mg_fake_chunk(MgStream *stream, const MgFakeChunk *c)
{
  gsize size = c->bytes ? c->bytes : (gsize) c->duration_ms * 125;
  guint flags =
      c->flags ? c->flags : MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_ENDS_SEGMENT | MG_CHUNK_INDEPENDENT;
  MgData *data = mg_data_new(size);
  memset(data->bytes, mg_stream_info(stream)->id[0], size);
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  mg_buffer_append(buffer, data, 0, size);
  buffer->flags = MG_BUFFER_KEY;
  buffer->pts = buffer->dts = c->start_ms * MG_MILLISECOND;
  buffer->duration = c->duration_ms * MG_MILLISECOND;
  *mg_buffer_make_chunk(buffer) = (MgChunk){
    .flags = flags,
    .segment = c->number,
    .discontinuity = c->discontinuity,
    .start = ticks(c->start_ms, stream),
    .duration = ticks(c->duration_ms, stream),
    .epoch_utc_us = MG_FAKE_EPOCH_US,
    .period_start = ticks(c->period_start_ms, stream),
    .target_ms = 4000,
    .part_target_us = c->part_ms * 1000,
    .header_size = c->first_bytes > 0 ? 10 : 0,
    .first_size = c->first_bytes,
    .n_samples = c->n_samples ? c->n_samples : (guint) (c->duration_ms / 40),
  };
  return buffer;
}
