/*
 * Packed headers: units that the application has written itself, and an encoder puts in front of its data.
 */
#pragma once

#include "va-driver/types.h"
#include <bytes/bits.h>

/*
 * Appends every packed unit of the picture but slice headers to OUT, in their order. FALSE when the config
 * chose none, or a unit is broken: the call has failed then. *HAS_PARAMETERS tells of an SPS and PPS.
 */
gboolean mg_va_packed_units(MgVaCall *call, const MgVaContext *context, MgWriter *out,
                            gboolean *has_parameters);

/*
 * Puts the bits of the packed slice header, from the unit's first byte on and free of emulation prevention,
 * into B. FALSE when there is none.
 */
gboolean mg_va_packed_slice_header(MgVaCall *call, const MgVaContext *context, MgBitWriter *b);
