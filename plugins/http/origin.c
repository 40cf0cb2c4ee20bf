#include "http/origin.h"

#include <string.h>

/* One folder's resource under a path. */
typedef struct Slot Slot;
struct Slot {
  Slot *next;
  MgHttpFolder *folder;
  MgHttpResource *resource; /* a reference */
};

/* All that is under one path; gone when that is nothing. */
typedef struct {
  char *path;
  MgHttpRoute *routes; /* oldest first */
  Slot *slots;         /* longest folder path first, then newest folder */
} Entry;

struct MgHttpOrigin {
  GRWLock lock;
  GHashTable *entries; /* path → Entry, owned */
  GPtrArray *prefixes; /* routes for what is below a path: longest path first, then oldest */
  guint64 n_made;      /* folders so far */
  GPtrArray *retired;  /* of Retired *; on the first I/O lane */
  const char *cors;
};

struct MgHttpFolder {
  MgHttpOrigin *origin;
  char *path;
  guint64 age;         /* smaller is older */
  gboolean is_retired; /* its owner has gone */
  GHashTable *entries; /* set of borrowed Entry *, in which this folder has a slot */
};

/* A folder whose owner has gone: it stays for a while. */
typedef struct {
  MgTimer timer;
  MgTime after;
  MgHttpFolder *folder;
} Retired;

static void retired_free(gpointer data);

static void
entry_free(gpointer data)
{
  Entry *entry = data;
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
  origin->retired = g_ptr_array_new_with_free_func(retired_free);
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

/* The entry at PATH (taken), made if there is none. */
static Entry *
need_entry(MgHttpOrigin *origin, char *path)
{
  Entry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry != NULL) {
    g_free(path);
    return entry;
  }
  entry = g_new0(Entry, 1);
  entry->path = path;
  g_hash_table_insert(origin->entries, path, entry);
  return entry;
}

static void
drop_if_empty(MgHttpOrigin *origin, Entry *entry)
{
  if (entry->routes == NULL && entry->slots == NULL)
    g_hash_table_remove(origin->entries, entry->path);
}

MgHttpFolder *
mg_http_folder_new(MgHttpOrigin *origin, const char *path)
{
  MgHttpFolder *folder = g_new0(MgHttpFolder, 1);
  folder->origin = origin;
  folder->path = g_strdup(path);
  folder->entries = g_hash_table_new(NULL, NULL);
  g_rw_lock_writer_lock(&origin->lock);
  folder->age = origin->n_made++;
  g_rw_lock_writer_unlock(&origin->lock);
  return folder;
}

const char *
mg_http_folder_cors(MgHttpFolder *folder)
{
  return folder->origin->cors;
}

/* Whether A's resources come before B's under the same path. */
static gboolean
comes_before(const MgHttpFolder *a, const MgHttpFolder *b)
{
  gsize size_a = strlen(a->path), size_b = strlen(b->path);
  return size_a != size_b ? size_a > size_b : a->age >= b->age;
}

/* Where FOLDER's slot is, or would have to be. */
static Slot **
find_slot(Entry *entry, MgHttpFolder *folder)
{
  Slot **at = &entry->slots;
  while (*at != NULL && (*at)->folder != folder && comes_before((*at)->folder, folder))
    at = &(*at)->next;
  return at;
}

static MgHttpResource *
put(MgHttpFolder *folder, char *path, MgHttpResource *resource)
{
  Entry *entry = need_entry(folder->origin, path);
  Slot **at = find_slot(entry, folder);
  if (*at != NULL && (*at)->folder == folder) {
    MgHttpResource *old = (*at)->resource;
    (*at)->resource = resource;
    return old;
  }
  Slot *slot = g_new(Slot, 1);
  *slot = (Slot){ *at, folder, resource };
  *at = slot;
  g_hash_table_add(folder->entries, entry);
  return NULL;
}

static char *
full_path(MgHttpFolder *folder, const char *name)
{
  return g_strconcat(folder->path, "/", name, NULL);
}

void
mg_http_folder_put(MgHttpFolder *folder, const char *name, MgHttpResource *resource)
{
  MgHttpOrigin *origin = folder->origin;
  char *path = full_path(folder, name);
  g_rw_lock_writer_lock(&origin->lock);
  MgHttpResource *old = put(folder, path, resource);
  g_rw_lock_writer_unlock(&origin->lock);
  mg_http_resource_unref(old);
}

/* Takes FOLDER's slot out of ENTRY; its resource is returned, as its bytes are freed without the lock. */
static MgHttpResource *
take_slot(MgHttpFolder *folder, Entry *entry)
{
  Slot **at = find_slot(entry, folder);
  if (*at == NULL || (*at)->folder != folder)
    return NULL;
  Slot *slot = *at;
  MgHttpResource *resource = slot->resource;
  *at = slot->next;
  g_free(slot);
  return resource;
}

void
mg_http_folder_remove(MgHttpFolder *folder, const char *name)
{
  MgHttpOrigin *origin = folder->origin;
  g_autofree char *path = full_path(folder, name);
  g_autoptr(MgHttpResource) old = NULL;
  g_rw_lock_writer_lock(&origin->lock);
  Entry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry != NULL && g_hash_table_remove(folder->entries, entry)) {
    old = take_slot(folder, entry);
    drop_if_empty(origin, entry);
  }
  g_rw_lock_writer_unlock(&origin->lock);
}

static MgHttpResource *
get(MgHttpFolder *folder, const char *path)
{
  Entry *entry = g_hash_table_lookup(folder->origin->entries, path);
  Slot *slot = entry != NULL ? *find_slot(entry, folder) : NULL;
  return slot != NULL && slot->folder == folder ? mg_http_resource_ref(slot->resource) : NULL;
}

MgHttpResource *
mg_http_folder_get(MgHttpFolder *folder, const char *name)
{
  g_autofree char *path = full_path(folder, name);
  g_rw_lock_reader_lock(&folder->origin->lock);
  MgHttpResource *resource = get(folder, path);
  g_rw_lock_reader_unlock(&folder->origin->lock);
  return resource;
}

static void
unref_resource(gpointer resource)
{
  mg_http_resource_unref(resource);
}

void
mg_http_folder_free(MgHttpFolder *folder)
{
  MgHttpOrigin *origin = folder->origin;
  g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func(unref_resource);
  GHashTableIter iter;
  gpointer entry;
  g_rw_lock_writer_lock(&origin->lock);
  g_hash_table_iter_init(&iter, folder->entries);
  while (g_hash_table_iter_next(&iter, &entry, NULL)) {
    g_ptr_array_add(old, take_slot(folder, entry));
    drop_if_empty(origin, entry);
  }
  g_rw_lock_writer_unlock(&origin->lock);
  g_hash_table_unref(folder->entries);
  g_free(folder->path);
  g_free(folder);
}

static void
retired_free(gpointer data)
{
  Retired *retired = data;
  mg_timer_stop(&retired->timer);
  mg_http_folder_free(retired->folder);
  g_free(retired);
}

static void
end_retirement(gpointer data)
{
  Retired *retired = data;
  g_ptr_array_remove_fast(retired->folder->origin->retired, retired); /* frees it */
}

static void
begin_retirement(gpointer data)
{
  Retired *retired = data;
  g_ptr_array_add(retired->folder->origin->retired, retired);
  mg_timer_start_in(&retired->timer, retired->after);
}

void
mg_http_folder_retire(MgHttpFolder *folder, MgTime after)
{
  g_rw_lock_writer_lock(&folder->origin->lock);
  folder->is_retired = TRUE;
  g_rw_lock_writer_unlock(&folder->origin->lock);
  Retired *retired = g_new0(Retired, 1);
  retired->folder = folder;
  retired->after = after;
  mg_timer_init(&retired->timer, end_retirement, retired);
  mg_lane_post(mg_lane_io(0), begin_retirement, retired);
}

/* The folder's path ends where its name begins: both are in the entry's. */
static char *
copy_place(const Entry *entry, const Slot *slot)
{
  char *place = g_strdup(entry->path);
  place[strlen(slot->folder->path)] = '\0';
  return place;
}

void
mg_http_origin_each(MgHttpOrigin *origin,
                    void (*each)(const char *path, const char *name, gpointer data), gpointer data)
{
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
  GHashTableIter iter;
  gpointer value;
  g_rw_lock_reader_lock(&origin->lock);
  g_hash_table_iter_init(&iter, origin->entries);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    const Entry *entry = value;
    for (const Slot *slot = entry->slots; slot != NULL; slot = slot->next)
      if (!slot->folder->is_retired)
        g_ptr_array_add(places, copy_place(entry, slot));
  }
  g_rw_lock_reader_unlock(&origin->lock);
  for (guint i = 0; i < places->len; i++) {
    const char *path = g_ptr_array_index(places, i);
    each(path, path + strlen(path) + 1, data);
  }
}

static void
add_exact(MgHttpOrigin *origin, MgHttpRoute *route)
{
  Entry *entry = need_entry(origin, g_strdup(route->path));
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
  Entry *entry = g_hash_table_lookup(origin->entries, route->path);
  MgHttpRoute **at = &entry->routes;
  while (*at != route)
    at = &(*at)->next;
  *at = route->next;
  drop_if_empty(origin, entry);
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

MgHttpFound
mg_http_origin_find(MgHttpOrigin *origin, const char *path)
{
  MgHttpFound found = { NULL };
  g_rw_lock_reader_lock(&origin->lock);
  Entry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry == NULL)
    found.route = find_prefix(origin, path);
  else if (entry->routes != NULL)
    found.route = mg_http_route_ref(entry->routes);
  else
    found.resource = mg_http_resource_ref(entry->slots->resource);
  g_rw_lock_reader_unlock(&origin->lock);
  return found;
}
