#include "material.h"

#include "doubles/rtmp-client.h"

#include <cmaf/chunk.h>
#include <glib/gstdio.h>
#include <string.h>

static MgStream *
make_stream(MgStreamInfo info, const guint8 *config, gsize size)
{
  g_autoptr(MgData) data = mg_data_new_copy(config, size);
  info.size = sizeof info;
  info.form = MG_FORM_CHUNK;
  info.config = data;
  return mg_stream_new(&info);
}

MgStream *
dvr_make_audio(const char *id)
{
  MgStreamInfo info = {
    .id = id, .media = MG_MEDIA_AUDIO, .codec = MG_CODEC_AAC, .timescale = 48000
  };
  return make_stream(info, mg_sample_asc, sizeof mg_sample_asc);
}

MgStream *
dvr_make_video(const char *id)
{
  MgStreamInfo info = {
    .id = id, .media = MG_MEDIA_VIDEO, .codec = MG_CODEC_H264, .timescale = 90000
  };
  return make_stream(info, mg_sample_avcc_720p30, sizeof mg_sample_avcc_720p30);
}

MgBuffer *
dvr_make_chunk(MgStream *stream, gint64 start, guint reorder, guint size)
{
  MgCmafSample sample = { size, 1024, 0, MG_CMAF_SYNC };
  MgCmafChunk chunk = {
    .styp = MG_CMAF_STYP_SEGMENT,
    .track_id = 1,
    .decode_time = (guint64) start,
    .samples = &sample,
    .n_samples = 1,
    .has_offsets = reorder > 0,
  };
  MgCmafPlan plan;
  g_assert_true(mg_cmaf_chunk_plan(&chunk, &plan, NULL));
  MgData *header = mg_data_new(plan.places.header_size);
  mg_cmaf_chunk_write(&chunk, &plan, header->bytes);
  MgData *payload = mg_data_new(size);
  memset(payload->bytes, 0x5a, size);
  MgBuffer *buffer = mg_buffer_new(stream, 2);
  mg_buffer_append(buffer, header, 0, header->size);
  mg_buffer_append(buffer, payload, 0, size);
  *mg_buffer_make_chunk(buffer) = (MgChunk){
    .start = start, .duration = 1024, .reorder = reorder, .header_size = (guint) header->size
  };
  return buffer;
}

void
dvr_remove_tree(const char *path)
{
  gboolean is_link = g_file_test(path, G_FILE_TEST_IS_SYMLINK);
  g_autoptr(GDir) dir = is_link ? NULL : g_dir_open(path, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    dvr_remove_tree(child);
  }
  g_remove(path);
}
