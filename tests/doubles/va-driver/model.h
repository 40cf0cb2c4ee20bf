/*
 * What the driver pretends to be: which profiles, entry points, rate controls and sizes it offers.
 *
 * "intel-like" takes packed headers and has B frames and a low-power encoder; "mesa-like" writes all headers
 * itself and refers to one frame. Nothing is offered that the driver does not do.
 */
#pragma once

#include <glib.h>
#include <va/va.h>

typedef struct {
  VAProfile profile;
  VAEntrypoint entrypoint;
  guint32 rt_formats;     /* VA_RT_FORMAT_… */
  guint32 rate_controls;  /* VA_RC_…; 0: no encoder */
  guint32 packed_headers; /* VA_ENC_PACKED_HEADER_… */
  guint max_l0, max_l1;   /* reference frames of an encoder */
  guint max_width, max_height;
} MgVaAbility;

typedef struct {
  const char *name;
  const char *vendor; /* what vaQueryVendorString() answers */
  const MgVaAbility *abilities;
  guint n_abilities;
} MgVaModel;

/* Static; NULL when there is none of that name. */
const MgVaModel *mg_va_model_find(const char *name);

/* Borrowed: what MODEL can do there; NULL: nothing. */
const MgVaAbility *mg_va_model_ability(const MgVaModel *model, VAProfile profile,
                                       VAEntrypoint entrypoint);

/* The value of an attribute, or VA_ATTRIB_NOT_SUPPORTED. */
guint32 mg_va_ability_attribute(const MgVaAbility *ability, VAConfigAttribType type);
