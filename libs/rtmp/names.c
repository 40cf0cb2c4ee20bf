#include "rtmp/names.h"

#include "rtmp/error.h"

#include <string.h>

enum { QUOTED_BYTES = 80 };

/* One of the texts a client sends: its path in decoded segments, and its query. */
typedef struct {
  GPtrArray *segments; /* owned: of char* */
  char *query;         /* owned; never NULL */
} Part;

static gboolean
refuse(GError **error, const char *what, const char *text, const char *why)
{
  g_autofree char *quoted = mg_rtmp_quote(text);
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NAME, "%s %s: %s", what, quoted, why);
  return FALSE;
}

char *
mg_rtmp_quote(const char *text)
{
  GString *out = g_string_new("\"");
  for (gsize i = 0; text[i] != '\0' && i < QUOTED_BYTES; i++) {
    if (text[i] == '"' || text[i] == '\\')
      g_string_append_printf(out, "\\%c", text[i]);
    else if (g_ascii_isprint(text[i]))
      g_string_append_c(out, text[i]);
    else
      g_string_append_printf(out, "\\x%02x", (guint8) text[i]);
  }
  g_string_append(out, strnlen(text, QUOTED_BYTES + 1) > QUOTED_BYTES ? "...\"" : "\"");
  return g_string_free(out, FALSE);
}

static void
add_segments(Part *part, const char *path)
{
  g_auto(GStrv) pieces = g_strsplit(path, "/", -1);
  for (guint i = 0; pieces[i] != NULL; i++) {
    char *decoded = g_uri_unescape_string(pieces[i], NULL);
    if (decoded == NULL)
      decoded = g_strdup(pieces[i]); /* its '%' is refused later, with the text as it came */
    if (*decoded == '\0' || strcmp(decoded, "_definst_") == 0)
      g_free(decoded);
    else
      g_ptr_array_add(part->segments, decoded);
  }
}

static void
part_init(Part *part, const char *text)
{
  part->segments = g_ptr_array_new_with_free_func(g_free);
  const char *question = strchr(text, '?');
  g_autofree char *path = g_strndup(text, question ? (gsize) (question - text) : strlen(text));
  part->query = g_strdup(question ? question + 1 : "");
  add_segments(part, path);
}

static void
part_clear(Part *part)
{
  g_ptr_array_unref(part->segments);
  g_free(part->query);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Part, part_clear)

/* What follows the host in a URL, which some encoders wrap in quotes or spaces. */
static char *
path_of_url(const char *url)
{
  g_autofree char *bare = g_strdup(url);
  g_strdelimit(bare, "\"'", ' ');
  g_strstrip(bare);
  const char *host = strstr(bare, "://");
  const char *path = host != NULL ? strpbrk(host + 3, "/?") : NULL;
  return g_strdup(path != NULL ? path : "");
}

/* live?key/cam1: the slash behind the query begins the stream, if nothing else names it. */
static void
take_stream_from_query(Part *part, Part *stream)
{
  char *slash = strrchr(part->query, '/');
  if (stream->segments->len > 0 || slash == NULL)
    return;
  add_segments(stream, slash + 1);
  if (stream->segments->len > 0)
    *slash = '\0';
}

/* The app is a part of the URL: what has been taken from one query is not to stay in the other. */
static void
take_stream_from_queries(Part *app, Part *url, Part *stream)
{
  gboolean is_same = strcmp(app->query, url->query) == 0;
  take_stream_from_query(app, stream);
  if (is_same) {
    g_free(url->query);
    url->query = g_strdup(app->query);
  }
  take_stream_from_query(url, stream);
}

static void
join_queries(GString *query, const Part *a, const Part *b, const Part *c)
{
  const char *all[] = { a->query, b->query, c->query };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    gboolean is_new = *all[i] != '\0';
    for (guint j = 0; j < i; j++)
      is_new = is_new && strcmp(all[i], all[j]) != 0;
    if (is_new)
      g_string_append_printf(query, "%s%s", query->len > 0 ? "&" : "", all[i]);
  }
}

static gboolean
check_query(const char *query, GError **error)
{
  if (strlen(query) > MG_RTMP_QUERY_BYTES)
    return refuse(error, "query", query, "it is longer than 2048 bytes");
  for (const char *c = query; *c != '\0'; c++)
    if (!g_ascii_isprint(*c))
      return refuse(error, "query", query,
                    "only printable ASCII is allowed: percent-encode the rest");
  return TRUE;
}

static gboolean
check_name(const char *what, const char *name, GError **error)
{
  if (*name == '.')
    return refuse(error, what, name, "it must not begin with a dot");
  if (strlen(name) > MG_RTMP_NAME_BYTES)
    return refuse(error, what, name, "it is longer than 128 characters");
  for (const char *c = name; *c != '\0'; c++) {
    if (g_ascii_isalnum(*c) || strchr("._-", *c) != NULL)
      continue;
    char bad[] = { *c, '\0' };
    g_autofree char *quoted = mg_rtmp_quote(bad);
    g_autofree char *why = g_strdup_printf(
        "%s is not allowed; names are made of letters, digits, '.', '_' and '-'", quoted);
    return refuse(error, what, name, why);
  }
  return TRUE;
}

static const char *
segment(const GPtrArray *path, guint i)
{
  return i < path->len ? g_ptr_array_index(path, i) : "";
}

/* Gives the segments their meaning: app, instance, stream. */
static gboolean
assign(const GPtrArray *base, const GPtrArray *stream, MgRtmpName *name, GError **error)
{
  g_autoptr(GPtrArray) path = g_ptr_array_new();
  for (guint i = 0; i < base->len; i++)
    g_ptr_array_add(path, g_ptr_array_index(base, i));
  for (guint i = 0; i < stream->len; i++)
    g_ptr_array_add(path, g_ptr_array_index(stream, i));
  if (path->len == 0 || (path->len == 1 && stream->len == 0))
    return refuse(error, "app", segment(path, 0),
                  "no stream name follows it; publish to /app/stream");
  if (path->len > 3)
    return refuse(error, "path beginning with app", segment(path, 0),
                  "it has more than three parts; publish to /app/stream");
  guint last = path->len - 1;
  name->app = g_strdup(last > 0 ? segment(path, 0) : "");
  name->instance = g_strdup(last > 1 ? segment(path, 1) : "");
  name->stream = g_strdup(segment(path, last));
  return check_name("app", name->app, error) && check_name("app instance", name->instance, error) &&
         check_name("stream name", name->stream, error);
}

gboolean
mg_rtmp_name_parse(const char *app, const char *tc_url, const char *stream, MgRtmpName *name,
                   GError **error)
{
  g_auto(Part) a = { 0 };
  g_auto(Part) u = { 0 };
  g_auto(Part) s = { 0 };
  g_autofree char *url_path = path_of_url(tc_url != NULL ? tc_url : "");
  part_init(&a, app != NULL ? app : "");
  part_init(&u, url_path);
  part_init(&s, stream != NULL ? stream : "");
  take_stream_from_queries(&a, &u, &s);

  gboolean url_says_more = s.segments->len == 0 && u.segments->len > a.segments->len;
  gboolean use_url = a.segments->len == 0 || url_says_more;
  g_autoptr(GString) query = g_string_new(NULL);
  join_queries(query, &s, &a, &u);
  *name = (MgRtmpName){ .query = g_strdup(query->str) };
  if (assign(use_url ? u.segments : a.segments, s.segments, name, error) &&
      check_query(name->query, error))
    return TRUE;
  mg_rtmp_name_clear(name);
  return FALSE;
}

void
mg_rtmp_name_clear(MgRtmpName *name)
{
  if (name == NULL)
    return;
  g_free(name->app);
  g_free(name->instance);
  g_free(name->stream);
  g_free(name->query);
  *name = (MgRtmpName){ .app = NULL };
}
