#include "net/queue.h"

#include <string.h>

/* With its header, a block is what malloc keeps at hand per thread; above LARGE a block of its own. */
enum { BLOCK = 1024 - sizeof(MgData), LARGE = 512 };

void
mg_queue_init(MgQueue *queue)
{
  *queue = (MgQueue){ .slices = queue->small, .room = MG_QUEUE_SMALL };
}

static void
free_slices(MgQueue *queue)
{
  if (queue->slices != queue->small)
    g_free(queue->slices);
  queue->slices = queue->small;
  queue->room = MG_QUEUE_SMALL;
}

void
mg_queue_clear(MgQueue *queue)
{
  for (guint i = 0; i < queue->n; i++)
    mg_data_unref(queue->slices[queue->first + i].data);
  free_slices(queue);
  queue->first = queue->n = queue->block_room = 0;
  queue->size = 0;
}

/* Makes room for one more at the end: by moving what is left to the front, or by more memory. */
static void
make_room(MgQueue *queue)
{
  if (queue->first + queue->n < queue->room)
    return;
  if (queue->first >= queue->room / 2) {
    memmove(queue->slices, queue->slices + queue->first, queue->n * sizeof(MgSlice));
  } else {
    MgSlice *slices = g_new(MgSlice, queue->room * 2);
    memcpy(slices, queue->slices + queue->first, queue->n * sizeof(MgSlice));
    guint room = queue->room * 2;
    free_slices(queue);
    queue->slices = slices;
    queue->room = room;
  }
  queue->first = 0;
}

static void
append(MgQueue *queue, MgData *data, gsize offset, gsize size)
{
  make_room(queue);
  queue->slices[queue->first + queue->n++] = (MgSlice){ data, offset, size };
  queue->size += size;
  queue->block_room = 0;
}

void
mg_queue_take(MgQueue *queue, MgData *data, gsize offset, gsize size)
{
  g_assert(offset <= data->size && size <= data->size - offset);
  if (size == 0)
    mg_data_unref(data);
  else
    append(queue, data, offset, size);
}

/* Copies behind the last slice, which is the end of our block. */
static void
extend(MgQueue *queue, const guint8 *bytes, gsize size)
{
  MgSlice *last = &queue->slices[queue->first + queue->n - 1];
  memcpy(last->data->bytes + last->offset + last->size, bytes, size);
  last->size += size;
  queue->size += size;
  queue->block_room -= (guint) size;
}

gboolean
mg_queue_copy(MgQueue *queue, gconstpointer bytes, gsize size)
{
  if (size <= queue->block_room) {
    if (size > 0)
      extend(queue, bytes, size);
    return TRUE;
  }
  MgData *data = mg_data_new(size > LARGE ? size : BLOCK);
  if (data == NULL)
    return FALSE;
  memcpy(data->bytes, bytes, size);
  append(queue, data, 0, size);
  queue->block_room = size > LARGE ? 0 : BLOCK - (guint) size;
  return TRUE;
}

guint
mg_queue_peek(const MgQueue *queue, struct iovec *vectors, guint most, gsize *total)
{
  guint n = MIN(queue->n, most);
  *total = 0;
  for (guint i = 0; i < n; i++) {
    const MgSlice *s = &queue->slices[queue->first + i];
    vectors[i] = (struct iovec){ s->data->bytes + s->offset, s->size };
    *total += s->size;
  }
  return n;
}

void
mg_queue_drop(MgQueue *queue, gsize size)
{
  g_assert(size <= queue->size);
  queue->size -= size;
  while (queue->n > 0) {
    MgSlice *s = &queue->slices[queue->first];
    if (size < s->size) {
      s->offset += size;
      s->size -= size;
      return;
    }
    size -= s->size;
    mg_data_unref(s->data);
    queue->first++;
    queue->n--;
  }
  queue->first = queue->block_room = 0;
  free_slices(queue);
}
