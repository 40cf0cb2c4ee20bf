#include "http/origin.h"

static MgHttpResource *
resource(const char *etag)
{
  return mg_http_resource_new(&(MgHttpContent){ .size = sizeof(MgHttpContent), .etag = etag },
                              NULL);
}

static void
assert_etag(MgHttpOrigin *origin, const char *path, const char *etag)
{
  MgHttpFound found = mg_http_origin_find(origin, path);
  g_autoptr(MgHttpResource) r = found.resource;
  g_assert_null(found.route);
  g_assert_cmpstr(r != NULL ? r->etag : NULL, ==, etag);
}

static void
test_put_and_remove(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpFolder *folder = mg_http_folder_new(origin, "/live/studio");
  mg_http_folder_put(folder, "video/1.m4s", resource("one"));
  assert_etag(origin, "/live/studio/video/1.m4s", "one");
  assert_etag(origin, "/live/studio/video/2.m4s", NULL);
  mg_http_folder_put(folder, "video/1.m4s", resource("two"));
  assert_etag(origin, "/live/studio/video/1.m4s", "two");
  mg_http_folder_remove(folder, "video/1.m4s");
  mg_http_folder_remove(folder, "video/1.m4s");
  assert_etag(origin, "/live/studio/video/1.m4s", NULL);
  mg_http_folder_free(folder);
  mg_http_origin_free(origin);
}

static void
test_get(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpFolder *a = mg_http_folder_new(origin, "/a"), *b = mg_http_folder_new(origin, "/a");
  mg_http_folder_put(a, "x", resource("of-a"));
  mg_http_folder_put(b, "y", resource("of-b"));
  g_autoptr(MgHttpResource) own = mg_http_folder_get(a, "x").resource;
  g_assert_cmpstr(own->etag, ==, "of-a");
  g_assert_null(mg_http_folder_get(a, "y").resource);
  g_assert_null(mg_http_folder_get(b, "x").resource);
  mg_http_folder_free(a);
  mg_http_folder_free(b);
  mg_http_origin_free(origin);
}

static void
test_newest_owner_answers(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpFolder *old = mg_http_folder_new(origin, "/a"), *young = mg_http_folder_new(origin, "/a");
  mg_http_folder_put(old, "x", resource("old"));
  assert_etag(origin, "/a/x", "old");
  mg_http_folder_put(young, "x", resource("young"));
  assert_etag(origin, "/a/x", "young");
  mg_http_folder_put(old, "x", resource("older"));
  assert_etag(origin, "/a/x", "young");
  mg_http_folder_free(young);
  assert_etag(origin, "/a/x", "older");
  mg_http_folder_free(old);
  mg_http_origin_free(origin);
}

static void
test_longest_path_answers(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpFolder *outer = mg_http_folder_new(origin, "/a"),
               *inner = mg_http_folder_new(origin, "/a/b");
  mg_http_folder_put(outer, "b/x", resource("outer"));
  assert_etag(origin, "/a/b/x", "outer");
  mg_http_folder_put(inner, "x", resource("inner"));
  assert_etag(origin, "/a/b/x", "inner");
  mg_http_folder_free(inner);
  assert_etag(origin, "/a/b/x", "outer");
  mg_http_folder_free(outer);
  mg_http_origin_free(origin);
}

static void
handle(MgHttpRequest *request, gpointer data)
{
}

static void
assert_route(MgHttpOrigin *origin, const char *path, MgHttpRoute *route)
{
  MgHttpFound found = mg_http_origin_find(origin, path);
  g_assert_null(found.resource);
  g_assert_true(found.route == route);
  mg_http_route_unref(found.route);
}

static void
test_routes(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpFolder *folder = mg_http_folder_new(origin, "/a");
  mg_http_folder_put(folder, "x", resource("x"));
  MgHttpRoute *root = mg_http_route_new(origin, "/", handle, NULL);
  MgHttpRoute *below = mg_http_route_new(origin, "/a/", handle, NULL);
  assert_etag(origin, "/a/x", "x");
  assert_route(origin, "/a/y", below);
  assert_route(origin, "/a/", below);
  assert_route(origin, "/a", root);
  MgHttpRoute *exact = mg_http_route_new(origin, "/a/x", handle, NULL);
  MgHttpRoute *second = mg_http_route_new(origin, "/a/x", handle, NULL);
  assert_route(origin, "/a/x", exact);
  mg_http_route_free(exact);
  assert_route(origin, "/a/x", second);
  mg_http_route_free(second);
  assert_etag(origin, "/a/x", "x");
  mg_http_route_free(below);
  assert_route(origin, "/a/y", root);
  mg_http_route_free(root);
  assert_etag(origin, "/a/y", NULL);
  mg_http_folder_free(folder);
  mg_http_origin_free(origin);
}

static void
test_freed_route(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  MgHttpRoute *route = mg_http_route_new(origin, "/a", handle, NULL);
  MgHttpRoute *held = mg_http_route_ref(route);
  g_assert_true(mg_http_route_enter(held));
  mg_http_route_leave(held);
  mg_http_route_free(route);
  g_assert_false(mg_http_route_enter(held));
  mg_http_route_unref(held);
  mg_http_origin_free(origin);
}

typedef struct {
  MgHttpRoute *route;
  gint has_entered, has_left;
} Visit;

static gpointer
visit(gpointer data)
{
  Visit *v = data;
  g_assert_true(mg_http_route_enter(v->route));
  g_atomic_int_set(&v->has_entered, TRUE);
  for (guint i = 0; i < 1000; i++)
    g_thread_yield();
  g_atomic_int_set(&v->has_left, TRUE);
  mg_http_route_leave(v->route);
  return NULL;
}

static void
test_free_waits(void)
{
  MgHttpOrigin *origin = mg_http_origin_new(NULL);
  for (guint i = 0; i < 20; i++) {
    MgHttpRoute *route = mg_http_route_new(origin, "/a", handle, NULL);
    Visit v = { .route = mg_http_route_ref(route) };
    GThread *thread = g_thread_new("visitor", visit, &v);
    while (!g_atomic_int_get(&v.has_entered))
      g_thread_yield();
    mg_http_route_free(route);
    g_assert_true(g_atomic_int_get(&v.has_left));
    g_thread_join(thread);
    mg_http_route_unref(v.route);
  }
  mg_http_origin_free(origin);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/origin/what-is-put-is-found-until-removed", test_put_and_remove);
  g_test_add_func("/http/origin/a-folder-gets-only-its-own", test_get);
  g_test_add_func("/http/origin/the-newest-owner-answers", test_newest_owner_answers);
  g_test_add_func("/http/origin/the-longest-path-answers", test_longest_path_answers);
  g_test_add_func("/http/origin/routes-exact-then-folders-then-below", test_routes);
  g_test_add_func("/http/origin/a-freed-route-cannot-be-entered", test_freed_route);
  g_test_add_func("/http/origin/freeing-a-route-waits-for-who-is-inside", test_free_waits);
  return g_test_run();
}
