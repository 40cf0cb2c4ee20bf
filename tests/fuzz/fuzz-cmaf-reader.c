/* A recording: an init segment and chunks, or what is left of them. */
#include "cmaf/reader.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_samples(MgCmafChunkRead *chunk)
{
  MgCmafSampleRead sample;
  guint32 n = 0;
  guint64 bytes = 0;
  while (mg_cmaf_sample_next(chunk, &sample)) {
    bytes += sample.size;
    n++;
  }
  g_assert(n == chunk->n_samples && bytes <= chunk->payload.size);
}

/* What a recorder does with a chunk: it gives a copy of the header other numbers. */
static void
renumber(const guint8 *data, gsize size)
{
  MgCmafPlaces places, after;
  if (!mg_cmaf_chunk_find(data, size, &places, NULL))
    return;
  g_assert(places.header_size <= size);
  g_autofree guint8 *header = g_memdup2(data, places.header_size);
  mg_cmaf_chunk_renumber(header, &places, 1, 2, 3);
  g_assert(mg_cmaf_chunk_find(header, places.header_size, &after, NULL));
  g_assert(after.track_id_at == places.track_id_at);
}

static void
read_chunks(const guint8 *data, gsize size, const MgCmafInit *init)
{
  MgReader r = MG_READER(data, size);
  MgCmafChunkRead chunk;
  g_autoptr(GError) error = NULL;
  while (mg_cmaf_chunk_read(&r, init, &chunk, &error) == MG_CMAF_READ_CHUNK) {
    g_assert(chunk.begin + chunk.size == r.pos);
    read_samples(&chunk);
  }
}

static void
read_track(const guint8 *data, gsize size, const MgCmafInit *init, guint32 track_id)
{
  MgReader r = MG_READER(data, size);
  MgCmafChunkRead chunk;
  while (mg_cmaf_track_read(&r, init, track_id, &chunk, NULL) == MG_CMAF_READ_CHUNK) {
    g_assert(chunk.track_id == track_id);
    read_samples(&chunk);
  }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  MgCmafInit init;
  g_auto(MgWriter) w = MG_WRITER_INIT;
  gboolean has_init = mg_cmaf_init_read(data, size, &init, NULL);
  if (has_init && mg_cmaf_init_write(init.tracks, init.n_tracks, &w, NULL))
    g_assert(mg_cmaf_init_read(w.data, w.size, &init, NULL));
  read_chunks(data, size, has_init ? &init : NULL);
  for (guint i = 0; has_init && i < init.n_tracks; i++)
    read_track(data, size, &init, init.tracks[i].track_id);
  renumber(data, size);
  g_assert(mg_cmaf_whole_size(data, size, NULL, NULL) <= size);
  return 0;
}
