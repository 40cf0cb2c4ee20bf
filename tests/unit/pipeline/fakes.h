/* Node types that do nothing, for pipeline files in tests. */
#pragma once

#include "pipeline/pipeline.h"

/*
 * Registers listen, door (TCP), hatch (UDP), file, encode, cut, pass, serve, show, tell, record (nodes) and web,
 * keys, sign (services).
 */
void fakes_register(void);

/* Asserts that the pipeline file TEXT, named f.xml, has exactly these diagnostics, one per line. */
void fakes_assert_says(const char *text, const char *expected);

/* Returned-owned: the specification of TEXT, which has no errors and no warnings. */
MgGraphSpec *fakes_spec(const char *text);
