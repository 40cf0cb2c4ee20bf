#include "doubles/fake-http.h"

#include <mediagraph/harness.h>

#include <string.h>

struct MgHttp {
  GPtrArray *folders;  /* of MgHttpFolder *, oldest first, owned */
  GPtrArray *routes;   /* of MgHttpRoute *, owned */
  GPtrArray *requests; /* of MgHttpRequest *, owned */
  GString *log;
};

struct MgHttpFolder {
  MgHttp *http;
  char *path;
  GHashTable *resources; /* name → Resource */
  gboolean is_retired;
};

typedef struct {
  GString *body; /* NULL: it is promised */
  char *about;
  guint status; /* 0: 200 */
  gboolean is_growing;
} Resource;

struct MgHttpRoute {
  MgHttp *http;
  char *path;
  MgHttpHandler handler;
  gpointer data;
};

struct MgHttpRequest {
  char *path, *query;
  MgHttpFolder *folder; /* with the promise that it waits for */
  char *name;
  guint status; /* 0: it waits */
  GString *body;
};

static void
resource_free(gpointer data)
{
  Resource *resource = data;
  if (resource->body != NULL)
    g_string_free(resource->body, TRUE);
  g_free(resource->about);
  g_free(resource);
}

static void
folder_unmake(gpointer data)
{
  MgHttpFolder *folder = data;
  g_hash_table_unref(folder->resources);
  g_free(folder->path);
  g_free(folder);
}

/* --- the interface ----------------------------------------------------------------------------- */

static void
answer(MgHttpRequest *request, guint status, const GString *body)
{
  g_assert_cmpuint(request->status, ==, 0);
  request->status = status != 0 ? status : 200;
  request->folder = NULL;
  request->body = body != NULL ? g_string_new_len(body->str, (gssize) body->len) : g_string_new("");
}

/* What was promised has come (RESOURCE), or never will (NULL). NAME NULL: nothing in the folder will. */
static void
answer_waiting(MgHttpFolder *folder, const char *name, const Resource *resource)
{
  for (guint i = 0; i < folder->http->requests->len; i++) {
    MgHttpRequest *request = g_ptr_array_index(folder->http->requests, i);
    if (request->folder == folder && (name == NULL || g_str_equal(request->name, name)))
      answer(request, resource != NULL ? resource->status : 404, resource ? resource->body : NULL);
  }
}

static MgHttpFolder *
folder_new(MgHttp *http, const char *path)
{
  MgHttpFolder *folder = g_new0(MgHttpFolder, 1);
  folder->http = http;
  folder->path = g_strdup(path);
  folder->resources = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, resource_free);
  g_ptr_array_add(http->folders, folder);
  return folder;
}

static void
folder_free(MgHttpFolder *folder)
{
  g_string_append_printf(folder->http->log, "free %s\n", folder->path);
  answer_waiting(folder, NULL, NULL);
  g_ptr_array_remove(folder->http->folders, folder);
}

static void
folder_retire(MgHttpFolder *folder, MgTime after)
{
  g_string_append_printf(folder->http->log, "retire %s %" G_GINT64_FORMAT "s\n", folder->path,
                         after / MG_SECOND);
  folder->is_retired = TRUE;
}

static void
append_buffer(GString *body, const MgBuffer *buffer)
{
  gsize at = body->len;
  g_string_set_size(body, at + buffer->size);
  mg_buffer_copy_out(buffer, body->str + at, buffer->size);
}

static GString *
body_of(const MgHttpContent *content)
{
  if (content->data != NULL)
    return g_string_new_len((const char *) content->data->bytes, (gssize) content->data->size);
  GString *body = g_string_new(NULL);
  for (guint i = 0; i < content->n_buffers; i++)
    append_buffer(body, content->buffers[i]);
  return body;
}

static char *
describe(const MgHttpContent *content)
{
  if (content->cache == MG_HTTP_CACHE_SHORT)
    return g_strdup_printf("short %u, %s", content->max_age_ms, content->content_type);
  return g_strdup_printf("%s, %s", content->cache == MG_HTTP_CACHE_NEVER ? "never" : "immutable",
                         content->content_type);
}

static void
note(MgHttpFolder *folder, const char *what, const char *name)
{
  g_string_append_printf(folder->http->log, "%s %s/%s\n", what, folder->path, name);
}

static Resource *
add(MgHttpFolder *folder, const char *name, const MgHttpContent *content)
{
  Resource *resource = g_new0(Resource, 1);
  if (content != NULL) {
    resource->body = body_of(content);
    resource->about = describe(content);
    resource->status = content->status;
  }
  g_hash_table_insert(folder->resources, g_strdup(name), resource);
  return resource;
}

static void
folder_put(MgHttpFolder *folder, const char *name, const MgHttpContent *content)
{
  answer_waiting(folder, name, add(folder, name, content));
  note(folder, "put", name);
}

/* Made at once: it is for the real one to show that it waits. */
static void
folder_put_lazy(MgHttpFolder *folder, const char *name, const MgHttpContent *content,
                MgData *(*make)(gpointer data), gpointer data, GDestroyNotify destroy)
{
  g_autoptr(MgData) made = make(data);
  MgHttpContent whole = *content;
  whole.data = made;
  add(folder, name, &whole);
  note(folder, "put", name);
  if (destroy != NULL)
    destroy(data);
}

static void
folder_promise(MgHttpFolder *folder, const char *name, MgTime wait)
{
  if (g_hash_table_contains(folder->resources, name))
    return;
  add(folder, name, NULL);
  note(folder, "promise", name);
}

static void
folder_begin(MgHttpFolder *folder, const char *name, const MgHttpContent *content)
{
  add(folder, name, content)->is_growing = TRUE;
  note(folder, "begin", name);
}

static Resource *
find_growing(MgHttpFolder *folder, const char *name)
{
  Resource *resource = g_hash_table_lookup(folder->resources, name);
  if (resource == NULL || !resource->is_growing)
    g_error("%s/%s does not grow", folder->path, name);
  return resource;
}

static void
folder_append(MgHttpFolder *folder, const char *name, MgBuffer *buffer)
{
  append_buffer(find_growing(folder, name)->body, buffer);
  note(folder, "append", name);
}

static void
folder_finish(MgHttpFolder *folder, const char *name)
{
  find_growing(folder, name)->is_growing = FALSE;
  note(folder, "finish", name);
}

static void
folder_remove(MgHttpFolder *folder, const char *name)
{
  if (!g_hash_table_remove(folder->resources, name))
    g_error("%s/%s is removed, and was not there", folder->path, name);
  answer_waiting(folder, name, NULL);
  note(folder, "remove", name);
}

static MgHttpRoute *
route_new(MgHttp *http, const char *path, MgHttpHandler handler, gpointer data)
{
  MgHttpRoute *route = g_new0(MgHttpRoute, 1);
  *route = (MgHttpRoute){ http, g_strdup(path), handler, data };
  g_ptr_array_add(http->routes, route);
  g_string_append_printf(http->log, "route %s\n", path);
  return route;
}

static void
route_unmake(gpointer data)
{
  MgHttpRoute *route = data;
  g_free(route->path);
  g_free(route);
}

static void
route_free(MgHttpRoute *route)
{
  g_string_append_printf(route->http->log, "unroute %s\n", route->path);
  g_ptr_array_remove(route->http->routes, route);
}

static const char *
request_path(MgHttpRequest *request)
{
  return request->path;
}

static const char *
request_query(MgHttpRequest *request)
{
  return request->query;
}

static void
respond(MgHttpRequest *request, const MgHttpContent *content)
{
  GString *body = body_of(content);
  answer(request, content->status, body);
  g_string_free(body, TRUE);
}

static void
respond_with(MgHttpRequest *request, MgHttpFolder *folder, const char *name)
{
  const Resource *resource = g_hash_table_lookup(folder->resources, name);
  if (resource != NULL && resource->body == NULL) {
    request->folder = folder;
    request->name = g_strdup(name);
    return;
  }
  answer(request, resource != NULL ? resource->status : 404, resource ? resource->body : NULL);
}

static const char *
base_url(MgHttp *http)
{
  return "http://test:8080";
}

static const MgHttpInterface interface = {
  .size = sizeof interface,
  .folder_new = folder_new,
  .folder_free = folder_free,
  .folder_put = folder_put,
  .folder_remove = folder_remove,
  .folder_retire = folder_retire,
  .route_new = route_new,
  .route_free = route_free,
  .request_path = request_path,
  .request_query = request_query,
  .respond = respond,
  .respond_with = respond_with,
  .base_url = base_url,
  .folder_promise = folder_promise,
  .folder_put_lazy = folder_put_lazy,
  .folder_begin = folder_begin,
  .folder_append = folder_append,
  .folder_finish = folder_finish,
};

/* --- for tests --------------------------------------------------------------------------------- */

static void
request_unmake(gpointer data)
{
  MgHttpRequest *request = data;
  if (request->body != NULL)
    g_string_free(request->body, TRUE);
  g_free(request->path);
  g_free(request->query);
  g_free(request->name);
  g_free(request);
}

MgHttp *
mg_fake_http_new(void)
{
  MgHttp *http = g_new0(MgHttp, 1);
  http->folders = g_ptr_array_new_with_free_func(folder_unmake);
  http->routes = g_ptr_array_new_with_free_func(route_unmake);
  http->requests = g_ptr_array_new_with_free_func(request_unmake);
  http->log = g_string_new(NULL);
  return http;
}

void
mg_fake_http_offer(MgHttp *http)
{
  mg_harness_use_service(MG_HTTP_SERVICE, &interface, http);
}

void
mg_fake_http_free(MgHttp *http)
{
  for (guint i = 0; i < http->folders->len; i++) {
    const MgHttpFolder *folder = g_ptr_array_index(http->folders, i);
    if (!folder->is_retired)
      g_error("the folder %s was neither freed nor retired", folder->path);
  }
  if (http->routes->len > 0)
    g_error("the route %s was never freed", ((MgHttpRoute *) http->routes->pdata[0])->path);
  g_ptr_array_unref(http->folders);
  g_ptr_array_unref(http->routes);
  g_ptr_array_unref(http->requests);
  g_string_free(http->log, TRUE);
  g_free(http);
}

static const Resource *
find(MgHttp *http, const char *path)
{
  for (guint i = http->folders->len; i > 0; i--) {
    const MgHttpFolder *folder = g_ptr_array_index(http->folders, i - 1);
    gsize n = strlen(folder->path);
    if (!g_str_has_prefix(path, folder->path) || path[n] != '/')
      continue;
    const Resource *resource = g_hash_table_lookup(folder->resources, path + n + 1);
    if (resource != NULL)
      return resource;
  }
  return NULL;
}

char *
mg_fake_http_get(MgHttp *http, const char *path)
{
  const Resource *resource = find(http, path);
  gboolean is_there = resource != NULL && resource->body != NULL;
  return is_there ? g_memdup2(resource->body->str, resource->body->len + 1) : NULL;
}

const char *
mg_fake_http_peek(MgHttp *http, const char *path, gsize *size)
{
  const Resource *resource = find(http, path);
  gboolean is_there = resource != NULL && resource->body != NULL;
  *size = is_there ? resource->body->len : 0;
  return is_there ? resource->body->str : NULL;
}

const char *
mg_fake_http_state(MgHttp *http, const char *path)
{
  const Resource *resource = find(http, path);
  if (resource == NULL)
    return NULL;
  return resource->body == NULL ? "promised" : resource->is_growing ? "growing" : "whole";
}

const char *
mg_fake_http_about(MgHttp *http, const char *path)
{
  const Resource *resource = find(http, path);
  return resource ? resource->about : NULL;
}

char *
mg_fake_http_log(MgHttp *http)
{
  GString *log = http->log;
  http->log = g_string_new(NULL);
  return g_string_free(log, FALSE);
}

/* The oldest route at exactly PATH, or for what is below a path that PATH begins with. */
static MgHttpRoute *
find_route(MgHttp *http, const char *path, gboolean is_below)
{
  for (guint i = 0; i < http->routes->len; i++) {
    MgHttpRoute *route = g_ptr_array_index(http->routes, i);
    gboolean is_open = g_str_has_suffix(route->path, "/");
    if (is_below ? is_open && g_str_has_prefix(path, route->path) : g_str_equal(route->path, path))
      return route;
  }
  return NULL;
}

MgHttpRequest *
mg_fake_http_ask(MgHttp *http, const char *path, const char *query)
{
  MgHttpRequest *request = g_new0(MgHttpRequest, 1);
  request->path = g_strdup(path);
  request->query = g_strdup(query);
  g_ptr_array_add(http->requests, request);
  const Resource *resource = find(http, path);
  MgHttpRoute *route = find_route(http, path, FALSE);
  if (route == NULL && resource == NULL)
    route = find_route(http, path, TRUE);
  if (route != NULL)
    route->handler(request, route->data);
  else
    answer(request, resource ? resource->status : 404, resource ? resource->body : NULL);
  return request;
}

guint
mg_fake_http_status(const MgHttpRequest *request)
{
  return request->status;
}

const char *
mg_fake_http_body(const MgHttpRequest *request)
{
  return request->body != NULL ? request->body->str : NULL;
}
