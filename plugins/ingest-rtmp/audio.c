/* AAC in classic FLV audio tags. */
#include "track.h"

#include <rtmp/flv.h>
#include <timeline/ticks.h>

/* Configurations are five bytes or so; longer ones hold a program config element, or rubbish. */
enum { MOST_CONFIG_BYTES = 64 };

static void
declare(Audio *audio, const MgAacConfig *config, const guint8 *asc, gsize size)
{
  audio->config = *config;
  audio->track.frame = mg_time_from_ticks(config->frame_samples, config->output_rate);
  g_autoptr(MgData) data = mg_data_new_copy(asc, size);
  MgStreamInfo info = {
    .codec = MG_CODEC_AAC,
    .config = data,
    .sample_rate = config->output_rate,
    .channels = config->channels,
    .bitrate = (guint) (audio->track.media->metadata.audio_kbps * 1000),
  };
  if (data != NULL)
    track_declare(&audio->track, &info);
}

static void
take_config(Audio *audio, const guint8 *asc, gsize size)
{
  MgAacConfig config;
  g_autoptr(GError) error = NULL;
  if (!mg_aac_config_parse(asc, size, &config, &error)) {
    track_drop(&audio->track, error->message);
    return;
  }
  if (audio->track.stream != NULL && mg_aac_config_equal(&audio->config, &config))
    return;
  g_auto(MgWriter) canonical = MG_WRITER_INIT;
  if (size <= MOST_CONFIG_BYTES) {
    declare(audio, &config, asc, size);
  } else if (config.channel_config != 0) {
    mg_aac_config_write(&config, &canonical);
    declare(audio, &config, canonical.data, canonical.size);
  } else {
    track_drop(&audio->track, "its configuration is too long");
  }
}

static void
take_frame(Audio *audio, MgRtmpMessage *message, gsize offset, MgTime arrival)
{
  if (audio->track.stream == NULL) {
    track_drop(&audio->track, "no AAC configuration has come yet");
    return;
  }
  Packet packet = {
    .payload = track_take_payload(message, offset),
    .flags = MG_BUFFER_KEY,
    .timestamp_ms = message->timestamp,
    .arrival = arrival,
  };
  if (packet.payload.data != NULL)
    track_push(&audio->track, &packet);
  else
    track_drop(&audio->track, "no memory");
}

static void
count_unknown(Audio *audio, const MgFlvAudio *tag)
{
  char fourcc[5];
  mg_flv_fourcc_text(tag->fourcc, fourcc);
  if (tag->kind == MG_FLV_OTHER)
    track_count_unknown(&audio->track, mg_flv_audio_codec_name(tag->codec));
  else
    track_count_unknown(&audio->track, tag->fourcc != 0 ? fourcc : "multitrack");
}

void
media_take_audio(Media *m, MgRtmpMessage *message, MgTime arrival)
{
  g_autoptr(GError) error = NULL;
  Audio *audio = &m->audio;
  MgFlvAudio tag;
  if (!mg_flv_audio_parse(message->data, message->size, &tag, &error)) {
    track_drop(&audio->track, error->message);
    mg_data_unref(g_steal_pointer(&message->block));
    return;
  }
  MgReader body = MG_READER(message->data, message->size);
  mg_reader_skip(&body, tag.offset);
  gsize size = mg_reader_left(&body);
  switch (tag.kind) {
  case MG_FLV_CONFIG: take_config(audio, mg_reader_take(&body, size), size); break;
  case MG_FLV_FRAME: take_frame(audio, message, tag.offset, arrival); break;
  case MG_FLV_OTHER:
  case MG_FLV_ENHANCED: count_unknown(audio, &tag); break;
  case MG_FLV_EMPTY:
  case MG_FLV_END:
  case MG_FLV_COMMAND: break;
  }
  mg_data_unref(g_steal_pointer(&message->block));
}
