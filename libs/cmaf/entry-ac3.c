/* ac-3 and ec-3 (ETSI TS 102 366 annex F). */
#include "cmaf/entry.h"

static const MgCmafConfigBox dac3 = { .type = "dac3" };
static const MgCmafConfigBox dec3 = { .type = "dec3" };

static gboolean
write_entry(MgCmafTrack *track, const char *type, const MgCmafConfigBox *config, MgWriter *out,
            GError **error)
{
  MgAnyFacts facts;
  if (!mg_cmaf_audio_fill(track, &facts, error))
    return FALSE;
  gsize entry = mg_cmaf_audio_begin(out, type, track, 16);
  gsize box = mg_box_begin(out, config->type);
  mg_any_config_adopt(track->codec, track->config, track->config_size, out, NULL);
  mg_box_end(out, box);
  mg_cmaf_audio_end(out, entry, track);
  return TRUE;
}

static gboolean
write_ac3(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  return write_entry(track, "ac-3", &dac3, out, error);
}

static gboolean
write_eac3(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  return write_entry(track, "ec-3", &dec3, out, error);
}

static gboolean
read_ac3(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_audio_read(body, track) && mg_cmaf_config_read(body, &dac3, track);
}

static gboolean
read_eac3(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_audio_read(body, track) && mg_cmaf_config_read(body, &dec3, track);
}

const MgCmafEntry mg_cmaf_entry_ac3 = {
  .codec = MG_CMAF_AC3,
  .is_video = FALSE,
  .write = write_ac3,
  .read = read_ac3,
};

const MgCmafEntry mg_cmaf_entry_eac3 = {
  .codec = MG_CMAF_EAC3,
  .is_video = FALSE,
  .write = write_eac3,
  .read = read_eac3,
};
