/* fLaC (Encapsulation of FLAC in ISO Base Media File Format). */
#include "cmaf/entry.h"
#include "codec/flac.h"

enum { HIGHEST_ENTRY_RATE = 65535 };

static const MgCmafConfigBox dfla = { .type = "dfLa", .is_full = TRUE };

/* A rate that the entry cannot hold stands there divided, as 48 kHz for 96 and 192 kHz. */
static MgCmafTrack
with_entry_rate(const MgCmafTrack *track)
{
  MgCmafTrack entry = *track;
  while (entry.sample_rate > HIGHEST_ENTRY_RATE)
    entry.sample_rate /= 2;
  return entry;
}

static gboolean
write_flac(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgAnyFacts facts;
  MgFlacConfig config;
  if (!mg_cmaf_audio_fill(track, &facts, error) ||
      !mg_flac_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  MgCmafTrack with_rate = with_entry_rate(track);
  gsize entry = mg_cmaf_audio_begin(out, "fLaC", &with_rate, config.bit_depth);
  gsize box = mg_full_box_begin(out, dfla.type, 0, 0);
  mg_flac_box_write(&config, out);
  mg_box_end(out, box);
  mg_cmaf_audio_end(out, entry, track);
  return TRUE;
}

static gboolean
read_flac(MgReader *body, MgCmafTrack *track)
{
  MgFlacConfig config;
  if (!mg_cmaf_audio_read(body, track) || !mg_cmaf_config_read(body, &dfla, track) ||
      !mg_flac_config_parse(track->config, track->config_size, &config, NULL))
    return FALSE;
  track->sample_rate = config.sample_rate;
  return TRUE;
}

const MgCmafEntry mg_cmaf_entry_flac = {
  .codec = MG_CMAF_FLAC,
  .is_video = FALSE,
  .write = write_flac,
  .read = read_flac,
};
