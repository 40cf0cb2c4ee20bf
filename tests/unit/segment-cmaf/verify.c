#include "verify.h"

#include <bytes/reader.h>
#include <cmaf/box.h>
#include <cmaf/reader.h>

#include <string.h>

/* Walks the chunks of one track. */
typedef struct {
  gboolean is_video, has_restarted;
  MgCmafInit init;
  MgStream *stream;
  const MgBuffer *before; /* NULL: none yet */
  guint32 last_sequence;
  gint64 segment_duration;
  gint64 last_packet; /* the encoder counts anew behind a discontinuity */
} Walk;

static void
check_segment(Walk *w, const MgChunk *chunk)
{
  const MgChunk *before = w->before ? w->before->chunk : NULL;
  gboolean is_new = before == NULL || before->segment != chunk->segment;
  g_assert_cmpint((chunk->flags & MG_CHUNK_STARTS_SEGMENT) != 0, ==, is_new);
  if (before != NULL && is_new) {
    gboolean is_broken = chunk->discontinuity != before->discontinuity;
    g_assert_true(before->flags & MG_CHUNK_ENDS_SEGMENT || (w->has_restarted && is_broken));
    g_assert_cmpuint(chunk->segment, >, before->segment);
    g_assert_cmpuint(chunk->discontinuity, >=, before->discontinuity);
  }
  if (before != NULL && !is_new)
    g_assert_false(before->flags & MG_CHUNK_ENDS_SEGMENT);
  g_assert_cmpuint(chunk->part, ==, is_new ? 0 : before->part + 1);
  w->segment_duration = is_new ? chunk->duration : w->segment_duration + chunk->duration;
  gint64 scale = mg_stream_info(w->stream)->timescale;
  if (chunk->n_samples > 1)
    g_assert_cmpint(chunk->duration * G_USEC_PER_SEC / scale, <=, chunk->part_target_us);
  gint64 rounded = (w->segment_duration + scale / 2) / scale;
  g_assert_cmpint(rounded * 1000, <=, chunk->target_ms);
}

static void
check_time(Walk *w, const MgChunk *chunk)
{
  gint64 ms = mg_stream_info(w->stream)->timescale;
  g_assert_cmpint(chunk->period_start, <=, chunk->start);
  /* On a whole millisecond, as near as a tick comes to it. */
  gint64 off = (chunk->period_start * 1000 + ms / 2) / ms * ms - chunk->period_start * 1000;
  g_assert_cmpint(ABS(off), <=, 500);
  if (w->before == NULL)
    return;
  const MgChunk *before = w->before->chunk;
  gint64 gap = chunk->start - (before->start + before->duration);
  gboolean joins =
      chunk->discontinuity == before->discontinuity && chunk->segment - before->segment <= 1;
  if (joins)
    g_assert_cmpint(gap, ==, 0);
  else if (mg_stream_info(w->before->stream)->timescale == ms)
    g_assert_cmpint(gap, >=, 0);
}

static void
check_samples(Walk *w, const MgChunk *chunk, MgCmafChunkRead *read)
{
  MgCmafSampleRead sample;
  guint n = 0;
  if (w->before == NULL || w->before->chunk->discontinuity != chunk->discontinuity)
    w->last_packet = -1;
  for (; mg_cmaf_sample_next(read, &sample); n++) {
    gboolean is_sync = sample.flags == MG_CMAF_SYNC;
    MgReader payload = MG_READER(sample.data + sample.size - 4, 4);
    guint32 packet = mg_reader_be32(&payload);
    g_assert_cmpuint(sample.duration, >, 0);
    if (!w->is_video)
      g_assert_true(is_sync && sample.pts == (gint64) sample.dts);
    if (n == 0 && chunk->flags & MG_CHUNK_STARTS_SEGMENT && is_sync)
      g_assert_cmpint(sample.pts, ==, chunk->start);
    if (n == 0)
      g_assert_cmpint(is_sync, ==, (chunk->flags & MG_CHUNK_INDEPENDENT) != 0);
    g_assert_cmpint(packet, >, w->last_packet);
    w->last_packet = packet;
  }
  g_assert_cmpuint(n, ==, chunk->n_samples);
}

/* A segment says once when its beginning was captured, by the same map as playlists and MPD. */
static void
check_reference_time(const MgBuffer *buffer, const guint8 *bytes)
{
  const MgChunk *chunk = buffer->chunk;
  MgReader r = MG_READER(bytes, buffer->size);
  MgBox prft;
  gboolean has_prft = mg_box_find(&r, "prft", &prft);
  g_assert_cmpint(has_prft, ==, (chunk->flags & MG_CHUNK_STARTS_SEGMENT) != 0);
  if (!has_prft)
    return;
  mg_reader_skip(&prft.body, 8);
  gdouble ntp = (gdouble) mg_reader_be64(&prft.body) / 4294967296.0 - 2208988800.0;
  gdouble told = (gdouble) chunk->epoch_utc_us / G_USEC_PER_SEC +
                 (gdouble) chunk->start / mg_stream_info(buffer->stream)->timescale;
  g_assert_cmpfloat(ABS(ntp - told), <, 2e-6);
  g_assert_cmpuint(mg_reader_be64(&prft.body), ==, (guint64) chunk->start);
}

static void
check_bytes(Walk *w, const MgBuffer *buffer)
{
  const MgChunk *chunk = buffer->chunk;
  g_autofree guint8 *bytes = g_malloc(buffer->size);
  g_assert_cmpuint(mg_buffer_copy_out(buffer, bytes, buffer->size), ==, buffer->size);
  MgReader r = MG_READER(bytes, buffer->size);
  MgCmafChunkRead read;
  g_autoptr(GError) error = NULL;
  MgCmafReadResult result = mg_cmaf_chunk_read(&r, &w->init, &read, &error);
  g_assert_no_error(error);
  g_assert_cmpint(result, ==, MG_CMAF_READ_CHUNK);
  g_assert_cmpuint(mg_reader_left(&r), ==, 0);
  g_assert_cmpuint(read.decode_time, ==, (guint64) chunk->start);
  g_assert_cmpuint(read.duration, ==, (guint64) chunk->duration);
  g_assert_cmpuint(buffer->size - mg_reader_left(&read.payload), ==, chunk->header_size);
  if (w->before != NULL && read.sequence != 0)
    g_assert_cmpuint(read.sequence, >, w->last_sequence);
  w->last_sequence = read.sequence;
  check_reference_time(buffer, bytes);
  check_samples(w, chunk, &read);
}

static void
take_init(Walk *w, const MgBuffer *buffer)
{
  if (w->stream == buffer->stream)
    return;
  w->stream = buffer->stream;
  const MgData *init = mg_stream_info(w->stream)->init;
  g_autoptr(GError) error = NULL;
  mg_cmaf_init_read(init->bytes, init->size, &w->init, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(w->init.tracks[0].timescale, ==, mg_stream_info(w->stream)->timescale);
}

static void
check_track(Cutter *c, GPtrArray *chunks)
{
  Walk w = { .is_video = chunks == c->video_chunks, .has_restarted = c->has_restarted };
  for (guint i = 0; i < chunks->len; i++) {
    const MgBuffer *buffer = g_ptr_array_index(chunks, i);
    take_init(&w, buffer);
    check_segment(&w, buffer->chunk);
    check_time(&w, buffer->chunk);
    check_bytes(&w, buffer);
    w.before = buffer;
  }
}

/* --- across tracks ----------------------------------------------------------------------------- */

static gdouble
start_of(const MgBuffer *buffer)
{
  return (gdouble) buffer->chunk->start / mg_stream_info(buffer->stream)->timescale;
}

static const MgBuffer *
find_start(GPtrArray *chunks, const MgChunk *wanted)
{
  for (guint i = 0; i < chunks->len; i++) {
    const MgBuffer *buffer = g_ptr_array_index(chunks, i);
    if (buffer->chunk->flags & MG_CHUNK_STARTS_SEGMENT &&
        mg_chunk_same_segment(buffer->chunk, wanted))
      return buffer;
  }
  return NULL;
}

/* The audio frame nearest to a cut; counting samples, it may be 30 ms from where stamps say. */
static void
check_alignment(Cutter *c)
{
  gdouble frame = (gdouble) c->audio_model.frame_samples / c->audio_model.rate;
  for (guint i = 0; i < c->video_chunks->len; i++) {
    const MgBuffer *video = g_ptr_array_index(c->video_chunks, i);
    const MgBuffer *audio = video->chunk->flags & MG_CHUNK_STARTS_SEGMENT
                                ? find_start(c->audio_chunks, video->chunk)
                                : NULL;
    if (audio == NULL)
      continue;
    g_assert_cmpfloat(ABS(start_of(audio) - start_of(video)), <=, frame + 0.031);
    g_assert_cmpint(audio->chunk->epoch_utc_us, ==, video->chunk->epoch_utc_us);
  }
}

static gboolean
has_number(GPtrArray *chunks, guint64 number)
{
  for (guint i = 0; i < chunks->len; i++)
    if (((MgBuffer *) g_ptr_array_index(chunks, i))->chunk->segment == number)
      return TRUE;
  return FALSE;
}

/* A playlist cannot leave a number out. A restart may: what was begun and not sent. */
static void
check_numbers(Cutter *c)
{
  guint64 n_begun = mg_harness_counter(c->harness, "segments");
  for (guint64 n = 0; n < n_begun; n++)
    g_assert_true(has_number(c->video_chunks, n) || has_number(c->audio_chunks, n));
}

void
verify(Cutter *c)
{
  check_track(c, c->video_chunks);
  check_track(c, c->audio_chunks);
  if (c->audio_model.rate > 0)
    check_alignment(c);
  if (c->is_drained && !c->has_restarted)
    check_numbers(c);
}
