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
take_frame(Audio *audio, const MgFlvPart *part, const MgRtmpMessage *message, MgTime arrival)
{
  if (audio->track.stream == NULL) {
    track_drop(&audio->track, "no AAC configuration has come yet");
    return;
  }
  Packet packet = {
    .payload = track_payload(message, part->offset, part->size),
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
count_unknown(Audio *audio, const MgFlvPart *part)
{
  char fourcc[5];
  mg_flv_fourcc_text(part->fourcc, fourcc);
  track_count_unknown(&audio->track,
                      part->kind == MG_FLV_OTHER ? mg_flv_audio_codec_name(part->codec) : fourcc);
}

static void
take_part(Audio *audio, const MgFlvPart *part, const MgRtmpMessage *message, MgTime arrival)
{
  MgReader body = mg_flv_part_bytes(part, message->data, message->size);
  gboolean is_ours = part->fourcc == MG_FLV_AAC && part->track == 0;
  switch (part->kind) {
  case MG_FLV_CONFIG:
    if (is_ours)
      take_config(audio, mg_reader_take(&body, part->size), part->size);
    else
      count_unknown(audio, part);
    break;
  case MG_FLV_FRAME:
    if (is_ours)
      take_frame(audio, part, message, arrival);
    else
      count_unknown(audio, part);
    break;
  case MG_FLV_OTHER: count_unknown(audio, part); break;
  case MG_FLV_END:
  case MG_FLV_COMMAND:
  case MG_FLV_METADATA:
  case MG_FLV_CHANNELS:
  case MG_FLV_TS_CONFIG: break;
  }
}

void
media_take_audio(Media *m, MgRtmpMessage *message, MgTime arrival)
{
  g_autoptr(GError) error = NULL;
  MgFlvParts parts = mg_flv_audio_parts(message->data, message->size);
  MgFlvPart part;
  while (mg_flv_parts_next(&parts, &part, &error))
    take_part(&m->audio, &part, message, arrival);
  if (error != NULL)
    track_drop(&m->audio.track, error->message);
  mg_data_unref(g_steal_pointer(&message->block));
}
