#include "slate.h"

#include <cmaf/reader.h>
#include <codec/any.h>
#include <timeline/ticks.h>

/* --- parsing ------------------------------------------------------------------------------------- */

static void
sample_clear(gpointer data)
{
  mg_buffer_unref(((SlateSample *) data)->buffer);
}

void
slate_free(Slate *slate)
{
  if (slate == NULL)
    return;
  g_array_unref(slate->samples);
  mg_stream_unref(slate->video);
  mg_stream_unref(slate->audio);
  g_free(slate);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Slate, slate_free)

/* Returned-owned, or NULL and ERROR: the codec or its configuration cannot be carried. */
static MgStream *
make_stream(const MgCmafTrack *track, gboolean is_video, GError **error)
{
  MgAnyFacts facts;
  g_auto(MgWriter) config = MG_WRITER_INIT;
  if (!mg_any_facts(track->codec, track->config, track->config_size, &facts, error) ||
      !mg_any_config_adopt(track->codec, track->config, track->config_size, &config, error))
    return NULL;
  if (facts.nal_length_size != 0 && facts.nal_length_size != 4) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_UNSUPPORTED,
                        "its NAL units have no lengths of four bytes");
    return NULL;
  }
  MgStreamInfo info = {
    .size = sizeof info,
    .id = is_video ? "video" : "audio",
    .media = is_video ? MG_MEDIA_VIDEO : MG_MEDIA_AUDIO,
    .form = MG_FORM_PACKET,
    .codec = track->codec,
    .config = mg_data_new_copy(config.data, config.size),
    .width = facts.width ? facts.width : track->width,
    .height = facts.height ? facts.height : track->height,
    .sample_rate = facts.sample_rate,
    .channels = facts.channels,
    .bit_depth = facts.bit_depth,
  };
  MgStream *stream = mg_stream_new(&info);
  mg_data_unref(info.config);
  return stream;
}

/* ISO/IEC 14496-12 clause 8.8.3.1. */
enum { IS_NO_SYNC_SAMPLE = 0x10000 };

static MgBuffer *
make_buffer(MgData *bytes, MgStream *stream, const MgCmafSampleRead *sample, guint32 timescale)
{
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  gboolean is_key = (sample->flags & IS_NO_SYNC_SAMPLE) == 0;
  buffer->dts = mg_time_from_ticks((gint64) sample->dts, timescale);
  buffer->pts = mg_time_from_ticks(sample->pts, timescale);
  buffer->duration = mg_time_from_ticks(sample->duration, timescale);
  buffer->flags = is_key ? MG_BUFFER_KEY : 0;
  mg_buffer_append(buffer, mg_data_ref(bytes), (gsize) (sample->data - bytes->bytes), sample->size);
  return buffer;
}

/* Samples before the first key frame are of no use. */
static gboolean
read_track(Slate *slate, MgData *bytes, const MgCmafInit *init, const MgCmafTrack *track,
           MgStream *stream, GError **error)
{
  gboolean is_video = stream == slate->video, has_begun = FALSE;
  MgReader r = MG_READER(bytes->bytes, bytes->size);
  MgCmafChunkRead chunk;
  MgCmafSampleRead sample;
  MgCmafReadResult result;
  mg_reader_skip(&r, init->size);
  while ((result = mg_cmaf_track_read(&r, init, track->track_id, &chunk, error)) ==
         MG_CMAF_READ_CHUNK) {
    while (mg_cmaf_sample_next(&chunk, &sample)) {
      SlateSample made = { make_buffer(bytes, stream, &sample, track->timescale), is_video };
      has_begun |= (made.buffer->flags & MG_BUFFER_KEY) != 0;
      if (has_begun)
        g_array_append_val(slate->samples, made);
      else
        mg_buffer_unref(made.buffer);
    }
  }
  return result == MG_CMAF_READ_END;
}

/* The first track of that kind, or nothing: what the file has none of is no error. */
static gboolean
add_track(Slate *slate, MgData *bytes, const MgCmafInit *init, gboolean is_video, GError **error)
{
  for (guint i = 0; i < init->n_tracks; i++) {
    const MgCmafTrack *track = &init->tracks[i];
    MgAnyFacts facts;
    if (track->timescale == 0 ||
        !mg_any_facts(track->codec, track->config, track->config_size, &facts, NULL) ||
        !facts.is_video != !is_video)
      continue;
    MgStream **place = is_video ? &slate->video : &slate->audio;
    *place = make_stream(track, is_video, error);
    return *place != NULL && read_track(slate, bytes, init, track, *place, error);
  }
  return TRUE;
}

static gint
by_dts(gconstpointer a, gconstpointer b)
{
  MgTime p = ((const SlateSample *) a)->buffer->dts, q = ((const SlateSample *) b)->buffer->dts;
  return p < q ? -1 : p > q;
}

/* An edit list cuts what decoders need before the first sample shown: the tracks begin together behind it. */
static void
apply_edits(Slate *slate, gboolean is_video)
{
  MgTime first = G_MAXINT64;
  for (guint i = 0; i < slate->samples->len; i++) {
    const SlateSample *sample = &g_array_index(slate->samples, SlateSample, i);
    if (!sample->is_video == !is_video)
      first = MIN(first, sample->buffer->pts);
  }
  for (guint i = 0; i < slate->samples->len; i++) {
    const SlateSample *sample = &g_array_index(slate->samples, SlateSample, i);
    if (!sample->is_video != !is_video)
      continue;
    sample->buffer->dts -= first;
    sample->buffer->pts -= first;
  }
}

/* From here on times count from the first sample, and a loop is as long as the longest track. */
static void
settle(Slate *slate)
{
  g_array_sort(slate->samples, by_dts);
  MgTime begin = g_array_index(slate->samples, SlateSample, 0).buffer->dts;
  for (guint i = 0; i < slate->samples->len; i++) {
    MgBuffer *buffer = g_array_index(slate->samples, SlateSample, i).buffer;
    buffer->dts -= begin;
    buffer->pts -= begin;
    slate->length = MAX(slate->length, buffer->dts + MAX(buffer->duration, MG_MILLISECOND));
  }
}

Slate *
slate_parse(MgData *taken, GError **error)
{
  g_autoptr(MgData) bytes = taken;
  g_autoptr(Slate) slate = g_new0(Slate, 1);
  MgCmafInit init;
  slate->samples = g_array_new(FALSE, FALSE, sizeof(SlateSample));
  g_array_set_clear_func(slate->samples, sample_clear);
  if (!mg_cmaf_init_read(bytes->bytes, bytes->size, &init, error) ||
      !add_track(slate, bytes, &init, TRUE, error) || !add_track(slate, bytes, &init, FALSE, error))
    return NULL;
  if (slate->samples->len == 0) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_UNSUPPORTED,
                        "it has no fragments with video or audio that can be played");
    return NULL;
  }
  if (init.has_edit_list) {
    apply_edits(slate, TRUE);
    apply_edits(slate, FALSE);
  }
  settle(slate);
  return g_steal_pointer(&slate);
}

/* --- reading ------------------------------------------------------------------------------------- */

/* More would be no slate, but a film. */
enum { MOST_BYTES = 256 << 20 };

struct SlateLoad {
  MgNode *node; /* held */
  char *path;
  void (*done)(MgNode *node, Slate *slate, const GError *error);
  Slate *slate;
  GError *error;
};

static void
finish(gpointer data)
{
  SlateLoad *load = data;
  if (load->done != NULL)
    load->done(load->node, g_steal_pointer(&load->slate), load->error);
  mg_node_release(load->node);
  slate_free(load->slate);
  g_clear_error(&load->error);
  g_free(load->path);
  g_free(load);
}

static Slate *
read_file(const char *path, GError **error)
{
  char *text;
  gsize size;
  if (!g_file_get_contents(path, &text, &size, error))
    return NULL;
  if (size > MOST_BYTES) {
    g_set_error(error, MG_ERROR, MG_ERROR_LIMIT, "it is larger than %d MiB", MOST_BYTES >> 20);
    g_free(text);
    return NULL;
  }
  return slate_parse(mg_data_new_wrap(text, size, g_free, text), error);
}

static gpointer
run(gpointer data)
{
  SlateLoad *load = data;
  load->slate = read_file(load->path, &load->error);
  mg_lane_post(mg_node_lane(load->node), finish, load);
  return NULL;
}

SlateLoad *
slate_load(MgNode *node, const char *path,
           void (*done)(MgNode *node, Slate *slate, const GError *error))
{
  SlateLoad *load = g_new0(SlateLoad, 1);
  mg_node_hold(node);
  load->node = node;
  load->path = g_strdup(path);
  load->done = done;
  g_autoptr(GThread) thread = g_thread_try_new("slate", run, load, &load->error);
  if (thread == NULL)
    mg_lane_post(mg_node_lane(node), finish, load);
  return load;
}

void
slate_load_cancel(SlateLoad *load)
{
  if (load != NULL)
    load->done = NULL;
}
