/*
 * An alias: the attribute `as` of a listener, "APP/STREAM" with ${app} and ${stream} for what is published. It
 * names the session that publishers come to, so that those of two listeners can come to the same.
 */
#pragma once

#include <glib.h>

/* The session of what is published as APP and STREAM. Clear it with mg_alias_clear(). */
typedef struct {
  char *app, *stream;
} MgAlias;

/*
 * ALIAS (may be NULL: the names as they are) for APP and STREAM, which are names already. FALSE and
 * MG_ERROR_INVALID: it is not two names with a '/' between them, or has other variables. Any thread.
 */
gboolean mg_alias_make(const char *alias, const char *app, const char *stream, MgAlias *made,
                       GError **error);
void mg_alias_clear(MgAlias *alias);

/* Whether `as` may be ALIAS: makes names of names. */
gboolean mg_alias_check(const char *alias, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgAlias, mg_alias_clear)
