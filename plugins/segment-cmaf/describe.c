#include "describe.h"

#include <bytes/writer.h>
#include <cmaf/init.h>
#include <codec/aac.h>
#include <codec/h264.h>

#include <string.h>

/* Divides evenly by 24, 25, 30, 50 and 60 fps and by milliseconds, which RTMP's stamps are. */
enum { VIDEO_TIMESCALE = 90000 };

typedef struct {
  MgCmafTrack track;
  char *codecs;
  guint32 frame_ticks;
} Codec;

static gboolean
describe_h264(const MgStreamInfo *info, Codec *c, GError **error)
{
  MgH264Config config;
  if (!mg_h264_config_parse(info->config->bytes, info->config->size, &config, error))
    return FALSE;
  c->track.timescale = VIDEO_TIMESCALE;
  c->codecs = mg_h264_codec_string(&config);
  if (info->frame_rate.num > 0)
    c->frame_ticks =
        (guint32) ((guint64) VIDEO_TIMESCALE * info->frame_rate.den / info->frame_rate.num);
  return TRUE;
}

static gboolean
describe_aac(const MgStreamInfo *info, Codec *c, GError **error)
{
  MgAacConfig config;
  if (!mg_aac_config_parse(info->config->bytes, info->config->size, &config, error))
    return FALSE;
  c->track.timescale = config.output_rate;
  c->codecs = g_strdup(mg_aac_codec_string(&config));
  c->frame_ticks = config.frame_samples;
  return TRUE;
}

static gboolean
describe_codec(const MgStreamInfo *info, Codec *c, GError **error)
{
  if (info->config == NULL) {
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "it came without a decoder configuration");
    return FALSE;
  }
  switch (info->codec) {
  case MG_CODEC_H264: return describe_h264(info, c, error);
  case MG_CODEC_AAC: return describe_aac(info, c, error);
  default:
    g_set_error(error, MG_ERROR, MG_ERROR_UNSUPPORTED, "its codec cannot be put into CMAF here");
    return FALSE;
  }
}

static void
fill_track(const MgStreamInfo *info, MgCmafTrack *track)
{
  track->track_id = 1;
  track->codec = info->codec;
  track->config = info->config->bytes;
  track->config_size = info->config->size;
  track->bitrate = info->bitrate;
  if (info->sar.num > 0 && info->sar.den > 0) {
    track->sar_width = info->sar.num;
    track->sar_height = info->sar.den;
  }
  if (info->language != NULL)
    g_strlcpy(track->language, info->language, sizeof track->language);
}

static MgStream *
make_stream(const MgStreamInfo *info, const Codec *c, MgWriter *init)
{
  g_autoptr(MgData) data = mg_data_new_copy(init->data, init->size);
  MgStreamInfo chunk = *info;
  chunk.form = MG_FORM_CHUNK;
  chunk.codecs = c->codecs;
  chunk.timescale = c->track.timescale;
  chunk.init = data;
  return data ? mg_stream_new(&chunk) : NULL;
}

gboolean
describe_stream(MgStream *stream, Described *d, GError **error)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  g_auto(MgWriter) init = MG_WRITER_INIT;
  Codec c = { 0 };
  gboolean ok = describe_codec(info, &c, error);
  if (ok) {
    fill_track(info, &c.track);
    ok = mg_cmaf_init_write(&c.track, 1, &init, error);
  }
  if (ok) {
    *d = (Described){ make_stream(info, &c, &init), c.track.timescale, c.frame_ticks };
    ok = d->stream != NULL;
  }
  g_free(c.codecs);
  g_autofree char *what = ok ? NULL : mg_stream_describe(stream);
  if (!ok)
    g_prefix_error(error, "track '%s' (%s): ", info->id, what);
  return ok;
}
