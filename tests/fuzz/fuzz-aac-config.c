/* An AudioSpecificConfig. */
#include "codec/aac.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  MgAacConfig config, back;
  if (!mg_aac_config_parse(data, size, &config, NULL))
    return 0;
  g_assert(config.channels > 0 && config.core_rate > 0 && config.frame_samples >= 960);
  g_assert(g_str_has_prefix(mg_aac_codec_string(&config), "mp4a.40."));
  if (config.channel_config == 0)
    return 0;
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_aac_config_write(&config, &w);
  g_assert(mg_aac_config_parse(w.data, w.size, &back, NULL));
  g_assert(mg_aac_config_equal(&config, &back));
  return 0;
}
