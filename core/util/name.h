/*
 * The one grammar for names that come from outside or become part of a path: applications, streams,
 * ids. Checked where a name enters; whoever gets it afterwards relies on it.
 */
#pragma once

#include <glib.h>

/* Whether NAME is [A-Za-z0-9._-]{1,128} without a leading dot. NULL is not. Any thread. */
gboolean mg_name_is_valid(const char *name);

/* Whether C may stand in a name. */
gboolean mg_name_allows(char c);
