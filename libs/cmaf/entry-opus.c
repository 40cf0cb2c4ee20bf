/*
 * Opus (Encapsulation of Opus in ISO Base Media File Format). The pre-skip stands in dOps and nowhere
 * else: there is no edit list in a CMAF track, and a stream that is joined in its midst has no start to
 * skip.
 */
#include "cmaf/entry.h"
#include "codec/opus.h"

static const MgCmafConfigBox dops = { .type = "dOps" };

static gboolean
write_opus(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgAnyFacts facts;
  MgOpusConfig config;
  if (!mg_cmaf_audio_fill(track, &facts, error) ||
      !mg_opus_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  gsize entry = mg_cmaf_audio_begin(out, "Opus", track, 16);
  gsize box = mg_box_begin(out, dops.type);
  mg_opus_box_write(&config, out);
  mg_box_end(out, box);
  mg_cmaf_audio_end(out, entry, track);
  return TRUE;
}

static gboolean
read_opus(MgReader *body, MgCmafTrack *track)
{
  return mg_cmaf_audio_read(body, track) && mg_cmaf_config_read(body, &dops, track);
}

const MgCmafEntry mg_cmaf_entry_opus = {
  .codec = MG_CMAF_OPUS,
  .is_video = FALSE,
  .write = write_opus,
  .read = read_opus,
};
