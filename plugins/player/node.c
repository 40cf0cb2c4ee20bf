/*
 * player: a page at / that lists the live streams and plays them.
 *
 * A click plays a stream by HLS (hls.js) or DASH (dash.js). Page and players are part of the plugin:
 * nothing is fetched from elsewhere. The list is served at /streams.json. What plays stands in the
 * address, /#/live/studio:hls; the page waits for a stream that is not there yet.
 *
 *   <http listen="0.0.0.0:8080"/>
 *   <player/>
 *
 * hls, dash: the names under which out-hls and out-dash publish, where they are not the usual ones.
 * Leave the element out to serve streams without a page.
 */
#include "node.h"

#include <mediagraph/http.h>
#include <mediagraph/mediagraph.h>

#include <string.h>

#define ASSET(name)                                                                                \
  extern const char asset_##name[];                                                                \
  extern const char asset_##name##_end[]

ASSET(index_html);
ASSET(player_css);
ASSET(player_js);
ASSET(hls_js);
ASSET(dash_js);

typedef struct {
  const char *name; /* beneath /player */
  const char *content_type;
  const char *begin, *end;
} Asset;

static const char html[] = "text/html; charset=utf-8";
static const char plain[] = "text/plain; charset=utf-8";
static const char css[] = "text/css; charset=utf-8";
static const char javascript[] = "text/javascript; charset=utf-8";

static const Asset assets[] = {
  { "player.css", css, asset_player_css, asset_player_css_end },
  { "player.js", javascript, asset_player_js, asset_player_js_end },
  { "hls.min.js", javascript, asset_hls_js, asset_hls_js_end },
  { "dash.all.min.js", javascript, asset_dash_js, asset_dash_js_end },
};

static const Asset page = { "", html, asset_index_html, asset_index_html_end };

/* The assets change with the plugin only, and a browser asks again after this. */
enum { ASSET_MAX_AGE_MS = 60000 };

typedef struct {
  char *hls, *dash; /* properties */

  const MgHttpInterface *http;
  gpointer service;
  MgHttpFolder *folder;
  MgHttpRoute *index, *list;
} Self;

static MgData *
wrap(const Asset *asset)
{
  /* Never written to: what others hold is immutable. */
  return mg_data_new_wrap((gpointer) (guintptr) asset->begin, (gsize) (asset->end - asset->begin),
                          NULL, NULL);
}

/* A route that ends with a slash gets everything below it, too. */
static void
serve_page(MgHttpRequest *request, gpointer data)
{
  Self *self = data;
  gboolean is_root = g_str_equal(self->http->request_path(request), "/");
  g_autoptr(MgData) body = is_root ? wrap(&page) : mg_data_new_copy("not found\n", 10);
  MgHttpContent content = {
    .size = sizeof content,
    .status = is_root ? 200 : 404,
    .content_type = is_root ? html : plain,
    .data = body,
  };
  self->http->respond(request, &content);
}

/* --- the list ---------------------------------------------------------------------------------- */

typedef struct {
  Self *self;
  GTree *streams; /* path -> GString: the members of its JSON object */
} List;

/* Paths come from the name grammar and from pipeline files; anything else is left out. */
static gboolean
is_plain(const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum(*c) && strchr("/._-", *c) == NULL)
      return FALSE;
  return TRUE;
}

static void
add_resource(const char *path, const char *name, gpointer data)
{
  List *list = data;
  const char *kind = g_str_equal(name, list->self->hls)    ? "hls"
                     : g_str_equal(name, list->self->dash) ? "dash"
                                                           : NULL;
  if (kind == NULL || !is_plain(path) || !is_plain(name))
    return;
  GString *members = g_tree_lookup(list->streams, path);
  if (members == NULL) {
    members = g_string_new(NULL);
    g_tree_insert(list->streams, g_strdup(path), members);
  }
  g_autofree char *member = g_strdup_printf(",\"%s\":\"%s/%s\"", kind, path, name);
  if (strstr(members->str, member) == NULL)
    g_string_append(members, member);
}

static gboolean
append_stream(gpointer path, gpointer members, gpointer data)
{
  GString *json = data;
  g_string_append_printf(json, "%s\n  {\"path\":\"%s\"%s}",
                         g_str_has_suffix(json->str, "[") ? "" : ",", (const char *) path,
                         ((GString *) members)->str);
  return FALSE;
}

static void
free_string(gpointer string)
{
  g_string_free(string, TRUE);
}

static gint
by_name(gconstpointer a, gconstpointer b, gpointer unused)
{
  return strcmp(a, b);
}

static void
serve_list(MgHttpRequest *request, gpointer data)
{
  Self *self = data;
  List list = { self, g_tree_new_full(by_name, NULL, g_free, free_string) };
  self->http->each_resource(self->service, add_resource, &list);
  GString *json = g_string_new("{\"streams\":[");
  g_tree_foreach(list.streams, append_stream, json);
  g_string_append(json, "]}\n");
  g_tree_unref(list.streams);
  g_autoptr(MgData) body = mg_data_new_copy(json->str, json->len);
  g_string_free(json, TRUE);
  MgHttpContent content = { .size = sizeof content,
                            .content_type = "application/json",
                            .data = body };
  self->http->respond(request, &content);
}

/* --- life -------------------------------------------------------------------------------------- */

static void
put_asset(Self *self, const Asset *asset)
{
  g_autoptr(MgData) body = wrap(asset);
  g_autofree char *etag =
      g_compute_checksum_for_data(G_CHECKSUM_SHA1, (const guchar *) asset->begin, body->size);
  MgHttpContent content = {
    .size = sizeof content,
    .content_type = asset->content_type,
    .cache = MG_HTTP_CACHE_SHORT,
    .max_age_ms = ASSET_MAX_AGE_MS,
    .etag = etag,
    .data = body,
  };
  self->http->folder_put(self->folder, asset->name, &content);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->http = mg_service_find(node, MG_HTTP_SERVICE, &self->service, error);
  if (self->http == NULL)
    return FALSE;
  self->folder = self->http->folder_new(self->service, "/player");
  for (guint i = 0; i < G_N_ELEMENTS(assets); i++)
    put_asset(self, &assets[i]);
  self->list = self->http->route_new(self->service, "/streams.json", serve_list, self);
  self->index = self->http->route_new(self->service, "/", serve_page, self);
  g_autofree char *url = g_strdup_printf("%s/", self->http->base_url(self->service));
  mg_node_announce(node, MG_URL_OPEN, url);
  return TRUE;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  self->http->route_free(self->index);
  self->http->route_free(self->list);
  self->http->folder_free(self->folder);
}

static const MgProp props[] = {
  MG_PROP_NAME(Self, hls, "index.m3u8", 0, "name of a stream's HLS playlist"),
  MG_PROP_NAME(Self, dash, "manifest.mpd", 0, "name of a stream's DASH manifest"),
  { 0 },
};

static const char *const needs[] = { MG_HTTP_SERVICE, NULL };

const MgNodeClass player_class = {
  .size = sizeof(MgNodeClass),
  .name = "player",
  .help = "a page at / that lists the live streams and plays them",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SERVICE,
  .run = MG_RUN_INLINE,
  .needs = needs,
  .open = open_node,
  .close = close_node,
};
