/* An avcC; the same bytes also serve as an access unit with start codes. */
#include "codec/h264.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* What was accepted is written canonically, and means the same. */
static void
check(const MgH264Config *config)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  MgH264Config back;
  g_autofree char *codecs = mg_h264_codec_string(config);
  g_assert(config->video.width > 0 && config->video.height > 0 && config->video.max_reorder <= 16);
  g_assert(g_str_has_prefix(codecs, "avc1."));
  mg_h264_config_write(config, &w);
  g_assert(mg_h264_config_parse(w.data, w.size, &back, NULL));
  g_assert(mg_h264_config_equal(config, &back));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_auto(MgWriter) avcc = MG_WRITER_INIT;
  MgH264Config config;
  if (mg_h264_config_parse(data, size, &config, NULL))
    check(&config);
  if (mg_h264_config_from_units(data, size, MG_NAL_ANNEX_B, &avcc, NULL)) {
    g_assert(mg_h264_config_parse(avcc.data, avcc.size, &config, NULL));
    check(&config);
  }
  return 0;
}
