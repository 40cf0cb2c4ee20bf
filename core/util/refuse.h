/* Saying no in one line: `return mg_refuse(error, MG_ERROR_INVALID, "…");` */
#pragma once

#include <mediagraph/types.h>

/* Sets ERROR, which may be NULL, to a sentence. Returns FALSE, to return. Any thread. */
gboolean mg_refuse(GError **error, MgError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
