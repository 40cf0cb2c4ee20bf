#include "http/lazy.h"

struct MgHttpLazy {
  MgHttpContent content; /* without a body; its etag is the resource's */
  MgHttpMaker maker;
  const char *cors;
  MgHttpResource *made; /* atomic; NULL: not yet */
};

MgHttpResource *
mg_http_lazy_new(const MgHttpContent *content, MgHttpMaker maker, const char *cors)
{
  MgHttpContent head = *content;
  head.data = NULL;
  head.buffers = NULL;
  head.n_buffers = 0;
  MgHttpResource *resource = mg_http_resource_new_once(&head, cors);
  head.etag = resource->etag;
  resource->lazy = g_new0(MgHttpLazy, 1);
  *resource->lazy = (MgHttpLazy){ head, maker, cors, NULL };
  return resource;
}

static MgHttpResource *
make(const MgHttpLazy *lazy)
{
  g_autoptr(MgData) data = lazy->maker.make(lazy->maker.data);
  if (data == NULL)
    return mg_http_resource_new_error(500, lazy->cors);
  MgHttpContent content = lazy->content;
  content.data = data;
  return mg_http_resource_new(&content, lazy->cors);
}

const MgHttpResource *
mg_http_lazy_of(const MgHttpResource *resource)
{
  MgHttpLazy *lazy = resource->lazy;
  if (lazy == NULL)
    return resource;
  MgHttpResource *made = g_atomic_pointer_get(&lazy->made);
  if (made != NULL)
    return made;
  made = make(lazy);
  if (g_atomic_pointer_compare_and_exchange(&lazy->made, NULL, made))
    return made;
  mg_http_resource_unref(made);
  return g_atomic_pointer_get(&lazy->made);
}

void
mg_http_lazy_free(MgHttpLazy *lazy)
{
  if (lazy == NULL)
    return;
  mg_http_resource_unref(lazy->made);
  if (lazy->maker.destroy != NULL)
    lazy->maker.destroy(lazy->maker.data);
  g_free(lazy);
}
