/*
 * <include file="ladder.xml"/>: the children of another file's root element, in its place.
 *
 * The file's name is relative to the file that includes it. The root of the included file is the same
 * element as the one the include stands in (<mediagraph>, <pipeline>, or a node), without attributes: so
 * an included file is a pipeline file too, and can be edited with the same schema.
 */
#pragma once

#include "pipeline/diagnostics.h"

/*
 * Returned-owned: the tree of the file PATH with all includes in place. NULL with errors in
 * DIAGNOSTICS.
 */
MgElement *mg_include_read_file(const char *path, MgDiagnostics *diagnostics);

/* The same for TEXT; PATH names it in messages, and is what its includes are relative to. */
MgElement *mg_include_read_text(const char *path, const char *text, gsize size,
                                MgDiagnostics *diagnostics);
