/*
 * From a pipeline file to what the engine runs.
 *
 * Reading: XML to a tree with places (reader.h), includes put in place (include.h), defaults copied
 * (defaults.h). Checking: everything that is wrong is found at once, and only a file without errors
 * becomes an MgGraphSpec. Warnings do not stop it. All functions may run on any thread.
 */
#pragma once

#include "graph/spec.h"
#include "pipeline/diagnostics.h"
#include "util/internal.h"

/* Returned-owned: what the file PATH says; NULL with errors in DIAGNOSTICS. */
MG_INTERNAL_API MgGraphSpec *mg_pipeline_load(const char *path, MgDiagnostics *diagnostics);

/* The same for TEXT; PATH names it in messages, and is what its includes are relative to. */
MG_INTERNAL_API MgGraphSpec *mg_pipeline_parse(const char *path, const char *text, gsize size,
                                               MgDiagnostics *diagnostics);

/*
 * Returned-owned: one element with its children, from a text like "<dvr dir='x'/>", unchecked but for
 * being XML. NULL and MG_ERROR_INVALID when it is none.
 */
MG_INTERNAL_API MgElement *mg_pipeline_parse_element(const char *text, GError **error);
