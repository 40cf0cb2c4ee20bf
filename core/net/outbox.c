#include "net/outbox.h"

#include <string.h>

/* With its header and malloc's word, a block is 1 KiB, a size that the heap recycles; LARGE ones are alone. */
enum { BLOCK = 1024 - 8 - sizeof(MgData), LARGE = 512 };

void
mg_outbox_init(MgOutbox *outbox)
{
  *outbox = (MgOutbox){ .slices = outbox->small, .room = MG_OUTBOX_SMALL };
}

static void
free_slices(MgOutbox *outbox)
{
  if (outbox->slices != outbox->small)
    g_free(outbox->slices);
  outbox->slices = outbox->small;
  outbox->room = MG_OUTBOX_SMALL;
}

void
mg_outbox_clear(MgOutbox *outbox)
{
  for (guint i = 0; i < outbox->n; i++)
    mg_data_unref(outbox->slices[outbox->first + i].data);
  free_slices(outbox);
  outbox->first = outbox->n = outbox->block_room = 0;
  outbox->size = 0;
}

/* Makes room for one more at the end: by moving what is left to the front, or by more memory. */
static void
make_room(MgOutbox *outbox)
{
  if (outbox->first + outbox->n < outbox->room)
    return;
  if (outbox->first >= outbox->room / 2) {
    memmove(outbox->slices, outbox->slices + outbox->first, outbox->n * sizeof(MgSlice));
  } else {
    MgSlice *slices = g_new(MgSlice, outbox->room * 2);
    memcpy(slices, outbox->slices + outbox->first, outbox->n * sizeof(MgSlice));
    guint room = outbox->room * 2;
    free_slices(outbox);
    outbox->slices = slices;
    outbox->room = room;
  }
  outbox->first = 0;
}

static void
append(MgOutbox *outbox, MgData *data, gsize offset, gsize size)
{
  make_room(outbox);
  outbox->slices[outbox->first + outbox->n++] = (MgSlice){ data, offset, size };
  outbox->size += size;
  outbox->block_room = 0;
}

void
mg_outbox_take(MgOutbox *outbox, MgData *data, gsize offset, gsize size)
{
  g_assert(offset <= data->size && size <= data->size - offset);
  if (size == 0)
    mg_data_unref(data);
  else
    append(outbox, data, offset, size);
}

/* Copies behind the last slice, which is the end of our block. */
static void
extend(MgOutbox *outbox, const guint8 *bytes, gsize size)
{
  MgSlice *last = &outbox->slices[outbox->first + outbox->n - 1];
  memcpy(last->data->bytes + last->offset + last->size, bytes, size);
  last->size += size;
  outbox->size += size;
  outbox->block_room -= (guint) size;
}

gboolean
mg_outbox_copy(MgOutbox *outbox, gconstpointer bytes, gsize size)
{
  if (size <= outbox->block_room) {
    if (size > 0)
      extend(outbox, bytes, size);
    return TRUE;
  }
  MgData *data = mg_data_new(size > LARGE ? size : BLOCK);
  if (data == NULL)
    return FALSE;
  memcpy(data->bytes, bytes, size);
  append(outbox, data, 0, size);
  outbox->block_room = size > LARGE ? 0 : BLOCK - (guint) size;
  return TRUE;
}

guint
mg_outbox_peek(const MgOutbox *outbox, struct iovec *vectors, guint most, gsize *total)
{
  guint n = MIN(outbox->n, most);
  *total = 0;
  for (guint i = 0; i < n; i++) {
    const MgSlice *s = &outbox->slices[outbox->first + i];
    vectors[i] = (struct iovec){ s->data->bytes + s->offset, s->size };
    *total += s->size;
  }
  return n;
}

void
mg_outbox_drop(MgOutbox *outbox, gsize size)
{
  g_assert(size <= outbox->size);
  outbox->size -= size;
  while (outbox->n > 0) {
    MgSlice *s = &outbox->slices[outbox->first];
    if (size < s->size) {
      s->offset += size;
      s->size -= size;
      return;
    }
    size -= s->size;
    mg_data_unref(s->data);
    outbox->first++;
    outbox->n--;
  }
  outbox->first = outbox->block_room = 0;
  free_slices(outbox);
}
