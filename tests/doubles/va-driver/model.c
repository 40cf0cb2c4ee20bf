/* The tables of what each model offers. */
#include "va-driver/model.h"

enum {
  RATES = VA_RC_CQP | VA_RC_CBR | VA_RC_VBR,
  PACKED = VA_ENC_PACKED_HEADER_SEQUENCE | VA_ENC_PACKED_HEADER_PICTURE |
           VA_ENC_PACKED_HEADER_SLICE | VA_ENC_PACKED_HEADER_MISC | VA_ENC_PACKED_HEADER_RAW_DATA,
  YUV8 = VA_RT_FORMAT_YUV420,
  YUV10 = VA_RT_FORMAT_YUV420 | VA_RT_FORMAT_YUV420_10,
};

/* PROFILE, entry point, formats, rate controls, packed headers, references, largest size. */
static const MgVaAbility INTEL[] = {
  { VAProfileNone, VAEntrypointVideoProc, YUV10, 0, 0, 0, 0, 8192, 8192 },
  { VAProfileH264ConstrainedBaseline, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264ConstrainedBaseline, VAEntrypointEncSlice, YUV8, RATES, PACKED, 4, 1, 4096, 4096 },
  { VAProfileH264ConstrainedBaseline, VAEntrypointEncSliceLP, YUV8, VA_RC_CQP, PACKED, 3, 0, 4096,
    4096 },
  { VAProfileH264Main, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264Main, VAEntrypointEncSlice, YUV8, RATES, PACKED, 4, 1, 4096, 4096 },
  { VAProfileH264Main, VAEntrypointEncSliceLP, YUV8, VA_RC_CQP, PACKED, 3, 0, 4096, 4096 },
  { VAProfileH264High, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264High, VAEntrypointEncSlice, YUV8, RATES, PACKED, 4, 1, 4096, 4096 },
  { VAProfileH264High, VAEntrypointEncSliceLP, YUV8, VA_RC_CQP, PACKED, 3, 0, 4096, 4096 },
};

static const MgVaAbility MESA[] = {
  { VAProfileNone, VAEntrypointVideoProc, YUV10, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264ConstrainedBaseline, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264ConstrainedBaseline, VAEntrypointEncSlice, YUV8, RATES, 0, 1, 0, 4096, 2304 },
  { VAProfileH264Main, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264Main, VAEntrypointEncSlice, YUV8, RATES, 0, 1, 0, 4096, 2304 },
  { VAProfileH264High, VAEntrypointVLD, YUV8, 0, 0, 0, 0, 4096, 4096 },
  { VAProfileH264High, VAEntrypointEncSlice, YUV8, RATES, 0, 1, 0, 4096, 2304 },
};

static const MgVaModel MODELS[] = {
  { "intel-like", "mediagraph VA-API double, intel-like", INTEL, G_N_ELEMENTS(INTEL) },
  { "mesa-like", "mediagraph VA-API double, mesa-like", MESA, G_N_ELEMENTS(MESA) },
};

const MgVaModel *
mg_va_model_find(const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS(MODELS); i++)
    if (g_str_equal(MODELS[i].name, name))
      return &MODELS[i];
  return NULL;
}

const MgVaAbility *
mg_va_model_ability(const MgVaModel *model, VAProfile profile, VAEntrypoint entrypoint)
{
  for (guint i = 0; i < model->n_abilities; i++)
    if (model->abilities[i].profile == profile && model->abilities[i].entrypoint == entrypoint)
      return &model->abilities[i];
  return NULL;
}

static guint32
encoder_attribute(const MgVaAbility *ability, VAConfigAttribType type)
{
  switch (type) {
  case VAConfigAttribRateControl: return ability->rate_controls;
  case VAConfigAttribEncPackedHeaders: return ability->packed_headers;
  case VAConfigAttribEncMaxRefFrames: return ability->max_l0 | ability->max_l1 << 16;
  case VAConfigAttribEncMaxSlices: return 1;
  case VAConfigAttribMaxPictureWidth: return ability->max_width;
  case VAConfigAttribMaxPictureHeight: return ability->max_height;
  default: return VA_ATTRIB_NOT_SUPPORTED;
  }
}

guint32
mg_va_ability_attribute(const MgVaAbility *ability, VAConfigAttribType type)
{
  if (type == VAConfigAttribRTFormat)
    return ability->rt_formats;
  return ability->rate_controls != 0 ? encoder_attribute(ability, type) : VA_ATTRIB_NOT_SUPPORTED;
}
