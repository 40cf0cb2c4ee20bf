#include "http/server.h"

#include "http/exchange/request.h"
#include "http/lazy.h"

#include <string.h>
#include <time.h>

/* A listener's limit above ours: those in between get an answer that says why. */
enum { TOLD_WHY = 256 };

/* A viewer that acknowledges nothing for so long has gone without a word. */
enum { USER_TIMEOUT_MS = 30000 };

static char *
make_base_url(const MgHttpConfig *config, const MgHttp *http)
{
  if (config->url != NULL && config->url[0] != '\0') {
    gsize n = strlen(config->url);
    return g_strndup(config->url, config->url[n - 1] == '/' ? n - 1 : n);
  }
  gboolean is_secure = http->tls_listener != NULL;
  g_autofree char *host = mg_listener_url_host(is_secure ? http->tls_listener : http->listener);
  return g_strconcat(is_secure ? "https://" : "http://", host, NULL);
}

static void
respond_text(MgHttpRequest *request, guint status, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  MgHttpContent content = { .size = sizeof content,
                            .status = status,
                            .content_type = "text/plain; charset=utf-8",
                            .cache = MG_HTTP_CACHE_NEVER,
                            .data = data };
  mg_http_request_respond(request, &content);
}

/* Before encoders can be accepted, and once they cannot any more, it is the wrong place to send them to. */
static void
serve_health(MgHttpRequest *request, gpointer data)
{
  const MgHttpConfig *config = &((MgHttp *) data)->config;
  if (config->is_ready == NULL || config->is_ready(config->ready_data))
    respond_text(request, 200, "ok\n");
  else
    respond_text(request, 503, "not ready\n");
}

/*
 * The time now, for players that ask how their clock differs (DASH's UTCTiming, http-xsdate): that of the
 * clock which the times in MPDs go by, also when the host's has been set since.
 */
static void
serve_time(MgHttpRequest *request, gpointer unused)
{
  gint64 now_us = mg_utc_steady_us();
  time_t seconds = now_us / G_USEC_PER_SEC;
  struct tm t;
  gmtime_r(&seconds, &t);
  g_autofree char *text =
      g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.tm_year + 1900, t.tm_mon + 1,
                      t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, (int) (now_us / 1000 % 1000));
  respond_text(request, 200, text);
}

static void
http_free(MgHttp *http)
{
  mg_http_route_free(http->clock);
  mg_http_route_free(http->health);
  mg_http_origin_free(http->origin);
  mg_http_resource_unref(http->options);
  for (guint i = 0; i < http->n_lanes; i++) {
    mg_http_request_unref(http->lanes[i].spare);
    g_free(http->lanes[i].path);
  }
  g_free(http->lanes);
  mg_networks_unref(http->proxies);
  g_free(http->cors);
  g_free(http->base_url);
  g_free(http);
}

static MgHttp *
http_new(const MgHttpConfig *config)
{
  MgHttp *http = g_new0(MgHttp, 1);
  http->config = *config;
  http->config.listen = http->config.tls_listen = http->config.url = http->config.cors = NULL;
  http->config.tls = NULL;
  http->proxies = config->proxies != NULL ? mg_networks_ref(config->proxies) : NULL;
  http->cors = config->cors != NULL && config->cors[0] != '\0' ? g_strdup(config->cors) : NULL;
  http->origin = mg_http_origin_new(http->cors);
  http->options = mg_http_resource_new_options(http->cors);
  http->n_lanes = mg_lane_n_io();
  http->lanes = g_new0(MgHttpLane, http->n_lanes);
  for (guint i = 0; i < http->n_lanes; i++)
    http->lanes[i].path = g_malloc(config->max_header + 1);
  http->health = mg_http_route_new(http->origin, "/healthz", serve_health, http);
  http->clock = mg_http_route_new(http->origin, "/time", serve_time, NULL);
  return http;
}

/* NULL and ERROR, or NULL when there is no ADDRESS. */
static MgListener *
open_listener(MgHttp *http, const char *address, MgTlsContext *tls, GError **error)
{
  MgListenOptions options = { .size = sizeof options,
                              .max_connections = http->config.max_connections + TOLD_WHY,
                              .user_timeout_ms = USER_TIMEOUT_MS,
                              .tls = tls,
                              .proxies = http->proxies };
  if (address == NULL)
    return NULL;
  MgListener *listener = mg_listener_new(address, &mg_http_client_events, http, &options, error);
  http->n_listeners += listener != NULL ? 1 : 0;
  return listener;
}

/* One that has not really begun. Whom it would count for and ask need not be there any more. */
static void
drop(MgHttp *http)
{
  http->config.counters = (MgHttpCounters){ NULL };
  http->config.is_ready = NULL;
  if (http->n_listeners > 0)
    mg_http_stop(http, NULL, NULL);
  else
    http_free(http);
}

MgHttp *
mg_http_start(const MgHttpConfig *config, GError **error)
{
  MgHttp *http = http_new(config);
  GError *why = NULL;
  http->listener = open_listener(http, config->listen, NULL, &why);
  if (why == NULL)
    http->tls_listener = open_listener(http, config->tls_listen, config->tls, &why);
  if (why == NULL) {
    http->base_url = make_base_url(config, http);
    return http;
  }
  g_propagate_error(error, why);
  drop(http);
  return NULL;
}

char *
mg_http_plain_url(const MgHttp *http)
{
  if (http->listener == NULL || http->tls_listener == NULL)
    return NULL;
  g_autofree char *host = mg_listener_url_host(http->listener);
  return g_strconcat("http://", host, NULL);
}

static void
add_stats(MgListener *listener, MgListenerStats *sum)
{
  MgListenerStats one;
  if (listener == NULL)
    return;
  mg_listener_stats(listener, &one);
  sum->connections += one.connections;
  sum->accepted += one.accepted;
  sum->refused += one.refused;
  sum->received_bytes += one.received_bytes;
  sum->sent_bytes += one.sent_bytes;
}

void
mg_http_stats(MgHttp *http, MgListenerStats *stats)
{
  *stats = (MgListenerStats){ 0 };
  add_stats(http->listener, stats);
  add_stats(http->tls_listener, stats);
}

static void
on_listener_gone(gpointer data)
{
  MgHttp *http = data;
  MgLaneFunc done = http->done;
  gpointer done_data = http->done_data;
  MgLane *done_lane = http->done_lane;
  if (--http->n_listeners > 0)
    return;
  http_free(http);
  if (done != NULL)
    mg_lane_post(done_lane, done, done_data);
}

static void
close_listeners(gpointer data)
{
  MgHttp *http = data;
  MgListener *tls_listener = http->tls_listener;
  if (http->listener != NULL)
    mg_listener_close(http->listener, on_listener_gone, http);
  if (tls_listener != NULL)
    mg_listener_close(tls_listener, on_listener_gone, http);
}

/* On the first I/O lane, where the origin has its timers. */
void
mg_http_stop(MgHttp *http, MgLaneFunc done, gpointer data)
{
  MgLane *here = mg_lane_current();
  http->done = done;
  http->done_data = data;
  http->done_lane = here != NULL ? here : mg_lane_io(0);
  mg_lane_post(mg_lane_io(0), close_listeners, http);
}

static MgHttpFolder *
folder_new(MgHttp *http, const char *path)
{
  return mg_http_folder_new(http->origin, path);
}

static void
folder_put(MgHttpFolder *folder, const char *name, const MgHttpContent *content)
{
  mg_http_folder_put(folder, name, mg_http_resource_new(content, mg_http_folder_cors(folder)));
}

static void
folder_put_lazy(MgHttpFolder *folder, const char *name, const MgHttpContent *content,
                MgData *(*make)(gpointer data), gpointer data, GDestroyNotify destroy)
{
  const MgHttpMaker maker = { make, data, destroy };
  mg_http_folder_put(folder, name, mg_http_lazy_new(content, maker, mg_http_folder_cors(folder)));
}

static void
each_resource(MgHttp *http, void (*each)(const char *path, const char *name, gpointer data),
              gpointer data)
{
  mg_http_origin_each(http->origin, each, data);
}

static MgHttpRoute *
route_new(MgHttp *http, const char *path, MgHttpHandler handler, gpointer data)
{
  return mg_http_route_new(http->origin, path, handler, data);
}

static const char *
base_url(MgHttp *http)
{
  return http->base_url;
}

const MgHttpInterface mg_http_interface = {
  .size = sizeof(MgHttpInterface),
  .folder_new = folder_new,
  .folder_free = mg_http_folder_free,
  .folder_put = folder_put,
  .folder_remove = mg_http_folder_remove,
  .folder_retire = mg_http_folder_retire,
  .route_new = route_new,
  .route_free = mg_http_route_free,
  .request_path = mg_http_request_path,
  .request_query = mg_http_request_query,
  .request_peer = mg_http_request_peer,
  .park = mg_http_request_park,
  .respond = mg_http_request_respond,
  .respond_with = mg_http_request_respond_with,
  .respond_start = mg_http_request_respond_start,
  .respond_write = mg_http_request_respond_write,
  .respond_end = mg_http_request_respond_end,
  .base_url = base_url,
  .each_resource = each_resource,
  .folder_promise = mg_http_folder_promise,
  .folder_begin = mg_http_folder_begin,
  .folder_append = mg_http_folder_append,
  .folder_finish = mg_http_folder_finish,
  .folder_put_lazy = folder_put_lazy,
};
