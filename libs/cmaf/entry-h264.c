/* avc1: H.264 with its parameter sets out of band (ISO/IEC 14496-15 clause 5.4). */
#include "cmaf/entry.h"
#include "codec/h264.h"

/* BT.709 or unsaid; standard definition may also be BT.601 of either kind (5, 6). */
static gboolean
has_code_point(guint8 point, gboolean is_sd)
{
  return point == 1 || point == MG_CODEC_UNSPECIFIED || (is_sd && (point == 5 || point == 6));
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

static const MgCmafConfigBox avcc = { .type = "avcC" };

static gboolean
write_h264(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgH264Config config;
  if (!mg_cmaf_visual_write(track, "avc1", &avcc, out, error) ||
      !mg_h264_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  *brand = profile_brand(&config.video);
  return TRUE;
}

static gboolean
read_h264(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_visual_read(body, &avcc, track);
}

const MgCmafEntry mg_cmaf_entry_h264 = {
  .codec = MG_CMAF_H264,
  .is_video = TRUE,
  .write = write_h264,
  .read = read_h264,
};
