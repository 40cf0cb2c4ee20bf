/* Text from outside, made safe to print. Pure functions, any thread. */
#pragma once

#include <glib.h>

/*
 * Appends TEXT: control characters, bytes that are no UTF-8, and characters that reorder or break a
 * line are written as \xHH or \u{HHHH}.
 */
void mg_escape_text(GString *out, const char *text);

/* Appends TEXT as a JSON string, quotes included; bytes that are no UTF-8 become U+FFFD. */
void mg_escape_json(GString *out, const char *text);
