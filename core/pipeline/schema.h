/*
 * An XML schema (XSD) of pipeline files, from the property tables of all node types that are there.
 *
 * It is for editors: completion, help, and most mistakes while typing. `mediagraph check` knows more. What
 * is required is not required by the schema, because <defaults> may have it.
 */
#pragma once

#include "util/internal.h"

/* Returned-owned: the schema. Loads all plugins. Any thread. */
MG_INTERNAL_API char *mg_schema_write(void);
