#include "graph/alias.h"

#include "host/variables.h"
#include "util/name.h"
#include "util/refuse.h"

#include <string.h>

void
mg_alias_clear(MgAlias *alias)
{
  g_clear_pointer(&alias->app, g_free);
  g_clear_pointer(&alias->stream, g_free);
}

/* TEXT is taken apart. */
static gboolean
split(char *text, MgAlias *made, GError **error)
{
  char *slash = strchr(text, '/');
  if (slash != NULL)
    *slash = '\0';
  if (slash == NULL || !mg_name_is_valid(text) || !mg_name_is_valid(slash + 1))
    return mg_refuse(error, MG_ERROR_INVALID,
                     "it is not APP/STREAM; write it like \"live/${stream}\"");
  *made = (MgAlias){ g_strdup(text), g_strdup(slash + 1) };
  return TRUE;
}

gboolean
mg_alias_make(const char *alias, const char *app, const char *stream, MgAlias *made, GError **error)
{
  const MgVariables names = { .app = app, .stream = stream };
  *made = (MgAlias){ NULL };
  if (alias == NULL) {
    *made = (MgAlias){ g_strdup(app), g_strdup(stream) };
    return TRUE;
  }
  g_autofree char *text = mg_variables_expand(alias, &names, error);
  return text != NULL && split(text, made, error);
}

gboolean
mg_alias_check(const char *alias, GError **error)
{
  g_auto(MgAlias) made = { NULL };
  if (strstr(alias, "${start") != NULL)
    return mg_refuse(error, MG_ERROR_INVALID, "only ${app} and ${stream} are known here");
  return mg_alias_make(alias, "app", "stream", &made, error);
}
