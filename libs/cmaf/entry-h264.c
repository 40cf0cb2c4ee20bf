/* avc1: H.264 with its parameter sets out of band (ISO/IEC 14496-15 clause 5.4). */
#include "cmaf/entry.h"
#include "codec/h264.h"

enum { MOST_SIDE = 65535, UNSPECIFIED = 2 };

/* BT.709 or unsaid; standard definition may also be BT.601 of either kind (5, 6). */
static gboolean
has_code_point(guint8 point, gboolean is_sd)
{
  return point == 1 || point == UNSPECIFIED || (is_sd && (point == 5 || point == 6));
}

/* The AVC media profiles (ISO/IEC 23000-19 table A.1), each within the bounds of the next. */
static const char *
profile_brand(const MgH264Sps *video)
{
  static const struct {
    const char *brand;
    guint level, width, height;
  } profiles[] = { { "cfsd", 31, 864, 576 },
                   { "cfhd", 40, 1920, 1080 },
                   { "chdf", 42, 1920, 1080 } };
  gboolean is_plain = (video->profile == 66 || video->profile == 77 || video->profile == 100) &&
                      video->chroma_format == 1 && !video->is_interlaced &&
                      !video->colour.is_full_range;
  guint64 num = video->frame_rate.num, den = video->frame_rate.den;
  for (guint i = 0; i < G_N_ELEMENTS(profiles) && is_plain && num <= 60 * den; i++) {
    const MgCodecColour *colour = &video->colour;
    if (video->level <= profiles[i].level && video->width <= profiles[i].width &&
        video->height <= profiles[i].height && has_code_point(colour->primaries, i == 0) &&
        has_code_point(colour->transfer, i == 0) && has_code_point(colour->matrix, i == 0))
      return profiles[i].brand;
  }
  return NULL;
}

static gboolean
fill_in(MgCmafTrack *track, const MgH264Sps *video, GError **error)
{
  if (track->width == 0 || track->height == 0) {
    track->width = video->width;
    track->height = video->height;
  }
  if (track->sar_width == 0 || track->sar_height == 0) {
    track->sar_width = video->sar.num;
    track->sar_height = video->sar.den;
  }
  if (track->width <= MOST_SIDE && track->height <= MOST_SIDE)
    return TRUE;
  g_set_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_TOO_LARGE,
              "a picture of %ux%u does not fit a sample entry", track->width, track->height);
  return FALSE;
}

static gboolean
write_h264(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgH264Config config;
  if (!mg_h264_config_parse(track->config, track->config_size, &config, error) ||
      !fill_in(track, &config.video, error))
    return FALSE;
  *brand = profile_brand(&config.video);
  gsize entry = mg_cmaf_visual_begin(out, "avc1", track);
  gsize avcc = mg_box_begin(out, "avcC");
  mg_h264_config_write(&config, out);
  mg_box_end(out, avcc);
  mg_cmaf_visual_optional(out, track, &config.video.colour);
  mg_box_end(out, entry);
  return TRUE;
}

static gboolean
read_h264(MgReader *body, MgCmafTrack *track)
{
  MgBox avcc;
  if (!mg_cmaf_visual_read(body, track) || !mg_box_find(body, "avcC", &avcc))
    return FALSE;
  track->config_size = mg_reader_left(&avcc.body);
  track->config = mg_reader_take(&avcc.body, track->config_size);
  return TRUE;
}

const MgCmafEntry mg_cmaf_entry_h264 = {
  .codec = MG_CMAF_H264,
  .is_video = TRUE,
  .write = write_h264,
  .read = read_h264,
};
