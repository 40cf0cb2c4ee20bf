#include "doubles/sample.h"

#include <cmaf/chunk.h>

#include <string.h>

static void
take_packets(Sample *sample)
{
  MgReader r = MG_READER((const guint8 *) sample->bytes, sample->size);
  MgCmafChunkRead chunk;
  MgCmafSampleRead read;
  while (mg_cmaf_chunk_read(&r, &sample->init, &chunk, NULL) == MG_CMAF_READ_CHUNK)
    while (mg_cmaf_sample_next(&chunk, &read)) {
      const SamplePacket packet = {
        .data = read.data,
        .size = read.size,
        .dts = (gint64) read.dts,
        .pts = read.pts,
        .duration = read.duration,
        .is_sync = !(read.flags & 0x10000), /* sample_is_non_sync_sample */
      };
      g_array_append_val(sample->packets, packet);
    }
}

Sample *
sample_load(const char *name)
{
  g_autofree char *path = g_canonicalize_filename(name, SAMPLE_FOLDER);
  g_autoptr(GError) error = NULL;
  Sample *sample = g_new0(Sample, 1);
  g_file_get_contents(path, &sample->bytes, &sample->size, &error);
  g_assert_no_error(error);
  mg_cmaf_init_read((const guint8 *) sample->bytes, sample->size, &sample->init, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(sample->init.n_tracks, ==, 1);
  sample->track = &sample->init.tracks[0];
  sample->packets = g_array_new(FALSE, FALSE, sizeof(SamplePacket));
  take_packets(sample);
  g_assert_cmpuint(sample->packets->len, >, 0);
  return sample;
}

void
sample_free(Sample *sample)
{
  if (sample == NULL)
    return;
  g_free(sample->bytes);
  g_array_unref(sample->packets);
  g_free(sample);
}

const SamplePacket *
sample_packet(const Sample *sample, guint i)
{
  return &g_array_index(sample->packets, SamplePacket, i);
}

GBytes *
sample_find_box(gconstpointer bytes, gsize n, const char *type)
{
  const guint8 *p = bytes;
  for (gsize i = 4; i + 4 <= n; i++) {
    if (memcmp(p + i, type, 4) != 0)
      continue;
    gsize size = (gsize) p[i - 4] << 24 | p[i - 3] << 16 | p[i - 2] << 8 | p[i - 1];
    return size >= 8 && size <= n - (i - 4) ? g_bytes_new(p + i - 4, size) : NULL;
  }
  return NULL;
}
