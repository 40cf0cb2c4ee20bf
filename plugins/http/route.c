#include "http/route.h"

/* The route that this thread is in right now. */
static __thread MgHttpRoute *route_here;

MgHttpRoute *
mg_http_route_alloc(MgHttpOrigin *origin, const char *path, MgHttpHandler handler, gpointer data)
{
  MgHttpRoute *route = g_new0(MgHttpRoute, 1);
  route->ref_count = 1;
  route->origin = origin;
  route->path = g_strdup(path);
  route->is_prefix = g_str_has_suffix(path, "/");
  route->handler = handler;
  route->data = data;
  g_mutex_init(&route->lock);
  g_cond_init(&route->left);
  return route;
}

MgHttpRoute *
mg_http_route_ref(MgHttpRoute *route)
{
  g_atomic_int_inc(&route->ref_count);
  return route;
}

void
mg_http_route_unref(MgHttpRoute *route)
{
  if (route == NULL || !g_atomic_int_dec_and_test(&route->ref_count))
    return;
  g_mutex_clear(&route->lock);
  g_cond_clear(&route->left);
  g_free(route->path);
  g_free(route);
}

gboolean
mg_http_route_enter(MgHttpRoute *route)
{
  g_mutex_lock(&route->lock);
  gboolean is_there = !route->has_ended;
  route->n_inside += is_there ? 1 : 0;
  g_mutex_unlock(&route->lock);
  if (is_there)
    route_here = route;
  return is_there;
}

void
mg_http_route_leave(MgHttpRoute *route)
{
  route_here = NULL;
  g_mutex_lock(&route->lock);
  if (--route->n_inside == 0)
    g_cond_signal(&route->left);
  g_mutex_unlock(&route->lock);
}

void
mg_http_route_call(MgHttpRoute *route, MgHttpRequest *request)
{
  route->handler(request, route->data);
}

void
mg_http_route_end(MgHttpRoute *route)
{
  g_assert(route_here != route);
  g_mutex_lock(&route->lock);
  route->has_ended = TRUE;
  while (route->n_inside > 0)
    g_cond_wait(&route->left, &route->lock);
  g_mutex_unlock(&route->lock);
}
