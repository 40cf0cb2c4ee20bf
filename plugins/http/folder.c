#include "http/table.h"

#include <string.h>

/* A growing resource that was not promised is read as long as something comes within this time. */
#define UNPROMISED_WAIT (30 * MG_SECOND)

struct MgHttpFolder {
  MgHttpOrigin *origin;
  char *path;
  guint64 age;         /* smaller is older */
  gboolean is_retired; /* its owner has gone */
  GHashTable *entries; /* set of borrowed MgHttpEntry *, in which this folder has a slot */
};

/* A folder whose owner has gone: it stays for a while. */
typedef struct {
  MgTimer timer;
  MgTime after;
  MgHttpFolder *folder;
} Retired;

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

/* --- slots --------------------------------------------------------------------------------------- */

/* Where FOLDER's slot is, or would have to be. */
static MgHttpSlot **
find_slot(MgHttpEntry *entry, MgHttpFolder *folder)
{
  MgHttpSlot **at = &entry->slots;
  while (*at != NULL && (*at)->folder != folder && comes_before((*at)->folder, folder))
    at = &(*at)->next;
  return at;
}

static MgHttpSlot *
need_slot(MgHttpFolder *folder, char *path)
{
  MgHttpEntry *entry = mg_http_origin_need(folder->origin, path);
  MgHttpSlot **at = find_slot(entry, folder);
  if (*at != NULL && (*at)->folder == folder)
    return *at;
  MgHttpSlot *slot = g_new(MgHttpSlot, 1);
  *slot = (MgHttpSlot){ *at, folder, NULL, NULL };
  *at = slot;
  g_hash_table_add(folder->entries, entry);
  return slot;
}

static char *
full_path(MgHttpFolder *folder, const char *name)
{
  return g_strconcat(folder->path, "/", name, NULL);
}

/* Returned-owned: what was under NAME before NOW (taken) came there. */
static MgHttpFound
set(MgHttpFolder *folder, const char *name, MgHttpFound now)
{
  char *path = full_path(folder, name);
  g_rw_lock_writer_lock(&folder->origin->lock);
  MgHttpSlot *slot = need_slot(folder, path);
  MgHttpFound before = { .resource = slot->resource, .promise = slot->promise };
  slot->resource = now.resource;
  slot->promise = now.promise;
  g_rw_lock_writer_unlock(&folder->origin->lock);
  return before;
}

/* Takes FOLDER's slot out of ENTRY. What it held is returned, as bytes are freed without the lock. */
static MgHttpFound
take_slot(MgHttpFolder *folder, MgHttpEntry *entry)
{
  MgHttpSlot **at = find_slot(entry, folder);
  g_assert(*at != NULL && (*at)->folder == folder);
  MgHttpSlot *slot = *at;
  MgHttpFound held = { .resource = slot->resource, .promise = slot->promise };
  *at = slot->next;
  g_free(slot);
  mg_http_origin_drop_if_empty(folder->origin, entry);
  return held;
}

static void
let_go(MgHttpFound *held)
{
  if (held->promise != NULL)
    mg_http_promise_break(held->promise);
  mg_http_found_clear(held);
}

/* --- resources ----------------------------------------------------------------------------------- */

void
mg_http_folder_put(MgHttpFolder *folder, const char *name, MgHttpResource *resource)
{
  g_autoptr(MgHttpResource) own = mg_http_resource_ref(resource);
  MgHttpFound before = set(folder, name, (MgHttpFound){ .resource = resource });
  if (before.promise != NULL)
    mg_http_promise_replace(before.promise, own);
  mg_http_found_clear(&before);
}

void
mg_http_folder_remove(MgHttpFolder *folder, const char *name)
{
  MgHttpOrigin *origin = folder->origin;
  g_autofree char *path = full_path(folder, name);
  MgHttpFound old = { NULL };
  g_rw_lock_writer_lock(&origin->lock);
  MgHttpEntry *entry = g_hash_table_lookup(origin->entries, path);
  if (entry != NULL && g_hash_table_remove(folder->entries, entry))
    old = take_slot(folder, entry);
  g_rw_lock_writer_unlock(&origin->lock);
  let_go(&old);
}

static MgHttpFound
get(MgHttpFolder *folder, const char *path)
{
  MgHttpEntry *entry = g_hash_table_lookup(folder->origin->entries, path);
  MgHttpSlot *slot = entry != NULL ? *find_slot(entry, folder) : NULL;
  if (slot == NULL || slot->folder != folder)
    return (MgHttpFound){ NULL };
  if (slot->resource != NULL)
    return (MgHttpFound){ .resource = mg_http_resource_ref(slot->resource) };
  return (MgHttpFound){ .promise = mg_http_promise_ref(slot->promise) };
}

MgHttpFound
mg_http_folder_get(MgHttpFolder *folder, const char *name)
{
  g_autofree char *path = full_path(folder, name);
  g_rw_lock_reader_lock(&folder->origin->lock);
  MgHttpFound found = get(folder, path);
  g_rw_lock_reader_unlock(&folder->origin->lock);
  return found;
}

/* --- promises ------------------------------------------------------------------------------------ */

void
mg_http_folder_promise(MgHttpFolder *folder, const char *name, MgTime wait)
{
  MgHttpOrigin *origin = folder->origin;
  g_autoptr(MgHttpPromise) promise = mg_http_promise_new(wait, origin->cors);
  char *path = full_path(folder, name);
  g_rw_lock_writer_lock(&origin->lock);
  MgHttpSlot *slot = need_slot(folder, path);
  if (slot->resource == NULL && slot->promise == NULL)
    slot->promise = g_steal_pointer(&promise);
  g_rw_lock_writer_unlock(&origin->lock);
}

void
mg_http_folder_begin(MgHttpFolder *folder, const char *name, const MgHttpContent *content)
{
  MgHttpFound found = mg_http_folder_get(folder, name);
  if (found.promise == NULL || !mg_http_promise_begin(found.promise, content)) {
    MgHttpPromise *promise = mg_http_promise_new(UNPROMISED_WAIT, folder->origin->cors);
    mg_http_promise_begin(promise, content);
    MgHttpFound before = set(folder, name, (MgHttpFound){ .promise = promise });
    let_go(&before);
  }
  mg_http_found_clear(&found);
}

void
mg_http_folder_append(MgHttpFolder *folder, const char *name, MgBuffer *buffer)
{
  MgHttpFound found = mg_http_folder_get(folder, name);
  g_return_if_fail(found.promise != NULL);
  mg_http_promise_append(found.promise, buffer);
  mg_http_found_clear(&found);
}

void
mg_http_folder_finish(MgHttpFolder *folder, const char *name)
{
  MgHttpFound found = mg_http_folder_get(folder, name);
  g_return_if_fail(found.promise != NULL);
  g_autoptr(MgHttpResource) whole = mg_http_promise_collect(found.promise);
  MgHttpFound before = set(folder, name, (MgHttpFound){ .resource = mg_http_resource_ref(whole) });
  mg_http_promise_keep(found.promise, whole);
  mg_http_found_clear(&before);
  mg_http_found_clear(&found);
}

/* --- the end ------------------------------------------------------------------------------------- */

static void
let_all_go(GArray *held)
{
  for (guint i = 0; i < held->len; i++)
    let_go(&g_array_index(held, MgHttpFound, i));
  g_array_unref(held);
}

/* Returned-owned: what FOLDER has, or only what is not whole; it has that no more. */
static GArray *
take_slots(MgHttpFolder *folder, gboolean keeps_whole)
{
  GArray *held = g_array_new(FALSE, FALSE, sizeof(MgHttpFound));
  GHashTableIter iter;
  gpointer entry;
  g_hash_table_iter_init(&iter, folder->entries);
  while (g_hash_table_iter_next(&iter, &entry, NULL)) {
    if (keeps_whole && (*find_slot(entry, folder))->resource != NULL)
      continue;
    MgHttpFound one = take_slot(folder, entry);
    g_array_append_val(held, one);
    g_hash_table_iter_remove(&iter);
  }
  return held;
}

void
mg_http_folder_free(MgHttpFolder *folder)
{
  MgHttpOrigin *origin = folder->origin;
  g_rw_lock_writer_lock(&origin->lock);
  GArray *held = take_slots(folder, FALSE);
  g_rw_lock_writer_unlock(&origin->lock);
  let_all_go(held);
  g_hash_table_unref(folder->entries);
  g_free(folder->path);
  g_free(folder);
}

void
mg_http_folder_end_retirement(gpointer data)
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
  GArray *held = take_slots(folder, TRUE);
  g_rw_lock_writer_unlock(&folder->origin->lock);
  let_all_go(held);
  Retired *retired = g_new0(Retired, 1);
  retired->folder = folder;
  retired->after = after;
  mg_timer_init(&retired->timer, end_retirement, retired);
  mg_lane_post(mg_lane_io(0), begin_retirement, retired);
}

/* --- what there is ------------------------------------------------------------------------------- */

/* The folder's path ends where its name begins: both are in the entry's. */
static char *
copy_place(const MgHttpEntry *entry, const MgHttpSlot *slot)
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
    const MgHttpEntry *entry = value;
    for (const MgHttpSlot *slot = entry->slots; slot != NULL; slot = slot->next)
      if (!slot->folder->is_retired && slot->resource != NULL)
        g_ptr_array_add(places, copy_place(entry, slot));
  }
  g_rw_lock_reader_unlock(&origin->lock);
  for (guint i = 0; i < places->len; i++) {
    const char *path = g_ptr_array_index(places, i);
    each(path, path + strlen(path) + 1, data);
  }
}
