/*
 * The gzip form of a resource: text that many viewers fetch, as playlists are, is packed once.
 *
 * It is made when the first viewer wants it, on that viewer's lane, and kept with the resource for all
 * who follow. No lane waits for another: when two want it first at the same moment both make it, and one
 * is kept. The largest takes some ten milliseconds.
 */
#pragma once

#include "http/resource.h"

/*
 * Returned-owned: the place for the gzip form of a resource with SIZE bytes of CONTENT, or NULL when it
 * is no text, or too small or too large to be packed. CONTENT is borrowed; CORS as in resource.h.
 */
MgHttpForms *mg_http_forms_new(const MgHttpContent *content, guint64 size, const char *cors);

/* NULL is fine. */
void mg_http_forms_free(MgHttpForms *forms);

/* The gzip form of RESOURCE, or RESOURCE when it has none. Borrowed from RESOURCE. Any thread. */
const MgHttpResource *mg_http_gzip_of(const MgHttpResource *resource);
