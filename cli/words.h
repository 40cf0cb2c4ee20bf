/* The engine's enumerations in words, for pages and JSON. All are static and borrowed. */
#pragma once

#include <mediagraph/node.h>

const char *word_of_role(MgRole role);
const char *word_of_run(MgRun run);

/* "time", "integer" … */
const char *word_of_type(MgPropType type);
