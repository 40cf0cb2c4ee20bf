/* av01 (AV1 Codec ISO Media File Format Binding); the binding has a brand, too. */
#include "cmaf/entry.h"

static const MgCmafConfigBox av1c = { .type = "av1C" };

static gboolean
write_av1(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  *brand = "av01";
  return mg_cmaf_visual_write(track, "av01", &av1c, out, error);
}

static gboolean
read_av1(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_visual_read(body, &av1c, track);
}

const MgCmafEntry mg_cmaf_entry_av1 = {
  .codec = MG_CMAF_AV1,
  .is_video = TRUE,
  .write = write_av1,
  .read = read_av1,
};
