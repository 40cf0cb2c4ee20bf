/* Packets of sound. */
#include "track.h"

#include <codec/aac.h>
#include <timeline/ticks.h>

#include <string.h>

G_STATIC_ASSERT((int) MG_FLV_MOST_CHANNELS == (int) MG_MOST_SPEAKERS);

/* None, when there are not as many as the configuration has channels. */
static MgSpeakers
speakers_of(const Track *t)
{
  MgSpeakers speakers = { 0 };
  speakers.n = mg_flv_channels_positions(&t->channels, speakers.position);
  return t->facts.channels == 0 || t->facts.channels == speakers.n ? speakers : (MgSpeakers){ 0 };
}

static void
declare(Track *t)
{
  MgStreamInfo info = {
    .sample_rate = t->facts.sample_rate,
    .channels = t->facts.channels > 0 ? t->facts.channels : t->channels.n_channels,
    .bitrate = (guint) (media_metadata(t)->kbps * 1000),
    .speakers = speakers_of(t),
  };
  track_declare(t, &info);
}

/* FALSE: it cannot be used, and that has been said. */
static gboolean
use(Track *t, TrackConfig state, const GError *error)
{
  if (state == TRACK_CONFIG_BROKEN)
    track_drop(t, error->message);
  else if (state == TRACK_CONFIG_NEW)
    declare(t);
  return state != TRACK_CONFIG_BROKEN;
}

/* Those of AAC are five bytes or so; longer ones hold a program config element, or rubbish. */
static TrackConfig
take_long_aac_config(Track *t, const Piece *piece, GError **error)
{
  g_auto(MgWriter) canonical = MG_WRITER_INIT;
  MgAacConfig config;
  if (!mg_aac_config_parse(piece->data, piece->size, &config, error))
    return TRACK_CONFIG_BROKEN;
  if (config.channel_config == 0) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED, "its configuration is too long");
    return TRACK_CONFIG_BROKEN;
  }
  mg_aac_config_write(&config, &canonical);
  return track_take_config(t, MG_CODEC_AAC, canonical.data, canonical.size, error);
}

void
audio_take_config(Track *t, guint32 codec, const Piece *piece)
{
  enum { MOST_AAC_BYTES = 64 };
  g_autoptr(GError) error = NULL;
  if (!mg_flv_has_config(codec))
    return;
  TrackConfig state = codec == MG_CODEC_AAC && piece->size > MOST_AAC_BYTES
                          ? take_long_aac_config(t, piece, &error)
                          : track_take_config(t, codec, piece->data, piece->size, &error);
  use(t, state, error);
}

/* Which speakers the channels are meant for. */
void
audio_take_channels(Track *t, const Piece *piece)
{
  MgFlvChannels channels;
  if (!mg_flv_channels_parse(piece->data, piece->size, &channels)) {
    track_drop(t, "its channels do not add up");
    return;
  }
  t->channels = channels;
  if (t->stream == NULL)
    return;
  MgSpeakers now = speakers_of(t), before = mg_stream_info(t->stream)->speakers;
  if (now.n != before.n || memcmp(now.position, before.position, now.n) != 0)
    declare(t);
}

static MgTime
duration_of(const MgAnyFacts *facts, const MgAnyPacket *packet)
{
  guint samples = facts->frame_samples > 0 ? facts->frame_samples : packet->samples;
  return facts->sample_rate > 0 ? mg_time_from_ticks(samples, facts->sample_rate) : 0;
}

/* Whether the track has the configuration of this packet; else that has been said. */
static gboolean
has_config(Track *t, guint32 codec, const Piece *piece)
{
  g_autoptr(GError) error = NULL;
  if (!mg_flv_has_config(codec)) {
    TrackConfig state = track_make_config(t, codec, piece->data, piece->size, 0, &error);
    return use(t, state, error);
  }
  if (t->stream != NULL && t->codec == codec)
    return TRUE;
  track_drop_early(t, codec);
  return FALSE;
}

void
audio_take_frame(Track *t, guint32 codec, const Piece *piece)
{
  MgAnyPacket packet;
  if (!has_config(t, codec, piece))
    return;
  if (!mg_any_packet(codec, &t->facts, piece->data, piece->size, &packet)) {
    track_drop(t, "its packets are none of its codec");
    return;
  }
  Packet out = {
    .payload = track_payload(piece),
    .flags = MG_BUFFER_KEY,
    .timestamp_ms = piece->message->timestamp,
    .offset_ns = piece->part->offset_ns,
    .duration = duration_of(&t->facts, &packet),
    .arrival = piece->arrival,
  };
  if (out.payload.data != NULL)
    track_push(t, &out);
  else
    track_drop(t, "no memory");
}
