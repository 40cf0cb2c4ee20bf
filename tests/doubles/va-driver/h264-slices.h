/*
 * From VA-API's structs for decoding H.264 back to a byte stream: the parameter sets are rebuilt, the slices
 * are the application's.
 */
#pragma once

#include "va-driver/types.h"
#include <bytes/writer.h>

/* Appends the picture that was rendered to OUT. FALSE when a struct is missing or beyond us: the call fails. */
gboolean mg_va_h264_stream(MgVaCall *call, const MgVaContext *context, MgWriter *out);
