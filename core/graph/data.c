#include <mediagraph/data.h>

#include "graph/leaks.h"
#include "loop/lane.h"
#include "util/heap.h"
#include "util/rule.h"

#include <string.h>

MgData *
mg_data_new(gsize size)
{
  MgData *data = size <= G_MAXSSIZE - sizeof(MgData) ? mg_heap_alloc(sizeof(MgData) + size) : NULL;
  if (data == NULL)
    return NULL;
  *data = (MgData){ .ref_count = 1, .bytes = (guint8 *) (data + 1), .size = size };
  mg_leaks_count(MG_LEAKS_DATA, 1);
  return data;
}

MgData *
mg_data_new_copy(gconstpointer bytes, gsize size)
{
  MgData *data = mg_data_new(size);
  if (data != NULL && size > 0)
    memcpy(data->bytes, bytes, size);
  return data;
}

MgData *
mg_data_new_wrap(gpointer bytes, gsize size, void (*release)(gpointer owner), gpointer owner)
{
  MgData *data = g_new(MgData, 1);
  *data =
      (MgData){ .ref_count = 1, .bytes = bytes, .size = size, .release = release, .owner = owner };
  mg_leaks_count(MG_LEAKS_DATA, 1);
  return data;
}

MgData *
mg_data_ref(MgData *data)
{
  g_atomic_int_inc(&data->ref_count);
  return data;
}

void
mg_data_unref(MgData *data)
{
  if (data == NULL || !g_atomic_int_dec_and_test(&data->ref_count))
    return;
  mg_leaks_count(MG_LEAKS_DATA, -1);
  if (data->bytes == (guint8 *) (data + 1)) {
    mg_heap_free(data, sizeof(MgData) + data->size);
    return;
  }
  /* It may be a plugin's. */
  mg_rule(data->release == NULL || mg_holds_no_lock());
  if (data->release != NULL)
    data->release(data->owner);
  g_free(data);
}
