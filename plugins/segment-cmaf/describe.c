#include "describe.h"

#include <bytes/writer.h>
#include <cmaf/init.h>
#include <codec/any.h>

#include <string.h>

/* Divides evenly by 24, 25, 30, 50 and 60 fps and by milliseconds, which RTMP's stamps are. */
enum { VIDEO_TIMESCALE = 90000 };

/* More than the head of any Opus packet or FLAC frame. */
enum { HEAD_BYTES = 32 };

static gboolean
read_config(const MgStreamInfo *info, MgAnyFacts *facts, GError **error)
{
  if (info->config == NULL) {
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "it came without a decoder configuration");
    return FALSE;
  }
  return mg_any_facts(info->codec, info->config->bytes, info->config->size, facts, error);
}

static guint32
frame_ticks(const MgStreamInfo *info, const MgAnyFacts *facts)
{
  if (!facts->is_video)
    return facts->frame_samples;
  if (info->frame_rate.num == 0)
    return 0;
  return (guint32) ((guint64) VIDEO_TIMESCALE * info->frame_rate.den / info->frame_rate.num);
}

/* What the producer knows better than the bitstream. */
static void
fill_picture(const MgStreamInfo *info, MgCmafTrack *track)
{
  const MgMastering *m = &info->mastering;
  track->width = info->width;
  track->height = info->height;
  if (info->sar.num > 0 && info->sar.den > 0) {
    track->sar_width = info->sar.num;
    track->sar_height = info->sar.den;
  }
  track->colour = (MgCodecColour){ info->colour.primaries, info->colour.transfer,
                                   info->colour.matrix, info->colour.is_full_range };
  track->hdr.mastering = (MgCodecMastering){
    .red = { m->red[0], m->red[1] },
    .green = { m->green[0], m->green[1] },
    .blue = { m->blue[0], m->blue[1] },
    .white = { m->white[0], m->white[1] },
    .max_luminance = m->max_luminance,
    .min_luminance = m->min_luminance,
  };
  track->hdr.light = (MgCodecLight){ info->light.max_content, info->light.max_frame_average };
}

static MgCmafTrack
make_track(const MgStreamInfo *info, const MgAnyFacts *facts)
{
  MgCmafTrack track = {
    .track_id = 1,
    .timescale = facts->is_video ? VIDEO_TIMESCALE : facts->sample_rate,
    .codec = info->codec,
    .config = info->config->bytes,
    .config_size = info->config->size,
    .bitrate = info->bitrate,
  };
  fill_picture(info, &track);
  track.n_speakers = info->speakers.n;
  memcpy(track.speakers, info->speakers.position, info->speakers.n);
  if (info->language != NULL)
    g_strlcpy(track.language, info->language, sizeof track.language);
  return track;
}

/* What the producer has not said and the configuration does, for those behind. */
static void
fill_info(const MgAnyFacts *facts, MgStreamInfo *info)
{
  const MgCodecColour *c = &facts->colour;
  if (info->width == 0 || info->height == 0) {
    info->width = facts->width;
    info->height = facts->height;
  }
  if (info->bit_depth == 0 && facts->is_video)
    info->bit_depth = facts->bit_depth;
  if (info->colour.primaries == 0 && !mg_codec_colour_is_unspecified(c))
    info->colour = (MgColour){ c->primaries, c->transfer, c->matrix, c->is_full_range };
  if (info->sample_rate == 0)
    info->sample_rate = facts->sample_rate;
  if (info->channels == 0)
    info->channels = facts->channels;
}

static MgStream *
make_stream(const MgStreamInfo *info, const MgAnyFacts *facts, guint32 timescale, MgWriter *init)
{
  g_autoptr(MgData) data = mg_data_new_copy(init->data, init->size);
  MgStreamInfo chunk = *info;
  fill_info(facts, &chunk);
  chunk.form = MG_FORM_CHUNK;
  chunk.codecs = facts->codecs;
  chunk.timescale = timescale;
  chunk.init = data;
  return data ? mg_stream_new(&chunk) : NULL;
}

static gboolean
describe(const MgStreamInfo *info, Described *d, GError **error)
{
  g_auto(MgWriter) init = MG_WRITER_INIT;
  MgAnyFacts facts;
  if (!read_config(info, &facts, error))
    return FALSE;
  MgCmafTrack track = make_track(info, &facts);
  if (!mg_cmaf_init_write(&track, 1, &init, error))
    return FALSE;
  *d = (Described){
    .stream = make_stream(info, &facts, track.timescale, &init),
    .timescale = track.timescale,
    .frame_ticks = frame_ticks(info, &facts),
    .frames_vary = !facts.is_video && facts.frame_samples == 0,
  };
  if (d->stream == NULL)
    g_set_error_literal(error, MG_ERROR, MG_ERROR_FAILED, "no memory for its init segment");
  return d->stream != NULL;
}

gboolean
describe_stream(MgStream *stream, Described *d, GError **error)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  if (describe(info, d, error))
    return TRUE;
  g_autofree char *what = mg_stream_describe(stream);
  g_prefix_error(error, "track '%s' (%s): ", info->id, what);
  return FALSE;
}

guint32
describe_packet(const MgStream *stream, const MgBuffer *packet)
{
  guint8 head[HEAD_BYTES];
  const MgAnyFacts facts = { 0 };
  MgAnyPacket said;
  gsize n = mg_buffer_copy_out(packet, head, sizeof head);
  return mg_any_packet(mg_stream_info(stream)->codec, &facts, head, n, &said) ? said.samples : 0;
}
