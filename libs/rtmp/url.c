#include "rtmp/url.h"

#include "rtmp/error.h"

#include <string.h>

enum { PORT = 1935, TLS_PORT = 443, MOST_BYTES = 4096 };

static gboolean
refuse(GError **error, const char *why)
{
  g_set_error_literal(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME, why);
  return FALSE;
}

/* Where what follows the scheme begins; NULL: it is not ours. */
static const char *
skip_scheme(const char *text, gboolean *is_tls)
{
  *is_tls = g_ascii_strncasecmp(text, "rtmps://", 8) == 0;
  if (*is_tls)
    return text + 8;
  return g_ascii_strncasecmp(text, "rtmp://", 7) == 0 ? text + 7 : NULL;
}

static gboolean
is_plain(const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isgraph(*c) || strchr("\"\\#", *c) != NULL)
      return FALSE;
  return strlen(text) <= MOST_BYTES;
}

static gboolean
parse_port(const char *text, guint *port)
{
  guint64 value;
  if (!g_ascii_isdigit(*text) || !g_ascii_string_to_unsigned(text, 10, 1, 65535, &value, NULL))
    return FALSE;
  *port = (guint) value;
  return TRUE;
}

/* HOST, HOST:PORT, [V6] or [V6]:PORT. */
static gboolean
parse_authority(const char *text, MgRtmpUrl *url)
{
  const char *end = *text == '[' ? strchr(text, ']') : NULL;
  const char *colon = strchr(end != NULL ? end : text, ':');
  if (*text == '[' && (end == NULL || (end[1] != '\0' && end[1] != ':')))
    return FALSE;
  if (end != NULL)
    url->host = g_strndup(text + 1, (gsize) (end - text - 1));
  else
    url->host = colon != NULL ? g_strndup(text, (gsize) (colon - text)) : g_strdup(text);
  url->port = url->is_tls ? TLS_PORT : PORT;
  return *url->host != '\0' && (colon == NULL || parse_port(colon + 1, &url->port));
}

/* Returned-owned: PATH, which begins behind the authority's '/', with KEY in its place. */
static char *
place_key(const char *path, const char *key)
{
  char last = *path != '\0' ? path[strlen(path) - 1] : '/';
  const char *query = strchr(path, '?');
  if (key == NULL || *key == '\0')
    return g_strdup(path);
  if (last == '/' || last == '=')
    return g_strconcat(path, key, NULL);
  if (query == NULL && strchr(path, '/') == NULL)
    return g_strconcat(path, "/", key, NULL);
  return g_strconcat(path, query != NULL ? "&key=" : "?key=", key, NULL);
}

/* The stream is the last part in front of the query. */
static gboolean
split_path(const char *path, MgRtmpUrl *url)
{
  g_autofree char *front = g_strndup(path, strcspn(path, "?"));
  const char *slash = strrchr(front, '/');
  if (slash == NULL || slash == front || slash[1] == '\0' || strstr(front, "//") != NULL)
    return FALSE;
  gsize app_size = (gsize) (slash - front);
  url->app = g_strndup(path, app_size);
  url->stream = g_strdup(path + app_size + 1);
  return TRUE;
}

static gboolean
parse(const char *text, const char *key, MgRtmpUrl *url, GError **error)
{
  const char *rest = skip_scheme(text, &url->is_tls);
  if (rest == NULL)
    return refuse(error, "it does not begin with rtmp:// or rtmps://");
  if (!is_plain(text) || (key != NULL && !is_plain(key)))
    return refuse(error,
                  "it or its key is too long, or has a character that must be percent-encoded");
  gsize size = strcspn(rest, "/?");
  g_autofree char *authority = g_strndup(rest, size);
  if (strchr(authority, '@') != NULL)
    return refuse(error, "it has a user and a password, which are not supported: use a key file");
  if (!parse_authority(authority, url))
    return refuse(error, "it needs a host, and a port from 1 to 65535 if any");
  g_autofree char *path = place_key(rest[size] == '/' ? rest + size + 1 : "", key);
  if (!split_path(path, url))
    return refuse(error, "it must name an app and a stream, as in rtmp://HOST/APP/STREAM");
  url->tc_url = g_strdup_printf("%s://%s/%s", url->is_tls ? "rtmps" : "rtmp", authority, url->app);
  return TRUE;
}

gboolean
mg_rtmp_url_parse(const char *text, const char *key, MgRtmpUrl *url, GError **error)
{
  *url = (MgRtmpUrl){ .host = NULL };
  if (parse(text, key, url, error))
    return TRUE;
  mg_rtmp_url_clear(url);
  return FALSE;
}

void
mg_rtmp_url_clear(MgRtmpUrl *url)
{
  if (url == NULL)
    return;
  g_free(url->host);
  g_free(url->app);
  g_free(url->stream);
  g_free(url->tc_url);
  *url = (MgRtmpUrl){ .host = NULL };
}

gboolean
mg_rtmp_url_parse_with(const char *text, const char *key_file, const MgRtmpKeyFiles *files,
                       MgRtmpUrl *url, GError **error)
{
  char *key = NULL;
  *url = (MgRtmpUrl){ 0 };
  if (key_file != NULL && (key = files->read(key_file, error)) == NULL)
    return FALSE;
  gboolean is_fine = mg_rtmp_url_parse(text, key, url, error);
  if (!is_fine)
    g_prefix_error(error, "url: ");
  files->wipe(key);
  return is_fine;
}
