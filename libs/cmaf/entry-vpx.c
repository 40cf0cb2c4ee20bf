/* vp08 and vp09 (VP Codec ISO Media File Format Binding). */
#include "cmaf/entry.h"

static const MgCmafConfigBox vpcc = { .type = "vpcC", .is_full = TRUE, .version = 1 };

static gboolean
write_vp8(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  return mg_cmaf_visual_write(track, "vp08", &vpcc, out, error);
}

static gboolean
write_vp9(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  return mg_cmaf_visual_write(track, "vp09", &vpcc, out, error);
}

static gboolean
read_vpx(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_visual_read(body, &vpcc, track);
}

const MgCmafEntry mg_cmaf_entry_vp8 = {
  .codec = MG_CMAF_VP8,
  .is_video = TRUE,
  .write = write_vp8,
  .read = read_vpx,
};

const MgCmafEntry mg_cmaf_entry_vp9 = {
  .codec = MG_CMAF_VP9,
  .is_video = TRUE,
  .write = write_vp9,
  .read = read_vpx,
};
