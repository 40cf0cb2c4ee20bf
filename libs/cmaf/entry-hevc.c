/* hvc1: HEVC with its parameter sets out of band (ISO/IEC 14496-15 clause 8.4). */
#include "cmaf/entry.h"
#include "codec/hevc.h"

enum { MAIN = 1, MAIN_10 = 2, BT709 = 1, BT2020 = 9, PQ = 16, HLG = 18 };

static gboolean
is_bt709(const MgCodecColour *c)
{
  return (c->primaries == BT709 && c->transfer == BT709 && c->matrix == BT709) ||
         mg_codec_colour_is_unspecified(c);
}

/* The profiles of high dynamic range. */
static const char *
hdr_brand(const MgCodecColour *c)
{
  if (c->primaries != BT2020 || c->matrix != BT2020)
    return NULL;
  return c->transfer == PQ ? "chd1" : c->transfer == HLG ? "clg1" : NULL;
}

/* The HEVC media profiles (ISO/IEC 23000-19 table B.1): eight bits or ten, HD or UHD. */
static const char *
profile_brand(const MgHevcSps *video)
{
  const MgHevcProfile *p = &video->profile;
  guint64 num = video->frame_rate.num, den = video->frame_rate.den;
  gboolean is_hd = p->level <= 123 && video->width <= 1920 && video->height <= 1080;
  gboolean is_uhd = video->width <= 3840 && video->height <= 2160;
  if ((p->profile != MAIN && p->profile != MAIN_10) || p->is_high_tier || p->level > 153 ||
      !is_uhd || num > 60 * den || video->is_interlaced || video->colour.is_full_range)
    return NULL;
  if (!is_bt709(&video->colour))
    return p->profile == MAIN_10 ? hdr_brand(&video->colour) : NULL;
  if (is_hd)
    return p->profile == MAIN ? "chhd" : "chh1";
  if (p->profile == MAIN)
    return p->level <= 150 ? "cud8" : NULL;
  return "cud1";
}

static const MgCmafConfigBox hvcc = { .type = "hvcC" };

static gboolean
write_hevc(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgHevcConfig config;
  if (!mg_cmaf_visual_write(track, "hvc1", &hvcc, out, error) ||
      !mg_hevc_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  *brand = profile_brand(&config.video);
  return TRUE;
}

static gboolean
read_hevc(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_visual_read(body, &hvcc, track);
}

const MgCmafEntry mg_cmaf_entry_hevc = {
  .codec = MG_CMAF_HEVC,
  .is_video = TRUE,
  .write = write_hevc,
  .read = read_hevc,
};
