/* Where encoders push to, as far as a pipeline file and the tables of the plugins say. */
#pragma once

#include "graph/spec.h"

/* Borrowed: the value of attribute NAME; NULL: it has none. */
const char *element_attribute(const MgElement *element, const char *name);

/*
 * Prints what goes into encoders that publish in APP with KEY: for each listener of SPEC that they can push to; without
 * SPEC (NULL) for each kind of them. HOST: the host in the URLs; NULL: the one listened on, or this machine's name.
 */
void push_urls_print(const MgGraphSpec *spec, const char *host, const char *app, const char *key);
