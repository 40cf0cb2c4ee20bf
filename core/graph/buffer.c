#include "graph/leaks.h"
#include "graph/node.h"
#include "util/heap.h"

#include <mediagraph/chunk.h>

#include <string.h>

#ifndef NDEBUG
gint mg_leaks_alive[MG_LEAKS_KINDS];
#endif

/* A packet is one slice, sometimes split in two; so most buffers are of one size, which the heap recycles. */
enum { LEAST_SLICES = 2 };

static gsize
size_with(guint max_slices)
{
  return sizeof(MgBuffer) + max_slices * sizeof(MgSlice);
}

MgBuffer *
mg_buffer_new(MgStream *stream, guint max_slices)
{
  max_slices = MAX(max_slices, LEAST_SLICES);
  MgBuffer *buffer = mg_heap_alloc_small(size_with(max_slices));
  *buffer = (MgBuffer){
    .ref_count = 1,
    .stream = mg_stream_ref(stream),
    .pts = MG_TIME_NONE,
    .dts = MG_TIME_NONE,
    .arrival = MG_TIME_NONE,
    .max_slices = max_slices,
  };
  mg_leaks_count(MG_LEAKS_BUFFERS, 1);
  return buffer;
}

MgBuffer *
mg_buffer_new_like(const MgBuffer *buffer, MgStream *stream)
{
  MgBuffer *copy = mg_buffer_new(stream, buffer->n_slices);
  copy->flags = buffer->flags;
  copy->pts = buffer->pts;
  copy->dts = buffer->dts;
  copy->duration = buffer->duration;
  copy->arrival = buffer->arrival;
  if (buffer->chunk != NULL)
    *mg_buffer_make_chunk(copy) = *buffer->chunk;
  mg_buffer_append_payload(copy, buffer);
  return copy;
}

MgBuffer *
mg_buffer_after_gap(MgBuffer *buffer)
{
  if (buffer->flags & MG_BUFFER_DISCONT)
    return buffer;
  if (g_atomic_int_get(&buffer->ref_count) == 1) {
    buffer->flags |= MG_BUFFER_DISCONT;
    return buffer;
  }
  MgBuffer *copy = mg_buffer_new_like(buffer, buffer->stream);
  copy->flags |= MG_BUFFER_DISCONT;
  mg_buffer_unref(buffer);
  return copy;
}

gboolean
mg_buffer_can_begin(const MgBuffer *buffer)
{
  return buffer->flags & MG_BUFFER_KEY || mg_stream_info(buffer->stream)->media != MG_MEDIA_VIDEO;
}

MgChunk *
mg_buffer_make_chunk(MgBuffer *buffer)
{
  if (buffer->chunk == NULL)
    buffer->chunk = g_new0(MgChunk, 1);
  return buffer->chunk;
}

static const char *
why_no_chunk(const MgBuffer *buffer)
{
  if (buffer->chunk == NULL)
    return "it does not say what chunk it is";
  if (mg_stream_info(buffer->stream)->timescale == 0)
    return "its track has no timescale";
  if (buffer->n_slices == 0 || buffer->slices[0].size < buffer->chunk->header_size)
    return "its header does not lie in its first slice";
  return NULL;
}

gboolean
mg_buffer_check_chunk(const MgBuffer *buffer, GError **error)
{
  const char *why = why_no_chunk(buffer);
  if (why != NULL)
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "a buffer of track '%s' is no chunk: %s",
                mg_stream_info(buffer->stream)->id, why);
  return why == NULL;
}

void
mg_buffer_append(MgBuffer *buffer, MgData *data, gsize offset, gsize size)
{
  g_assert(buffer->n_slices < buffer->max_slices);
  g_assert(offset <= data->size && size <= data->size - offset);
  buffer->slices[buffer->n_slices++] = (MgSlice){ data, offset, size };
  buffer->size += size;
}

void
mg_buffer_append_payload(MgBuffer *buffer, const MgBuffer *from)
{
  for (guint i = 0; i < from->n_slices; i++) {
    const MgSlice *s = &from->slices[i];
    mg_buffer_append(buffer, mg_data_ref(s->data), s->offset, s->size);
  }
}

MgBuffer *
mg_buffer_ref(MgBuffer *buffer)
{
  g_atomic_int_inc(&buffer->ref_count);
  return buffer;
}

/* Whoever holds the only reference is alone: no write that all cores must agree on is needed. */
static gboolean
drops_last(MgBuffer *buffer)
{
  return g_atomic_int_get(&buffer->ref_count) == 1 || g_atomic_int_dec_and_test(&buffer->ref_count);
}

void
mg_buffer_unref(MgBuffer *buffer)
{
  if (buffer == NULL || !drops_last(buffer))
    return;
  for (guint i = 0; i < buffer->n_slices; i++)
    mg_data_unref(buffer->slices[i].data);
  mg_stream_unref(buffer->stream);
  g_free(buffer->chunk);
  mg_leaks_count(MG_LEAKS_BUFFERS, -1);
  mg_heap_free(buffer, size_with(buffer->max_slices));
}

gsize
mg_buffer_copy_out(const MgBuffer *buffer, gpointer dest, gsize size)
{
  gsize done = 0;
  for (guint i = 0; i < buffer->n_slices && done < size; i++) {
    gsize n = MIN(buffer->slices[i].size, size - done);
    memcpy((guint8 *) dest + done, mg_slice_bytes(&buffer->slices[i]), n);
    done += n;
  }
  return done;
}
