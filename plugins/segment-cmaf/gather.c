#include "gather.h"

/*
 * Samples below this size are copied behind the chunk's header: a slice of its own would cost more, in
 * memory and in every viewer's writev, than copying a few hundred bytes once.
 */
enum { SMALL_SAMPLE_BYTES = 1024 };

/* What goes into the block that begins with the header: small samples follow it. */
typedef struct {
  MgBuffer *chunk;
  MgData *block;
  gsize begun, filled; /* the run that no slice covers yet */
} Gather;

static void
end_run(Gather *g)
{
  if (g->filled > g->begun)
    mg_buffer_append(g->chunk, mg_data_ref(g->block), g->begun, g->filled - g->begun);
  g->begun = g->filled;
}

static void
gather_sample(Gather *g, const MgBuffer *sample)
{
  if (sample->size < SMALL_SAMPLE_BYTES) {
    g->filled += mg_buffer_copy_out(sample, g->block->bytes + g->filled, sample->size);
    return;
  }
  end_run(g);
  mg_buffer_append_payload(g->chunk, sample);
}

static void
measure(const GPtrArray *samples, gsize *small_bytes, guint *n_slices)
{
  *small_bytes = 0;
  *n_slices = 1;
  for (guint i = 0; i < samples->len; i++) {
    const MgBuffer *sample = g_ptr_array_index(samples, i);
    if (sample->size < SMALL_SAMPLE_BYTES)
      *small_bytes += sample->size;
    else
      *n_slices += sample->n_slices + 1;
  }
}

MgBuffer *
gather(MgStream *stream, const GPtrArray *samples, const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  gsize small_bytes;
  guint n_slices;
  measure(samples, &small_bytes, &n_slices);
  g_autoptr(MgData) block = mg_data_new(plan->places.header_size + small_bytes);
  if (block == NULL)
    return NULL;
  mg_cmaf_chunk_write(chunk, plan, block->bytes);
  MgBuffer *out = mg_buffer_new(stream, n_slices);
  Gather g = { out, block, 0, plan->places.header_size };
  for (guint i = 0; i < samples->len; i++)
    gather_sample(&g, g_ptr_array_index(samples, i));
  end_run(&g);
  return out;
}
