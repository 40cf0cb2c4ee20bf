#include "http/table.h"

#include <string.h>

static void
entry_free(gpointer data)
{
  MgHttpEntry *entry = data;
  g_free(entry->path);
  g_free(entry);
}

MgHttpOrigin *
mg_http_origin_new(const char *cors)
{
  MgHttpOrigin *origin = g_new0(MgHttpOrigin, 1);
  origin->cors = cors;
  g_rw_lock_init(&origin->lock);
  origin->entries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, entry_free);
  origin->prefixes = g_ptr_array_new();
  origin->retired = g_ptr_array_new_with_free_func(mg_http_folder_end_retirement);
  return origin;
}

void
mg_http_origin_free(MgHttpOrigin *origin)
{
  g_ptr_array_unref(origin->retired);
  g_assert(g_hash_table_size(origin->entries) == 0 && origin->prefixes->len == 0);
  g_hash_table_unref(origin->entries);
  g_ptr_array_unref(origin->prefixes);
  g_rw_lock_clear(&origin->lock);
  g_free(origin);
}

MgHttpEntry *
mg_http_origin_need(MgHttpOrigin *origin, char *path)
{
  MgHttpEntry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry != NULL) {
    g_free(path);
    return entry;
  }
  entry = g_new0(MgHttpEntry, 1);
  entry->path = path;
  g_hash_table_insert(origin->entries, path, entry);
  return entry;
}

void
mg_http_origin_drop_if_empty(MgHttpOrigin *origin, MgHttpEntry *entry)
{
  if (entry->routes == NULL && entry->slots == NULL)
    g_hash_table_remove(origin->entries, entry->path);
}

static void
add_exact(MgHttpOrigin *origin, MgHttpRoute *route)
{
  MgHttpEntry *entry = mg_http_origin_need(origin, g_strdup(route->path));
  MgHttpRoute **at = &entry->routes;
  while (*at != NULL)
    at = &(*at)->next;
  *at = route;
}

static void
add_prefix(MgHttpOrigin *origin, MgHttpRoute *route)
{
  guint i = 0;
  for (; i < origin->prefixes->len; i++) {
    MgHttpRoute *other = g_ptr_array_index(origin->prefixes, i);
    if (strlen(other->path) < strlen(route->path))
      break;
  }
  g_ptr_array_insert(origin->prefixes, (gint) i, route);
}

MgHttpRoute *
mg_http_route_new(MgHttpOrigin *origin, const char *path, MgHttpHandler handler, gpointer data)
{
  MgHttpRoute *route = mg_http_route_alloc(origin, path, handler, data);
  g_rw_lock_writer_lock(&origin->lock);
  if (route->is_prefix)
    add_prefix(origin, route);
  else
    add_exact(origin, route);
  g_rw_lock_writer_unlock(&origin->lock);
  return route;
}

static void
take_exact(MgHttpOrigin *origin, MgHttpRoute *route)
{
  MgHttpEntry *entry = g_hash_table_lookup(origin->entries, route->path);
  MgHttpRoute **at = &entry->routes;
  while (*at != route)
    at = &(*at)->next;
  *at = route->next;
  mg_http_origin_drop_if_empty(origin, entry);
}

void
mg_http_route_free(MgHttpRoute *route)
{
  MgHttpOrigin *origin = route->origin;
  g_rw_lock_writer_lock(&origin->lock);
  if (route->is_prefix)
    g_ptr_array_remove(origin->prefixes, route);
  else
    take_exact(origin, route);
  g_rw_lock_writer_unlock(&origin->lock);
  mg_http_route_end(route);
  mg_http_route_unref(route);
}

static MgHttpRoute *
find_prefix(MgHttpOrigin *origin, const char *path)
{
  for (guint i = 0; i < origin->prefixes->len; i++) {
    MgHttpRoute *route = g_ptr_array_index(origin->prefixes, i);
    if (g_str_has_prefix(path, route->path))
      return mg_http_route_ref(route);
  }
  return NULL;
}

/* What is whole comes before what is not: another folder's. */
static MgHttpFound
find_slot(const MgHttpEntry *entry)
{
  const MgHttpSlot *slot = entry->slots;
  while (slot->next != NULL && slot->resource == NULL)
    slot = slot->next;
  if (slot->resource != NULL)
    return (MgHttpFound){ .resource = mg_http_resource_ref(slot->resource) };
  return (MgHttpFound){ .promise = mg_http_promise_ref(entry->slots->promise) };
}

MgHttpFound
mg_http_origin_find(MgHttpOrigin *origin, const char *path)
{
  MgHttpFound found = { NULL };
  g_rw_lock_reader_lock(&origin->lock);
  MgHttpEntry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry == NULL)
    found.route = find_prefix(origin, path);
  else if (entry->routes != NULL)
    found.route = mg_http_route_ref(entry->routes);
  else
    found = find_slot(entry);
  g_rw_lock_reader_unlock(&origin->lock);
  return found;
}

void
mg_http_found_clear(MgHttpFound *found)
{
  g_clear_pointer(&found->resource, mg_http_resource_unref);
  g_clear_pointer(&found->promise, mg_http_promise_unref);
  g_clear_pointer(&found->route, mg_http_route_unref);
}
