/* Pipeline files, with what is wrong with them told to the user. */
#pragma once

#include "pipeline/pipeline.h"

/*
 * Returned-owned: the specification of the file PATH. Prints its diagnostics to standard error; NULL
 * when there are errors.
 */
MgGraphSpec *load_pipeline(const char *path);

/* The same, with what TO_TEXT (mg_diagnostics_to_json) makes of the diagnostics. */
MgGraphSpec *load_pipeline_as(const char *path, char *(*to_text)(const MgDiagnostics *diagnostics));
