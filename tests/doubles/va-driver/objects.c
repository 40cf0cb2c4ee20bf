/* Ids and what they stand for. */
#include "va-driver/objects.h"

enum { KIND_SHIFT = 24 };

typedef struct {
  gpointer object;
  GDestroyNotify free;
} Entry;

static const char *const NAMES[] = { "object", "config", "context", "surface", "buffer", "image" };

static void
entry_free(gpointer data)
{
  Entry *entry = data;
  entry->free(entry->object);
  g_free(entry);
}

void
mg_va_objects_init(MgVaObjects *objects)
{
  *objects = (MgVaObjects){ NULL };
  objects->all = g_hash_table_new_full(NULL, NULL, NULL, entry_free);
}

void
mg_va_objects_clear(MgVaObjects *objects)
{
  g_clear_pointer(&objects->all, g_hash_table_unref);
}

const char *
mg_va_kind_name(MgVaKind kind)
{
  return NAMES[kind < MG_VA_N_KINDS ? kind : 0];
}

VAGenericID
mg_va_objects_add(MgVaObjects *objects, MgVaKind kind, gpointer object, GDestroyNotify free)
{
  VAGenericID id = (VAGenericID) kind << KIND_SHIFT | ++objects->n_made[kind];
  Entry *entry = g_new0(Entry, 1);
  *entry = (Entry){ object, free };
  g_hash_table_insert(objects->all, GUINT_TO_POINTER(id), entry);
  objects->n_held[kind]++;
  return id;
}

gpointer
mg_va_objects_get(const MgVaObjects *objects, MgVaKind kind, VAGenericID id)
{
  Entry *entry = g_hash_table_lookup(objects->all, GUINT_TO_POINTER(id));
  return entry != NULL && id >> KIND_SHIFT == kind ? entry->object : NULL;
}

void
mg_va_objects_remove(MgVaObjects *objects, VAGenericID id)
{
  objects->n_held[id >> KIND_SHIFT]--;
  g_hash_table_remove(objects->all, GUINT_TO_POINTER(id));
}

char *
mg_va_objects_explain(const MgVaObjects *objects, MgVaKind kind, VAGenericID id)
{
  guint of = id >> KIND_SHIFT;
  guint n = id & ((1u << KIND_SHIFT) - 1);
  if (of == 0 || of >= MG_VA_N_KINDS || n == 0 || n > objects->n_made[of])
    return g_strdup_printf("0x%08x is no %s and never was", id, mg_va_kind_name(kind));
  if (of != kind)
    return g_strdup_printf("0x%08x is a %s, no %s", id, NAMES[of], mg_va_kind_name(kind));
  return g_strdup_printf("0x%08x is a %s that was destroyed", id, NAMES[of]);
}

char *
mg_va_objects_left(const MgVaObjects *objects)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint kind = 1; kind < MG_VA_N_KINDS; kind++) {
    guint n = objects->n_held[kind];
    if (n > 0)
      g_string_append_printf(text, "%s%u %s%s", text->len == 0 ? "" : ", ", n, NAMES[kind],
                             n == 1 ? "" : "s");
  }
  return text->len == 0 ? NULL : g_string_free(g_steal_pointer(&text), FALSE);
}
