/*
 * ${app}, ${stream}, ${session} and ${start:FORMAT} in values of properties that are templates.
 *
 * What comes out is safe as a part of a path: names obey the grammar of util/name.h, and FORMAT is
 * limited to conversions and characters that do too. ${start} is UTC; without a FORMAT it is
 * %Y%m%d-%H%M%S. "$${" stands for "${". Pure functions, any thread.
 */
#pragma once

#include "host/props.h"

/*
 * Returned-owned: TEXT with its variables replaced by VARIABLES, or unchanged but checked when that is
 * NULL. NULL and MG_ERROR_INVALID for unknown variables, formats, and variables without a value.
 */
char *mg_variables_expand(const char *text, const MgVariables *variables, GError **error);

/* Whether TEXT names a known variable: a mistake where no template is expected. */
gboolean mg_variables_are_in(const char *text);
