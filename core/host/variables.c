#include "host/variables.h"

#include "util/name.h"
#include "util/refuse.h"
#include "util/suggest.h"

#include <string.h>
#include <time.h>

static const char *const known[] = { "app", "stream", "session", "start", NULL };
static const char default_format[] = "%Y%m%d-%H%M%S";

/* Numbers in every locale, without characters that mean something in a path. */
static const char conversions[] = "YymdHMSjVu";

static gboolean
check_format(const char *format, GError **error)
{
  if (format[0] == '\0')
    return mg_refuse(error, MG_ERROR_INVALID, "${start:} has no format; write it like ${start:%s}",
                     default_format);
  for (const char *p = format; *p != '\0'; p++) {
    if (*p == '%' && p[1] != '\0' && strchr(conversions, p[1]))
      p++;
    else if (*p == '%')
      return mg_refuse(error, MG_ERROR_INVALID,
                       "${start:%s}: %%%.1s cannot be used, only %%Y %%y %%m %%d %%H %%M %%S "
                       "%%j %%V %%u",
                       format, p + 1);
    else if (!mg_name_allows(*p))
      return mg_refuse(error, MG_ERROR_INVALID,
                       "${start:%s}: only letters, digits, '.', '_' and '-' may stand between "
                       "the conversions",
                       format);
  }
  return TRUE;
}

static gboolean
append_start(GString *out, const char *format, gint64 utc_us, GError **error)
{
  if (!check_format(format, error))
    return FALSE;
  time_t seconds = (time_t) (utc_us / G_USEC_PER_SEC);
  struct tm utc;
  char text[256];
  if (gmtime_r(&seconds, &utc) == NULL || strftime(text, sizeof text, format, &utc) == 0)
    return mg_refuse(error, MG_ERROR_INVALID, "${start:%s} is too long", format);
  g_string_append(out, text);
  return TRUE;
}

static gboolean
append_name(GString *out, const char *variable, const char *value, GError **error)
{
  if (value == NULL)
    return mg_refuse(error, MG_ERROR_INVALID, "${%s} is not known here", variable);
  if (!mg_name_is_valid(value))
    return mg_refuse(error, MG_ERROR_INVALID, "${%s} has a value that is not a name", variable);
  g_string_append(out, value);
  return TRUE;
}

static gboolean
refuse_unknown(const char *inside, GError **error)
{
  g_autofree char *name = g_strndup(inside, strcspn(inside, ":"));
  g_autofree char *hint = mg_suggest_hint(name, known);
  g_autofree char *all = mg_join_words(known, "and");
  return mg_refuse(error, MG_ERROR_INVALID, "unknown variable ${%s}%s%s%s", inside, hint,
                   hint[0] ? "" : "; known are ", hint[0] ? "" : all);
}

/* INSIDE is what stands between the braces. */
static gboolean
append_variable(GString *out, const char *inside, const MgVariables *variables, GError **error)
{
  static const MgVariables samples = { .app = "a", .stream = "s", .session = "0" };
  const MgVariables *v = variables ? variables : &samples;
  if (g_str_equal(inside, "app"))
    return append_name(out, inside, v->app, error);
  if (g_str_equal(inside, "stream"))
    return append_name(out, inside, v->stream, error);
  if (g_str_equal(inside, "session"))
    return append_name(out, inside, v->session, error);
  if (g_str_equal(inside, "start"))
    return append_start(out, default_format, v->start_utc_us, error);
  if (g_str_has_prefix(inside, "start:"))
    return append_start(out, inside + strlen("start:"), v->start_utc_us, error);
  return refuse_unknown(inside, error);
}

char *
mg_variables_expand(const char *text, const MgVariables *variables, GError **error)
{
  g_autoptr(GString) out = g_string_new(NULL);
  const char *p = text;
  for (const char *next; (next = strstr(p, "${")) != NULL;) {
    g_string_append_len(out, p, next - p);
    if (next > p && next[-1] == '$') { /* "$${": the first dollar is already there */
      g_string_append_c(out, '{');
      p = next + 2;
      continue;
    }
    const char *end = strchr(next, '}');
    if (end == NULL) {
      mg_refuse(error, MG_ERROR_INVALID, "\"%s\" has no closing brace", next);
      return NULL;
    }
    g_autofree char *inside = g_strndup(next + 2, (gsize) (end - next - 2));
    if (!append_variable(out, inside, variables, error))
      return NULL;
    p = end + 1;
  }
  g_string_append(out, p);
  return variables ? g_string_free(g_steal_pointer(&out), FALSE) : g_strdup(text);
}

gboolean
mg_variables_are_in(const char *text)
{
  for (const char *p = strstr(text, "${"); p != NULL; p = strstr(p + 2, "${")) {
    for (gsize i = 0; known[i] != NULL; i++) {
      gsize n = strlen(known[i]);
      if (strncmp(p + 2, known[i], n) == 0 && (p[2 + n] == '}' || p[2 + n] == ':'))
        return TRUE;
    }
  }
  return FALSE;
}
