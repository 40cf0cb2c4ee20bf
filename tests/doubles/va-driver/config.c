/* What the driver offers, and the configs an application chooses from it. */
#include "va-driver/types.h"

static VAStatus
query_profiles(VADriverContextP ctx, VAProfile *profiles, int *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryConfigProfiles");
  const MgVaModel *model = call.va->model;
  *n = 0;
  for (guint i = 0; i < model->n_abilities && !mg_va_failed(&call); i++)
    if (i == 0 || model->abilities[i].profile != model->abilities[i - 1].profile)
      profiles[(*n)++] = model->abilities[i].profile;
  return mg_va_leave(&call);
}

static VAStatus
query_entrypoints(VADriverContextP ctx, VAProfile profile, VAEntrypoint *entrypoints, int *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryConfigEntrypoints");
  const MgVaModel *model = call.va->model;
  *n = 0;
  for (guint i = 0; i < model->n_abilities && !mg_va_failed(&call); i++)
    if (model->abilities[i].profile == profile)
      entrypoints[(*n)++] = model->abilities[i].entrypoint;
  if (*n == 0)
    mg_va_fail(&call, VA_STATUS_ERROR_UNSUPPORTED_PROFILE, "profile %d", profile);
  return mg_va_leave(&call);
}

static const MgVaAbility *
find_ability(MgVaCall *call, VAProfile profile, VAEntrypoint entrypoint)
{
  const MgVaAbility *ability = mg_va_model_ability(call->va->model, profile, entrypoint);
  if (ability == NULL)
    mg_va_fail(call, VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT, "profile %d has no entry point %d",
               profile, entrypoint);
  return mg_va_failed(call) ? NULL : ability;
}

static VAStatus
get_attributes(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint,
               VAConfigAttrib *attributes, int n)
{
  MgVaCall call = mg_va_enter(ctx, "vaGetConfigAttributes");
  const MgVaAbility *ability = find_ability(&call, profile, entrypoint);
  for (int i = 0; i < n && ability != NULL; i++)
    attributes[i].value = mg_va_ability_attribute(ability, attributes[i].type);
  return mg_va_leave(&call);
}

/* Takes one attribute of a config that is being made; all of its bits must be on offer. */
static gboolean
choose(MgVaCall *call, MgVaConfig *config, const VAConfigAttrib *attribute)
{
  guint32 offered = mg_va_ability_attribute(config->ability, attribute->type);
  if (offered == VA_ATTRIB_NOT_SUPPORTED || (attribute->value & ~offered) != 0)
    return mg_va_fail(
        call,
        attribute->type == VAConfigAttribRTFormat ? VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT
                                                  : VA_STATUS_ERROR_ATTR_NOT_SUPPORTED,
        "attribute %d: 0x%x is not within 0x%x", attribute->type, attribute->value, offered);
  switch (attribute->type) {
  case VAConfigAttribRTFormat: config->rt_format = attribute->value; break;
  case VAConfigAttribRateControl: config->rate_control = attribute->value; break;
  case VAConfigAttribEncPackedHeaders: config->packed_headers = attribute->value; break;
  default: break;
  }
  return TRUE;
}

static VAStatus
create_config(VADriverContextP ctx, VAProfile profile, VAEntrypoint entrypoint,
              VAConfigAttrib *attributes, int n, VAConfigID *id)
{
  MgVaCall call = mg_va_enter(ctx, "vaCreateConfig");
  *id = VA_INVALID_ID;
  MgVaConfig config = { .ability = find_ability(&call, profile, entrypoint) };
  if (config.ability != NULL)
    config.rt_format = config.ability->rt_formats;
  for (int i = 0; i < n && !mg_va_failed(&call); i++)
    choose(&call, &config, &attributes[i]);
  if (!mg_va_failed(&call))
    *id = mg_va_add(&call, MG_VA_CONFIG, g_memdup2(&config, sizeof config), g_free);
  mg_va_note(&call, "0x%08x profile %d entry point %d", *id, profile, entrypoint);
  return mg_va_leave(&call);
}

static VAStatus
destroy_config(VADriverContextP ctx, VAConfigID id)
{
  MgVaCall call = mg_va_enter(ctx, "vaDestroyConfig");
  mg_va_remove(&call, MG_VA_CONFIG, id);
  return mg_va_leave(&call);
}

static VAStatus
query_attributes(VADriverContextP ctx, VAConfigID id, VAProfile *profile, VAEntrypoint *entrypoint,
                 VAConfigAttrib *attributes, int *n)
{
  MgVaCall call = mg_va_enter(ctx, "vaQueryConfigAttributes");
  const MgVaConfig *config = mg_va_get(&call, MG_VA_CONFIG, id);
  if (config != NULL) {
    *profile = config->ability->profile;
    *entrypoint = config->ability->entrypoint;
    attributes[0] = (VAConfigAttrib){ VAConfigAttribRTFormat, config->rt_format };
    attributes[1] = (VAConfigAttrib){ VAConfigAttribRateControl, config->rate_control };
    attributes[2] = (VAConfigAttrib){ VAConfigAttribEncPackedHeaders, config->packed_headers };
    *n = config->ability->rate_controls != 0 ? 3 : 1;
  }
  return mg_va_leave(&call);
}

void
mg_va_config_functions(struct VADriverVTable *table)
{
  table->vaQueryConfigProfiles = query_profiles;
  table->vaQueryConfigEntrypoints = query_entrypoints;
  table->vaGetConfigAttributes = get_attributes;
  table->vaCreateConfig = create_config;
  table->vaDestroyConfig = destroy_config;
  table->vaQueryConfigAttributes = query_attributes;
}
