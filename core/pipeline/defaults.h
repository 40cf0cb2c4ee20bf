/*
 * <defaults>: attributes for later elements of a type.
 *
 *   <defaults> <dvr keep="7d"/> </defaults>
 *
 * At the top of the file they hold for all that follows; in a pipeline, for the rest of that pipeline.
 * What an element says itself comes first, then the nearest defaults before it.
 */
#pragma once

#include "pipeline/diagnostics.h"

/* Copies defaults into the elements of the tree ROOT, and checks the <defaults> themselves. */
void mg_defaults_apply(MgElement *root, MgDiagnostics *diagnostics);
