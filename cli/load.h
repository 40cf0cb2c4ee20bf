/* Pipeline files, with what is wrong with them told to the user. */
#pragma once

#include "pipeline/pipeline.h"

/*
 * Returned-owned: the specification of the file PATH. Prints its diagnostics to standard error; NULL
 * when there are errors.
 */
MgGraphSpec *load_pipeline(const char *path);
