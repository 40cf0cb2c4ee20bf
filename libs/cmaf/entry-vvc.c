/* vvc1: VVC with its parameter sets out of band (ISO/IEC 14496-15 clause 11.2). */
#include "cmaf/entry.h"

static const MgCmafConfigBox vvcc = { .type = "vvcC", .is_full = TRUE };

static gboolean
write_vvc(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  return mg_cmaf_visual_write(track, "vvc1", &vvcc, out, error);
}

static gboolean
read_vvc(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_visual_read(body, &vvcc, track);
}

const MgCmafEntry mg_cmaf_entry_vvc = {
  .codec = MG_CMAF_VVC,
  .is_video = TRUE,
  .write = write_vvc,
  .read = read_vvc,
};
