/*
 * http: the HTTP server that other nodes put their playlists, segments and pages into.
 *
 *   <http listen="0.0.0.0:8080" url="https://cdn.example.org/"/>
 *   <http tls-listen="0.0.0.0:443" tls-certificate="fullchain.pem" tls-key="privkey.pem"/>
 *
 * One element at the top of the file serves all pipelines. HTTP/2, 1.1 and 1.0; GET, HEAD and OPTIONS;
 * keep-alive, pipelining, ranges, conditional requests, answers that grow while they are sent; text that
 * is put comes as gzip to who accepts that. Requests for what an output has promised wait until it comes. It
 * serves memory only: no path reaches the disk. /healthz answers 200 while encoders can be accepted, 503 while
 * the server starts and shuts down; /time answers the time of day that MPDs go by.
 *
 * listen: where http:// is served; 0.0.0.0:8080 when no tls-listen is given. HTTP/2 is spoken with those who
 *   begin with it.
 * tls-listen: where https:// is served, HTTP/2 to those who know it. Both may be given.
 * tls-certificate, tls-key: PEM files. The key may be in the certificate's file. Files that are replaced are
 *   read again, and nobody is disconnected.
 * url: what viewers reach it by, for the URLs that are announced. Default: made of `tls-listen` or `listen`.
 * proxies: addresses and networks ("10.0.0.0/8 192.0.2.7") of proxies in front. They are believed for whom
 *   they ask, by the PROXY protocol (1 and 2), X-Forwarded-For, or Forwarded where that is missing.
 * max-connections: beyond it the connection that has been idle for longest is closed for a new one, and
 *   when none is idle the new one gets a 503.
 * header-timeout: how long a request may take to arrive, from the first byte (or from connecting).
 * idle-timeout: how long a connection stays open between requests.
 * max-header: bytes of a request; more is refused with 414 or 431.
 * min-rate, rate-window: a viewer who takes less than this while something waits to be sent is cut off.
 * cors: which pages may play from here: "*", one origin ("https://www.example.org"), or "" for none.
 */
#include "http/node.h"

#include "http/server.h"

#include <mediagraph/mediagraph.h>

#include <string.h>

#define STATS_INTERVAL MG_SECOND
#define DEFAULT_LISTEN "0.0.0.0:8080"

typedef struct {
  char *listen, *tls_listen, *tls_certificate, *tls_key, *proxies, *url, *cors;
  gint64 max_connections, max_header, min_rate;
  MgTime header_timeout, idle_timeout, rate_window;

  MgHttp *http;
  MgTimer stats;
  MgCounter *connections, *sent_bytes;
} Self;

static const MgProp props[] = {
  MG_PROP_ADDRESS(Self, listen, NULL, MG_PROP_LISTEN_TCP,
                  "where http:// is served; 0.0.0.0:8080 if there is no tls-listen"),
  MG_PROP_ADDRESS(Self, tls_listen, NULL, MG_PROP_LISTEN_TCP, "where https:// is served"),
  MG_PROP_STRING(Self, tls_certificate, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file, for tls-listen"),
  MG_PROP_STRING(Self, tls_key, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "PEM file of its private key, if it is not in the same"),
  MG_PROP_STRING(Self, url, "", 0,
                 "public base URL, for announcing; default: from tls-listen or listen"),
  MG_PROP_STRING(Self, proxies, "", 0, "networks of proxies that say for whom they ask"),
  MG_PROP_STRING(Self, cors, "*", 0, "origin whose pages may play: * for any, empty for none"),
  MG_PROP_INT(Self, max_connections, "10000", "1", "1000000", 0, "connections at a time"),
  MG_PROP_SIZE(Self, max_header, "16KiB", "1KiB", "1MiB", 0, "largest head of a request"),
  MG_PROP_TIME(Self, header_timeout, "10s", "10ms", "10m", 0, "until a request has arrived"),
  MG_PROP_TIME(Self, idle_timeout, "60s", "10ms", "1h", 0, "between requests of a connection"),
  MG_PROP_BITRATE(Self, min_rate, "8192", "0", "1G", 0, "a viewer slower than this is cut off"),
  MG_PROP_TIME(Self, rate_window, "15s", "10ms", "10m", 0, "over which min-rate is measured"),
  { 0 },
};

/* A scheme, a host and perhaps a port, as browsers write it (RFC 6454, 6.2). */
static gboolean
is_origin(const char *text)
{
  const char *host = strstr(text, "://");
  if (host == NULL || !g_ascii_isalpha(text[0]))
    return FALSE;
  for (const char *c = text; c < host; c++)
    if (!g_ascii_isalnum(*c) && strchr("+-.", *c) == NULL)
      return FALSE;
  const char *c = host += strlen("://");
  while (g_ascii_isalnum(*c) || (*c != '\0' && strchr("-._:[]", *c) != NULL))
    c++;
  return c > host && *c == '\0';
}

/* It is put into heads of answers as it is. */
static void
check_cors(const char *cors, MgCheck *check)
{
  if (cors[0] != '\0' && !g_str_equal(cors, "*") && !is_origin(cors))
    mg_check_refuse(check, "cors", "\"%s\" is no origin; write it like https://www.example.org",
                    cors);
}

/* Paths are put behind it. */
static gboolean
is_base_url(const char *url)
{
  g_autofree char *scheme = NULL, *host = NULL, *query = NULL, *fragment = NULL;
  if (!g_uri_split(url, G_URI_FLAGS_ENCODED, &scheme, NULL, &host, NULL, NULL, &query, &fragment,
                   NULL))
    return FALSE;
  gboolean is_http = g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0;
  gboolean is_ascii = g_str_is_ascii(url) && strchr(url, ' ') == NULL;
  return is_http && is_ascii && host && host[0] != '\0' && query == NULL && fragment == NULL;
}

static void
check_tls(const Self *self, MgCheck *check)
{
  gboolean has_certificate = self->tls_certificate != NULL;
  if (self->tls_listen != NULL && !has_certificate)
    mg_check_refuse(check, "tls_listen", "it needs a tls-certificate");
  if (self->tls_listen == NULL && has_certificate)
    mg_check_refuse(check, "tls_certificate", "it is of no use without tls-listen");
  if (self->tls_key != NULL && !has_certificate)
    mg_check_refuse(check, "tls_key", "it is of no use without a tls-certificate");
}

static void
check_proxies(const char *proxies, MgCheck *check)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgNetworks) networks = mg_networks_new(proxies, &error);
  if (networks == NULL)
    mg_check_refuse(check, "proxies", "%s", error->message);
}

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  check_tls(self, check);
  check_proxies(self->proxies, check);
  check_cors(self->cors, check);
  if (self->url[0] != '\0' && !is_base_url(self->url))
    mg_check_refuse(check, "url", "\"%s\" is no base of URLs; write it like http://localhost:8080",
                    self->url);
}

static gboolean
is_ready(gpointer node)
{
  return mg_node_graph_is_running(node);
}

static MgHttpConfig
config_of(MgNode *node, const Self *self)
{
  return (MgHttpConfig){
    .listen = self->listen == NULL && self->tls_listen == NULL ? DEFAULT_LISTEN : self->listen,
    .tls_listen = self->tls_listen,
    .url = self->url,
    .cors = self->cors,
    .max_connections = (guint) self->max_connections,
    .max_header = (gsize) self->max_header,
    .header_timeout = self->header_timeout,
    .idle_timeout = self->idle_timeout,
    .min_rate = self->min_rate / 8,
    .rate_window = self->rate_window,
    .is_ready = is_ready,
    .ready_data = node,
    .counters = {
      .requests = mg_counter(node, "requests", "requests that came"),
      .errors = mg_counter(node, "errors", "answers with a status of 400 or more"),
      .slow = mg_counter(node, "slow-peers", "connections cut off because they were too slow"),
      .refused = mg_counter(node, "refused", "connections beyond the limit, answered with 503"),
      .hostile = mg_counter(node, "hostile-peers", "connections that asked for too much work"),
    },
  };
}

static void
show_stats(gpointer data)
{
  Self *self = data;
  MgListenerStats stats;
  mg_http_stats(self->http, &stats);
  mg_counter_set(self->connections, stats.connections);
  mg_counter_set(self->sent_bytes, stats.sent_bytes);
  mg_timer_start_in(&self->stats, STATS_INTERVAL);
}

static MgHttp *
start(MgNode *node, const Self *self, GError **error)
{
  g_autoptr(MgTlsContext) tls = NULL;
  g_autoptr(MgNetworks) proxies = mg_networks_new(self->proxies, error);
  MgHttpConfig config = config_of(node, self);
  if (proxies == NULL)
    return NULL;
  config.proxies = proxies;
  if (self->tls_listen != NULL) {
    config.tls = tls = mg_tls_context_new(self->tls_certificate, self->tls_key, error);
    if (tls == NULL)
      return NULL;
    mg_tls_context_offer(tls, "h2 http/1.1");
    mg_tls_context_name(tls, mg_node_id(node));
  }
  return mg_http_start(&config, error);
}

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->http = start(node, self, error);
  if (self->http == NULL)
    return FALSE;
  if (!mg_service_offer(node, MG_HTTP_SERVICE, &mg_http_interface, self->http, error)) {
    mg_http_stop(self->http, NULL, NULL);
    return FALSE;
  }
  self->connections = mg_counter(node, "connections", "open connections");
  self->sent_bytes = mg_counter(node, "sent-bytes", "bytes sent");
  mg_timer_init(&self->stats, show_stats, self);
  show_stats(self);
  mg_info(node, "serving %s", mg_http_interface.base_url(self->http));
  g_autofree char *plain_url = mg_http_plain_url(self->http);
  if (plain_url != NULL)
    mg_info(node, "serving %s", plain_url);
  return TRUE;
}

static void
release(gpointer node)
{
  mg_node_release(node);
}

/* Connections are closed on their own lanes, and count in the node's counters until then. */
static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  mg_timer_stop(&self->stats);
  mg_node_hold(node);
  mg_http_stop(self->http, release, node);
}

const MgNodeClass mg_http_class = {
  .size = sizeof(MgNodeClass),
  .name = "http",
  .help = "serves playlists, segments and pages over HTTP",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_SERVICE,
  .run = MG_RUN_INLINE,
  .open = open_node,
  .close = close_node,
  .check = check_props,
};
