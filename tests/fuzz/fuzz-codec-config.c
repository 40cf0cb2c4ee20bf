/*
 * A configuration of any codec: the first byte says which (an index into the list below), the rest is
 * parsed. The same bytes also serve as a packet that a configuration is made of.
 */
#include "codec/any.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static const guint32 codecs[] = {
  MG_ANY_H264, MG_ANY_HEVC, MG_ANY_VVC,  MG_ANY_AV1, MG_ANY_VP8,  MG_ANY_VP9,
  MG_ANY_AAC,  MG_ANY_OPUS, MG_ANY_FLAC, MG_ANY_AC3, MG_ANY_EAC3, MG_ANY_MP3,
};

static void
check_facts(const MgAnyFacts *f)
{
  g_assert_cmpstr(f->codecs, !=, "");
  if (f->is_video) {
    g_assert_true(f->bit_depth >= 8 && f->bit_depth <= 16);
    g_assert_true((f->width > 0) == (f->height > 0));
    g_assert_true((f->sar.num > 0) == (f->sar.den > 0));
    g_assert_true((f->frame_rate.num > 0) == (f->frame_rate.den > 0));
  } else {
    g_assert_true(f->sample_rate > 0 && f->channels > 0);
  }
}

/* What was accepted is adopted, means the same, and stays as it is when it is adopted again. */
static void
check(guint32 codec, const guint8 *config, gsize size)
{
  MgAnyFacts facts, again;
  if (!mg_any_facts(codec, config, size, &facts, NULL))
    return;
  g_auto(MgWriter) once = MG_WRITER_INIT, twice = MG_WRITER_INIT;
  check_facts(&facts);
  g_assert_true(mg_any_config_adopt(codec, config, size, &once, NULL));
  g_assert_true(mg_any_facts(codec, once.data, once.size, &again, NULL));
  g_assert_cmpstr(facts.codecs, ==, again.codecs);
  g_assert_true(mg_any_config_equal(codec, config, size, once.data, once.size));
  g_assert_true(mg_any_config_adopt(codec, once.data, once.size, &twice, NULL));
  g_assert_cmpmem(once.data, once.size, twice.data, twice.size);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  if (size == 0)
    return 0;
  g_auto(MgWriter) made = MG_WRITER_INIT;
  guint32 codec = codecs[data[0] % G_N_ELEMENTS(codecs)];
  check(codec, data + 1, size - 1);
  if (mg_any_config_make(codec, data + 1, size - 1, MG_NAL_ANNEX_B, &made, NULL)) {
    MgAnyFacts facts;
    g_assert_true(mg_any_facts(codec, made.data, made.size, &facts, NULL));
    check(codec, made.data, made.size);
  }
  return 0;
}
