#include "http/exchange/wait.h"

void
mg_http_exchange_send(MgHttpExchange *x, const MgHttpAsked *asked, const MgHttpResource *resource)
{
  if (resource->status >= 400)
    mg_http_count(x->client->http->config.counters.errors);
  x->framing->send(x, asked, resource);
}

void
mg_http_exchange_send_error(MgHttpExchange *x, const MgHttpAsked *asked, guint status)
{
  g_autoptr(MgHttpResource) resource = mg_http_resource_new_error(status, x->client->http->cors);
  mg_http_exchange_send(x, asked, resource);
}

static void
look_up(MgHttpExchange *x, const MgHttpHead *head, const MgHttpAsked *asked)
{
  char *path = x->client->lane->path;
  if (head->path.size > x->client->http->config.max_header ||
      !mg_http_path_decode(head->path, path)) {
    mg_http_exchange_send_error(x, asked, 400);
    return;
  }
  MgHttpFound found = mg_http_origin_find(x->client->http->origin, path);
  if (found.resource != NULL)
    mg_http_exchange_send(x, asked, found.resource);
  else if (found.route != NULL)
    mg_http_request_handle(x, found.route, path, head, asked);
  else if (found.promise != NULL)
    mg_http_wait_for(x, found.promise, asked);
  else
    mg_http_exchange_send_error(x, asked, 404);
  mg_http_found_clear(&found);
}

void
mg_http_exchange_begin(MgHttpExchange *x, const MgHttpHead *head, gboolean closes)
{
  MgHttpAsked asked = { .method = head->method,
                        .minor = head->minor,
                        .closes = closes,
                        .has_frames = head->has_frames,
                        .range = head->range,
                        .if_range = head->if_range,
                        .if_none_match = head->if_none_match,
                        .wants_gzip = head->wants_gzip };
  if (head->method == MG_HTTP_OTHER)
    mg_http_exchange_send_error(x, &asked, 405);
  else if (head->method == MG_HTTP_OPTIONS)
    mg_http_exchange_send(x, &asked, x->client->http->options);
  else
    look_up(x, head, &asked);
}

void
mg_http_exchange_end(MgHttpExchange *x)
{
  if (x->request != NULL)
    mg_http_request_drop(x);
}
