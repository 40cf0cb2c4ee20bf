/* Text from outside, made safe to print. Pure functions, any thread. */
#pragma once

#include "util/internal.h"

#include <glib.h>

/*
 * Appends TEXT: control characters, bytes that are no UTF-8, and characters that reorder or break a
 * line are written as \xHH or \u{HHHH}.
 */
MG_INTERNAL_API void mg_escape_text(GString *out, const char *text);

/* Appends TEXT as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD. */
MG_INTERNAL_API void mg_escape_json(GString *out, const char *text);
